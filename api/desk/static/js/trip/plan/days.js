/** The days of a plan: each with its bar, and below it as a list of stops and ways. */

import { h } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { date, pick, t } from "../../core/texts.js";
import { badge, button, kindMark } from "../../core/ui.js";
import { clockAt, dayColour, factsOf, fieldOf, isRemark, isSpot, knownField, otherName, rowsOf } from "./model.js";
import { stopMenu } from "./menu.js";
import { axisOf, timeline } from "./timeline.js";
import { cost, lasting, nameOf, points, purpose, travel } from "./words.js";

const SOON_S = 7_200;

/**
 * Return the days that are shown.
 *
 * @param {object} context of the view: what is shown, what the user may do, and what is open
 */
export function dayList(context) {
  const { plan, shownDays, selected, actions, wishes, ui } = context;
  const axis = axisOf(plan.days);
  return plan.days.map((day, index) => {
    if (!shownDays.has(index)) return null;
    const ends = [day.start, day.end].filter(Boolean).map(pick);
    const rows = rowsOf(day);
    return h(
      "section",
      { class: "day", vars: dayColour(index), "aria-label": t("plan.day", { number: index + 1 }) },
      h(
        "header",
        { class: "day-head" },
        h("h3", {}, h("b", { text: t("plan.day", { number: index + 1 }) }), " ", h("span", { text: date(day.date) })),
        rows.filter((row) => row.number !== null).length > 1
          ? button(t("plan.reorder"), () => context.openOrder(index), { icon: "list", key: `order-${index}`, class: "button plain small" })
          : null,
      ),
      ends.length ? h("p", { class: "day-ends", text: ends.join(" → ") }) : null,
      timeline(day, { index, axis, selected, avoided: wishes.avoid, onSelect: actions.select, rover: ui.rover }),
      rows.length
        ? h("ol", { class: "steps" }, rows.map((row, position) => stepRow(row, { ...context, day, index, position, last: rows.length - 1 })))
        : h("p", { class: "hint", text: t("plan.empty_day") }),
    );
  });
}

function stepRow(row, context) {
  const { position, last } = context;
  const kind = isSpot(row) ? "spot" : row.type === "travel" ? "move" : row.type;
  const edges = `${position === 0 ? " first" : ""}${position === last ? " last" : ""}`;
  const isEstimated = Boolean(row.step?.estimated);
  if (row.type === "travel") {
    const words = isEstimated ? `${travel(row.step)} (${t("plan.estimated")})` : travel(row.step);
    return plainRow(`step ${kind}${edges}${isEstimated ? " estimated" : ""}`, "", h("span", {}, icon(row.step.mode ?? "walk"), words));
  }
  if (row.type === "wait") return plainRow(`step ${kind}${edges}`, "", h("span", {}, icon("wait"), `${t("plan.wait")} ${lasting(row.step.duration_s)}`));
  if (row.type === "end") {
    const name = h("span", { class: "step-name", text: pick(row.name) || t("plan.place_unnamed") });
    return plainRow(`step ${kind}${edges}`, clockAt(row.from), name, h("span", { class: "node end" }));
  }
  return spotRow(row, context, edges);
}

const plainRow = (name, time, content, node = null) =>
  h("li", { class: name }, h("span", { class: "step-time", text: time }), h("span", { class: "rail", "aria-hidden": "true" }, node), h("div", { class: "what" }, content));

function spotRow(row, context, edges) {
  const { plan, selected, actions, wishes, index } = context;
  const { step } = row;
  const id = step.asset;
  const { facts, marks } = factsOf(plan.assumed, step);
  const isRemoved = id !== null && wishes.avoid.has(id);
  const isSelected = id !== null && id === selected;
  const beside = otherName(step.name);
  const name = h(isRemoved ? "s" : "span", { text: nameOf(step) });
  const press = {
    type: "button", class: "step-name", "aria-current": isSelected ? "true" : null, data: { key: `stop-${index}-${id}` },
    on: { click: () => actions.select(isSelected ? null : id) },
  };
  return h(
    "li",
    { class: `step spot${edges}${isRemoved ? " removed" : ""}${isSelected ? " selected" : ""}`, data: { asset: id ?? "" } },
    h("span", { class: "step-time", text: clockAt(row.from) }),
    h("span", { class: "rail", "aria-hidden": "true" }, h("span", { class: "node" }, row.number === null ? icon("lodging") : String(row.number))),
    h(
      "div",
      { class: "what" },
      h("div", { class: "step-line" }, id ? h("button", press, name) : h("span", { class: "step-name" }, name), beside ? h("span", { class: "beside", lang: "ja", text: beside }) : null),
      h("div", { class: "stop-facts" }, step.kind ? kindMark(step.kind) : null, factsOfStop(row).map((fact) => h("span", { text: fact }))),
      h("div", { class: "stop-badges" }, wishBadges(step, context), marks.map((mark) => badge(t(`plan.mark_${mark}`), "warn"))),
      isSelected ? details(step, facts, context) : null,
    ),
    id ? stopMenu(row, { ...context, isRemoved }) : null,
  );
}

const factsOfStop = (row) =>
  [
    purpose(row.step),
    row.type === "stay" ? null : lasting(row.step.duration_s),
    cost(row.step),
    row.slack === null ? null : closing(row),
  ].filter(Boolean);

/** Say when a place closes, and where that is soon, how soon. */
function closing({ step, slack }) {
  const values = { time: step.closes.slice(11, 16), slack: lasting(slack) };
  if (slack < 60) return t("plan.closes_then", values);
  return slack < SOON_S ? t("plan.closes_soon", values) : t("plan.closes", values);
}

/** Say what the user wants of a stop: in force already, or from the next plan on. */
function wishBadges(step, { wishes, itinerary }) {
  const id = step.asset;
  if (wishes.avoid.has(id)) return badge(t("plan.removed"), "bad");
  const pin = wishes.pins.get(id);
  const isKept = itinerary.request.pins.some((each) => each.asset === id && each.arrive.slice(0, 16) === pin);
  return [
    pin ? h("span", { class: "badge good" }, icon("lock"), " ", isKept ? t("plan.locked") : t("plan.locked_next", { time: `${date(pin, "bare")} ${pin.slice(11)}` })) : null,
    wishes.must.has(id) ? badge(t("plan.wanted"), "good") : null,
  ];
}

/** Return what else is known of a place: what it is, what was assumed of it, what its source says, where to read on. */
function details(step, facts, { assets }) {
  const properties = assets.get(step.asset)?.properties ?? {};
  const words = (fact) => t("plan.assumed_of", { field: t(`plan.field_${knownField(fieldOf(fact))}`), words: pick(fact.text) });
  const texts = facts.map((fact) => (isRemark(fact) ? pick(fact.text) : words(fact)));
  const url = webAddress(properties.url);
  return h(
    "div",
    { class: "step-details" },
    properties.description ? h("p", { text: pick(properties.description) }) : null,
    step.score === null ? null : h("p", { class: "hint", text: t("plan.adds", { points: points(step.score) }) }),
    texts.length ? h("ul", {}, [...new Set(texts)].map((text) => h("li", { text }))) : null,
    url ? h("p", {}, h("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: url })) : null,
  );
}

/** Return an address of the web, unless it is one that a browser would run. */
function webAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol) ? text : null;
  } catch {
    return null;
  }
}
