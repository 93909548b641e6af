/** What a user wants of single places, how it differs from what the plan shown was asked for, and how to take it back. */

import { forgetFlaws } from "./fields.js";

const MOST_STEPS = 100;

/** Return a booking to the minute, as fields for times have it. */
const minutePin = ({ asset, arrive }) => ({ asset, arrive: arrive.slice(0, 16) });
const pinsOf = (wishes) => new Map((wishes.pins ?? []).map(minutePin).map(({ asset, arrive }) => [asset, arrive]));

/** Return all that is in force: {must: Set, avoid: Set, pins: Map of local minutes by asset}. */
export const wishesOf = (wishes) => ({ must: new Set(wishes.must ?? []), avoid: new Set(wishes.avoid ?? []), pins: pinsOf(wishes) });

/**
 * Return what was changed since a plan was asked for.
 *
 * @param {object} form as it stands
 * @param {object|null} asked the request of the plan
 * @returns {{must: Set, avoid: Set, pins: Map, dropped: {must: Set, avoid: Set, pins: Set}, wishes: object, count: number,
 *   isDirty: boolean}} `must`, `avoid`, `pins` hold what is new or other, `dropped` what was taken back, `wishes` all
 */
export function editsOf(form, asked) {
  const wishes = wishesOf(form);
  const before = wishesOf(asked ?? form);
  const edits = {
    must: minus(wishes.must, before.must),
    avoid: minus(wishes.avoid, before.avoid),
    pins: new Map([...wishes.pins].filter(([asset, arrive]) => before.pins.get(asset) !== arrive)),
    dropped: {
      must: minus(before.must, wishes.must),
      avoid: minus(before.avoid, wishes.avoid),
      pins: minus(new Set(before.pins.keys()), new Set(wishes.pins.keys())),
    },
    wishes,
  };
  // Who books a place that was a wish, or avoids one that was booked, has changed one thing.
  const { dropped } = edits;
  const touched = [edits.must, edits.avoid, edits.pins.keys(), dropped.must, dropped.avoid, dropped.pins];
  edits.count = new Set(touched.flatMap((each) => [...each])).size;
  edits.isDirty = edits.count > 0;
  return edits;
}

const minus = (left, right) => new Set([...left].filter((each) => !right.has(each)));

/* ---- changes: each takes a form, and returns what is other in it ---- */

const without = (list, asset) => list.filter((each) => each !== asset);
const unpinned = (form, asset) => form.pins.filter((pin) => pin.asset !== asset);

const CHANGES = {
  add: (form, asset) => ({ must: [...without(form.must, asset), asset], avoid: without(form.avoid, asset) }),
  drop: (form, asset) => ({ must: without(form.must, asset), pins: unpinned(form, asset) }),
  // Nothing can be both wanted and avoided.
  remove: (form, asset) => ({ avoid: [...without(form.avoid, asset), asset], must: without(form.must, asset), pins: unpinned(form, asset) }),
  restore: (form, asset, asked) => ({ avoid: without(form.avoid, asset), ...wishedAgain(form, asset, asked) }),
  lock: (form, asset, arrive) => ({ pins: [...unpinned(form, asset), { asset, arrive: arrive.slice(0, 16) }], avoid: without(form.avoid, asset) }),
  unlock: (form, asset) => ({ pins: unpinned(form, asset) }),
};
CHANGES.move = CHANGES.lock;

/** Return the wish and the booking that the plan shown was asked with: who takes a removal back takes all of it back. */
function wishedAgain({ must, pins }, asset, asked) {
  const pin = asked?.pins.find((each) => each.asset === asset && !pins.some((kept) => kept.asset === asset));
  const isMust = asked?.must.includes(asset) && !must.includes(asset);
  return { must: isMust ? [...must, asset] : must, pins: pin ? [...pins, minutePin(pin)] : pins };
}

/** Change what is wanted of a place, and remember how it was. */
export function change(session, name, ...values) {
  const { form } = session;
  session.history = [...session.history.slice(-MOST_STEPS), { must: form.must, avoid: form.avoid, pins: form.pins }];
  const changes = CHANGES[name](form, ...values);
  session.form = { ...form, ...changes };
  session.isPreset = false;
  forgetFlaws(session, changes);
}

/** Take the last change back; returns whether there was one. */
export function undo(session) {
  const before = session.history.pop();
  if (!before) return false;
  session.form = { ...session.form, ...before };
  forgetFlaws(session, before);
  return true;
}
