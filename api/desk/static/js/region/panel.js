/** The asset that is open: what is to repair in it, its form, and what became of saving it. */

import { announce, h, replace } from "../core/dom.js";
import { pick, t } from "../core/texts.js";
import { badge, button, fault, kindMark, openDialog, toast } from "../core/ui.js";
import { conflict } from "./conflict.js";
import { afterSaving, isDirty, newDraft, rebase, sentOf, setPosition, valueOf } from "./drafts.js";
import { FIELDS } from "./fields.js";
import { form, labelOf } from "./form.js";
import { fieldOf } from "./gaps.js";
import { faultsOf, readAsset, removeAsset, saveDraft } from "./saving.js";
import { NEW, SEVERITY_BADGES } from "./state.js";

// A tag that no asset has: a change under it is refused as overtaken, and what differs is shown.
const NOT_READ = '"not-read"';

/** Build the panel in `root`. */
export function createPanel(root, desk) {
  const head = h("header", { class: "region-panel-head" });
  const findings = h("div", { class: "region-panel-findings" });
  const trouble = h("div", { class: "region-panel-trouble" });
  const body = h("div", {});
  const bar = h("footer", { class: "region-panel-bar" });
  root.append(head, findings, trouble, body, bar);
  let loadError = null;

  const draftNow = () => desk.state.drafts.get(desk.chosen);

  /**
   * Open an asset, with its present tag; what was typed before and not saved is there again.
   *
   * The focus goes to `field`, or to the head of the panel; not so where an address called for it.
   */
  async function open(assetId, { field = null, isCalled = false } = {}) {
    loadError = null;
    const reach = isCalled ? () => {} : goTo;
    const draft = draftNow();
    if (draft && (isDirty(draft) || draft.isNew)) {
      render();
      reach(field);
      return;
    }
    if (desk.state.byId.has(assetId)) {
      // Shown at once as the table has it; the tag comes with the second reading.
      desk.state.drafts.set(assetId, newDraft(desk.state.byId.get(assetId), undefined));
      render();
      reach(field);
    }
    try {
      const { feature, etag } = await readAsset(desk.regionId, assetId, { signal: desk.leaving });
      const begun = desk.state.drafts.get(assetId);
      const isAsShown = begun && JSON.stringify([begun.base.geometry, begun.base.properties]) === JSON.stringify([feature.geometry, feature.properties]);
      if (begun && (isAsShown || isDirty(begun))) {
        // The form holds this draft. What was typed meanwhile was typed over what stood there: the server will say if
        // that was no longer so.
        if (isAsShown) begun.etag = etag;
        else begun.etag ??= NOT_READ;
        if (desk.chosen === assetId) renderBar();
        return;
      }
      desk.state.drafts.set(assetId, newDraft(feature, etag));
    } catch (error) {
      if (error.name === "AbortError") return;
      const begun = desk.state.drafts.get(assetId);
      // What was typed meanwhile stays; saving it will tell what is wrong.
      if (begun && isDirty(begun)) begun.etag ??= NOT_READ;
      else {
        desk.state.drafts.delete(assetId);
        if (desk.chosen === assetId) loadError = error;
      }
    }
    if (desk.chosen !== assetId) return;
    render();
    reach(field);
  }

  /** Go to a field; without one the panel begins at its top. */
  function goTo(pointer) {
    if (!pointer || !draftNow()) {
      root.scrollTop = 0;
      head.querySelector("h2")?.focus({ preventScroll: true });
      // On a phone it is the page that scrolls.
      root.scrollIntoView({ block: "nearest" });
      return;
    }
    const node = pointer === "/properties/assumed"
      ? root.querySelector('[data-key^="confirm-"]')
      : [...root.querySelectorAll("[data-key]")].find((each) => each.dataset.key === `field-${pointer}` || each.dataset.key === `field-${pointer}-${valueOf(draftNow(), pointer)}`)
        ?? root.querySelector(`[data-key="${pointer.split("/").at(-1)}-add"]`);
    node?.focus({ preventScroll: true });
    node?.scrollIntoView({ block: "center" });
  }

  function render() {
    const draft = draftNow();
    renderHead();
    renderFindings();
    renderTrouble();
    if (!draft) replace(body);
    else {
      replace(body, form(draft, {
        onChange: () => renderBar(), onRender: () => { renderFindings(); render(); },
        askMap: desk.mapMayBeThere() ? () => askMap(draft) : null,
        faults: faultsOf(draft.error, new Set(FIELDS.keys())),
      }));
    }
    renderBar();
  }

  function renderHead() {
    if (desk.chosen === null) return replace(head);
    const draft = draftNow();
    const name = desk.chosen === NEW ? t("region.new_asset") : pick(draft?.base.properties.name ?? null) || desk.chosen;
    replace(
      head,
      draft && desk.chosen !== NEW ? kindMark(draft.base.properties.kind) : null,
      h("h2", { text: name, tabindex: "-1" }),
      draft && desk.chosen !== NEW ? h("code", { class: "hint", text: desk.chosen }) : null,
      button(t("common.close"), () => desk.choose(null, { back: desk.chosen }), { icon: "close", quietly: true, key: "panel-close" }),
    );
  }

  function renderFindings() {
    const found = desk.chosen === null ? [] : desk.state.check.byAsset.get(desk.chosen) ?? [];
    replace(
      findings,
      found.length
        ? h("ul", { class: "region-todo", "aria-label": t("region.to_repair") }, found.map((finding) => {
            const field = fieldOf(finding.code);
            return h(
              "li",
              {},
              badge(t(`region.severity_${finding.severity}`), SEVERITY_BADGES[finding.severity]),
              h("span", { text: pick(finding.message) }),
              field ? button(t("region.mend"), () => goTo(field), { key: `mend-${finding.code}`, class: "button plain small", "aria-label": `${t("region.mend")}: ${pick(finding.message)}` }) : null,
            );
          }))
        : null,
    );
  }

  function renderTrouble() {
    const draft = draftNow();
    if (loadError) return replace(trouble, fault(loadError, { onRetry: () => open(desk.chosen) }));
    if (!draft) return replace(trouble);
    if (draft.conflict) return replace(trouble, conflict(draft, { onDecide: decide, onAddAgain: addAgain, onLeave: leaveGone }));
    replace(trouble, draft.error ? refused(draft.error) : null);
  }

  /** Say that the server refused: with a way to every field at fault, and the rest in its words. */
  function refused(error) {
    const { at, pointers } = faultsOf(error, new Set());
    const others = (error.errors ?? []).filter(({ pointer }) => !pointers.includes(pointer) && pointer !== "/geometry/coordinates/2");
    if (!pointers.length) return fault(error);
    return h(
      "div",
      { class: "notice bad", role: "alert" },
      h("strong", { text: error.title }),
      h("ul", {},
        pointers.map((pointer) => h("li", {}, h("button", { type: "button", class: "region-to-field", on: { click: () => goTo(fieldAt(pointer)) }, data: { key: `fault-${pointer}` }, text: `${labelOf(fieldAt(pointer) ?? pointer)}: ${at(pointer)}` }))),
        others.map(({ detail }) => h("li", { text: detail }))),
    );
  }

  function renderBar() {
    const draft = draftNow();
    if (!draft) return replace(bar);
    const isClean = !isDirty(draft);
    replace(
      bar,
      button(draft.isSaving ? t("region.saving") : t(draft.isNew ? "region.create" : "common.save"), save, { kind: "primary", key: "save", disabled: isClean || draft.isSaving || Boolean(draft.conflict) }),
      isClean && !draft.isNew ? null : button(t("region.discard"), discard, { key: "discard" }),
      h("span", { class: "hint", role: "status", text: isClean ? "" : t("region.changes", { count: draft.changes.size + draft.confirmed.size }) }),
      draft.isNew ? null : button(t("region.delete"), askToDelete, { icon: "bin", kind: "danger", key: "delete", disabled: !draft.etag }),
    );
  }

  /* ---- what is done ---- */

  function askMap(draft) {
    desk.askMap((point) => {
      setPosition(draft, point);
      announce(t("region.placed"));
      render();
      goTo("/geometry");
    });
  }

  async function save() {
    const assetId = desk.chosen;
    const draft = draftNow();
    if (!draft.isNew) draft.etag ??= NOT_READ;
    const sent = sentOf(draft);
    const saving = saveDraft(desk.regionId, assetId, draft);
    renderBar();
    const done = await saving;
    if (!done) {
      if (desk.chosen === assetId) {
        render();
        trouble.scrollIntoView({ block: "nearest" });
        trouble.querySelector("button, input")?.focus({ preventScroll: true });
      }
      return;
    }
    desk.state.drafts.delete(assetId);
    desk.state.drafts.set(done.feature.id, afterSaving(draft, sent, done.feature, done.etag));
    toast(t("region.saved", { name: pick(done.feature.properties.name) }));
    const wasHere = desk.chosen === assetId && !desk.leaving.aborted;
    const after = desk.saved(done.feature);
    if (wasHere) {
      if (draft.isNew) desk.choose(done.feature.id, { from: "form" });
      else render();
    }
    await after;
  }

  function discard() {
    const draft = draftNow();
    desk.state.drafts.delete(desk.chosen);
    if (draft.isNew) desk.choose(null);
    else {
      desk.state.drafts.set(desk.chosen, newDraft(draft.base, draft.etag));
      render();
    }
    announce(t("region.discarded"));
    desk.renderRows();
  }

  function decide(mine) {
    const draft = draftNow();
    const { feature, etag } = draft.conflict;
    rebase(draft, feature, etag, mine);
    if (isDirty(draft)) return save();
    desk.saved(feature);
    render();
    toast(t("region.took_theirs"));
  }

  function addAgain() {
    const draft = draftNow();
    Object.assign(draft, { isNew: true, conflict: null, etag: null });
    save();
  }

  function leaveGone() {
    const assetId = desk.chosen;
    desk.choose(null);
    desk.removed(assetId);
  }

  function askToDelete() {
    const assetId = desk.chosen;
    const draft = draftNow();
    const name = pick(draft.base.properties.name);
    openDialog(t("region.delete"), (close) => {
      const wrong = h("div", {});
      const remove = async () => {
        if (await removeAsset(desk.regionId, assetId, draft)) {
          close();
          toast(t("region.deleted", { name }));
          desk.choose(null);
          await desk.removed(assetId);
        } else if (draft.conflict) {
          close();
          render();
        } else replace(wrong, fault(draft.error));
      };
      return [
        h("p", { text: t("region.delete_sure", { name }) }),
        wrong,
        h("div", { class: "region-actions" }, button(t("common.cancel"), close), button(t("region.delete"), remove, { icon: "bin", kind: "danger", key: "delete-sure" })),
      ];
    });
  }

  return { open, render, renderFindings };
}

/** Return the field of the form that a pointer of the server is about. */
function fieldAt(pointer) {
  if (pointer.startsWith("/geometry")) return "/geometry";
  if (pointer === "/properties/name") return "/properties/name/ja";
  if (pointer === "/properties/visit_minutes") return "/properties/visit_minutes/min";
  return [...FIELDS.keys()].find((each) => pointer === each || pointer.startsWith(`${each}/`)) ?? null;
}
