/** Planning: asking for a trip, following it as it improves, stopping it, and opening one that was made before. */

import { follow, get, run, stop } from "../core/api.js";
import { flaws } from "../core/ui.js";
import { remember } from "./recent.js";
import { formOf, requestOf } from "./request.js";
import { readAssets } from "./state.js";

/** Ask for a trip; the form stays as it is, whatever comes of it. Returns once it has ended, however it did. */
export async function plan(session) {
  if (session.isRunning && session.job) stop(session.job).catch(() => {});
  const signal = begin(session);
  session.changed();
  // Whoever is quicker than the places are read leaves from where most do.
  await readAssets(session);
  if (signal.aborted) return;
  session.isPreset = false;
  const body = requestOf(session.form);
  // If the connection breaks before the answer is there, asking again does not plan twice.
  const headers = { "Idempotency-Key": newKey() };
  const path = `v1/regions/${encodeURIComponent(session.region.id)}/trips`;
  await watch(session, signal, (options) => run({ path, body, headers, ...options }));
}

/** Open a trip that was made before, here or by anybody whose trips this visitor may see. */
export async function reopen(session, tripId) {
  const signal = begin(session);
  Object.assign(session, { asked: tripId, isReopening: true, shown: null, selected: null });
  session.changed();
  let restored = false;
  await watch(session, signal, async ({ onUpdate }) => {
    const take = (job) => {
      if (job.result && !restored) {
        restored = true;
        session.form = formOf(job.result.request);
        session.isPreset = false;
        session.history = [];
      }
      onUpdate(job);
    };
    const job = await get(`v1/trips/${encodeURIComponent(tripId)}`, { signal });
    session.isReopening = false;
    if (job.region !== session.region.id) {
      session.foreign = job;
      return job;
    }
    take(job);
    return follow(job, { signal, onUpdate: take });
  });
}

/** Stop the search; the best plan so far stays. */
export async function halt(session) {
  if (!session.job || session.isStopping) return;
  session.isStopping = true;
  session.changed();
  try {
    await stop(session.job);
  } catch (error) {
    session.isStopping = false;
    session.fault = error;
    session.changed();
  }
}

function begin(session) {
  session.watch?.abort();
  session.watch = new AbortController();
  Object.assign(session, { isRunning: true, isStopping: false, isReopening: false, asked: null, job: null, fault: null, flaws: new Map(), unmet: null, foreign: null });
  return session.watch.signal;
}

async function watch(session, signal, work) {
  const isOver = () => signal.aborted;
  try {
    await work({ signal, onUpdate: (job) => { if (!isOver()) take(session, job); } });
  } catch (error) {
    if (isOver()) return;
    session.fault = error;
    session.flaws = flaws(error);
  }
  if (isOver()) return;
  Object.assign(session, { isRunning: false, isStopping: false, isReopening: false });
  session.changed("ended");
}

function take(session, job) {
  const isNew = session.job?.id !== job.id;
  session.job = job;
  if (isNew) remember(job.id, session.form.days);
  const itinerary = job.result;
  if (itinerary?.days.length) {
    const hadDays = session.shown?.itinerary.days.length;
    if (session.shown?.answer.id !== job.id) session.alternative = null;
    session.shown = { answer: job, itinerary };
    if (hadDays !== itinerary.days.length) session.shownDays = new Set(itinerary.days.keys());
  } else if (itinerary) session.unmet = itinerary;
  session.changed(isNew ? "started" : "improved");
}

/** Return a name for a request that nobody else uses; pages without TLS have no `randomUUID`. */
const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
