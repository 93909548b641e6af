export const handPart = { name: "by-hand", inputs: () => [], draw: () => null };
export function openByHand() {}
