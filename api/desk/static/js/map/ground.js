/** What lies under a plan where there are no streets: the ground around the places of each town, and its name. */

import { collection, feature, lines } from "./shapes.js";

const FEWEST = 3;
const GAPS = [20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

/** Return towns with their places: [{name, at, outline, size}], the largest first. */
export function towns(assets) {
  const places = new Map();
  for (const { geometry, properties } of assets) {
    if (!geometry || !properties.municipality) continue;
    if (!places.has(properties.municipality)) places.set(properties.municipality, []);
    places.get(properties.municipality).push(geometry.coordinates);
  }
  return [...places]
    .filter(([, points]) => points.length >= FEWEST)
    .map(([name, points]) => ({ name, at: middle(points), outline: hull(points), size: points.length }))
    .sort((one, other) => other.size - one.size);
}

/** Return the outlines as features to be filled and drawn with a broad edge. */
export const grounds = (found) =>
  collection(found.map(({ outline }) => feature({ type: "Polygon", coordinates: [[...outline, outline[0]]] }, {})));

/** Half of all places lie on either side of it: one far out does not pull it away. */
function middle(points) {
  const half = (axis) => points.map((point) => point[axis]).sort((a, b) => a - b)[Math.floor(points.length / 2)];
  return [half(0), half(1)];
}

/** Return the convex hull (Andrew's monotone chain). */
function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turns = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  const chain = (from) => {
    const kept = [];
    for (const point of from) {
      while (kept.length > 1 && turns(kept.at(-2), kept.at(-1), point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  const around = [...chain(sorted), ...chain(sorted.reverse())];
  return around.length ? around : [sorted[0]];
}

/** Return lines of longitude and latitude for a view, and what to write at its edge: [{at, axis, text}]. */
export function graticule(view) {
  const [west, east] = [view.getWest(), view.getEast()];
  const [south, north] = [Math.max(view.getSouth(), -85), Math.min(view.getNorth(), 85)];
  const gap = GAPS.findLast((size) => (east - west) / size <= 6) ?? GAPS[0];
  const digits = Math.max(0, Math.ceil(-Math.log10(gap)));
  const between = (from, to) =>
    Array.from({ length: Math.max(0, Math.floor(to / gap) - Math.ceil(from / gap) + 1) }, (_, row) => (Math.ceil(from / gap) + row) * gap);
  const written = (value, positive, negative) => `${Math.abs(value).toFixed(digits)}°${value < 0 ? negative : positive}`;
  const [lon, lat] = [between(west, east), between(south, north)];
  return {
    lines: lines([...lon.map((x) => [[x, south - gap], [x, north + gap]]), ...lat.map((y) => [[west - gap, y], [east + gap, y]])]),
    ticks: [
      ...lon.map((x) => ({ at: [x, south], axis: "lon", text: written(x, "E", "W") })),
      ...lat.map((y) => ({ at: [west, y], axis: "lat", text: written(y, "N", "S") })),
    ],
  };
}
