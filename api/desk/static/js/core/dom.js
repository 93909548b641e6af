/** Elements. Text always enters as text: nothing here, or anywhere on the page, reads markup from data. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 *
 * @param {string} tag
 * @param {object} [options] attributes; besides them `text`, `on` ({event: listener}), `vars` (custom properties),
 *   `data` (data-*), and properties that are none of the markup: `value`, `checked`, `indeterminate`, `selected`.
 *   What is null, undefined or false is left out; true is an attribute without a value.
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 */
export function h(tag, options = {}, ...children) {
  return fill(document.createElement(tag), options, children);
}

/** Make an element of a drawing, likewise. */
export function svg(tag, options = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), options, children);
}

const PROPERTIES = new Set(["value", "checked", "indeterminate", "selected"]);

function fill(node, options, children) {
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    // By the object model, which the policy of the page allows; an attribute `style` it does not.
    else if (name === "vars") for (const [key, each] of Object.entries(value)) node.style.setProperty(key, each);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (!PROPERTIES.has(name)) node.setAttribute(name, value === true ? "" : value);
  }
  append(node, children);
  // After the children: a selection is of options that are there.
  for (const name of PROPERTIES) if (options[name] !== undefined && options[name] !== null) node[name] = options[name];
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child);
  }
}

/**
 * Put new children into a node; what has the focus keeps it, and what was scrolled stays where it was, if elements with
 * the same `data-key` are there before and after.
 */
export function replace(node, ...children) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[data-key]")?.dataset.key;
  const range = focused && "selectionStart" in focused ? [readRange(focused)] : [];
  const scrolled = [...node.querySelectorAll("[data-scroll]")].map((each) => [each.dataset.scroll, each.scrollTop, each.scrollLeft]);
  const fresh = document.createDocumentFragment();
  append(fresh, children);
  node.replaceChildren(fresh);
  for (const [name, top, left] of scrolled) {
    const again = [...node.querySelectorAll("[data-scroll]")].find((each) => each.dataset.scroll === name);
    if (again) [again.scrollTop, again.scrollLeft] = [top, left];
  }
  if (key === undefined) return;
  const again = [...node.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  again?.focus({ preventScroll: true });
  if (again && range[0]) again.setSelectionRange?.(...range[0]);
}

function readRange(field) {
  // Some kinds of field have no selection, and say so by throwing.
  try {
    return field.selectionStart === null ? null : [field.selectionStart, field.selectionEnd];
  } catch {
    return null;
  }
}

let ids = 0;
/** Return an id that no other element has. */
export const newId = (stem = "id") => `${stem}-${++ids}`;

const SILENCE_MS = 60;
let telling = 0;

/** Tell users of screen readers what has changed; the same again is told again, as it comes after a silence. */
export function announce(text) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  clearTimeout(telling);
  telling = setTimeout(() => { announcer.textContent = text; }, SILENCE_MS);
}

/** Call a function once after calls have stopped coming for a while. */
export function settled(action, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}
