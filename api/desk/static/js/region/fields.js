/**
 * The fields of an asset that the form knows: where each stands in the GeoJSON feature, and how it is read and written.
 *
 * A field is read into a raw value (text, as it is typed) and written back as JSON, or null for what is not known. What
 * makes no sense is sent as it was typed: the server says at which field it is wrong, in the words of its own.
 */

/** Return what stands at a pointer, `/properties/price/adult`; undefined where there is nothing. */
export const at = (content, pointer) => pointer.split("/").slice(1).reduce((part, name) => part?.[name], content);

/** Put a value at a pointer, making what leads there. */
export function putAt(content, pointer, value) {
  const names = pointer.split("/").slice(1);
  const last = names.pop();
  const parent = names.reduce((part, name) => (part[name] ??= {}), content);
  parent[last] = value;
}

// People type digits as wide as their other letters.
const narrow = (raw) => raw.normalize("NFKC").trim();

/** Return the number that was typed, null for nothing, and what is no number as it stands. */
export function typedNumber(raw) {
  const typed = narrow(raw);
  if (typed === "") return null;
  // Commas part thousands; others may be meant for points.
  const value = Number(/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(typed) ? typed.replaceAll(",", "") : typed);
  return Number.isFinite(value) ? value : raw;
}

const shown = (value) => (value === undefined || value === null ? "" : String(value));
const words = (raw) => raw.split(/[,、，\n]/).map((word) => word.trim()).filter(Boolean);
const copy = (value) => JSON.parse(JSON.stringify(value ?? []));

const KINDS_OF_FIELD = {
  text: { read: shown, write: (raw) => raw.trim() || null },
  number: { read: shown, write: typedNumber },
  words: { read: (value) => (value ?? []).join(", "), write: (raw) => words(raw) },
  known: { read: (value) => value ?? "unknown", write: (raw) => raw },
  tick: { read: (value) => value ?? false, write: (raw) => raw },
  list: { read: copy, write: (raw) => raw },
  choice: { read: shown, write: (raw) => raw || null },
  position: {
    read: (value) => ({ lon: shown(value?.coordinates?.[0]), lat: shown(value?.coordinates?.[1]) }),
    write: ({ lon, lat }) =>
      lon.trim() || lat.trim() ? { type: "Point", coordinates: [typedNumber(lon), typedNumber(lat)] } : null,
  },
};

const make = (kind) => (pointer) => [pointer, { pointer, ...KINDS_OF_FIELD[kind] }];
const [text, number, list, known] = ["text", "number", "list", "known"].map(make);
const property = (build, names) => names.map((name) => build(`/properties/${name}`));

/** All fields by their pointers. */
export const FIELDS = new Map([
  text("/properties/id"),
  make("position")("/geometry"),
  ...property(make("choice"), ["kind", "price/unit"]),
  ...property(text, [
    "name/ja", "name/en", "description/ja", "description/en", "address", "municipality", "operator", "url",
    "opening/osm", "opening/last_admission", "opening/check_in", "opening/check_out",
  ]),
  ...property(number, [
    "visit_minutes/min", "visit_minutes/typical", "visit_minutes/max", "price/adult", "price/child", "price/student", "price/senior",
    "appeal", "capacity_per_hour",
  ]),
  ...property(make("words"), ["tags", "themes", "serves", "uses", "languages"]),
  ...property(known, ["wheelchair", "stroller", "indoor"]),
  ...property(make("tick"), ["checked", "price/starting_from", "opening/no_closing_days"]),
  ...property(list, ["opening/closed", "opening/unread", "slots", "season", "dates", "meals", "assumed", "sources"]),
]);

/** Return the raw value of a field in a feature. */
export const rawOf = (feature, pointer) => FIELDS.get(pointer).read(at(feature, pointer));

/** Whether two raw values of a field say the same. */
export function isSame(pointer, one, other) {
  const { write } = FIELDS.get(pointer);
  return JSON.stringify(write(one)) === JSON.stringify(write(other));
}
