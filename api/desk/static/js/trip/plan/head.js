/** The head of a plan: where, when, how good it is, what it costs; and which days are shown. */

import { h } from "../../core/dom.js";
import { date, firstSentence, number, percent, pick, t } from "../../core/texts.js";
import { button, notice } from "../../core/ui.js";
import { dayColour } from "./model.js";
import { points, quality, sum, lasting } from "./words.js";

/** Return title, figures and notice of the plan shown. */
export function head({ itinerary, plan, isRunning, edits, alternative, ui }, { onSave, onPrint }) {
  const dates = [plan.days[0], plan.days.at(-1)].filter(Boolean).map((day) => date(day.date));
  const less = t("plan.less_than_best", { points: number(Math.round(itinerary.objective - plan.objective)) });
  return h(
    "header",
    { class: "plan-head" },
    h(
      "div",
      { class: "plan-title" },
      h("h2", { text: t("plan.title", { region: pick(itinerary.region_name) }), tabindex: "-1", data: { key: "plan-title" } }),
      h(
        "div",
        { class: "plan-tools" },
        button(t("plan.save"), onSave, { icon: "download", key: "plan-save" }),
        button(t("plan.print"), onPrint, { icon: "print", quietly: true, key: "plan-print" }),
      ),
    ),
    h("p", { class: "plan-dates", text: [...new Set(dates)].join(" – ") }),
    plan.isAlternative
      ? h("p", { class: "plan-quality" }, h("strong", { text: t("plan.alternative", { number: alternative + 1 }) }), ` · ${less}`)
      : h("p", { class: "plan-quality", text: isRunning && !edits.isDirty ? t("plan.still_improving", { quality: quality(itinerary) }) : quality(itinerary) }),
    figures(itinerary, plan),
    itinerary.notice ? caution(pick(itinerary.notice), ui) : null,
  );
}

/** Return what the region says of its data: the first sentence, and the rest on request and on paper. */
function caution(text, ui) {
  const [first, rest] = firstSentence(text);
  if (!rest) return notice("warn", h("p", { text }));
  const isOpen = ui.isPrinting || ui.open.has("notice");
  const onToggle = ({ target }) => { if (!ui.isPrinting && target.isConnected) ui.open[target.open ? "add" : "delete"]("notice"); };
  return notice("warn", h("details", { open: isOpen, on: { toggle: onToggle } }, h("summary", { text: first, data: { key: "notice" } }), h("p", { text: rest })));
}

function figures(itinerary, plan) {
  const { totals } = plan;
  const awake = totals.visit_s + totals.travel_s + totals.wait_s;
  const rows = [
    [t("plan.figure_places"), number(totals.visits)],
    [t("plan.figure_points"), points(plan.objective)],
    [t("plan.figure_travel"), `${lasting(totals.travel_s)} (${percent(awake ? totals.travel_s / awake : 0)})`],
    [t("plan.figure_cost"), sum(totals)],
  ];
  return h("dl", { class: "plan-figures" }, rows.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));
}

/** Return a chip for each day: its colour and number, and whether it is shown. */
export function chips(days, shownDays, onShow) {
  if (days.length < 2) return null;
  const toggled = (index) => {
    const next = new Set(shownDays);
    if (!next.delete(index)) next.add(index);
    return next;
  };
  return h(
    "div",
    { class: "day-chips", role: "group", "aria-label": t("plan.days_shown") },
    days.map((day, index) =>
      h(
        "button",
        {
          type: "button", class: "day-chip", "aria-pressed": String(shownDays.has(index)), vars: dayColour(index),
          data: { key: `chip-${index}` }, on: { click: () => onShow(toggled(index)) },
        },
        h("span", { class: "chip-dot", "aria-hidden": "true" }),
        h("span", { text: t("plan.day", { number: index + 1 }) }),
        h("span", { class: "chip-date", text: date(day.date, "bare") }),
      ),
    ),
  );
}
