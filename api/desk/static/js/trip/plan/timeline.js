/** A day as a bar to scale: stops, ways, waits and the night, along a clock that all days share. */

import { h } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { t } from "../../core/texts.js";
import { clockAt, dayColour, isSpot, rowsOf } from "./model.js";
import { told, totalsLine } from "./words.js";

const HOUR_S = 3_600;
const MOST_TICKS = 12;
/** The evening goes on; the bar shows that it does. */
const STAY_SHOWN_S = 1_800;

/** Return the clock that all days of a plan are drawn along: whole hours, in seconds of the day. */
export function axisOf(days) {
  const rows = days.flatMap(rowsOf);
  const ends = rows.map((row) => (row.type === "stay" ? row.from + STAY_SHOWN_S : row.to));
  if (!rows.length) return { from: 9 * HOUR_S, to: 18 * HOUR_S };
  return {
    from: Math.floor(Math.min(...rows.map((row) => row.from)) / HOUR_S) * HOUR_S,
    to: Math.ceil(Math.max(...ends) / HOUR_S) * HOUR_S,
  };
}

/**
 * Draw a day.
 *
 * @param {object} day of the plan
 * @param {{index: number, axis: object, selected: string|null, avoided: Set, onSelect: Function, rover: Map}} options
 *   `avoided` are left out of the next plan; `rover` remembers which part of each day's bar the Tab key comes to, and
 *   arrow keys move along it
 */
export function timeline(day, { index, axis, selected, avoided, onSelect, rover }) {
  const rows = rowsOf(day).filter((row) => row.type !== "end");
  if (!rows.length) return null;
  const idle = totalsLine(day.totals).join(" · ");
  const line = h("p", { class: "bar-told", text: idle });
  const tell = (text) => { line.textContent = text; };
  const home = Math.min(rover.get(index) ?? 0, rows.length - 1);
  const steps = rows.map((row, position) => part(row, { index, position, axis, selected, avoided, onSelect, tell, idle, isHome: position === home }));
  const move = (event) => {
    const at = steps.indexOf(event.target.closest(".bar-step"));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: steps.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    steps[Math.max(0, Math.min(to, steps.length - 1))].focus();
  };
  const focused = (event) => {
    const at = steps.indexOf(event.target);
    steps.forEach((step, position) => { step.tabIndex = position === at ? 0 : -1; });
    rover.set(index, at);
  };
  const last = rows.at(-1);
  const label = t("plan.timeline", { day: index + 1, from: clockAt(rows[0].from), to: clockAt(last.type === "stay" ? last.from : last.to) });
  return h(
    "div",
    { class: "bar", vars: dayColour(index) },
    h("div", { class: "bar-track", role: "group", "aria-label": label, on: { keydown: move, focusin: focused } }, ticks(axis), steps),
    line,
  );
}

const share = (axis, seconds) => `${(100 * (Math.min(seconds, axis.to) - axis.from)) / (axis.to - axis.from)}%`;

function ticks(axis) {
  const hours = (axis.to - axis.from) / HOUR_S;
  const pace = Math.ceil(hours / MOST_TICKS);
  const marks = [];
  for (let hour = 0; hour <= hours; hour += pace) {
    const at = axis.from + hour * HOUR_S;
    const place = hour === 0 ? " first" : hour === hours ? " last" : "";
    const parity = (hour / pace) % 2 ? " odd" : "";
    marks.push(h("span", { class: `bar-tick${place}${parity}`, "aria-hidden": "true", vars: { "--at": share(axis, at) } }, h("span", { text: clockAt(at) })));
  }
  return marks;
}

function part(row, { index, position, axis, selected, avoided, onSelect, tell, idle, isHome }) {
  const isRemoved = isSpot(row) && avoided.has(row.step.asset);
  const words = isRemoved ? `${told(row)} (${t("plan.removed")})` : told(row);
  const isSelected = isSpot(row) && selected !== null && row.step.asset === selected;
  const to = row.type === "stay" ? axis.to : row.to;
  return h(
    "button",
    {
      type: "button",
      class: `bar-step ${row.type}${row.step.estimated ? " estimated" : ""}${isRemoved ? " removed" : ""}`,
      "aria-label": words,
      "aria-current": isSelected ? "true" : null,
      tabindex: isHome ? 0 : -1,
      vars: { "--from": share(axis, row.from), "--to": share(axis, to) },
      data: { key: `bar-${index}-${position}` },
      on: {
        click: () => row.step.asset && onSelect(row.step.asset),
        pointerenter: () => tell(words), focus: () => tell(words), pointerleave: () => tell(idle), blur: () => tell(idle),
      },
    },
    h("span", { class: "bar-word", "aria-hidden": "true" }, wordOf(row)),
  );
}

/** Return what stands in a part, where there is room for it. */
function wordOf({ type, number }) {
  if (type === "stay") return icon("lodging");
  if (type === "wait") return icon("wait");
  return number === null ? null : String(number);
}
