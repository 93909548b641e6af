/** What the strokes and signs of the map mean. */

import { h } from "../core/dom.js";
import { KINDS } from "../core/icons.js";
import { t } from "../core/texts.js";
import { kindMark } from "../core/ui.js";

const stroke = (kind) => h("span", { class: `map-stroke ${kind}` });

/** Return the legend of what is on the map: {assets, days, tiles, baseMap, towns}. */
export function legendOf({ assets, days, tiles, baseMap, towns }) {
  const kinds = KINDS.filter((kind) => assets.some((asset) => asset.properties.kind === kind));
  const isEstimated = days.some((day) => day.steps.some((step) => step.estimated));
  const hasGround = !tiles && !baseMap && towns.length > 0;
  return [
    h("summary", { data: { key: "legend" }, text: t("map.legend") }),
    h(
      "ul",
      {},
      days.length ? h("li", {}, stroke("solid"), t("map.leg")) : null,
      isEstimated ? h("li", {}, stroke("dashed"), t("map.leg_estimated")) : null,
      tiles ? h("li", {}, stroke("thin"), t("map.streets")) : null,
      hasGround ? h("li", {}, h("span", { class: "map-ground" }), t("map.ground")) : null,
      kinds.map((kind) => h("li", {}, kindMark(kind), t(`common.${kind}`))),
    ),
  ];
}
