/** The plan and the others that really differ from it, beside each other. */

import { h } from "../../core/dom.js";
import { date, distance, number, percent, t } from "../../core/texts.js";
import { badge, button, openDialog } from "../../core/ui.js";
import { clockAt, dayColour, isSpot, listed, rowsOf, stopsOf } from "./model.js";
import { lasting, nameOf as nameOfStep, points, signed, sum } from "./words.js";

/** Return the section: a card for the plan and one for each alternative. */
export function alternativeCards(context) {
  const { itinerary } = context;
  return [
    h("p", { class: "hint", text: t("plan.alternatives_hint") }),
    h("div", { class: "cards" }, [null, ...itinerary.alternatives.keys()].map((index) => card(index, context, {}))),
    button(t("plan.compare"), () => compare(context), { key: "compare", icon: "list" }),
  ];
}

const titleOf = (index) => (index === null ? t("plan.best_plan") : t("plan.alternative", { number: index + 1 }));

function compare(context) {
  const { itinerary } = context;
  openDialog(
    t("plan.compare_title"),
    (close) => h("div", { class: "columns" }, [null, ...itinerary.alternatives.keys()].map((index) => card(index, context, { close, isWhole: true }))),
    { wide: true },
  );
}

function card(index, context, { close = () => {}, isWhole = false }) {
  const { itinerary, alternative, actions, nameOf } = context;
  const plan = index === null ? itinerary : itinerary.alternatives[index];
  const isShown = (alternative ?? null) === index;
  const show = () => {
    close();
    actions.showAlternative(index);
  };
  const keep = () => {
    close();
    keepPlan(plan, itinerary, context);
  };
  const named = (key) => ({ class: "button plain small", "aria-label": `${t(key)}: ${titleOf(index)}` });
  return h(
    "article",
    { class: `card${isShown ? " shown" : ""}` },
    h("h4", {}, titleOf(index), " ", isShown ? badge(t("plan.shown"), "good") : null),
    figures(plan, itinerary, index),
    index === null ? null : changes(t("plan.gained"), plan.gained, nameOf),
    index === null ? null : changes(t("plan.lost"), plan.lost, nameOf),
    isWhole ? plan.days.map((day, at) => dayOf(day, at)) : null,
    h(
      "div",
      { class: "card-foot" },
      isShown ? null : button(t("plan.show_this"), show, { key: `show-${index}`, ...named("plan.show_this") }),
      index === null ? null : button(t("plan.keep_this"), keep, { key: `keep-${index}`, ...named("plan.keep_this"), title: t("plan.keep_hint") }),
    ),
  );
}

function figures(plan, itinerary, index) {
  const rows = [
    [t("plan.figure_points"), index === null ? points(plan.objective) : `${points(plan.objective)} (${signed(plan.objective - itinerary.objective)})`],
    index === null ? null : [t("plan.difference"), t("plan.other_places", { share: percent(plan.distance) })],
    [t("plan.figure_places"), number(plan.totals.visits)],
    [t("plan.travel"), `${lasting(plan.totals.travel_s)} · ${distance(plan.totals.distance_m)}`],
    [t("plan.figure_cost"), sum(plan.totals)],
  ].filter(Boolean);
  return h("dl", {}, rows.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));
}

const changes = (title, ids, nameOf) => (ids.length ? h("p", { class: "changes" }, h("strong", { text: title }), " ", listed(ids.map(nameOf))) : null);

const dayOf = (day, index) =>
  h(
    "section",
    { vars: dayColour(index) },
    h("h5", { text: `${t("plan.day", { number: index + 1 })} ${date(day.date, "bare")}` }),
    h("ol", { class: "tried" }, rowsOf(day).filter(isSpot).map((row) => h("li", {}, stopWords(row)))),
  );

const stopWords = (row) => [h("span", { class: "tried-time", text: clockAt(row.from) }), h("span", { text: nameOfStep(row.step) })];

/** Make a plan's places wishes, and avoid what it leaves out. Inns cannot be wished for: they follow from the places. */
function keepPlan(plan, itinerary, { actions }) {
  const isInn = (stop) => stop.step.type === "stay";
  const wanted = [...stopsOf(plan)].filter(([, stop]) => !isInn(stop)).map(([id]) => id);
  const left = [...stopsOf(itinerary)].filter(([id, stop]) => !isInn(stop) && plan.lost.includes(id)).map(([id]) => id);
  for (const id of left) actions.remove(id);
  for (const id of wanted) actions.add(id);
  actions.planAgain();
}
