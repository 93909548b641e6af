/** What was stated, made up or not known. */

import { h } from "../core/dom.js";
import { pick, t } from "../core/texts.js";

export const assumedPart = {
  name: "assumed",
  inputs: (state) => [state.plan.result],
  draw({ state }) {
    const plan = state.plan.result;
    if (!plan) return null;
    const all = [...plan.assumed, ...(plan.comparison?.assumed ?? [])];
    return [
      h("h2", { text: t("prices.assumed") }),
      all.length ? h("ul", {}, all.map((each) => h("li", { text: pick(each.text) }))) : h("p", { text: t("prices.assumed_none") }),
    ];
  },
};
