/** The key that opens a server which is not open to everybody. It is kept until the tab is closed. */

const STORED = "meguri.key";
// Anything else cannot stand in a header, and is no key.
const SENDABLE = /^[\x21-\x7e]+$/;

let key = stored();
let asking = null;
let askForKey = async () => null;

/** Say how to ask the user for a key: async (wasRefused) => key or null. */
export const useKeyDialog = (ask) => { askForKey = ask; };

export const currentKey = () => key;

/** Return the headers that open the server, for whoever sends requests otherwise. */
export const keyHeaders = () => (key ? { "X-API-Key": key } : {});

/**
 * Return a key in place of one that was refused, null for none; all requests that wait for one share the question.
 *
 * @returns {Promise<string|null>} null where the user gives none
 */
export async function keyAfter(refused) {
  // Another request may have got one in the meantime.
  if (!asking && key !== null && key !== refused) return key;
  return asked(refused !== null);
}

/** Ask for another key than the one in use. */
export const changeKey = () => asked(false);

function asked(wasRefused) {
  asking ??= question(wasRefused).finally(() => { asking = null; });
  return asking;
}

async function question(wasRefused) {
  for (let isRefused = wasRefused; ; isRefused = true) {
    const given = await askForKey(isRefused);
    if (given === null) return null;
    if (SENDABLE.test(given)) return keep(given);
  }
}

function keep(given) {
  key = given;
  try {
    sessionStorage.setItem(STORED, given);
  } catch { /* It is kept as long as the page is open. */ }
  return given;
}

function stored() {
  try {
    return sessionStorage.getItem(STORED);
  } catch {
    return null;
  }
}
