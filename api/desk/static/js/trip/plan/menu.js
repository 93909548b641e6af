/** What can be done with a stop: a menu for pointer and keyboard. */

import { h } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { t } from "../../core/texts.js";
import { button } from "../../core/ui.js";
import { clockAt, secondsInto, wholeMinute } from "./model.js";
import { nameOf } from "./words.js";

/** Return the button of a stop's menu, and the menu where it is open; for a removed stop, how to have it back. */
export function stopMenu(row, context) {
  const { actions, ui, rerender, index, isRemoved } = context;
  const { step } = row;
  const id = step.asset;
  // An inn may be there for several nights.
  const key = keyOf(index, id);
  if (isRemoved) {
    const options = { key, class: "button plain small", "aria-label": t("plan.undo_of", { name: nameOf(step) }) };
    return h("div", { class: "step-more" }, button(t("plan.undo"), () => actions.restore(id), options));
  }
  const isOpen = ui.menu === key;
  const toggle = () => {
    ui.menu = isOpen ? null : key;
    rerender();
    if (!isOpen) document.querySelector('.stop-menu [role="menuitem"]')?.focus();
  };
  const opener = button(t("plan.more_of", { name: nameOf(step) }), toggle, {
    icon: "menu", quietly: true, key, "aria-haspopup": "menu", "aria-expanded": String(isOpen),
  });
  return h("div", { class: "step-more" }, opener, isOpen ? menu(row, context) : null);
}

const keyOf = (index, id) => `more-${index}-${id}`;

function menu(row, context) {
  const { ui, rerender, index } = context;
  const id = row.step.asset;
  const close = () => {
    ui.menu = null;
    rerender();
    document.querySelector(`[data-key="${CSS.escape(keyOf(index, id))}"]`)?.focus({ preventScroll: true });
  };
  const items = entries(row, context).map(([name, text, action, kind = ""]) =>
    h(
      "button",
      { type: "button", role: "menuitem", class: `menu-item ${kind}`, tabindex: -1, data: { key: `menu-${id}-${name}` }, on: { click: () => { close(); action(); } } },
      icon(name), h("span", { text }),
    ),
  );
  const onKey = (event) => {
    const at = items.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length).focus();
    }
  };
  return h("div", { class: "stop-menu", role: "menu", "aria-label": nameOf(row.step), on: { keydown: onKey } }, items);
}

/** Return what can be done: [icon, words, action]. Nights have no bookings: their inns are chosen in the request. */
function entries(row, { day, actions, wishes, openMove }) {
  const { step } = row;
  const id = step.asset;
  if (row.type === "stay") return [["bin", t("plan.remove_inn"), () => actions.remove(id), "danger"]];
  const at = wholeMinute(day.date, step.arrive);
  return [
    wishes.pins.has(id)
      ? ["unlock", t("plan.unlock"), () => actions.unlock(id)]
      : ["lock", t("plan.lock", { time: clockAt(secondsInto(day.date, at)) }), () => actions.lock(id, at)],
    ["edit", t("plan.move"), () => openMove(id)],
    ["bin", t("plan.remove"), () => actions.remove(id), "danger"],
  ];
}
