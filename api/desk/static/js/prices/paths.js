/** How prices move until the day: steps over the days before, beside today's price. */

import { h } from "../core/dom.js";
import { number, t, yen } from "../core/texts.js";
import { select } from "../core/ui.js";
import { figure, legend, pricePath, stroke } from "./charts.js";
import { byWeight, daysBetween, price, productWords, stepsOf } from "./figures.js";
import { hint } from "./parts.js";

const SHOWN = 6;
/** Products to choose from, the weightiest first. */
const MOST_CHOICES = 500;

export const pathsPart = {
  name: "paths",
  inputs: (state) => [state.plan.result, state.byHand.size, [...state.byHand.values()].join(";"), state.view.path],
  draw({ state }) {
    const { market, plan: { result: plan }, view } = state;
    if (!plan) return null;
    const products = new Map(market.products.map((each) => [each.id, each]));
    const telling = view.path ? plan.products.filter((each) => each.product === view.path) : tellingOf(plan, products);
    const options = [
      ["", t("prices.path_telling", { count: Math.min(SHOWN, plan.products.length) })],
      ...byWeight(plan.products).slice(0, MOST_CHOICES).map((each) => [each.product, productWords(products.get(each.product))]),
    ];
    const hasByHand = telling.some((each) => state.byHand.has(each.product));
    return [
      h("h2", { text: t("prices.path_title") }),
      hint(t("prices.path_hint")),
      h(
        "div",
        { class: "prices-tools" },
        select(options, view.path, (id) => { view.path = id; state.changed(); }, { "aria-label": t("prices.path_choose"), data: { key: "path" } }),
      ),
      legend(
        [["today", t("prices.today_price")], ["static", t("prices.proposed_price")], ...(hasByHand ? [["hand", t("prices.set_by_hand")]] : [])],
        stroke,
      ),
      h("div", { class: view.path ? "path-grid single" : "path-grid" }, telling.map((each) => pathOf(state, products.get(each.product), each))),
    ];
  },
};

/** Return the weightiest product of each operator, then the next weightiest, in their own order. */
function tellingOf(plan, products) {
  const ordered = byWeight(plan.products);
  const firsts = new Map();
  for (const each of ordered) {
    const operator = products.get(each.product).operator;
    if (!firsts.has(operator)) firsts.set(operator, each);
  }
  const chosen = new Set([...firsts.values(), ...ordered].slice(0, SHOWN));
  for (const each of ordered) if (chosen.size < SHOWN) chosen.add(each);
  return plan.products.filter((each) => chosen.has(each));
}

function pathOf(state, product, planned) {
  const { market } = state;
  const before = (day) => daysBetween(day, product.date);
  const line = (kind, path) => ({ kind, steps: stepsOf(market, product, path).map(([first, each]) => [before(first), each]) });
  const byHand = state.byHand.get(product.id);
  const lines = [line("static", planned.path), ...(byHand ? [line("hand", byHand)] : [])];
  const most = Math.max(1, before(market.today));
  const formatDays = (days) => (days === 0 ? t("prices.the_day") : t("prices.days_before", { days: number(days) }));
  return figure(
    state.view.path ? "path-single" : "path",
    lines.map((each) => pathWords(product, planned, each)).join(" / "),
    (width) => pricePath(lines, { width, format: yen, formatDays, today: planned.current, most }),
    { caption: productWords(product) },
  );
}

/** The text alternative: every step with the days before from which it holds. */
function pathWords(product, planned, { kind, steps }) {
  const words = steps.map(([days, each]) => t("prices.path_step", { days: number(days), price: price(each) })).join(t("prices.listing"));
  const today = planned.current === null ? t("prices.new_product") : price(planned.current);
  return t(kind === "hand" ? "prices.path_words_hand" : "prices.path_words", { product: productWords(product), today, steps: words });
}
