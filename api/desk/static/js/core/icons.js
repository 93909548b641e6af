/** Icons: strokes on a grid of 16 by 16. Every kind of place has a shape of its own, as colours alone do not tell all people. */

import { svg } from "./dom.js";

const SHAPES = {
  culture: ["M2 6.500L8 2.500l6 4", "M3.500 7.500v5M8 7.500v5M12.500 7.500v5", "M2 13.500h12"],
  craft: ["M9.500 6.500L3 13", "M7.500 3.500l5 5 1.500-1.500-5-5z"],
  food: ["M2 8h12a6 6 0 0 1-12 0z", "M6 14h4", "M9 6l4-4", "M6.500 6L11 1.500"],
  nature: ["M8 2l4 6H4z", "M8 6l5 7H3z", "M8 13v2"],
  lodging: ["M2 13V4", "M2 11h12v2", "M14 11V9a2 2 0 0 0-2-2H6v4", "M4 7.600h.1"],
  event: ["M3 3.500h10v10H3z", "M3 6.500h10", "M5.500 2v2.500M10.500 2v2.500", "M8 9l1 2-1 1-1-1z"],
  hub: ["M4 2.500h8v8H4z", "M4 7h8", "M5 13.500l1.500-3M11 13.500l-1.500-3", "M6 9h.1M10 9h.1"],
  wait: ["M8 2a6 6 0 1 0 .01 0", "M8 4.500V8l2.500 1.500"],
  walk: ["M8.500 2.500h.1", "M8 5l-1 4 2 2 .5 3.500M7 9l-2 5.500M5 7.500l3-2.500 2 2.500 2 .5"],
  bicycle: ["M4 8.500a3 3 0 1 0 .01 0M12 8.500a3 3 0 1 0 .01 0", "M4 11.500l2.500-6h4l1.500 6M6.500 7l3 4.500"],
  car: ["M2 11.500V9l1.500-4h9L14 9v2.500z", "M2.500 9h11", "M4 13.500v-2M12 13.500v-2"],
  close: ["M3.500 3.500l9 9M12.500 3.500l-9 9"],
  plus: ["M8 3v10M3 8h10"],
  minus: ["M3 8h10"],
  up: ["M8 13V3M4 7l4-4 4 4"],
  down: ["M8 3v10M4 9l4 4 4-4"],
  lock: ["M4 7.500h8v6H4z", "M5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500"],
  unlock: ["M4 7.500h8v6H4z", "M5.500 7.500V5a2.500 2.500 0 0 1 4.900-.7"],
  pin: ["M8 14s-4.500-4.500-4.500-7.500a4.500 4.500 0 0 1 9 0C12.500 9.500 8 14 8 14z", "M8 5.500a1 1 0 1 0 .01 0"],
  bin: ["M3 4.500h10M6.500 4.500v-2h3v2", "M4.500 4.500l.5 9h6l.5-9"],
  edit: ["M3 13l.7-3L10.500 3l2.500 2.500-6.800 6.800z"],
  download: ["M8 2.500v8M4.500 7.500L8 11l3.500-3.500", "M3 13.500h10"],
  upload: ["M8 11V3M4.500 6L8 2.500 11.500 6", "M3 13.500h10"],
  print: ["M4.500 6V2.500h7V6", "M4.500 11.500H3V6h10v5.500h-1.500", "M4.500 9.500h7v4h-7z"],
  share: ["M6.500 9.500l3-3", "M7.500 5l1.700-1.700a2.500 2.500 0 0 1 3.500 3.500L11 8.500M8.500 11l-1.700 1.700a2.500 2.500 0 0 1-3.500-3.500L5 7.500"],
  question: ["M5.500 6a2.500 2.500 0 1 1 3.600 2.200C8.300 8.600 8 9 8 10", "M8 12.500h.1"],
  warning: ["M8 2.500l6 11H2z", "M8 6.500v3.500M8 11.800h.1"],
  check: ["M3 8.500l3.500 3.500L13 4.500"],
  link: ["M5 11L11 5M6 5h5v5"],
  menu: ["M2.500 4.500h11M2.500 8h11M2.500 11.500h11"],
  map: ["M2 4l4-1.500 4 1.500 4-1.500v9.500L10 13.500 6 12 2 13.500z", "M6 2.500V12M10 4v9.500"],
  list: ["M6 4h8M6 8h8M6 12h8", "M2.500 4h.1M2.500 8h.1M2.500 12h.1"],
  auto: ["M8 2.500a5.500 5.500 0 1 0 .01 0", "M8 2.500v11M10 3.200v9.600M12 4.500v7"],
  sun: ["M8 5a3 3 0 1 0 .01 0", "M8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M12.600 3.400l-.7.7M4.100 11.900l-.7.7"],
  moon: ["M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500z"],
  play: ["M5 3l8 5-8 5z"],
  stop: ["M4 4h8v8H4z"],
};

/** Return an icon; without a label it is for the eye only. */
export function icon(name, label = null) {
  const node = svg("svg", {
    class: "icon",
    viewBox: "0 0 16 16",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.6",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }),
  });
  for (const d of SHAPES[name]) node.append(svg("path", { d }));
  return node;
}

/** Return the strokes of an icon, for whoever draws it otherwise. */
export const shapesOf = (name) => SHAPES[name];

export const KINDS = ["culture", "craft", "food", "nature", "lodging", "event", "hub"];
