/** Hours for people who do not write OSM's language: weekdays and times become a rule of it. */

import { h, replace } from "../core/dom.js";
import { t } from "../core/texts.js";
import { button, field, fold, tick } from "../core/ui.js";
import { WEEKDAYS } from "./lists.js";

const CODES = { mon: "Mo", tue: "Tu", wed: "We", thu: "Th", fri: "Fr", sat: "Sa", sun: "Su" };
const CLOCK = /^([01]?\d|2\d):[0-5]\d$/;

/** Return a rule of OSM, `Mo-Fr,Su 09:00-17:00`. */
function ruleOf(days, opens, closes) {
  const runs = [];
  for (const day of WEEKDAYS.filter((each) => days.has(each))) {
    const last = runs.at(-1);
    if (last && WEEKDAYS.indexOf(last.at(-1)) === WEEKDAYS.indexOf(day) - 1) last.push(day);
    else runs.push([day]);
  }
  const written = runs.flatMap((run) => (run.length > 2 ? [`${CODES[run[0]]}-${CODES[run.at(-1)]}`] : run.map((day) => CODES[day])));
  const times = `${opens.padStart(5, "0")}-${closes.padStart(5, "0")}`;
  return days.size === WEEKDAYS.length ? times : `${written.join(",")} ${times}`;
}

/** What the composer begins with; kept with the draft, as the form is built anew now and then. */
export const freshHours = () => ({ isOpen: false, days: new Set(WEEKDAYS), opens: "09:00", closes: "17:00" });

/** Make the part of the form that composes hours; `onRule` is told the rule to add. */
export function composer(hours, onRule) {
  const wrong = h("div", {});
  const clock = (label, value, onInput, key) =>
    field(label, () => h("input", { value, placeholder: "09:00", data: { key }, on: { input: (event) => onInput(event.target.value.normalize("NFKC").trim()) } }));
  const add = () => {
    const { days, opens, closes } = hours;
    const isRight = days.size && CLOCK.test(opens) && CLOCK.test(closes);
    replace(wrong, isRight ? null : h("small", { class: "fault", role: "alert", text: t("region.compose_wrong") }));
    if (isRight) onRule(ruleOf(days, opens, closes));
  };
  return h(
    "div",
    { class: "field wide" },
    fold(t("region.compose"), h(
      "div",
      { class: "region-fields" },
      h("div", { class: "region-days field wide", role: "group", "aria-label": t("region.weekdays") },
        WEEKDAYS.map((day) => tick(t(`region.day_${day}`), hours.days.has(day), (isTicked) => (isTicked ? hours.days.add(day) : hours.days.delete(day)), { key: `compose-${day}` }))),
      clock(t("region.opens"), hours.opens, (value) => { hours.opens = value; }, "compose-opens"),
      clock(t("region.closes"), hours.closes, (value) => { hours.closes = value; }, "compose-closes"),
      h("div", { class: "field wide" }, button(t("region.compose_add"), add, { icon: "plus", key: "compose-add" }), wrong),
    ), { key: "compose", open: hours.isOpen, onToggle: (isOpen) => { hours.isOpen = isOpen; } }),
  );
}
