/** Prices set by hand: chosen from the ladder, tested on the same customers as the proposal, and held against the rules. */

import { announce, h } from "../core/dom.js";
import { date, number, pick, t, yen } from "../core/texts.js";
import { button, field, notice, openDialog, select } from "../core/ui.js";
import { propose } from "./ask.js";
import { between, outcomeOf, pairedDifference, price, productWords, signedYen, stepsOf } from "./figures.js";
import { isForbidden } from "./ladder.js";
import { effectivePlan, keepDecisions, pricePlans } from "./state.js";
import { begin, newTask, seenOf, taskState } from "./tasks.js";
import { facts, hint } from "./parts.js";

const HORIZONS = 200;
/** How rules are called that prices set by hand became. */
const FIXED = "by-hand-";

export const handPart = {
  name: "by-hand",
  inputs: ({ byHand, handTest, plan, market }) => [
    byHand.size,
    [...byHand.values()].join(";"),
    ...seenOf(handTest),
    plan.result,
    plan.isRunning,
    market,
  ],
  draw(desk) {
    const { state } = desk;
    const fixed = fixedList(desk);
    if (!state.plan.result || !(state.byHand.size || fixed.length)) return null;
    const title = [
      h("h2", { text: t("prices.hand_title") }),
      h("ul", { class: "prices-hand-list" }, fixed, [...state.byHand].map(([id, path]) => item(desk, id, path))),
    ];
    if (!state.byHand.size) return title;
    return [
      title,
      taskState(state.handTest, state.changed, { onRetry: () => testByHand(desk) }),
      state.handTest.result ? outcome(state) : null,
      hint(t("prices.hand_unknown")),
      h(
        "div",
        { class: "prices-actions" },
        button(t("prices.hand_again"), () => proposeAround(desk), { key: "around", disabled: state.plan.isRunning || !canBeRules(state) }),
        button(t("prices.hand_undo_all"), () => { state.byHand.clear(); decided(desk); }, { key: "undo-all" }),
      ),
      hint(t(canBeRules(state) ? "prices.hand_again_hint" : "prices.hand_again_not")),
    ];
  },
};

function item(desk, id, path) {
  const { state } = desk;
  const product = state.market.products.find((each) => each.id === id);
  const planned = state.plan.result.products.find((each) => each.product === id);
  return h(
    "li",
    {},
    h(
      "span",
      {},
      h("strong", { text: productWords(product) }),
      h(
        "span",
        {
          class: "hint",
          text: t("prices.hand_change", { proposed: pathWords(state, product, planned.path), chosen: pathWords(state, product, path) }),
        },
      ),
    ),
    button(
      t("prices.override_of", { product: productWords(product) }),
      () => openByHand(desk, product),
      { icon: "edit", quietly: true, key: `edit-${id}` },
    ),
    button(
      t("prices.hand_undo", { product: productWords(product) }),
      () => { state.byHand.delete(id); decided(desk); },
      { icon: "close", quietly: true, key: `undo-${id}` },
    ),
  );
}

function pathWords(state, product, path) {
  const [[, first], ...later] = stepsOf(state.market, product, path);
  return [price(first), ...later.map(([day, each]) => t("prices.later", { date: date(day, "short"), price: price(each) }))].join(t("prices.listing"));
}

/** What the test says: against the proposal and against today's prices, and which rules are broken. */
function outcome(state) {
  const { result } = state.handTest;
  const hand = outcomeOf(result.comparison, "static");
  const proposal = outcomeOf(state.plan.result.comparison, "static");
  const isSame =
    proposal &&
    state.plan.result.comparison.seed === result.comparison.seed &&
    proposal.revenues_yen.length === hand.revenues_yen.length;
  const paired = isSame ? pairedDifference(hand.revenues_yen, proposal.revenues_yen) : null;
  const figures = [
    [t("prices.hand_revenue"), `${yen(hand.revenue_yen.mean)} (${between(hand.revenue_yen)})`],
    ...(paired ? [[t("prices.hand_to_proposal"), `${signedYen(paired.mean)} (${between(paired, signedYen)})`]] : []),
    ...(hand.more_than_today ? [[
      t("prices.hand_to_today"),
      `${signedYen(hand.more_than_today.mean)} (${between(hand.more_than_today, signedYen)})`,
    ]] : []),
  ];
  return [
    facts(figures),
    hint(t("prices.hand_tested", { horizons: number(result.comparison.horizons) })),
    result.broken.length
      ? notice(
        "warn",
        h("strong", { text: t("prices.hand_breaks") }),
        h("ul", {}, brokenLines(state, result.broken).map((text) => h("li", { text }))),
      )
      : h("p", { text: t("prices.hand_keeps") }),
  ];
}

/** Return a line for each rule and the products that break it, with the days from which they do. */
function brokenLines({ market }, broken) {
  const names = new Map(market.products.map((each) => [each.id, productWords(each)]));
  const lines = new Map();
  for (const { text, where } of broken) {
    // `loom-19, loom-20 2026-12-01`
    const parts = where.split(/,? /);
    const days = parts.filter((part) => /^\d{4}-\d\d-\d\d$/.test(part));
    const who = parts.filter((part) => !days.includes(part)).map((part) => names.get(part) ?? part).join(t("prices.listing"));
    const key = t("prices.hand_broken_at", { rule: pick(text), where: who });
    lines.set(key, [...(lines.get(key) ?? []), ...days]);
  }
  return [...lines].map(([words, days]) => (days.length ? t(
    "prices.hand_broken_days",
    { words, days: days.map((day) => date(day, "bare")).join(t("prices.listing")) },
  ) : words));
}

/** Ask which price a product shall have, from when on. */
export function openByHand(desk, product) {
  const { state } = desk;
  const planned = state.plan.result.products.find((each) => each.product === product.id);
  const open = state.market.periods.map((period, at) => [period, at]).filter(([period]) => period.first <= product.date);
  const now = state.byHand.get(product.id) ?? planned.path;
  const [standing = product.ladder[0]] = [now[0], planned.current].filter((each) => product.ladder.includes(each));
  const chosen = { price: standing, from: 0 };
  openDialog(productWords(product), (close) => {
    const submit = (event) => {
      event.preventDefault();
      const path = now.map((each, at) => (at >= chosen.from && open.some(([, place]) => place === at) ? chosen.price : each));
      if (path.every((each, at) => each === planned.path[at])) state.byHand.delete(product.id);
      else state.byHand.set(product.id, path);
      close();
      decided(desk);
    };
    const prices = product.ladder.map((each) => [String(each), ladderWords(each, planned, isForbidden(state.market, product, each))]);
    return h(
      "form",
      { class: "form", on: { submit } },
      h(
        "p",
        { text: t(
          "prices.hand_now",
          { today: planned.current === null ? t("prices.new_product") : yen(planned.current), proposed: pathWords(state, product, planned.path) },
        ) },
      ),
      field(
        t("prices.hand_price"),
        () => select(prices, String(chosen.price), (value) => { chosen.price = Number(value); }, { data: { key: "hand-price" } }),
        { hint: t("prices.hand_price_hint") },
      ),
      open.length > 1 ? field(
        t("prices.hand_from_label"),
        () => select(
          open.map(([period, at]) => [String(at), at ? t("prices.hand_from", { date: date(period.first) }) : t("prices.hand_always")]),
          "0",
          (value) => { chosen.from = Number(value); },
          { data: { key: "hand-from" } },
        ),
      ) : null,
      h(
        "div",
        { class: "prices-actions" },
        h("button", { class: "button primary", type: "submit", text: t("prices.hand_set") }),
        state.byHand.has(product.id) ? button(t("prices.hand_back"), () => { state.byHand.delete(product.id); close(); decided(desk); }) : null,
        button(t("common.cancel"), close),
      ),
    );
  });
}

function ladderWords(each, planned, isOutside) {
  const marks = [
    each === planned.current ? t("prices.today") : null,
    each === planned.proposed ? t("prices.proposed") : null,
    isOutside ? t("prices.hand_outside") : null,
  ].filter(Boolean);
  return marks.length ? `${yen(each)} (${marks.join(t("prices.listing"))})` : yen(each);
}

/** Show, keep and test what was decided by hand; an acceptance was of other prices. */
function decided(desk) {
  const { state } = desk;
  state.accepted = null;
  keepDecisions(state);
  state.changed();
  if (state.byHand.size) testByHand(desk);
  else {
    state.handTest.watch?.abort();
    state.handTest = newTask();
    state.changed();
    announce(t("prices.told_undone"));
  }
}

/** Play the prices as they stand against the same customers whom the proposal was tested on. */
export async function testByHand({ state }) {
  const { comparison } = state.plan.result;
  const body = {
    market: state.source,
    plan: sentPlan(state),
    policies: ["static"],
    horizons: comparison?.horizons ?? HORIZONS,
    seed: comparison?.seed ?? state.plan.result.seed,
  };
  const task = state.handTest;
  await begin(task, { path: pricePlans(state, ":simulate"), body }, () => state.changed());
  const hand = task.result && outcomeOf(task.result.comparison, "static");
  if (hand && !task.isRunning) announce(t("prices.told_hand", { revenue: yen(hand.revenue_yen.mean), broken: number(task.result.broken.length) }));
}

/** Return the plan as it is sent to be played: whole, without the long lists of its own test. */
export const sentPlan = (state) => {
  const plan = effectivePlan(state);
  return { ...plan, comparison: null, bound_yen: plan.bound_yen ?? plan.model_revenue_yen };
};

/** Whether each price set by hand is one price for all the time that the product is on sale, as a rule can say it. */
const canBeRules = (state) => [...state.byHand].every(([id, path]) => onePrice(state, id, path) !== null);

function onePrice({ market }, id, path) {
  const product = market.products.find((each) => each.id === id);
  const steps = stepsOf(market, product, path);
  return steps.length === 1 ? steps[0][1] : null;
}

/** Propose all other prices anew, with those set by hand as rules of the market: so the server judges everything. */
function proposeAround(desk) {
  const { state } = desk;
  const taken = new Set(state.market.rules.map((rule) => rule.id));
  const rules = [...state.byHand].map(([id, path]) => {
    let at = 1;
    while (taken.has(`${FIXED}${at}`)) at++;
    taken.add(`${FIXED}${at}`);
    return { type: "override", id: `${FIXED}${at}`, products: [id], price: onePrice(state, id, path) };
  });
  const held = new Set(state.byHand.keys());
  const others = state.market.rules.filter((rule) => !(rule.type === "override" && rule.products?.every((id) => held.has(id))));
  return proposeWith(desk, [...others, ...rules]);
}

/** Propose with other rules; where no prices keep them all, everything stays as it was. */
async function proposeWith(desk, rules) {
  const { state } = desk;
  const { market, source, planId, byHand, accepted, isMixedPlan, plan: { result, job } } = state;
  const other = { ...market, rules };
  Object.assign(state, { market: other, source: other });
  await propose(desk);
  if (!state.plan.fault || state.plan.result || state.market !== other) return;
  Object.assign(state, { market, source, planId, byHand, accepted, isMixedPlan });
  Object.assign(state.plan, { result, job });
  keepDecisions(state);
  state.changed();
  if (byHand.size) testByHand(desk);
}

/** Prices that became rules here, each with a way back. */
function fixedList(desk) {
  const { state } = desk;
  const fixed = state.market.rules.filter((rule) => rule.type === "override" && rule.id.startsWith(FIXED));
  const names = new Map(state.market.products.map((each) => [each.id, productWords(each)]));
  return fixed.map((rule) => {
    const product = names.get(rule.products[0]);
    return h(
      "li",
      {},
      h("span", {}, h("strong", { text: product }), h("span", { class: "hint", text: t("prices.hand_fixed", { price: yen(rule.price) }) })),
      button(
        t("prices.hand_release", { product }),
        () => proposeWith(desk, state.market.rules.filter((each) => each !== rule)),
        { icon: "unlock", quietly: true, key: `release-${rule.id}`, disabled: state.plan.isRunning },
      ),
    );
  });
}
