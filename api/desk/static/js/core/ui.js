/** Parts that all desks are made of. */

import { announce, h, newId, replace } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";
import { Problem, Unreachable, changeKey, currentKey, onConnection, wasAway } from "./api.js";

/**
 * Make a button.
 *
 * @param {string|null} label shown; with `icon` and `quietly`, told to screen readers and shown as a tooltip only
 * @param {{icon?: string, kind?: "primary"|"plain"|"danger", quietly?: boolean, pressed?: boolean, key?: string}} [options]
 *   further options are attributes
 */
export function button(label, onClick, { icon: name, kind = "plain", quietly = false, pressed, key, ...rest } = {}) {
  const attributes = {
    type: "button",
    class: `button ${kind}${quietly ? " quiet" : ""}`,
    "aria-label": quietly ? label : null,
    title: quietly ? label : null,
    "aria-pressed": pressed === undefined ? null : String(pressed),
    data: key ? { key } : {},
    on: { click: onClick },
    ...rest,
  };
  return h("button", attributes, name ? icon(name) : null, quietly ? null : h("span", { text: label }));
}

/** Put a label, an explanation and a fault around a field: `field("Start", (id) => input)`. */
export function field(label, make, { hint, fault, wide = false } = {}) {
  const id = newId("field");
  const notes = [hint ? h("small", { id: `${id}-hint`, class: "hint", text: hint }) : null, faultOf(id, fault)];
  const control = make(id);
  control.id = id;
  const described = [hint ? `${id}-hint` : null, fault ? `${id}-fault` : null].filter(Boolean).join(" ");
  if (described) control.setAttribute("aria-describedby", described);
  if (fault) control.setAttribute("aria-invalid", "true");
  return h("div", { class: `field${wide ? " wide" : ""}` }, h("label", { for: id, text: label }), control, notes);
}

const faultOf = (id, fault) => (fault ? h("small", { id: `${id}-fault`, class: "fault", text: fault }) : null);

/** Make a row of choices of which one is chosen: [{value, label, icon?}]. Arrow keys move between them. */
export function choices(label, options, chosen, onChoose, { key, wide = false } = {}) {
  const name = newId("choice");
  return h(
    "fieldset",
    { class: `choices${wide ? " wide" : ""}` },
    h("legend", { class: "visually-hidden", text: label }),
    options.map(({ value, label: text, icon: drawn }) =>
      h(
        "label",
        { class: "choice" },
        h("input", {
          type: "radio", name, value, checked: value === chosen, data: { key: `${key ?? label}-${value}` },
          on: { change: () => onChoose(value) },
        }),
        h("span", {}, drawn ? icon(drawn) : null, text),
      ),
    ),
  );
}

/** Make a list to choose from: [[value, label], …]. */
export function select(options, chosen, onChange, attributes = {}) {
  return h(
    "select",
    { value: chosen, ...attributes, on: { change: (event) => onChange(event.target.value) } },
    options.map(([value, label]) => h("option", { value, text: label })),
  );
}

/** Make a box to tick, with its words. */
export function tick(label, isTicked, onChange, { key, ...rest } = {}) {
  return h(
    "label",
    { class: "tick" },
    h("input", { type: "checkbox", checked: isTicked, data: key ? { key } : {}, on: { change: (event) => onChange(event.target.checked) }, ...rest }),
    h("span", { text: label }),
  );
}

/** Make a section that can be folded. */
export const fold = (title, children, { open = false, key, onToggle } = {}) =>
  h(
    "details",
    { class: "fold", open, on: onToggle ? { toggle: (event) => onToggle(event.target.open) } : {} },
    h("summary", { data: key ? { key } : {} }, title),
    children,
  );

/** Say that something is under way, how far it is where that is known (0…1), and let it be stopped. */
export function progress(text, { share = null, onStop } = {}) {
  return h(
    "div",
    { class: "progress", role: "status" },
    h("span", { text }),
    h("progress", { max: 1, ...(share === null ? {} : { value: share }), "aria-label": text }),
    onStop ? button(t("common.stop"), onStop, { icon: "stop" }) : null,
  );
}

/**
 * Say what went wrong, in the words of the server where it has some, and what to do about it.
 *
 * What failed because the server is away is tried again by itself as soon as it is back.
 */
export function fault(error, { onRetry } = {}) {
  if (error instanceof Problem) return refused(error, onRetry);
  const isAway = error instanceof Unreachable;
  if (!isAway) console.error(error);
  const node = h(
    "div",
    { class: "notice bad", role: "alert" },
    h("strong", { text: t(isAway ? "fault.unreachable" : "fault.failed") }),
    onRetry ? button(t("common.retry"), onRetry) : null,
  );
  if (isAway && onRetry) retryOnReturn(node, onRetry);
  return node;
}

function refused(error, onRetry) {
  const retry = async () => { if (await changeKey()) onRetry?.(); };
  // The server's words are for programs: there is a window for it here.
  if (error.status === 401) return notice("warn", h("strong", { role: "alert", text: t("fault.key_title") }), h("p", { text: t("fault.key_text") }), button(t("fault.key_give"), retry));
  const lines = error.errors.map(faultLine);
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    h("strong", { text: error.title || t("fault.failed") }),
    error.detail && !lines.length ? h("p", { text: error.detail }) : null,
    lines.length ? h("ul", {}, lines.map((line) => h("li", { text: line }))) : null,
    error.retryAfter ? h("p", { text: t("fault.retry_after", { seconds: error.retryAfter }) }) : null,
    error.requestId && error.status >= 500 ? h("p", { class: "hint", text: t("fault.request_id", { id: error.requestId }) }) : null,
    error.status === 403 && currentKey() ? button(t("fault.other_key"), retry) : null,
    onRetry ? button(t("common.retry"), onRetry) : null,
  );
}

/** Where the server was there all the time, it is the request that breaks: trying it again and again would help nobody. */
function retryOnReturn(node, onRetry) {
  const end = onConnection((now) => {
    if (now !== "online") return;
    end();
    if (node.isConnected && wasAway()) onRetry();
  });
}

/** Return the flaws of a refused request by the pointer of their field, `/days/0/date`. */
export const flaws = (error) =>
  new Map(error instanceof Problem ? error.errors.filter((each) => each.pointer).map((each) => [each.pointer, each.detail]) : []);

function faultLine({ pointer, parameter, detail }) {
  const where = (pointer ?? parameter ?? "").replace(/^\//, "").replaceAll("/", " › ");
  return where ? `${where}: ${detail}` : detail;
}

/** Make a note beside things: `info`, `warn` or `bad`. */
export const notice = (kind, ...children) => h("div", { class: `notice ${kind}` }, children);

/** Make a mark for a kind of place: its colour and its shape. */
export const kindMark = (kind) => h("span", { class: `kind-mark kind-${kind}` }, icon(kind));

/** Make a small word on a ground of its own. */
export const badge = (text, kind = "") => h("span", { class: `badge ${kind}`, text });

/**
 * Open a window over the page; returns how to close it. The focus stays inside, Escape closes, and the focus goes back.
 *
 * @param {string} title
 * @param {(close: Function) => Node|Node[]} build
 */
export function openDialog(title, build, { onClose, wide = false } = {}) {
  const id = newId("dialog");
  const before = document.activeElement;
  const close = () => dialog.close();
  const closed = () => {
    dialog.remove();
    onClose?.();
    focusAgain(before);
  };
  const dialog = h(
    "dialog",
    { "aria-labelledby": id, class: wide ? "wide" : null, on: { close: closed } },
    h("header", {}, h("h2", { id, text: title }), button(t("common.close"), close, { icon: "close", quietly: true })),
  );
  dialog.append(h("div", { class: "dialog-body" }, build(close)));
  // A press on what lies behind closes it, too.
  dialog.addEventListener("pointerdown", (event) => { if (event.target === dialog) close(); });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** Give the focus back to what had it, or to what has been drawn in its place since. */
function focusAgain(before) {
  if (document.activeElement !== document.body) return;
  const key = before?.closest?.("[data-key]")?.dataset.key;
  const again = before?.isConnected ? before : [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  again?.focus({ preventScroll: true });
}

const TOAST_MS = 5_000;

/** Say something for a few seconds that needs no answer. */
export function toast(text) {
  announce(text);
  for (const before of document.querySelectorAll(".toast")) before.remove();
  const node = h("div", { class: "toast", text });
  // What is open over the page covers everything outside of itself.
  (document.querySelector("dialog[open]") ?? document.body).append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

const loads = new WeakMap();

/** Show one of several states of a part of the page: what `build` returns, or how it failed, or that it is loading. */
export async function loadInto(node, load, build) {
  const mine = {};
  loads.set(node, mine);
  // Of two loads the later one counts, whichever comes first.
  const show = (...children) => { if (loads.get(node) === mine) replace(node, children); };
  show(h("p", { class: "loading", role: "status", text: t("shell.loading") }));
  try {
    const found = await load();
    show(build(found));
    return found;
  } catch (error) {
    if (error.name === "AbortError") return null;
    show(fault(error, { onRetry: () => loadInto(node, load, build) }));
    return null;
  }
}
