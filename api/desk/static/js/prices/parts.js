/** Parts that the sections of this desk are made of. */

import { h } from "../core/dom.js";

/** List figures by their names: [[name, value], …]. */
export const facts = (pairs) =>
  h("dl", { class: "prices-facts" }, pairs.map(([name, value]) => [h("dt", { text: name }), h("dd", { text: value })]));

/** Explain something in small letters. */
export const hint = (text) => h("p", { class: "hint", text });

/** Add something smaller to a cell, on a line of its own. */
export const under = (text) => h("small", { class: "hint", text });

/**
 * Make a table.
 *
 * @param {string} caption told to screen readers: a heading says it to the others
 * @param {[string, string?][]} columns words and class of each
 * @param {(string|Node|Array)[][]} rows cells in the order of the columns; the first heads its row
 */
export function table(caption, columns, rows) {
  const headings = columns.map(([name, kind]) => h("th", { scope: "col", class: kind, text: name }));
  const row = ([first, ...others]) =>
    h("tr", {}, h("th", { scope: "row" }, first), others.map((cell, at) => h("td", { class: columns[at + 1][1] }, cell)));
  return h(
    "table",
    { class: "prices-plain" },
    h("caption", { class: "visually-hidden", text: caption }),
    h("thead", {}, h("tr", {}, headings)),
    h("tbody", {}, rows.map(row)),
  );
}
