/** What the desk knows of a region; it is kept while another desk is looked at. */

import { newTask } from "./tasks.js";

/** Name of the market that the server brings along. It is made up. */
export const BUNDLED = "echizen-workshops";
const STORED = "meguri.prices.";

const kept = new Map();

/** Return the state of a region's desk. */
export function stateOf(regionId) {
  if (!kept.has(regionId)) kept.set(regionId, fresh(regionId));
  return kept.get(regionId);
}

function fresh(regionId) {
  return {
    regionId,
    /** The market as the server understands it, what requests call it by, and the file it came from. */
    market: null,
    source: null,
    fileName: null,
    loading: null,
    marketFault: null,
    options: {
      objective: "revenue",
      isMixed: false,
      weights: { revenue: 1, visitors: 0, "off-peak": 0, "local-spend": 0 },
      horizons: 400,
      ruleCosts: true,
      mayClose: false,
      iterations: null,
      seed: 1,
    },
    optionFaults: new Map(),
    planId: null,
    /** Whether the proposal weighs several aims: the plan itself does not say. */
    isMixedPlan: false,
    plan: newTask(),
    /** Prices set by hand: a path of prices by product. */
    byHand: new Map(),
    handTest: newTask(),
    accepted: null,
    simulationOptions: { policies: ["static", "dynamic", "rule-based"], horizons: 1_000, demand: "as-stated" },
    simulation: newTask(),
    /** Bookings of one's own, {csv, name}, or the name of the bundled ones. */
    records: null,
    estimation: newTask(),
    backtest: newTask(),
    test: newTask(),
    testOptions: null,
    recent: null,
    exportFault: null,
    view: { order: "weight", offer: "", shown: 10, path: "", heat: "proposal", estimates: false, backtest: false },
    /** What is told of every change while the desk is shown; nothing while it is not. */
    changed: () => {},
  };
}

/** Return where price plans of the region are made; `:simulate` and the like stand behind it. */
export const pricePlans = ({ regionId }, action = "") => `v1/regions/${encodeURIComponent(regionId)}/price-plans${action}`;

/** Forget a market and everything made from it. */
export function forgetMarket(state) {
  for (const task of ["plan", "handTest", "simulation", "backtest", "test"]) {
    state[task].watch?.abort();
    state[task] = newTask();
  }
  Object.assign(state, { market: null, source: null, fileName: null, marketFault: null, loading: null, testOptions: null });
  state.optionFaults = new Map();
  forgetPlan(state);
}

/** Forget what belongs to one proposal. */
export function forgetPlan(state) {
  Object.assign(state, { planId: null, byHand: new Map(), accepted: null });
  state.view.path = "";
  state.handTest.watch?.abort();
  state.handTest = newTask();
}

/** Return the plan as it stands: prices set by hand in place of those proposed; null where there is none. */
export function effectivePlan(state) {
  const plan = state.plan.result;
  if (!plan || !state.byHand.size) return plan;
  const products = plan.products.map((each) => {
    const path = state.byHand.get(each.product);
    return path ? { ...each, path, proposed: path[0] } : each;
  });
  return { ...plan, products };
}

/** Keep in this browser what was decided about a plan: the service keeps proposals, not decisions. */
export function keepDecisions(state) {
  if (!state.planId) return;
  try {
    const decided = { accepted: state.accepted, byHand: Object.fromEntries(state.byHand) };
    if (state.accepted || state.byHand.size) localStorage.setItem(STORED + state.planId, JSON.stringify(decided));
    else localStorage.removeItem(STORED + state.planId);
  } catch { /* They are kept as long as the page is open. */ }
}

/** Read what was decided about a plan in this browser; prices that fit no ladder are left out. */
export function recallDecisions(state) {
  try {
    const decided = JSON.parse(localStorage.getItem(STORED + state.planId) ?? "{}");
    state.accepted = typeof decided.accepted === "string" ? decided.accepted : null;
    for (const [id, path] of Object.entries(decided.byHand ?? {})) if (fits(state.market, id, path)) state.byHand.set(id, path);
  } catch { /* Then nothing was decided. */ }
}

function fits(market, id, path) {
  const product = market.products.find((each) => each.id === id);
  return product && Array.isArray(path) && path.length === market.periods.length && path.every((price) => price === null || product.ladder.includes(price));
}
