/** The map: places, plan, ground. Where none can be drawn a sentence says so, and all its methods do nothing. */

import { get, keyHeaders } from "../core/api.js";
import { h, replace } from "../core/dom.js";
import { KINDS } from "../core/icons.js";
import { pick, t } from "../core/texts.js";
import { button, kindMark } from "../core/ui.js";
import { graticule, grounds, towns } from "./ground.js";
import { canDraw, mapLibrary } from "./library.js";
import { Marks, stopsOf } from "./marks.js";
import { collection, line, point } from "./shapes.js";
import { ASSET_LAYERS, LEG_LAYERS, dayColour, kindImage, styleOf } from "./style.js";

const EVERYWHERE = [[122, 24], [146, 46]];
const CLOSE = 14;

/**
 * Put a map into an element; it is filled when the library is there.
 *
 * @param {Element} container
 * @param {{label: Function, onAsset?: Function, onPoint?: Function, onReady?: Function}} options `label` returns the map's
 *   name for screen readers; `onAsset` is told the id of a place that was pressed, `onPoint` `[lon, lat]` of empty ground
 */
export function createMap(container, { label, onAsset = () => {}, onPoint = null, onReady = () => {} }) {
  const data = { assets: [], chosen: new Set(), dimmed: new Set(), days: [], shown: new Set(), region: null, tiles: null, baseMap: null, towns: [], selected: null };
  const stage = h("div", { class: "map-stage" });
  const legend = h("details", { class: "map-legend map-corner" });
  const credit = h("div", { class: "map-credit map-corner" });
  const controls = h("div", { class: "map-controls map-corner" });
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  let map = null;
  let marks = null;
  let library = null;
  let isGone = false;

  container.classList.add("map");
  replace(container, stage, controls, legend, credit);
  legend.addEventListener("toggle", () => marks && arrange());
  const frame = { available: null, setRegion, setAssets, setPlan, select, fit, render, destroy };
  start();
  return frame;

  /* ---- beginning and end ---- */

  async function start() {
    try {
      if (!canDraw()) throw new Error("no WebGL");
      library = await mapLibrary();
    } catch (error) {
      if (!isGone) giveUp(error);
      return;
    }
    if (isGone) return;
    map = new library.Map({
      container: stage, style: style(), attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
      maxZoom: 18, renderWorldCopies: false, fadeDuration: 0, bounds: box() ?? EVERYWHERE, fitBoundsOptions: { padding: padding(), maxZoom: 15 },
      transformRequest: (url) => ({ url, headers: url.startsWith(location.origin) ? keyHeaders() : {} }),
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new library.ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    marks = new Marks(library, map, stage, onAsset);
    map.on("styleimagemissing", ({ id }) => {
      const kind = id.replace("kind-", "");
      if (KINDS.includes(kind) && !map.hasImage(id)) map.addImage(id, kindImage(kind), { pixelRatio: 2 });
    });
    map.on("load", () => {
      container.dataset.map = "ready";
      frame.available = true;
      drawGraticule();
      renderMarks();
      onReady(true);
    });
    map.on("movestart", () => marks.lift());
    map.on("move", () => marks.moveTicks());
    map.on("moveend", () => { drawGraticule(); arrange(); });
    map.on("resize", () => { marks.moveTicks(); arrange(); });
    map.on("click", pressed);
    for (const layer of [...ASSET_LAYERS, ...LEG_LAYERS]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
    renderAround();
  }

  function giveUp(error) {
    console.info(`no map: ${error.message}`);
    container.dataset.map = "none";
    frame.available = false;
    replace(container, h("p", { class: "map-none", text: t("map.none") }));
    onReady(false);
  }

  function destroy() {
    isGone = true;
    marks?.destroy();
    map?.remove();
    map = marks = null;
  }

  /* ---- what is shown ---- */

  /** Say whose map it is: frame, tiles, base map. */
  async function setRegion(region) {
    data.region = region;
    const tileLink = region.links.find((each) => each.rel === "tiles");
    const [tiles, index] = await Promise.all([tileLink ? get(tileLink.href).catch(() => null) : null, get("v1").catch(() => ({}))]);
    if (isGone || data.region !== region) return;
    data.tiles = tiles;
    data.baseMap = index.base_map ?? null;
    if (!map) return;
    map.setStyle(style(), { diff: false });
    renderAround();
    fit();
  }

  function setAssets(assets, { chosen = new Set(), dimmed = new Set() } = {}) {
    const areOthers = assets !== data.assets;
    Object.assign(data, { assets, chosen, dimmed });
    if (areOthers) data.towns = towns(assets);
    if (!map) return;
    map.getSource("assets")?.setData(assetPoints());
    if (areOthers) map.getSource("ground")?.setData(grounds(data.towns));
    renderAround();
    arrange();
  }

  function setPlan(days, { shown } = {}) {
    data.days = days ?? [];
    data.shown = shown ?? new Set(data.days.keys());
    if (!map) return;
    map.getSource("legs")?.setData(legs());
    renderMarks();
    renderAround();
  }

  function select(assetId, { fly = false } = {}) {
    data.selected = assetId;
    if (!map) return;
    marks.select(assetId);
    map.getSource("assets")?.setData(assetPoints());
    const at = positionOf(assetId);
    if (fly && at) map.easeTo({ center: at, zoom: Math.max(map.getZoom(), CLOSE), animate: !still() });
    else arrange();
  }

  /** Show the whole plan, or all places where there is none. */
  function fit() {
    const found = box();
    if (map && found) map.fitBounds(found, { padding: padding(), maxZoom: 15, animate: !still() });
  }

  /** Draw anew in the colours and the language of the page. */
  function render() {
    if (frame.available === false) giveUp(new Error("no WebGL"));
    if (!map) return;
    map.setStyle(style(), { diff: false });
    renderMarks();
    renderAround();
  }

  /* ---- its parts ---- */

  function style() {
    const lat = data.assets.find((asset) => asset.geometry)?.geometry.coordinates[1] ?? 36;
    const made = styleOf({ assets: assetPoints(), legs: legs(), ground: grounds(data.towns), tiles: data.tiles, baseMap: data.baseMap, lat });
    if (map) map.once("styledata", () => drawGraticule());
    return made;
  }

  function assetPoints() {
    return collection(
      data.assets
        .filter((asset) => asset.geometry)
        .map(({ id, geometry, properties }) =>
          point(geometry.coordinates, { id, kind: properties.kind, appeal: properties.appeal ?? 0, chosen: data.chosen.has(id) || id === data.selected, dimmed: data.dimmed.has(id) })),
    );
  }

  function legs() {
    return collection(
      data.days.flatMap((day, index) =>
        data.shown.has(index)
          ? day.steps.filter((step) => step.geometry?.length > 1).map((step) => line(step.geometry, { asset: step.asset, estimated: Boolean(step.estimated), colour: dayColour(index) }))
          : []),
    );
  }

  function renderMarks() {
    marks.setStops(stopsOf(data.days, data.shown));
    marks.select(data.selected);
    arrange();
  }

  /** Write names: of chosen places first, then of what draws most people. */
  function arrange() {
    if (!marks || container.dataset.map !== "ready") return;
    const inPlan = new Set(data.days.flatMap((day) => day.steps.map((step) => step.asset)));
    const isNear = map.getZoom() >= 10.5;
    const others = data.assets
      .filter(({ id, geometry }) => geometry && !inPlan.has(id) && (isNear || data.chosen.has(id) || id === data.selected))
      .map(({ id, geometry, properties }) => ({ at: geometry.coordinates, text: pick(properties.name), kind: "place", rank: (id === data.selected ? 2_000 : 0) + (data.chosen.has(id) ? 1_000 : 0) + (properties.appeal ?? 0) }))
      .sort((one, other) => other.rank - one.rank)
      .slice(0, 150);
    const townNames = data.towns.map((town) => ({ at: town.at, text: town.name, kind: "town", lang: "ja" }));
    marks.arrange(isNear ? others : [...others, ...townNames], isNear ? townNames : []);
  }

  function drawGraticule() {
    const source = map?.getSource("graticule");
    if (!source) return;
    // Streets tell where things are; degrees do where there are none.
    const { lines, ticks } = graticule(map.getBounds());
    const isNeeded = !data.tiles && !data.baseMap;
    source.setData(isNeeded ? lines : collection());
    marks.setTicks(isNeeded ? ticks : []);
  }

  function renderAround() {
    const name = label();
    map.getCanvas().setAttribute("aria-label", name);
    replace(
      controls,
      button(t("map.zoom_in"), () => map.zoomIn({ animate: !still() }), { icon: "plus", quietly: true, key: "zoom-in" }),
      button(t("map.zoom_out"), () => map.zoomOut({ animate: !still() }), { icon: "minus", quietly: true, key: "zoom-out" }),
      button(t("map.fit"), fit, { icon: "map", quietly: true, key: "fit" }),
    );
    const kinds = KINDS.filter((kind) => data.assets.some((asset) => asset.properties.kind === kind));
    const isEstimated = data.days.some((day) => day.steps.some((step) => step.estimated));
    const stroke = (kind) => h("span", { class: `map-stroke ${kind}` });
    replace(
      legend,
      h("summary", { data: { key: "legend" }, text: t("map.legend") }),
      h(
        "ul",
        {},
        data.days.length ? h("li", {}, stroke("solid"), t("map.leg")) : null,
        isEstimated ? h("li", {}, stroke("dashed"), t("map.leg_estimated")) : null,
        data.tiles ? h("li", {}, stroke("thin"), t("map.streets")) : null,
        !data.tiles && !data.baseMap && data.towns.length ? h("li", {}, h("span", { class: "map-ground" }), t("map.ground")) : null,
        kinds.map((kind) => h("li", {}, kindMark(kind), t(`common.${kind}`))),
      ),
    );
    const makers = [data.tiles?.attribution, data.baseMap?.attribution].filter(Boolean);
    credit.textContent = makers.join(" · ");
    credit.hidden = makers.length === 0;
  }

  /* ---- where things are ---- */

  function positionOf(assetId) {
    return data.assets.find((asset) => asset.id === assetId)?.geometry?.coordinates ?? null;
  }

  function box() {
    const inPlan = data.days.flatMap((day, index) =>
      data.shown.has(index) ? day.steps.flatMap((step) => step.geometry ?? (step.lon === null ? [] : [[step.lon, step.lat]])) : []);
    const points = inPlan.length ? inPlan : data.assets.filter((asset) => asset.geometry).map((asset) => asset.geometry.coordinates);
    if (!points.length) return data.region?.bbox ? [data.region.bbox.slice(0, 2), data.region.bbox.slice(2)] : null;
    const [west, south, east, north] = points.reduce(
      ([w, s, e, n], [lon, lat]) => [Math.min(w, lon), Math.min(s, lat), Math.max(e, lon), Math.max(n, lat)], [180, 90, -180, -90]);
    return [[west, south], [east, north]];
  }

  function padding() {
    if (stage.clientWidth < 560) return { top: 28, bottom: 40, left: 28, right: 56 };
    return { top: 44, bottom: 56, left: 70, right: 110 };
  }

  function pressed(event) {
    const near = [[event.point.x - 6, event.point.y - 6], [event.point.x + 6, event.point.y + 6]];
    const found = map.queryRenderedFeatures(near, { layers: [...ASSET_LAYERS, ...LEG_LAYERS].filter((id) => map.getLayer(id)) });
    const hit = found.find((each) => ASSET_LAYERS.includes(each.layer.id)) ?? found[0];
    const asset = hit?.properties.id ?? hit?.properties.asset;
    if (asset) onAsset(asset);
    else if (!hit) onPoint?.([event.lngLat.lng, event.lngLat.lat]);
  }
}
