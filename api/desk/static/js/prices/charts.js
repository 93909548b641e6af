/** Drawings: bars with intervals, dots with whiskers, prices in steps. Each is drawn to the width it has, so that words stay legible. */

import { h, svg } from "../core/dom.js";

const widths = new Map();

/**
 * Make a figure that is drawn anew whenever its width changes.
 *
 * @param {string} name figures of one name are as wide as each other
 * @param {string} label what the drawing tells, in words: its text alternative
 * @param {(width: number) => Node[]} draw its parts; `height` of the drawing is that of the returned array
 * @param {{caption?: string}} [options]
 */
export function figure(name, label, draw, { caption } = {}) {
  const holder = h("div", { class: "chart" });
  const paint = (width) => {
    widths.set(name, width);
    const parts = draw(width);
    holder.replaceChildren(svg(
      "svg",
      { viewBox: `0 0 ${width} ${parts.height}`, width, height: parts.height, role: "img", "aria-label": label },
      parts,
    ));
  };
  // As wide as it was the last time, so that nothing below jumps.
  paint(widths.get(name) ?? 560);
  const watcher = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.round(contentRect.width);
    if (width > 80 && holder.firstChild.getAttribute("width") !== String(width)) paint(width);
  });
  watcher.observe(holder);
  return h("figure", { class: "chart-figure" }, caption ? h("figcaption", { text: caption }) : null, holder);
}

/** Return round numbers between two ends, about so many. */
export function ticks(low, high, most = 5) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-6; at++) found.push(Number((at * step).toPrecision(12)));
  return found;
}

/** Return what turns values into places. */
export const scale = (low, high, from, to) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

/** Return a drawing of a height. */
const drawing = (height, parts) => Object.assign(parts, { height });

export const line = (x1, y1, x2, y2, name) => svg("line", { x1, y1, x2, y2, class: name });
export const text = (x, y, words, name, anchor = "start") => svg("text", { x, y, class: name, "text-anchor": anchor, text: words });

/** Draw the marks of a horizontal axis, as many as there is room for. */
function marks(low, high, x, { top, bottom, width, format }) {
  const most = Math.max(2, Math.floor(width / 90));
  return ticks(low, high, most).map((value) => {
    const at = x(value);
    const anchor = at < 24 ? "start" : at > width - 24 ? "end" : "middle";
    return [line(at, top, at, bottom, "chart-grid"), text(at, bottom + 14, format(value), "chart-tick", anchor)];
  });
}

/** Return about how wide words are at the size of the chart's letters. */
const widthOf = (words) => [...words].reduce((sum, sign) => sum + (sign.codePointAt(0) > 0x2e80 ? 12.5 : 7), 0);

/** Return words cut so that they leave room for those at the other end of the row. */
function fitted(words, width, others) {
  const room = width - widthOf(others) - 16;
  if (widthOf(words) <= room) return words;
  let used = widthOf("…");
  let kept = "";
  for (const sign of words) {
    used += widthOf(sign);
    if (used > room) break;
    kept += sign;
  }
  return `${kept}…`;
}

const ROW = 44;
const BAR = 14;

/**
 * Draw one bar a row, from nothing, with its words above it and its interval across its end.
 *
 * @param {{label: string, words: string, kind: string, mean: number, low?: number, high?: number}[]} rows
 * @param {{width: number, format: Function}} options `format` writes the marks of the axis
 */
export function bars(rows, { width, format }) {
  const most = Math.max(...rows.map((row) => row.high ?? row.mean), 1);
  const x = scale(0, most, 0, width - 2);
  const bottom = rows.length * ROW + 4;
  const drawn = rows.map((row, at) => {
    const top = at * ROW + 22;
    return svg(
      "g",
      {},
      text(0, top - 7, fitted(row.label, width, row.words), "chart-label"),
      text(width, top - 7, row.words, "chart-value", "end"),
      svg("rect", { x: 0, y: top, width: Math.max(1, x(Math.max(0, row.mean))), height: BAR, class: `chart-bar bar-of-${row.kind}`, rx: 2 }),
      // On a ground of its own: half of it lies on the bar.
      row.low === undefined ? null : [
        line(x(row.low), top + BAR / 2, Math.min(x(row.high), x(row.mean)), top + BAR / 2, "chart-halo"),
        whisker(x(row.low), x(row.high), top + BAR / 2),
      ].flat(),
    );
  });
  return drawing(bottom + 20, [marks(0, most, x, { top: 0, bottom, width, format }), drawn].flat(9));
}

function whisker(from, to, y, name = "chart-whisker") {
  return [line(from, y, to, y, name), line(from, y - 4, from, y + 4, name), line(to, y - 4, to, y + 4, name)];
}

/**
 * Draw dots with whiskers, a row each, on an axis that need not begin at nothing.
 *
 * @param {{label: string, words: string, marks: {kind: string, mean: number, low?: number|null, high?: number|null}[]}[]} rows
 * @param {{width: number, format: Function, at?: number[]}} options `at`: values that have to be on the axis
 */
export function dots(rows, { width, format, at = [] }) {
  const all = [
    ...at,
    ...rows.flatMap((row) => row.marks.flatMap(({ mean, low, high }) => [mean, low, high])),
  ].filter((each) => each !== null && each !== undefined);
  const room = (Math.max(...all) - Math.min(...all)) * 0.04 || Math.abs(all[0]) * 0.1 || 1;
  const [low, high] = [Math.min(...all) - room, Math.max(...all) + room];
  const x = scale(low, high, 6, width - 6);
  const height = (row) => 24 + 14 * row.marks.length;
  const bottom = rows.reduce((sum, row) => sum + height(row), 4);
  let top = 0;
  const drawn = rows.map((row) => {
    const begin = top;
    top += height(row);
    return svg(
      "g",
      {},
      text(0, begin + 14, fitted(row.label, width, row.words), "chart-label"),
      text(width, begin + 14, row.words, "chart-value", "end"),
      row.marks.map((mark, place) => {
        const y = begin + 26 + 14 * place;
        const hasEnds = mark.low !== null && mark.low !== undefined && mark.high !== null && mark.high !== undefined;
        return [hasEnds ? whisker(x(mark.low), x(mark.high), y, `chart-whisker whisker-of-${mark.kind}`) : null, dot(x(mark.mean), y, mark.kind)];
      }).flat(2),
    );
  });
  const fixed = at.map((value) => line(x(value), 0, x(value), bottom, "chart-reference"));
  return drawing(bottom + 20, [marks(low, high, x, { top: 0, bottom, width, format }), fixed, drawn].flat(9));
}

/** Draw a mark: a shape of its own for every kind, as colours alone do not tell all people. */
function dot(x, y, kind) {
  if (kind === "today" || kind === "stated") return svg("circle", { cx: x, cy: y, r: 5, class: `chart-dot dot-of-${kind}` });
  if (kind === "hand") return svg("path", { d: `M${x} ${y - 6}l6 11h-12z`, class: `chart-dot dot-of-${kind}` });
  return svg("path", { d: `M${x} ${y - 6}l6 6-6 6-6-6z`, class: `chart-dot dot-of-${kind}` });
}

/**
 * Draw prices in steps over the days before the visit, the day itself at the right.
 *
 * @param {{kind: string, steps: [number, number|null][]}[]} lines a step is [days before, price]; the last holds to the day
 * @param {{width: number, format: Function, formatDays: Function, today: number|null, most: number}} options
 *   `today`: price today, drawn across; `most`: days before at the left edge
 */
export function pricePath(lines, { width, format, formatDays, today, most }) {
  const prices = [...lines.flatMap(({ steps }) => steps.map(([, price]) => price)), today].filter((each) => each !== null && each !== undefined);
  const spread = Math.max(...prices) - Math.min(...prices);
  const room = Math.max(spread * 0.3, Math.max(...prices) * 0.08, 50);
  const [low, high] = [Math.max(0, Math.min(...prices) - room), Math.max(...prices) + room];
  const [left, right, top, bottom] = [66, width - 8, 8, 132];
  const x = scale(most, 0, left, right);
  const y = scale(low, high, bottom, top);
  const levels = ticks(low, high, 4).map((value) => [
    line(left, y(value), right, y(value), "chart-grid"),
    text(left - 6, y(value) + 4, format(value), "chart-tick", "end"),
  ]);
  const days = ticks(0, most, Math.max(2, Math.floor(width / 80))).map((value) => [
    line(x(value), bottom, x(value), bottom + 4, "chart-axis"),
    text(x(value), bottom + 17, formatDays(value), "chart-tick", x(value) > width - 30 ? "end" : "middle"),
  ]);
  const drawn = lines.map(({ kind, steps }) => svg("path", { d: stepPath(steps, x, y), class: `chart-path path-of-${kind}` }));
  const across = today === null || today === undefined ? null : line(left, y(today), right, y(today), "chart-path path-of-today");
  return drawing(bottom + 24, [levels, line(left, bottom, right, bottom, "chart-axis"), days, across, drawn].flat(9).filter(Boolean));
}

/** Return steps as a path; where nothing is on sale there is a gap. */
function stepPath(steps, x, y) {
  let path = "";
  let isDown = false;
  steps.forEach(([days, price], at) => {
    if (price === null) {
      isDown = false;
      return;
    }
    path += `${isDown ? "V" : `M${x(days)} `}${y(price)}H${x(steps[at + 1]?.[0] ?? 0)}`;
    isDown = true;
  });
  return path;
}

/** Make a legend: [[kind, words], …], with the same shapes as in the drawing. */
export const legend = (entries, draw = dot) =>
  h(
    "ul",
    { class: "chart-legend" },
    entries.map(([kind, words]) => h(
      "li",
      {},
      svg("svg", { width: 24, height: 14, viewBox: "0 0 24 14", "aria-hidden": "true" }, draw(12, 7, kind)),
      h("span", { text: words }),
    )),
  );

/** Draw a piece of a line for a legend. */
export const stroke = (x, y, kind) => line(x - 12, y, x + 12, y, `chart-path path-of-${kind}`);
