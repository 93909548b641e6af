/** How a draft gets to the server, and what comes of it: saved, refused at its fields, or overtaken by somebody else. */

import { request } from "../core/api.js";
import { flaws } from "../core/ui.js";
import { conflictOf, featureOf, patchOf } from "./drafts.js";
import { assetPath, regionPath } from "./loading.js";

/** Read an asset with the tag that a change of it needs. */
export async function readAsset(regionId, assetId, options) {
  const { data, headers } = await request("GET", assetPath(regionId, assetId), options);
  return { feature: data, etag: headers.get("ETag") };
}

/**
 * Save a draft; what stands in its way is written into it: `error`, or `conflict` where somebody was faster.
 *
 * @returns {Promise<{feature: object, etag: string}|null>} the asset as it is now, or null where it was not saved
 */
export async function saveDraft(regionId, assetId, draft) {
  Object.assign(draft, { isSaving: true, error: null });
  try {
    const { data, headers } = draft.isNew
      ? await request("POST", regionPath(regionId, "/collections/assets/items"), { body: featureOf(draft) })
      : await request("PATCH", assetPath(regionId, assetId), {
          body: patchOf(draft),
          headers: { "If-Match": draft.etag, "Content-Type": "application/merge-patch+json" },
        });
    return { feature: data, etag: headers.get("ETag") };
  } catch (error) {
    if (error.status === 412) await noteConflict(regionId, assetId, draft);
    else if (error.status === 404 && !draft.isNew) draft.conflict = { isGone: true };
    else draft.error = error;
    return null;
  } finally {
    draft.isSaving = false;
  }
}

/** Take an asset away; null where somebody was faster. */
export async function removeAsset(regionId, assetId, draft) {
  try {
    await request("DELETE", assetPath(regionId, assetId), { headers: { "If-Match": draft.etag } });
    return true;
  } catch (error) {
    if (error.status === 404) return true;
    if (error.status === 412) await noteConflict(regionId, assetId, draft);
    else draft.error = error;
    return false;
  }
}

/** Find out what somebody else has changed. */
async function noteConflict(regionId, assetId, draft) {
  try {
    const { feature, etag } = await readAsset(regionId, assetId);
    draft.conflict = { feature, etag, ...conflictOf(draft, feature) };
  } catch (error) {
    if (error.status === 404) draft.conflict = { isGone: true };
    else draft.error = error;
  }
}

/** Return what the server has against the fields of a draft, and which of its words no field can show. */
export function faultsOf(error, shown) {
  const found = flaws(error);
  if (found.has("/id")) found.set("/properties/id", found.get("/id"));
  found.delete("/id");
  const below = (pointer) => [...found].filter(([each]) => each === pointer || each.startsWith(`${pointer}/`)).map(([, text]) => text);
  // A position that is no point of one kind is told as none of the other, too: two numbers of which the third is missing.
  found.delete("/geometry/coordinates/2");
  return {
    at: (pointer) => found.get(pointer) ?? null,
    exactly: (pointer) => (shown.has(pointer) ? [] : [found.get(pointer)].filter(Boolean)),
    below,
    /** The pointers that have faults, in the order of the server. */
    pointers: [...found.keys()],
  };
}
