/** What stands above: which market, whether it is made up, and what can be taken along. */

import { download, saveAs } from "../core/api.js";
import { h } from "../core/dom.js";
import { clock, current, date, pick, t } from "../core/texts.js";
import { button, fault, notice, toast } from "../core/ui.js";
import { pricesCsv } from "./csv.js";
import { keepDecisions } from "./state.js";

export const headPart = {
  name: "head",
  inputs: (state) => [
    state.market,
    state.plan.result,
    state.plan.isRunning,
    state.planId,
    state.byHand.size,
    [...state.byHand.values()].join(),
    state.accepted,
    state.exportFault,
  ],
  draw(desk) {
    const { state } = desk;
    const isMadeUp = state.market.simulated || state.market.segments.some((each) => each.source === "simulated");
    return [
      h("div", { class: "prices-titles" }, h("h1", { text: pick(state.market.name) }), state.plan.result ? actions(desk) : null),
      isMadeUp ? notice("warn", t("prices.made_up")) : null,
      state.exportFault ? fault(state.exportFault) : null,
      state.accepted ? h("p", { class: "prices-accepted" }, acceptedWords(state)) : null,
    ];
  },
};

const acceptedWords = (state) => t("prices.accepted_on", { date: date(state.accepted), time: clock(state.accepted) });

function actions({ state }) {
  const isDone = !state.plan.isRunning;
  const accept = () => {
    state.accepted = state.accepted ? null : localNow();
    keepDecisions(state);
    state.changed();
    toast(t(state.accepted ? "prices.told_accepted" : "prices.told_not_accepted"));
  };
  return h(
    "div",
    { class: "prices-actions" },
    button(
      t(state.accepted ? "prices.take_back" : "prices.accept"),
      accept,
      { icon: "check", kind: state.accepted ? "plain" : "primary", key: "accept", disabled: !isDone },
    ),
    button(t("prices.export_csv"), () => exporting(state, () => exportCsv(state)), { icon: "download", key: "csv" }),
    button(
      t("prices.export_report"),
      () => exporting(state, () => download(`v1/price-plans/${state.planId}.html?lang=${current()}`, `prices-${state.planId}.html`)),
      { icon: "download", key: "report" },
    ),
    button(t("prices.print"), () => window.print(), { icon: "print", key: "print" }),
  );
}

/** Return the local time as `2026-12-05T09:30`. */
function localNow() {
  const now = new Date();
  return new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

async function exporting(state, save) {
  state.exportFault = null;
  try {
    await save();
    toast(t("prices.told_saved"));
  } catch (error) {
    state.exportFault = error;
  }
  state.changed();
}

/** An untouched proposal is written by the server; the server does not know prices set by hand. */
async function exportCsv(state) {
  const stem = `prices-${state.planId}${state.accepted ? "-accepted" : ""}`;
  if (!state.byHand.size) return download(`v1/price-plans/${state.planId}.csv`, `${stem}.csv`);
  const text = pricesCsv(state);
  return saveAs(new Blob([text], { type: "text/csv;charset=utf-8" }), `${stem.replace(state.planId, `${state.planId}-by-hand`)}.csv`);
}
