/** What each rule costs: the costs add up to that of having rules at all. */

import { h } from "../core/dom.js";
import { number, t, yen } from "../core/texts.js";
import { bars, figure } from "./charts.js";
import { ruleWords, shortYen } from "./figures.js";
import { hint, table, under } from "./parts.js";

export const rulesPart = {
  name: "rules",
  inputs: (state) => [state.plan.result, state.plan.isRunning],
  draw({ state }) {
    const { market, plan: { result: plan, isRunning } } = state;
    const rules = new Map(market.rules.map((each) => [each.id, each]));
    if (!plan || plan.rules_cost_yen === null) return [
      h("h2", { text: t("prices.rules") }),
      stated(market),
      plan && market.rules.length ? hint(t(isRunning ? "prices.rules_coming" : "prices.rules_not_asked")) : null,
    ];
    if (!plan.rule_costs.length) return [h("h2", { text: t("prices.rules") }), h("p", { text: t("prices.no_rules") })];
    const costs = [...plan.rule_costs].sort((one, other) => other.cost_yen - one.cost_yen);
    const words = (cost) => (rules.has(cost.rule) ? ruleWords(rules.get(cost.rule)) : cost.rule);
    const dear = costs.filter((each) => each.cost_yen > 0);
    return [
      h("h2", { text: t("prices.rules") }),
      h("p", { text: t("prices.rules_total", { cost: yen(plan.rules_cost_yen) }) }),
      dear.length ? figure(
        "rules",
        dear.map((each) => `${words(each)}: ${yen(each.cost_yen)}`).join(" / "),
        (width) => bars(
          dear.map((each) => ({ label: words(each), words: yen(each.cost_yen), kind: "rule", mean: each.cost_yen })),
          { width, format: shortYen },
        ),
      ) : null,
      table(
        t("prices.rules"),
        [[t("prices.rule")], [t("prices.rule_binds")], [t("prices.rule_cost"), "number"]],
        costs.map((each) => [[words(each), under(each.rule)], bindsWords(each), yen(each.cost_yen)]),
      ),
      hint(t("prices.rules_hint")),
    ];
  },
};

function stated(market) {
  if (!market.rules.length) return h("p", { text: t("prices.no_rules") });
  return h(
    "ul",
    { class: "prices-rules-stated" },
    market.rules.map((rule) => h(
      "li",
      {},
      ruleWords(rule),
      " ",
      h(
        "small",
        {
          class: "hint",
          text: [rule.id, rule.products ? t("prices.rule_products", { count: number(rule.products.length) }) : null].filter(Boolean).join(" · "),
        },
      ),
    )),
  );
}

function bindsWords(cost) {
  if (cost.binds.length) return t("prices.rule_holds", { count: number(cost.binds.length) });
  return cost.cost_yen ? "" : t("prices.rule_free");
}
