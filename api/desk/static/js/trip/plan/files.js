/** Taking a plan along: files, a link, paper. */

import { address, download } from "../../core/api.js";
import { h, replace } from "../../core/dom.js";
import { link } from "../../core/router.js";
import { current, t } from "../../core/texts.js";
import { button, choices, fault, openDialog, toast } from "../../core/ui.js";

const FORMATS = ["pdf", "ics", "gpx", "kml", "geojson", "jsonld"];
const LANGUAGES = [["ja", "日本語"], ["en", "English"]];

/** Open a window with all the ways to take the plan shown along. */
export function openFiles({ answer, itinerary, alternative, isRunning }) {
  const state = { language: current() };
  const trouble = h("div", { role: "status" });
  const list = h("ul", { class: "files" });

  async function fetchFile(event, format) {
    const pressed = event.currentTarget;
    const query = new URLSearchParams({ lang: state.language, ...(alternative === null ? {} : { alternative: alternative + 1 }) });
    pressed.disabled = true;
    replace(trouble, h("p", { class: "hint", text: t("plan.file_making") }));
    try {
      await download(`v1/trips/${encodeURIComponent(answer.id)}.${format}?${query}`, fileName(itinerary, alternative, format));
      replace(trouble, h("p", { class: "hint", text: t("plan.file_made") }));
    } catch (error) {
      replace(trouble, fault(error));
    } finally {
      pressed.disabled = false;
      pressed.focus();
    }
  }

  const row = (format) =>
    h(
      "li",
      {},
      button(t(`plan.file_${format}`), (event) => fetchFile(event, format), { icon: "download", key: `file-${format}` }),
      h("span", { class: "hint", text: t(`plan.file_${format}_for`) }),
    );

  openDialog(t("plan.save"), (close) => {
    replace(list, FORMATS.map(row));
    return [
      isRunning ? h("p", { class: "hint", text: t("plan.file_so_far") }) : null,
      alternative === null ? null : h("p", { class: "hint", text: t("plan.file_of", { plan: t("plan.alternative", { number: alternative + 1 }) }) }),
      choices(t("plan.file_language"), LANGUAGES.map(([value, label]) => ({ value, label })), state.language, (value) => { state.language = value; }),
      list,
      trouble,
      h(
        "div",
        { class: "dialog-actions" },
        button(t("plan.copy_link"), () => copyLink(answer, itinerary), { icon: "share" }),
        button(t("plan.print"), () => { close(); window.print(); }, { icon: "print" }),
      ),
      h("p", { class: "hint", text: t("plan.link_hint") }),
    ];
  });
}

const fileName = (itinerary, alternative, format) => `${itinerary.region}-${itinerary.days[0].date}${alternative === null ? "" : `-${alternative + 1}`}.${format}`;

async function copyLink(answer, itinerary) {
  // What stands behind a prefix keeps it: the page is at the root of the API.
  const url = new URL(address("")).href + link("trip", [itinerary.region, answer.id]);
  try {
    await navigator.clipboard.writeText(url);
    toast(t("plan.copied"));
  } catch {
    // Without TLS, or where the user refuses, the page may not write there: the link can be copied by hand.
    openDialog(t("plan.copy_link"), () => h("input", { value: url, readonly: true, "aria-label": t("plan.copy_link"), on: { focus: (event) => event.target.select() } }));
  }
}
