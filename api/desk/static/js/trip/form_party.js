/** The part of the form about the party: who travels, nights, money, meals, and what limits the days. */

import { h } from "../core/dom.js";
import { t } from "../core/texts.js";
import { choices, field, select, tick } from "../core/ui.js";
import { flawAt, group, numberField, timeField } from "./fields.js";
import { picker } from "./picker.js";
import { LUNCH } from "./request.js";
import { hasPosition, nameOf, placeOptions } from "./words.js";

const NEEDS = ["wheelchair", "stroller", "vegetarian", "vegan", "halal"];
const WAYS = ["wheelchair", "stroller"];
const QUIETLY = { quietly: true };

export function party(session, set) {
  const { form } = session;
  const flip = (need) => (isOn) => set({ needs: isOn ? [...form.needs, need] : form.needs.filter((each) => each !== need) });
  const count = (name) => (value) => set({ [name]: value ?? 0 }, QUIETLY);
  return [
    h(
      "div",
      { class: "pair" },
      numberField(t("trip.adults"), form.adults, count("adults"), { key: "adults", min: 0, max: 99, fault: flawAt(session, "/party/adults") }),
      numberField(t("trip.children"), form.children, count("children"), { key: "children", min: 0, max: 99, fault: flawAt(session, "/party/children") }),
    ),
    session.flaws.has("/party") ? h("p", { class: "fault", text: session.flaws.get("/party") }) : null,
    tick(t("trip.resident"), form.resident, (resident) => set({ resident }, QUIETLY), { key: "resident" }),
    group(
      t("trip.needs"),
      h("div", { class: "ticks" }, NEEDS.map((need) => tick(t(`trip.need_${need}`), form.needs.includes(need), flip(need), { key: `need-${need}` }))),
      form.needs.some((need) => WAYS.includes(need))
        ? tick(t("trip.allow_unknown_access"), form.allowsUnknownAccess, (allowsUnknownAccess) => set({ allowsUnknownAccess }, QUIETLY), { key: "unknown-access" })
        : null,
    ),
  ];
}

export function nights(session, set) {
  const { lodging, days } = session.form;
  if (days.length < 2) return h("p", { class: "hint", text: t("trip.no_nights") });
  const chosen = Array.isArray(lodging) ? "these" : lodging;
  const options = ["choose", "none", "these"].map((value) => ({ value, label: t(`trip.lodging_${value}`) }));
  return [
    choices(t("trip.lodging"), options, chosen, (value) => set({ lodging: value === "these" ? [] : value }), { key: "lodging", wide: true }),
    chosen === "choose" ? null : h("p", { class: "hint", text: t(`trip.lodging_${chosen}_hint`) }),
    chosen === "these" ? inns(session, set) : null,
  ];
}

/** Show a field for the inn of every night, or, where they differ, one for each. */
function inns(session, set) {
  const { lodging } = session.form;
  const isInn = (feature) => feature.properties.kind === "lodging" && hasPosition(feature);
  const count = Math.max(lodging.length, 1);
  return Array.from({ length: count }, (_, index) =>
    picker({
      label: count === 1 ? t("trip.inn") : t("trip.inn_of", { night: index + 1 }),
      key: `inn-${index}`, placeholder: t("trip.search_inn"), options: () => placeOptions(session, isInn),
      chosen: lodging[index] ? { label: nameOf(session, lodging[index]) } : null,
      onChoose: (inn) => set({ lodging: Array.from({ length: count }, (_each, at) => (at === index ? inn : lodging[at])) }),
      fault: index === 0 ? flawAt(session, "/lodging") : null,
    }),
  );
}

export function money(session, set) {
  return numberField(t("trip.budget"), session.form.budget, (budget) => set({ budget }, QUIETLY), {
    key: "budget", min: 0, step: 1000, placeholder: t("trip.no_limit"), hint: t("trip.budget_hint"), fault: flawAt(session, "/budget_jpy"),
  });
}

export function meals(session, set) {
  const { lunch } = session.form;
  const fault = flawAt(session, "/meals");
  const at = (index) => (time) => set({ lunch: session.form.lunch.map((each, side) => (side === index ? (time ?? each) : each)) }, QUIETLY);
  return [
    tick(t("trip.lunch"), lunch !== null, (isOn) => set({ lunch: isOn ? [...LUNCH] : null }), { key: "lunch" }),
    lunch
      ? h(
          "div",
          { class: "pair" },
          timeField(t("trip.lunch_after"), lunch[0], at(0), { key: "lunch-after", fault }),
          timeField(t("trip.lunch_before"), lunch[1], at(1), { key: "lunch-before" }),
        )
      : null,
  ];
}

export function limits(session, set) {
  const { form } = session;
  return [
    form.mode === "walk"
      ? numberField(t("trip.walk"), form.walk, (walk) => set({ walk }, QUIETLY), {
          key: "walk", min: 0, step: 500, placeholder: t("trip.no_limit"), hint: t("trip.walk_hint"), fault: flawAt(session, "/limits"),
        })
      : null,
    tick(t("trip.refuse_unknown_hours"), form.refusesUnknownHours, (refusesUnknownHours) => set({ refusesUnknownHours }, QUIETLY), { key: "unknown-hours" }),
    h("p", { class: "hint", text: t("trip.unknown_hours_hint") }),
  ];
}

const SEARCH_SECONDS = [5, 15, 30, 60];
const PROOF_SECONDS = [5, 15, 60];
const MOST_ALTERNATIVES = 5;

export function search(session, set) {
  const { form } = session;
  const seconds = (label, key, value, known, name, pointer, hint) => {
    const all = [...new Set([...known, ...(value === null ? [] : [value])])].sort((left, right) => left - right);
    const options = [["", t(`trip.${key}_usual`)], ...all.map((each) => [String(each), t("trip.seconds", { seconds: each })])];
    const take = (next) => set({ [name]: next === "" ? null : Number(next) }, QUIETLY);
    return field(label, () => select(options, value === null ? "" : String(value), take, { data: { key } }), { hint, fault: flawAt(session, pointer) });
  };
  const words = (count) => (count ? t("trip.alternatives_count", { count }) : t("trip.alternatives_none"));
  const counts = Array.from({ length: MOST_ALTERNATIVES + 1 }, (_, count) => [String(count), words(count)]);
  return [
    field(
      t("trip.alternatives"),
      () => select(counts, String(form.alternatives), (count) => set({ alternatives: Number(count) }, QUIETLY), { data: { key: "alternatives" } }),
      { hint: t("trip.alternatives_hint"), fault: flawAt(session, "/alternatives") },
    ),
    seconds(t("trip.search_time"), "search", form.searchSeconds, SEARCH_SECONDS, "searchSeconds", "/solver/time_limit_s", t("trip.search_time_hint")),
    seconds(t("trip.proof_time"), "proof", form.proofSeconds, PROOF_SECONDS, "proofSeconds", "/solver/proof_s", t("trip.proof_time_hint")),
  ];
}
