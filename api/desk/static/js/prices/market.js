/** Where a market comes from: the bundled one, a file of one's own, or a proposal that was made before. */

import { get, post } from "../core/api.js";
import { announce, h } from "../core/dom.js";
import { date, number, pick, t } from "../core/texts.js";
import { button, fault, flaws, notice } from "../core/ui.js";
import { testByHand } from "./by_hand.js";
import { BUNDLED, forgetMarket, recallDecisions } from "./state.js";
import { resume } from "./tasks.js";
import { facts } from "./parts.js";

const MOST_BYTES = 20_000_000;

/** Before there is a market: what can be done here. */
export const startPart = {
  name: "start",
  inputs: (state) => [state.loading, state.marketFault],
  draw: (desk) => [
    h("h1", { text: t("prices.title") }),
    h("p", { class: "prices-lead", text: t("prices.lead") }),
    h(
      "div",
      { class: "prices-ways" },
      h(
        "div",
        { class: "prices-way" },
        h("h2", { text: t("prices.bundled_title") }),
        h("p", { text: t("prices.bundled_text") }),
        button(t("prices.bundled_use"), () => loadBundled(desk), { kind: "primary", key: "bundled" }),
      ),
      h(
        "div",
        { class: "prices-way" },
        h("h2", { text: t("prices.own_title") }),
        h("p", { text: t("prices.own_text") }),
        filePicker(t("prices.own_use"), (file) => loadFile(desk, file), { accept: ".json,application/json", key: "own" }),
      ),
    ),
    ...loadingState(desk),
  ],
};

/** Beside the results: which market it is. */
export const marketPart = {
  name: "market",
  inputs: (state) => [state.market, state.loading, state.marketFault, state.fileName],
  draw(desk) {
    const { state } = desk;
    const { market } = state;
    const figures = [
      [t("prices.market_today"), date(market.today)],
      [
        t("prices.market_products"),
        t("prices.count_products", { count: number(market.products.length), dates: number(new Set(market.products.map((each) => each.date)).size) }),
      ],
      [
        t("prices.market_periods"),
        t("prices.count_periods", { count: number(market.periods.length), last: date(market.periods.at(-1).last, "short") }),
      ],
      [t("prices.market_rules"), number(market.rules.length)],
      ...(state.fileName ? [[t("prices.market_file"), state.fileName]] : []),
    ];
    return [
      h("h2", { text: t("prices.market") }),
      facts(figures),
      h(
        "div",
        { class: "prices-actions" },
        filePicker(t("prices.own_other"), (file) => loadFile(desk, file), { accept: ".json,application/json", key: "other" }),
        state.source === BUNDLED ? null : button(t("prices.bundled_use"), () => loadBundled(desk), { key: "to-bundled" }),
      ),
      ...loadingState(desk),
    ];
  },
};

/** Make what lets a file be chosen: a real field with a label that looks like a button. */
export function filePicker(label, onFile, { accept, key }) {
  const choose = (event) => {
    const [file] = event.target.files;
    // So that the same file can be chosen again after it was mended.
    event.target.value = "";
    if (file) onFile(file);
  };
  return h(
    "label",
    { class: "button prices-file" },
    h("span", { text: label }),
    h("input", { type: "file", accept, data: { key }, on: { change: choose } }),
  );
}

function loadingState({ state }) {
  if (state.loading) return [h("p", { class: "loading", role: "status", text: t("shell.loading") })];
  return state.marketFault ? [state.marketFault instanceof Unreadable ? notice(
    "bad",
    h("strong", { text: state.marketFault.title() }),
    h("ul", {}, state.marketFault.lines().map((text) => h("li", { text }))),
  ) : fault(state.marketFault)] : [];
}

/** A market that cannot be used, with everything that is wrong, each at its place in the file. */
class Unreadable extends Error {
  constructor(title, lines) {
    super("unreadable market");
    // Both are made when they are shown: the language may change in between.
    this.title = title;
    this.lines = lines;
  }
}

/** Load the market that the server brings along. */
async function loadBundled(desk) {
  await loading(desk, async () => {
    const market = await get(`v1/markets/${BUNDLED}`);
    return () => take(desk.state, market, BUNDLED, null);
  });
}

/** Load a market of one's own; the server says how it understands it. */
async function loadFile(desk, file) {
  await loading(desk, async () => {
    const raw = parsed(file.name, file.size > MOST_BYTES ? null : await file.text());
    const market = await post("v1/markets:check", { market: raw }).catch((error) => {
      const found = flaws(error);
      throw found.size ? new Unreadable(
        () => t("prices.file_refused", { name: file.name }),
        () => [...found].map(([pointer, text]) => `${placeWords(pointer, raw)}: ${text}`),
      ) : error;
    });
    return () => take(desk.state, market, market, file.name);
  });
}

function parsed(name, text) {
  const refuse = (line) => { throw new Unreadable(() => t("prices.file_refused", { name }), () => [line()]); };
  if (text === null) refuse(() => t("prices.file_large", { most: number(MOST_BYTES / 1e6) }));
  try {
    const raw = JSON.parse(text);
    if (raw === null || typeof raw !== "object" || Array.isArray(raw)) refuse(() => t("prices.file_no_object"));
    return raw;
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    // Chromium and Firefox say where, each in its own way; others do not.
    const at = /position (\d+)/.exec(error.message);
    const line = at ? text.slice(0, Number(at[1])).split("\n").length : /line (\d+)/.exec(error.message)?.[1];
    refuse(() => (line ? t("prices.file_no_json_line", { line }) : t("prices.file_no_json")));
  }
}

/** Return the place of a flaw in words people can follow: `products › loom-19 › ladder`. */
function placeWords(pointer, raw) {
  const steps = pointer.split("/").slice(2).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  let value = raw;
  const words = steps.map((step) => {
    const isItem = Array.isArray(value);
    value = value?.[step];
    return isItem ? (typeof value?.id === "string" ? `${Number(step) + 1} (${value.id})` : String(Number(step) + 1)) : step;
  });
  return words.join(" › ") || "market";
}

/** Open a proposal that was made before: what it was asked for, its market, its prices. */
export async function loadPlan(desk, planId) {
  const { state } = desk;
  await loading(desk, async () => {
    const asked = await get(`v1/price-plans/${encodeURIComponent(planId)}/request`);
    const [job, market] = await Promise.all([
      get(`v1/price-plans/${encodeURIComponent(planId)}`),
      typeof asked.market === "string" ? get(`v1/markets/${encodeURIComponent(asked.market)}`) : asked.market,
    ]);
    return () => {
      take(state, market, typeof asked.market === "string" ? asked.market : market, null);
      Object.assign(state.options, {
        objective: asked.objective, isMixed: Boolean(asked.weights), horizons: asked.horizons, ruleCosts: asked.rule_costs, mayClose: asked.may_close, iterations: asked.iterations, seed: asked.seed,
        weights: { revenue: 0, visitors: 0, "off-peak": 0, "local-spend": 0, ...(asked.weights ?? { revenue: 1 }) },
      });
      state.planId = planId;
      state.isMixedPlan = state.options.isMixed;
      recallDecisions(state);
      // Prices set by hand are kept in this browser; what tests say of them is not.
      resume(state.plan, job, () => state.changed()).then(() => {
        if (state.planId === planId && state.plan.result && state.byHand.size) testByHand(desk);
      });
    };
  });
}

/** Show that something is loaded, then what it does; a later load makes an earlier one moot. */
async function loading({ state }, load) {
  const mine = {};
  Object.assign(state, { loading: mine, marketFault: null });
  state.changed();
  try {
    const apply = await load();
    if (state.loading !== mine) return;
    state.loading = null;
    apply();
    if (state.market) announce(t("prices.told_market", { name: pick(state.market.name) }));
  } catch (error) {
    if (state.loading !== mine) return;
    Object.assign(state, { loading: null, marketFault: error });
  }
  state.changed();
}

function take(state, market, source, fileName) {
  forgetMarket(state);
  Object.assign(state, { market, source, fileName });
}
