/** The public API. Everything the page knows, it knows from here. */

export { address } from "./address.js";
export { connection, look, onConnection, wasAway } from "./connection.js";
export { follow, run, stop } from "./jobs.js";
export { changeKey, currentKey, keyHeaders, useKeyDialog } from "./keys.js";
export { Problem, Unreachable, all, download, get, post, request, saveAs } from "./requests.js";
