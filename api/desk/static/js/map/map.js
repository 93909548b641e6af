/** The map: places, plan, ground. Where none can be drawn a sentence says so, and all its methods do nothing. */

import { Unreachable, address, get, keyHeaders, onConnection } from "../core/api.js";
import { h, replace } from "../core/dom.js";
import { KINDS } from "../core/icons.js";
import { t } from "../core/texts.js";
import { button } from "../core/ui.js";
import { boxOf, paddingOf } from "./bounds.js";
import { graticule, grounds, towns } from "./ground.js";
import { legendOf } from "./legend.js";
import { canDraw, mapLibrary } from "./library.js";
import { makersOf } from "./makers.js";
import { Marks, stopsOf } from "./marks.js";
import { namesOf } from "./names.js";
import { collection, line, point } from "./shapes.js";
import { ASSET_LAYERS, LEG_LAYERS, coloursNow, dayColour, kindImage, styleOf } from "./style.js";

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
  let reading = null;
  let colours = "";
  // What is missing on the map since the server was away, and what came while a style was being set.
  let isIncomplete = false;
  let isStale = false;
  // Where to fly as soon as there is a map.
  let flight = null;
  const endWatch = onConnection((state) => { if (state === "online" && isIncomplete) setRegion(data.region); });

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
      await reading;
      if (isGone) return;
      map = new library.Map({
        container: stage, style: style(), attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
        maxZoom: 18, renderWorldCopies: false, fadeDuration: 0, bounds: boxOf(data) ?? EVERYWHERE, fitBoundsOptions: { padding: paddingOf(stage), maxZoom: 15 },
        transformRequest: requestOf,
      });
    } catch (error) {
      if (!isGone) giveUp(error);
      return;
    }
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new library.ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    marks = new Marks(library, map, stage, onAsset);
    map.on("styleimagemissing", ({ id }) => {
      const kind = id.replace("kind-", "");
      if (KINDS.includes(kind) && !map.hasImage(id)) map.addImage(id, kindImage(kind), { pixelRatio: 2 });
    });
    noteTiles();
    map.on("error", failed);
    map.on("style.load", () => {
      if (isStale) putAll();
      drawGraticule();
    });
    map.on("load", () => {
      container.dataset.map = "ready";
      frame.available = true;
      renderMarks();
      if (flight) select(flight, { fly: true });
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
    sayNone();
    onReady(false);
  }

  function sayNone() {
    replace(container, h("p", { class: "map-none", text: t("map.none") }));
  }

  /** Tiles that do not come leave holes: they are filled when the server is there again. */
  function failed({ error }) {
    console.info(`map: ${error?.message}`);
    isIncomplete = true;
  }

  /** Have the region's own tiles asked of where the page came from, with the key; those of others get no key. */
  function requestOf(url) {
    const own = data.tiles?.tiles[0].split("{")[0];
    return own && url.startsWith(own) ? { url: address(url), headers: keyHeaders() } : { url };
  }

  function destroy() {
    isGone = true;
    endWatch();
    marks?.destroy();
    map?.remove();
    map = marks = null;
  }

  /* ---- what is shown ---- */

  /** Say whose map it is: frame, tiles, base map. */
  function setRegion(region) {
    data.region = region;
    isIncomplete = false;
    reading = readGround(region).then(([tiles, baseMap]) => {
      if (isGone || data.region !== region) return;
      Object.assign(data, { tiles, baseMap });
      if (!map) return;
      setStyle();
      renderAround();
      fit();
    });
    return reading;
  }

  async function readGround(region) {
    const without = (error) => {
      if (error instanceof Unreachable) isIncomplete = true;
      else console.info(`map: ${error.message}`);
      return null;
    };
    const tileLink = region.links.find((each) => each.rel === "tiles");
    const [tiles, index] = await Promise.all([tileLink ? get(tileLink.href).catch(without) : null, get("v1").catch(without)]);
    return [tiles, index?.base_map ?? null];
  }

  /** Say in the document when all tiles in view are drawn. */
  function noteTiles() {
    if (data.tiles) map.once("idle", () => { container.dataset.tiles = "drawn"; });
  }

  function setAssets(assets, { chosen = new Set(), dimmed = new Set() } = {}) {
    const areOthers = assets !== data.assets;
    Object.assign(data, { assets, chosen, dimmed });
    if (areOthers) data.towns = towns(assets);
    if (!map) return;
    put("assets", assetPoints());
    if (areOthers) put("ground", grounds(data.towns));
    renderAround();
    arrange();
  }

  function setPlan(days, { shown } = {}) {
    data.days = days ?? [];
    data.shown = shown ?? new Set(data.days.keys());
    if (!map) return;
    put("legs", legs());
    renderMarks();
    renderAround();
  }

  function select(assetId, { fly = false, offset = [0, 0] } = {}) {
    data.selected = assetId;
    if (fly || assetId !== flight) flight = fly ? assetId : null;
    if (!map) return;
    marks.select(assetId);
    put("assets", assetPoints());
    const at = positionOf(assetId);
    if (fly && at) map.easeTo({ center: at, zoom: Math.max(map.getZoom(), CLOSE), offset, animate: !still() });
    else arrange();
  }

  /** Show the whole plan, or all places where there is none. */
  function fit() {
    const found = boxOf(data);
    if (map && found) map.fitBounds(found, { padding: paddingOf(stage), maxZoom: 15, animate: !still() });
  }

  /** Draw anew in the colours and the language of the page. */
  function render() {
    if (frame.available === false) sayNone();
    if (!map) return;
    if (coloursNow() !== colours) setStyle();
    renderMarks();
    renderAround();
  }

  /* ---- its parts ---- */

  function style() {
    const lat = data.assets.find((asset) => asset.geometry)?.geometry.coordinates[1] ?? 36;
    colours = coloursNow();
    return styleOf({ assets: assetPoints(), legs: legs(), ground: grounds(data.towns), tiles: data.tiles, baseMap: data.baseMap, lat });
  }

  function setStyle() {
    delete container.dataset.tiles;
    map.setStyle(style(), { diff: false });
    noteTiles();
  }

  /** Put data into the style; while one is being set, once it is there. */
  function put(source, content) {
    const found = map.getSource(source);
    if (found) found.setData(content);
    else isStale = true;
  }

  function putAll() {
    isStale = false;
    put("assets", assetPoints());
    put("ground", grounds(data.towns));
    put("legs", legs());
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

  function arrange() {
    if (marks && container.dataset.map === "ready") marks.arrange(namesOf(data, map.getZoom()));
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
    replace(legend, legendOf(data));
    replace(credit, makersOf(data.tiles, data.baseMap));
    credit.hidden = !credit.childNodes.length;
  }

  /* ---- where things are ---- */

  function positionOf(assetId) {
    return data.assets.find((asset) => asset.id === assetId)?.geometry?.coordinates ?? null;
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
