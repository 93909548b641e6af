export const occupancyPart = { name: "occupancy", inputs: () => [], draw: () => null };
