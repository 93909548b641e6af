/** The public API. Everything the page knows, it knows from here. */

import { current } from "./texts.js";

// The page may stand below a prefix: …/desk/<digest>/js/core/api.js
const BASE = new URL("../../../../", import.meta.url);
const STORED_KEY = "meguri.key";
const WAIT_S = 2;
const PAUSES_MS = [300, 600, 1_000, 2_000, 3_000];

/** A refusal by the server, with everything it says about it (RFC 9457). */
export class Problem extends Error {
  constructor(status, body, headers) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    /** [{pointer?, parameter?, detail, value?}] */
    this.errors = body.errors ?? [];
    this.requestId = body.request_id ?? headers?.get("X-Request-ID") ?? null;
    this.retryAfter = Number(headers?.get("Retry-After")) || null;
  }
}

/** The server cannot be reached. */
export class Unreachable extends Error {}

/* ---- whether the server is there ---- */

let state = "online";
const watchers = new Set();
/** Call a function with "online", "offline" or "restarting" whenever that changes. */
export const onConnection = (watcher) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

function become(next) {
  if (next === state) return;
  state = next;
  for (const watcher of watchers) watcher(next);
  if (next !== "online") lookAgain(0);
}

function lookAgain(attempt) {
  setTimeout(async () => {
    if (state === "online") return;
    const ready = await fetch(address("readyz"), { cache: "no-store" }).then((answer) => answer.status, () => 0);
    if (ready === 200) become("online");
    else {
      become(ready ? "restarting" : "offline");
      lookAgain(attempt + 1);
    }
  }, PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]);
}
window.addEventListener("offline", () => become("offline"));

/** Return once the server is there again. */
const reachable = () =>
  state === "online"
    ? Promise.resolve()
    : new Promise((resolve) => {
        const end = onConnection((now) => {
          if (now !== "online") return;
          end();
          resolve();
        });
      });

/* ---- keys ---- */

let askForKey = async () => null;
/** Say how to ask the user for a key: async (wasRefused) => key or null. */
export const useKeyDialog = (ask) => { askForKey = ask; };
let asking = null;

const storedKey = () => {
  try {
    return sessionStorage.getItem(STORED_KEY);
  } catch {
    return null;
  }
};

/** Return the headers that open the server, for whoever sends requests otherwise. */
export function keyHeaders() {
  const key = storedKey();
  return key ? { "X-API-Key": key } : {};
}

/** Ask for a key, once for all requests that wait for one. */
function newKey() {
  asking ??= askForKey(storedKey() !== null).then((key) => {
    asking = null;
    if (key) sessionStorage.setItem(STORED_KEY, key);
    return key;
  });
  return asking;
}

/* ---- requests ---- */

/** Return where something of the API stands; a link out of an answer is taken as it is. */
export const address = (path) => new URL(path.replace(/^\//, ""), BASE).href;

async function ask(method, path, { body, headers = {}, signal } = {}) {
  const isForm = body instanceof FormData;
  const used = storedKey();
  const sent = { "Accept-Language": current(), ...keyHeaders(), ...headers };
  if (body !== undefined && !isForm) sent["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address(path), { method, headers: sent, body: isForm || body === undefined ? body : JSON.stringify(body), signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    become("offline");
    throw new Unreachable();
  }
  become("online");
  if (answer.status !== 401) return answer;
  // Another request may have got one in the meantime.
  const key = storedKey() !== used ? storedKey() : await newKey();
  return key ? ask(method, path, { body, headers, signal }) : answer;
}

async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body, answer.headers);
}

/**
 * Send a request; return its content as JSON (null where there is none) with the headers of the answer.
 *
 * @returns {Promise<{data: any, headers: Headers, status: number}>}
 * @throws {Problem|Unreachable}
 */
export async function request(method, path, options = {}) {
  const answer = await ask(method, path, options);
  if (!answer.ok) throw await refusal(answer);
  const data = answer.status === 204 ? null : await answer.json();
  return { data, headers: answer.headers, status: answer.status };
}

export const get = async (path, options) => (await request("GET", path, options)).data;
export const post = async (path, body, options) => (await request("POST", path, { ...options, body })).data;

/** Yield the items of all pages of a list. */
export async function* pages(path, options) {
  for (let next = path; next; ) {
    const page = await get(next, options);
    yield* page.items ?? page.features;
    next = page.next ?? page.links?.find((link) => link.rel === "next")?.href ?? null;
  }
}

/** Return all items of a list. */
export async function all(path, options) {
  const items = [];
  for await (const item of pages(path, options)) items.push(item);
  return items;
}

/** Save a file that needs the key to be fetched. */
export async function download(path, name) {
  const answer = await ask("GET", path);
  if (!answer.ok) throw await refusal(answer);
  const given = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  saveAs(await answer.blob(), name ?? given ?? path.split("/").pop());
}

/** Let the browser save what the page has made. */
export function saveAs(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/* ---- jobs ---- */

const hasEnded = (job) => !["queued", "running"].includes(job.state);

/**
 * Start a job, follow it to its end, and return its answer: the job's fields with `result`.
 *
 * Survives a server that is away for a while or begins anew. `onUpdate` is told of every better answer: the job with its
 * `result` so far. Aborting ends the watching, not the job: see `stop`.
 *
 * @param {{method?: string, path: string, body?: any, headers?: object, signal?: AbortSignal, onUpdate?: Function}} options
 * @throws {Problem} where the request is refused, or the job failed
 */
export async function run({ method = "POST", path, body, headers = {}, signal, onUpdate }) {
  const job = await get_or_start();
  onUpdate?.(job);
  return follow(job, { signal, onUpdate });

  async function get_or_start() {
    const patience = { Prefer: `wait=${onUpdate ? 0 : WAIT_S}` };
    return (await request(method, path, { body, headers: { ...(onUpdate ? {} : patience), ...headers }, signal })).data;
  }
}

/** Follow a job that has been started, likewise. */
export async function follow(job, { signal, onUpdate } = {}) {
  let latest = job;
  let seen = null;
  let attempt = 0;
  while (!hasEnded(latest)) {
    try {
      for await (const event of events(latest.links.events, { after: seen, signal })) {
        attempt = 0;
        seen = event.id;
        if (event.type === "finished") break;
        if (event.type === "improvement" || event.type === "progress" || event.type === "started") {
          latest = await standing(latest, signal);
          onUpdate?.(latest);
        }
      }
      latest = await standing(latest, signal);
    } catch (error) {
      if (signal?.aborted || !(error instanceof Unreachable)) throw error;
      await pause(PAUSES_MS[Math.min(attempt++, PAUSES_MS.length - 1)]);
      await reachable();
    }
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

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Yield the events of a stream: {id, type, data}. Unlike the browser's own reader, it can send a key. */
async function* events(path, { after, signal }) {
  const headers = { Accept: "text/event-stream", ...(after ? { "Last-Event-ID": after } : {}) };
  const answer = await ask("GET", path, { headers, signal });
  if (!answer.ok) throw await refusal(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    while (true) {
      let part;
      try {
        part = await reader.read();
      } catch (error) {
        if (signal?.aborted) throw error;
        become("offline");
        throw new Unreachable();
      }
      if (part.done) return;
      text += part.value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const event = parsed(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parsed(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trimStart();
  }
  return fields.data === undefined ? null : { id: fields.id, type: fields.event, data: JSON.parse(fields.data) };
}
