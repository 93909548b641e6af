/** The form of a trip request. It is drawn from the state, and each change goes to the state first. */

import { h, replace } from "../core/dom.js";
import { firstSentence, pick, t } from "../core/texts.js";
import { button, choices, fold } from "../core/ui.js";
import { flawAt, forgetFlaws, hasField } from "./fields.js";
import { daily, days, edges } from "./form_days.js";
import { limits, meals, money, nights, party, search } from "./form_party.js";
import { interests, places } from "./form_wishes.js";

const MODES = ["car", "bicycle", "walk"];
const PACES = ["relaxed", "normal", "busy"];

/**
 * Draw the form.
 *
 * @param {Element} root
 * @param {object} session of `state.js`
 * @param {object} actions of `desk.js`: `plan`, and what may be done to single places
 */
export function renderForm(root, session, actions) {
  const set = (changes, { quietly = false } = {}) => {
    session.form = { ...session.form, ...changes };
    session.isPreset = false;
    forgetFlaws(session, changes);
    if (!quietly) renderForm(root, session, actions);
  };
  const section = (key, children) =>
    fold(t(`trip.section_${key}`), h("div", { class: "form" }, children), {
      key: `section-${key}`, open: session.openFolds.has(key) || sectionHasFlaw(session, key),
      onToggle: (isOpen) => session.openFolds[isOpen ? "add" : "delete"](key),
    });
  const { shown } = session;
  const toggleRecent = (isOpen) => {
    if (isOpen && !session.openFolds.has("recent")) actions.readRecent();
    session.openFolds[isOpen ? "add" : "delete"]("recent");
  };
  const submit = (event) => {
    event.preventDefault();
    actions.plan();
  };
  const foot = h("div", { class: "trip-submit" });
  renderSubmit(foot, session, actions);
  replace(
    root,
    heading(session),
    h(
      "form",
      { class: "trip-form", novalidate: true, on: { submit } },
      h(
        "div",
        { class: "form" },
        days(session, set),
        edges(session, set),
        mode(session, set),
        pace(session, set),
      ),
      section("interests", interests(session, set)),
      section("places", places(session, actions)),
      section("party", party(session, set)),
      section("nights", [nights(session, set), money(session, set)]),
      section("meals", [meals(session, set), limits(session, set)]),
      section("daily", daily(session, set)),
      section("search", search(session, set)),
      shown ? fold(t("trip.recent"), actions.recent, { key: "section-recent", open: session.openFolds.has("recent"), onToggle: toggleRecent }) : null,
      shown ? button(t("trip.start_over"), actions.startOver, { key: "start-over", class: "button plain start-over" }) : null,
      foot,
    ),
  );
}

/** Draw the foot of the form: what begins planning, and while that goes on, what ends it. */
export function renderSubmit(root, session, actions) {
  const { isRunning, isStopping, job, shown } = session;
  const words = t(shown ? "trip.plan_again" : "trip.plan");
  const begin = h("button", { type: "submit", class: "button primary", data: { key: "plan" }, disabled: isRunning && !job, text: words });
  const end = isRunning && !isStopping ? button(t("common.stop"), actions.stop, { icon: "stop", key: "stop-here" }) : null;
  replace(root, unplaced(session), h("div", { class: "trip-submit-line" }, begin, end));
}

/** Where the fields of each part of a request are. */
const SECTION_POINTERS = {
  interests: ["/interests", "/themes"], places: ["/must", "/avoid", "/pins"], party: ["/party"], nights: ["/lodging", "/budget_jpy"],
  meals: ["/meals", "/limits"], daily: [], search: ["/alternatives", "/solver"],
};
const sectionHasFlaw = (session, key) => SECTION_POINTERS[key].some((pointer) => flawAt(session, pointer));

function heading(session) {
  const { region } = session;
  const notice = pick(region.notice);
  const [first, rest] = firstSentence(notice);
  return [
    h("h1", { text: t("trip.title", { region: pick(region.name) }) }),
    notice ? h("details", { class: "region-notice" }, h("summary", { text: first, data: { key: "notice" } }), h("p", { text: rest })) : null,
  ];
}

function unplaced(session) {
  const count = [...session.flaws.keys()].filter(hasField).length;
  return count ? h("p", { class: "fault", role: "alert", text: t("trip.flaws", { count }) }) : null;
}

function pace(session, set) {
  const options = PACES.map((value) => ({ value, label: t(`trip.pace_${value}`) }));
  return [
    choices(t("trip.pace"), options, session.form.pace, (next) => set({ pace: next }, { quietly: true }), { key: "pace", wide: true }),
    h("p", { class: "hint", text: t("trip.pace_hint") }),
  ];
}

function mode(session, set) {
  const { region, form } = session;
  const options = MODES.map((value) => ({ value, label: t(`trip.mode_${value}`), icon: value }));
  return [
    choices(t("trip.mode"), options, form.mode, (next) => set({ mode: next }), { key: "mode", wide: true }),
    region.streets.includes(form.mode) ? null : h("p", { class: "hint", text: t(region.streets.length ? "trip.no_streets_for_mode" : "trip.no_streets") }),
    flawAt(session, "/mode") ? h("p", { class: "fault", text: flawAt(session, "/mode") }) : null,
  ];
}
