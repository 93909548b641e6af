/** Which assets the table shows, and in which order. */

import { current, pick } from "../core/texts.js";
import { SEVERITIES } from "./state.js";

export const ROWS_ON_A_PAGE = 100;

/** Gaps that can be told from an asset itself, before the server has looked through the region. */
const OWN_GAPS = {
  no_position: (asset) => !asset.geometry,
  hours_unknown: ({ properties }) => !properties.opening?.osm,
  price_unknown: ({ properties }) => priceOf(properties) === null,
  access_unknown: ({ properties }) => [properties.wheelchair, properties.stroller].some((fact) => (fact ?? "unknown") === "unknown"),
};
export const OWN_GAP_CODES = Object.keys(OWN_GAPS);

const RATES = ["child", "student", "senior", "resident", "infant"];

/** Return what an adult pays, or else the first rate there is; null where none is known. What is free for children is not free. */
export const priceOf = ({ price }) => price?.adult ?? RATES.map((rate) => price?.[rate]).find((amount) => amount > 0) ?? null;

/** Return how bad the findings of an asset are: of each severity how many. */
export const gapsOf = (state, assetId) => {
  const findings = state.check.byAsset.get(assetId) ?? [];
  return SEVERITIES.map((severity) => findings.filter((finding) => finding.severity === severity).length);
};

const known = (fact) => ({ yes: 0, no: 1 })[fact] ?? null;
const KEYS = {
  name: (asset) => pick(asset.properties.name),
  municipality: ({ properties }) => properties.municipality ?? null,
  hours: ({ properties }) => properties.opening?.osm ?? null,
  price: ({ properties }) => priceOf(properties),
  visit: ({ properties }) => properties.visit_minutes.typical,
  appeal: ({ properties }) => properties.appeal,
  access: ({ properties }) => known(properties.wheelchair),
  checked: ({ properties }) => (properties.checked ? 0 : 1),
  gaps: (asset, state) => {
    const [errors, warnings, notes] = gapsOf(state, asset.id);
    return errors * 1e6 + warnings * 1e3 + notes;
  },
};
export const SORTED_BY = Object.keys(KEYS);

const folded = (words) => words.normalize("NFKC").toLowerCase();
const searched = ({ id, properties }) =>
  folded([id, properties.name.ja, properties.name.en, properties.municipality, properties.address, ...(properties.tags ?? []), ...(properties.themes ?? [])].filter(Boolean).join(" "));

/** Whether an asset has a gap, by the server's findings or, before these are there, by what it says itself. */
function hasGap(state, asset, code) {
  if (!state.check.result) return OWN_GAPS[code]?.(asset) ?? false;
  return (state.check.byAsset.get(asset.id) ?? []).some((finding) => finding.code === code);
}

/** Return how many assets have a gap. */
export const withGap = (state, code) => state.features.filter((asset) => hasGap(state, asset, code)).length;

/** Return the assets that search and filters leave, in order. */
export function rowsOf(state) {
  const { search, kinds, gap, sort, isDescending } = state.table;
  const words = folded(search).split(/\s+/).filter(Boolean);
  const isFound = (asset) => {
    if (!words.length) return true;
    const all = searched(asset);
    return words.every((word) => all.includes(word));
  };
  const found = state.features.filter(
    (asset) => (!kinds.size || kinds.has(asset.properties.kind)) && (!gap || hasGap(state, asset, gap)) && isFound(asset),
  );
  return sort ? sorted(found, (asset) => KEYS[sort](asset, state), isDescending) : found;
}

/** Sort by a key; what is not known comes last either way. */
function sorted(assets, key, isDescending) {
  const { compare } = new Intl.Collator(current(), { numeric: true });
  const keyed = assets.map((asset) => [key(asset), asset]);
  const order = (one, other) => (typeof one === "number" ? one - other : compare(one, other));
  keyed.sort(([one], [other]) => {
    if (one === null || other === null) return (one === null) - (other === null);
    return isDescending ? order(other, one) : order(one, other);
  });
  return keyed.map(([, asset]) => asset);
}
