/** The price desk: a market, what is proposed for it and why, what was changed by hand, and what tests say of it. */

import { announce, h, replace } from "../core/dom.js";
import { here, link, note } from "../core/router.js";
import { t } from "../core/texts.js";
import { askPart, progressPart } from "./ask.js";
import { assumedPart } from "./assumed.js";
import { backtestPart } from "./backtest.js";
import { contentsPart } from "./contents.js";
import { demandPart } from "./demand.js";
import { headPart } from "./head.js";
import { headlinePart } from "./headline.js";
import { handPart } from "./by_hand.js";
import { marketPart, loadPlan, startPart } from "./market.js";
import { occupancyPart } from "./occupancy.js";
import { pathsPart } from "./paths.js";
import { pricesPart } from "./prices.js";
import { readRecent, recentPart } from "./recent.js";
import { rulesPart } from "./rules.js";
import { simulationPart } from "./simulation.js";
import { stateOf } from "./state.js";
import { testPart } from "./price_test.js";

/** Parts of the page in their order: where they stand, what they are drawn from, and how. */
const SIDE = [marketPart, askPart, progressPart, recentPart];
const RESULTS = [
  contentsPart,
  headlinePart,
  handPart,
  pricesPart,
  pathsPart,
  occupancyPart,
  rulesPart,
  simulationPart,
  demandPart,
  backtestPart,
  testPart,
  assumedPart,
];

/** Show the desk in `root`; see `main.js` for what it is given. */
export function mount(root, { region, params }) {
  const state = stateOf(region.id);
  const desk = { state, region, show, changed };
  const drawn = new Map();
  let told = "";

  /** Draw a part anew if anything that it is drawn from is another than before. */
  function drawPart(part, { isForced = false } = {}) {
    const seen = [...part.inputs(state), Boolean(state.market)];
    const before = drawn.get(part);
    if (!isForced && before && seen.every((each, at) => Object.is(each, before.seen[at]))) return;
    const node = before?.node ?? h("section", { class: `prices-${part.name}` });
    drawn.set(part, { seen, node });
    const content = part.draw(desk);
    node.hidden = !content;
    replace(node, content);
  }

  function frame() {
    const parts = state.market ? [headPart, ...SIDE, ...RESULTS] : [startPart, recentPart];
    for (const part of parts) drawPart(part, { isForced: true });
    const node = (part) => drawn.get(part).node;
    if (!state.market) replace(root, h("div", { class: "prices-start-page" }, parts.map(node)));
    else
      replace(
        root,
        node(headPart),
        h(
          "div",
          { class: "prices-body" },
          h("div", { class: "prices-side" }, SIDE.map(node)),
          h("div", { class: "prices-results" }, RESULTS.map(node)),
        ),
      );
  }

  let isStart = null;
  /** Show what has changed; `isAll` where everything may have, as after another language. */
  function changed({ isAll = false } = {}) {
    if (isAll || isStart !== !state.market) {
      isStart = !state.market;
      frame();
    } else for (const part of state.market ? [headPart, ...SIDE, ...RESULTS] : [startPart, recentPart]) drawPart(part);
    noteAddress();
    tell();
  }

  /** The address names the proposal that is shown, so that it can be kept and sent. */
  function noteAddress() {
    const wanted = link("prices", state.planId ? [region.id, state.planId] : [region.id]);
    if (here().desk === "prices" && location.hash !== wanted && (state.planId || here().params.length > 1) && !state.loading) note(wanted);
  }

  /** Tell users of screen readers when a proposal has come, and when it is done. */
  function tell() {
    const { plan } = state;
    const news = plan.result ? (plan.isRunning ? "prices.told_prices" : "prices.told_done") : "";
    if (news && news !== told) announce(t(news));
    told = news;
  }

  /** Show another address of this desk. */
  function show(planId) {
    if (planId && planId !== state.planId) loadPlan(desk, planId);
    else changed();
  }

  state.changed = changed;
  readRecent(desk);
  show(params[1]);
  return {
    render: () => changed({ isAll: true }),
    update: ({ params: next }) => show(next[1]),
    destroy() { state.changed = () => {}; },
  };
}
