/** Which prices of a ladder a rule about one product alone forbids: a hint only, the server judges all rules. */

const MODE_SHARE = { careful: 0.1, standard: 0.25, bold: 0.5 };

/** Whether a price breaks a rule that looks at this product and nothing else. */
export function isForbidden(market, product, price) {
  return market.rules.some((rule) => (!rule.products || rule.products.includes(product.id)) && breaks(rule, product, price));
}

function breaks(rule, product, price) {
  if (rule.type === "range") return (rule.floor !== null && price < rule.floor) || (rule.cap !== null && price > rule.cap);
  if (rule.type === "rounding") return price % rule.unit !== 0;
  if (rule.type === "override") return price !== rule.price;
  if (rule.type === "frozen") return price !== product.current;
  return rule.type === "mode" && product.current !== null && Math.abs(price - product.current) > MODE_SHARE[rule.mode] * product.current + 1e-9;
}
