/** Why a place is not in a trip: the server plans again with it, and says what that costs. */

import { run, stop } from "../../core/api.js";
import { h, replace } from "../../core/dom.js";
import { number, pick, t } from "../../core/texts.js";
import { badge, button, fault, openDialog, progress } from "../../core/ui.js";
import { listed, namer } from "./model.js";

/** What a user can do about a reason; where there is nothing, nothing is said. */
const ADVISED = new Set([
  "CLOSED_ON_ALL_DAYS", "HOURS_UNKNOWN", "NO_SLOT_LEFT", "TOO_FAR", "OVER_BUDGET", "OVER_WALKING_LIMIT", "ACCESS_NEED", "MEAL_NOT_ASKED", "AVOIDED",
  "NO_POSITION", "NO_INTEREST", "NOT_SEARCHED", "DAY_TOO_SHORT", "NOTHING_TO_VISIT", "NO_NIGHT", "WISHES_TOGETHER", "LIMITS_TOGETHER",
]);
export const advice = (code) => (ADVISED.has(code) ? t(`plan.advice_${code}`) : null);

/**
 * Open a window that asks why a place was left out.
 *
 * @param {object} answer the trip, as a job with its result
 * @param {string} asset
 * @param {object} actions of the desk: `add`, `planAgain`
 * @param {Map} [assets] of the region
 */
export function explain(answer, asset, actions, assets = new Map()) {
  const nameOf = namer(assets, answer.result);
  const body = h("div", { class: "explained" });
  const watching = new AbortController();
  let job = null;
  let close = () => {};

  async function ask() {
    draw(null);
    try {
      const path = `v1/trips/${encodeURIComponent(answer.id)}/explanations/${encodeURIComponent(asset)}`;
      job = await run({ method: "GET", path, signal: watching.signal, onUpdate: follow });
      replace(body, job.result ? found(job.result) : h("p", { text: t("plan.explain_stopped") }), buttons(job.result));
    } catch (error) {
      if (!watching.signal.aborted) replace(body, fault(error, { onRetry: ask }));
    }
  }

  function follow(update) {
    job = update;
    if (isUnderWay(job)) draw(job);
  }

  const draw = (update) => {
    const known = answer.result.excluded.find((each) => each.asset === asset);
    const onStop = update ? () => stop(update).catch(() => {}) : null;
    const share = update?.progress?.share ?? null;
    replace(body, known ? h("p", { text: pick(known.text) }) : null, progress(t("plan.explaining", { name: nameOf(asset) }), { share, onStop }));
  };

  function found(reason) {
    const cost = reason.costs_points;
    // A search that begins with the plan may find what the one before has missed.
    const isBetter = cost !== null && cost < 0;
    const facts = [
      [t("plan.explain_displaces"), reason.displaces.length ? listed(reason.displaces.map(nameOf)) : null],
      [t("plan.explain_takes"), reason.would_take.length ? listed(reason.would_take.map(nameOf)) : null],
      [t("plan.explain_costs"), cost === null ? null : t(isBetter ? "plan.gains" : "plan.costs_most", { points: number(Math.abs(cost), 1) })],
      [t("plan.explain_needs"), advice(reason.code)],
    ].filter(([, words]) => words);
    return [
      h("p", {}, h("strong", { text: reasonWords(isBetter ? "BETTER_WITH" : reason.code) }), " ", reason.proven ? badge(t("plan.proven"), "good") : badge(t("plan.not_proven"))),
      h("p", { text: pick(reason.text) }),
      h("dl", { class: "explained-facts" }, facts.map(([name, words]) => h("div", {}, h("dt", { text: name }), h("dd", { text: words })))),
    ];
  }

  const buttons = (reason) => {
    // What is certain not to fit needs another request first.
    const isHopeless = reason?.proven && ADVISED.has(reason.code);
    const add = (isPlanned) => {
      close();
      actions.add(asset);
      if (isPlanned) actions.planAgain();
    };
    const addAndPlan = isHopeless ? null : button(t("plan.add_and_plan"), () => add(true), { kind: "primary" });
    return h("div", { class: "dialog-actions" }, addAndPlan, button(t("plan.add_anyway"), () => add(false)));
  };

  openDialog(
    t("plan.explain_title", { name: nameOf(asset) }),
    (closed) => {
      close = closed;
      ask();
      return body;
    },
    {
      onClose: () => {
        watching.abort();
        if (job && isUnderWay(job)) stop(job).catch(() => {});
      },
    },
  );
}

const isUnderWay = (job) => ["queued", "running"].includes(job.state);

/** Return a reason in words; where none can be decided on the place alone, others fitted better. */
export const reasonWords = (code) => t(`plan.reason_${code ?? "FITTED_LESS"}`);
