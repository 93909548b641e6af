/** The form of a trip request. It is drawn from the state, and each change goes to the state first. */

import { h, replace } from "../core/dom.js";
import { date, pick, t } from "../core/texts.js";
import { button, choices, field, fold, select } from "../core/ui.js";
import { flawAt, hasField, timeField } from "./fields.js";
import { limits, meals, money, nights, party, search } from "./form_party.js";
import { interests, places } from "./form_wishes.js";
import { picker } from "./picker.js";
import { ANYWHERE, MOST_DAYS, daysFrom, daysOf, movedPins } from "./request.js";
import { hasPosition, placeName, placeOptions } from "./words.js";

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
        choices(t("trip.pace"), PACES.map((value) => ({ value, label: t(`trip.pace_${value}`) })), session.form.pace, (pace) => set({ pace }, { quietly: true }), { key: "pace", wide: true }),
        h("p", { class: "hint", text: t("trip.pace_hint") }),
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
  const begin = h("button", { type: "submit", class: "button primary", data: { key: "plan" }, disabled: isRunning && !job, text: t(shown ? "trip.plan_again" : "trip.plan") });
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
  // Its first sentence is for everybody; the rest for whoever wants to know.
  const [, first, rest] = /^(.*?(?:。|\.\s|$))(.*)$/s.exec(notice);
  return [
    h("h1", { text: t("trip.title", { region: pick(region.name) }) }),
    notice ? h("details", { class: "region-notice" }, h("summary", { text: first.trim(), data: { key: "notice" } }), rest.trim() ? h("p", { text: rest.trim() }) : null) : null,
  ];
}

function unplaced(session) {
  const count = [...session.flaws.keys()].filter(hasField).length;
  return count ? h("p", { class: "fault", role: "alert", text: t("trip.flaws", { count }) }) : null;
}

/* ---- days ---- */

function days(session, set) {
  const { days: asked } = session.form;
  const setFirst = (event) => {
    const first = event.target.value;
    // An emptied field is one that is being written in.
    const { days: now, pins } = session.form;
    if (first) set({ days: daysFrom(now, first), pins: movedPins(pins, now[0].date, first) });
  };
  const setCount = (value) => {
    const { days: now, lodging } = session.form;
    const next = daysOf(now, Number(value));
    const nightsOf = Array.isArray(lodging) && lodging.length > 1 ? { lodging: Array.from({ length: Math.max(next.length - 1, 1) }, (_, at) => lodging[at] ?? lodging.at(-1)) } : {};
    set({ days: next, ...nightsOf });
  };
  const counts = Array.from({ length: MOST_DAYS }, (_, index) => [String(index + 1), t(index ? "trip.days" : "trip.one_day", { count: index + 1 })]);
  return h(
    "div",
    { class: "pair" },
    field(t("trip.first_day"), () => h("input", { type: "date", value: asked[0].date, required: true, data: { key: "first" }, on: { change: setFirst } }), {
      hint: asked.length > 1 ? t("trip.until", { date: date(asked.at(-1).date, "short") }) : date(asked[0].date, "short"),
      fault: dateFlaw(session),
    }),
    field(t("trip.day_count"), () => select(counts, String(asked.length), setCount, { data: { key: "count" } }), { fault: session.flaws.get("/days") }),
  );
}

/** Return what is wrong with the dates and times of days; where they start and end has fields of its own. */
function dateFlaw(session) {
  const ofDates = [...session.flaws].filter(([pointer]) => /^\/days\/\d+(\/(date|after|before).*)?$/.test(pointer));
  return ofDates.map(([, text]) => text).join(" ") || null;
}

function edges(session, set) {
  const { form } = session;
  const last = form.days.length - 1;
  const cleared = (index, side) => session.form.days.with(index, { ...session.form.days[index], [side]: null });
  const flawOf = (side) => form.days.map((_, index) => flawAt(session, `/days/${index}/${side}`)).filter(Boolean).join(" ") || null;
  return h(
    "div",
    { class: "form" },
    placePicker(session, { label: t("trip.start"), key: "start", place: form.days[0].start ?? form.start, onChange: (start) => set({ start, days: cleared(0, "start") }), fault: flawOf("start") }),
    placePicker(session, { label: t("trip.end"), key: "end", place: form.days[last].end ?? form.end, onChange: (end) => set({ end, days: cleared(last, "end") }), fault: flawOf("end") }),
  );
}

function placePicker(session, { label, key, place, onChange, fault, placeholder = t("trip.anywhere") }) {
  const isPlace = place && place !== ANYWHERE;
  return picker({
    label, key, fault, placeholder, options: () => placeOptions(session, hasPosition).sort(hubsFirst),
    chosen: isPlace ? { label: placeName(session, place) } : null,
    onChoose: (asset) => onChange({ asset }),
    onClear: () => onChange(null),
  });
}

const hubsFirst = (left, right) => (right.kind === "hub") - (left.kind === "hub");

function mode(session, set) {
  const { region, form } = session;
  const options = MODES.map((value) => ({ value, label: t(`trip.mode_${value}`), icon: value }));
  return [
    choices(t("trip.mode"), options, form.mode, (next) => set({ mode: next }), { key: "mode", wide: true }),
    region.streets.includes(form.mode) ? null : h("p", { class: "hint", text: t(region.streets.length ? "trip.no_streets_for_mode" : "trip.no_streets") }),
    flawAt(session, "/mode") ? h("p", { class: "fault", text: flawAt(session, "/mode") }) : null,
  ];
}

/* ---- each day ---- */

function daily(session, set) {
  const { form } = session;
  return [
    h("p", { class: "hint", text: t("trip.daily_hint") }),
    form.days.map((day, index) => {
      const put = (changes, options) => set({ days: session.form.days.with(index, { ...session.form.days[index], ...changes }) }, options);
      const usual = (isEdge) => (isEdge || form.lodging === "none" ? t("trip.as_trip") : t("trip.at_inn"));
      const own = (place) => (place === ANYWHERE ? null : place);
      return h(
        "fieldset",
        { class: "group day-group" },
        h("legend", { text: date(day.date, "short") }),
        h(
          "div",
          { class: "pair" },
          timeField(t("trip.after"), day.after, (after) => put({ after }, { quietly: true }), { key: `after-${index}` }),
          timeField(t("trip.before"), day.before, (before) => put({ before }, { quietly: true }), { key: `before-${index}` }),
        ),
        placePicker(session, { label: t("trip.day_start"), key: `start-${index}`, place: own(day.start), placeholder: usual(index === 0), onChange: (start) => put({ start }) }),
        placePicker(session, { label: t("trip.day_end"), key: `end-${index}`, place: own(day.end), placeholder: usual(index === form.days.length - 1), onChange: (end) => put({ end }) }),
      );
    }),
    button(t("trip.daily_reset"), () => set({ days: form.days.map(({ date: each }) => ({ date: each, start: null, end: null, after: null, before: null })) }), { key: "daily-reset" }),
  ];
}
