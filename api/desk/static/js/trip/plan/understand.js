/** What a plan is made of: combinations and their effect, costs, points, assumptions, sampling, and where it comes from. */

import { h } from "../../core/dom.js";
import { date, number, percent, pick, t, yen } from "../../core/texts.js";
import { fold } from "../../core/ui.js";
import { fieldOf, isMarked, isRemark, isSpot, knownField, listed, rowsOf } from "./model.js";
import { kindName, signed } from "./words.js";

/* ---- combinations ---- */

export function combinations({ itinerary, nameOf }) {
  const effect = itinerary.combination_effect;
  return [
    h(
      "ul",
      { class: "combinations" },
      itinerary.combinations.map((made) =>
        h(
          "li",
          {},
          h("strong", { text: sides(made, nameOf) }), ` +${number(made.bonus)}${made.date ? ` · ${date(made.date, "bare")}` : ""}`,
          h("p", { text: pick(made.reason) }),
        ),
      ),
    ),
    effect ? h("p", { class: "hint", text: effectWords(effect, nameOf) }) : h("p", { class: "hint", text: t("plan.effect_unknown") }),
  ];
}

// An inn may be both sides of what it combines.
const sides = (made, nameOf) => [...new Set([made.left, made.right].map((ids) => listed(ids.map(nameOf))))].join(" × ");

function effectWords(effect, nameOf) {
  if (!effect.gained.length && !effect.lost.length) return t("plan.effect_none");
  const named = (ids) => (ids.length ? listed(ids.map(nameOf)) : t("plan.nothing"));
  return t("plan.effect", {
    gained: named(effect.gained), lost: named(effect.lost), made: effect.combinations, without: effect.combinations_without,
    points: number(Math.round(effect.points_of_places)), points_without: number(Math.round(effect.points_of_places_without)),
  });
}

/* ---- costs ---- */

/** Return a table of sums: rows by kind and by municipality, a column a day. */
export function costs({ plan, assets }) {
  const stops = plan.days.flatMap((day, index) => rowsOf(day).filter(isSpot).map((row) => ({ ...row.step, day: index })));
  const municipality = (stop) => assets.get(stop.asset)?.properties.municipality ?? null;
  return [
    table(t("plan.costs_by_kind"), plan, stops, (stop) => stop.kind ?? "other", (kind) => (kind === "other" ? t("plan.field_other") : kindName(kind))),
    stops.some(municipality) ? fold(t("plan.costs_by_town"), table(t("plan.costs_by_town"), plan, stops, (stop) => municipality(stop) ?? "", (town) => town || t("common.unknown"), true), { key: "towns" }) : null,
    h("p", { class: "hint", text: t("plan.costs_hint") }),
  ];
}

function table(caption, plan, stops, groupOf, nameOfGroup, isCounted = false) {
  const groups = [...new Set(stops.map(groupOf))].sort((left, right) => known(of(stops, groupOf, right)) - known(of(stops, groupOf, left)));
  const columns = plan.days.map((_, index) => index);
  const line = (name, chosen, Cell = "td") =>
    h(
      "tr",
      {},
      h("th", { scope: "row", text: name }),
      isCounted ? h(Cell, { class: "number", text: number(chosen.length) }) : null,
      columns.length > 1 ? columns.map((day) => h(Cell, { class: "number", text: amount(chosen.filter((stop) => stop.day === day)) })) : null,
      h(Cell, { class: "number", text: amount(chosen) }),
    );
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      { class: "costs" },
      h("caption", { class: "visually-hidden", text: caption }),
      h("thead", {}, h("tr", {}, h("td", {}), isCounted ? h("th", { scope: "col", class: "number", text: t("plan.figure_places") }) : null, columns.length > 1 ? columns.map((day) => h("th", { scope: "col", class: "number", text: t("plan.day", { number: day + 1 }) })) : null, h("th", { scope: "col", class: "number", text: t("plan.total") }))),
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

/* ---- what was assumed ---- */

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
  return [
    h("ul", {}, lines.toSorted((left, right) => rank(left) - rank(right) || left.field.localeCompare(right.field)).map((line) => h("li", { text: assumptionWords(line, nameOf) }))),
    remarks.size ? [h("h4", { text: t("plan.remarks") }), h("ul", {}, [...remarks].map(([id, words]) => h("li", { text: `${id === null ? "" : `${nameOf(id)}: `}${[...words].join(" · ")}` })))] : null,
  ];
}

function assumptionWords({ field, words, ids }, nameOf) {
  if (!field) return words;
  const name = t(`plan.field_${knownField(field)}`);
  return isMarked(field) ? t("plan.assumed_places", { field: name, words, places: listed(ids.map(nameOf)) }) : t("plan.assumed_count", { field: name, words, count: ids.length });
}

/* ---- points, and where the plan comes from ---- */

export function about({ itinerary, plan }) {
  const { provenance } = itinerary;
  const terms = Object.entries(itinerary.terms).filter(([, value]) => Math.abs(value) >= 0.5);
  const limit = t(`plan.limit_${provenance.limit}`, { iterations: number(provenance.iterations), seconds: number(provenance.seconds, 1) });
  return [
    plan.isAlternative ? null : h("dl", { class: "terms" }, terms.map(([name, value]) => h("div", {}, h("dt", { text: t(`plan.term_${name}`) }), h("dd", { text: signed(value) })))),
    plan.isAlternative || itinerary.bound === null ? null : h("p", { text: t("plan.bound_words", { bound: number(Math.round(itinerary.bound)) }) }),
    h("p", { class: "hint", text: t("plan.provenance", { candidates: number(provenance.candidates), solver: provenance.solver, limit, seed: provenance.seed, version: provenance.version }) }),
    itinerary.sources.length ? h("p", { class: "hint", text: t("plan.sources", { sources: itinerary.sources.join("; ") }) }) : null,
  ];
}

/* ---- sampling ---- */

export function sampling({ itinerary: { sampling: facts } }) {
  const worth = (value) => (value === null ? t("plan.none") : number(value, 1));
  const lines = [
    t("plan.sampled", { sampler: facts.sampler, reads: number(facts.reads), share: percent(facts.raw_feasible_rate), seconds: number(facts.seconds, 1) }),
    t(`plan.sample_${facts.source}`),
    facts.repaired ? t("plan.sample_flips", { removed: facts.flips_removed, added: facts.flips_added }) : null,
    t("plan.sample_points", { points: worth(facts.points), search: worth(facts.search_points) }),
    t("plan.sample_model", { raw: worth(facts.raw_points), repaired: worth(facts.model_points), random: worth(facts.random_points), best: worth(facts.best_points) }),
    facts.is_exact ? null : t("plan.sample_estimate"),
    t("plan.sample_size", { variables: number(facts.variables), interactions: number(facts.interactions), clique: number(facts.largest_clique) }),
    facts.is_reproducible ? null : t("plan.sample_not_reproducible"),
  ].filter(Boolean);
  return h("ul", {}, lines.map((text) => h("li", { text })));
}
