/** What is said of steps, days and plans, in a line each. */

import { distance, duration, number, percent, pick, t, yen } from "../../core/texts.js";
import { clockAt } from "./model.js";

/** Return a length of time; some time is never none. */
export const lasting = (seconds) => duration(seconds > 0 ? Math.max(seconds, 60) : 0);

export const span = (row) => `${clockAt(row.from)}–${clockAt(row.to)}`;

export const kindName = (kind) => t(`common.${kind}`);

/** Return what a stop is for: lunch, the night, or the kind of its place. */
export const purpose = (step) => (step.type === "meal" ? t("plan.meal") : step.type === "stay" ? t("plan.stay") : step.kind ? kindName(step.kind) : "");

/** Return what a stop costs the party. */
export const cost = (step) => (step.cost_jpy === null ? t("plan.price_unknown") : step.cost_jpy === 0 ? t("plan.free") : yen(step.cost_jpy));

/** Return how one travels, how long and how far. */
export function travel(step) {
  const mode = step.mode ? t(`plan.mode_${step.mode}`) : t("plan.travel");
  const parts = [`${mode} ${lasting(step.duration_s)}`];
  if (step.distance_m !== null) parts.push(step.estimated ? t("plan.about", { length: distance(step.distance_m) }) : distance(step.distance_m));
  return parts.join(" · ");
}

/** Return a step in full, for who points at it in the timeline or listens to it. */
export function told(row) {
  const { step } = row;
  if (row.type === "travel") return `${span(row)} ${travel(step)}${step.estimated ? ` (${t("plan.estimated")})` : ""} → ${nameOf(step)}`;
  if (row.type === "wait") return `${span(row)} ${t("plan.wait")} ${lasting(step.duration_s)}`;
  if (row.type === "stay") return `${clockAt(row.from)} ${nameOf(step)} · ${t("plan.stay")}`;
  return `${span(row)} ${row.number}. ${nameOf(step)} · ${purpose(step)} · ${lasting(step.duration_s)}`;
}

export const nameOf = (step) => pick(step?.name) || t("plan.place_unnamed");

/** Return a sum of money with how many prices are missing in it. */
export const sum = (totals) =>
  totals.unknown_prices ? t("plan.sum_and_unknown", { sum: yen(totals.cost_jpy), count: totals.unknown_prices }) : yen(totals.cost_jpy);

/** Return a day or a trip in one line. */
export const totalsLine = (totals) =>
  [
    t("plan.total_visit", { count: totals.visits, time: lasting(totals.visit_s) }),
    t("plan.total_travel", { time: lasting(totals.travel_s), length: distance(totals.distance_m) }),
    totals.wait_s >= 60 ? t("plan.total_wait", { time: lasting(totals.wait_s) }) : null,
    sum(totals),
  ].filter(Boolean);

export const points = (value) => t("plan.points", { points: number(Math.round(value)) });

/** Return a difference with its sign; the minus of typography, as beside a number a hyphen is none. */
export const signed = (value) => {
  const whole = Math.round(value);
  return whole > 0 ? `+${number(whole)}` : whole < 0 ? `−${number(-whole)}` : "±0";
};

/** Return how good the plan is known to be; the share is rounded up, so that it stays true. */
export function quality(itinerary) {
  if (itinerary.status === "optimal") return t("plan.optimal");
  if (itinerary.gap === null) return t("plan.bound_unknown");
  return t("plan.bounded", { gap: percent(Math.ceil(itinerary.gap * 1_000) / 1_000, 1) });
}

