/** Putting the stops of a day into another order by hand; the server judges it, and its times can be kept as bookings. */

import { announce, h, replace } from "../../core/dom.js";
import { t } from "../../core/texts.js";
import { button, openDialog } from "../../core/ui.js";
import { handmade, judge, judging, timetable, verdict } from "./judge.js";
import { clockAt, isSpot, rowsOf } from "./model.js";

const MINUTE_S = 60;

/** Return the times at which a day's stops can be booked: whole minutes, each late enough for the one before. */
function minutesOf(day) {
  const times = new Map();
  let late = 0;
  for (const row of rowsOf(day)) {
    if (row.type === "wait") {
      late = Math.max(0, late - (row.to - row.from));
      continue;
    }
    if (!isSpot(row) || row.type === "stay") continue;
    const begins = Math.ceil((row.from + late) / MINUTE_S) * MINUTE_S;
    late = begins - row.from;
    times.set(row.step.asset, clockAt(begins));
  }
  return times;
}

/** Show the stops of a day to be moved up and down. */
export function openOrder(index, { itinerary, plan, wishes, actions, nameOf }) {
  const day = plan.days[index];
  const base = handmade(plan, wishes.pins);
  let order = base[index].stops.map((stop) => stop.asset);
  const before = order.join();
  let times = null;
  const list = h("ol", { class: "order" });
  const result = h("div", { class: "judged", role: "status" });
  const keep = h("button", { type: "button", class: "button primary", disabled: true, text: t("plan.order_keep"), on: { click: () => apply() } });
  let close = () => {};

  const judged = judging(result, async (signal) => {
    const others = new Map([...wishes.pins].filter(([asset]) => !order.includes(asset)));
    const free = await judge(itinerary, daysWith(null), others, signal);
    signal.throwIfAborted();
    // What is kept is to the minute, and is judged as it is kept.
    const minutes = minutesOf(free.days.find((each) => each.date === day.date));
    const judgement = await judge(itinerary, daysWith(minutes), others, signal);
    signal.throwIfAborted();
    times = judgement.feasible ? minutes : null;
    keep.disabled = !times || order.join() === before;
    return [verdict(judgement, plan), timetable(judgement, day.date, null)];
  });

  const daysWith = (minutes) =>
    base.with(index, { ...base[index], stops: order.map((asset) => (minutes?.has(asset) ? { asset, arrive: minutes.get(asset) } : { asset })) });

  function shift(at, by) {
    const [asset] = order.splice(at, 1);
    order.splice(at + by, 0, asset);
    order = [...order];
    times = null;
    keep.disabled = true;
    draw();
    announce(t("plan.order_moved", { name: nameOf(asset), place: at + by + 1 }));
    judged.again();
  }

  function draw() {
    replace(
      list,
      order.map((asset, at) =>
        h(
          "li",
          {},
          h("span", { text: nameOf(asset) }),
          mover(t("plan.order_up", { name: nameOf(asset) }), "up", asset, at, -1),
          mover(t("plan.order_down", { name: nameOf(asset) }), "down", asset, at, 1),
        ),
      ),
    );
  }

  // What cannot go further keeps the focus, and says that it cannot.
  function mover(label, name, asset, at, by) {
    const isPossible = at + by >= 0 && at + by < order.length;
    return button(label, () => isPossible && shift(at, by), { icon: name, quietly: true, key: `${name}-${asset}`, "aria-disabled": String(!isPossible) });
  }

  function apply() {
    close();
    for (const [asset, time] of times) actions.lock(asset, `${day.date}T${time}`);
    actions.planAgain();
  }

  openDialog(
    t("plan.order_title", { number: index + 1 }),
    (closed) => {
      close = closed;
      draw();
      judged.again();
      return [h("p", { class: "hint", text: t("plan.order_hint") }), list, result, h("div", { class: "dialog-actions" }, keep)];
    },
    { onClose: judged.stop },
  );
}
