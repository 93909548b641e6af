/** Where the API stands, seen from the page. */

// The page may stand below a prefix: …/desk/<digest>/js/core/address.js
const BASE = new URL("../../../../", import.meta.url);

/**
 * Return where something of the API stands: `v1/regions`, or a link out of an answer.
 *
 * Links name the server as the world calls it. The page asks wherever it came from itself: behind a proxy the two may
 * differ by scheme, name or prefix, and the browser would refuse the other one.
 */
export function address(path) {
  const own = /^https?:\/\/[^/]+.*?\/(v1(?:[/?].*)?)$/.exec(path)?.[1] ?? path;
  return new URL(own.replace(/^\//, ""), BASE).href;
}
