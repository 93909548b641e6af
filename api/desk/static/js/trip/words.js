/** How places and tags of a region are called, and what is known of a place in words. */

import { number, pick, t, yen } from "../core/texts.js";
import { optionOf } from "./picker.js";

/** Return the name of a place; one that is gone from the region is called by its id. */
export const nameOf = (session, assetId) => pick(session.assets.get(assetId)?.properties.name) || nameInPlan(session, assetId) || assetId;

function nameInPlan(session, assetId) {
  const steps = session.shown?.itinerary.days.flatMap((day) => day.steps) ?? [];
  return pick(steps.find((step) => step.asset === assetId)?.name);
}

/** Return where a day begins or ends: a place, or a point of the map. */
export const placeName = (session, place) => (place.asset ? nameOf(session, place.asset) : pointName([place.lon, place.lat]));
export const pointName = ([lon, lat]) => t("trip.point", { lat: number(lat, 4), lon: number(lon, 4) });

/** Return a tag or theme as the region words it. */
export const tagName = (session, id) => pick(session.tags?.get(id)) || id.replaceAll(/[_-]/g, " ");

/** Return the places that pass, as options of a picker: those of the highest rank first, then what draws most people. */
export function placeOptions(session, passes = () => true, rankOf = () => 0) {
  const features = [...session.assets.values()].filter(passes);
  features.sort((left, right) => rankOf(right) - rankOf(left) || right.properties.appeal - left.properties.appeal);
  return features.map(({ id, properties: { kind, name, municipality } }) =>
    optionOf({ id, kind, label: pick(name), detail: municipality ?? "", also: `${name.ja ?? ""} ${name.en ?? ""}` }),
  );
}

/** Return how likely a trip starts or ends at a place. */
export const arrivalRank = ({ properties: { kind, tags } }) => (kind !== "hub" ? 0 : tags.includes("station") ? 2 : 1);

export const hasPosition = (feature) => feature.geometry !== null;

/** Return what a door costs. */
export function priceWords(price) {
  if (!price) return t("trip.price_unknown");
  if (price.adult === 0 && !price.child) return t("trip.price_free");
  const parts = [t(price.starting_from ? "trip.price_from" : "trip.price_adult", { price: yen(price.adult) })];
  if (price.child === 0) parts.push(t("trip.price_child_free"));
  else if (price.child) parts.push(t("trip.price_child", { price: yen(price.child) }));
  return parts.join(t("trip.comma"));
}
