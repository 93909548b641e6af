/** The later half of the records, foretold from what came before, and replayed at the prices of the proposal. */

import { h } from "../core/dom.js";
import { date, number, percent, pick, t, yen } from "../core/texts.js";
import { button, fold } from "../core/ui.js";
import { sentPlan } from "./by_hand.js";
import { dots, figure, legend } from "./charts.js";
import { between, signedPercent, signedYen } from "./figures.js";
import { pricePlans } from "./state.js";
import { begin, seenOf, taskState } from "./tasks.js";
import { facts, hint } from "./parts.js";

export const backtestPart = {
  name: "backtest",
  inputs: ({ records, plan, backtest }) => [records, plan.result, plan.isRunning, ...seenOf(backtest)],
  draw(desk) {
    const { state } = desk;
    const { records, backtest } = state;
    if (!records) return null;
    return [
      h("h2", { text: t("prices.backtest") }),
      hint(t("prices.backtest_hint")),
      h(
        "div",
        { class: "prices-actions" },
        button(t("prices.backtest_run"), () => backtestOf(desk), { key: "backtest", disabled: state.plan.isRunning }),
      ),
      taskState(backtest, state.changed, { onRetry: () => backtestOf(desk) }),
      backtest.result ? foretold(backtest.result, state.view) : null,
    ];
  },
};

function backtestOf({ state }) {
  const plan = state.plan.result ? { plan: state.byHand.size ? sentPlan(state) : state.planId } : {};
  const body = { records: state.records, ...plan };
  return begin(state.backtest, { path: pricePlans(state, ":backtest"), body }, () => state.changed());
}

function foretold(found, view) {
  const share = (value, write = percent) => (value === null ? t("common.unknown") : write(value, 1));
  const figures = [
    [t("prices.backtest_error"), share(found.mape)],
    [t("prices.backtest_bias"), share(found.bias, signedPercent)],
    [t("prices.backtest_coverage"), share(found.coverage)],
    [t("prices.backtest_actual"), yen(found.actual_yen)],
    [t("prices.backtest_foretold"), yen(found.foretold_yen)],
    ...(found.proposed_yen ? [[t("prices.backtest_proposed"), `${yen(found.proposed_yen.mean)} (${between(found.proposed_yen)})`]] : []),
    ...(found.more_yen ? [[t("prices.backtest_more"), `${signedYen(found.more_yen.mean)} (${between(found.more_yen, signedYen)})`]] : []),
  ];
  const rows = found.dates.map((each) => ({
    label: date(each.date, "short"),
    words: number(each.actual, 0),
    marks: [{ kind: "static", ...each.foretold }, { kind: "today", mean: each.actual }],
  }));
  const label = found.dates.map((each) => `${date(each.date, "short")}: ${number(each.actual)} (${number(each.foretold.mean, 1)})`).join(" / ");
  return [
    facts(figures),
    fold(
      t("prices.backtest_dates", { count: number(found.dates.length) }),
      [
        legend([["static", t("prices.backtest_legend_foretold")], ["today", t("prices.backtest_legend_actual")]]),
        figure(
          "backtest",
          label,
          (width) => dots(rows, { width, format: (value) => number(value), at: [0] }),
          { caption: t("prices.backtest_axis") },
        ),
      ],
      { open: view.backtest, key: "backtest-dates", onToggle: (isOpen) => { view.backtest = isOpen; } },
    ),
    found.remarks.length ? h("ul", { class: "hint" }, found.remarks.map((each) => h("li", { text: pick(each.text) }))) : null,
  ];
}
