/** Jobs: work that the server does for a while, started, followed through whatever happens, stopped. */

import { pauseBefore, reachable } from "./connection.js";
import { eventsOf } from "./event_stream.js";
import { Problem, Unreachable, get, refusal, request, send, unbroken } from "./requests.js";

const WAIT_S = 2;
const TOLD = ["started", "progress", "improvement"];
/** Refusals that pass: too much at once, a server or a database that is away for a moment. */
const PASSING = [429, 502, 503, 504];

const hasEnded = (job) => !["queued", "running"].includes(job.state);

/**
 * Start a job, follow it to its end, and return its answer: the job's fields with `result`.
 *
 * Survives a server that is away for a while or begins anew. `onUpdate` is told of every better answer: the job with its
 * `result` so far. Aborting ends the watching, not the job: see `stop`.
 *
 * @param {{method?: string, path: string, body?: any, headers?: object, signal?: AbortSignal, onUpdate?: Function}} options
 * @throws {Problem|Unreachable} where the request is refused, or the job failed; or where it could not even be started
 */
export async function run({ method = "POST", path, body, headers = {}, signal, onUpdate }) {
  const patience = onUpdate ? {} : { Prefer: `wait=${WAIT_S}` };
  const { data: job } = await request(method, path, { body, headers: { ...patience, ...headers }, signal });
  onUpdate?.(job);
  return follow(job, { signal, onUpdate });
}

/** Follow a job that has been started, likewise. */
export async function follow(job, { signal, onUpdate } = {}) {
  let latest = job;
  let seen = null;
  let attempt = 0;
  while (!hasEnded(latest)) {
    let retryAfter = 0;
    try {
      for await (const event of events(latest.links.events, { after: seen, signal })) {
        attempt = 0;
        seen = event.id;
        if (event.type === "finished") break;
        if (!TOLD.includes(event.type)) continue;
        latest = await standing(latest, signal);
        onUpdate?.(latest);
      }
      latest = await standing(latest, signal);
      if (hasEnded(latest)) break;
    } catch (error) {
      if (signal?.aborted || !(error instanceof Unreachable || PASSING.includes(error.status))) throw error;
      retryAfter = (error.retryAfter ?? 0) * 1_000;
    }
    // A server that shuts down ends its streams; the one after it has the rest to tell.
    await pause(Math.max(retryAfter, pauseBefore(attempt++)), signal);
    await reachable(signal);
  }
  if (latest.state === "failed") throw new Problem(latest.problem?.status ?? 500, latest.problem ?? {}, null);
  onUpdate?.(latest);
  return latest;
}

/** Return a job as it stands, with its result: the result of what is no resource of its own stands apart. */
async function standing(job, signal) {
  const now = await get(job.links.self, { signal });
  if ("result" in now || !hasEnded(now) || now.state === "failed" || !now.links.result) return now;
  return { ...now, result: await get(now.links.result, { signal }) };
}

/** Ask a job to stop; what it has found so far is kept. */
export const stop = (job) => request("DELETE", job.links.self).then((answer) => answer.data);

async function* events(path, { after, signal }) {
  const headers = { Accept: "text/event-stream", ...(after ? { "Last-Event-ID": after } : {}) };
  const answer = await send("GET", path, { headers, signal });
  if (!answer.ok) throw await refusal(answer);
  const stream = eventsOf(answer.body);
  try {
    while (true) {
      const { done, value } = await unbroken(signal, () => stream.next());
      if (done) return;
      yield value;
    }
  } finally {
    await stream.return();
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
