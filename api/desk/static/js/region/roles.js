/** What a file is likely to be: by its name and, of archives, by the names in it. It can be chosen otherwise. */

export const ROLES = ["csv", "geofile", "osm", "gtfs", "heritage", "edges", "region"];

// The list of what is in a zip archive stands at its end.
const TAIL_BYTES = 262_144;

/** Return the role of a file in an import. */
export async function roleOf(file) {
  const name = file.name.toLowerCase();
  if (/heritage|日本遺産/.test(name) && name.endsWith(".csv")) return "heritage";
  if (/\.(csv|tsv|txt)$/.test(name)) return "csv";
  if (/\.(osm|pbf|bz2|gz)$/.test(name)) return "osm";
  if (!name.endsWith(".zip")) return "geofile";
  const names = new TextDecoder("latin1").decode(await file.slice(-TAIL_BYTES).arrayBuffer());
  if (/region\.toml/.test(names)) return "region";
  return names.includes("stops.txt") ? "gtfs" : "geofile";
}
