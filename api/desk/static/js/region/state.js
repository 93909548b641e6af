/** What the desk knows and what its user is about: it outlives the desk, so that nothing unsaved is lost by leaving. */

import { isDirty, isUntouched } from "./drafts.js";

const kept = new Map();

/** Return the state of a region; the same one whenever the desk is opened again. */
export function stateOf(regionId) {
  if (!kept.has(regionId)) kept.set(regionId, freshState());
  return kept.get(regionId);
}

/** Forget a region that is no more, or that has become another. */
export const forget = (regionId) => kept.delete(regionId);

const freshState = () => ({
  /** The region as the server tells of it, and the tag it had. */
  region: null,
  etag: null,
  /** Features of all assets, in the order of the region; null until they are there. */
  features: null,
  byId: new Map(),
  loadError: null,
  check: freshCheck(),
  table: { search: "", kinds: new Set(), gap: "", sort: "", isDescending: false, page: 0 },
  gaps: { open: new Set(), shown: new Map() },
  /** What was begun in forms, by the id of its asset. */
  drafts: new Map(),
});

/** Findings of the server: `result` stays in sight while the next ones are looked for. */
export const freshCheck = () => ({ isRunning: false, share: null, job: null, result: null, error: null, version: null, byAsset: new Map() });

/** Whether something would be lost with the page. */
export const hasUnsaved = () => [...kept.values()].some((state) => [...state.drafts.values()].some((draft) => isDirty(draft) && !isUntouched(draft)));

export const SEVERITIES = ["error", "warning", "note"];
/** The kinds of badges that tell them. */
export const SEVERITY_BADGES = { error: "bad", warning: "warn", note: "" };

/** What stands for the id of an asset that is not saved yet: no id may be so. */
export const NEW = "(new)";

/** Return findings by the asset they are about. */
export function byAsset(findings, assets) {
  const found = new Map();
  for (const finding of findings) {
    if (!assets.has(finding.where)) continue;
    if (!found.has(finding.where)) found.set(finding.where, []);
    found.get(finding.where).push(finding);
  }
  return found;
}
