/** What is told above a plan: how the search goes, how good the plan is, what stands in the way, what went wrong. */

import { h } from "../core/dom.js";
import { pick, percent, t } from "../core/texts.js";
import { button, fault, notice, progress } from "../core/ui.js";
import { hasField } from "./fields.js";

/** Return a proven gap as a share in words, rounded up so that it stays true. */
export function gapWords(gap) {
  const steps = gap < 0.01 ? 1000 : 100;
  return percent(Math.ceil(gap * steps - 1e-9) / steps, steps === 1000 ? 1 : 0);
}

/** Say how good a plan is, as far as that is proven. */
export function qualityWords({ status, gap }) {
  if (status === "optimal" || gap === 0) return t("trip.optimal");
  return gap === null || gap === undefined ? t("trip.feasible") : t("trip.bounded", { gap: gapWords(gap) });
}

/** Return what is to be told above the plan. */
export function statusOf(session, actions) {
  return [
    session.fault ? troubles(session, actions) : null,
    session.foreign ? foreign(session.foreign) : null,
    session.unmet && !session.isRunning ? unmet(session) : null,
    session.isRunning ? running(session, actions) : null,
    !session.isRunning && session.shown && !session.unmet ? quality(session) : null,
    session.shown && isOld(session) ? notice("info", h("p", { text: t("trip.data_changed") })) : null,
  ];
}

function running(session, actions) {
  if (session.isReopening) return h("p", { class: "loading", role: "status", text: t("shell.loading") });
  const { job, shown } = session;
  const onStop = job && !session.isStopping ? actions.stop : null;
  const share = job?.progress?.share ?? null;
  const hasPlan = shown && job && shown.answer.id === job.id;
  const words = session.isStopping
    ? t("trip.stopping")
    : job?.state === "queued"
      ? t("trip.queued")
      : hasPlan && job.progress?.gap !== null && job.progress?.gap !== undefined
        ? t("trip.improving", { gap: gapWords(job.progress.gap) })
        : t("trip.searching");
  return progress(words, { share, onStop });
}

function quality(session) {
  const { itinerary, answer } = session.shown;
  const isStopped = answer.state === "stopped";
  return h(
    "p",
    { class: "trip-quality" },
    h("strong", { text: qualityWords(itinerary) }),
    itinerary.status === "feasible" ? h("span", { class: "hint", text: ` ${t("trip.bounded_hint")}` }) : null,
    isStopped ? h("span", { class: "hint", text: ` ${t("trip.was_stopped")}` }) : null,
  );
}

/** Say what stands in the way of a plan; the request and the plan before are still there. */
function unmet({ unmet: itinerary, shown }) {
  return h(
    "div",
    { class: "notice warn", role: "alert" },
    h("strong", { text: t(itinerary.status === "infeasible" ? "trip.infeasible" : "trip.unsolved") }),
    itinerary.conflicts.length ? h("ul", {}, itinerary.conflicts.map(({ text }) => h("li", { text: pick(text) }))) : null,
    h("p", { text: t(shown ? "trip.unmet_kept" : "trip.unmet_hint") }),
  );
}

function troubles(session, actions) {
  const { fault: error, flaws } = session;
  // What is wrong in fields is told there.
  if (flaws.size && [...flaws.keys()].every(hasField)) {
    return notice("bad", h("p", { role: "alert", text: t("trip.flaws", { count: flaws.size }) }), button(t("trip.to_request"), actions.toRequest));
  }
  if (error.status === 404) return notice("warn", h("p", { role: "alert", text: t("trip.unknown_trip") }), button(t("trip.start_over"), actions.startOver));
  return fault(error, { onRetry: flaws.size ? undefined : actions.retry });
}

const foreign = (job) => notice("warn", h("p", { role: "alert", text: t("trip.foreign_region", { region: job.region ?? "" }) }));

const isOld = ({ shown, region }) => shown.answer.data_version && shown.answer.data_version !== region.data_version;
