/** The table of all assets: searched, filtered, sorted, a page of rows at a time. */

import { announce, h, replace, settled } from "../core/dom.js";
import { KINDS, icon } from "../core/icons.js";
import { current, duration, number, pick, t, yen } from "../core/texts.js";
import { badge, button, kindMark, notice, select } from "../core/ui.js";
import { codeLabel } from "./gaps.js";
import { OWN_GAP_CODES, ROWS_ON_A_PAGE, SORTED_BY, gapsOf, priceOf, rowsOf, withGap } from "./rows.js";
import { SEVERITIES, SEVERITY_BADGES } from "./state.js";
import { isDirty } from "./drafts.js";

const NUMBERS = new Set(["price", "visit", "appeal"]);

/** Build the table in `root`; what is given back renders all of it, only its rows, or goes to the row of an asset. */
export function createTable(root, desk) {
  // The field stays the same element: to be replaced would cut short what is typed with an input method.
  const input = h("input", { type: "search", value: desk.state.table.search, on: { input: () => { desk.state.table.search = input.value; search(); } } });
  const filters = h("div", { class: "region-filters" });
  const list = h("div", { class: "region-rows" });
  root.append(h("div", { class: "region-tools" }, input, filters), list);
  let rows = [];

  const renderRows = ({ isAnother = false } = {}) => {
    const { table, features } = desk.state;
    if (!features) return;
    if (isAnother) table.page = 0;
    rows = rowsOf(desk.state);
    table.page = Math.min(table.page, Math.max(0, Math.ceil(rows.length / ROWS_ON_A_PAGE) - 1));
    replace(list, rows.length ? [count(), grid(), pager()] : nothing());
    if (isAnother) desk.dim(new Set(rows.map((asset) => asset.id)));
  };
  const search = settled(() => {
    renderRows({ isAnother: true });
    announce(t("region.rows_found", { count: number(rows.length) }));
  }, 120);

  const render = () => {
    const { table, features } = desk.state;
    if (!features) return;
    const gaps = gapCodes(desk.state);
    input.placeholder = t("region.search");
    input.setAttribute("aria-label", t("region.search"));
    replace(
      filters,
      select([["", t("region.any_gap")], ...gaps.map(({ code, count: of }) => [code, `${codeLabel(code)} (${number(of)})`])], table.gap, (code) => {
        table.gap = code;
        renderRows({ isAnother: true });
      }, { "aria-label": t("region.filter_gap"), data: { key: "gap-choice" } }),
      kindFilter(features),
    );
    renderRows();
    desk.dim(new Set(rows.map((asset) => asset.id)));
  };

  function kindFilter(features) {
    const { kinds } = desk.state.table;
    const press = (kind) => {
      if (!kinds.delete(kind)) kinds.add(kind);
      render();
    };
    return h(
      "div",
      { class: "region-kinds", role: "group", "aria-label": t("region.filter_kind") },
      KINDS.map((kind) => [kind, features.filter((asset) => asset.properties.kind === kind).length]).filter(([, of]) => of).map(([kind, of]) =>
        h(
          "button",
          { type: "button", class: "region-kind", "aria-pressed": String(kinds.has(kind)), data: { key: `kind-${kind}` }, on: { click: () => press(kind) } },
          kindMark(kind), h("span", { text: t(`common.${kind}`) }), h("span", { class: "hint", text: number(of) }),
        ),
      ),
    );
  }

  const count = () => {
    const { page } = desk.state.table;
    const values = { from: number(page * ROWS_ON_A_PAGE + 1), to: number(Math.min(rows.length, (page + 1) * ROWS_ON_A_PAGE)), of: number(rows.length) };
    return h("p", { class: "hint region-count", text: t(rows.length > ROWS_ON_A_PAGE ? "region.rows_of" : "region.rows_all", values) });
  };

  function nothing() {
    if (!desk.state.features.length) {
      return notice("info", h("p", { text: t("region.no_assets") }), button(t("region.add"), () => desk.create(), { icon: "plus", kind: "primary" }));
    }
    const clear = () => {
      Object.assign(desk.state.table, { search: "", gap: "", page: 0 });
      desk.state.table.kinds.clear();
      input.value = "";
      render();
      input.focus();
    };
    return notice("info", h("p", { text: t("region.no_rows") }), button(t("region.clear"), clear));
  }

  function grid() {
    const { page } = desk.state.table;
    const shown = rows.slice(page * ROWS_ON_A_PAGE, (page + 1) * ROWS_ON_A_PAGE);
    // One row is reached by Tab, the others from it by arrows: a hundred stops would be a long way to the form.
    const reachable = shown.some((asset) => asset.id === desk.chosen) ? desk.chosen : shown[0].id;
    return h(
      "div",
      { class: "region-grid", data: { scroll: "rows" } },
      // As cards on a phone, rows and cells are no longer a table by themselves; the roles keep it one.
      h("table", { role: "table", "aria-label": t("region.places"), "aria-rowcount": rows.length + 1 },
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, SORTED_BY.map(heading))),
        h("tbody", { role: "rowgroup", on: { keydown: move } }, shown.map((asset) => row(asset, asset.id === reachable))),
      ),
    );
  }

  function heading(column) {
    const { table } = desk.state;
    const isSorted = table.sort === column;
    const press = () => {
      // Once up, once down, then in the order of the region again.
      if (!isSorted) Object.assign(table, { sort: column, isDescending: column === "gaps" || column === "appeal" });
      else if (table.isDescending === (column === "gaps" || column === "appeal")) table.isDescending = !table.isDescending;
      else Object.assign(table, { sort: "", isDescending: false });
      renderRows({ isAnother: true });
    };
    const order = isSorted ? (table.isDescending ? "descending" : "ascending") : null;
    return h(
      "th",
      { role: "columnheader", scope: "col", class: `col-${column}${NUMBERS.has(column) ? " number" : ""}`, "aria-sort": order },
      h("button", { type: "button", class: "region-sort", data: { key: `sort-${column}` }, on: { click: press } }, t(`region.col_${column}`), isSorted ? icon(table.isDescending ? "down" : "up") : null),
    );
  }

  const row = (asset, isReachable) => {
    const { properties, id } = asset;
    const isChosen = id === desk.chosen;
    const draft = desk.state.drafts.get(id);
    return h(
      "tr",
      { role: "row", class: isChosen ? "chosen" : null, data: { asset: id }, on: { click: (event) => { if (!event.target.closest("button")) desk.choose(id); } } },
      h("th", { role: "rowheader", scope: "row", class: "col-name" }, h("div", { class: "region-cell" },
        kindMark(properties.kind),
        h("button", { type: "button", class: "region-name", "aria-current": isChosen ? "true" : null, tabindex: isReachable ? "0" : "-1", data: { key: `row-${id}` }, on: { click: () => desk.choose(id) } },
          h("span", { class: "visually-hidden", text: `${t(`common.${properties.kind}`)}: ` }), pick(properties.name)),
        draft && isDirty(draft) ? badge(t("region.unsaved"), "warn") : null,
        h("small", { class: "hint", lang: current() === "ja" ? "en" : "ja", text: otherName(properties.name) }),
      )),
      SORTED_BY.slice(1).map((column) => h("td", { role: "cell", class: `col-${column}${NUMBERS.has(column) ? " number" : ""}`, data: { label: t(`region.col_${column}`) } }, CELLS[column](asset, desk.state))),
    );
  };

  function pager() {
    const { table } = desk.state;
    const last = Math.ceil(rows.length / ROWS_ON_A_PAGE) - 1;
    if (!last) return null;
    const turn = (page) => () => {
      table.page = page;
      renderRows();
      list.querySelector(".region-grid").scrollTop = 0;
      announce(t("region.page", { page: number(page + 1), of: number(last + 1) }));
    };
    return h(
      "nav",
      { class: "region-pager", "aria-label": t("region.pages") },
      button(t("region.previous"), turn(table.page - 1), { key: "page-previous", disabled: table.page === 0 }),
      h("span", { text: t("region.page", { page: number(table.page + 1), of: number(last + 1) }) }),
      button(t("region.next"), turn(table.page + 1), { key: "page-next", disabled: table.page === last }),
    );
  }

  function move(event) {
    const names = [...list.querySelectorAll(".region-name")];
    const place = names.indexOf(event.target);
    const steps = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: names.length - 1, PageDown: place + 10, PageUp: place - 10 };
    if (place < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = names[Math.max(0, Math.min(names.length - 1, steps[event.key]))];
    names[place].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  /** Go to the row of an asset, on whichever page it is. */
  const show = (assetId) => {
    const place = rows.findIndex((asset) => asset.id === assetId);
    if (place < 0) return;
    desk.state.table.page = Math.floor(place / ROWS_ON_A_PAGE);
    renderRows();
    list.querySelector("tr.chosen")?.scrollIntoView({ block: "nearest" });
  };
  return { render, renderRows, show };
}

const otherName = ({ ja, en }) => (current() === "ja" ? (ja ? en : null) : en ? ja : null) ?? "";

/** Return the gaps there are, worst first, with how many assets have each. */
function gapCodes(state) {
  const codes = state.check.result ? [...new Set([...state.check.byAsset.values()].flat().map((finding) => finding.code))] : OWN_GAP_CODES;
  const order = Object.keys(state.check.result?.counts ?? {});
  return codes.toSorted((one, other) => order.indexOf(one) - order.indexOf(other)).map((code) => ({ code, count: withGap(state, code) })).filter(({ count }) => count);
}

const unknown = () => badge(t("common.unknown"), "warn");

/** What a column shows of an asset. */
const CELLS = {
  municipality: ({ properties }) => properties.municipality ?? h("span", { class: "hint", text: "—" }),
  hours: ({ geometry, properties }) => [geometry ? null : badge(t("region.no_position"), "bad"), properties.opening?.osm ? h("span", { class: "region-osm", text: properties.opening.osm }) : unknown()],
  price: ({ properties }) => priceShown(properties),
  visit: ({ properties }) => duration(properties.visit_minutes.typical * 60),
  appeal: ({ properties }) => number(properties.appeal),
  access: ({ properties }) => ({ yes: t("common.yes"), no: t("common.no") })[properties.wheelchair] ?? unknown(),
  checked: ({ properties }) => (properties.checked ? badge(t("region.is_checked"), "good") : h("span", { class: "hint", text: t("region.not_checked") })),
  gaps: (asset, state) => {
    if (!state.check.result) return h("span", { class: "hint", text: "…" });
    const counts = gapsOf(state, asset.id);
    return SEVERITIES.map((severity, place) => (counts[place] ? badge(`${t(`region.severity_${severity}`)} ${number(counts[place])}`, SEVERITY_BADGES[severity]) : null));
  },
};

function priceShown(properties) {
  const price = priceOf(properties);
  if (price === null) return unknown();
  if (price === 0) return t("region.free");
  return properties.price.starting_from ? t("region.from", { price: yen(price) }) : yen(price);
}
