/** Moving a stop to another time: the server says what that breaks before anything is planned again. */

import { announce, h } from "../../core/dom.js";
import { date, t } from "../../core/texts.js";
import { button, field, openDialog, select } from "../../core/ui.js";
import { handmade, judge, judging, moved, timetable, verdict } from "./judge.js";
import { stopsOf, wholeMinute } from "./model.js";

/** Ask for the day and the time of a stop. */
export function openMove(asset, { itinerary, plan, wishes, actions, nameOf }) {
  const stop = stopsOf(plan).get(asset);
  // A booking may have moved along with the days of the request, and a late stop may begin after midnight.
  const times = [wishes.pins.get(asset), wholeMinute(stop.date, stop.step.arrive), `${stop.date}T23:59`];
  const state = { arrive: times.find((time) => plan.days.some((day) => time?.startsWith(day.date))) };
  const result = h("div", { class: "judged", role: "status" });
  const judged = judging(result, async (signal) => {
    const { arrive } = state;
    const days = moved(plan, handmade(plan, wishes.pins), asset, arrive);
    const judgement = await judge(itinerary, days, new Map(wishes.pins).set(asset, arrive), signal);
    return [verdict(judgement, plan, asset), timetable(judgement, arrive.slice(0, 10), asset)];
  });

  const choose = (arrive) => {
    state.arrive = arrive;
    judged.again();
  };
  openDialog(
    t("plan.move_title", { name: nameOf(asset) }),
    (close) => {
      const time = h("input", {
        type: "time", value: state.arrive.slice(11), required: true, autofocus: true,
        on: { input: ({ target }) => target.value && choose(`${state.arrive.slice(0, 11)}${target.value.slice(0, 5)}`) },
      });
      const dates = plan.days.map((day) => [day.date, date(day.date, "short")]);
      const days = select(dates, state.arrive.slice(0, 10), (day) => choose(`${day}${state.arrive.slice(10)}`));
      const move = (event, isPlanned) => {
        event.preventDefault();
        if (!time.reportValidity()) return;
        close();
        actions.move(asset, state.arrive);
        if (isPlanned) actions.planAgain();
        else announce(t("plan.moved"));
      };
      judged.again();
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
    { onClose: judged.stop },
  );
}
