/** What the rules say of a plan changed by hand: the server judges it, nothing is bettered. */

import { run } from "../../core/api.js";
import { h, replace, settled } from "../../core/dom.js";
import { pick, t } from "../../core/texts.js";
import { fault, notice } from "../../core/ui.js";
import { clockAt, isSpot, rowsOf, secondsInto } from "./model.js";
import { nameOf, signed, span } from "./words.js";

const PAUSE_MS = 350;

/**
 * Return the days of a plan as the server judges them: stops in their order, each as soon as the way allows, but bookings
 * at their time; and the inns.
 */
export const handmade = (plan, pins) =>
  plan.days.map((day) => {
    const spots = day.steps.filter(isStop);
    const stay = day.steps.find((step) => step.type === "stay")?.asset;
    return { date: day.date, stops: spots.map((step) => stopAt(step.asset, pins.get(step.asset), day.date)), ...(stay ? { stay } : {}) };
  });

const isStop = (step) => step.asset && ["visit", "meal"].includes(step.type);
const stopAt = (asset, pin, date) => (pin?.startsWith(date) ? { asset, arrive: pin.slice(11) } : { asset });

/** Return such days with a stop at another time: before the first that was to begin at that time or later. */
export function moved(plan, days, asset, arrive) {
  const [date, time] = [arrive.slice(0, 10), arrive.slice(11)];
  const at = secondsInto(date, arrive);
  const spots = plan.days.find((day) => day.date === date).steps.filter(isStop);
  const begins = new Map(spots.map((step) => [step.asset, secondsInto(date, step.arrive)]));
  return days.map((day) => {
    const stops = day.stops.filter((stop) => stop.asset !== asset);
    if (day.date !== date) return { ...day, stops };
    const before = stops.findIndex((stop) => begins.get(stop.asset) >= at);
    return { ...day, stops: stops.toSpliced(before < 0 ? stops.length : before, 0, { asset, arrive: time }) };
  });
}

/**
 * Ask the server to judge such days.
 *
 * @param {object} itinerary whose request holds
 * @param {object[]} days
 * @param {Map<string, string>} pins bookings by asset, in local minutes; those of places or dates not in the plan wait for the next
 * @param {AbortSignal} signal
 */
export async function judge(itinerary, days, pins, signal) {
  const dates = new Set(days.map((day) => day.date));
  const assets = new Set(days.flatMap((day) => day.stops.map((stop) => stop.asset)));
  const held = [...pins].filter(([asset, arrive]) => assets.has(asset) && dates.has(arrive.slice(0, 10)));
  const request = { ...itinerary.request, pins: held.map(([asset, arrive]) => ({ asset, arrive })) };
  const path = `v1/regions/${encodeURIComponent(itinerary.region)}/trips:check`;
  const job = await run({ path, body: { request, days }, signal });
  return job.result;
}

/**
 * Return how to show in `result` what `ask` returns, a moment after the last of several changes, and how to stop that.
 * An answer that a change has overtaken counts no more.
 */
export function judging(result, ask) {
  let asking = new AbortController();
  const askSoon = settled(async () => {
    // The window may have been closed meanwhile.
    if (!result.isConnected) return;
    const { signal } = asking;
    replace(result, h("p", { class: "hint", text: t("plan.judging") }));
    try {
      const found = await ask(signal);
      if (!signal.aborted) replace(result, found);
    } catch (error) {
      if (!signal.aborted) replace(result, fault(error, { onRetry: again }));
    }
  }, PAUSE_MS);
  const stop = () => asking.abort();
  function again() {
    stop();
    asking = new AbortController();
    askSoon();
  }
  return { again, stop };
}

/** Whether no order of other places could help: the place itself is not open then, or has no such start. */
function isHopeless({ violations }, asset) {
  const codes = new Set(violations.filter((each) => each.asset === asset).map((each) => each.code));
  return !codes.has("ARRIVES_LATE") && ["CLOSED", "OUTSIDE_HOURS", "SLOT_MISSED", "PIN_MISSED"].some((code) => codes.has(code));
}

/** Say what a change breaks, and what it is worth beside the plan before; `asset` is the one that was moved. */
export function verdict(judgement, plan, asset = null) {
  const difference = judgement.objective - plan.objective;
  const worth = h("p", { text: t("plan.judged_worth", { points: signed(difference) }) });
  const warnings = judgement.warnings.length ? h("ul", {}, judgement.warnings.map((each) => h("li", { text: pick(each.text) }))) : null;
  if (judgement.feasible) return notice("good", h("strong", { text: t("plan.judged_good") }), warnings, worth);
  return notice(
    "warn",
    h("strong", { text: t("plan.judged_broken") }),
    h("ul", {}, judgement.violations.map((each) => h("li", { text: pick(each.text) }))),
    warnings,
    h("p", { text: t(isHopeless(judgement, asset) ? "plan.judged_hopeless" : "plan.judged_hint") }),
  );
}

/** Return the timetable that comes of it on a day. */
export function timetable(judgement, date, marked) {
  const day = judgement.days.find((each) => each.date === date);
  if (!day) return null;
  return h(
    "ol",
    { class: "tried" },
    rowsOf(day).filter(isSpot).map((row) =>
      h(
        "li",
        { "aria-current": row.step.asset === marked ? "true" : null },
        h("span", { class: "tried-time", text: row.type === "stay" ? clockAt(row.from) : span(row) }), h("span", { text: nameOf(row.step) }),
      ),
    ),
  );
}
