/** What was changed and is not planned yet. */

import { h } from "../../core/dom.js";
import { t } from "../../core/texts.js";
import { button } from "../../core/ui.js";
import { listed, stopsOf } from "./model.js";

/** Return a bar that says what the next plan will change, and asks for it; nothing where all is planned. */
export function pendingBar({ edits, wishes, plan, nameOf, actions, isRunning }) {
  if (!edits.isDirty) return null;
  const stops = stopsOf(plan);
  const lines = [
    [t("plan.pending_add"), [...edits.must].filter((id) => !stops.has(id)), actions.drop],
    [t("plan.pending_remove"), [...edits.avoid].filter((id) => wishes.avoid.has(id)), actions.restore],
    [t("plan.pending_pin"), [...edits.pins.keys()], actions.unlock],
  ].filter(([, ids]) => ids.length);
  const dropped = edits.dropped ? [...new Set([...edits.dropped.must, ...edits.dropped.avoid, ...edits.dropped.pins])] : [];
  return h(
    "aside",
    { class: "pending", "aria-label": t("plan.pending") },
    h("strong", { text: t("plan.pending") }),
    h(
      "ul",
      {},
      lines.map(([words, ids, undo]) => h("li", {}, `${words} `, ids.map((id) => undoable(nameOf(id), () => undo(id), `undo-${id}`)))),
      dropped.length ? h("li", { text: t("plan.pending_dropped", { names: listed(dropped.map(nameOf)) }) }) : null,
    ),
    button(t("plan.plan_again"), actions.planAgain, { kind: "primary", key: "plan-again", disabled: isRunning }),
  );
}

const undoable = (name, onUndo, key) =>
  h("span", { class: "undoable" }, h("span", { text: name }), button(t("plan.undo_of", { name }), onUndo, { icon: "close", quietly: true, key }));
