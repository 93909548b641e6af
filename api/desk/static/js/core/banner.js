/** The strip over the page that tells while the server is away. */

import { connection, onConnection } from "./api.js";
import { announce } from "./dom.js";
import { t } from "./texts.js";

const WORDS = { offline: "fault.offline", restarting: "fault.restarting" };
const node = document.getElementById("banner");

/** Show it whenever it is needed. */
export function watchConnection() {
  onConnection((state) => {
    renderBanner();
    if (state === "online") announce(t("fault.back"));
  });
  // What is stuck to the top of the page comes below it, however many lines it takes.
  new ResizeObserver(() => document.body.style.setProperty("--banner", `${node.offsetHeight}px`)).observe(node);
}

export function renderBanner() {
  const words = WORDS[connection()];
  node.hidden = !words;
  node.textContent = words ? t(words) : "";
  document.body.dataset.connection = connection();
}
