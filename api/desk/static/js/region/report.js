/** The report on an import: what became of every row of every file. */

import { h, replace } from "../core/dom.js";
import { KINDS, icon } from "../core/icons.js";
import { link } from "../core/router.js";
import { has, number, pick, t } from "../core/texts.js";
import { badge, button, fold, kindMark, notice } from "../core/ui.js";

const LINES = 50;

/** Return the report on an import. */
export function report(result, desk) {
  const ground = desk.regionId === result.region;
  return h(
    "article",
    { class: "region-report" },
    notice("good", h("strong", { text: t("region.report_done", { count: number(result.assets), region: result.region }) })),
    h("ul", { class: "region-kind-counts" }, KINDS.filter((kind) => result.kinds[kind]).map((kind) => h("li", {}, kindMark(kind), `${t(`common.${kind}`)} ${number(result.kinds[kind])}`))),
    h(
      "div",
      { class: "region-actions" },
      ground ? button(t("region.see_gaps"), () => desk.showView("gaps"), { icon: "warning", kind: "primary", key: "report-gaps" }) : null,
      ground ? button(t("region.see_places"), () => desk.showView("places"), { icon: "list", key: "report-places" }) : null,
      h("a", { class: "button", href: link("trip", [result.region]) }, icon("map"), h("span", { text: t("region.plan_here") })),
    ),
    result.inputs.map(input),
    result.merged.length ? part(t("region.merged"), result.merged, (each) => line(`${each.kept} ← ${each.absorbed}`, null, pick(each.why))) : null,
    result.renamed.length ? part(t("region.renamed"), result.renamed, (each) => line(`${each.from} → ${each.to}`, null, "")) : null,
    Object.entries(result.streets).map(([mode, streets]) => section(t("region.report_streets", { mode: has(`region.mode_${mode}`) ? t(`region.mode_${mode}`) : mode }), facts(streets))),
    result.timetables.map(timetable),
    result.notes.length ? part(t("region.notes"), result.notes, remark) : null,
  );
}

const section = (title, ...children) => h("section", { class: "region-report-part" }, h("h3", { text: title }), children);

/** Say of one file how many rows there were, and which were refused or taken with a doubt. */
function input({ source, dataset, rows, accepted, refused, warnings }) {
  return section(
    source,
    h("p", {}, badge(dataset), " ", t("region.report_rows", { rows: number(rows), accepted: number(accepted), refused: number(refused.length) })),
    refused.length ? part(t("region.refused"), refused, remark, { isOpen: true, kind: "bad" }) : null,
    warnings.length ? part(t("region.doubts"), warnings, remark, { kind: "warn" }) : null,
  );
}

/** Make a list that can be folded, of which more lines are shown on request: a table may have been refused whole. */
function part(title, items, build, { isOpen = false, kind = "" } = {}) {
  const list = h("ul", { class: "region-remarks" });
  let upTo = LINES;
  const fill = () => {
    const left = items.length - upTo;
    replace(list, items.slice(0, upTo).map(build), left > 0 ? h("li", {}, button(t("common.more", { count: number(Math.min(left, LINES)) }), () => { upTo += LINES; fill(); })) : null);
  };
  fill();
  return fold([badge(number(items.length), kind), " ", title], list, { open: isOpen });
}

const remark = ({ where, value, message }) => line(where, value, pick(message));
const line = (where, value, words) =>
  h("li", {}, h("code", { text: where }), h("span", { text: words }), value === null || value === "" ? null : h("q", { text: String(value) }));

const facts = (content) =>
  h("dl", { class: "region-facts" }, Object.entries(content).filter(([, value]) => ["number", "string", "boolean"].includes(typeof value)).map(([name, value]) =>
    [h("dt", { text: has(`region.streets_${name}`) ? t(`region.streets_${name}`) : name }), h("dd", { text: typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 2) : String(value) })]));

function timetable({ file, counts, valid_from: from, valid_until: until, findings }) {
  return section(
    t("region.report_timetable", { file }),
    from ? h("p", { text: t("region.report_valid", { from, until: until ?? t("common.unknown") }) }) : null,
    h("p", { class: "hint", text: Object.entries(counts).map(([table, rows]) => `${table}: ${number(rows)}`).join(" · ") }),
    findings.length ? part(t("region.doubts"), findings, (each) => line(each.where, null, pick(each.message))) : null,
  );
}
