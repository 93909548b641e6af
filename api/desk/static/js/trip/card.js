/** The card of a place that was pressed on the map or searched for: what is known of it, and what to do with it. */

import { get } from "../core/api.js";
import { h, replace } from "../core/dom.js";
import { clock, date, duration, pick, t } from "../core/texts.js";
import { badge, button, kindMark } from "../core/ui.js";
import { daysBetween } from "./request.js";
import { nameOf, pointName, priceWords, tagName } from "./words.js";

const ACCESS = ["wheelchair", "stroller"];
/** The API tells so many days at once; a trip may have others between its own. */
const MOST_DAYS_OF_HOURS = 31;

/** Draw the card of what is selected, or nothing. */
export function renderCard(root, session, actions) {
  const { selected, point } = session;
  root.hidden = !selected && !point;
  if (root.hidden) return root.replaceChildren();
  return replace(root, selected ? placeCard(session, selected, actions) : pointCard(session, point, actions));
}

function head(title, mark, actions) {
  const close = button(t("common.close"), () => actions.select(null), { icon: "close", quietly: true, key: "card-close" });
  return h("header", {}, mark, h("h3", { text: title, tabindex: -1, data: { key: "card" } }), close);
}

function pointCard(session, point, actions) {
  const place = { lon: round(point[0]), lat: round(point[1]) };
  return [head(pointName(point), null, actions), edgeButtons(place, actions)];
}

const round = (degrees) => Math.round(degrees * 1e5) / 1e5;

const edgeButtons = (place, actions) =>
  h(
    "div",
    { class: "card-actions" },
    button(t("trip.start_here"), () => actions.startAt(place), { key: "card-start" }),
    button(t("trip.end_here"), () => actions.endAt(place), { key: "card-end" }),
  );

function placeCard(session, assetId, actions) {
  const feature = session.assets.get(assetId);
  if (!feature) return [head(nameOf(session, assetId), null, actions), h("p", { class: "hint", text: t("trip.place_gone") })];
  const { properties } = feature;
  const other = [properties.name.ja, properties.name.en].find((name) => name && name !== pick(properties.name));
  return [
    head(pick(properties.name), kindMark(properties.kind), actions),
    h("p", { class: "hint", text: [t(`common.${properties.kind}`), other, properties.municipality].filter(Boolean).join(t("trip.dot")) }),
    h("p", { class: "card-badges" }, ...standing(session, assetId)),
    properties.description ? h("p", { text: pick(properties.description) }) : null,
    facts(session, feature),
    wishes(session, feature, actions),
  ];
}

/** Say where a place stands: in the plan shown, wanted, booked, avoided. */
function standing(session, assetId) {
  const { form, shown } = session;
  const step = shown?.itinerary.days.flatMap((day) => day.steps).find((each) => each.asset === assetId && each.type !== "travel");
  const pin = form.pins.find((each) => each.asset === assetId);
  const when = ({ arrive }) => `${date(arrive, "short")} ${clock(arrive)}`;
  return [
    step ? badge(t("trip.in_plan", { when: when(step) }), "good") : null,
    pin ? badge(t("trip.booked_at", { when: when(pin) })) : null,
    !pin && form.must.includes(assetId) ? badge(t("trip.is_must")) : null,
    form.avoid.includes(assetId) ? badge(t("trip.is_avoided"), "warn") : null,
  ];
}

function facts(session, { id, geometry, properties }) {
  const hours = h("div", { text: t("shell.loading") });
  showHours(session, id, hours);
  const access = ACCESS.map((need) => t("trip.access_line", { need: t(`trip.need_${need}`), answer: knownWords(properties[need]) })).join(t("trip.comma"));
  const trust = properties.simulated ? t("common.simulated") : properties.checked ? null : t("trip.unchecked");
  const rows = [
    [t("trip.hours"), hours],
    [t("trip.price"), priceWords(properties.price)],
    [t("trip.visit"), duration(properties.visit_minutes.typical * 60)],
    [t("trip.access"), access],
    [t("trip.tags"), properties.tags.map((tag) => tagName(session, tag)).join(t("trip.comma"))],
    [t("trip.position"), geometry ? null : t("common.unknown")],
    [t("trip.data"), trust],
  ];
  return h("dl", { class: "facts" }, rows.filter(([, known]) => known).map(([name, known]) => [h("dt", { text: name }), h("dd", {}, known)]));
}

const knownWords = (known) => (known === "yes" || known === "no" ? t(`common.${known}`) : t("common.unknown"));

/** Hours that were told already: a card is drawn often. */
const told = new Map();

/** Fill in the hours in words, and those of the days of the trip. */
async function showHours(session, assetId, node) {
  const { days } = session.form;
  const dates = new Set(days.map((day) => day.date));
  const span = daysBetween(days[0].date, days.at(-1).date) + 1;
  const query = new URLSearchParams({ from: days[0].date, days: Math.min(span, MOST_DAYS_OF_HOURS) });
  const path = `v1/regions/${encodeURIComponent(session.region.id)}/hours/${encodeURIComponent(assetId)}?${query}`;
  const key = `${session.assetsVersion} ${path}`;
  try {
    if (!told.has(key)) told.set(key, await get(path));
    const { text, days: hours } = told.get(key);
    const line = (day) => h("li", {}, h("span", { text: date(day.date, "short") }), " ", h("b", { class: day.status, text: dayWords(day) }));
    replace(node, pick(text), h("ul", { class: "card-days" }, hours.filter((day) => dates.has(day.date)).map(line)));
  } catch {
    // The card says less; that the server is away is said above the page.
    node.textContent = t("common.unknown");
  }
}

function dayWords({ status, spans, reason }) {
  if (status === "open") return spans.map(({ opens, closes }) => `${opens}–${closes}`).join(t("trip.comma"));
  if (status === "unknown") return t("trip.hours_unknown");
  return reason ? t("trip.closed_because", { reason: pick(reason) }) : t("trip.closed");
}

function wishes(session, { id, geometry, properties }, actions) {
  const { form, shown } = session;
  const isMust = form.must.includes(id) || form.pins.some((pin) => pin.asset === id);
  const isAvoided = form.avoid.includes(id);
  const isInPlan = shown?.itinerary.days.some((day) => day.steps.some((step) => step.asset === id && step.type !== "travel"));
  return [
    h(
      "div",
      { class: "card-actions" },
      button(t("trip.must_short"), () => (isMust ? actions.drop(id) : actions.add(id)), { icon: "plus", pressed: isMust, key: "card-must" }),
      button(t("trip.avoid_short"), () => (isAvoided ? actions.restore(id) : actions.remove(id)), { icon: "minus", pressed: isAvoided, key: "card-avoid" }),
      shown && !isInPlan && !session.isRunning ? button(t("trip.why_not"), () => actions.whyNot(id), { icon: "question", key: "card-why" }) : null,
    ),
    geometry && ["hub", "lodging"].includes(properties.kind) ? edgeButtons({ asset: id }, actions) : null,
  ];
}
