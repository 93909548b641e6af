/** The region desk: what a region holds, what is missing in it, and how to mend it. */

import { h, replace } from "../core/dom.js";
import { request } from "../core/api.js";
import { go, link, note } from "../core/router.js";
import { number, pick, t } from "../core/texts.js";
import { fault, toast } from "../core/ui.js";
import { isUntouched, newAsset, setPosition } from "./drafts.js";
import { createGaps } from "./gaps.js";
import { createImport } from "./imports.js";
import { checkRegion, dropFeature, loadRegion, putFeature, regionPath, stopCheck } from "./loading.js";
import { about, head } from "./overview.js";
import { createPanel } from "./panel.js";
import { createRegionMap } from "./region_map.js";
import { NEW, forget, hasUnsaved, stateOf } from "./state.js";
import { createTable } from "./table.js";

const VIEWS = ["places", "gaps", "about"];
const SETTLED_MS = 150;

// What was typed lives as long as the page does: the browser asks before it goes.
window.addEventListener("beforeunload", (event) => { if (hasUnsaved()) event.preventDefault(); });

/** Show the desk in `root`; see `main.js` for what it is given. */
export function mount(root, { region, params, query, readRegions }) {
  const leaving = new AbortController();
  const nodes = {};
  const desk = {
    readRegions, view: "places", chosen: null, side: "list",
    state: region ? stateOf(region.id) : null,
    regionId: region?.id ?? null,
    choose, create, showView, removeRegion, saved, removed, check, dim: (ids) => map?.dim(ids),
    stopCheck: () => stopCheck(desk.state)?.catch((error) => { desk.state.check.error = error; parts.gaps.render(); }),
    askMap, mapMayBeThere: () => map?.available !== false,
    mapReady: (isAvailable) => { if (!isAvailable) parts.panel.render(); },
    reload: load, renderRows: () => parts.table?.renderRows(), leaving: leaving.signal,
  };
  let parts = {};
  let readings = 0;
  let map = null;

  if (!region) {
    desk.view = "import";
    build();
    return { render, update() {}, destroy };
  }
  desk.state.region ??= region;
  Object.assign(desk, placeOf(params, query));
  build();
  load();

  /* ---- what is shown ---- */

  function build() {
    nodes.head = h("header", { class: "region-head" });
    nodes.tabs = h("nav", { class: "region-tabs", "aria-label": t("region.views") });
    nodes.fault = h("div", {});
    nodes.places = h("section", { class: "region-places" });
    nodes.gaps = h("section", { class: "region-gaps" });
    nodes.about = h("section", { class: "region-about" });
    nodes.import = h("section", { class: "region-import" });
    nodes.map = h("div", { class: "region-map" });
    nodes.panel = h("section", { class: "region-panel" });
    nodes.list = h("div", { class: "region-list" }, nodes.fault, nodes.places, nodes.gaps, nodes.about);
    nodes.side = h("div", { class: "region-side" }, nodes.map, nodes.panel);
    nodes.body = h("div", { class: "region-body" }, nodes.list, nodes.side);
    replace(root, nodes.head, nodes.tabs, nodes.body, nodes.import);
    parts = { import: createImport(nodes.import, desk) };
    if (region) {
      Object.assign(parts, { table: createTable(nodes.places, desk), gaps: createGaps(nodes.gaps, desk), panel: createPanel(nodes.panel, desk) });
      map = createRegionMap(nodes.map, desk);
    }
    render();
  }

  function render() {
    if (!region) replace(nodes.head, h("div", { class: "region-title" }, h("h1", { text: t("shell.region") })));
    else {
      replace(nodes.head, head(desk));
      renderTabs();
      map?.render();
      if (desk.state.features) renderLoaded();
      else replace(nodes.fault, desk.state.loadError ? fault(desk.state.loadError, { onRetry: load }) : h("p", { class: "loading", role: "status", text: t("region.loading") }));
    }
    parts.import.render();
    place();
  }

  function renderLoaded() {
    replace(nodes.fault, desk.state.loadError ? fault(desk.state.loadError, { onRetry: load }) : null);
    parts.table.render();
    parts.gaps.render();
    replace(nodes.about, about(desk));
    parts.panel.render();
  }

  function renderTabs() {
    const { check, features } = desk.state;
    const counts = { places: features?.length, gaps: check.result?.findings.length };
    nodes.tabs.setAttribute("aria-label", t("region.views"));
    replace(nodes.tabs, VIEWS.map((view) =>
      h("a", { href: address(view), "aria-current": view === desk.view && desk.side === "list" ? "page" : null, data: { key: `view-${view}` }, on: { click: (event) => { event.preventDefault(); showView(view); } } },
        t(`region.view_${view}`), counts[view] === undefined ? null : h("span", { class: "hint", text: number(counts[view]) }))),
      h("a", { class: "region-to-map", href: address(desk.view), "aria-current": desk.side === "map" ? "page" : null, data: { key: "view-map" }, on: { click: (event) => { event.preventDefault(); showSide(desk.side === "map" ? "list" : "map"); } } }, t("region.view_map")));
  }

  /** Show what belongs to the view, and on a phone one thing at a time. */
  function place() {
    for (const view of VIEWS) nodes[view].hidden = desk.view !== view || !desk.state?.features;
    nodes.body.hidden = desk.view === "import";
    nodes.import.hidden = desk.view !== "import";
    nodes.body.dataset.side = desk.chosen === null ? desk.side : "panel";
    nodes.panel.hidden = desk.chosen === null;
    map?.look();
  }

  /* ---- where one is ---- */

  function placeOf(given, asked) {
    const view = asked.get("view");
    // Ids of assets may hold slashes, which are no parts of the address when it is made here, but may be when it is typed.
    return { view: [...VIEWS, "import"].includes(view) ? view : "places", chosen: given.slice(1).join("/") || null };
  }

  function address(view = desk.view) {
    return link("region", [desk.regionId, ...(desk.chosen && desk.chosen !== NEW ? [desk.chosen] : [])], { view: view === "places" ? null : view });
  }

  function showView(view) {
    if (!region) return;
    desk.view = view;
    desk.side = "list";
    if (view === "import") desk.chosen = null;
    note(address());
    replace(nodes.head, head(desk));
    renderTabs();
    place();
    if (view !== "import") return;
    parts.import.render();
    nodes.import.querySelector("h2")?.focus();
  }

  function showSide(side) {
    desk.side = side;
    desk.chosen = null;
    note(address());
    renderTabs();
    parts.panel.render();
    place();
  }

  /** Open an asset; from the map its row is shown, from its row its place on the map. */
  async function choose(assetId, { field = null, from = "list", back = null } = {}) {
    const before = desk.chosen;
    desk.chosen = assetId;
    const left = desk.state.drafts.get(before);
    if (before !== assetId && left && isUntouched(left)) desk.state.drafts.delete(before);
    if (desk.view === "import" && assetId !== null) desk.view = "places";
    note(address());
    map?.ask(null);
    place();
    renderTabs();
    if (before !== assetId) {
      parts.table.renderRows();
      parts.gaps.render();
    }
    if (assetId === null) {
      parts.panel.render();
      map?.select(null);
      const row = [...nodes.list.querySelectorAll("[data-key]")].find((each) => back && each.dataset.key === `row-${back}` && each.offsetParent);
      row?.focus();
      return;
    }
    if (from === "map") parts.table.show(assetId);
    // The map gets smaller when the panel opens; where its middle is shows only after that.
    if (assetId !== NEW) setTimeout(() => { if (desk.chosen === assetId) map?.select(assetId, { fly: from !== "map" }); }, before === null ? SETTLED_MS : 0);
    await parts.panel.open(assetId, { field, isCalled: from === "address" });
  }

  /** Have a position pressed on the map, which on a phone stands before the form meanwhile. */
  function askMap(onPoint) {
    nodes.body.dataset.side = "map";
    map.look();
    map.ask((point) => {
      place();
      onPoint(point);
    });
    nodes.map.scrollIntoView({ block: "nearest" });
  }

  function create(position = null) {
    const [kind] = desk.state.table.kinds;
    if (!desk.state.drafts.has(NEW)) desk.state.drafts.set(NEW, newAsset(kind ?? "culture", t("region.own_source"), position));
    else if (position) setPosition(desk.state.drafts.get(NEW), position);
    choose(NEW, { field: "/properties/name/ja" });
  }

  /* ---- what is read and changed ---- */

  async function load() {
    const { state } = desk;
    try {
      const isNew = await loadRegion(state, desk.regionId, { signal: leaving.signal });
      render();
      map?.show();
      if (isNew && desk.chosen) choose(desk.chosen, { from: "address" });
      else if (desk.chosen) parts.panel.open(desk.chosen, { isCalled: true });
      if (desk.chosen) parts.table.show(desk.chosen);
      if (isNew || !state.check.result || state.check.version !== state.region.data_version) check();
    } catch (error) {
      if (error.name === "AbortError") return;
      state.loadError = error;
      render();
    }
  }

  function check() {
    const { state } = desk;
    const onChange = () => {
      if (desk.state !== state || leaving.signal.aborted) return;
      parts.gaps.render();
      if (state.check.isRunning) return;
      renderTabs();
      parts.table.render();
      parts.panel.renderFindings();
    };
    return checkRegion(state, desk.regionId, { signal: leaving.signal, onChange });
  }

  /** Take over what was saved: in the table, on the map, in the counts; and look for gaps anew. */
  async function saved(feature) {
    if (desk.state.features) putFeature(desk.state, feature);
    await changed();
  }

  async function removed(assetId) {
    dropFeature(desk.state, assetId);
    desk.state.drafts.delete(assetId);
    await changed();
  }

  async function changed() {
    if (leaving.signal.aborted) return;
    map?.show();
    parts.table.render();
    const mine = ++readings;
    const { data, headers } = await request("GET", regionPath(desk.regionId), { signal: leaving.signal });
    if (mine !== readings) return;
    Object.assign(desk.state, { region: data, etag: headers.get("ETag") });
    replace(nodes.head, head(desk));
    renderTabs();
    replace(nodes.about, about(desk));
    await Promise.all([check(), readRegions()]);
  }

  async function removeRegion() {
    const { regionId, state } = desk;
    await request("DELETE", regionPath(regionId), { headers: { "If-Match": state.etag } });
    forget(regionId);
    await readRegions();
    toast(t("region.removed", { name: pick(state.region.name) }));
    go(link("region"));
  }

  function update({ params: given, query: asked }) {
    const { view, chosen } = placeOf(given, asked);
    desk.view = view;
    if (chosen !== desk.chosen) choose(chosen, { from: "address" });
    showView(view);
    if (chosen) parts.table.show(chosen);
  }

  function destroy() {
    leaving.abort();
    parts.import.destroy();
    map?.destroy();
  }

  return { render, update, destroy };
}
