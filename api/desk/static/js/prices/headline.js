export const headlinePart = { name: "headline", inputs: () => [], draw: () => null };
