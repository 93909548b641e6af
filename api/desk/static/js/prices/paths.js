export const pathsPart = { name: "paths", inputs: () => [], draw: () => null };
