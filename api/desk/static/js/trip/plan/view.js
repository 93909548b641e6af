/** A plan to look at, to understand and to change. */

import { announce, h, replace } from "../../core/dom.js";
import { t } from "../../core/texts.js";
import { fold } from "../../core/ui.js";
import { alternativeCards } from "./alternatives.js";
import { assumptions } from "./assumptions.js";
import { costs } from "./costs.js";
import { dayList } from "./days.js";
import { excludedPlaces } from "./excluded.js";
import { openFiles } from "./files.js";
import { chips, head } from "./head.js";
import { namer, planOf } from "./model.js";
import { openMove } from "./move.js";
import { openOrder } from "./order.js";
import { pendingBar } from "./pending.js";
import { about, combinations, sampling } from "./understand.js";

/** What is printed besides the days; what is left out would fill the paper, and is asked for on the screen. */
const PRINTED = new Set(["combinations", "costs", "assumptions", "about"]);

/**
 * Show a plan in `root`.
 *
 * @param {Element} root
 * @param {object} actions what the user asks for, as the desk carries it out
 * @returns {{show: Function, destroy: Function}} `show` draws everything anew from what it is given
 */
export function planView(root, actions) {
  // What is open here is nobody else's business, and survives every drawing.
  const ui = { menu: null, rover: new Map(), open: new Set(), search: "", isPrinting: false };
  const container = h("div", { class: "plan" });
  root.append(container);
  let given = null;
  let lastSelected = null;
  let lastCount = 0;

  const rerender = () => given && render();

  function show(state) {
    given = state;
    render();
    tell(state.edits.count);
    if (state.selected !== lastSelected) {
      lastSelected = state.selected;
      if (state.selected) container.querySelector(`.step[data-asset="${CSS.escape(state.selected)}"]`)?.scrollIntoView({ block: "nearest" });
    }
  }

  /** Tell those who do not see the bar of changes that there is one. */
  function tell(count) {
    if (count && count !== lastCount) announce(t("plan.pending_count", { count }));
    lastCount = count;
  }

  function render() {
    const context = contextOf(given);
    replace(
      container,
      head(context, { onSave: () => openFiles(context), onPrint: () => window.print() }),
      chips(context.plan.days, context.shownDays, actions.showDays),
      dayList(context),
      sections(context),
      pendingBar(context),
    );
  }

  /** Return what explains the plan. What is folded is not made, as it is drawn anew so often. */
  function sections(context) {
    const { itinerary, plan } = context;
    const all = [
      ["alternatives", t("plan.alternatives", { count: itinerary.alternatives.length }), itinerary.alternatives.length, alternativeCards],
      ["why", t("plan.why", { count: itinerary.excluded.length }), itinerary.excluded.length, excludedPlaces],
      ["combinations", t("plan.combinations", { count: itinerary.combinations.length }), itinerary.combinations.length && !plan.isAlternative, combinations],
      ["costs", t("plan.costs"), plan.totals.visits, costs],
      ["assumptions", t("plan.assumptions"), plan.assumed.length, assumptions],
      ["sampling", t("plan.sampling"), itinerary.sampling, sampling],
      ["about", t("plan.about_plan"), true, about],
    ];
    return h("div", { class: "plan-more" }, all.filter(([, , isThere]) => isThere).map(([name, title, , build]) => section(name, title, build, context)));
  }

  function section(name, title, build, context) {
    const isOpen = ui.open.has(name) || (ui.isPrinting && PRINTED.has(name));
    const onToggle = (opened) => {
      // What was opened for the printer tells so when it is gone already.
      if (!node.isConnected || ui.isPrinting || opened === ui.open.has(name)) return;
      ui.open[opened ? "add" : "delete"](name);
      rerender();
    };
    const content = isOpen ? h("div", { class: "fold-body" }, build(context)) : null;
    const node = fold(h("span", { text: title }), content, { open: isOpen, key: `fold-${name}`, onToggle });
    return node;
  }

  // After whatever was pressed has done its part: what is drawn anew in between would swallow the press.
  const closeMenu = (event) => {
    if (ui.menu === null || event.target.closest(".step-more")) return;
    ui.menu = null;
    rerender();
  };
  document.addEventListener("click", closeMenu);

  // Paper cannot be unfolded.
  const printing = (isPrinting) => () => {
    ui.isPrinting = isPrinting;
    rerender();
  };
  const [beforePrint, afterPrint] = [printing(true), printing(false)];
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);

  function contextOf(state) {
    const { itinerary, assets, edits } = state;
    const context = {
      ...state, actions, ui, rerender,
      plan: planOf(itinerary, state.alternative),
      nameOf: namer(assets, itinerary),
      wishes: edits.wishes,
    };
    return { ...context, openMove: (asset) => openMove(asset, context), openOrder: (day) => openOrder(day, context) };
  }

  return {
    show,
    destroy() {
      document.removeEventListener("click", closeMenu);
      window.removeEventListener("beforeprint", beforePrint);
      window.removeEventListener("afterprint", afterPrint);
      container.remove();
    },
  };
}
