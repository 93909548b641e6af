/** What is on the page, to go there at once. */

import { h } from "../core/dom.js";
import { t } from "../core/texts.js";

const PLACES = [
  ["products", "prices.prices_title"],
  ["paths", "prices.path_title"],
  ["occupancy", "prices.occupancy"],
  ["rules", "prices.rules"],
  ["simulation", "prices.simulation"],
  ["demand", "prices.demand"],
  ["price-test", "prices.test"],
  ["assumed", "prices.assumed"],
];

export const contentsPart = {
  name: "contents",
  inputs: (state) => [Boolean(state.plan.result)],
  draw({ state }) {
    if (!state.plan.result) return null;
    return h(
      "nav",
      { "aria-label": t("prices.contents") },
      PLACES.map(([name, words]) => h("button", { type: "button", text: t(words), data: { key: `to-${name}` }, on: { click: () => goTo(name) } })),
    );
  },
};

/** Show a part, and begin reading there. */
function goTo(name) {
  const heading = document.querySelector(`.prices-${name} h2`);
  if (!heading) return;
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
  heading.closest("section").scrollIntoView({ block: "start" });
}
