/** Small fields of the form, and where the flaws of a request belong. */

import { h } from "../core/dom.js";
import { t } from "../core/texts.js";
import { button, field, kindMark } from "../core/ui.js";

/** What has a field; flaws of anything else are told above the plan. */
const FIELDS = /^\/(days|party|lodging|budget_jpy|mode|pace|interests|themes|must|avoid|limits|meals|pins|alternatives|solver\/(time_limit_s|proof_s))(\/|$)/;
export const hasField = (pointer) => FIELDS.test(pointer);

/** Where the fields of the form stand in a request. */
const POINTERS = {
  days: "/days", start: "/days", end: "/days", adults: "/party", children: "/party", needs: "/party", lodging: "/lodging", budget: "/budget_jpy", mode: "/mode",
  interests: "/interests", themes: "/themes", must: "/must", avoid: "/avoid", pins: "/pins", walk: "/limits", lunch: "/meals", alternatives: "/alternatives",
  searchSeconds: "/solver", proofSeconds: "/solver",
};

/** Take back what was said of fields that have been changed since: it may not hold any more. */
export function forgetFlaws(session, changes) {
  const changed = Object.keys(changes).map((name) => POINTERS[name]).filter(Boolean);
  session.flaws = new Map([...session.flaws].filter(([pointer]) => !changed.some((each) => pointer.startsWith(each))));
}

/** Return what is wrong at or below some pointers of a request, or null. */
export function flawAt(session, ...pointers) {
  const found = [...session.flaws].filter(([pointer]) => pointers.some((each) => pointer === each || pointer.startsWith(`${each}/`)));
  return found.map(([, text]) => text).join(" ") || null;
}

/** Make a field for a whole number; empty is null. What is out of range is left to the server to explain. */
export function numberField(label, value, onInput, { key, hint, fault, ...rest }) {
  const take = (event) => onInput(event.target.value === "" ? null : Number(event.target.value));
  return field(label, () => h("input", { type: "number", inputmode: "numeric", value: value ?? "", data: { key }, on: { input: take }, ...rest }), { hint, fault });
}

/** Make a field for a time of day; empty is null. Browsers know no time after midnight, `26:00`: it is shown as text. */
export const timeField = (label, value, onChange, { key, fault }) =>
  field(label, () => h("input", { type: value > "23:59" ? "text" : "time", value: value ?? "", data: { key }, on: { change: (event) => onChange(event.target.value || null) } }), { fault });

/** Make a word that can be taken away. */
export const chip = (label, onRemove, { key, kind = null, note = null } = {}) =>
  h(
    "li",
    { class: "wish" },
    kind ? kindMark(kind) : null,
    h("span", { text: label }),
    note,
    button(t("trip.take_away", { what: label }), onRemove, { icon: "close", quietly: true, key }),
  );

/** Make a word that is on or off. */
export const toggle = (label, isOn, onChange, key) =>
  h("button", { type: "button", class: "toggle", "aria-pressed": String(isOn), data: { key }, on: { click: () => onChange(!isOn) } }, label);

/** Make a title with fields under it. */
export const group = (title, ...children) => h("fieldset", { class: "group" }, h("legend", { text: title }), children);
