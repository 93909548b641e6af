/** What the form of a trip holds, and the request of the API that it makes and is made from. No elements in here. */

import { KINDS } from "../core/icons.js";
import { plusDays } from "../core/texts.js";

export const MOST_DAYS = 14;
export const LUNCH = ["11:00", "14:00"];
/** A day that starts or ends nowhere in particular, though the trip has a start and an end. */
export const ANYWHERE = "anywhere";

const PLAIN = { adults: 2, children: 0, mode: "car", pace: "normal", lodging: "choose", alternatives: 0 };
/** What the form has no field for, as the API fills it in; anything else is kept as it came. */
const UNSEEN = { max_candidates: 300, compare_combinations: true };
const UNSEEN_OF_SOLVER = { name: "portfolio", iterations: null, seed: 1, sampler: "sa", reads: null, model: "routes" };

/** Return a day on which nothing is other than the trip says. */
export const newDay = (date) => ({ date, start: null, end: null, after: null, before: null });

/** Return a form for the coming Saturday and Sunday after a day, from and to a place. */
export function newForm(today, hub = null) {
  const first = comingSaturday(today);
  return {
    ...PLAIN,
    days: [newDay(first), newDay(plusDays(first, 1))],
    start: hub, end: hub,
    resident: false, needs: [], allowsUnknownAccess: false,
    interests: {}, themes: [],
    budget: null, lunch: [...LUNCH], walk: null, refusesUnknownHours: false,
    must: [], avoid: [], pins: [],
    searchSeconds: null, proofSeconds: null,
    others: {},
  };
}

function comingSaturday(today) {
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  return plusDays(today, (6 - weekday + 7) % 7 || 7);
}

/** Return how many days one date is after another. */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** Return days from another first day on; what was said about them stays, and so do days between them. */
export function daysFrom(days, first) {
  const later = daysBetween(days[0].date, first);
  return days.map((day) => ({ ...day, date: plusDays(day.date, later) }));
}

/** Return so many days: the last go, or new ones follow. */
export function daysOf(days, count) {
  const kept = days.slice(0, count);
  while (kept.length < count) kept.push(newDay(plusDays(kept.at(-1).date, 1)));
  return kept;
}

/** Return bookings moved along with the first day. */
export const movedPins = (pins, from, to) => {
  const days = daysBetween(from, to);
  return pins.map((pin) => ({ ...pin, arrive: plusDays(pin.arrive.slice(0, 10), days) + pin.arrive.slice(10) }));
};

/* ---- form to request ---- */

/** Return the request that a form makes: only what differs from the defaults. */
export function requestOf(form) {
  const request = { ...form.others, days: form.days.map((day, index) => dayOf(form, day, index)) };
  const put = (name, value, isAsked) => { if (isAsked) request[name] = value; };
  const party = partyOf(form);
  put("party", party, Object.keys(party).length);
  for (const name of ["mode", "pace", "alternatives"]) put(name, form[name], form[name] !== PLAIN[name]);
  put("lodging", form.lodging, form.lodging !== PLAIN.lodging && form.days.length > 1);
  put("budget_jpy", form.budget, form.budget !== null);
  put("interests", weightsOf(form.interests), Object.keys(form.interests).length);
  for (const name of ["themes", "must", "avoid", "pins"]) put(name, form[name], form[name].length);
  put("limits", { ...form.others.limits, walk_m_per_day: form.walk }, form.walk !== null && form.mode === "walk");
  put("meals", { lunch: form.lunch && { between: form.lunch } }, !form.lunch || form.lunch.join() !== LUNCH.join());
  put("hours_unknown", "refuse", form.refusesUnknownHours);
  put("access_unknown", "allow", form.allowsUnknownAccess);
  const solver = { ...form.others.solver };
  if (form.searchSeconds !== null) {
    solver.time_limit_s = form.searchSeconds;
    // Only one of the two limits can hold.
    delete solver.iterations;
  }
  if (form.proofSeconds !== null) solver.proof_s = form.proofSeconds;
  put("solver", solver, Object.keys(solver).length);
  return request;
}

function dayOf(form, day, index) {
  const asked = { date: day.date };
  // A night decides where a day ends and the next begins; without nights each day begins and ends as the trip does.
  const hasNights = form.lodging !== "none";
  const start = day.start ?? (index === 0 || !hasNights ? form.start : null);
  const end = day.end ?? (index === form.days.length - 1 || !hasNights ? form.end : null);
  if (start && start !== ANYWHERE) asked.start = start;
  if (end && end !== ANYWHERE) asked.end = end;
  if (day.after) asked.after = day.after;
  if (day.before) asked.before = day.before;
  return asked;
}

function partyOf(form) {
  const party = {};
  if (form.adults !== PLAIN.adults) party.adults = form.adults;
  if (form.children !== PLAIN.children) party.children = form.children;
  if (form.resident) party.resident = true;
  if (form.needs.length) party.needs = form.needs;
  return party;
}

/** Return weights by kind and tag. The API counts kinds that are not named half once any is named: so all are named. */
function weightsOf(interests) {
  const namesKinds = KINDS.some((kind) => kind in interests);
  return namesKinds ? { ...Object.fromEntries(KINDS.map((kind) => [kind, 1])), ...interests } : interests;
}

/* ---- request to form ---- */

/** Return the form that makes a request, as an itinerary tells it with all defaults filled in. */
export function formOf(request) {
  const { days, party = {}, limits = {}, meals, solver = {} } = request;
  const form = {
    ...newForm(days[0].date),
    start: days[0].start ?? null,
    end: days.at(-1).end ?? null,
    resident: party.resident ?? false,
    needs: [...(party.needs ?? [])],
    allowsUnknownAccess: request.access_unknown === "allow",
    interests: shownWeights(request.interests ?? {}),
    themes: [...(request.themes ?? [])],
    budget: request.budget_jpy ?? null,
    lunch: meals ? meals.lunch && [...meals.lunch.between] : [...LUNCH],
    walk: limits.walk_m_per_day ?? null,
    refusesUnknownHours: request.hours_unknown === "refuse",
    must: [...(request.must ?? [])],
    avoid: [...(request.avoid ?? [])],
    pins: (request.pins ?? []).map(({ asset, arrive }) => ({ asset, arrive: arrive.slice(0, 16) })),
    searchSeconds: solver.time_limit_s ?? null,
    proofSeconds: solver.proof_s ?? null,
    others: othersOf(request),
  };
  for (const name of ["mode", "pace", "lodging", "alternatives"]) form[name] = request[name] ?? PLAIN[name];
  for (const name of ["adults", "children"]) form[name] = party[name] ?? PLAIN[name];
  form.days = days.map((day, index) => shownDay(form, day, index, days.length));
  return form;
}

function shownDay(form, day, index, count) {
  const hasNights = form.lodging !== "none";
  const own = (place, ofTrip, isEdge) => {
    const usual = isEdge || !hasNights ? ofTrip : null;
    if (JSON.stringify(place ?? null) === JSON.stringify(usual ?? null)) return null;
    return place ?? ANYWHERE;
  };
  return {
    date: day.date,
    start: own(day.start, form.start, index === 0),
    end: own(day.end, form.end, index === count - 1),
    after: day.after ?? null,
    before: day.before ?? null,
  };
}

function shownWeights(interests) {
  const namesKinds = KINDS.some((kind) => kind in interests);
  const all = namesKinds ? { ...Object.fromEntries(KINDS.map((kind) => [kind, 0.5])), ...interests } : interests;
  const isAsked = ([key, weight]) => !KINDS.includes(key) || weight !== 1;
  return Object.fromEntries(Object.entries(all).filter(isAsked));
}

function othersOf(request) {
  const others = differing(request, UNSEEN);
  const solver = differing(request.solver ?? {}, UNSEEN_OF_SOLVER);
  if (Object.keys(solver).length) others.solver = solver;
  const perKind = request.limits?.per_kind ?? {};
  if (Object.keys(perKind).length) others.limits = { per_kind: perKind };
  return others;
}

const differing = (given, defaults) =>
  Object.fromEntries(Object.keys(defaults).filter((name) => name in given && given[name] !== defaults[name]).map((name) => [name, given[name]]));
