export const simulationPart = { name: "simulation", inputs: () => [], draw: () => null };
