/** Proposals that were made before, to open again. */

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { link } from "../core/router.js";
import { date, t } from "../core/texts.js";
import { badge, fault } from "../core/ui.js";
import { hint } from "./parts.js";

const SHOWN = 8;
const readings = new WeakMap();

export const recentPart = {
  name: "recent",
  inputs: (state) => [state.recent, state.planId],
  draw(desk) {
    const { recent, planId } = desk.state;
    if (recent === null) return null;
    if (recent instanceof Error) return [h("h2", { text: t("prices.recent") }), fault(recent, { onRetry: () => readRecent(desk) })];
    return [
      h("h2", { text: t("prices.recent") }),
      recent.length ? h("ul", { class: "prices-recent-list" }, recent.map((job) => item(desk, job, planId))) : hint(t("prices.recent_none")),
    ];
  },
};

function item({ region }, job, planId) {
  const at = new Date(job.created_at);
  const local = new Date(at - at.getTimezoneOffset() * 60_000).toISOString();
  const words = `${date(local, "short")} ${local.slice(11, 16)}`;
  const attributes = {
    href: link("prices", [region.id, job.id]),
    "aria-current": job.id === planId ? "true" : null,
    text: words,
    data: { key: `recent-${job.id}` },
  };
  return h("li", {}, h("a", attributes), " ", badge(t(`prices.state_${job.state}`), job.state === "failed" ? "bad" : ""));
}

/** Read which proposals there are. */
export async function readRecent({ state, region }) {
  const mine = {};
  readings.set(state, mine);
  const found = await get(`v1/price-plans?region=${encodeURIComponent(region.id)}&limit=${SHOWN}`).then((page) => page.items, (error) => error);
  // Of two readings the later one counts, whichever comes first.
  if (readings.get(state) !== mine) return;
  state.recent = found;
  state.changed();
}
