/** What is read of a region: itself, its assets, and what the server finds to repair in it. */

import { request, run, stop } from "../core/api.js";
import { byAsset, freshCheck } from "./state.js";

export const regionPath = (regionId, rest = "") => `v1/regions/${encodeURIComponent(regionId)}${rest}`;
// Ids of assets may hold slashes, which stay; nothing else in them needs escaping.
export const assetPath = (regionId, assetId) => `${regionPath(regionId)}/collections/assets/items/${assetId}`;

/** Read a region and its assets, unless what is there is of the same version. */
export async function loadRegion(state, regionId, { signal } = {}) {
  const { data: region, headers } = await request("GET", regionPath(regionId), { signal });
  const isSame = state.features && state.region?.data_version === region.data_version;
  if (!isSame) setFeatures(state, (await request("GET", regionPath(regionId, "/assets.geojson"), { signal })).data.features);
  Object.assign(state, { region, etag: headers.get("ETag"), loadError: null });
  return !isSame;
}

/** Put the assets of a region into its state. */
function setFeatures(state, features) {
  // As the items of the API have it: the id at the feature itself, too.
  for (const feature of features) feature.id ??= feature.properties.id;
  state.features = features;
  state.byId = new Map(features.map((feature) => [feature.id, feature]));
}

/** Put one asset in its place, at the end where it is new. */
export function putFeature(state, feature) {
  const place = state.features.findIndex((each) => each.id === feature.id);
  setFeatures(state, place < 0 ? [...state.features, feature] : state.features.with(place, feature));
}

export const dropFeature = (state, assetId) => setFeatures(state, state.features.filter((feature) => feature.id !== assetId));

/**
 * Have the server look through the region for what to repair; findings of before stay until there are new ones.
 *
 * @param {Function} onChange told whenever the check has got on
 */
export async function checkRegion(state, regionId, { signal, onChange }) {
  const mine = Symbol("check");
  Object.assign(state.check, { isRunning: true, share: null, error: null, mine });
  onChange();
  const isMine = () => state.check.mine === mine;
  const onUpdate = (job) => {
    if (!isMine()) return;
    Object.assign(state.check, { job, share: job.progress?.share ?? null });
    onChange();
  };
  try {
    const job = await run({ method: "GET", path: regionPath(regionId, "/check"), signal, onUpdate });
    if (!isMine()) return;
    const findings = job.result?.findings;
    if (!findings) Object.assign(state.check, { isRunning: false });
    else state.check = { ...freshCheck(), result: job.result, version: job.data_version, byAsset: byAsset(findings, state.byId) };
  } catch (error) {
    if (!isMine()) return;
    Object.assign(state.check, { isRunning: false, error: error.name === "AbortError" ? null : error });
  }
  onChange();
}

/** Ask the server to leave off looking. */
export const stopCheck = (state) => (state.check.job ? stop(state.check.job) : null);
