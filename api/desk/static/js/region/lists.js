/** Editors of fields that are lists: closing rules, starts, seasons, dates, meals. */

import { h, newId, replace } from "../core/dom.js";
import { t } from "../core/texts.js";
import { button, field, select, tick } from "../core/ui.js";
import { typedNumber } from "./fields.js";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MEALS = ["breakfast", "lunch", "dinner", "cafe"];
const shown = (value) => (value === null || value === undefined ? "" : String(value));

/**
 * Make an editor of a list: rows that can be changed, taken away and added.
 *
 * @param {{label: string, add: string, rows: object[], fresh: Function, build: Function, onChange: Function, key: string, faults: Function}} options
 *   `build(row, change)` returns the fields of a row; `faults(index)` what the server says about it
 */
function rowsOf({ label, add, rows, fresh, build, onChange, key, faults = () => [] }) {
  const root = h("fieldset", { class: "region-rows-editor" });
  const render = () =>
    replace(
      root,
      h("legend", { text: label }),
      rows.map((row, index) =>
        h(
          "div",
          { class: "region-row" },
          build(row, (changes) => { Object.assign(row, changes); onChange(rows); }, () => { onChange(rows); render(); }, `${key}-${index}`),
          button(t("region.row_remove", { label }), () => { rows.splice(index, 1); onChange(rows); render(); root.querySelector(".region-add")?.focus(); }, { icon: "bin", quietly: true, key: `${key}-${index}-remove` }),
          faults(index).map((text) => h("small", { class: "fault", text })),
        ),
      ),
      button(add, () => { rows.push(fresh()); onChange(rows); render(); [...root.querySelectorAll(".region-row")].at(-1)?.querySelector("input, select")?.focus(); }, { icon: "plus", class: "button plain region-add", key: `${key}-add` }),
    );
  render();
  return root;
}

const line = (label, value, onInput, { key, ...attributes } = {}) =>
  field(label, () => h("input", { value: shown(value), autocomplete: "off", ...attributes, data: { key }, on: { input: (event) => onInput(event.target.value.normalize("NFKC").trim()) } }));

const days = (chosen, onChange, key) =>
  h(
    "div",
    { class: "region-days", role: "group", "aria-label": t("region.weekdays") },
    WEEKDAYS.map((day) => tick(t(`region.day_${day}`), chosen.includes(day), (isTicked) => onChange(WEEKDAYS.filter((each) => (each === day ? isTicked : chosen.includes(each)))), { key: `${key}-${day}` })),
  );

/* ---- closing rules ---- */

const FRESH_RULES = {
  weekly: () => ({ type: "weekly", weekdays: ["mon"], nth: [], if_holiday: "closed" }),
  annual: () => ({ type: "annual", first: "12-29", last: "01-03" }),
  dates: () => ({ type: "dates", first: "", last: "" }),
  monthly: () => ({ type: "monthly", days: [10] }),
  holiday: () => ({ type: "holiday", when: "on" }),
};
const numbersOf = (raw) => raw.split(/[,、，\s]+/).filter(Boolean).map(typedNumber);

const RULES = {
  weekly: (rule, change, again, key) => [
    days(rule.weekdays, (weekdays) => { Object.assign(rule, { weekdays }); again(); }, key),
    line(t("region.nth"), (rule.nth ?? []).join(", "), (raw) => change({ nth: numbersOf(raw) }), { key: `${key}-nth`, inputmode: "numeric" }),
    field(t("region.if_holiday"), () => select(["closed", "open", "next_weekday", "next_day"].map((what) => [what, t(`region.holiday_${what}`)]), rule.if_holiday ?? "closed", (what) => change({ if_holiday: what }), { data: { key: `${key}-holiday` } })),
  ],
  annual: (rule, change, again, key) => span(rule, change, key, t("region.month_day")),
  dates: (rule, change, again, key) => span(rule, change, key, t("region.whole_date")),
  monthly: (rule, change, again, key) => line(t("region.month_days"), rule.days.join(", "), (raw) => change({ days: numbersOf(raw) }), { key: `${key}-days` }),
  holiday: (rule, change, again, key) => field(t("region.which_day"), () => select(["on", "after"].map((when) => [when, t(`region.when_${when}`)]), rule.when ?? "on", (when) => change({ when }), { data: { key: `${key}-when` } })),
};

const span = (row, change, key, form) => [
  line(t("region.first"), row.first, (first) => change({ first }), { key: `${key}-first`, placeholder: form }),
  line(t("region.last"), row.last, (last) => change({ last }), { key: `${key}-last`, placeholder: form }),
];

/** Make the editor of closing rules. */
export const closings = (rows, onChange, faults) =>
  rowsOf({
    label: t("region.closed"), add: t("region.closed_add"), rows, onChange, faults, key: "closed", fresh: FRESH_RULES.weekly,
    build: (rule, change, again, key) => [
      field(t("region.rule"), () => select(Object.keys(FRESH_RULES).map((type) => [type, t(`region.rule_${type}`)]), rule.type, (type) => {
        for (const name of Object.keys(rule)) delete rule[name];
        Object.assign(rule, FRESH_RULES[type]());
        again();
      }, { data: { key: `${key}-type` } })),
      RULES[rule.type](rule, change, again, key),
    ],
  });

/* ---- the others ---- */

/** Make the editor of starts that can be reserved. */
export const slots = (rows, onChange, faults) =>
  rowsOf({
    label: t("region.slots"), add: t("region.slots_add"), rows, onChange, faults, key: "slots", fresh: () => ({ start: "10:00", capacity: null, weekdays: [] }),
    build: (slot, change, again, key) => [
      line(t("region.start"), slot.start, (start) => change({ start }), { key: `${key}-start`, placeholder: "10:00" }),
      line(t("region.capacity"), slot.capacity, (raw) => change({ capacity: typedNumber(raw) }), { key: `${key}-capacity`, inputmode: "numeric", placeholder: t("common.unknown") }),
      days(slot.weekdays ?? [], (weekdays) => { Object.assign(slot, { weekdays }); again(); }, key),
    ],
  });

export const seasons = (rows, onChange, faults) =>
  rowsOf({
    label: t("region.season"), add: t("region.season_add"), rows, onChange, faults, key: "season", fresh: () => ({ first: "", last: "" }),
    build: (row, change, again, key) => span(row, change, key, t("region.month_day")),
  });

export const dates = (rows, onChange, faults) =>
  rowsOf({
    label: t("region.dates"), add: t("region.dates_add"), rows, onChange, faults, key: "dates", fresh: () => ({ first: "", last: "" }),
    build: (row, change, again, key) => span(row, change, key, t("region.whole_date")),
  });

/** Make the boxes of meals that are served, or that a stay includes. */
export const meals = (chosen, onChange) => {
  let now = chosen;
  const id = newId("meals");
  const set = (meal) => (isTicked) => onChange((now = MEALS.filter((each) => (each === meal ? isTicked : now.includes(each)))));
  return h(
    "div",
    { class: "field wide", role: "group", "aria-labelledby": id },
    h("span", { id, class: "hint", text: t("region.meals") }),
    h("div", { class: "region-days" }, MEALS.map((meal) => tick(t(`region.meal_${meal}`), chosen.includes(meal), set(meal), { key: `meal-${meal}` }))),
  );
};
