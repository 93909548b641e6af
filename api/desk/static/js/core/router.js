/** Addresses inside the page, `#/trip/echizen/0192…?day=2`: they can be kept, sent and gone back to. */

/** Return {desk, params, query} of where the page is. */
export function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [desk = "", ...params] = path.split("/").filter(Boolean).map(decode);
  return { desk, params, query: new URLSearchParams(query) };
}

/** Return the address of a place in the page. */
export function link(desk, params = [], query = {}) {
  const wanted = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined));
  const path = [desk, ...params].map(encodeURIComponent).join("/");
  return `#/${path}${wanted.size ? `?${wanted}` : ""}`;
}

/** Go somewhere; `replace` leaves no trace in the history. */
export function go(to, { replace = false } = {}) {
  if (to === location.hash) return;
  if (replace) {
    history.replaceState(null, "", to);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = to;
}

/** Change the address without anybody being told: the page shows that already. */
export const note = (to) => history.replaceState(null, "", to);

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
