/** Which names are to be written on the map, and in which order they get room. */

import { pick } from "../core/texts.js";

/** From here on signs of places take the place of dots, and names of places that of names of towns. */
const NEAR = 10.5;
const MOST = 150;

/**
 * Return the names at a zoom: `places` and `towns` as {at, text, kind, lang, isNeeded} in the order in which they get
 * room, chosen places first, then what draws most people; and the `dots` that names leave alone unless they are needed.
 */
export function namesOf({ assets, days, chosen, dimmed, selected, towns }, zoom) {
  const inPlan = new Set(days.flatMap((day) => day.steps.map((step) => step.asset)));
  const isNear = zoom >= NEAR;
  const isNeeded = (id) => chosen.has(id) || id === selected;
  const rank = ({ id, properties }) => (id === selected ? 2_000 : 0) + (chosen.has(id) ? 1_000 : 0) + (properties.appeal ?? 0);
  const placed = assets.filter((asset) => asset.geometry);
  const places = placed
    .filter(({ id }) => !inPlan.has(id) && !dimmed.has(id) && (isNear || isNeeded(id)))
    .sort((one, other) => rank(other) - rank(one))
    .slice(0, MOST)
    .map(({ id, geometry, properties }) => ({ at: geometry.coordinates, text: pick(properties.name), kind: "place", isNeeded: isNeeded(id) }));
  return {
    places,
    towns: towns.map((town) => ({ at: town.at, text: town.name, kind: "town", lang: "ja" })),
    dots: isNear ? placed.map((asset) => asset.geometry.coordinates) : [],
  };
}
