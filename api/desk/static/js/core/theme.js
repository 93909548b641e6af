/** Whether the page is light or dark: as the device has it, unless the user says otherwise. */

const STORED = "meguri.theme";
const device = matchMedia("(prefers-color-scheme: dark)");

/** Return "auto", "light" or "dark". */
export const theme = () => document.documentElement.dataset.theme ?? "auto";

/** Return what a press on the button leads to: what looks different first, then the other, then as the device has it. */
export function nextTheme() {
  const order = device.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  return order[(order.indexOf(theme()) + 1) % order.length];
}

export function setTheme(next) {
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(STORED, next);
  } catch { /* It is as the device has it next time. */ }
}

export function restoreTheme() {
  try {
    const kept = localStorage.getItem(STORED);
    if (["auto", "light", "dark"].includes(kept)) document.documentElement.dataset.theme = kept;
  } catch { /* As the device has it. */ }
}

/** Call a function when the device changes what is seen. */
export const onDeviceTheme = (listener) => device.addEventListener("change", () => { if (theme() === "auto") listener(); });
