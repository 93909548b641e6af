export const backtestPart = { name: "backtest", inputs: () => [], draw: () => null };
