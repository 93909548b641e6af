/** Making a region of files: which they are, what they are taken for, and the report of the server. */

import { run, stop } from "../core/api.js";
import { announce, h, replace } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { go, link } from "../core/router.js";
import { number, pick, t } from "../core/texts.js";
import { button, fault, field, flaws, notice, progress, select, tick, toast } from "../core/ui.js";
import { ROLES, roleOf } from "./roles.js";
import { report } from "./report.js";

const MODES = ["walk", "bicycle", "car"];

/** What is being imported goes on while its user is elsewhere on the page. */
const work = { files: [], values: freshValues(), isReplacing: false, modes: new Set(), job: null, isRunning: false, result: null, error: null, desk: null, onChange: () => {} };

function freshValues() {
  return { id: "", name_ja: "", name_en: "", licence: "", csv_licence: "", prefecture: "" };
}

/** Build the import in `root`. */
export function createImport(root, desk) {
  Object.assign(work, { desk, onChange: render });

  function render() {
    if (desk.view !== "import") return;
    replace(
      root,
      h("h2", { tabindex: "-1", text: t("region.import_title") }),
      work.result ? [report(work.result, desk), h("div", { class: "region-actions" }, button(t("region.import_another"), clear, { icon: "upload", key: "import-another" }))] : work.isRunning ? running() : form(),
    );
  }

  const running = () => {
    const stage = work.job?.state === "running" ? t("region.import_running") : work.job ? t("region.import_waiting") : t("region.import_sending");
    return [
      progress(stage, { share: work.job?.progress?.share ?? null, onStop: work.job ? () => stop(work.job) : null }),
      h("p", { class: "hint", text: t("region.import_leave") }),
    ];
  };

  function form() {
    const found = flaws(work.error);
    return h(
      "form",
      { class: "form", novalidate: true, on: { submit: (event) => { event.preventDefault(); send(); } } },
      h("p", { text: t("region.import_text") }),
      work.error ? refused(found) : null,
      dropZone(),
      work.files.length ? h("ul", { class: "region-files" }, work.files.map((each, index) => fileRow(each, index, found))) : null,
      h("div", { class: "region-fields" },
        line("id", { required: true, spellcheck: "false", placeholder: "sabae" }, found, t("region.import_id_hint")),
        line("name_ja", { lang: "ja" }, found), line("name_en", { lang: "en" }, found),
        line("licence", { placeholder: "CC BY 4.0" }, found, t("region.import_licence_hint")),
        roles().has("csv") && work.files.length > 1 ? line("csv_licence", { placeholder: "CC BY 4.0" }, found) : null,
        roles().has("heritage") ? line("prefecture", { placeholder: "福井" }, found, t("region.import_prefecture_hint")) : null,
        roles().has("osm") || roles().has("edges") ? modes() : null,
        h("div", { class: "field wide" }, tick(t("region.import_replace"), work.isReplacing, (isOn) => { work.isReplacing = isOn; }, { key: "import-replace" }))),
      h("div", { class: "region-actions" }, h("button", { type: "submit", class: "button primary", data: { key: "import-send" } }, icon("upload"), h("span", { text: t("region.import_send") }))),
    );
  }

  /** Say what was refused, but for what stands at its field. */
  function refused(found) {
    const own = [...found.keys()].filter((pointer) => isShown(pointer));
    if (!own.length || own.length < found.size) return fault(work.error);
    return notice("bad", h("strong", { role: "alert", text: work.error.title }), h("p", { text: t("region.import_see_fields") }));
  }

  const isShown = (pointer) => pointer.slice(1) in work.values || work.files.some((each, index) => pointer === filePointer(index));

  const line = (name, attributes, found, hint) =>
    field(t(`region.import_${name}`), () => h("input", { value: work.values[name], autocomplete: "off", maxlength: "200", ...attributes, data: { key: `import-${name}` }, on: { input: (event) => { work.values[name] = event.target.value; } } }), { hint, fault: found.get(`/${name}`) });

  const modes = () =>
    h("div", { class: "field wide", role: "group", "aria-label": t("region.import_modes") },
      h("span", { class: "hint", text: t("region.import_modes") }),
      h("div", { class: "region-days" }, MODES.map((mode) => tick(t(`region.mode_${mode}`), work.modes.has(mode), (isOn) => (isOn ? work.modes.add(mode) : work.modes.delete(mode)), { key: `import-mode-${mode}` }))),
      h("small", { class: "hint", text: t("region.import_modes_hint") }));

  function dropZone() {
    const input = h("input", { type: "file", multiple: true, id: "region-file", class: "visually-hidden", on: { change: (event) => take(event.target.files) }, data: { key: "import-file" } });
    const over = (isOver) => (event) => {
      event.preventDefault();
      zone.classList.toggle("over", isOver);
    };
    const drop = (event) => {
      over(false)(event);
      take(event.dataTransfer.files);
    };
    const zone = h("div", { class: "region-drop", on: { dragover: over(true), dragleave: over(false), drop } },
      input, h("label", { for: "region-file", class: "button primary" }, icon("upload"), h("span", { text: t("region.import_choose") })),
      h("p", { text: t("region.import_drop") }), h("p", { class: "hint", text: t("region.import_kinds") }));
    return zone;
  }

  async function take(files) {
    for (const file of files) work.files.push({ file, role: await roleOf(file) });
    const [first] = work.files;
    if (first && !work.values.id) work.values.id = first.file.name.replace(/\..*$/, "").toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^[-_]+|-+$/g, "").slice(0, 64);
    work.error = null;
    render();
    announce(t("region.import_taken", { count: work.files.length }));
  }

  function fileRow({ file, role }, index, found) {
    const wrong = found.get(filePointer(index));
    const options = ROLES.map((each) => [each, t(`region.role_${each}`)]);
    const choose = (chosen) => {
      work.files[index].role = chosen;
      render();
    };
    return h(
      "li",
      {},
      h("strong", { text: file.name }),
      h("span", { class: "hint", text: sizeOf(file) }),
      select(options, role, choose, { "aria-label": t("region.import_role", { file: file.name }), "aria-invalid": wrong ? "true" : null, data: { key: `import-role-${index}` } }),
      button(t("region.import_drop_file", { file: file.name }), () => { work.files.splice(index, 1); render(); }, { icon: "bin", quietly: true, key: `import-remove-${index}` }),
      wrong ? h("small", { class: "fault", text: wrong }) : null,
    );
  }

  async function send() {
    Object.assign(work, { isRunning: true, job: null, result: null, error: null });
    render();
    try {
      const job = await run({ path: "v1/regions:import", body: formOf(), onUpdate: (latest) => { work.job = latest; work.onChange(); } });
      if (job.state !== "succeeded" || !job.result) Object.assign(work, { isRunning: false });
      else await finished(job.result);
    } catch (error) {
      Object.assign(work, { isRunning: false, error });
    }
    work.onChange();
    if (work.error) announce(work.error.title ?? t("fault.failed"));
  }

  async function finished(result) {
    Object.assign(work, { isRunning: false, result });
    const regions = await desk.readRegions();
    toast(t("region.imported", { name: pick(regions.find((region) => region.id === result.region)?.name) || result.region }));
    // Whoever has gone elsewhere meanwhile stays there.
    if (work.desk?.view === "import") go(link("region", [result.region], { view: "import" }));
    if (work.desk?.regionId === result.region) work.desk.reload();
  }

  function clear() {
    Object.assign(work, { files: [], values: freshValues(), isReplacing: false, modes: new Set(), job: null, result: null, error: null });
    render();
    root.querySelector("input[type=file]")?.focus();
  }

  return { render, destroy: () => { if (work.desk === desk) work.desk = null; } };
}

const roles = () => new Set(work.files.map(({ role }) => role));

/** Return where the server speaks of a file: its role, and which of that role it is. */
function filePointer(index) {
  const { role } = work.files[index];
  return `/${role}/${work.files.slice(0, index).filter((each) => each.role === role).length}`;
}

function formOf() {
  const body = new FormData();
  for (const { file, role } of work.files) body.append(role, file, file.name);
  for (const [name, value] of Object.entries(work.values)) {
    const isAsked = name !== "prefecture" || roles().has("heritage");
    if (name === "id" || (isAsked && value.trim())) body.append(name, value.trim());
  }
  for (const mode of work.modes) body.append("modes", mode);
  if (work.isReplacing) body.append("replace", "true");
  return body;
}

const sizeOf = ({ size }) => (size < 1e6 ? t("region.kilobytes", { size: number(Math.max(1, size / 1e3)) }) : t("region.megabytes", { size: number(size / 1e6, 1) }));
