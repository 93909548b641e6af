export const assumedPart = { name: "assumed", inputs: () => [], draw: () => null };
