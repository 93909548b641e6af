/** The map beside the table: pressing a place opens it; while a position is asked for, pressing anywhere gives one. */

import { h, replace } from "../core/dom.js";
import { t } from "../core/texts.js";
import { createMap } from "../map/map.js";

/** Put a map into `root`, made when it is first seen: on a phone the table comes first. */
export function createRegionMap(root, desk) {
  let map = null;
  let taking = null;
  let dimmed = new Set();
  const container = h("div", { class: "region-map-ground" });
  const tip = h("p", { class: "region-map-tip", role: "status", hidden: true });
  root.append(container, tip);

  const make = () => {
    map = createMap(container, { label: () => t("region.map"), onAsset, onPoint: (point) => take(point), onReady: (isAvailable) => desk.mapReady(isAvailable) });
    map.setRegion(desk.state.region);
    paint();
    if (desk.chosen) map.select(desk.chosen, { fly: true });
  };
  const paint = () => {
    if (map && desk.state.features) map.setAssets(desk.state.features, { chosen: new Set(), dimmed });
  };

  function onAsset(assetId) {
    const position = desk.state.byId.get(assetId)?.geometry?.coordinates;
    if (taking && position) take(position);
    else desk.choose(assetId, { from: "map" });
  }

  function take(point) {
    const taken = taking;
    ask(null);
    taken?.(point);
  }

  /** Ask for a position: the next press on the map is told; null asks no longer. */
  function ask(onPoint) {
    taking = onPoint;
    root.classList.toggle("taking", Boolean(taking));
    tip.hidden = !taking;
    replace(tip, taking ? t("region.press_map") : null);
  }

  return {
    ask,
    get available() { return map?.available ?? null; },
    select: (assetId, options) => map?.select(assetId, options),
    /** Draw the assets as they are now. */
    show: paint,
    /** Draw those that the table does not show less strongly. */
    dim(rows) {
      const { features } = desk.state;
      const next = new Set(rows.size === features.length ? [] : features.map((feature) => feature.id).filter((id) => !rows.has(id)));
      if (next.size === dimmed.size && [...next].every((id) => dimmed.has(id))) return;
      dimmed = next;
      paint();
    },
    /** Make the map, if it is to be seen now. */
    look: () => { if (!map && root.offsetParent) make(); },
    render() {
      replace(tip, taking ? t("region.press_map") : null);
      map?.render();
    },
    destroy: () => map?.destroy(),
  };
}
