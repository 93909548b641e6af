/** What a plan assumes, and what the sources of its places remark. */

import { h } from "../../core/dom.js";
import { pick, t } from "../../core/texts.js";
import { fieldOf, isMarked, isRemark, knownField, listed } from "./model.js";

/** Return each assumption once, with the places it concerns: the whole trip first, then what a traveller should check. */
export function assumptions({ plan, nameOf }) {
  const groups = new Map();
  for (const fact of plan.assumed.filter((each) => !isRemark(each))) {
    const key = [fact.asset === null ? "" : fieldOf(fact), pick(fact.text)].join("\n");
    groups.set(key, new Set([...(groups.get(key) ?? []), ...(fact.asset === null ? [] : [fact.asset])]));
  }
  const lines = [...groups].map(([key, ids]) => ({ field: key.split("\n")[0], words: key.slice(key.indexOf("\n") + 1), ids: [...ids] }));
  const rank = ({ field }) => (field === "" ? 0 : isMarked(field) ? 1 : 2);
  const remarks = new Map();
  for (const fact of plan.assumed.filter(isRemark)) remarks.set(fact.asset, new Set([...(remarks.get(fact.asset) ?? []), pick(fact.text)]));
  const sorted = lines.toSorted((left, right) => rank(left) - rank(right) || left.field.localeCompare(right.field));
  const remark = ([id, words]) => h("li", { text: `${id === null ? "" : `${nameOf(id)}: `}${[...words].join(" · ")}` });
  return [
    h("ul", {}, sorted.map((line) => h("li", { text: assumptionWords(line, nameOf) }))),
    remarks.size ? [h("h4", { text: t("plan.remarks") }), h("ul", {}, [...remarks].map(remark))] : null,
  ];
}

function assumptionWords({ field, words, ids }, nameOf) {
  if (!field) return words;
  const name = t(`plan.field_${knownField(field)}`);
  if (!isMarked(field)) return t("plan.assumed_count", { field: name, words, count: ids.length });
  return t("plan.assumed_places", { field: name, words, places: listed(ids.map(nameOf)) });
}
