/** What to say where there is no plan: what cannot be met, and what would help. */

import { h } from "../../core/dom.js";
import { pick, t } from "../../core/texts.js";
import { button } from "../../core/ui.js";
import { advice } from "./explain.js";

/** Return what stands in the way, each with what would help; nothing where nothing is known. */
export const conflictList = ({ conflicts }, context) =>
  conflicts.length ? h("ul", { class: "conflicts" }, conflicts.map((conflict) => conflictLine(conflict, context))) : null;

function conflictLine({ code, assets, text }, { wishes, nameOf, actions }) {
  return h(
    "li",
    {},
    h("p", {}, h("strong", { text: pick(text) })),
    advice(code) ? h("p", { text: advice(code) }) : null,
    assets.map((id) => [
      wishes.pins.has(id) ? button(t("plan.unlock_named", { name: nameOf(id) }), () => actions.unlock(id), { icon: "unlock", key: `free-${id}` }) : null,
      wishes.must.has(id) ? button(t("plan.drop_wish", { name: nameOf(id) }), () => actions.drop(id), { icon: "minus", key: `drop-${id}` }) : null,
    ]),
  );
}
