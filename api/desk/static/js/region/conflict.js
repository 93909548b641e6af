/** Somebody else saved the same asset: what they changed, what was changed here, and which of the two is to hold. */

import { h } from "../core/dom.js";
import { t } from "../core/texts.js";
import { button, choices, notice } from "../core/ui.js";
import { rawOf } from "./fields.js";
import { labelOf } from "./form.js";

/**
 * Show a conflict.
 *
 * @param {object} draft
 * @param {{onDecide: Function, onAddAgain: Function, onLeave: Function}} options `onDecide` is told the pointers of the
 *   fields in which what was typed here is to hold
 */
export function conflict(draft, { onDecide, onAddAgain, onLeave }) {
  if (draft.conflict.isGone) return gone(onAddAgain, onLeave);
  const { feature, both, others } = draft.conflict;
  const mine = (draft.conflict.mine ??= new Set(both));
  const column = (label, raw) => h("div", {}, h("span", { class: "hint", text: label }), h("p", { text: spoken(raw) }));
  const row = (pointer, isOurs) =>
    h(
      "li",
      {},
      h("strong", { text: labelOf(pointer) }),
      h("div", { class: "region-versions" },
        column(t("region.before"), rawOf(draft.base, pointer)),
        column(t("region.theirs"), rawOf(feature, pointer)),
        isOurs ? column(t("region.mine"), draft.changes.get(pointer)) : null),
      isOurs
        ? choices(t("region.which", { field: labelOf(pointer) }), [{ value: "mine", label: t("region.keep_mine") }, { value: "theirs", label: t("region.take_theirs") }],
            mine.has(pointer) ? "mine" : "theirs", (which) => (which === "mine" ? mine.add(pointer) : mine.delete(pointer)), { key: `which-${pointer}` })
        : null,
    );
  return h(
    "div",
    { class: "notice bad region-conflict", role: "alert" },
    h("strong", { text: t("region.conflict") }),
    h("p", { text: t(both.length ? "region.conflict_both" : "region.conflict_other") }),
    both.length || others.length
      ? h("ul", {}, both.map((pointer) => row(pointer, true)), others.map((pointer) => row(pointer, false)))
      : h("p", { text: t("region.conflict_elsewhere") }),
    h("div", { class: "region-actions" }, button(t("region.decide"), () => onDecide(mine), { kind: "primary", key: "decide" })),
  );
}

const gone = (onAddAgain, onLeave) =>
  notice(
    "bad",
    h("strong", { text: t("region.gone") }),
    h("p", { text: t("region.gone_text") }),
    h("div", { class: "region-actions" }, button(t("region.add_again"), onAddAgain, { key: "add-again" }), button(t("region.leave"), onLeave, { key: "leave-gone" })),
  );

/** Put a raw value into words; lists and positions as they are written. */
function spoken(raw) {
  if (raw === "" || raw === undefined || (Array.isArray(raw) && !raw.length)) return "—";
  if (raw === true) return t("common.yes");
  if (raw === false) return t("common.no");
  if (raw.lat !== undefined) return raw.lat ? `${raw.lat}, ${raw.lon}` : "—";
  return typeof raw === "string" ? raw : JSON.stringify(raw);
}
