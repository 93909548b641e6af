/** Ways of setting prices, played on the same simulated customers. */

import { h } from "../core/dom.js";
import { number, t, yen } from "../core/texts.js";
import { choices, field, flaws, fold, tick } from "../core/ui.js";
import { numberField } from "./ask.js";
import { sentPlan } from "./by_hand.js";
import { dots, figure } from "./charts.js";
import { between, policyWords, shortYen, signedYen } from "./figures.js";
import { pricePlans } from "./state.js";
import { begin, seenOf, taskState } from "./tasks.js";
import { hint, table, under } from "./parts.js";

const POLICIES = ["static", "dynamic", "rule-based"];

export const simulationPart = {
  name: "simulation",
  inputs: ({ plan, simulation, byHand }) => [
    plan.result,
    plan.isRunning,
    ...seenOf(simulation),
    byHand.size,
    [...byHand.values()].join(";"),
  ],
  draw(desk) {
    const { state } = desk;
    const { plan, simulation, simulationOptions: options } = state;
    if (!plan.result) return null;
    const comparison = simulation.result?.comparison ?? (simulation.isRunning ? null : plan.result.comparison);
    const submit = (event) => {
      event.preventDefault();
      simulate(desk);
    };
    const at = flaws(simulation.fault);
    return [
      h("h2", { text: t("prices.simulation") }),
      hint(t("prices.simulation_hint")),
      h(
        "form",
        { class: "prices-simulate", novalidate: true, on: { submit } },
        field(
          t("prices.simulation_horizons"),
          () => numberField(options, "horizons", { min: 2, max: 10_000, key: "simulation-horizons" }),
          { fault: at.get("/horizons") },
        ),
        h("button", { class: "button primary", type: "submit", disabled: plan.isRunning, data: { key: "simulate" }, text: t("prices.simulate") }),
      ),
      fold(
        t("prices.further"),
        furtherOptions(state),
        { open: options.isOpen, key: "simulation-further", onToggle: (isOpen) => { options.isOpen = isOpen; } },
      ),
      taskState(simulation, state.changed, { onRetry: () => simulate(desk) }),
      comparison ? compared(comparison, { isByHand: Boolean(simulation.result && simulation.isByHand) }) : null,
    ];
  },
};

function furtherOptions({ simulationOptions: options }) {
  const choose = (policy) => (isChosen) => { options.policies = POLICIES.filter((each) => (each === policy ? isChosen : options.policies.includes(each))); };
  return h(
    "div",
    { class: "form" },
    h(
      "fieldset",
      { class: "prices-ticks" },
      h("legend", { text: t("prices.simulation_policies") }),
      POLICIES.map((each) => tick(policyWords(each), options.policies.includes(each), choose(each), { key: `policy-${each}` })),
    ),
    choices(
      t("prices.demand_kind"),
      ["as-stated", "drawn-from-ranges"].map((value) => ({ value, label: t(`prices.demand_${value.replaceAll("-", "_")}`) })),
      options.demand,
      (value) => { options.demand = value; },
      { key: "demand-kind" },
    ),
    hint(t("prices.demand_hint")),
  );
}

function simulate({ state }) {
  const { simulationOptions: options, simulation } = state;
  simulation.isByHand = state.byHand.size > 0;
  const body = {
    market: state.source,
    plan: simulation.isByHand ? sentPlan(state) : state.planId,
    policies: ["today", ...options.policies],
    horizons: options.horizons,
    demand: options.demand,
    seed: state.plan.result.seed,
  };
  return begin(simulation, { path: pricePlans(state, ":simulate"), body }, () => state.changed());
}

function compared(comparison, { isByHand }) {
  const kind = (policy) => (policy === "static" && isByHand ? "hand" : policy);
  const name = (policy) => (policy === "static" && isByHand ? t("prices.policy_by_hand") : policyWords(policy));
  const more = (outcome) => (outcome.more_than_today ? signedYen(outcome.more_than_today.mean) : "");
  const rows = comparison.outcomes.map((outcome) => ({
    label: name(outcome.policy),
    words: [yen(outcome.revenue_yen.mean), more(outcome)].filter(Boolean).join(" / "),
    marks: [{ kind: kind(outcome.policy), ...outcome.revenue_yen }],
  }));
  const label = comparison.outcomes.map((outcome) => `${name(outcome.policy)}: ${yen(outcome.revenue_yen.mean)} (${between(outcome.revenue_yen)})`).join(" / ");
  return [
    h("p", { text: t("prices.simulation_done", { horizons: number(comparison.horizons) }) }),
    figure("simulation", label, (width) => dots(rows, { width, format: shortYen }), { caption: t("prices.simulation_axis") }),
    table(
      t("prices.simulation"),
      [[t("prices.policy")], [t("prices.revenue"), "number"], [t("prices.sales"), "number wide-only"], [t("prices.more_than_today"), "number"]],
      comparison.outcomes.map((outcome) => [name(outcome.policy), ...figuresOf(outcome)]),
    ),
    hint(t("prices.simulation_note")),
  ];
}

/** Return revenue, sales and the paired difference to today's prices as cells. */
function figuresOf({ revenue_yen: revenue, sales, more_than_today: more }) {
  return [
    [yen(revenue.mean), under(between(revenue))],
    number(sales.mean, 1),
    more ? [signedYen(more.mean), under(between(more, signedYen))] : "",
  ];
}
