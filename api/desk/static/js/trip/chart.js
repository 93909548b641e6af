/** The map of the trip desk: told only of what has changed since it was told last. */

import { createMap } from "../map/map.js";
import { pick, t } from "../core/texts.js";

/**
 * Put the map into an element.
 *
 * @param {Element} root
 * @param {object} region
 * @param {{onAsset: Function, onPoint: Function}} handlers
 */
export function tripMap(root, region, handlers) {
  const map = createMap(root, { label: () => t("trip.map_of", { region: pick(region.name) }), ...handlers });
  const told = {};
  map.setRegion(region);
  return { show, select: (id, options) => map.select(id, options), render: () => map.render(), destroy: () => map.destroy() };

  function show({ assets, form, shown, alternative, shownDays, selected }) {
    const chosen = [...form.must, ...form.pins.map((pin) => pin.asset)];
    if (isNews("assets", [assets, chosen.join(), form.avoid.join()])) {
      map.setAssets([...assets.values()], { chosen: new Set(chosen), dimmed: new Set(form.avoid) });
    }
    const days = shown && (shown.itinerary.alternatives?.[alternative] ?? shown.itinerary).days;
    if (isNews("plan", [days, [...shownDays].join()])) map.setPlan(days, { shown: shownDays });
    if (isNews("selected", [selected])) map.select(selected, { fly: false });
  }

  /** Return whether something is other than when it was told last. */
  function isNews(name, values) {
    const isSame = told[name]?.every((each, index) => each === values[index]);
    told[name] = values;
    return !isSame;
  }
}
