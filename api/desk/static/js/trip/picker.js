/** A field to search and choose in, by keyboard too: the combobox pattern of WAI-ARIA with a list of its own. */

import { h, newId, replace } from "../core/dom.js";
import { button, kindMark } from "../core/ui.js";
import { t } from "../core/texts.js";

const MOST_SHOWN = 60;

/** Return text as it is compared: without differences of width, case and blanks around it. */
const plain = (text) => text.normalize("NFKC").toLocaleLowerCase().trim();

/** Return the options that hold all words of a query; those that begin with it come first. */
function matching(options, query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const found = options.filter((option) => words.every((word) => option.search.includes(word)));
  const begins = (option) => (plain(option.label).startsWith(words[0] ?? "") ? 0 : 1);
  return words.length ? found.toSorted((left, right) => begins(left) - begins(right)) : found;
}

/** Return an option: {id, label, detail, kind} with what it is found by. */
export const optionOf = ({ id, label, detail = "", kind = null, also = "" }) =>
  ({ id, label, detail, kind, search: plain(`${label} ${detail} ${also} ${id}`) });

/**
 * Make a field to choose one of many.
 *
 * @param {{label: string, options: Function, onChoose: Function, key: string, chosen?: object|null, onClear?: Function,
 *   hint?: string, fault?: string, placeholder?: string}} given `options` returns them all, in order; `chosen` is shown as the
 *   value; without it the field empties itself after each choice; `onClear` makes it one that may be empty
 */
export function picker({ label, options, onChoose, key, chosen = null, onClear = null, hint, fault, placeholder }) {
  const id = newId("picker");
  const state = { isOpen: false, active: -1, found: [] };
  const list = h("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, class: "picker-list", hidden: true });
  const input = h("input", {
    id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", value: chosen?.label ?? "", placeholder,
    "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
    "aria-describedby": [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || null, "aria-invalid": fault ? "true" : null,
    data: { key },
    on: { input: () => open(input.value), keydown: press, blur: leave, focus: () => input.select(), click: () => { if (!state.isOpen) open(""); } },
  });
  // A press in the list must not take the focus away first: that would close it.
  list.addEventListener("pointerdown", (event) => event.preventDefault());

  function open(query) {
    const found = matching(options(), query);
    Object.assign(state, { isOpen: true, found: found.slice(0, MOST_SHOWN), active: query && found.length ? 0 : -1 });
    show();
    list.scrollIntoView?.({ block: "nearest" });
  }

  function close() {
    Object.assign(state, { isOpen: false, active: -1, found: [] });
    show();
  }

  function leave() {
    close();
    input.value = chosen?.label ?? "";
  }

  function choose(option) {
    input.value = chosen || onClear ? option.label : "";
    close();
    onChoose(option.id);
  }

  function press(event) {
    if (event.isComposing) return;
    const act = {
      ArrowDown: () => (state.isOpen ? step(1) : open("")),
      ArrowUp: () => (state.isOpen ? step(-1) : open("")),
      Enter: () => state.isOpen && state.found[state.active] && choose(state.found[state.active]),
      Escape: () => state.isOpen && leave(),
    }[event.key];
    if (!act) return;
    const wasOpen = state.isOpen;
    act();
    // A closed list leaves these keys to the form and the window around it.
    if (wasOpen || event.key.startsWith("Arrow")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  function step(by) {
    const count = state.found.length;
    if (!count) return;
    state.active = (state.active + by + (state.active < 0 && by < 0 ? 1 : 0) + count) % count;
    show();
    list.children[state.active]?.scrollIntoView({ block: "nearest" });
  }

  function show() {
    list.hidden = !state.isOpen;
    input.setAttribute("aria-expanded", String(state.isOpen));
    const active = state.active >= 0 ? `${id}-${state.active}` : "";
    if (active) input.setAttribute("aria-activedescendant", active);
    else input.removeAttribute("aria-activedescendant");
    if (!state.isOpen) return list.replaceChildren();
    const rows = state.found.map((option, index) =>
      h(
        "li",
        {
          id: `${id}-${index}`, role: "option", "aria-selected": String(index === state.active), class: index === state.active ? "active" : null,
          on: { click: () => choose(option) },
        },
        option.kind ? kindMark(option.kind) : null,
        h("span", { text: option.label }),
        option.detail ? h("small", { class: "hint", text: option.detail }) : null,
      ),
    );
    const none = h("li", { class: "hint", role: "option", "aria-disabled": "true", "aria-selected": "false", text: t("trip.nothing_found") });
    return replace(list, rows.length ? rows : none);
  }

  return h(
    "div",
    { class: "field picker" },
    h("label", { for: id, text: label }),
    h(
      "div",
      { class: "picker-line" },
      input,
      onClear && chosen ? button(t("trip.clear", { what: label }), onClear, { icon: "close", quietly: true, key: `${key}-clear` }) : null,
    ),
    list,
    hint ? h("small", { id: `${id}-hint`, class: "hint", text: hint }) : null,
    fault ? h("small", { id: `${id}-fault`, class: "fault", text: fault }) : null,
  );
}
