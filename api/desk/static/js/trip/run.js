/** Planning: asking for a trip, following it as it improves, stopping it, and opening one that was made before. */

import { Unreachable, follow, get, onConnection, post, run, stop } from "../core/api.js";
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
  session.sent = body;
  await watch(session, signal, (options) => run({ path: tripsOf(session.region), body, headers, ...options }));
}

const tripsOf = (region) => `v1/regions/${encodeURIComponent(region.id)}/trips`;

/** Open a trip that was made before, here or by anybody whose trips this visitor may see. */
export async function reopen(session, tripId) {
  const signal = begin(session);
  Object.assign(session, { asked: tripId, isReopening: true, shown: null, selected: null });
  session.changed();
  let restored = false;
  await watch(session, signal, async ({ onUpdate }) => {
    const restore = (job) => {
      if (job.result && !restored) {
        restored = true;
        session.form = formOf(job.result.request);
        remember(job.id, session.form.days);
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
    restore(job);
    return follow(job, { signal, onUpdate: restore });
  });
}

/** Ask anew for what the server has said of a request or a trip, in the language that the page has now. */
export async function retell(session) {
  if (session.isRunning || !session.fault) return;
  const before = session.fault;
  if (session.asked) await reopen(session, session.asked);
  else if (session.flaws.size) {
    try {
      // What was refused is refused again; should it be taken after all, nobody has asked for it now.
      await stop(await post(tripsOf(session.region), session.sent));
    } catch (error) {
      // Whoever has planned meanwhile, or whom the server does not answer, is told nothing else.
      if (session.fault !== before || error instanceof Unreachable) return;
      Object.assign(session, { fault: error, flaws: flaws(error) });
      session.changed();
    }
  }
}

/** Stop the search; the best plan so far stays. */
export async function halt(session) {
  if (session.isStopping) return;
  if (!session.job) {
    session.watch.abort();
    Object.assign(session, { isRunning: false, isReopening: false });
    session.changed();
    return;
  }
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
  Object.assign(session, {
    isRunning: true, isStopping: false, isReopening: false, asked: null, job: null, fault: null, flaws: new Map(), unmet: null, foreign: null,
  });
  return session.watch.signal;
}

async function watch(session, signal, work) {
  const isOver = () => signal.aborted;
  try {
    await untilReached(signal, () => work({ signal, onUpdate: (job) => { if (!isOver()) take(session, job); } }));
  } catch (error) {
    if (isOver()) return;
    session.fault = error;
    session.flaws = flaws(error);
  }
  if (isOver()) return;
  Object.assign(session, { isRunning: false, isStopping: false, isReopening: false });
  session.changed("ended");
}

/** Do something that needs the server, again and again until it is there. */
async function untilReached(signal, work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof Unreachable)) throw error;
    }
    await connected(signal);
  }
}

/** Return when the server is there again, or nobody waits for it any more. */
const connected = (signal) =>
  new Promise((resolve) => {
    const end = () => {
      unwatch();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const unwatch = onConnection((state) => { if (state === "online") end(); });
    signal.addEventListener("abort", end);
  });

function take(session, job) {
  const isNew = session.job?.id !== job.id;
  session.job = job;
  // For which days a trip made elsewhere is, its result tells.
  if (isNew && !session.asked) remember(job.id, session.sent.days);
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
