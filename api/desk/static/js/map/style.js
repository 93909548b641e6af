/** How the map looks: made from the colours of the page, so that it changes with them. */

import { KINDS, shapesOf } from "../core/icons.js";
import { collection } from "./shapes.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/** Return what tells light from dark: a map is drawn anew where it has changed. */
export const coloursNow = () => ["--paper", "--ink", "--land"].map(css).join();
export const dayColour = (day) => css(`--day-${day % 7}`);

const ROUND = { "line-cap": "round", "line-join": "round" };
const METRES_AT_ZOOM_0 = 156_543;
const EDGE_M = 1_600;
const ICON = 44;

/** Return the width in pixels, by zoom, of a line so many metres broad. */
function metres(width, lat) {
  const at = (zoom) => (width * 2 ** zoom) / (METRES_AT_ZOOM_0 * Math.cos((lat * Math.PI) / 180));
  return ["interpolate", ["exponential", 2], ["zoom"], 0, at(0), 20, at(20)];
}

const grown = (base) => ["interpolate", ["linear"], ["zoom"], 7, base * 0.7, 14, base * 1.4];

/**
 * Return the style.
 *
 * @param {{assets: object, legs: object, ground: object, tiles: object|null, baseMap: object|null, lat: number}} data
 */
export function styleOf({ assets, legs, ground, tiles, baseMap, lat }) {
  const geojson = (data) => ({ type: "geojson", data });
  return {
    version: 8,
    sources: {
      ground: geojson(ground),
      graticule: geojson(collection()),
      assets: geojson(assets),
      legs: geojson(legs),
      ...(tiles ? { region: { type: "vector", tiles: tiles.tiles, minzoom: tiles.minzoom, maxzoom: tiles.maxzoom, bounds: tiles.bounds } } : {}),
      ...(baseMap ? { base: { type: "raster", tiles: [baseMap.url], tileSize: 256 } } : {}),
    },
    layers: [
      { id: "land", type: "background", paint: { "background-color": css(tiles || baseMap ? "--land" : "--beyond") } },
      ...(baseMap ? [{ id: "base", type: "raster", source: "base" }] : []),
      ...(tiles || baseMap ? [] : groundLayers(lat)),
      { id: "graticule", type: "line", source: "graticule", paint: { "line-color": css("--line"), "line-width": 1 } },
      ...(tiles ? tileLayers(tiles) : []),
      ...legLayers(),
      ...assetLayers(),
    ],
  };
}

const groundLayers = (lat) => [
  { id: "ground-edge", type: "line", source: "ground", layout: ROUND, paint: { "line-color": css("--land"), "line-width": metres(2 * EDGE_M, lat) } },
  { id: "ground", type: "fill", source: "ground", paint: { "fill-color": css("--land"), "fill-antialias": false } },
];

/** Return layers for what the tiles hold; see `GET /v1/regions/{id}/tiles`. */
function tileLayers(tiles) {
  const held = new Set(tiles.vector_layers.map((layer) => layer.id));
  const street = (id, kind, width, opacity, minzoom = 0) => ({
    id, type: "line", source: "region", "source-layer": "streets", minzoom, filter: ["==", ["get", "class"], kind], layout: ROUND,
    paint: { "line-color": css("--muted"), "line-opacity": opacity, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 8, width * 0.5, 13, width, 18, width * 7] },
  });
  const area = (id, colour, opacity) => ({
    id, type: "fill", source: "region", "source-layer": id, filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": css(colour), "fill-opacity": opacity },
  });
  const edge = (id, colour, width, dashes) => ({
    id: `${id}-line`, type: "line", source: "region", "source-layer": id, filter: ["==", ["geometry-type"], "LineString"],
    paint: { "line-color": css(colour), "line-width": grown(width), ...(dashes ? { "line-dasharray": dashes } : {}) },
  });
  return [
    ...(held.has("green") ? [area("green", "--green", 1)] : []),
    ...(held.has("water") ? [area("water", "--water", 1), edge("water", "--water", 1.4)] : []),
    ...(held.has("building") ? [{ ...area("building", "--building", 1), minzoom: 14 }] : []),
    ...(held.has("rail") ? [edge("rail", "--edge", 1.2, [4, 2])] : []),
    street("streets-path", "path", 0.5, 0.5, 13),
    street("streets-minor", "minor", 0.7, 0.45),
    street("streets-major", "major", 1.5, 0.6),
  ];
}

const legLayers = () => [
  { id: "legs-casing", type: "line", source: "legs", layout: ROUND, filter: ["!", ["get", "estimated"]], paint: { "line-color": css("--raised"), "line-width": grown(6.5) } },
  { id: "legs", type: "line", source: "legs", layout: ROUND, filter: ["!", ["get", "estimated"]], paint: { "line-color": ["get", "colour"], "line-width": grown(3.8) } },
  // Dashed: nobody knows along which street.
  { id: "legs-estimated", type: "line", source: "legs", filter: ["get", "estimated"], paint: { "line-color": ["get", "colour"], "line-width": grown(2.8), "line-dasharray": [2.2, 1.6] } },
];

const NEAR = 10.5;
const faint = ["case", ["get", "dimmed"], 0.25, 1];
const assetLayers = () => [
  { id: "assets-ring", type: "circle", source: "assets", filter: ["get", "chosen"], paint: {
    "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, 7, 12, 13], "circle-color": css("--accent"), "circle-opacity": 0.25, "circle-stroke-color": css("--accent"), "circle-stroke-width": 2 } },
  { id: "assets-far", type: "circle", source: "assets", maxzoom: NEAR, paint: {
    "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 2.5, NEAR, 5], "circle-color": ["match", ["get", "kind"], ...KINDS.flatMap((kind) => [kind, css(`--${kind}`)]), css("--hub")],
    "circle-opacity": faint, "circle-stroke-color": css("--land"), "circle-stroke-width": 1 } },
  { id: "assets-near", type: "symbol", source: "assets", minzoom: NEAR, layout: {
    "icon-image": ["concat", "kind-", ["get", "kind"]], "icon-size": ["interpolate", ["linear"], ["zoom"], NEAR, 0.55, 15, 1], "icon-allow-overlap": true, "symbol-sort-key": ["-", ["get", "appeal"]] },
    paint: { "icon-opacity": faint } },
];

export const ASSET_LAYERS = ["assets-far", "assets-near"];
export const LEG_LAYERS = ["legs", "legs-estimated"];

/** Draw the mark of a kind, its shape on its colour, for the map to place. */
export function kindImage(kind) {
  const canvas = Object.assign(document.createElement("canvas"), { width: ICON, height: ICON });
  const pen = canvas.getContext("2d");
  pen.beginPath();
  pen.arc(ICON / 2, ICON / 2, ICON / 2 - 3, 0, 2 * Math.PI);
  pen.fillStyle = css(`--${kind}`);
  pen.fill();
  Object.assign(pen, { lineWidth: 3, strokeStyle: css("--land") });
  pen.stroke();
  pen.translate(ICON / 2 - 11, ICON / 2 - 11);
  pen.scale(22 / 16, 22 / 16);
  Object.assign(pen, { lineWidth: 1.7, lineCap: "round", lineJoin: "round", strokeStyle: css(`--on-${kind}`) });
  for (const d of shapesOf(kind)) pen.stroke(new Path2D(d));
  return pen.getImageData(0, 0, ICON, ICON);
}
