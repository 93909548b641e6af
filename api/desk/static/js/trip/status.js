/** What is told above a plan: how the search goes, how good the plan is, what stands in the way, what went wrong. */

import { h } from "../core/dom.js";
import { t } from "../core/texts.js";
import { button, fault, notice, progress } from "../core/ui.js";
import { wishesOf } from "./edits.js";
import { hasField } from "./fields.js";
import { conflictList } from "./plan/outcome.js";
import { nameOf } from "./words.js";

/** Return what is to be told above the plan. */
export function statusOf(session, actions) {
  return [
    session.fault ? troubles(session, actions) : null,
    session.assetsFault ? fault(session.assetsFault, { onRetry: actions.readAssets }) : null,
    session.foreign ? foreign(session.foreign) : null,
    session.unmet && !session.isRunning ? unmet(session, actions) : null,
    session.isRunning ? running(session, actions) : null,
    !session.isRunning && session.shown?.answer.state === "stopped" ? notice("info", h("p", { text: t("trip.was_stopped") })) : null,
    session.shown && isOld(session) ? notice("info", h("p", { text: t("trip.data_changed") })) : null,
  ];
}

function running(session, actions) {
  if (session.isReopening) return h("p", { class: "loading", role: "status", text: t("shell.loading") });
  const { job, shown } = session;
  const onStop = !session.isStopping ? actions.stop : null;
  const share = job?.progress?.share ?? null;
  const hasPlan = shown && job && shown.answer.id === job.id;
  const words = session.isStopping
    ? t("trip.stopping")
    : job?.state === "queued"
      ? t("trip.queued")
      : t(hasPlan ? "trip.improving" : "trip.searching");
  return progress(words, { share, onStop });
}

/** Say what stands in the way of a plan; the request and the plan before are still there. */
function unmet(session, actions) {
  const { unmet: itinerary, shown } = session;
  return h(
    "div",
    { class: "notice warn", role: "alert" },
    h("strong", { text: t(itinerary.status === "infeasible" ? "trip.infeasible" : "trip.unsolved") }),
    conflictList(itinerary, { wishes: wishesOf(session.form), nameOf: (asset) => nameOf(session, asset), actions }),
    h("p", { text: t(shown ? "trip.unmet_kept" : "trip.unmet_hint") }),
  );
}

function troubles(session, actions) {
  const { fault: error, flaws } = session;
  // What is wrong in fields is told there.
  if (flaws.size && [...flaws.keys()].every(hasField)) {
    return notice("bad", h("p", { role: "alert", text: t("trip.flaws", { count: flaws.size }) }), button(t("trip.to_request"), actions.toRequest));
  }
  if (error.status === 404 && session.asked) {
    return notice("warn", h("p", { role: "alert", text: t("trip.unknown_trip") }), button(t("trip.start_over"), actions.startOver));
  }
  return fault(error, { onRetry: flaws.size ? undefined : actions.retry });
}

const foreign = (job) => notice("warn", h("p", { role: "alert", text: t("trip.foreign_region", { region: job.region ?? "" }) }));

const isOld = ({ shown, region }) => shown.answer.data_version && shown.answer.data_version !== region.data_version;
