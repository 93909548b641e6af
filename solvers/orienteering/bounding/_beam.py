# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""A quick look for good day-routes under prices, in compiled code: few labels at each place and time, no proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from solvers.compiling import allocating
from solvers.orienteering._arrivals import arrive
from solvers.orienteering.bounding._labels import WORST, Labels, _meets, _slot
from solvers.orienteering.bounding._meters import count_visit, is_full

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._labels import PricedDay

BEAM_SLICES: Final = 96
"""Slices of the day in which labels compete."""


@allocating
def beam(day: PricedDay, table: NDArray[np.int64], threshold: int, few: int, stop: NDArray[np.int64]) -> Labels:
    """
    Label the day forward as `label_day` does, keeping few labels at one option in one slice of the day.

    Parameters
    ----------
    day
        The day under prices.
    table
        As in a `Guard`: what can be gained beyond an option.
    threshold
        Labels that the table does not bring to it are dropped.
    few
        Labels kept, at least 1.
    stop
        Shape ``(1,)``: not zero, which another thread may see to, cuts the pass short.
    """
    options, words = day.own.shape
    timed = day.clock.ticks
    clock_start, clock_departure, clock_arrival = day.clock.start, day.clock.departure, day.clock.arrival
    meter_start, meter = day.meter_start, day.meter
    meter_word, meter_shift, meter_full = day.meter_word, day.meter_shift, day.meter_full
    slices = table.shape[1]
    room = 1 << 16
    option = np.empty(room, np.int32)
    time = np.empty(room, np.int64)
    high = np.empty(room, np.int64)
    memory = np.empty((room, words), np.uint64)
    link = np.empty(room, np.int32)
    total = np.empty(room, np.int64)
    close = np.empty(room, np.int32)
    dead = np.zeros(room, np.bool_)
    queue_after = np.empty(room, np.int32)
    queue_head = np.full(BEAM_SLICES, -1, np.int32)
    queue_tail = np.full(BEAM_SLICES, -1, np.int32)
    kept_label = np.full((options, BEAM_SLICES, few), -1, np.int32)
    kept_worth = np.full((options, BEAM_SLICES, few), WORST, np.int64)
    fresh = np.zeros((1, words), np.uint64)
    count, best, complete = 0, WORST, True
    queue, source, origin = -1, -1, 0
    here, now = 0, 0
    starts, ends = day.arrival.shape[0], day.end_gain.shape[1]
    while True:
        if stop[0]:
            complete = False
            break
        if origin < starts:
            source = -1
        else:
            if origin == starts:
                queue, origin = 0, starts + 1
            while queue < BEAM_SLICES and queue_head[queue] < 0:
                queue += 1
            if queue == BEAM_SLICES:
                break
            source = queue_head[queue]
            queue_head[queue] = queue_after[source]
            if queue_head[queue] < 0:
                queue_tail[queue] = -1
            if dead[source]:
                continue
            here, now = option[source], time[source]
            for end in range(ends):
                if now <= day.leave_by[here, end]:
                    value = high[source] + day.end_gain[here, end]
                    if value > total[source]:
                        total[source], close[source] = value, end
            best = max(best, total[source])
        for there in range(options):
            if source < 0:
                begin = day.arrival[origin, there]
                if begin > day.closes[there]:
                    continue
                value = day.start_gain[origin, there]
            else:
                quickest = now + day.ticks[here, there]
                if quickest > day.closes[there] or _meets(memory, source, day.bars, there):
                    continue
                begin = quickest
                if timed and day.pairs[here, there] >= 0:
                    begin = arrive(
                        clock_start, clock_departure, clock_arrival, day.pairs[here, there], now + day.stays[here]
                    )
                    if begin > day.closes[there]:
                        continue
                begin = max(begin, day.opens[there])
                value = high[source] + day.gain[here, there] - day.wait * (begin - quickest)
            promise = table[there, _slot(begin, day.first, day.span, slices)]
            if promise == WORST or value + promise < threshold:
                continue
            worth = value + day.wait * begin
            slot = _slot(begin, day.first, day.span, BEAM_SLICES)
            worst = 0
            for place in range(1, few):
                if kept_worth[there, slot, place] < kept_worth[there, slot, worst]:
                    worst = place
            if kept_worth[there, slot, worst] >= worth:
                continue
            meter_begin, meter_end = meter_start[there], meter_start[there + 1]
            if source >= 0 and is_full(
                memory, source, meter_begin, meter_end, meter, meter_word, meter_shift, meter_full
            ):
                continue
            for word in range(words):
                kept = memory[source, word] & day.near[there, word] if source >= 0 else np.uint64(0)
                fresh[0, word] = kept | day.own[there, word]
            count_visit(
                memory, source, fresh, 0, meter_begin, meter_end, meter, meter_word, meter_shift, meter_full, True
            )
            beaten = False
            # Looking a few slices back finds most labels that make this one superfluous.
            for earlier in range(max(0, slot - 3), slot + 1):
                for place in range(few):
                    if kept_worth[there, earlier, place] < worth:
                        continue
                    other = kept_label[there, earlier, place]
                    inside = time[other] <= begin
                    for word in range(words):
                        if memory[other, word] & ~fresh[0, word]:
                            inside = False
                    if inside:
                        beaten = True
            if beaten:
                continue
            if kept_label[there, slot, worst] >= 0:
                dead[kept_label[there, slot, worst]] = True
            if count == room:
                more = 2 * room
                option, time, high = _longer(option, more), _longer(time, more), _longer(high, more)
                link, total, close = _longer(link, more), _longer(total, more), _longer(close, more)
                dead, queue_after = _longer(dead, more), _longer(queue_after, more)
                memory = np.concatenate((memory, np.empty((room, words), np.uint64)))
                room = more
            option[count], time[count], high[count] = there, begin, value
            link[count] = source if source >= 0 else -1 - origin
            total[count], close[count], dead[count] = WORST, -1, False
            for word in range(words):
                memory[count, word] = fresh[0, word]
            kept_label[there, slot, worst], kept_worth[there, slot, worst] = count, worth
            queue_after[count] = -1
            if queue_tail[slot] < 0:
                queue_head[slot] = count
            else:
                queue_after[queue_tail[slot]] = count
            queue_tail[slot] = count
            count += 1
        if origin < starts:
            origin += 1
    return Labels(
        option[:count],
        time[:count],
        high[:count],
        high[:count] + day.wait * time[:count],
        memory[:count],
        link[:count],
        total[:count],
        close[:count],
        dead[:count],
        complete,
        best,
    )


@allocating
def _longer(values: Any, size: int) -> Any:
    """Return an array of so many entries that begins with those given."""
    longer = np.empty(size, values.dtype)
    longer[: values.size] = values
    return longer
