/** What a plan is made of: combinations and their effect, points, sampling, and where it comes from. */

import { h } from "../../core/dom.js";
import { date, number, percent, pick, t } from "../../core/texts.js";
import { listed } from "./model.js";
import { signed } from "./words.js";

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

/* ---- points, and where the plan comes from ---- */

export function about({ itinerary, plan }) {
  const { provenance } = itinerary;
  const terms = Object.entries(itinerary.terms).filter(([, value]) => Math.abs(value) >= 0.5);
  const term = ([name, value]) => h("div", {}, h("dt", { text: t(`plan.term_${name}`) }), h("dd", { text: signed(value) }));
  const limit = t(`plan.limit_${provenance.limit}`, { iterations: number(provenance.iterations), seconds: number(provenance.seconds, 1) });
  return [
    plan.isAlternative ? null : h("dl", { class: "terms" }, terms.map(term)),
    plan.isAlternative || itinerary.bound === null ? null : h("p", { text: t("plan.bound_words", { bound: number(Math.round(itinerary.bound)) }) }),
    h("p", { class: "hint", text: t("plan.provenance", { ...provenance, limit, candidates: number(provenance.candidates) }) }),
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
    t("plan.sample_model", {
      raw: worth(facts.raw_points), repaired: worth(facts.model_points), random: worth(facts.random_points), best: worth(facts.best_points),
    }),
    facts.is_exact ? null : t("plan.sample_estimate"),
    t("plan.sample_size", { variables: number(facts.variables), interactions: number(facts.interactions), clique: number(facts.largest_clique) }),
    facts.is_reproducible ? null : t("plan.sample_not_reproducible"),
  ].filter(Boolean);
  return h("ul", {}, lines.map((text) => h("li", { text })));
}
