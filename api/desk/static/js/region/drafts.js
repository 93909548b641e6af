/** Unsaved changes of an asset: what was typed beside what the server had, and the patch that makes one of the other. */

import { FIELDS, at, isSame, putAt, rawOf } from "./fields.js";

/** Begin to change an asset as the server has it. */
export const newDraft = (base, etag) => ({
  /** The feature as it was read, and its tag. */
  base,
  etag,
  isNew: etag === null,
  /** Raw values by pointer, of the fields that were changed. */
  changes: new Map(),
  /** Assumed fields that the user says are right as they are. */
  confirmed: new Set(),
  error: null,
  conflict: null,
  isSaving: false,
});

/** Begin a new asset: where it was pressed on the map, with somebody to name as its source. */
export function newAsset(kind, source, position = null) {
  const draft = newDraft({ type: "Feature", geometry: null, properties: { appeal: 50 } }, null);
  draft.changes.set("/properties/kind", kind);
  draft.changes.set("/properties/sources", [{ name: source }]);
  if (position) setPosition(draft, position);
  return draft;
}

/** Return what a field shows. */
export const valueOf = (draft, pointer) => (draft.changes.has(pointer) ? draft.changes.get(pointer) : rawOf(draft.base, pointer));

/** Change a field; what is as it was before is no change. */
export function change(draft, pointer, raw) {
  if (isSame(pointer, raw, rawOf(draft.base, pointer)) && !draft.isNew) draft.changes.delete(pointer);
  else draft.changes.set(pointer, raw);
}

/** Put an asset at a place on the map; six decimals are a tenth of a metre. */
export function setPosition(draft, [lon, lat]) {
  change(draft, "/geometry", { lon: lon.toFixed(6), lat: lat.toFixed(6) });
}

const GIVEN = new Set(["/properties/kind", "/properties/sources"]);
/** Whether nothing was typed yet into a new asset: it is no loss. */
export const isUntouched = (draft) => draft.isNew && [...draft.changes.keys()].every((pointer) => GIVEN.has(pointer));

export const isDirty = (draft) => draft.changes.size > 0 || draft.confirmed.size > 0;

/** Return the flags of what was assumed that still hold: not those of fields that are changed, or confirmed. */
export function assumedNow(draft) {
  const isChanged = (field) => [...draft.changes.keys()].some((pointer) => `${pointer}/`.startsWith(`/properties/${field}/`));
  return (draft.base.properties.assumed ?? []).filter(({ field }) => !draft.confirmed.has(field) && !isChanged(field));
}

/** What is sent of a draft: it may be changed on while the answer is under way. */
export const sentOf = ({ changes, confirmed }) => ({ changes: new Map(changes), confirmed: new Set(confirmed) });

/** Begin anew from what the server has saved; what was changed since it was sent is a change of that. */
export function afterSaving(draft, sent, feature, etag) {
  const next = Object.assign(newDraft(feature, etag), { hours: draft.hours });
  for (const pointer of new Set([...draft.changes.keys(), ...sent.changes.keys()])) {
    const now = valueOf(draft, pointer);
    if (!sent.changes.has(pointer) || !isSame(pointer, now, sent.changes.get(pointer))) change(next, pointer, now);
  }
  for (const field of draft.confirmed) if (!sent.confirmed.has(field)) next.confirmed.add(field);
  return next;
}

/** Return the merge patch (RFC 7396) of a draft: nothing but what was changed, so that what the form does not know stays. */
export function patchOf(draft) {
  const patch = {};
  for (const [pointer, raw] of draft.changes) {
    const { write } = FIELDS.get(pointer);
    putAt(patch, pointer, write(raw));
  }
  const assumed = assumedNow(draft);
  if (assumed.length !== (draft.base.properties.assumed ?? []).length) putAt(patch, "/properties/assumed", assumed);
  // A description in neither language is none.
  const description = ["ja", "en"].map((language) => FIELDS.get("/properties/name/ja").write(valueOf(draft, `/properties/description/${language}`)));
  if (at(patch, "/properties/description") && !description.some(Boolean)) patch.properties.description = null;
  return patch;
}

/** Return the feature of a new asset; also of one that somebody took away meanwhile. */
export function featureOf(draft) {
  const { links, ...feature } = draft.base;
  const merged = merge(feature, patchOf(draft));
  return { ...merged, type: "Feature", geometry: merged.geometry ?? null };
}

function merge(target, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const merged = target !== null && typeof target === "object" && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}

/** Return the pointers of fields that somebody else changed since: those changed here, too, are for the user to decide between. */
export function conflictOf(draft, theirs) {
  const changed = [...FIELDS.keys()].filter((pointer) => !isSame(pointer, rawOf(draft.base, pointer), rawOf(theirs, pointer)));
  const isMine = (pointer) => draft.changes.has(pointer) && !isSame(pointer, draft.changes.get(pointer), rawOf(theirs, pointer));
  return { both: changed.filter(isMine), others: changed.filter((pointer) => !isMine(pointer)) };
}

/** Take what somebody else saved as the ground to stand on; of the fields both changed, keep those in `mine`. */
export function rebase(draft, theirs, etag, mine) {
  const changes = [...draft.changes].filter(([pointer, raw]) => {
    const isTheirs = !isSame(pointer, rawOf(draft.base, pointer), rawOf(theirs, pointer));
    return (!isTheirs || mine.has(pointer)) && !isSame(pointer, raw, rawOf(theirs, pointer));
  });
  Object.assign(draft, { base: theirs, etag, changes: new Map(changes), conflict: null, error: null });
}
