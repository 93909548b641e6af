/** The trip desk: request, plan and map beside each other, or one after the other where there is little room. */

import { announce, h, replace } from "../core/dom.js";
import { go, link, note } from "../core/router.js";
import { current, t } from "../core/texts.js";
import { button } from "../core/ui.js";
import { renderCard } from "./card.js";
import { tripMap } from "./chart.js";
import { change, editsOf, undo } from "./edits.js";
import { hasField } from "./fields.js";
import { renderForm, renderSubmit } from "./form.js";
import { picker } from "./picker.js";
import { explain } from "./plan/explain.js";
import { planView } from "./plan/view.js";
import { quality } from "./plan/words.js";
import { showRecent } from "./recent.js";
import { halt, plan, reopen, retell } from "./run.js";
import { readAssets, sessionOf, startOver } from "./state.js";
import { statusOf } from "./status.js";
import { placeOptions } from "./words.js";

const TABS = ["request", "plan", "map"];
const TAB_ICONS = { request: "edit", plan: "list", map: "map" };
const WISHES = ["add", "drop", "remove", "lock", "unlock", "move"];

/** Show the desk in `root`; see `main.js` for what it is given. */
export function mount(root, { region, regions, params }) {
  let session = sessionOf(region);
  let view = null;
  let isGone = false;

  const tabs = h("div", { class: "trip-tabs" });
  const request = h("section", { class: "trip-request", id: "trip-request" });
  const status = h("div", { class: "trip-status" });
  const planRoot = h("div", { class: "trip-plan-view" });
  const empty = h("div", { class: "trip-empty" });
  const planPane = h("section", { class: "trip-plan", id: "trip-plan" }, status, planRoot, empty);
  const mapRoot = h("div", { class: "trip-map-view" });
  const finder = h("div", { class: "trip-finder" });
  const card = h("aside", { class: "trip-card", hidden: true, on: { keydown: (event) => { if (event.key === "Escape") select(null); } } });
  const mapPane = h("section", { class: "trip-map", id: "trip-map" }, mapRoot, finder, card);

  const actions = {
    plan: start, planAgain: start, retry, stop: () => halt(session), readAssets: () => readAssets(session), toRequest, select: (id) => select(id),
    startAt: (place) => setEdge("start", 0, place), endAt: (place) => setEdge("end", -1, place),
    undo: () => { if (undo(session)) drawWishes(); },
    showAlternative: (index) => { session.alternative = index; drawPlan(); },
    showDays: (days) => { session.shownDays = days; drawPlan(); },
    whyNot, startOver: beginAnew, recent: h("div", {}), readRecent: () => showRecent(actions.recent, region),
    ...Object.fromEntries(WISHES.map((name) => [name, (...values) => wish(name, ...values)])),
    restore: (asset) => wish("restore", asset, session.shown?.itinerary.request),
  };

  replace(root, tabs, request, planPane, mapPane);
  const map = tripMap(mapRoot, region, { onAsset: (id) => select(id, { focus: true }), onPoint: pressGround });
  listen();
  render();
  open(params[1]);
  return { render, update: ({ params: next }) => open(next[1]), destroy };

  /* ---- drawing ---- */

  function render() {
    request.setAttribute("aria-label", t("trip.tab_request"));
    planPane.setAttribute("aria-label", t("trip.tab_plan"));
    mapPane.setAttribute("aria-label", t("trip.tab_map"));
    card.setAttribute("aria-label", t("trip.place"));
    const options = () => placeOptions(session);
    const label = t("trip.find_place");
    replace(finder, picker({ label, key: "find", placeholder: label, options, onChoose: (id) => select(id, { focus: true }) }));
    drawRequest();
    empty.replaceChildren();
    drawPlan();
    map.render();
    if (session.openFolds.has("recent") && session.shown) actions.readRecent();
    if (session.language !== current()) {
      session.language = current();
      retell(session);
    }
  }

  function drawRequest() {
    renderForm(request, session, actions);
  }

  function drawSubmit() {
    renderSubmit(request.querySelector(".trip-submit"), session, actions);
  }

  /** Draw what hangs on the plan: all but the request. */
  function drawPlan() {
    const { shown } = session;
    drawTabs();
    replace(status, statusOf(session, actions));
    empty.hidden = Boolean(shown) || session.isReopening;
    // The list of recent trips may have moved to the end of the request meanwhile.
    if (!empty.hidden && !empty.contains(actions.recent)) drawEmpty();
    planRoot.hidden = !shown;
    if (shown) {
      view ??= planView(planRoot, actions);
      const edits = editsOf(session.form, shown.itinerary.request);
      const { assets, isRunning, alternative, shownDays, selected } = session;
      view.show({ ...shown, assets, edits, isRunning, alternative, shownDays, selected });
    } else {
      view?.destroy();
      view = null;
    }
    renderCard(card, session, actions);
    map.show(session);
  }

  function drawWishes() {
    drawRequest();
    drawPlan();
  }

  function drawTabs() {
    root.dataset.tab = session.tab;
    root.dataset.plan = session.shown ? "yes" : "no";
    const make = (tab) => {
      const options = { icon: TAB_ICONS[tab], pressed: session.tab === tab, key: `tab-${tab}`, class: `button tab tab-${tab}` };
      return button(t(`trip.tab_${tab}`), () => showTab(tab), options);
    };
    replace(tabs, TABS.map(make));
  }

  function showTab(tab) {
    session.tab = tab;
    drawTabs();
  }

  /** Say that there is no plan yet, and which there were; beside a plan, they are at the end of the request. */
  function drawEmpty() {
    const words = [h("h2", { text: t("trip.no_plan") }), h("p", { class: "hint", text: t("trip.no_plan_hint") }), h("h3", { text: t("trip.recent") })];
    replace(empty, words, actions.recent);
    actions.readRecent();
  }

  /* ---- what happens ---- */

  function listen() {
    session.changed = happened;
    readAssets(session);
  }

  /** Draw what has changed: by a run that has "started", "improved" or "ended", or by the places that were read. */
  function happened(what) {
    if (isGone) return;
    if (what === "started") note(link("trip", [region.id, session.job.id]));
    const { foreign } = session;
    if (foreign && regions.some(({ id }) => id === foreign.region)) {
      // Whoever comes back to this region finds its own trips, and may press the same link again.
      Object.assign(session, { foreign: null, asked: null });
      go(link("trip", [foreign.region, foreign.id]), { replace: true });
      return;
    }
    comeForward(what);
    drawPlan();
    // Nobody is disturbed in the request while a plan improves, or at all in the middle of a word.
    const isWriting = request.querySelector("[role=combobox]:focus, [type=date]:focus, [type=time]:focus") !== null;
    const isOther = session.flaws.size > 0 || session.asked !== null;
    if (what === "improved" || what === "started" || (isWriting && !isOther)) drawSubmit();
    else drawRequest();
    if (what === "ended") tell();
  }

  /** Where there is room for one thing only, show the plan when it comes, and what stands in its way. */
  function comeForward(what) {
    if (session.tab !== "request") return;
    const { job, shown, flaws, fault, unmet, foreign } = session;
    const isPlan = job && shown?.answer.id === job.id && session.comeForward !== job.id;
    if (isPlan) session.comeForward = job.id;
    if (isPlan || (what === "ended" && !flaws.size && (unmet || fault || foreign))) session.tab = "plan";
  }

  function tell() {
    const { fault, unmet, shown, flaws } = session;
    if (flaws.size) toRequest();
    else if (!fault && unmet) announce(t("trip.infeasible"));
    else if (!fault && shown) announce(quality(shown.itinerary));
  }

  function start() {
    plan(session);
  }

  function retry() {
    if (session.asked) reopen(session, session.asked);
    else plan(session);
  }

  function toRequest() {
    showTab("request");
    if ([...session.flaws.keys()].some(hasField)) request.querySelector("[aria-invalid]")?.focus();
  }

  /** Show the trip of an address; without one, what was shown here before. */
  function open(tripId) {
    const known = [session.asked, session.job?.id, session.shown?.answer.id];
    if (tripId && !known.includes(tripId)) {
      session.tab = "plan";
      reopen(session, tripId);
    }
    if (!tripId && session.job) note(link("trip", [region.id, session.job.id]));
  }

  function select(assetId, { focus = false } = {}) {
    Object.assign(session, { selected: assetId, point: null });
    drawPlan();
    if (assetId) map.select(assetId, { fly: true, offset: besideCard() });
    if (focus && assetId) card.querySelector("h3").focus();
    // Whoever was in the card is not sent to the beginning of the page, nor on a phone to its keyboard.
    if (card.hidden && document.activeElement === document.body) (mapRoot.querySelector("canvas") ?? finder.querySelector("input")).focus();
  }

  /** Return how far from the middle of the map a place is seen best: in the middle of what the card leaves free. */
  function besideCard() {
    const [over, ground] = [card, mapRoot].map((each) => each.getBoundingClientRect());
    if (over.width < ground.width * 0.8) return [(over.right - ground.left) / 2, 0];
    const isAbove = over.top - ground.top < ground.bottom - over.bottom;
    return [0, isAbove ? (over.bottom - ground.top) / 2 : (over.top - ground.bottom) / 2];
  }

  function pressGround(point) {
    const wasOpen = session.selected || session.point;
    Object.assign(session, { selected: null, point: wasOpen ? null : point });
    drawPlan();
  }

  function setEdge(side, index, place) {
    const { days } = session.form;
    session.form = { ...session.form, [side]: place, days: days.with(index, { ...days.at(index), [side]: null }) };
    Object.assign(session, { point: null, isPreset: false });
    drawWishes();
  }

  function wish(name, ...values) {
    change(session, name, ...values);
    drawWishes();
  }

  function whyNot(assetId) {
    explain(session.shown.answer, assetId, actions, session.assets);
  }

  function beginAnew() {
    session = startOver(session);
    listen();
    note(link("trip", [region.id]));
    render();
    request.querySelector("input")?.focus();
  }

  function destroy() {
    isGone = true;
    session.changed = () => {};
    view?.destroy();
    map.destroy();
  }
}
