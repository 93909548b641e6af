/** Trips made before: the server knows which, this browser remembers for which days. */

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { link } from "../core/router.js";
import { current, date, t } from "../core/texts.js";
import { badge, loadInto } from "../core/ui.js";

const STORED = "meguri.trips";
const MOST_REMEMBERED = 100;
const MOST_SHOWN = 8;

/** Keep for which days a trip is. */
export function remember(tripId, days) {
  const kept = Object.entries(remembered()).slice(-MOST_REMEMBERED);
  try {
    localStorage.setItem(STORED, JSON.stringify({ ...Object.fromEntries(kept), [tripId]: [days[0].date, days.at(-1).date] }));
  } catch { /* The list says when it was made, then. */ }
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}

/** Fill an element with the trips of a region that were made last. */
export const showRecent = (node, region) =>
  loadInto(node, () => get(`v1/trips?limit=${MOST_SHOWN}&region=${encodeURIComponent(region.id)}`), ({ items }) => listOf(items, region));

function listOf(jobs, region) {
  if (!jobs.length) return h("p", { class: "hint", text: t("trip.no_recent") });
  const days = remembered();
  return h("ul", { class: "trip-recent" }, jobs.map((job) => h("li", {}, entry(job, region, days[job.id]))));
}

function entry(job, region, days) {
  const made = new Date(job.created_at);
  const when = t("trip.planned_at", { when: made.toLocaleString(current() === "ja" ? "ja-JP" : "en-GB", { dateStyle: "medium", timeStyle: "short" }) });
  const name = days ? (days[0] === days[1] ? date(days[0], "short") : t("trip.from_to", { from: date(days[0], "short"), to: date(days[1], "short") })) : when;
  return h(
    "a",
    { href: link("trip", [region.id, job.id]) },
    h("span", { text: name }),
    days ? h("small", { class: "hint", text: when }) : null,
    job.state === "succeeded" ? null : badge(t(`trip.state_${job.state}`), job.state === "failed" ? "bad" : ""),
  );
}
