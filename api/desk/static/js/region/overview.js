/** What the region is: its name and counts above everything, and all about where its data come from. */

import { download } from "../core/api.js";
import { h } from "../core/dom.js";
import { KINDS, icon } from "../core/icons.js";
import { link } from "../core/router.js";
import { date, number, pick, t } from "../core/texts.js";
import { badge, button, fault, field, kindMark, notice, openDialog, toast } from "../core/ui.js";
import { regionPath } from "./loading.js";

/** Return what stands above the desk. */
export function head(desk) {
  const { region, features } = desk.state;
  const facts = [
    t("region.count_places", { count: number(features?.length ?? region.assets) }),
    t("region.revision", { revision: number(region.revision) }),
    t(`region.origin_${region.origin}`),
  ];
  return [
    h("div", { class: "region-title" }, h("h1", { text: pick(region.name) }), h("p", { class: "hint", text: facts.join(" · ") })),
    h(
      "div",
      { class: "region-actions" },
      h("a", { class: "button primary", href: link("trip", [region.id]) }, icon("map"), h("span", { text: t("region.plan_here") })),
      button(t("region.add"), () => desk.create(), { icon: "plus", key: "add" }),
      button(t("region.import"), () => desk.showView("import"), { icon: "upload", key: "import", "aria-current": desk.view === "import" ? "page" : null }),
    ),
  ];
}

/** Return the page about the region: notice, sources, streets, files, and how to take it away. */
export function about(desk) {
  const { region, features } = desk.state;
  return [
    region.notice ? notice("warn", h("p", { text: pick(region.notice) })) : null,
    region.origin === "import" ? null : notice("info", t("region.origin_hint")),
    region.folder_differs ? notice("warn", t("region.folder_differs")) : null,
    h("h2", { text: t("region.about") }),
    h("ul", { class: "region-kind-counts" }, KINDS.filter((kind) => region.kinds[kind]).map((kind) => h("li", {}, kindMark(kind), `${t(`common.${kind}`)} ${number(region.kinds[kind])}`))),
    h("dl", { class: "region-facts" }, facts(region).map(([label, content]) => [h("dt", { text: label }), h("dd", {}, content)])),
    h("h2", { text: t("region.sources") }),
    h("ul", { class: "region-sources" }, sourcesOf(features).map(({ name, licence, count }) =>
      h("li", {}, h("strong", { text: name }), " ", licence ? badge(licence) : badge(t("region.no_licence"), "warn"), " ", h("span", { class: "hint", text: t("region.count_places", { count: number(count) }) })))),
    h("h2", { text: t("region.files_title") }),
    h(
      "div",
      { class: "region-actions" },
      button(t("region.download_csv"), () => save(region, "csv"), { icon: "download", key: "csv" }),
      button(t("region.download_geojson"), () => save(region, "geojson"), { icon: "download", key: "geojson" }),
      h("a", { class: "button", href: "docs", target: "_blank", rel: "noopener" }, icon("link"), h("span", { text: t("shell.reference") })),
    ),
    h("p", { class: "hint", text: t("region.files_hint") }),
    h("h2", { text: t("region.remove") }),
    h("p", { text: t("region.remove_text") }),
    h("div", { class: "region-actions" }, button(t("region.remove"), () => askToRemove(desk), { icon: "bin", kind: "danger", key: "remove" })),
  ];
}

const facts = (region) => [
  [t("region.name_ja"), region.name.ja ?? h("span", { class: "hint", text: t("common.unknown") })],
  [t("region.name_en"), region.name.en ?? h("span", { class: "hint", text: t("common.unknown") })],
  [t("region.id"), h("code", { text: region.id })],
  [t("region.origin"), t(`region.origin_${region.origin}`)],
  [t("region.updated"), t("region.updated_at", { date: date(region.updated_at), revision: number(region.revision) })],
  [t("region.streets"), region.streets.length ? region.streets.map((mode) => t(`region.mode_${mode}`)).join(", ") : t("region.no_streets")],
  [t("region.timetables"), region.timetables ? number(region.timetables) : t("region.no_timetables")],
  [t("region.version"), h("code", { text: region.data_version.slice(0, 16) })],
];

/** Return the publishers that assets name, those of most assets first. */
function sourcesOf(features) {
  const found = new Map();
  for (const { properties } of features) {
    for (const { name, licence = null } of properties.sources) {
      const key = JSON.stringify([name, licence]);
      found.set(key, { name, licence, count: (found.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...found.values()].sort((one, other) => other.count - one.count);
}

async function save(region, ending) {
  try {
    await download(regionPath(region.id, `/assets.${ending}`), `${region.id}-assets.${ending}`);
    toast(t("region.downloaded"));
  } catch (error) {
    openDialog(t("fault.failed"), () => fault(error));
  }
}

/** Have the name of the region typed before it is taken away. */
function askToRemove(desk) {
  const { region } = desk.state;
  openDialog(t("region.remove"), (close) => {
    const wrong = h("div", {});
    const input = h("input", { autocomplete: "off", spellcheck: "false" });
    const submit = async (event) => {
      event.preventDefault();
      wrong.replaceChildren();
      if (input.value.trim() !== region.id) {
        wrong.append(notice("bad", t("region.remove_mismatch", { id: region.id })));
        input.focus();
        return;
      }
      try {
        await desk.removeRegion();
        close();
      } catch (error) {
        if (error.status === 412) desk.reload();
        wrong.append(error.status === 412 ? notice("bad", t("region.remove_stale")) : fault(error));
      }
    };
    return h(
      "form",
      { class: "form", on: { submit } },
      h("p", { text: t("region.remove_sure", { name: pick(region.name), count: number(region.assets) }) }),
      field(t("region.remove_type", { id: region.id }), () => input),
      wrong,
      h("div", { class: "region-actions" }, button(t("common.cancel"), close), h("button", { class: "button danger", type: "submit" }, icon("bin"), h("span", { text: t("region.remove") }))),
    );
  });
}

