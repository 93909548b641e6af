/** Product by product: today's price, the one proposed, what it sells, and why. */

import { h } from "../core/dom.js";
import { date, number, pick, t, yen } from "../core/texts.js";
import { badge, button, choices, select } from "../core/ui.js";
import { openByHand } from "./by_hand.js";
import { byWeight, offerName, price, rateWords, slotWords, stepsOf } from "./figures.js";
import { hint } from "./parts.js";

const MORE = 20;

export const pricesPart = {
  name: "products",
  inputs: (state) => [
    state.plan.result,
    state.byHand.size,
    [...state.byHand.values()].join(";"),
    state.view.order,
    state.view.offer,
    state.view.shown,
    state.plan.isRunning,
  ],
  draw(desk) {
    const { state } = desk;
    const rows = rowsOf(state);
    const shown = rows.slice(0, state.view.shown);
    return [
      h("h2", { text: t(state.plan.result ? "prices.prices_title" : "prices.prices_today_title") }),
      hint(t(state.plan.result ? "prices.prices_hint" : "prices.prices_today_hint")),
      tools(state),
      h(
        "table",
        { class: "prices-table" },
        h("caption", { class: "visually-hidden", text: t(state.plan.result ? "prices.prices_title" : "prices.prices_today_title") }),
        h("thead", {}, h("tr", {}, columns(state).map(([name, kind]) => h("th", { scope: "col", class: kind, text: name })))),
        shown.map((row) => (state.plan.result ? planned(desk, row) : plain(row))),
      ),
      rows.length > shown.length ? button(
        t("common.more", { count: number(Math.min(MORE, rows.length - shown.length)) }),
        () => { state.view.shown += MORE; state.changed(); },
        { key: "more-prices" },
      ) : null,
      rows.length ? null : hint(t("prices.no_products")),
    ];
  },
};

/** Return [{product, planned}] in the order and choice that was made. */
function rowsOf({ market, plan, view }) {
  const products = new Map(market.products.map((product) => [product.id, product]));
  const result = plan.result?.products ?? market.products.map(({ id }) => ({ product: id }));
  const ordered = plan.result && view.order === "weight" ? byWeight(result) : result;
  const rows = ordered.map((each) => ({ product: products.get(each.product), planned: each }));
  if (!plan.result || view.order === "date") rows.sort((one, other) => (keyOf(one.product) < keyOf(other.product) ? -1 : 1));
  return rows.filter(({ product }) => product && (!view.offer || offerName(product) === view.offer));
}

const keyOf = (product) => `${product.date} ${product.start ?? ""} ${product.id}`;

function tools(state) {
  const offers = [...new Set(state.market.products.map(offerName))].sort();
  // The names are those of one language.
  if (state.view.offer && !offers.includes(state.view.offer)) state.view.offer = "";
  const choose = (name) => (value) => {
    state.view[name] = value;
    state.changed();
  };
  return h(
    "div",
    { class: "prices-tools" },
    state.plan.result ? choices(
      t("prices.order"),
      [{ value: "weight", label: t("prices.order_weight") }, { value: "date", label: t("prices.order_date") }],
      state.view.order,
      choose("order"),
      { key: "order" },
    ) : null,
    offers.length > 1 ? select(
      [["", t("prices.all_offers")], ...offers.map((each) => [each, each])],
      state.view.offer,
      choose("offer"),
      { "aria-label": t("prices.offer"), data: { key: "offer" } },
    ) : null,
  );
}

function columns(state) {
  if (!state.plan.result) return [
    [t("prices.offer")],
    [t("prices.today"), "number"],
    [t("prices.ladder"), "wide-only"],
    [t("prices.cost"), "number wide-only"],
  ];
  return [
    [t("prices.offer")],
    [t("prices.today"), "number"],
    [t("prices.proposed"), "number"],
    [t("prices.sales"), "number wide-only"],
    [t("prices.revenue"), "number wide-only"],
    [t("prices.change"), "number"],
  ];
}

/** A row before anything is proposed. */
function plain({ product }) {
  const ladder = product.ladder.map((each) => number(each)).join(" · ");
  return h(
    "tbody",
    {},
    h(
      "tr",
      {},
      offerCell(product),
      h("td", { class: "number", text: product.current === null ? t("prices.new_product") : yen(product.current) }),
      h("td", { class: "wide-only", text: ladder }),
      h("td", { class: "number wide-only", text: yen(product.cost) }),
    ),
  );
}

/** Two rows: the figures, and below them the reasons. */
function planned(desk, { product, planned: row }) {
  const { state } = desk;
  const path = state.byHand.get(row.product);
  const [proposed, ...later] = stepsOf(state.market, product, path ?? row.path);
  const now = proposed?.[1] ?? null;
  const laterWords = later.map(([first, each]) => t("prices.later", { date: date(first, "short"), price: price(each) })).join(t("prices.listing"));
  const direction = now === row.current || now === null || row.current === null ? "same" : now > row.current ? "up" : "down";
  return h(
    "tbody",
    { class: path ? "prices-row-by-hand" : null },
    h(
      "tr",
      {},
      offerCell(product, path ? badge(t("prices.set_by_hand"), "warn") : null),
      h("td", { class: "number", text: row.current === null ? t("prices.new_product") : yen(row.current) }),
      h(
        "td",
        { class: "number" },
        h(
          "strong",
          { class: `price-${direction}` },
          h("span", { class: "visually-hidden", text: `${t(`prices.direction_${direction}`)} ` }),
          arrow(direction),
          price(now),
        ),
        laterWords ? h("small", { class: "hint", text: laterWords }) : null,
      ),
      h("td", { class: "number wide-only", text: path ? t("common.unknown") : number(row.sales, 1) }),
      h("td", { class: "number wide-only", text: path ? t("common.unknown") : yen(row.revenue_yen) }),
      h(
        "td",
        { class: "number" },
        button(
          t("prices.override"),
          () => openByHand(desk, product),
          {
            icon: "edit",
            quietly: true,
            key: `by-hand-${product.id}`,
            "aria-label": t("prices.override_of", { product: `${offerName(product)} ${date(product.date, "short")} ${slotWords(product)}` }),
            disabled: state.plan.isRunning,
          },
        ),
      ),
    ),
    h(
      "tr",
      { class: "prices-why" },
      h(
        "td",
        { colspan: 6 },
        path ? h("p", { text: t("prices.by_hand_no_reason") }) : h(
          "ul",
          {},
          reasonsBeside(row).map((reason) => h("li", { text: pick(reason.text) })),
        ),
      ),
    ),
  );
}

const arrow = (direction) => h("span", { "aria-hidden": "true", text: { up: "▲ ", down: "▼ ", same: "" }[direction] });

/** The reason that words later changes is left out: they stand in the row. */
const reasonsBeside = ({ reasons }) => reasons.filter(({ code }) => code !== "LATER_CHANGE");

function offerCell(product, ...marks) {
  return h(
    "th",
    { scope: "row" },
    h("span", { class: "offer-name", text: offerName(product) }),
    product.rate === "public" ? null : badge(rateWords(product)),
    marks,
    h("small", { class: "hint" }, date(product.date, "short"), " ", h("span", { class: "prices-slot", text: slotWords(product) })),
  );
}
