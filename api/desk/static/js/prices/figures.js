/** Names, slots, sums and intervals of a market in words. */

import { current, date, number, percent, pick, t, yen } from "../core/texts.js";

const MINUS = "−";

/** Return the name of a product without its own date and what follows, which stand beside it. */
export function offerName(product) {
  const name = pick(product.name);
  const [offer] = name.split(product.date);
  return offer.replace(/[\s,、，(（]+$/u, "") || name || product.id;
}

/** Return `10:00–11:30`; nothing without a slot. */
export const slotWords = (product) => [product.start, product.end].filter(Boolean).join("–");

/** Return day and time of a product. */
const whenWords = (product) => [date(product.date, "short"), slotWords(product)].filter(Boolean).join(" ");

/** Return all that tells a product from others. */
export function productWords(product) {
  const rate = product.rate === "public" ? "" : ` (${rateWords(product)})`;
  return `${offerName(product)}${rate} ${whenWords(product)}`;
}

/** Return who pays a price. */
export const rateWords = (product) => t(`prices.rate_${product.rate.replaceAll("-", "_")}`);

/** Return a price; none is not on sale. */
export const price = (amount) => (amount === null || amount === undefined ? t("prices.closed") : yen(amount));

/** Return `+¥1,200` or `−¥300`. */
export function signedYen(amount) {
  const whole = Math.round(amount);
  // Joined by a sign of no width, at which no line ends.
  return `${sign(whole)}\u2060${yen(Math.abs(whole))}`;
}

export const signedPercent = (share, digits = 1) => `${sign(Math.round(share * 10 ** (digits + 2)))}${percent(Math.abs(share), digits)}`;

/** Return `+3` or `−3`, whole. */
export const signedNumber = (value) => sign(Math.round(value)) + number(Math.abs(Math.round(value)));

const sign = (amount) => (amount > 0 ? "+" : amount < 0 ? MINUS : "±");

/** Return a number with a proper minus. */
export const plain = (value, digits = 2) => (value < 0 ? MINUS : "") + number(Math.abs(value), digits);

/** Return both ends of an interval, written by `write`. */
export const between = ({ low, high }, write = yen) => t("prices.interval", { low: write(low), high: write(high) });

/** Return a large sum as people say it: 万円 in Japanese, thousands in English. */
export function shortYen(amount) {
  if (!amount) return yen(0);
  const large = amount / (current() === "ja" ? 10_000 : 1_000);
  return t("prices.ten_thousands", { amount: number(large, fraction(large)) });
}

const fraction = (value) => (Math.abs(value) < 10 && value % 1 ? 1 : 0);

/** Return the outcome of one way of setting prices; null where it was not tested. */
export const outcomeOf = (comparison, policy) => comparison?.outcomes.find((each) => each.policy === policy) ?? null;

/** Return a way of setting prices in words. */
export const policyWords = (policy) => t(`prices.policy_${policy.replaceAll("-", "_")}`);

/** Return [[first day, price], …] of the changes along a path while a product is on sale. */
export function stepsOf(market, product, path) {
  const steps = [];
  market.periods.forEach((period, at) => {
    if (period.first > product.date) return;
    if (!steps.length || steps.at(-1)[1] !== path[at]) steps.push([period.first, path[at]]);
  });
  return steps;
}

/** Return days from one calendar day to another. */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** Return products of a plan, those whose change moves most money first. */
export function byWeight(products) {
  const moved = (each) => {
    if (each.proposed === each.current) return 0;
    if (each.proposed === null || each.current === null) return Math.max(each.revenue_yen, 1);
    return Math.abs(each.proposed - each.current) * Math.max(each.sales, 0.01);
  };
  return [...products].sort((one, other) => moved(other) - moved(one) || other.revenue_yen - one.revenue_yen || (one.product < other.product ? -1 : 1));
}

/** Return what a rule demands, in a few words. */
export function ruleWords(rule) {
  if (rule.type === "range") {
    if (rule.cap === null) return t("prices.rule_floor", { floor: yen(rule.floor ?? 0) });
    return rule.floor === null ? t("prices.rule_cap", { cap: yen(rule.cap) }) : t(
      "prices.rule_range",
      { floor: yen(rule.floor), cap: yen(rule.cap) },
    );
  }
  if (rule.type === "mode") return t(`prices.rule_mode_${rule.mode}`);
  const values = { ...rule, yen: yen(rule.yen ?? 0), unit: yen(rule.unit ?? 0), price: yen(rule.price ?? 0) };
  return t(`prices.rule_${rule.type.replaceAll("-", "_")}`, values);
}

/** Return the mean of paired differences with its 95 % interval. */
export function pairedDifference(ones, others) {
  const count = ones.length;
  const differences = ones.map((each, at) => each - others[at]);
  const mean = differences.reduce((sum, each) => sum + each, 0) / count;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, count - 1);
  const half = quantile(count - 1) * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half };
}

/** Return Student's quantile for 95 %, from the normal one (Abramowitz and Stegun, 26.7.5). */
function quantile(degrees) {
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}
