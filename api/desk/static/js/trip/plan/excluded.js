/** The places that are not in the trip, by reason, to be searched and asked about. */

import { h, replace } from "../../core/dom.js";
import { pick, t } from "../../core/texts.js";
import { badge, button, kindMark } from "../../core/ui.js";
import { explain, reasonWords } from "./explain.js";
import { otherName } from "./model.js";

const FIRST = 6;

/** Return the section; only what is looked for is drawn. */
export function excludedPlaces(context) {
  const { ui } = context;
  const found = h("div", { class: "fold-body" }, matching(context));
  const search = h("input", {
    type: "search", value: ui.search, "aria-label": t("plan.why_search"), placeholder: t("plan.why_search"), data: { key: "why-search" },
    // The field stays: drawn anew, it would cut off whoever writes with an input method.
    on: { input: (event) => { ui.search = event.target.value; replace(found, matching(context)); } },
  });
  return [h("p", { class: "hint", text: t("plan.why_hint") }), search, found];
}

function matching(context) {
  const { itinerary, assets, ui } = context;
  const wanted = ui.search.trim().toLocaleLowerCase();
  const isWanted = (place) => !wanted || [place.name.ja, place.name.en, place.asset].some((name) => name?.toLocaleLowerCase().includes(wanted));
  const appeal = (place) => assets.get(place.asset)?.properties.appeal ?? 0;
  const matches = itinerary.excluded.filter(isWanted);
  const groups = grouped(matches);
  // Reasons that are certain first; "others fitted better" last.
  const codes = [...groups.keys()].sort((left, right) => (left === null) - (right === null) || String(left).localeCompare(String(right)));
  return [
    matches.length ? null : h("p", { class: "hint", text: t("plan.why_none") }),
    codes.map((code) => group(code, groups.get(code).toSorted((left, right) => appeal(right) - appeal(left)), context)),
  ];
}

function grouped(places) {
  const groups = new Map();
  for (const place of places) groups.set(place.code, [...(groups.get(place.code) ?? []), place]);
  return groups;
}

function group(code, places, context) {
  const { ui, rerender } = context;
  const key = `why-${code}`;
  const isWhole = ui.open.has(key);
  const shown = isWhole ? places : places.slice(0, FIRST);
  const isProven = places.every((place) => place.proven);
  const more = () => {
    ui.open.add(key);
    rerender();
  };
  return h(
    "section",
    { class: "why" },
    h("h4", {}, `${reasonWords(code)} (${places.length}) `, isProven ? badge(t("plan.proven"), "good") : badge(t("plan.not_proven"))),
    h("ul", { class: "why-places" }, shown.map((place) => placeRow(place, code, context))),
    shown.length < places.length ? button(t("common.more", { count: places.length - shown.length }), more, { key, class: "button plain small" }) : null,
  );
}

function placeRow(place, code, { answer, assets, actions, wishes, isRunning }) {
  const kind = assets.get(place.asset)?.properties.kind;
  const beside = otherName(place.name);
  return h(
    "li",
    {},
    kind ? kindMark(kind) : null,
    h(
      "button",
      { type: "button", class: "why-name", disabled: isRunning, data: { key: `why-${place.asset}` }, on: { click: () => explain(answer, place.asset, actions, assets) } },
      pick(place.name), beside ? h("span", { class: "beside", lang: "ja", text: beside }) : null,
    ),
    wishes.must.has(place.asset) ? badge(t("plan.wanted"), "good") : null,
    code === null ? null : h("small", { class: "hint", text: pick(place.text) }),
  );
}
