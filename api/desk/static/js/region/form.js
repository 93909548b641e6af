/** The form of an asset: its usual fields, each with what the server has against it, what was assumed, what is missing. */

import { h, newId } from "../core/dom.js";
import { KINDS } from "../core/icons.js";
import { has, pick, t } from "../core/texts.js";
import { badge, button, choices, field, notice, select, tick } from "../core/ui.js";
import { composer, freshHours } from "./composer.js";
import { change, valueOf } from "./drafts.js";
import { closings, dates, meals, seasons, slots } from "./lists.js";

/** Return the words for a field, for its label and wherever else it is spoken of. */
export function labelOf(pointer) {
  const key = pointer.replace("/properties/", "").replace(/^\//, "").replaceAll("/", "_");
  return has(`region.field_${key}`) ? t(`region.field_${key}`) : key;
}

/**
 * Build the form of a draft.
 *
 * @param {object} draft
 * @param {{onChange: Function, onRender: Function, askMap: Function|null, isAskingMap: boolean, faults: object}} options
 *   `faults` tells what the server has against a field: `at(pointer)` texts, `below(pointer)` texts with those of its parts
 */
export function form(draft, { onChange, onRender, askMap, faults }) {
  const set = (pointer) => (raw) => {
    change(draft, pointer, raw);
    onChange();
  };
  const value = (pointer) => valueOf(draft, pointer);
  const key = (pointer) => `field-${pointer}`;

  const input = (pointer, attributes = {}, { hint, wide = false } = {}) =>
    field(labelOf(pointer), () => h("input", { value: value(pointer), autocomplete: "off", ...attributes, data: { key: key(pointer) }, on: { input: (event) => set(pointer)(event.target.value) } }), { hint, wide, fault: faults.at(pointer) });
  const area = (pointer, attributes = {}) =>
    field(labelOf(pointer), () => h("textarea", { value: value(pointer), rows: "2", ...attributes, data: { key: key(pointer) }, on: { input: (event) => set(pointer)(event.target.value) } }), { wide: true, fault: faults.at(pointer) });
  const whole = (pointer, options) => input(pointer, { inputmode: "numeric", placeholder: t("common.unknown") }, options);
  const words = (pointer) => input(pointer, {}, { hint: t("region.words_hint"), wide: true });
  const known = (pointer) =>
    h("div", { class: "field" }, h("span", { class: "hint", "aria-hidden": "true", text: labelOf(pointer) }),
      choices(labelOf(pointer), ["yes", "no", "unknown"].map((fact) => ({ value: fact, label: t(`common.${fact}`) })), value(pointer), set(pointer), { key: key(pointer), wide: true }),
      faults.below(pointer).map((text) => h("small", { class: "fault", text })));
  const box = (pointer) => h("div", { class: "field wide" }, tick(labelOf(pointer), value(pointer), set(pointer), { key: key(pointer) }), faults.at(pointer) ? h("small", { class: "fault", text: faults.at(pointer) }) : null);
  const choice = (pointer, options, rebuild) =>
    field(labelOf(pointer), () => select(options, value(pointer), (raw) => { set(pointer)(raw); if (rebuild) onRender(); }, { data: { key: key(pointer) } }), { fault: faults.at(pointer) });
  const list = (pointer, editor) => {
    const rows = structuredClone(value(pointer));
    return [
      editor(rows, (now) => set(pointer)(structuredClone(now)), (index) => faults.below(`${pointer}/${index}`)),
      faults.at(pointer) ? h("small", { class: "fault", text: faults.at(pointer) }) : null,
    ];
  };
  const group = (title, pointers, children) => {
    const id = newId("group");
    return h(
      "section",
      { class: "region-group-of-fields", "aria-labelledby": id },
      h("h3", { id, text: title }),
      h("div", { class: "region-fields" }, children, pointers.flatMap((pointer) => faults.exactly(pointer)).map((text) => h("small", { class: "fault wide", text }))),
      assumed(pointers),
    );
  };

  /** Say which values nobody stated, by which rule they came, and let them be said to be right. */
  function assumed(pointers) {
    const flags = (draft.base.properties.assumed ?? []).filter(({ field: name }) => pointers.some((pointer) => pointer === `/properties/${name}`));
    return flags.map(({ field: name, rule }) => {
      const isConfirmed = draft.confirmed.has(name);
      const press = () => {
        if (isConfirmed) draft.confirmed.delete(name);
        else draft.confirmed.add(name);
        onChange();
        onRender();
      };
      return h(
        "div",
        { class: "region-assumed" },
        h("p", {}, badge(t("region.assumed"), "warn"), ` ${labelOf(`/properties/${name}`)}: ${pick(rule)}`),
        button(t("region.confirm"), press, { pressed: isConfirmed, icon: "check", key: `confirm-${name}` }),
      );
    });
  }

  function position() {
    const raw = value("/geometry");
    const part = (name, label, pointer) =>
      field(label, () => h("input", {
        value: raw[name], inputmode: "decimal", autocomplete: "off", placeholder: t("common.unknown"), data: { key: name === "lat" ? key("/geometry") : `field-${name}` },
        on: { input: (event) => set("/geometry")({ ...value("/geometry"), [name]: event.target.value }) },
      }), { fault: faults.at(pointer) });
    return [
      part("lat", t("region.lat"), "/geometry/coordinates/1"),
      part("lon", t("region.lon"), "/geometry/coordinates/0"),
      h("div", { class: "field wide" },
        button(t("region.from_map"), askMap ?? (() => {}), { icon: "pin", key: "from-map", disabled: !askMap }),
        askMap ? null : h("small", { class: "hint", text: t("region.from_map_not") })),
    ];
  }

  /** Show how the source words it, and what of that was not understood. */
  function wording() {
    const { opening, price } = draft.base.properties;
    const unread = value("/properties/opening/unread");
    return {
      opening: opening?.text ? h("div", { class: "field wide" }, h("span", { class: "hint", text: t("region.original") }), h("blockquote", { text: opening.text })) : null,
      unread: unread.length
        ? h("div", { class: "field wide" }, notice("warn", h("p", { text: t("region.unread", { parts: unread.join("、") }) }), button(t("region.unread_done"), () => { set("/properties/opening/unread")([]); onRender(); }, { key: "unread-done" })))
        : null,
      price: price?.text ? h("div", { class: "field wide" }, h("span", { class: "hint", text: t("region.original") }), h("blockquote", { text: price.text })) : null,
    };
  }

  const kind = value("/properties/kind");
  const said = wording();
  return h(
    "div",
    { class: "region-form" },
    group(t("region.group_what"), ["/properties/kind", "/properties/name"], [
      choice("/properties/kind", KINDS.map((each) => [each, t(`common.${each}`)]), true),
      draft.isNew ? input("/properties/id", { spellcheck: "false" }, { hint: t("region.id_hint") }) : null,
      input("/properties/name/ja", { lang: "ja" }), input("/properties/name/en", { lang: "en" }),
      area("/properties/description/ja", { lang: "ja" }), area("/properties/description/en", { lang: "en" }),
    ]),
    group(t("region.group_where"), ["/geometry", "/properties/municipality"], [position(), input("/properties/address"), input("/properties/municipality")]),
    group(t("region.group_when"), ["/properties/opening", "/properties/dates"], [
      said.opening, said.unread,
      input("/properties/opening/osm", { spellcheck: "false", placeholder: "Mo-Fr 09:00-17:00; Sa 10:00-16:00" }, { hint: t("region.osm_hint"), wide: true }),
      composer((draft.hours ??= freshHours()), (rule) => { const now = value("/properties/opening/osm").trim(); set("/properties/opening/osm")(now ? `${now}; ${rule}` : rule); onRender(); }),
      list("/properties/opening/closed", closings),
      input("/properties/opening/last_admission", { placeholder: "16:30" }),
      box("/properties/opening/no_closing_days"),
      kind === "lodging" ? [input("/properties/opening/check_in", { placeholder: "15:00" }), input("/properties/opening/check_out", { placeholder: "10:00" })] : null,
      list("/properties/season", seasons),
      kind === "event" || value("/properties/dates").length ? list("/properties/dates", dates) : null,
    ]),
    group(t("region.group_price"), ["/properties/price"], [
      said.price,
      whole("/properties/price/adult", { hint: t("region.price_hint") }), whole("/properties/price/child"), whole("/properties/price/student"), whole("/properties/price/senior"),
      choice("/properties/price/unit", [["", "—"], ...["person", "room", "group", "vehicle"].map((unit) => [unit, t(`region.unit_${unit}`)])]),
      box("/properties/price/starting_from"),
    ]),
    group(t("region.group_visit"), ["/properties/visit_minutes", "/properties/meals"], [
      whole("/properties/visit_minutes/min"), whole("/properties/visit_minutes/typical"), whole("/properties/visit_minutes/max"),
      whole("/properties/capacity_per_hour"),
      list("/properties/slots", slots),
      ["food", "lodging"].includes(kind) || value("/properties/meals").length ? meals(value("/properties/meals"), set("/properties/meals")) : null,
    ]),
    group(t("region.group_access"), ["/properties/indoor"], [known("/properties/wheelchair"), known("/properties/stroller"), known("/properties/indoor"), input("/properties/languages", { placeholder: "ja, en" })]),
    group(t("region.group_planning"), ["/properties/appeal"], [
      input("/properties/appeal", { inputmode: "numeric" }, { hint: t("region.appeal_hint") }),
      words("/properties/tags"), words("/properties/themes"), words("/properties/serves"), words("/properties/uses"),
    ]),
    group(t("region.group_source"), [], [
      input("/properties/operator"), input("/properties/url", { type: "url", spellcheck: "false" }),
      draft.isNew ? source() : h("div", { class: "field wide" }, h("span", { class: "hint", text: t("region.sources") }), (draft.base.properties.sources ?? []).map((each) => h("p", { text: [each.name, each.row, each.licence ?? t("region.no_licence")].filter(Boolean).join(" · ") }))),
      box("/properties/checked"),
    ]),
  );

  function source() {
    const [first = { name: "" }] = value("/properties/sources");
    return field(t("region.sources"), () => h("input", { value: first.name, data: { key: key("/properties/sources") }, on: { input: (event) => set("/properties/sources")([{ ...first, name: event.target.value }]) } }), { wide: true, fault: faults.below("/properties/sources")[0] });
  }
}
