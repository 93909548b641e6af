/** Who asks for it: as the market states it, and as records of bookings tell it. */

import { h } from "../core/dom.js";
import { number, percent, pick, t } from "../core/texts.js";
import { badge, button, fold, notice } from "../core/ui.js";
import { dots, figure, legend } from "./charts.js";
import { between, plain } from "./figures.js";
import { filePicker } from "./market.js";
import { BUNDLED, pricePlans } from "./state.js";
import { begin, newTask, seenOf, taskState } from "./tasks.js";
import { hint, table } from "./parts.js";

export const demandPart = {
  name: "demand",
  inputs: ({ market, records, estimation }) => [market, records, ...seenOf(estimation)],
  draw(desk) {
    const { state } = desk;
    const { market, estimation } = state;
    const effects = new Map((estimation.result?.price_effects ?? []).map((each) => [each.name.replace(/\.price$/, ""), each]));
    return [
      h("h2", { text: t("prices.demand") }),
      hint(t("prices.demand_words")),
      legend([["stated", t("prices.demand_stated")], ...(effects.size ? [["estimated", t("prices.demand_estimated")]] : [])]),
      figure(
        "demand",
        market.segments.map(sensitivityWords).join(" / "),
        (width) => dots(
          market.segments.map((each) => segmentRow(each, effects.get(each.id))),
          { width, format: (value) => number(value, 1), at: [0] },
        ),
        { caption: t("prices.demand_axis") },
      ),
      segmentTable(market),
      h("h3", { text: t("prices.records") }),
      hint(t("prices.records_hint")),
      h(
        "div",
        { class: "prices-actions" },
        button(t("prices.records_bundled"), () => useRecords(desk, BUNDLED), { key: "records-bundled" }),
        filePicker(
          t("prices.records_own"),
          async (file) => useRecords(desk, { csv: await file.text(), name: file.name.slice(0, 100) }),
          { accept: ".csv,text/csv", key: "records-own" },
        ),
      ),
      taskState(estimation, state.changed, { onRetry: () => useRecords(desk, state.records) }),
      estimation.result ? estimated(estimation.result, effects, state) : null,
    ];
  },
};

/** Learn from records; a back-test on others is no longer of these. */
function useRecords({ state }, records) {
  state.records = records;
  state.backtest.watch?.abort();
  state.backtest = newTask();
  return begin(state.estimation, { path: pricePlans(state, ":estimate"), body: { records } }, () => state.changed());
}

const rangeOf = ({ sensitivity_range: range }) => ({ low: range?.[0] ?? null, high: range?.[1] ?? null });

function sensitivityWords(segment) {
  const range = rangeOf(segment);
  return `${pick(segment.name)}: ${plain(segment.sensitivity)} (${range.low === null ? t("prices.range_unknown") : between(range, plain)})`;
}

function segmentRow(segment, effect) {
  // What records tell is the effect on utility, which falls; a sensitivity is how much.
  const learnt = effect && effect.value !== null ? [{
    kind: "estimated",
    mean: -effect.value,
    low: negated(effect.high),
    high: negated(effect.low),
  }] : [];
  return {
    label: pick(segment.name),
    words: plain(segment.sensitivity),
    marks: [{ kind: "stated", mean: segment.sensitivity, ...rangeOf(segment) }, ...learnt],
  };
}

const negated = (value) => (value === null ? null : -value);

function segmentTable(market) {
  const columns = [
    [t("prices.segment")],
    [t("prices.customers"), "number"],
    [t("prices.elasticity"), "number"],
    [t("prices.cancels"), "number wide-only"],
    [t("prices.demand_source")],
  ];
  const rows = market.segments.map((segment) => [
    pick(segment.name),
    number(segment.arrivals.reduce((sum, each) => sum + each, 0)),
    elasticityWords(market, segment),
    percent(segment.cancels),
    badge(t(`prices.source_${segment.source}`), segment.source === "simulated" ? "warn" : ""),
  ]);
  return table(t("prices.demand"), columns, rows);
}

/** Return the mean elasticity of a segment's choices at today's prices, all of them on sale: −β·p·(1 − P) in the logit. */
function elasticityWords(market, { sensitivity, appeal }) {
  const seen = market.products.filter((each) => each.id in appeal && each.current !== null);
  const weights = seen.map((each) => Math.exp(appeal[each.id] - (sensitivity * each.current) / 1_000));
  const all = weights.reduce((sum, each) => sum + each, 0);
  if (!all) return t("common.unknown");
  const mean = seen.reduce((sum, each, at) => sum + (weights[at] / all) * ((-sensitivity * each.current) / 1_000) * (1 - weights[at] / (1 + all)), 0);
  return plain(mean, 1);
}

function estimated(found, effects, { market, view }) {
  const isOfSegments = market.segments.some((each) => effects.has(each.id));
  return [
    found.simulated ? notice("warn", t("prices.records_made_up")) : null,
    h("p", { text: t("prices.records_read", { source: found.source, rows: number(found.rows), why: pick(found.why.text) }) }),
    found.price_effects.length ? h(
      "p",
      { text: t(isOfSegments ? "prices.records_beside" : "prices.records_usable") },
    ) : notice("warn", t("prices.records_refused")),
    isOfSegments ? null : effectChart(found.price_effects),
    found.elasticity ? h(
      "p",
      { text: t("prices.records_elasticity", { value: plain(found.elasticity.value), interval: between(found.elasticity, plain) }) },
    ) : null,
    found.habits ? h("ul", {}, habitLines(found.habits).map((text) => h("li", { text }))) : null,
    found.remarks.length ? h("ul", { class: "hint" }, found.remarks.map((each) => h("li", { text: pick(each.text) }))) : null,
    fold(
      t("prices.records_all", { count: number(found.estimates.length) }),
      allEstimates(found.estimates),
      { open: view.estimates, key: "estimates", onToggle: (isOpen) => { view.estimates = isOpen; } },
    ),
  ];
}

function effectChart(effects) {
  if (!effects.length) return null;
  return estimateChart("effects", effects, t("prices.effect_axis"));
}

const known = (estimates) => estimates.filter((each) => each.value !== null);

function estimateChart(name, estimates, caption) {
  const rows = known(estimates).map((each) => ({
    label: each.name,
    words: plain(each.value),
    marks: [{ kind: "estimated", mean: each.value, low: each.low, high: each.high }],
  }));
  const label = known(estimates).map(estimateWords).join(" / ");
  return rows.length ? figure(name, label, (width) => dots(rows, { width, format: (value) => plain(value, 1), at: [0] }), { caption }) : null;
}

const estimateWords = (each) => `${each.name}: ${plain(each.value)}${each.low === null ? "" : ` (${between(each, plain)})`}`;

/** All figures: drawn, and those that the records do not tell named below. */
function allEstimates(estimates) {
  const unknown = estimates.filter((each) => each.value === null);
  return [
    estimateChart("estimates", estimates, t("prices.records_axis")),
    unknown.length ? hint(t("prices.records_unknown", { names: unknown.map((each) => each.name).join(t("prices.listing")) })) : null,
  ];
}

function habitLines(habits) {
  const share = (estimate) => (estimate && estimate.value !== null ? percent(estimate.value, 1) : t("common.unknown"));
  const half = habits.curve.find((point) => point.share <= 0.5);
  return [
    ...(half ? [t("prices.habit_half", { days: number(half.days_ahead) })] : []),
    t("prices.habit_cancelled", { share: share(habits.cancelled) }),
    t("prices.habit_stayed_away", { share: share(habits.stayed_away) }),
  ];
}
