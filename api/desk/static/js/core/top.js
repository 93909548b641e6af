/** The top of the page: where one is, for which region, in which language and light. */

import { announce, h, replace } from "./dom.js";
import { go, link } from "./router.js";
import { current, pick, setLanguage, t } from "./texts.js";
import { nextTheme, setTheme, theme } from "./theme.js";
import { button, select } from "./ui.js";

const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" };
const LANGUAGES = { ja: { name: "日本語", short: "日" }, en: { name: "English", short: "EN" } };

/**
 * Draw it.
 *
 * @param {{desks: string[], desk: string|null, region: object|null, regions: object[], onTheme: Function}} page
 */
export function renderTop({ desks, desk, region, regions, onTheme }) {
  document.title = [desk ? t(`shell.${desk}`) : null, region ? pick(region.name) : null, t("shell.title")].filter(Boolean).join(" · ");
  document.querySelector(".skip-link").textContent = t("shell.skip");
  document.body.dataset.regions = regions.length > 1 ? "many" : "one";
  const links = desks.map((each) =>
    h("a", { href: link(each, region ? [region.id] : []), "aria-current": each === desk ? "page" : null, text: t(`shell.${each}`), data: { key: `desk-${each}` } }),
  );
  replace(
    document.getElementById("top"),
    h("a", { class: "brand", href: "#/", "aria-label": t("shell.title"), data: { key: "brand" } }, h("span", { class: "brand-mark", "aria-hidden": "true", text: "巡" }), h("span", { class: "brand-name", text: "Meguri" })),
    h("nav", { "aria-label": t("shell.desks") }, links),
    regions.length > 1 ? regionChoice(desk ?? desks[0], region, regions) : null,
    h("div", { class: "top-end" }, languageButton(), themeButton(onTheme)),
  );
}

/** Return what a region is called; with its id where others are called the same. */
export function regionName(region, regions) {
  const name = pick(region.name);
  return regions.some((other) => other.id !== region.id && pick(other.name) === name) ? `${name} (${region.id})` : name;
}

function regionChoice(desk, region, regions) {
  const options = regions.map((each) => [each.id, regionName(each, regions)]);
  // Where the address names no region that there is, none is chosen.
  const none = region ? [] : [["", "—"]];
  return select([...none, ...options], region?.id ?? "", (id) => { if (id) go(link(desk, [id])); }, {
    "aria-label": t("shell.choose_region"), class: "region-choice", data: { key: "region-choice" },
  });
}

function languageButton() {
  const other = current() === "ja" ? "en" : "ja";
  const { name, short } = LANGUAGES[other];
  const words = [h("span", { class: "long", text: name }), h("span", { class: "short", "aria-hidden": "true", text: short })];
  const change = () => setLanguage(other);
  return h("button", { type: "button", class: "button plain language", lang: other, "aria-label": name, data: { key: "language" }, on: { click: change } }, words);
}

function themeButton(onTheme) {
  const words = (name) => `${t("shell.theme")}: ${t(`shell.theme_${name}`)}`;
  const change = () => {
    const next = nextTheme();
    setTheme(next);
    onTheme();
    announce(words(next));
  };
  return button(words(theme()), change, { icon: THEME_ICONS[theme()], quietly: true, key: "theme" });
}
