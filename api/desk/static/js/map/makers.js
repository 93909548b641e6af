/** Who made what the map is drawn from, to be named beside it. */

import { h } from "../core/dom.js";

const SIGNS = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'", "&amp;": "&" };
const LICENCES = [["OpenStreetMap", "https://www.openstreetmap.org/copyright"]];

/** Return the names, separated by dots; where a maker's licence asks for a link to it, with that. */
export function makersOf(tiles, baseMap) {
  // Of tiles it is HTML without markup, of a base map plain text. The same maker is named once.
  const names = [tiles && plain(tiles.attribution), baseMap?.attribution].filter(Boolean);
  return [...new Set(names)].flatMap((name, row) => [row ? " · " : null, linked(name)]);
}

const plain = (html) => html.replace(/&(?:lt|gt|quot|#x27|#39|amp);/g, (sign) => SIGNS[sign]);

function linked(name) {
  const href = LICENCES.find(([maker]) => name.includes(maker))?.[1];
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer", text: name }) : name;
}
