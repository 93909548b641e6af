/** A plan as it is shown: which one, its stops with their numbers, and what is known of each. No elements in here. */

import { current, pick } from "../../core/texts.js";

const SPOTS = new Set(["visit", "meal", "stay"]);
const DAY_S = 86_400;
const DAYS_OF_COLOURS = 7;

/** Return the plan that is looked at: the itinerary's own, or one of its alternatives, which come without combinations. */
export function planOf(itinerary, alternative) {
  const other = alternative === null || alternative === undefined ? null : itinerary.alternatives[alternative];
  return other ? { ...other, combinations: [], isAlternative: true } : { ...itinerary, isAlternative: false };
}

/** Return the colour of a day. */
export const dayColour = (index) => ({ "--day": `var(--day-${index % DAYS_OF_COLOURS})` });

/** Return the seconds from the beginning of a calendar day to a local time. */
export function secondsInto(date, time) {
  const [hours, minutes, seconds] = time.slice(11, 19).split(":").map(Number);
  return (Date.parse(time.slice(0, 10)) - Date.parse(date)) / 1_000 + hours * 3_600 + minutes * 60 + (seconds || 0);
}

/** Return a length of a day as a clock shows it; after midnight the hours count on. */
export const clockAt = (seconds) =>
  [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)].map((part) => String(part).padStart(2, "0")).join(":");

/** Return the whole minute at or after a local time: bookings are to the minute, and nobody is there before he is. */
export function wholeMinute(date, time) {
  const seconds = Math.ceil(secondsInto(date, time) / 60) * 60;
  const day = new Date(Date.parse(date) + Math.floor(seconds / DAY_S) * DAY_S * 1_000).toISOString().slice(0, 10);
  return `${day}T${clockAt(seconds % DAY_S)}`;
}

/**
 * Return the rows of a day: stops numbered in their order, ways and waits between them, and where it begins and ends.
 *
 * @returns {{type: string, step: object|null, number: number|null, from: number, to: number, slack: number|null}[]} times
 *   in seconds from the beginning of the day; `slack` from leaving to closing, where that is known and worth telling
 */
export function rowsOf(day) {
  const rows = [];
  let number = 0;
  const [first, last] = [day.steps[0], day.steps.at(-1)];
  if (first?.type === "travel") rows.push(endOf(day, day.start, first.arrive));
  for (const step of day.steps) {
    // Zero metres is no way: the place is where the traveller stands.
    if (step.type === "travel" && !step.duration_s && !step.distance_m) continue;
    const isNumbered = SPOTS.has(step.type) && step.type !== "stay";
    rows.push({
      type: step.type, step, number: isNumbered ? ++number : null, slack: slackOf(step, day.date),
      from: secondsInto(day.date, step.arrive), to: secondsInto(day.date, step.depart),
    });
  }
  if (last?.type === "travel") rows.push(endOf(day, day.end, last.depart));
  return rows;
}

const endOf = (day, name, time) => {
  const at = secondsInto(day.date, time);
  return { type: "end", step: null, name, number: null, from: at, to: at, slack: null };
};

const slackOf = (step, date) =>
  step.closes && step.type !== "stay" && step.closes.slice(0, 10) === date
    ? secondsInto(date, step.closes) - secondsInto(date, step.depart)
    : null;

export const isSpot = (row) => SPOTS.has(row.type);

/** Return the stops of a plan by asset: {step, day (index), date, number}. */
export function stopsOf(plan) {
  const stops = new Map();
  plan.days.forEach((day, index) => {
    const spots = rowsOf(day).filter((row) => isSpot(row) && row.step.asset);
    for (const { step, number } of spots) stops.set(step.asset, { step, day: index, date: day.date, number });
  });
  return stops;
}

/** Return how to name places: by the plan, by the region's data, or by the id alone. */
export function namer(assets, itinerary) {
  const left = new Map(itinerary.excluded.map((place) => [place.asset, place.name]));
  const visited = new Map([itinerary, ...itinerary.alternatives].flatMap((plan) => [...stopsOf(plan)]).map(([id, stop]) => [id, stop.step.name]));
  return (id) => pick(assets.get(id)?.properties.name ?? visited.get(id) ?? left.get(id)) || id;
}

/** Return the name in the other language where it says more: shown beside names in English. */
export const otherName = (name) => (current() === "en" && name?.ja && name.en && name.ja !== name.en ? name.ja : null);

/** Return names as a list in the language of the page. */
export const listed = (names) => names.join(current() === "ja" ? "、" : ", ");

/** What a traveller should see beside a place; the rest of what was assumed stands in the list of assumptions only. */
const MARKED = ["opening", "price", "slots", "position", "access", "diet"];
const SAME_FIELD = { lon: "position", lat: "position", wheelchair: "access", stroller: "access" };
export const fieldOf = (fact) => SAME_FIELD[fact.field] ?? fact.field;
export const isRemark = (fact) => fact.field === "remark";

/** Return what was assumed of a place, and what its source remarks: {facts, marks}. */
export function factsOf(assumed, step) {
  const facts = assumed.filter((fact) => fact.asset !== null && fact.asset === step.asset);
  const fields = new Set(facts.map(fieldOf));
  // That its price is unknown already stands there.
  const marks = MARKED.filter((field) => fields.has(field) && !(field === "price" && step.cost_jpy === null));
  return { facts, marks };
}

export const isMarked = (field) => MARKED.includes(field);

const FIELDS = new Set([
  "opening", "price", "position", "slots", "visit_minutes", "appeal", "meals", "serves", "uses", "kind", "indoor", "access", "diet", "season", "dates",
  "municipality",
]);
/** Return the name under which the catalogue knows a field; regions may tell of others. */
export const knownField = (field) => (FIELDS.has(field) ? field : "other");
