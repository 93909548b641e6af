/** What the proposal brings against today's prices, how sure that is, and what no prices exceed. */

import { h } from "../core/dom.js";
import { number, percent, t, yen } from "../core/texts.js";
import { notice } from "../core/ui.js";
import { objectiveWords } from "./ask.js";
import { bars, figure } from "./charts.js";
import { between, outcomeOf, shortYen, signedPercent, signedYen } from "./figures.js";
import { facts, hint } from "./parts.js";

export const headlinePart = {
  name: "headline",
  inputs: (state) => [state.plan.result, state.plan.isRunning],
  draw({ state }) {
    const { result: plan, isRunning } = state.plan;
    if (!plan) return null;
    const today = outcomeOf(plan.comparison, "today");
    const proposal = outcomeOf(plan.comparison, "static");
    return [
      h("h2", { text: t("prices.headline") }),
      today && proposal ? tested(plan, today, proposal) : h("p", { class: "prices-big", text: yen(plan.model_revenue_yen) }),
      today && proposal ? null : h("p", { text: t(isRunning ? "prices.untested_yet" : "prices.untested") }),
      figure("headline", chartWords(plan, today, proposal), (width) => bars(rowsOf(plan, today, proposal), { width, format: shortYen }), {}),
      plan.figures ? facts(figuresOf(plan.figures)) : null,
      hint(boundWords(plan)),
      hint(provenance(state, plan)),
    ];
  },
};

function tested(plan, today, proposal) {
  const more = proposal.more_than_today;
  const share = today.revenue_yen.mean > 0 ? signedPercent(more.mean / today.revenue_yen.mean) : "";
  const doubt = more.low > 0 ? null : t(more.high < 0 ? "prices.worse" : "prices.unsure");
  return [
    h("p", { class: "prices-big" }, h("strong", { text: signedYen(more.mean) }), " ", h("span", { text: share })),
    h("p", { text: t("prices.more_words", { interval: between(more, signedYen), horizons: number(plan.comparison.horizons) }) }),
    doubt ? notice("warn", doubt) : null,
  ];
}

function rowsOf(plan, today, proposal) {
  const row = (label, kind, { mean, low, high }) => ({ label, kind, words: yen(mean), mean, low, high });
  return [
    ...(today ? [row(t("prices.row_today"), "today", today.revenue_yen)] : []),
    ...(proposal ? [row(t("prices.row_proposal"), "static", proposal.revenue_yen)] : []),
    row(t("prices.row_model"), "model", { mean: plan.model_revenue_yen }),
    ...(Number.isFinite(plan.bound_yen) ? [row(t("prices.row_bound"), "bound", { mean: Math.ceil(plan.bound_yen) })] : []),
  ];
}

/** The text alternative: each bar with its interval. */
const chartWords = (plan, today, proposal) =>
  rowsOf(plan, today, proposal).map(({ label, mean, low, high }) => `${label}: ${yen(mean)}${low === undefined ? "" : ` (${between({ low, high })})`}`).join(" / ");

/** What the prices bring in the model, aim by aim. */
const figuresOf = (figures) => [
  [t("prices.figure_visitors"), number(figures.visitors, 1)],
  [t("prices.figure_off_peak"), figures.off_peak_share === null ? t("common.unknown") : percent(figures.off_peak_share, 1)],
  [t("prices.figure_local_spend"), yen(figures.local_spend_yen)],
];

function boundWords(plan) {
  const values = { revenue: yen(plan.model_revenue_yen), bound: yen(Math.ceil(plan.bound_yen)) };
  if (plan.gap === null) return t("prices.no_bound", values);
  // The gap is that of the aim; the bound in yen is that of revenue, which may be another one.
  const isOfRevenue = Math.abs(1 - plan.model_revenue_yen / plan.bound_yen - plan.gap) < 1e-6;
  if (!isOfRevenue) return t("prices.bound_of_aim", { ...values, gap: number(Math.ceil(plan.gap * 1000) / 10, 1) });
  if (plan.status === "optimal") return t("prices.optimal", values);
  // Rounded up, so that it stays true.
  return t("prices.bound", { ...values, gap: number(Math.ceil(plan.gap * 1000) / 10, 1) });
}

const provenance = ({ isMixedPlan }, plan) => t(
  "prices.provenance",
  { objective: isMixedPlan ? t("prices.several_aims") : objectiveWords(plan.objective), limit: t(`prices.limit_${plan.limit}`), seed: plan.seed },
);
