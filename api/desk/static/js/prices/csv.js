/** Prices with those set by hand, as a table for spreadsheets: the columns of the server's, and what was decided here. */

// What spreadsheets run as formulas; full-width signs are some to Japanese ones.
const FORMULA = /^[=+\-@\t\r＝＋－＠]/u;

/** Return a cell that no spreadsheet runs; numbers stay numbers. */
const harmless = (cell) => (typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : cell);

/**
 * Return the table, with a byte-order mark so that spreadsheets read Japanese.
 *
 * Sales, revenue and reasons of a price set by hand are empty: those of the proposal are of another price.
 */
export function pricesCsv({ market, plan: { result: plan }, byHand, accepted }) {
  const products = new Map(market.products.map((each) => [each.id, each]));
  const rows = plan.products.map((planned) => rowOf(market, plan, planned, products.get(planned.product), byHand.get(planned.product), accepted));
  const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))];
  return `\ufeff${lines.map((line) => line.map(cellText).join(",")).join("\r\n")}\r\n`;
}

function rowOf(market, plan, planned, product, path, accepted) {
  const posted = path ?? planned.path;
  return {
    product: product.id,
    name_ja: product.name.ja ?? null,
    name_en: product.name.en ?? null,
    operator: product.operator,
    date: product.date,
    start: product.start,
    end: product.end,
    rate: product.rate,
    current_yen: planned.current,
    proposed_yen: posted[0],
    ...Object.fromEntries(market.periods.map((period, at) => [`from_${period.first}`, posted[at]])),
    expected_sales: path ? null : Math.round(planned.sales * 1_000) / 1_000,
    expected_revenue_yen: path ? null : Math.round(planned.revenue_yen),
    reasons_ja: path ? "" : reasons(planned, "ja"),
    reasons_en: path ? "" : reasons(planned, "en"),
    simulated: plan.simulated ? "yes" : "no",
    set_by_hand: path ? "yes" : "no",
    accepted_on: accepted?.slice(0, 10) ?? null,
  };
}

const reasons = (planned, language) => planned.reasons.map(({ text }) => text[language] ?? text.ja ?? text.en ?? "").join(" / ");

function cellText(cell) {
  const text = String(harmless(cell) ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
