/** The frame around the three desks: which one is shown, for which region, in which language and light. */

import { all, onConnection, useKeyDialog } from "./core/api.js";
import { announce, h, replace } from "./core/dom.js";
import { icon } from "./core/icons.js";
import { go, here, link } from "./core/router.js";
import { current, onLanguage, pick, setLanguage, t } from "./core/texts.js";
import { button, fault, field, notice, openDialog, select } from "./core/ui.js";

const DESKS = {
  trip: () => import("./trip/desk.js"),
  prices: () => import("./prices/desk.js"),
  region: () => import("./region/desk.js"),
};
const THEMES = ["auto", "light", "dark"];
const THEME_ICONS = { auto: "sun", light: "sun", dark: "moon" };

const main = document.getElementById("main");
let regions = [];
let shown = { name: null, region: null, desk: null };

/** Return the region that an address names; where it names none, the one last looked at, or the first. */
const regionOf = (params) => regions.find((region) => region.id === params[0]) ?? shown.region ?? regions[0] ?? null;

async function readRegions() {
  regions = await all("v1/regions?limit=100");
  if (shown.region) shown.region = regions.find((region) => region.id === shown.region.id) ?? null;
  renderTop();
  return regions;
}

/* ---- the top of the page ---- */

function renderTop() {
  const { desk: name } = here();
  const links = Object.keys(DESKS).map((each) =>
    h("a", { href: link(each, shown.region ? [shown.region.id] : []), "aria-current": each === (name || "trip") ? "page" : null, text: t(`shell.${each}`), data: { key: `desk-${each}` } }),
  );
  replace(
    document.getElementById("top"),
    h("a", { class: "brand", href: "#/", "aria-label": t("shell.title") }, h("span", { class: "brand-mark", "aria-hidden": "true", text: "巡" }), "Meguri"),
    h("nav", { "aria-label": t("shell.desks") }, links),
    regions.length > 1 ? regionChoice(name || "trip") : null,
    h("div", { class: "top-end" }, languageButton(), themeButton()),
  );
  document.title = t("shell.title");
}

function regionChoice(name) {
  const options = regions.map((region) => [region.id, pick(region.name)]);
  return select(options, shown.region?.id ?? regions[0].id, (id) => go(link(name, [id])), {
    "aria-label": t("shell.choose_region"), class: "region-choice", data: { key: "region-choice" },
  });
}

function languageButton() {
  const other = current() === "ja" ? "en" : "ja";
  const label = other === "ja" ? "日本語" : "English";
  return button(label, () => setLanguage(other), { key: "language", lang: other, class: "button plain language" });
}

function themeButton() {
  const theme = document.documentElement.dataset.theme ?? "auto";
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  const label = `${t("shell.theme")}: ${t(`shell.theme_${theme}`)}`;
  return button(label, () => setTheme(next), { icon: THEME_ICONS[theme], quietly: true, key: "theme" });
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("meguri.theme", theme);
  } catch { /* It is as the device has it next time. */ }
  renderTop();
  shown.desk?.render();
}

function restoreTheme() {
  try {
    const theme = localStorage.getItem("meguri.theme");
    if (THEMES.includes(theme)) document.documentElement.dataset.theme = theme;
  } catch { /* As the device has it. */ }
}

/* ---- the desk ---- */

async function showDesk() {
  const { desk: asked, params, query } = here();
  const name = asked || "trip";
  if (!(name in DESKS)) {
    leave();
    replace(main, notice("info", h("p", { text: t("shell.not_found") }), h("a", { href: "#/", text: t("shell.to_start") })));
    return;
  }
  const region = regionOf(params);
  const isAnother = shown.name !== name || shown.region?.id !== region?.id || !shown.desk;
  if (!isAnother) {
    shown.desk.update({ params, query });
    return;
  }
  leave();
  shown = { name, region, desk: null };
  main.className = `desk-${name}`;
  document.body.dataset.desk = name;
  renderTop();
  if (!region && name !== "region") {
    replace(main, notice("info", t("shell.no_regions"), " ", h("a", { href: link("region"), text: t("shell.region") })));
    return;
  }
  const { mount } = await DESKS[name]();
  // Somebody may have gone elsewhere meanwhile.
  if (shown.name !== name || shown.desk) return;
  shown.desk = mount(main, { region, regions, params, query, readRegions });
}

function leave() {
  shown.desk?.destroy();
  shown.desk = null;
  main.replaceChildren();
}

/* ---- beginning ---- */

function askForKey(wasRefused) {
  return new Promise((resolve) => {
    let given = null;
    openDialog(
      t("fault.key_title"),
      (close) => {
        const input = h("input", { type: "password", autocomplete: "off", spellcheck: "false", required: true });
        const submit = (event) => {
          event.preventDefault();
          given = input.value.trim();
          close();
        };
        return h(
          "form",
          { class: "form", on: { submit } },
          h("p", { text: t("fault.key_text") }),
          field(t("fault.key_label"), () => input, { fault: wasRefused ? t("fault.key_refused") : null, wide: true }),
          h("button", { class: "button primary", type: "submit", text: t("fault.key_use") }),
        );
      },
      { onClose: () => resolve(given || null) },
    );
  });
}

function showConnection(state) {
  const banner = document.getElementById("banner");
  const words = { offline: "fault.offline", restarting: "fault.restarting" }[state];
  banner.hidden = !words;
  banner.textContent = words ? t(words) : "";
  document.body.dataset.connection = state;
  if (!words) announce(t("fault.back"));
}

async function begin() {
  try {
    await readRegions();
  } catch (error) {
    replace(main, fault(error, { onRetry: begin }));
    return;
  }
  await showDesk();
}

restoreTheme();
setLanguage(current());
useKeyDialog(askForKey);
onConnection(showConnection);
onLanguage(() => {
  renderTop();
  shown.desk?.render();
  if (!shown.desk) showDesk();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown.desk?.render());
window.addEventListener("hashchange", () => { renderTop(); showDesk(); });
renderTop();
begin();
