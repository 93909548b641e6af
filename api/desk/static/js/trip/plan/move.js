/** Moving a stop to another time: the server says what that breaks before anything is planned again. */

import { announce, h, replace, settled } from "../../core/dom.js";
import { date, t } from "../../core/texts.js";
import { button, fault, field, openDialog, select } from "../../core/ui.js";
import { handmade, judge, moved, timetable, verdict } from "./judge.js";
import { stopsOf, wholeMinute } from "./model.js";

const PAUSE_MS = 350;

/** Ask for the day and the time of a stop. */
export function openMove(asset, { itinerary, plan, wishes, actions, nameOf }) {
  const stop = stopsOf(plan).get(asset);
  const state = { arrive: wishes.pins.get(asset) ?? wholeMinute(stop.date, stop.step.arrive) };
  const result = h("div", { class: "judged", role: "status" });
  let asking = new AbortController();

  const judged = settled(async () => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    replace(result, h("p", { class: "hint", text: t("plan.judging") }));
    try {
      const days = moved(plan, handmade(plan, wishes.pins), asset, state.arrive);
      const judgement = await judge(itinerary, days, new Map([[asset, state.arrive]]), signal);
      if (signal.aborted) return;
      replace(result, verdict(judgement, plan, asset), timetable(judgement, state.arrive.slice(0, 10), asset));
    } catch (error) {
      if (!signal.aborted) replace(result, fault(error, { onRetry: judged }));
    }
  }, PAUSE_MS);

  const choose = (part) => {
    Object.assign(state, part);
    judged();
  };
  openDialog(
    t("plan.move_title", { name: nameOf(asset) }),
    (close) => {
      const time = h("input", {
        type: "time", value: state.arrive.slice(11), required: true, autofocus: true,
        on: { input: ({ target }) => target.value && choose({ arrive: `${state.arrive.slice(0, 11)}${target.value.slice(0, 5)}` }) },
      });
      const dates = plan.days.map((day) => [day.date, date(day.date, "short")]);
      const days = select(dates, state.arrive.slice(0, 10), (day) => choose({ arrive: `${day}${state.arrive.slice(10)}` }));
      const move = (event, isPlanned) => {
        event.preventDefault();
        if (!time.reportValidity()) return;
        close();
        actions.move(asset, state.arrive);
        if (isPlanned) actions.planAgain();
        else announce(t("plan.moved"));
      };
      judged();
      return h(
        "form",
        { class: "form", on: { submit: (event) => move(event, true) } },
        h("div", { class: "move-when" }, field(t("plan.move_day"), () => days), field(t("plan.move_time"), () => time)),
        result,
        h(
          "div",
          { class: "dialog-actions" },
          h("button", { type: "submit", class: "button primary", text: t("plan.move_and_plan") }), button(t("plan.move_later"), (event) => move(event, false)),
        ),
      );
    },
    { onClose: () => asking.abort() },
  );
}
