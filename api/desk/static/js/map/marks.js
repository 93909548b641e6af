/** Marks of elements over the map: numbered stops, names. They can be read by everybody, and need no font of the map's. */

import { h } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { pick, t } from "../core/texts.js";

const PIN = 26;
const SIGN = 10;
const MOST_NAMES = 40;

/** Return the stops of a plan that have a place: [{day, number, step, at}], numbered through each day. */
export function stopsOf(days, shown) {
  return days.flatMap((day, index) => {
    let number = 0;
    return day.steps
      .filter((step) => ["visit", "meal", "stay"].includes(step.type))
      .map((step) => ({ day: index, number: step.type === "stay" ? null : ++number, step, at: [step.lon, step.lat] }))
      .filter((stop) => shown.has(index) && stop.step.lon !== null);
  });
}

/** Keep the marks of one map. */
export class Marks {
  /** @param {object} library MapLibre @param {object} map @param {Element} stage @param {Function} onPress with an asset's id */
  constructor(library, map, stage, onPress) {
    Object.assign(this, { library, map, stage, onPress });
    this.pins = [];
    this.names = [];
    this.ticks = [];
    this.selected = null;
  }

  /** Put a numbered pin at each stop. */
  setStops(stops) {
    for (const { marker } of this.pins) marker.remove();
    this.pins = stops.map((stop) => {
      const title = t("map.stop", { day: stop.day + 1, name: pick(stop.step.name) });
      const pin = h("span", { class: "map-pin" }, stop.number === null ? icon("lodging") : String(stop.number));
      const label = h("span", { class: "map-label", text: pick(stop.step.name) });
      const button = h(
        "button",
        { type: "button", class: "map-stop", vars: { "--day": `var(--day-${stop.day % 7})` }, data: { asset: stop.step.asset ?? "" }, on: { click: (event) => this.#press(event, stop.step.asset), focus: () => this.#bring(stop.at) } },
        pin, label,
      );
      const marker = new this.library.Marker({ element: button }).setLngLat(stop.at).addTo(this.map);
      // MapLibre writes a name of its own.
      button.setAttribute("aria-label", title);
      return { marker, button, label, asset: stop.step.asset };
    });
    this.#mark();
  }

  #press(event, asset) {
    event.stopPropagation();
    if (asset) this.onPress(asset);
  }

  /** Show a pin that gets the focus where it cannot be seen. */
  #bring(at) {
    const { x, y } = this.map.project(at);
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (x < PIN || y < PIN || x > width - PIN || y > height - PIN) this.map.panTo(at, { animate: false });
  }

  select(asset) {
    this.selected = asset;
    this.#mark();
  }

  #mark() {
    for (const { button, asset } of this.pins) button.classList.toggle("selected", asset !== null && asset === this.selected);
  }

  /** Set pins side by side, and write the names that find room: of stops, then those of `namesOf`. */
  arrange({ places, towns, dots }) {
    this.#spread();
    const frame = this.stage.getBoundingClientRect();
    // The corners stand beside the stage, not in it.
    const fixed = this.stage.parentElement.querySelectorAll(".map-corner:not([hidden]), .map-tick:not([hidden]), .maplibregl-ctrl-scale");
    const taken = [...this.pins.map(({ button }) => button.firstChild), ...fixed].map((node) => node.getBoundingClientRect());
    const isFree = (box) =>
      box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom &&
      !taken.some((other) => meet(box, other));
    for (const { label } of this.pins) place(label, isFree, taken);
    for (const node of this.names) node.remove();
    this.names = [];
    let written = 0;
    const signs = dots.map((at) => this.map.project(at)).map(({ x, y }) => around(frame.left + x, frame.top + y, SIGN / 2));
    const isClear = (box) => isFree(box) && !signs.some((sign) => meet(box, sign));
    for (const { at, text, kind, lang: language, isNeeded } of [...places, ...towns]) {
      if (kind === "place" && written >= MOST_NAMES) continue;
      const { x, y } = this.map.project(at);
      if (x < 0 || y < 0 || x > frame.width || y > frame.height) continue;
      const node = h("span", { class: `map-name ${kind}${isNeeded ? " ringed" : ""}`, lang: language, text, vars: { left: `${x}px`, top: `${y}px` } });
      this.stage.append(node);
      if (place(node, kind === "town" || isNeeded ? isFree : isClear, taken)) {
        this.names.push(node);
        written += kind === "place";
      } else node.remove();
    }
  }

  /** Hide what would be at the wrong place while the map moves. */
  lift() {
    for (const node of this.names) node.remove();
    this.names = [];
  }

  /** Write degrees along two edges. */
  setTicks(ticks) {
    for (const { node } of this.ticks) node.remove();
    this.ticks = ticks.map((tick) => ({ ...tick, node: h("span", { class: `map-tick ${tick.axis}`, text: tick.text, "aria-hidden": "true" }) }));
    this.stage.append(...this.ticks.map((tick) => tick.node));
    this.moveTicks();
  }

  moveTicks() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    for (const { at, axis, node } of this.ticks) {
      const { x, y } = this.map.project(at);
      node.style.setProperty(axis === "lon" ? "left" : "top", `${axis === "lon" ? x : y}px`);
      // Corners belong to the controls and to the other axis.
      node.hidden = axis === "lon" ? x < 60 || x > width - 80 : y < 28 || y > height - 60;
    }
  }

  /** Set pins that would hide each other side by side, in the order of the trip; zooming in takes them apart. */
  #spread() {
    const single = this.pins.map((pin) => groupOf([{ pin, at: this.map.project(pin.marker.getLngLat()) }]));
    for (const { members, left, top, columns } of joined(single)) {
      members.forEach(({ pin, at }, index) => {
        const x = left + ((index % columns) + 0.5) * PIN;
        const y = top + (Math.floor(index / columns) + 0.5) * PIN;
        pin.marker.setOffset(members.length > 1 ? [x - at.x, y - at.y] : [0, 0]);
      });
    }
  }

  destroy() {
    for (const { marker } of this.pins) marker.remove();
    for (const { node } of this.ticks) node.remove();
    this.lift();
  }
}

const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
const around = (x, y, reach) => ({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach });

const COLUMNS = 5;

/** Return pins side by side around the middle of where they belong: in rows, with the box that they take. */
function groupOf(members) {
  const columns = Math.min(members.length, COLUMNS);
  const rows = Math.ceil(members.length / columns);
  const [x, y] = ["x", "y"].map((axis) => members.reduce((sum, { at }) => sum + at[axis], 0) / members.length);
  return { members, columns, left: x - (columns * PIN) / 2, top: y - (rows * PIN) / 2, right: x + (columns * PIN) / 2, bottom: y + (rows * PIN) / 2 };
}

/** Join groups that cover each other until none do; members stay in the order that they came in. */
function joined(groups) {
  for (const [row, one] of groups.entries()) {
    const other = groups.findIndex((each, column) => column > row && meet(each, one));
    if (other < 0) continue;
    const both = groupOf([...one.members, ...groups[other].members]);
    return joined([...groups.slice(0, row), both, ...groups.slice(row + 1, other), ...groups.slice(other + 1)]);
  }
  return groups;
}

/** Write a name right of its place, or else left of it, or not at all; says whether it is written. */
function place(label, isFree, taken) {
  label.classList.remove("off", "left");
  let box = label.getBoundingClientRect();
  if (!isFree(box)) {
    label.classList.add("left");
    box = label.getBoundingClientRect();
  }
  const found = isFree(box);
  label.classList.toggle("off", !found);
  if (found) taken.push(box);
  return found;
}
