/** What prices are asked for: the aim, how it is tested, and what may be done. */

import { h } from "../core/dom.js";
import { t } from "../core/texts.js";
import { field, flaws, fold, select, tick } from "../core/ui.js";
import { forgetPlan, keepDecisions, pricePlans } from "./state.js";
import { begin, newTask, seenOf, taskState } from "./tasks.js";
import { readRecent } from "./recent.js";
import { hint } from "./parts.js";

const OBJECTIVES = ["revenue", "visitors", "off-peak", "local-spend"];

export const askPart = {
  name: "ask",
  inputs: ({ plan, options, optionFaults }) => [Boolean(plan.result), options.isMixed, optionFaults],
  draw(desk) {
    const { state } = desk;
    const submit = (event) => {
      event.preventDefault();
      propose(desk);
    };
    return [
      h("h2", { text: t("prices.ask") }),
      h(
        "form",
        { class: "form", novalidate: true, on: { submit } },
        fields(state),
        h(
          "button",
          { class: "button primary", type: "submit", data: { key: "propose" } },
          t(state.plan.result ? "prices.propose_again" : "prices.propose"),
        ),
      ),
    ];
  },
};

/** How far the proposal is: apart from the form, in which somebody may be typing. */
export const progressPart = {
  name: "progress",
  inputs: ({ plan }) => seenOf(plan),
  draw: (desk) => taskState(desk.state.plan, desk.state.changed, { onRetry: () => propose(desk) }),
};

function fields(state) {
  const { options } = state;
  const at = (pointer) => state.optionFaults.get(pointer);
  return [
    field(
      t("prices.objective"),
      () => select(
        OBJECTIVES.map((each) => [each, objectiveWords(each)]),
        options.objective,
        (value) => { options.objective = value; },
        { data: { key: "objective" }, disabled: options.isMixed },
      ),
      { hint: t("prices.objective_hint"), fault: at("/objective") },
    ),
    field(
      t("prices.horizons"),
      () => numberField(options, "horizons", { min: 0, max: 10_000, key: "horizons" }),
      { hint: t("prices.horizons_hint"), fault: at("/horizons") },
    ),
    tick(t("prices.rule_costs"), options.ruleCosts, (value) => { options.ruleCosts = value; }, { key: "rule-costs" }),
    fold(
      t("prices.further"),
      h(
        "div",
        { class: "form" },
        tick(t("prices.mixed"), options.isMixed, (value) => { options.isMixed = value; state.changed(); }, { key: "mixed" }),
        options.isMixed ? OBJECTIVES.map((each) => field(
          t(`prices.weight_${each.replaceAll("-", "_")}`),
          () => numberField(options.weights, each, { min: 0, max: 1e6, step: "any", key: `weight-${each}` }),
          { fault: at(`/weights/${each}`) },
        )) : null,
        at("/weights") ? h("p", { class: "fault", text: at("/weights") }) : null,
        tick(t("prices.may_close"), options.mayClose, (value) => { options.mayClose = value; }, { key: "may-close" }),
        hint(t("prices.may_close_hint")),
        field(
          t("prices.iterations"),
          () => numberField(options, "iterations", { min: 1, max: 10_000_000, key: "iterations" }),
          { hint: t("prices.iterations_hint"), fault: at("/iterations") },
        ),
        field(
          t("prices.seed"),
          () => numberField(options, "seed", { min: 0, max: 2 ** 31 - 1, key: "seed" }),
          { hint: t("prices.seed_hint"), fault: at("/seed") },
        ),
      ),
      { open: options.isOpen, key: "further", onToggle: (isOpen) => { options.isOpen = isOpen; } },
    ),
  ];
}

/** Return what prices are for, in words. */
export const objectiveWords = (objective) => t(`prices.objective_${objective.replaceAll("-", "_")}`);

/** Make a field for a number; null where nothing is typed, NaN for what is no number: the server refuses that. */
export function numberField(owner, name, { key, step = 1, ...limits }) {
  const input = ({ target }) => { owner[name] = target.value === "" && !target.validity.badInput ? null : target.valueAsNumber; };
  return h(
    "input",
    { type: "number", inputmode: step === 1 ? "numeric" : "decimal", step, ...limits, value: owner[name] ?? "", data: { key }, on: { input } },
  );
}

/** Return a request for prices. */
function planRequest(state, market) {
  const { options } = state;
  return {
    market,
    objective: options.objective,
    weights: options.isMixed ? Object.fromEntries(OBJECTIVES.map((each) => [each, options.weights[each] ?? 0])) : null,
    horizons: options.horizons ?? 0,
    seed: options.seed ?? 1,
    rule_costs: options.ruleCosts,
    may_close: options.mayClose,
    ...(options.iterations === null ? {} : { iterations: options.iterations }),
  };
}

/** Ask for prices; a market other than the one on the page holds rules for prices set by hand. */
export async function propose(desk, { market = desk.state.source } = {}) {
  const { state } = desk;
  forgetPlan(state);
  state.optionFaults = new Map();
  state.isMixedPlan = state.options.isMixed;
  for (const name of ["simulation", "backtest"]) {
    state[name].watch?.abort();
    state[name] = newTask();
  }
  const name = () => {
    const id = state.plan.job?.id;
    if (id && id !== state.planId) {
      state.planId = id;
      keepDecisions(state);
      readRecent(desk);
    }
    state.changed();
  };
  await begin(state.plan, { path: pricePlans(state), body: planRequest(state, market) }, name);
  state.optionFaults = flaws(state.plan.fault);
  readRecent(desk);
  state.changed();
}
