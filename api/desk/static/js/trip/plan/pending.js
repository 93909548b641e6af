/** What was changed and is not planned yet. */

import { h } from "../../core/dom.js";
import { t } from "../../core/texts.js";
import { button } from "../../core/ui.js";
import { stopsOf } from "./model.js";

/** Return a bar that says what the next plan will change, and asks for it; nothing where all is planned. */
export function pendingBar(context) {
  const { edits, nameOf, actions, isRunning } = context;
  if (!edits.isDirty) return null;
  const lines = linesOf(context).filter(([, ids]) => ids.length);
  return h(
    "aside",
    { class: "pending", "aria-label": t("plan.pending") },
    h("strong", { text: t("plan.pending") }),
    h("ul", {}, lines.map(([words, ids, undo]) => h("li", {}, `${words} `, ids.map((id) => undoable(nameOf(id), () => undo(id), `undo-${id}`))))),
    button(t("plan.plan_again"), actions.planAgain, { kind: "primary", key: "plan-again", disabled: isRunning }),
  );
}

/** Return the changes: [words, assets, how to take each back]. */
function linesOf({ edits, wishes, itinerary, plan, actions }) {
  const { request } = itinerary;
  const stops = stopsOf(plan);
  const before = new Map(request.pins.map((pin) => [pin.asset, pin.arrive.slice(0, 16)]));
  const unpin = (id) => (before.has(id) ? actions.lock(id, before.get(id)) : actions.unlock(id));
  const added = [...edits.must].filter((id) => !stops.has(id));
  const removed = [...edits.avoid].filter((id) => wishes.avoid.has(id));
  const pinned = [...edits.pins.keys()];
  const dropped = new Set([...edits.dropped.must, ...edits.dropped.avoid, ...edits.dropped.pins]);
  const askAgain = (id) => {
    if (before.has(id)) actions.lock(id, before.get(id));
    if (request.must.includes(id)) actions.add(id);
    if (request.avoid.includes(id)) actions.remove(id);
  };
  return [
    [t("plan.pending_add"), added, actions.drop],
    [t("plan.pending_remove"), removed, actions.restore],
    [t("plan.pending_pin"), pinned, unpin],
    // Who removes a place that was wanted has changed one thing.
    [t("plan.pending_dropped"), [...dropped].filter((id) => ![...added, ...removed, ...pinned].includes(id)), askAgain],
  ];
}

const undoable = (name, onUndo, key) =>
  h("span", { class: "undoable" }, h("span", { text: name }), button(t("plan.undo_of", { name }), onUndo, { icon: "close", quietly: true, key }));
