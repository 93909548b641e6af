/** The part of the form about what a party likes: interests, themes, and single places wanted, avoided or booked. */

import { h } from "../core/dom.js";
import { KINDS } from "../core/icons.js";
import { date, t } from "../core/texts.js";
import { button, kindMark, select } from "../core/ui.js";
import { chip, flawAt, group, toggle } from "./fields.js";
import { optionOf, picker } from "./picker.js";
import { nameOf, placeOptions, tagName } from "./words.js";

const MOST = 2;
const STEP = 0.25;
const USUAL_BOOKING = "T10:00";

/* ---- interests ---- */

export function interests(session, set) {
  // Inns and stations are chosen for other reasons than liking them.
  const kinds = KINDS.filter((kind) => session.region.kinds[kind] && !["lodging", "hub"].includes(kind));
  const tags = Object.keys(session.form.interests).filter((key) => !KINDS.includes(key));
  return [
    h("p", { class: "hint", text: t("trip.interests_hint") }),
    h("div", { class: "sliders" }, kinds.map((kind) => slider(session, set, kind)), tags.map((tag) => slider(session, set, tag))),
    picker({
      label: t("trip.more_interests"), key: "interest-add", placeholder: t("trip.more_interests_hint"), fault: flawAt(session, "/interests"),
      options: () => tagOptions(session).filter(({ id }) => !(id in session.form.interests)),
      onChoose: (tag) => set({ interests: { ...session.form.interests, [tag]: MOST } }),
    }),
    themes(session, set),
  ];
}

function slider(session, set, key) {
  const isKind = KINDS.includes(key);
  const label = isKind ? t(`common.${key}`) : tagName(session, key);
  const weight = session.form.interests[key] ?? 1;
  const output = h("output", { text: weightWords(weight) });
  const take = (event) => {
    const value = Number(event.target.value);
    const { [key]: _, ...others } = session.form.interests;
    // A kind of usual weight is the same as one that is not named.
    set({ interests: value === 1 && isKind ? others : { ...others, [key]: value } }, { quietly: true });
    output.textContent = weightWords(value);
    event.target.setAttribute("aria-valuetext", weightWords(value));
  };
  const remove = () => {
    const { [key]: _, ...others } = session.form.interests;
    set({ interests: others });
  };
  const input = h("input", {
    type: "range", min: 0, max: MOST, step: STEP, value: weight, "aria-valuetext": weightWords(weight), data: { key: `interest-${key}` }, on: { input: take },
  });
  const words = h("label", {}, isKind ? kindMark(key) : null, h("span", { text: label }), input, output);
  const off = isKind ? null : button(t("trip.take_away", { what: label }), remove, { icon: "close", quietly: true, key: `interest-${key}-off` });
  return h("div", { class: "slider" }, words, off);
}

function weightWords(weight) {
  if (weight === 0) return t("trip.weight_none");
  if (weight === 1) return t("trip.weight_usual");
  if (weight < 1) return t("trip.weight_less");
  return t(weight < MOST ? "trip.weight_more" : "trip.weight_most");
}

/** Return the tags of the region's places, those of most places first. */
function tagOptions(session) {
  return counted(session, "tags").map(([tag, count]) => optionOf({ id: tag, label: tagName(session, tag), detail: t("trip.places", { count }) }));
}

function counted(session, field) {
  const counts = new Map();
  for (const { properties } of session.assets.values()) for (const each of properties[field] ?? []) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].sort((left, right) => right[1] - left[1]);
}

function themes(session, set) {
  const chosen = session.form.themes;
  const known = [...new Set([...counted(session, "themes").map(([theme]) => theme), ...chosen])];
  if (!known.length) return null;
  const flip = (theme) => (isOn) => set({ themes: isOn ? [...chosen, theme] : chosen.filter((each) => each !== theme) });
  return group(
    t("trip.themes"),
    h("p", { class: "hint", text: t("trip.themes_hint") }),
    h("div", { class: "toggles" }, known.map((theme) => toggle(tagName(session, theme), chosen.includes(theme), flip(theme), `theme-${theme}`))),
    flawAt(session, "/themes") ? h("p", { class: "fault", text: flawAt(session, "/themes") }) : null,
  );
}

/* ---- single places ---- */

export function places(session, actions) {
  const { must, avoid, pins } = session.form;
  const booked = new Set(pins.map((pin) => pin.asset));
  const free = (asset) => !must.includes(asset) && !avoid.includes(asset) && !booked.has(asset);
  const options = () => placeOptions(session).filter(({ id }) => free(id));
  const faultOf = (name) => flawAt(session, `/${name}`);
  return [
    h("p", { class: "hint", text: t("trip.places_hint") }),
    session.history.length ? button(t("trip.undo"), actions.undo, { key: "undo" }) : null,
    picker({ label: t("trip.must"), key: "must-add", placeholder: t("trip.search_place"), options, onChoose: actions.add, fault: faultOf("must") }),
    chips(session, must.filter((asset) => !booked.has(asset)), (asset) => actions.drop(asset), "must", (asset) => bookButton(session, actions, asset)),
    pins.length ? h("ul", { class: "bookings", "aria-label": t("trip.bookings") }, pins.map((pin, index) => booking(session, actions, pin, index))) : null,
    picker({ label: t("trip.avoid"), key: "avoid-add", placeholder: t("trip.search_place"), options, onChoose: actions.remove, fault: faultOf("avoid") }),
    chips(session, avoid, (asset) => actions.restore(asset), "avoid"),
  ];
}

function chips(session, assets, onRemove, key, noteOf = () => null) {
  if (!assets.length) return null;
  const make = (asset) =>
    chip(nameOf(session, asset), () => onRemove(asset), { key: `${key}-${asset}`, kind: session.assets.get(asset)?.properties.kind, note: noteOf(asset) });
  return h("ul", { class: `wishes ${key}` }, assets.map(make));
}

/** Offer a time for a place; inns have none. */
function bookButton(session, actions, asset) {
  if (session.assets.get(asset)?.properties.kind === "lodging") return null;
  const book = () => actions.lock(asset, `${session.form.days[0].date}${USUAL_BOOKING}`);
  return button(t("trip.book", { place: nameOf(session, asset) }), book, { icon: "wait", quietly: true, key: `book-${asset}` });
}

function booking(session, actions, { asset, arrive }, index) {
  const name = nameOf(session, asset);
  const [day, clock] = arrive.split("T");
  const dates = [...new Set([...session.form.days.map((each) => each.date), day])].map((each) => [each, date(each, "short")]);
  const fault = flawAt(session, `/pins/${index}`);
  const take = (nextDay, nextClock) => actions.lock(asset, `${nextDay}T${nextClock}`);
  return h(
    "li",
    { class: "booking" },
    h("strong", { text: name }),
    h(
      "div",
      { class: "booking-line" },
      select(dates, day, (next) => take(next, clock), { "aria-label": t("trip.day_of", { place: name }), data: { key: `pin-day-${asset}` } }),
      h("input", {
        type: "time", value: clock, "aria-label": t("trip.time_of", { place: name }), "aria-invalid": fault ? "true" : null, data: { key: `pin-time-${asset}` },
        on: { change: (event) => event.target.value && take(day, event.target.value) },
      }),
      button(t("trip.take_away", { what: name }), () => actions.unlock(asset), { icon: "close", quietly: true, key: `pin-off-${asset}` }),
    ),
    fault ? h("small", { class: "fault", text: fault }) : null,
  );
}
