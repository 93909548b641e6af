/** The part of the form about days: which, from where to where, and what is other on single ones. */

import { h } from "../core/dom.js";
import { date, t } from "../core/texts.js";
import { button, field, select } from "../core/ui.js";
import { flawAt, timeField } from "./fields.js";
import { picker } from "./picker.js";
import { ANYWHERE, MOST_DAYS, daysFrom, daysOf, movedPins, newDay } from "./request.js";
import { arrivalRank, hasPosition, placeName, placeOptions } from "./words.js";

/** Draw the fields of first day and length. */
export function days(session, set) {
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
    set({ days: next, lodging: innsOf(lodging, next.length - 1) });
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

/** Return as many inns as there are nights, where each night has its own. */
const innsOf = (lodging, nights) =>
  Array.isArray(lodging) && lodging.length > 1 ? Array.from({ length: Math.max(nights, 1) }, (_, night) => lodging[night] ?? lodging.at(-1)) : lodging;

/** Return what is wrong with the dates and times of days; where they start and end has fields of its own. */
function dateFlaw(session) {
  const ofDates = [...session.flaws].filter(([pointer]) => /^\/days\/\d+(\/(date|after|before).*)?$/.test(pointer));
  return ofDates.map(([, text]) => text).join(" ") || null;
}

/** Draw where the trip starts and ends. */
export function edges(session, set) {
  const { form } = session;
  const last = form.days.length - 1;
  const cleared = (index, side) => session.form.days.with(index, { ...session.form.days[index], [side]: null });
  const flawOf = (side) => form.days.map((_, index) => flawAt(session, `/days/${index}/${side}`)).filter(Boolean).join(" ") || null;
  const edge = (side, index) =>
    placePicker(session, {
      label: side === "start" ? t("trip.start") : t("trip.end"), key: side, place: form.days[index][side] ?? form[side], fault: flawOf(side),
      onChange: (place) => set({ [side]: place, days: cleared(index, side) }),
    });
  return h("div", { class: "form" }, edge("start", 0), edge("end", last));
}

function placePicker(session, { label, key, place, onChange, fault, placeholder = t("trip.anywhere") }) {
  const isPlace = place && place !== ANYWHERE;
  return picker({
    label, key, fault, placeholder, options: () => placeOptions(session, hasPosition, arrivalRank),
    chosen: isPlace ? { label: placeName(session, place) } : null,
    onChoose: (asset) => onChange({ asset }),
    onClear: () => onChange(null),
  });
}

/* ---- each day ---- */

/** Draw what may differ from day to day. */
export function daily(session, set) {
  const { form } = session;
  const last = form.days.length - 1;
  return [
    h("p", { class: "hint", text: t("trip.daily_hint") }),
    form.days.map((day, index) => {
      const put = (changes, options) => set({ days: session.form.days.with(index, { ...session.form.days[index], ...changes }) }, options);
      const usual = (place, isEdge) => t(place === ANYWHERE ? "trip.anywhere" : isEdge || form.lodging === "none" ? "trip.as_trip" : "trip.at_inn");
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
        ["start", "end"].map((side) =>
          placePicker(session, {
            label: t(`trip.day_${side}`), key: `${side}-${index}`, place: day[side], placeholder: usual(day[side], index === (side === "start" ? 0 : last)),
            onChange: (place) => put({ [side]: place }),
          }),
        ),
      );
    }),
    button(t("trip.daily_reset"), () => set({ days: form.days.map((day) => newDay(day.date)) }), { key: "daily-reset" }),
  ];
}
