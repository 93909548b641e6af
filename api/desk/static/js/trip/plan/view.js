/** A plan to look at, to understand and to change. */

import { h, replace } from "../../core/dom.js";
import { t } from "../../core/texts.js";
import { chips, head } from "./head.js";
import { dayList } from "./days.js";
import { namer, planOf, wishesOf } from "./model.js";
import { pendingBar } from "./pending.js";

/**
 * Show a plan in `root`.
 *
 * @param {Element} root
 * @param {object} actions what the user asks for, as the desk carries it out
 * @returns {{show: Function, destroy: Function}} `show` draws everything anew from what it is given
 */
export function planView(root, actions) {
  // What is open here is nobody else's business, and survives every drawing.
  const ui = { menu: null, rover: new Map(), open: new Set(), search: "", printing: false };
  const container = h("div", { class: "plan" });
  root.append(container);
  let given = null;
  let lastSelected = null;

  const rerender = () => given && render();

  function show(state) {
    given = state;
    render();
    if (state.selected !== lastSelected) {
      lastSelected = state.selected;
      if (state.selected) container.querySelector(`.step[data-asset="${CSS.escape(state.selected)}"]`)?.scrollIntoView({ block: "nearest" });
    }
  }

  function render() {
    const { itinerary } = given;
    if (!itinerary) {
      replace(container, given.isRunning ? h("p", { class: "loading", role: "status", text: t("plan.searching") }) : null);
      return;
    }
    const context = contextOf(given);
    replace(
      container,
      head(context, { onSave: () => {}, onPrint: () => window.print() }),
      chips(context.plan.days, context.shownDays, actions.showDays),
      pendingBar(context),
      dayList(context),
    );
  }

  function contextOf(state) {
    const { itinerary, assets, edits } = state;
    return {
      ...state, actions, ui, rerender,
      plan: planOf(itinerary, state.alternative),
      nameOf: namer(assets, itinerary),
      wishes: wishesOf(edits),
      openMove() {}, openOrder() {},
    };
  }

  return {
    show,
    destroy() {
      container.remove();
    },
  };
}
