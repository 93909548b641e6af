/** What to repair in the region, worst first: groups of findings, each leading to its asset and the field to mend. */

import { announce, h, replace } from "../core/dom.js";
import { has, number, percent, pick, t } from "../core/texts.js";
import { badge, button, fault, kindMark, notice, progress } from "../core/ui.js";
import { SEVERITIES, SEVERITY_BADGES } from "./state.js";

const SHOWN_AT_FIRST = 20;
const MORE = 100;

/** The field that mends a kind of finding. */
const FIELDS = {
  no_position: "/geometry", position_shared: "/geometry", far_from_region: "/geometry", hours_unread: "/properties/opening/osm", hours_unknown: "/properties/opening/osm",
  never_open: "/properties/opening/osm", price_unread: "/properties/price/adult", price_unknown: "/properties/price/adult",
  access_unknown: "/properties/wheelchair", no_english_name: "/properties/name/en", no_japanese_name: "/properties/name/ja",
  event_past: "/properties/dates", event_without_dates: "/properties/dates", unchecked: "/properties/checked", assumed: "/properties/assumed",
};
export const fieldOf = (code) => FIELDS[code] ?? null;

/** Return what a kind of finding is called; those of timetables have many names, and one here. */
export const codeLabel = (code) => (has(`region.code_${code}`) ? t(`region.code_${code}`) : t("region.files"));

/** Return findings in groups of one severity and one name, in the order of the server: worst first. */
function groupsOf(findings) {
  const groups = new Map();
  for (const finding of findings) {
    const code = has(`region.code_${finding.code}`) ? finding.code : "files";
    const key = `${finding.severity}-${code}`;
    if (!groups.has(key)) groups.set(key, { key, code: finding.code, severity: finding.severity, findings: [] });
    groups.get(key).findings.push(finding);
  }
  return [...groups.values()];
}

/** Build the list of gaps in `root`. */
export function createGaps(root, desk) {
  const render = () => {
    const { check } = desk.state;
    replace(
      root,
      check.isRunning ? progress(t(check.result ? "region.checking_again" : "region.checking"), { share: check.share, onStop: desk.stopCheck }) : null,
      check.error ? fault(check.error, { onRetry: desk.check }) : null,
      check.result ? found(check.result) : null,
      !check.isRunning && !check.result && !check.error ? notice("info", h("p", { text: t("region.not_looked") }), button(t("region.look"), desk.check)) : null,
    );
  };

  const found = (result) => [summary(result), ...(result.findings.length ? groupsOf(result.findings).map(group) : [notice("good", t("region.no_gaps"))])];

  const summary = (result) =>
    h(
      "section",
      { class: "region-fill", "aria-label": t("region.fill") },
      h("p", { class: "region-severities" }, SEVERITIES.map((severity) => badge(`${t(`region.severity_${severity}`)} ${number(result.severities[severity] ?? 0)}`, SEVERITY_BADGES[severity]))),
      h("h2", { text: t("region.fill") }),
      h("ul", { class: "region-bars" }, Object.entries(result.fill).map(bar)),
    );

  const bar = ([field, { known, of, share }]) =>
    h(
      "li",
      {},
      h("span", { text: has(`region.fill_${field}`) ? t(`region.fill_${field}`) : field }),
      h("span", { class: "region-bar", "aria-hidden": "true", vars: { "--share": share } }),
      h("span", { class: "number", text: t("region.known_of", { known: number(known), of: number(of), share: percent(share) }) }),
    );

  function group({ key, code, severity, findings }) {
    const { open, shown } = desk.state.gaps;
    const body = h("ul", { class: "region-findings" });
    const fill = () => {
      const upTo = shown.get(key) ?? SHOWN_AT_FIRST;
      const left = findings.length - upTo;
      const more = () => {
        shown.set(key, upTo + MORE);
        fill();
        body.children[upTo]?.querySelector("button")?.focus();
      };
      replace(body, findings.slice(0, upTo).map(line), left > 0 ? h("li", {}, button(t("common.more", { count: number(Math.min(left, MORE)) }), more)) : null);
    };
    // Groups that are folded have no lines: there may be thousands.
    if (open.has(key)) fill();
    const toggle = (event) => {
      if (event.target.open) open.add(key);
      else open.delete(key);
      // Also told of groups that were open when they were built.
      if (event.target.open && !body.hasChildNodes()) fill();
    };
    return h(
      "details",
      { class: `fold region-group ${severity}`, open: open.has(key), on: { toggle } },
      h("summary", { data: { key: `group-${key}` } }, badge(t(`region.severity_${severity}`), SEVERITY_BADGES[severity]), " ", codeLabel(code), " ", h("span", { class: "hint", text: number(findings.length) })),
      body,
    );
  }

  function line(finding) {
    const asset = desk.state.byId.get(finding.where);
    const mend = () => {
      desk.choose(finding.where, { field: fieldOf(finding.code) });
      announce(t("region.opened", { name: pick(finding.name) }));
    };
    return h(
      "li",
      { class: finding.where === desk.chosen ? "chosen" : null },
      asset
        ? h("button", { type: "button", class: "region-finding", data: { key: `finding-${finding.code}-${finding.where}-${finding.message.en}` }, on: { click: mend } },
            kindMark(asset.properties.kind), h("strong", { text: pick(asset.properties.name) }), h("span", { text: pick(finding.message) }))
        : h("div", { class: "region-finding" }, h("strong", { text: finding.name ? pick(finding.name) : finding.where }), h("span", { text: pick(finding.message) })),
    );
  }
  return { render };
}
