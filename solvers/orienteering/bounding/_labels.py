# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# ruff: noqa: SIM110
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
Labelling in compiled code: the best day-route under given prices, forward and backward in time.

A label is a partial route that ends (forward) or begins (backward) at an option. It remembers which groups it visited,
but only those in the ng-set of where it stands (Baldacci, Mingozzi & Roberti 2011,
https://doi.org/10.1287/opre.1110.0975), so that routes with long cycles are allowed: a relaxation, never too low. All
values are integers on a fine grid; nothing is rounded here.

Forward, a label is (start of service, value). Another at the same option with no more memory, no later and worth no
less even if it has to wait until the other's time makes it superfluous. Backward, a label is a function of the start of
service t up to its latest: min(high, low + wait x t), which prices waiting exactly. Where travel depends on the time of
departure, times are exact, and travel is priced as at the quickest time of day; what it takes beyond is priced like
waiting, or at the price of travel where that is lower: never too dear.

Each direction can be guarded by the other's labels: what cannot be completed to the threshold is dropped. A pass that
is not cut short therefore finds the best route of the relaxation, or proves that none reaches the threshold.

Labels at one option with one memory form a cell, kept from the most valuable to the least: a new label is compared
with whole cells first, and within a cell only with labels that are worth as much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import allocating, inlined
from solvers.orienteering._arrivals import arrive, latest_departure
from solvers.orienteering.bounding._meters import count_visit, is_full

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._clock import Clock

WORST: Final = -(2**61)
"""Value of what cannot be."""

BOUNDLESS: Final = 2**60
"""A value above all others, with room for sums."""

QUEUES: Final = 48
"""Slices of the day in which labels are processed."""

_LABELS_A_CELL: Final = 4
"""A pass with fewer labels to a cell than this, when its room is used up, is cut short: cells take a kilobyte each."""

SLICES: Final = 480
"""Slices of the day in the tables of completion values."""


class PricedDay(NamedTuple):
    """Hold a day under prices: K options, S starts, E ends, W words of 64 groups each; see `DayKind`."""

    opens: NDArray[np.int64]  # (K,)
    closes: NDArray[np.int64]  # (K,)
    stays: NDArray[np.int64]  # (K,)
    ticks: NDArray[np.int64]  # (K, K): at the quickest time of day
    pairs: NDArray[np.int64]  # (K, K)
    clock: Clock
    gain: NDArray[np.int64]  # (K, K): arc and the option it leads to
    arrival: NDArray[np.int64]  # (S, K)
    start_gain: NDArray[np.int64]  # (S, K): arc and option
    leave_by: NDArray[np.int64]  # (K, E)
    end_gain: NDArray[np.int64]  # (K, E)
    own: NDArray[np.uint64]  # (K, W): the option's group
    near: NDArray[np.uint64]  # (K, W): the ng-set
    bars: NDArray[np.uint64]  # (K, W): groups that may not come before
    bars_back: NDArray[np.uint64]  # (K, W): groups that may not come after
    meter_start: NDArray[np.int64]  # (K + 1,): fields of `Meters` that the option counts in
    meter: NDArray[np.int64]
    meter_word: NDArray[np.int64]  # (C,)
    meter_shift: NDArray[np.uint64]  # (C,)
    meter_full: NDArray[np.uint64]  # (C,)
    wait: int
    first: int  # earliest tick
    span: int  # ticks of the day, at least 1


class Labels(NamedTuple):
    """Hold the labels of a pass: forward ``low`` is the worth even if one has to wait, backward see the module."""

    option: NDArray[np.int32]
    time: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    memory: NDArray[np.uint64]
    link: NDArray[np.int32]  # the label it grew from, or -1 - index of the start or end
    total: NDArray[np.int64]  # value when the day is closed here at its best, or WORST
    close: NDArray[np.int32]  # the end or start that does so
    dead: NDArray[np.bool_]
    complete: bool  # whether nothing was cut short
    best: int  # largest total


class Guard(NamedTuple):
    """
    Hold what one direction tells the other: its labels by option, those of the highest value first, and tables.

    The tables tell the most that a route gains beyond an option: to a forward pass, after a start in a slice of the day
    or later; to a backward one, the option included, up to a start in a slice or before, without and with ``wait`` x
    start added.
    """

    start: NDArray[np.int64]  # (K + 1,)
    time: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    memory: NDArray[np.uint64]  # without the label's own group
    table: NDArray[np.int64]  # (K, SLICES)
    waiting: NDArray[np.int64]  # (K, SLICES)
    joins: bool  # whether there are labels; else only the tables prune


@inlined
def _slot(tick: int, first: int, span: int, parts: int) -> int:
    slot = (tick - first) * parts // span
    return 0 if slot < 0 else parts - 1 if slot >= parts else slot


@inlined
def _meets(memory: NDArray[np.uint64], at: int, mask: NDArray[np.uint64], row: int) -> bool:
    for word in range(mask.shape[1]):
        if memory[at, word] & mask[row, word]:
            return True
    return False


@allocating
def promise_of(
    wait: int,
    start: NDArray[np.int64],
    time: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
    memory: NDArray[np.uint64],
    there: int,
    begin: int,
    groups: NDArray[np.uint64],
    at: int,
    least: int,
) -> int:
    """
    Return the most that can be gained after an option, or `WORST` when it is less than ``least``.

    A backward label that remembers a group which the route so far (row ``at`` of ``groups``) remembers as well would
    close a cycle that is not allowed.
    """
    best = WORST
    for other in range(start[there], start[there + 1]):
        if high[other] < least or high[other] <= best:
            break
        if time[other] < begin:
            continue
        value = min(high[other], low[other] + wait * begin)
        if value > best and value >= least and not _meets(memory, other, groups, at):
            best = value
    return best


@allocating
def _can_end(
    wait: int,
    start: NDArray[np.int64],
    time: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
    memory: NDArray[np.uint64],
    there: int,
    begin: int,
    groups: NDArray[np.uint64],
    least: int,
) -> bool:
    """Say whether a backward label brings a forward one (row 0 of ``groups``) at least so much."""
    for other in range(start[there], start[there + 1]):
        if high[other] < least:
            return False
        if time[other] < begin or low[other] + wait * begin < least:
            continue
        if not _meets(memory, other, groups, 0):
            return True
    return False


@allocating
def _can_begin(
    start: NDArray[np.int64],
    time: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
    memory: NDArray[np.uint64],
    there: int,
    latest: int,
    value: int,
    bent: int,
    groups: NDArray[np.uint64],
    threshold: int,
) -> bool:
    """Say whether a forward label brings a backward one (row 0 of ``groups``) to the threshold."""
    for other in range(start[there], start[there + 1]):
        if high[other] + value < threshold:
            return False
        if time[other] > latest or low[other] + bent < threshold:
            continue
        if not _meets(memory, other, groups, 0):
            return True
    return False


@allocating
def _beaten_by(
    begin: int,
    end: int,
    run_memory: NDArray[np.uint64],
    run_cell: NDArray[np.int32],
    top: NDArray[np.int64],
    top_second: NDArray[np.int64],
    head: NDArray[np.int32],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    when: NDArray[np.int64],
    after: NDArray[np.int32],
    groups: NDArray[np.uint64],
    worth: int,
    other_worth: int,
    now: int,
    slot: int,
    skip: int,
) -> int:
    """Return where in a run stands a cell with a label that makes one with memory ``groups`` superfluous, or -1."""
    for at in range(begin, end):
        cell = run_cell[at]
        if top[cell, slot] < worth:
            continue
        inside = True
        for word in range(groups.shape[1]):
            if run_memory[at, word] & ~groups[0, word]:
                inside = False
                break
        if not inside:
            continue
        # All labels of earlier slices are earlier; only within its own slice times have to be compared.
        if slot and top[cell, slot - 1] >= worth and top_second[cell, slot - 1] >= other_worth:
            return at
        for earlier in range(slot, -1, -1):
            if top[cell, earlier] < worth:
                break
            other = head[cell, earlier]
            while other >= 0 and first[other] >= worth:
                if when[other] <= now and second[other] >= other_worth and other != skip:
                    return at
                other = after[other]
    return -1


@allocating
def _enter_cell(
    label: int,
    cell: int,
    slot: int,
    top: NDArray[np.int64],
    top_second: NDArray[np.int64],
    head: NDArray[np.int32],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    when: NDArray[np.int64],
    after: NDArray[np.int32],
    dead: NDArray[np.bool_],
) -> None:
    """Put a label into its cell's order, and drop those of the cell that it makes superfluous."""
    worth, other_worth, now = first[label], second[label], when[label]
    for later in range(slot, QUEUES):
        before, other = -1, head[cell, later]
        while other >= 0 and first[other] > worth:
            before, other = other, after[other]
        if later == slot:
            if before < 0:
                head[cell, later] = label
            else:
                after[before] = label
            before = label
        while other >= 0:
            following = after[other]
            if when[other] >= now and second[other] <= other_worth:
                dead[other] = True
            else:
                if before < 0:
                    head[cell, later] = other
                else:
                    after[before] = other
                before = other
            other = following
        if before < 0:
            head[cell, later] = -1
        else:
            after[before] = -1
        if top[cell, later] < worth or (top[cell, later] == worth and top_second[cell, later] < other_worth):
            top[cell, later], top_second[cell, later] = worth, other_worth


@allocating
def label_day(
    day: PricedDay, guard: Guard, is_forward: bool, threshold: int, room: int, stop: NDArray[np.int64]
) -> Labels:
    """
    Label the day in one direction.

    Parameters
    ----------
    day
        The day under prices.
    guard
        From a complete pass of the other direction under the same prices whose ng-sets hold no more and whose threshold
        is no higher; or anything that is never too low.
    is_forward
        Whether labels grow from the day's start. Backward, ``high`` and ``low`` leave out what the label's own option
        is worth.
    threshold
        Labels that cannot be completed to it are dropped.
    room
        Most labels; beyond it the pass is cut short.
    stop
        Shape ``(1,)``: not zero, which another thread may see to, cuts the pass short.
    """
    options, words = day.own.shape
    wait = day.wait
    timed = day.clock.ticks
    clock_start, clock_departure, clock_arrival = day.clock.start, day.clock.departure, day.clock.arrival
    meter_start, meter = day.meter_start, day.meter
    meter_word, meter_shift, meter_full = day.meter_word, day.meter_shift, day.meter_full
    option = np.empty(room, np.int32)
    time = np.empty(room, np.int64)
    when = np.empty(room, np.int64)  # runs with the pass: backward, time turned round
    high = np.empty(room, np.int64)
    low = np.empty(room, np.int64)
    memory = np.empty((room, words), np.uint64)
    link = np.empty(room, np.int32)
    total = np.empty(room, np.int64)
    close = np.empty(room, np.int32)
    dead = np.zeros(room, np.bool_)
    after = np.empty(room, np.int32)  # next label in the same cell
    queue_after = np.empty(room, np.int32)
    queue_head = np.full(QUEUES, -1, np.int32)
    queue_tail = np.full(QUEUES, -1, np.int32)
    # Forward, a label is worth ``low`` to later ones, and ``high`` follows; backward both count.
    first, second = (low, high) if is_forward else (high, low)
    # The cells of an option stand in one run of a pool; a full run moves to the end, twice as long.
    run_start = np.arange(options) * 8
    run_room = np.full(options, 8)
    run_size = np.zeros(options, np.int64)
    pool = 8 * options
    run_memory = np.empty((2 * pool, words), np.uint64)
    run_cell = np.empty(2 * pool, np.int32)
    # Of each cell: its labels by slice of the day, and the most that one is worth up to there.
    cells, most_cells = 0, max(options, room // _LABELS_A_CELL)
    head = np.empty((options, QUEUES), np.int32)
    top = np.empty((options, QUEUES), np.int64)
    top_second = np.empty((options, QUEUES), np.int64)
    fresh = np.zeros((1, words), np.uint64)
    count, best, complete = 0, WORST, True
    queue, source = -1, -1
    here, now = 0, 0
    sources = day.arrival.shape[0] if is_forward else day.end_gain.shape[1]
    closings = day.end_gain.shape[1] if is_forward else day.arrival.shape[0]
    origin = 0
    # Sources are first the starts (backward the ends), one after another, then the labels in order of time.
    while True:
        if stop[0]:
            complete = False
            break
        if origin < sources:
            source = -1
        else:
            if origin == sources:
                queue, origin = 0, sources + 1
            while queue < QUEUES and queue_head[queue] < 0:
                queue += 1
            if queue == QUEUES:
                break
            source = queue_head[queue]
            queue_head[queue] = queue_after[source]
            if queue_head[queue] < 0:
                queue_tail[queue] = -1
            if dead[source]:
                continue
            here, now = option[source], time[source]
            for word in range(words):
                fresh[0, word] = memory[source, word]
            # One that came later may have made it superfluous.
            at = _beaten_by(
                run_start[here],
                run_start[here] + run_size[here],
                run_memory,
                run_cell,
                top,
                top_second,
                head,
                first,
                second,
                when,
                after,
                fresh,
                first[source],
                second[source],
                when[source],
                queue,
                source,
            )
            if at >= 0:
                dead[source] = True
                continue
            for end in range(closings):
                if is_forward:
                    if now > day.leave_by[here, end]:
                        continue
                    value = high[source] + day.end_gain[here, end]
                else:
                    begin = day.arrival[end, here]
                    if begin > now:
                        continue
                    value = day.start_gain[end, here] + min(high[source], low[source] + wait * begin)
                if value > total[source]:
                    total[source], close[source] = value, end
            best = max(best, total[source])
        for there in range(options):
            meter_begin, meter_end = meter_start[there], meter_start[there + 1]
            if is_forward:
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
                    value = high[source] + day.gain[here, there] - wait * (begin - quickest)
                bent = value + wait * begin
                slice_ = _slot(begin, day.first, day.span, SLICES)
                if guard.table[there, slice_] == WORST or value + guard.table[there, slice_] < threshold:
                    continue
                worth, other_worth, moment = bent, value, begin
            else:
                if source < 0:
                    begin = day.leave_by[there, origin]
                    if begin < day.opens[there]:
                        continue
                    value, bent = day.end_gain[there, origin], BOUNDLESS
                else:
                    leg = day.ticks[there, here]
                    begin = now - leg
                    if begin < day.opens[there] or _meets(memory, source, day.bars_back, there):
                        continue
                    if timed and day.pairs[there, here] >= 0:
                        begin = -day.stays[there] + latest_departure(
                            clock_start, clock_departure, clock_arrival, day.pairs[there, here], now
                        )
                        if begin < day.opens[there]:
                            continue
                    begin = min(begin, day.closes[there])
                    value = high[source] + day.gain[there, here]
                    bent = min(low[source], high[source] - wait * day.opens[here])
                    bent += wait * leg + day.gain[there, here]
                    if bent + wait * day.opens[there] >= value:
                        bent = BOUNDLESS  # however early one starts, waiting costs nothing more
                slice_ = _slot(begin, day.first, day.span, SLICES)
                if guard.table[there, slice_] == WORST:
                    continue
                if value + guard.table[there, slice_] < threshold or bent + guard.waiting[there, slice_] < threshold:
                    continue
                worth, other_worth, moment = value, bent, -begin
            if source >= 0 and is_full(
                memory, source, meter_begin, meter_end, meter, meter_word, meter_shift, meter_full
            ):
                continue
            for word in range(words):
                kept = memory[source, word] & day.near[there, word] if source >= 0 else np.uint64(0)
                fresh[0, word] = kept | day.own[there, word]
            count_visit(
                memory,
                source,
                fresh,
                0,
                meter_begin,
                meter_end,
                meter,
                meter_word,
                meter_shift,
                meter_full,
                is_forward,
            )
            start = run_start[there]
            slot = _slot(begin, day.first, day.span, QUEUES)
            if not is_forward:
                slot = QUEUES - 1 - slot
            at = _beaten_by(
                start,
                start + run_size[there],
                run_memory,
                run_cell,
                top,
                top_second,
                head,
                first,
                second,
                when,
                after,
                fresh,
                worth,
                other_worth,
                moment,
                slot,
                -1,
            )
            if at >= 0:
                # What beats one label beats others: it is asked sooner next time.
                sooner = start + (at - start) // 2
                run_cell[at], run_cell[sooner] = run_cell[sooner], run_cell[at]
                for word in range(words):
                    mask = run_memory[at, word]
                    run_memory[at, word] = run_memory[sooner, word]
                    run_memory[sooner, word] = mask
                continue
            if guard.joins:
                if is_forward:
                    joined = _can_end(
                        wait,
                        guard.start,
                        guard.time,
                        guard.high,
                        guard.low,
                        guard.memory,
                        there,
                        begin,
                        fresh,
                        threshold - value,
                    )
                else:
                    joined = _can_begin(
                        guard.start,
                        guard.time,
                        guard.high,
                        guard.low,
                        guard.memory,
                        there,
                        begin,
                        value,
                        bent,
                        fresh,
                        threshold,
                    )
                if not joined:
                    continue
            if count == room:
                complete = False
                break
            option[count], time[count], when[count], high[count], low[count] = there, begin, moment, value, bent
            link[count] = source if source >= 0 else -1 - origin
            total[count], close[count] = WORST, -1
            for word in range(words):
                memory[count, word] = fresh[0, word]
            cell = -1
            for at in range(start, start + run_size[there]):
                same = True
                for word in range(words):
                    if run_memory[at, word] != fresh[0, word]:
                        same = False
                        break
                if same:
                    cell = run_cell[at]
                    break
            if cell < 0:
                if cells == most_cells:
                    complete = False
                    break
                if run_size[there] == run_room[there]:
                    if pool + 2 * run_room[there] > run_cell.size:
                        spare = run_cell.size + 2 * run_room[there]
                        run_memory = np.concatenate((run_memory, np.empty((spare, words), np.uint64)))
                        run_cell = np.concatenate((run_cell, np.empty(spare, np.int32)))
                    for place in range(run_size[there]):
                        run_memory[pool + place] = run_memory[start + place]
                        run_cell[pool + place] = run_cell[start + place]
                    run_start[there], run_room[there] = pool, 2 * run_room[there]
                    pool += run_room[there]
                if cells == head.shape[0]:
                    head = np.concatenate((head, np.empty_like(head)))
                    top = np.concatenate((top, np.empty_like(top)))
                    top_second = np.concatenate((top_second, np.empty_like(top_second)))
                cell, at = cells, run_start[there] + run_size[there]
                cells += 1
                run_size[there] += 1
                run_cell[at] = cell
                for word in range(words):
                    run_memory[at, word] = fresh[0, word]
                for each in range(QUEUES):
                    head[cell, each], top[cell, each], top_second[cell, each] = -1, WORST, WORST
            _enter_cell(count, cell, slot, top, top_second, head, first, second, when, after, dead)
            queue_after[count] = -1
            if queue_tail[slot] < 0:
                queue_head[slot] = count
            else:
                queue_after[queue_tail[slot]] = count
            queue_tail[slot] = count
            count += 1
        if not complete:
            break
        if origin < sources:
            origin += 1
    return Labels(
        option[:count],
        time[:count],
        high[:count],
        low[:count],
        memory[:count],
        link[:count],
        total[:count],
        close[:count],
        dead[:count],
        complete,
        best,
    )


@allocating
def tabulate_reach(day: PricedDay, labels: Labels) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the tables that guard a backward pass, from a complete forward one."""
    options = day.own.shape[0]
    reach = np.full((options, SLICES), WORST, np.int64)
    waiting = np.full((options, SLICES), WORST, np.int64)
    for label in range(labels.option.size):
        if labels.dead[label]:
            continue
        here = labels.option[label]
        slot = _slot(labels.time[label], day.first, day.span, SLICES)
        reach[here, slot] = max(reach[here, slot], labels.high[label])
        waiting[here, slot] = max(waiting[here, slot], labels.low[label])
    for here in range(options):
        for slot in range(1, SLICES):
            reach[here, slot] = max(reach[here, slot], reach[here, slot - 1])
            waiting[here, slot] = max(waiting[here, slot], waiting[here, slot - 1])
    return reach, waiting


@allocating
def tabulate_rest(day: PricedDay, labels: Labels) -> NDArray[np.int64]:
    """Return the table that guards a forward pass, from a complete backward one."""
    options = day.own.shape[0]
    rest = np.full((options, SLICES), WORST, np.int64)
    for label in range(labels.option.size):
        if labels.dead[label]:
            continue
        here, latest = labels.option[label], labels.time[label]
        last = _slot(latest, day.first, day.span, SLICES)
        if day.wait == 0:
            rest[here, last] = max(rest[here, last], min(labels.high[label], labels.low[label]))
            continue
        for slot in range(last + 1):
            # The last tick of the slice: the later the start, the less is waited for.
            tick = min(latest, day.first + ((slot + 1) * day.span + SLICES - 1) // SLICES)
            if slot == last:
                tick = latest
            value = min(labels.high[label], labels.low[label] + day.wait * tick)
            rest[here, slot] = max(rest[here, slot], value)
    if day.wait == 0:
        for here in range(options):
            for slot in range(SLICES - 2, -1, -1):
                rest[here, slot] = max(rest[here, slot], rest[here, slot + 1])
    return rest
