/** How full each slot gets on each date: a table whose cells are coloured, and hold their number. */

import { h } from "../core/dom.js";
import { date, number, percent, pick, t } from "../core/texts.js";
import { choices } from "../core/ui.js";
import { offerName, outcomeOf, signedNumber } from "./figures.js";
import { hint } from "./parts.js";

const MOST_ROWS = 80;
/** Shares from which a cell has its next, darker ground. */
const SHADES = [0.15, 0.35, 0.55, 0.75, 0.9];

export const occupancyPart = {
  name: "occupancy",
  inputs: (state) => [state.plan.result, state.view.heat],
  draw({ state }) {
    const { market, plan: { result: plan }, view } = state;
    if (!plan) return null;
    const shares = { today: sharesOf(plan, "today"), proposal: sharesOf(plan, "static") };
    const isTested = Boolean(shares.today && shares.proposal);
    const heat = isTested ? view.heat : "proposal";
    const slots = slotsOf(market);
    const share = (id) => (isTested ? { proposal: shares.proposal.get(id), today: shares.today.get(id) } : { proposal: expectedShare(plan, id) });
    const choose = (value) => { view.heat = value; state.changed(); };
    return [
      h("h2", { text: t("prices.occupancy") }),
      hint(t(isTested ? "prices.occupancy_tested" : "prices.occupancy_expected")),
      isTested ? choices(
        t("prices.occupancy_which"),
        ["proposal", "today", "change"].map((value) => ({ value, label: t(`prices.heat_${value}`) })),
        heat,
        choose,
        { key: "heat" },
      ) : null,
      slots.rows.length ? heatMap(slots, share, heat) : h("p", { text: t("prices.no_slots") }),
      slots.others.length ? h(
        "ul",
        { class: "hint" },
        slots.others.map((capacity) => h("li", { text: `${pick(capacity.name)}: ${cellWords(share(capacity.id), heat)}` })),
      ) : null,
      scarce(market, plan),
    ];
  },
};

/** Return the share of all units in use by capacity, as tested: booked before, sold, and walked in. */
function sharesOf(plan, policy) {
  const outcome = outcomeOf(plan.comparison, policy);
  if (!outcome) return null;
  return new Map(
    plan.capacities.map(({ capacity, units, booked, kept }) => {
      const open = Math.max(0, units - booked - kept);
      const used = booked + (outcome.occupancy[capacity] ?? 0) * open + (outcome.walk_ins[capacity] ?? 0);
      return [capacity, Math.min(1, used / units)];
    }),
  );
}

function expectedShare(plan, id) {
  const found = plan.capacities.find((each) => each.capacity === id);
  return found ? Math.min(1, (found.booked + found.expected) / found.units) : undefined;
}

/** Return capacities of one date as rows (place and time) and columns (dates); `others` belong to several dates, or none. */
function slotsOf(market) {
  const rows = new Map();
  const others = [];
  const usersOf = new Map(market.capacities.map(({ id }) => [id, []]));
  for (const product of market.products) for (const id of Object.keys(product.capacities)) usersOf.get(id)?.push(product);
  for (const capacity of market.capacities) {
    const users = usersOf.get(capacity.id);
    if (new Set(users.map((each) => each.date)).size !== 1) {
      others.push(capacity);
      continue;
    }
    const [first] = users.sort((one, other) => ((one.start ?? "") < (other.start ?? "") ? -1 : 1));
    const key = [first.asset ?? first.operator, first.start ?? "", offerName(first)].join("\n");
    if (!rows.has(key)) rows.set(key, { label: [offerName(first), first.start].filter(Boolean).join(" "), cells: new Map() });
    const { cells } = rows.get(key);
    cells.set(first.date, [...(cells.get(first.date) ?? []), capacity.id]);
  }
  const dates = [...new Set([...rows.values()].flatMap(({ cells }) => [...cells.keys()]))].sort();
  return { rows: [...rows.keys()].sort().map((key) => rows.get(key)), dates, others };
}

function heatMap({ rows: all, dates }, share, heat) {
  const rows = all.slice(0, MOST_ROWS);
  const left = all.length - rows.length;
  return [table(rows, dates, share, heat), left ? hint(t("prices.heat_left_out", { count: number(left) })) : null];
}

function table(rows, dates, share, heat) {
  return h(
    "div",
    { class: "heat-holder", tabindex: "0", role: "region", "aria-label": t("prices.occupancy"), data: { scroll: "heat", key: "heat-map" } },
    h(
      "table",
      { class: "heat" },
      h("caption", { class: "visually-hidden", text: t("prices.heat_caption", { what: t(`prices.heat_${heat}`) }) }),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col", text: t("prices.slot") }),
          dates.map((day) => h(
            "th",
            { scope: "col", class: "heat-date" },
            h("span", { class: "when-wide", text: date(day, "short") }),
            h("span", { class: "when-narrow", text: date(day, "bare") }),
          )),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, h("th", { scope: "row", text: row.label }), dates.map((day) => cell(row.cells.get(day), share, heat)))),
      ),
    ),
  );
}

function cell(ids, share, heat) {
  if (!ids) return h("td", {}, h("span", { class: "visually-hidden", text: t("prices.heat_no_slot") }));
  const all = ids.map(share);
  // Not known of one is not known of all.
  const mean = (name) => (all.some((each) => each[name] === undefined) ? undefined : all.reduce((sum, each) => sum + each[name], 0) / all.length);
  const shares = { proposal: mean("proposal"), today: mean("today") };
  const words = cellWords(shares, heat);
  return h(
    "td",
    {
      class: `heat-cell ${shade(shares, heat)}`,
      title: shares.today === undefined ? null : `${t("prices.heat_today")} ${percent(shares.today)} → ${t("prices.heat_proposal")} ${percent(shares.proposal)}`,
      text: words,
    },
  );
}

function cellWords(shares, heat) {
  if (heat === "change") return t("prices.points", { points: signedNumber(100 * (shares.proposal - shares.today)) });
  const share = shares[heat];
  return share === undefined ? t("common.unknown") : percent(share);
}

function shade(shares, heat) {
  if (heat !== "change") return `heat-${SHADES.filter((each) => shares[heat] >= each).length}`;
  const change = shares.proposal - shares.today;
  const size = Math.abs(change) < 0.02 ? 0 : Math.abs(change) < 0.1 ? 1 : 2;
  return size ? `heat-${change > 0 ? "more" : "less"}-${size}` : "heat-0";
}

/** Tell where one more unit would be worth most. */
function scarce(market, plan) {
  const names = new Map(market.capacities.map((each) => [each.id, each]));
  const dear = plan.capacities.filter((each) => each.bid_price_yen >= 1).sort((one, other) => other.bid_price_yen - one.bid_price_yen).slice(0, 5);
  if (!dear.length) return null;
  return [
    h("h3", { text: t("prices.scarce") }),
    h(
      "ol",
      { class: "prices-scarce" },
      dear.map((each) => h(
        "li",
        {},
        t("prices.scarce_item", { name: pick(names.get(each.capacity).name), worth: number(Math.round(each.bid_price_yen)) }),
      )),
    ),
  ];
}
