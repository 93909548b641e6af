/** The map of the trip desk: told only of what has changed since it was told last. */

import { createMap } from "../map/map.js";
import { pick, t } from "../core/texts.js";

/** The map looks at its own size now and then. */
const UNTIL_RESIZED_MS = 150;

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
  let features = [];
  let isToFit = false;
  map.setRegion(region);
  // Where there is little room the map is hidden at first: what is to be seen on it can be placed once it has a size.
  const sizes = new ResizeObserver(() => setTimeout(fitOnceSeen, UNTIL_RESIZED_MS));
  sizes.observe(root);
  return { show, select: (id, options) => map.select(id, options), render: () => map.render(), destroy };

  function show({ assets, form, shown, alternative, shownDays, selected, isRunning }) {
    const chosen = [...form.must, ...form.pins.map((pin) => pin.asset)];
    if (isNews("features", [assets])) features = [...assets.values()];
    if (isNews("assets", [features, chosen.join(), form.avoid.join()])) {
      map.setAssets(features, { chosen: new Set(chosen), dimmed: new Set(form.avoid) });
    }
    const days = shown && (shown.itinerary.alternatives?.[alternative] ?? shown.itinerary).days;
    if (isNews("plan", [days, [...shownDays].join()])) map.setPlan(days, { shown: shownDays });
    if (isNews("selected", [selected])) map.select(selected, { fly: false });
    // Once when a plan comes and once when it is done; in between, people look where they like.
    if (isNews("trip", [shown?.answer.id, isRunning, alternative]) && shown && !selected) {
      isToFit = true;
      fitOnceSeen();
    }
  }

  function fitOnceSeen() {
    if (!isToFit || !root.clientWidth) return;
    isToFit = false;
    map.fit();
  }

  function destroy() {
    sizes.disconnect();
    map.destroy();
  }

  /** Return whether something is other than when it was told last. */
  function isNews(name, values) {
    const isSame = told[name]?.every((each, index) => each === values[index]);
    told[name] = values;
    return !isSame;
  }
}
