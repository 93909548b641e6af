/** Whether the server is there. Nobody's word is taken for it but that of `/readyz`. */

import { address } from "./address.js";

const PAUSES_MS = [300, 600, 1_000, 2_000, 3_000];
const LONGEST_MS = 8_000;

const watchers = new Set();
let state = "online";
let looking = null;
let timer = 0;
let attempt = 0;
let isLeaving = false;
let isConfirmed = false;

/** Return "online", "offline", or "restarting": it answers, but cannot work yet. */
export const connection = () => state;

/** Call a function with the state whenever it changes; returns how to end that. */
export function onConnection(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Say that a request has broken: the server is taken to be away, until it says otherwise. */
export function suspect() {
  if (isLeaving || state !== "online") return;
  isConfirmed = false;
  clearTimeout(timer);
  timer = setTimeout(look, pauseBefore(0));
  become("offline");
}

/** Whether the server itself was away the last time, and not only a request broken. */
export const wasAway = () => isConfirmed;

/** Ask the server whether it can work, now and until it can. Whoever asks at the same time shares the answer. */
export function look() {
  clearTimeout(timer);
  looking ??= readiness().then((found) => {
    looking = null;
    // Requests break when a page is left; there is nobody to be told.
    if (isLeaving) return;
    if (found === "online") attempt = 0;
    else {
      isConfirmed = true;
      timer = setTimeout(look, pauseBefore(attempt++));
    }
    become(found);
  });
  return looking;
}

/** Return how many milliseconds to wait before one more attempt. */
export const pauseBefore = (attempts) => PAUSES_MS[Math.min(attempts, PAUSES_MS.length - 1)];

/** Return once the server is there. @throws {DOMException} where `signal` is aborted before */
export function reachable(signal) {
  if (state === "online") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = onConnection((now) => { if (now === "online") leave(resolve); });
    const abort = () => leave(reject, signal.reason);
    const leave = (settle, value) => {
      end();
      signal?.removeEventListener("abort", abort);
      settle(value);
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
  });
}

async function readiness() {
  try {
    const { status } = await fetch(address("readyz"), { cache: "no-store", signal: AbortSignal.timeout(LONGEST_MS) });
    // A proxy may keep the address to itself; what it forwards tells the rest.
    return status < 500 ? "online" : "restarting";
  } catch {
    return "offline";
  }
}

function become(next) {
  if (next === state) return;
  state = next;
  for (const watcher of [...watchers]) watcher(next);
}

// A device without a network may well have its server on itself, and one with a network not reach it.
for (const event of ["offline", "online"]) window.addEventListener(event, look);
window.addEventListener("pagehide", () => { isLeaving = true; });
window.addEventListener("pageshow", () => { isLeaving = false; });
