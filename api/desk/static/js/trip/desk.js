import { h, replace } from "../core/dom.js";
import { pick } from "../core/texts.js";

/** Show the desk in `root`; see `main.js` for what it is given. */
export function mount(root, { region }) {
  const render = () => replace(root, h("h1", { text: pick(region.name) }));
  render();
  return { render, update() {}, destroy() {} };
}
