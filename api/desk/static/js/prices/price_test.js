export const testPart = { name: "price-test", inputs: () => [], draw: () => null };
