export const rulesPart = { name: "rules", inputs: () => [], draw: () => null };
