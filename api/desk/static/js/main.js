/** The frame around the three desks: which one is shown, and for which region. */

import { Unreachable, all, connection, look, useKeyDialog } from "./core/api.js";
import { renderBanner, watchConnection } from "./core/banner.js";
import { h, replace } from "./core/dom.js";
import { askForKey } from "./core/key_dialog.js";
import { here, link } from "./core/router.js";
import { onLanguage, t } from "./core/texts.js";
import { onDeviceTheme, restoreTheme } from "./core/theme.js";
import { regionName, renderTop } from "./core/top.js";
import { fault, notice, toast } from "./core/ui.js";

const DESKS = {
  trip: () => import("./trip/desk.js"),
  prices: () => import("./prices/desk.js"),
  region: () => import("./region/desk.js"),
};

const main = document.getElementById("main");
/** Null until they are known. */
let regions = null;
/** What is shown: a desk for a region, or, where `desk` is null, a sentence in its place. */
const shown = { name: null, region: null, desk: null };
let turn = 0;

const find = (id) => regions.find((region) => region.id === id) ?? null;

async function readRegions() {
  regions = await all("v1/regions?limit=500");
  if (shown.region) shown.region = find(shown.region.id);
  drawTop();
  return regions;
}

function drawTop() {
  const { desk, params } = here();
  const name = desk || "trip";
  const isMissing = regions && params[0] && !find(params[0]);
  renderTop({ desks: Object.keys(DESKS), desk: name in DESKS ? name : null, region: isMissing ? null : shown.region, regions: regions ?? [], onTheme: redraw });
}

/** Draw everything anew, in another language or light. */
function redraw() {
  drawTop();
  renderBanner();
  if (shown.desk) shown.desk.render();
  else if (regions) show();
  else begin();
}

/* ---- what is shown ---- */

/** Show what the address names. Later calls overtake earlier ones, wherever those are. */
async function show() {
  const mine = ++turn;
  const { desk: asked, params, query } = here();
  const name = asked || "trip";
  if (!(name in DESKS)) return tell(t("shell.not_found"), h("a", { href: "#/", text: t("shell.to_start") }));
  if (params[0] && !find(params[0])) {
    // It may be new. Where it is not, that is said: another region in its place would be taken for it.
    try {
      await readRegions();
    } catch (error) {
      if (mine === turn) await tellFault(error);
      return;
    }
    if (mine !== turn) return;
    if (!find(params[0])) return tellUnknown(name, params[0]);
  }
  const region = params[0] ? find(params[0]) : (shown.region ?? regions[0] ?? null);
  if (!region && name !== "region") return tell(t("shell.no_regions"), h("a", { href: link("region"), text: t("shell.region") }));
  if (shown.desk && shown.name === name && shown.region?.id === region?.id) {
    shown.desk.update({ params, query });
    return;
  }
  leave();
  Object.assign(shown, { name, region });
  drawTop();
  replace(main, h("p", { class: "loading", role: "status", text: t("shell.loading") }));
  try {
    const { mount } = await DESKS[name]();
    // Somebody may have gone elsewhere meanwhile.
    if (mine !== turn) return;
    main.className = `desk-${name}`;
    document.body.dataset.desk = name;
    shown.desk = mount(main, { region, regions, params, query, readRegions });
  } catch (error) {
    if (mine === turn) await tellFault(error);
  }
}

function leave() {
  shown.desk?.destroy();
  shown.desk = null;
  main.className = "";
  delete document.body.dataset.desk;
  main.replaceChildren();
}

function tell(text, ...more) {
  leave();
  replace(main, h("h1", { class: "visually-hidden", text: t("shell.title") }), notice("info", h("p", { role: "alert", text }), more));
}

function tellUnknown(name, id) {
  shown.region = null;
  drawTop();
  const others = regions.map((region) => h("li", {}, h("a", { href: link(name, [region.id]), text: regionName(region, regions) })));
  tell(t("shell.unknown_region", { id }), others.length ? h("ul", { class: "region-links" }, others) : h("a", { href: link("region"), text: t("shell.region") }));
}

async function tellFault(error) {
  // A script that did not come looks like any other fault.
  await look();
  leave();
  const isAway = connection() !== "online" && !(error instanceof Unreachable);
  replace(main, fault(isAway ? new Unreachable() : error, { onRetry: regions ? show : begin }));
}

/** Go where the address leads, with the focus and from the top, as on any page that comes after another. */
async function move() {
  if (!regions) return;
  const before = { ...shown };
  drawTop();
  await show();
  if (before.name === shown.name && before.region?.id === shown.region?.id && before.desk === shown.desk) return;
  window.scrollTo(0, 0);
  const focused = document.activeElement;
  // Arrow keys go on through the list of regions.
  if (!main.contains(focused) && !focused?.closest(".region-choice, dialog")) main.focus({ preventScroll: true });
}

/* ---- beginning ---- */

async function begin() {
  const mine = ++turn;
  look();
  try {
    await readRegions();
  } catch (error) {
    if (mine === turn) replace(main, fault(error, { onRetry: begin }));
    return;
  }
  if (mine === turn) await show();
}

/** Nothing fails silently: what no desk has caught is told as well. */
function tellUncaught(error) {
  if (!error || error.name === "AbortError") return;
  toast(error.title || t(error instanceof Unreachable ? "fault.unreachable" : "fault.failed"));
}

restoreTheme();
useKeyDialog(askForKey);
watchConnection();
onLanguage(redraw);
onDeviceTheme(redraw);
window.addEventListener("hashchange", move);
window.addEventListener("error", (event) => tellUncaught(event.error));
window.addEventListener("unhandledrejection", (event) => tellUncaught(event.reason));
document.querySelector(".skip-link").addEventListener("click", (event) => {
  // Its address would be taken for one of a desk.
  event.preventDefault();
  main.focus();
});
drawTop();
begin();
