/** Where the money goes: by kind, by municipality and by day, with what is unknown counted. */

import { h } from "../../core/dom.js";
import { number, t, yen } from "../../core/texts.js";
import { fold } from "../../core/ui.js";
import { isSpot, rowsOf } from "./model.js";
import { kindName } from "./words.js";

/** Return a table of sums: rows by kind and by municipality, a column a day. */
export function costs({ plan, assets }) {
  const stops = plan.days.flatMap((day, index) => rowsOf(day).filter(isSpot).map((row) => ({ ...row.step, day: index })));
  const municipality = (stop) => assets.get(stop.asset)?.properties.municipality ?? null;
  const kindOf = (stop) => stop.kind ?? "other";
  const kindWords = (kind) => (kind === "other" ? t("plan.field_other") : kindName(kind));
  const towns = () => table(t("plan.costs_by_town"), plan, stops, (stop) => municipality(stop) ?? "", (town) => town || t("common.unknown"), true);
  return [
    table(t("plan.costs_by_kind"), plan, stops, kindOf, kindWords),
    stops.some(municipality) ? fold(t("plan.costs_by_town"), towns(), { key: "towns" }) : null,
    h("p", { class: "hint", text: t("plan.costs_hint") }),
  ];
}

function table(caption, plan, stops, groupOf, nameOfGroup, isCounted = false) {
  const groups = [...new Set(stops.map(groupOf))].sort((left, right) => known(of(stops, groupOf, right)) - known(of(stops, groupOf, left)));
  // A trip of one day has no columns of days beside its sum.
  const days = plan.days.length > 1 ? [...plan.days.keys()] : [];
  const heads = [...(isCounted ? [t("plan.figure_places")] : []), ...days.map((day) => t("plan.day", { number: day + 1 })), t("plan.total")];
  const line = (name, chosen) => {
    const cells = [...(isCounted ? [number(chosen.length)] : []), ...days.map((day) => amount(chosen.filter((stop) => stop.day === day))), amount(chosen)];
    return h("tr", {}, h("th", { scope: "row", text: name }), cells.map((text) => h("td", { class: "number", text })));
  };
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      { class: "costs" },
      h("caption", { class: "visually-hidden", text: caption }),
      h("thead", {}, h("tr", {}, h("td", {}), heads.map((text) => h("th", { scope: "col", class: "number", text })))),
      h("tbody", {}, groups.map((group) => line(nameOfGroup(group), of(stops, groupOf, group)))),
      h("tfoot", {}, line(t("plan.total"), stops)),
    ),
  );
}

const of = (stops, groupOf, group) => stops.filter((stop) => groupOf(stop) === group);
const known = (stops) => stops.reduce((sum, stop) => sum + (stop.cost_jpy ?? 0), 0);

/** Return a sum, and how many unknown prices are missing in it. */
function amount(stops) {
  if (!stops.length) return "–";
  const unknown = stops.filter((stop) => stop.cost_jpy === null).length;
  if (unknown === stops.length) return t("plan.all_unknown", { count: unknown });
  return unknown ? t("plan.and_unknown", { sum: yen(known(stops)), count: unknown }) : yen(known(stops));
}
