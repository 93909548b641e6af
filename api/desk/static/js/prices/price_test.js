/** A price test: two prices, and which of them each date gets by lot, to learn how prices move demand. */

import { h } from "../core/dom.js";
import { date, number, pick, plusDays, t, yen } from "../core/texts.js";
import { field, flaws, notice, select } from "../core/ui.js";
import { numberField } from "./ask.js";
import { between, productWords, signedYen } from "./figures.js";
import { pricePlans } from "./state.js";
import { begin, seenOf, taskState } from "./tasks.js";
import { facts, hint } from "./parts.js";

const MODES = ["careful", "standard", "bold"];

export const testPart = {
  name: "price-test",
  inputs: ({ market, test, plan }) => [market, plan.result, ...seenOf(test)],
  draw(desk) {
    const { state } = desk;
    const products = state.market.products.filter((each) => each.current !== null);
    if (!products.length) return null;
    const options = optionsOf(state, products);
    const at = flaws(state.test.fault);
    const submit = (event) => {
      event.preventDefault();
      planTest(desk, options);
    };
    return [
      h("h2", { text: t("prices.test") }),
      hint(t("prices.test_hint")),
      h(
        "form",
        { class: "prices-test-form", novalidate: true, on: { submit } },
        field(
          t("prices.test_product"),
          () => select(
            products.map((each) => [each.id, productWords(each)]),
            options.product,
            (id) => { options.product = id; options.sales = expectedSales(state, id); state.changed(); },
            { data: { key: "test-product" } },
          ),
          { fault: at.get("/product"), wide: true },
        ),
        field(
          t("prices.test_first"),
          () => h(
            "input",
            { type: "date", value: options.first, data: { key: "test-first" }, on: { input: (event) => { options.first = event.target.value; } } },
          ),
        ),
        field(t("prices.test_count"), () => numberField(options, "count", { min: 4, max: 366, key: "test-count" }), { fault: at.get("/dates") }),
        field(t("prices.test_every"), () => numberField(options, "every", { min: 1, max: 31, key: "test-every" })),
        field(
          t("prices.test_sales"),
          () => numberField(options, "sales", { min: 0, max: 1e6, step: "any", key: "test-sales" }),
          { fault: at.get("/sales_per_date") },
        ),
        field(
          t("prices.test_mode"),
          () => select(
            MODES.map((each) => [each, t(`prices.test_mode_${each}`)]),
            options.mode,
            (mode) => { options.mode = mode; },
            { data: { key: "test-mode" } },
          ),
          { fault: at.get("/mode") },
        ),
        h("button", { class: "button", type: "submit", data: { key: "plan-test" }, text: t("prices.test_plan") }),
      ),
      taskState(state.test, state.changed, { onRetry: () => planTest(desk, options) }),
      state.test.result ? planned(state, state.test.result) : null,
    ];
  },
};

function optionsOf(state, products) {
  state.testOptions ??= {
    product: products[0].id,
    first: products[0].date,
    count: 20,
    every: 7,
    sales: expectedSales(state, products[0].id),
    mode: "standard",
  };
  return state.testOptions;
}

/** Sales of one date are those of the proposal where there is one; nobody knows them otherwise. */
const expectedSales = (state, id) => {
  const sales = state.plan.result?.products.find((each) => each.product === id)?.sales;
  return sales ? Math.round(sales * 10) / 10 : null;
};

function planTest({ state }, options) {
  const count = Math.max(0, Math.min(366, options.count ?? 0));
  const dates = options.first ? Array.from({ length: count }, (_, at) => plusDays(options.first, at * Math.max(1, options.every || 1))) : [];
  const body = { market: state.source, product: options.product, dates, sales_per_date: options.sales, mode: options.mode };
  return begin(state.test, { path: pricePlans(state, ":test"), body }, () => state.changed());
}

function planned({ market }, found) {
  const product = market.products.find((each) => each.id === found.product);
  const [low, high] = found.prices;
  const figures = [
    [t("prices.test_prices"), `${yen(low)} / ${yen(high)}`],
    [t("prices.test_reach"), `±${number(found.half_width, 2)}`],
    [t("prices.test_needed"), t("prices.test_dates", { count: number(found.dates_for_precision) })],
    [t("prices.test_cost"), `${signedYen(found.cost_yen.mean)} (${between(found.cost_yen, signedYen)})`],
  ];
  return [
    h("h3", { text: t("prices.test_of", { product: productWords(product) }) }),
    found.is_enough ? null : notice("warn", t("prices.test_short")),
    facts(figures),
    h(
      "ol",
      { class: "prices-lots" },
      found.assignment.map(([day, price]) => h("li", { class: price === high ? "lot-high" : null, text: `${date(day, "short")} ${yen(price)}` })),
    ),
    h("ul", {}, [...found.stopping, ...found.assumed].map((each) => h("li", { text: pick(each.text) }))),
  ];
}
