export const demandPart = { name: "demand", inputs: () => [], draw: () => null };
