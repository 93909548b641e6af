/** Requests to the API, and how they fail: refused (`Problem`), or never answered (`Unreachable`). */

import { address } from "./address.js";
import { connection, look, suspect } from "./connection.js";
import { currentKey, keyAfter, keyHeaders } from "./keys.js";
import { current } from "./texts.js";

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

/** Send a request, with a key where the server wants one; return the answer, whatever it says. */
export async function send(method, path, { body, headers = {}, signal } = {}) {
  const isForm = body instanceof FormData;
  const used = currentKey();
  const sent = { "Accept-Language": current(), ...keyHeaders(), ...headers };
  if (body !== undefined && !isForm) sent["Content-Type"] = "application/json";
  const content = isForm || body === undefined ? body : JSON.stringify(body);
  const answer = await unbroken(signal, () => fetch(address(path), { method, headers: sent, body: content, signal }));
  if (isOfProxy(answer)) throw unreachable();
  if (answer.status >= 502 || connection() !== "online") look();
  if (answer.status !== 401) return answer;
  const key = await keyAfter(used);
  return key === null || signal?.aborted ? answer : send(method, path, { body, headers, signal });
}

/** Do something over the network; where that breaks, say that the server is out of reach. */
export async function unbroken(signal, action) {
  try {
    return await action();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
}

function unreachable() {
  suspect();
  return new Unreachable("the server cannot be reached");
}

/** Whether somebody before the server answers that it is away. */
const isOfProxy = (answer) => answer.status >= 502 && answer.status <= 504 && !answer.headers.get("Content-Type")?.includes("json");

export async function refusal(answer) {
  const body = await answer.json().catch(() => null);
  return new Problem(answer.status, body ?? {}, answer.headers);
}

/**
 * Send a request; return its content as JSON (null where there is none) with the headers of the answer.
 *
 * @returns {Promise<{data: any, headers: Headers, status: number}>}
 * @throws {Problem|Unreachable}
 */
export async function request(method, path, options = {}) {
  const answer = await send(method, path, options);
  if (!answer.ok) throw await refusal(answer);
  const data = answer.status === 204 ? null : await unbroken(options.signal, () => answer.json());
  return { data, headers: answer.headers, status: answer.status };
}

export const get = async (path, options) => (await request("GET", path, options)).data;
export const post = async (path, body, options) => (await request("POST", path, { ...options, body })).data;

/** Yield the items of all pages of a list. */
async function* pages(path, options) {
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
  const answer = await send("GET", path);
  if (!answer.ok) throw await refusal(answer);
  const given = nameIn(answer.headers.get("Content-Disposition") ?? "");
  saveAs(await unbroken(null, () => answer.blob()), name ?? given ?? path.split(/[?#]/)[0].split("/").pop());
}

/** Return the name that a file is given, in the letters of its language where it has such a name (RFC 8187). */
function nameIn(disposition) {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  try {
    if (encoded) return decodeURIComponent(encoded);
  } catch { /* The plain name is there as well. */ }
  return /filename="?([^";]+)"?/.exec(disposition)?.[1];
}

/** Let the browser save what the page has made. */
export function saveAs(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
