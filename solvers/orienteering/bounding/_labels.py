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
service t up to its latest: min(high, low + wait x t), which prices waiting exactly.

Each direction can be pruned by the other's tables: what cannot be completed to the threshold is dropped. A pass that
is not cut short therefore finds the best route of the relaxation, or proves that none reaches the threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST: Final = -(2**61)
"""Value of what cannot be."""

BOUNDLESS: Final = 2**60
"""A value above all others, with room for sums."""

QUEUES: Final = 48
"""Slices of the day in which labels are processed and compared."""

SLICES: Final = 240
"""Slices of the day in the tables of completion values."""


class PricedDay(NamedTuple):
    """Hold a day under prices: K options, S starts, E ends, W words of 64 groups each; see `DayKind`."""

    opens: NDArray[np.int64]  # (K,)
    closes: NDArray[np.int64]  # (K,)
    ticks: NDArray[np.int64]  # (K, K)
    gain: NDArray[np.int64]  # (K, K): arc and the option it leads to
    arrival: NDArray[np.int64]  # (S, K)
    start_gain: NDArray[np.int64]  # (S, K): arc and option
    leave_by: NDArray[np.int64]  # (K, E)
    end_gain: NDArray[np.int64]  # (K, E)
    own: NDArray[np.uint64]  # (K, W): the option's group
    near: NDArray[np.uint64]  # (K, W): the ng-set
    bars: NDArray[np.uint64]  # (K, W): groups that may not come before
    bars_back: NDArray[np.uint64]  # (K, W): groups that may not come after
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


@njit(cache=True, nogil=True, inline="always")
def _slot(tick: int, first: int, span: int, parts: int) -> int:
    slot = (tick - first) * parts // span
    return 0 if slot < 0 else parts - 1 if slot >= parts else slot


@njit(cache=True, nogil=True, inline="always")
def _meets(memory: NDArray[np.uint64], at: int, mask: NDArray[np.uint64], row: int) -> bool:
    for word in range(mask.shape[1]):
        if memory[at, word] & mask[row, word]:
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _within(inner: NDArray[np.uint64], at: int, outer: NDArray[np.uint64], other: int) -> bool:
    for word in range(inner.shape[1]):
        if inner[at, word] & ~outer[other, word]:
            return False
    return True


class Completions(NamedTuple):
    """Hold backward labels by option, those of the highest value first; see `Labels`."""

    start: NDArray[np.int64]  # (K + 1,)
    time: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    memory: NDArray[np.uint64]  # without the label's own group
    rest: NDArray[np.int64]  # (K, SLICES): most that can be gained after a start in a slice of the day
    joins: bool  # whether there are labels; else only the table prunes


@njit(cache=True, nogil=True)
def promise_of(
    day: PricedDay,
    completions: Completions,
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
    words = groups.shape[1]
    for other in range(completions.start[there], completions.start[there + 1]):
        if completions.high[other] < least or completions.high[other] <= best:
            break
        if completions.time[other] < begin:
            continue
        value = min(completions.high[other], completions.low[other] + day.wait * begin)
        if value <= best or value < least:
            continue
        apart = True
        for word in range(words):
            if completions.memory[other, word] & groups[at, word]:
                apart = False
                break
        if apart:
            best = value
    return best


@njit(cache=True, nogil=True)
def _can_end(
    day: PricedDay,
    completions: Completions,
    there: int,
    begin: int,
    groups: NDArray[np.uint64],
    least: int,
) -> bool:
    """Say whether a backward label brings a forward one (row 0 of ``groups``) at least so much."""
    for other in range(completions.start[there], completions.start[there + 1]):
        if completions.high[other] < least:
            return False
        if completions.time[other] < begin or completions.low[other] + day.wait * begin < least:
            continue
        if _joins(completions, other, groups):
            return True
    return False


@njit(cache=True, nogil=True)
def _can_begin(
    day: PricedDay,
    approaches: Completions,
    there: int,
    latest: int,
    value: int,
    bent: int,
    groups: NDArray[np.uint64],
    threshold: int,
) -> bool:
    """Say whether a forward label brings a backward one (row 0 of ``groups``) to the threshold."""
    for other in range(approaches.start[there], approaches.start[there + 1]):
        if approaches.high[other] + value < threshold:
            return False
        if approaches.time[other] > latest or approaches.low[other] + bent < threshold:
            continue
        if _joins(approaches, other, groups):
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _joins(others: Completions, other: int, groups: NDArray[np.uint64]) -> bool:
    for word in range(groups.shape[1]):
        if others.memory[other, word] & groups[0, word]:
            return False
    return True


@njit(cache=True, nogil=True)
def forward(
    day: PricedDay, completions: Completions, threshold: int, few: int, room: int, stop: NDArray[np.int64]
) -> Labels:
    """
    Label the day forward.

    Parameters
    ----------
    day
        The day under prices.
    completions
        What can be gained after an option, from a complete backward pass under the same prices whose ng-sets hold no
        more and whose threshold is no higher; or anything that is never too low.
    threshold
        Labels that cannot be completed to it are dropped.
    few
        Labels kept at one option in one of the `QUEUES`: quick, finds good routes, proves nothing. 0 keeps all.
    room
        Most labels; beyond it the pass is cut short.
    stop
        Shape ``(1,)``: not zero, which another thread may see to, cuts the pass short.
    """
    options, words = day.own.shape
    option = np.empty(room, np.int32)
    time = np.empty(room, np.int64)
    high = np.empty(room, np.int64)
    low = np.empty(room, np.int64)
    memory = np.empty((room, words), np.uint64)
    link = np.empty(room, np.int32)
    total = np.empty(room, np.int64)
    close = np.empty(room, np.int32)
    dead = np.zeros(room, np.bool_)
    after = np.empty(room, np.int32)  # next label in the same slice of the same option
    queue_after = np.empty(room, np.int32)
    head = np.full((options, QUEUES), -1, np.int32)
    most = np.full((options, QUEUES), WORST, np.int64)
    queue_head = np.full(QUEUES, -1, np.int32)
    queue_tail = np.full(QUEUES, -1, np.int32)
    fresh = np.zeros((1, words), np.uint64)
    count, best, complete = 0, WORST, True
    queue, source = -1, -1
    starts, ends = day.arrival.shape[0], day.end_gain.shape[1]
    origin = 0
    # Sources are first the starts, one after another, then the labels in order of time.
    while True:
        if stop[0]:
            complete = False
            break
        if origin < starts:
            source = -1
        else:
            if origin == starts:
                queue, origin = 0, starts + 1
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
            for end in range(ends):
                if now <= day.leave_by[here, end]:
                    value = high[source] + day.end_gain[here, end]
                    if value > total[source]:
                        total[source], close[source] = value, end
            if total[source] > best:
                best = total[source]
        for there in range(options):
            if source < 0:
                begin = day.arrival[origin, there]
                if begin > day.closes[there]:
                    continue
                value = day.start_gain[origin, there]
            else:
                reached = now + day.ticks[here, there]
                if reached > day.closes[there]:
                    continue
                if _meets(memory, source, day.bars, there):
                    continue
                begin = max(reached, day.opens[there])
                value = high[source] + day.gain[here, there] - day.wait * (begin - reached)
            promise = completions.rest[there, _slot(begin, day.first, day.span, SLICES)]
            if promise == WORST or value + promise < threshold:
                continue
            worth = value + day.wait * begin
            for word in range(words):
                kept = memory[source, word] & day.near[there, word] if source >= 0 else np.uint64(0)
                fresh[0, word] = kept | day.own[there, word]
            slot = _slot(begin, day.first, day.span, QUEUES)
            beaten = False
            for earlier in range(slot + 1):
                if most[there, earlier] < worth:
                    continue
                other = head[there, earlier]
                while other >= 0:
                    if low[other] >= worth and time[other] <= begin and _within(memory, other, fresh, 0):
                        beaten = True
                        break
                    other = after[other]
                if beaten:
                    break
            if beaten:
                continue
            if completions.joins:
                least = threshold - value
                if not _can_end(day, completions, there, begin, fresh, least):
                    continue
            for later in range(slot, QUEUES):
                other, before = head[there, later], -1
                while other >= 0:
                    following = after[other]
                    if low[other] <= worth and time[other] >= begin and _within(fresh, 0, memory, other):
                        dead[other] = True
                        if before < 0:
                            head[there, later] = following
                        else:
                            after[before] = following
                    else:
                        before = other
                    other = following
            if few > 0:
                here_already, worst, before_worst, before = 0, -1, -1, -1
                other = head[there, slot]
                while other >= 0:
                    here_already += 1
                    if worst < 0 or low[other] < low[worst]:
                        worst, before_worst = other, before
                    before = other
                    other = after[other]
                if here_already >= few:
                    if low[worst] >= worth:
                        continue
                    dead[worst] = True
                    if before_worst < 0:
                        head[there, slot] = after[worst]
                    else:
                        after[before_worst] = after[worst]
            if count == room:
                complete = False
                break
            option[count], time[count], high[count], low[count] = there, begin, value, worth
            link[count] = source if source >= 0 else -1 - origin
            total[count], close[count] = WORST, -1
            for word in range(words):
                memory[count, word] = fresh[0, word]
            after[count] = head[there, slot]
            head[there, slot] = count
            most[there, slot] = max(most[there, slot], worth)
            queue_after[count] = -1
            if queue_tail[slot] < 0:
                queue_head[slot] = count
            else:
                queue_after[queue_tail[slot]] = count
            queue_tail[slot] = count
            count += 1
        if not complete:
            break
        if origin < starts:
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


@njit(cache=True, nogil=True)
def backward(
    day: PricedDay,
    reach: NDArray[np.int64],
    reach_waiting: NDArray[np.int64],
    approaches: Completions,
    threshold: int,
    room: int,
    stop: NDArray[np.int64],
) -> Labels:
    """
    Label the day backward; ``high`` and ``low`` leave out what the label's own option is worth.

    Parameters
    ----------
    day
        The day under prices.
    reach, reach_waiting
        Shape ``(K, SLICES)``: most that a route is worth, the option included, that starts it in a slice of the day or
        before; the second with ``wait`` x start of service added.
    approaches
        The labels of the forward pass that the tables come from.
    threshold, room, stop
        As in `forward`.
    """
    options, words = day.own.shape
    option = np.empty(room, np.int32)
    time = np.empty(room, np.int64)
    high = np.empty(room, np.int64)
    low = np.empty(room, np.int64)
    memory = np.empty((room, words), np.uint64)
    link = np.empty(room, np.int32)
    total = np.empty(room, np.int64)
    close = np.empty(room, np.int32)
    dead = np.zeros(room, np.bool_)
    after = np.empty(room, np.int32)
    queue_after = np.empty(room, np.int32)
    head = np.full((options, QUEUES), -1, np.int32)
    most = np.full((options, QUEUES), WORST, np.int64)
    queue_head = np.full(QUEUES, -1, np.int32)
    queue_tail = np.full(QUEUES, -1, np.int32)
    fresh = np.zeros((1, words), np.uint64)
    count, best, complete = 0, WORST, True
    queue, source = -1, -1
    starts, ends = day.arrival.shape[0], day.end_gain.shape[1]
    origin = 0
    while True:
        if stop[0]:
            complete = False
            break
        if origin < ends:
            source = -1
        else:
            if origin == ends:
                queue, origin = QUEUES - 1, ends + 1
            while queue >= 0 and queue_head[queue] < 0:
                queue -= 1
            if queue < 0:
                break
            source = queue_head[queue]
            queue_head[queue] = queue_after[source]
            if queue_head[queue] < 0:
                queue_tail[queue] = -1
            if dead[source]:
                continue
            here, now = option[source], time[source]
            for start in range(starts):
                begin = day.arrival[start, here]
                if begin <= now:
                    value = day.start_gain[start, here] + min(high[source], low[source] + day.wait * begin)
                    if value > total[source]:
                        total[source], close[source] = value, start
            if total[source] > best:
                best = total[source]
        for there in range(options):
            if source < 0:
                begin = day.leave_by[there, origin]
                if begin < day.opens[there]:
                    continue
                value, bent = day.end_gain[there, origin], BOUNDLESS
            else:
                if day.opens[there] + day.ticks[there, here] > now:
                    continue
                if _meets(memory, source, day.bars_back, there):
                    continue
                leg = day.ticks[there, here]
                begin = min(now - leg, day.closes[there])
                value = high[source] + day.gain[there, here]
                bent = min(low[source], high[source] - day.wait * day.opens[here])
                bent += day.wait * leg + day.gain[there, here]
                if bent + day.wait * day.opens[there] >= value:
                    bent = BOUNDLESS  # however early one starts, waiting costs nothing more
            slice_ = _slot(begin, day.first, day.span, SLICES)
            if reach[there, slice_] == WORST:
                continue
            if value + reach[there, slice_] < threshold or bent + reach_waiting[there, slice_] < threshold:
                continue
            for word in range(words):
                kept = memory[source, word] & day.near[there, word] if source >= 0 else np.uint64(0)
                fresh[0, word] = kept | day.own[there, word]
            slot = _slot(begin, day.first, day.span, QUEUES)
            beaten = False
            for later in range(slot, QUEUES):
                if most[there, later] < value:
                    continue
                other = head[there, later]
                while other >= 0:
                    if (
                        high[other] >= value
                        and low[other] >= bent
                        and time[other] >= begin
                        and _within(memory, other, fresh, 0)
                    ):
                        beaten = True
                        break
                    other = after[other]
                if beaten:
                    break
            if beaten:
                continue
            if approaches.joins and not _can_begin(day, approaches, there, begin, value, bent, fresh, threshold):
                continue
            for earlier in range(slot + 1):
                other, before = head[there, earlier], -1
                while other >= 0:
                    following = after[other]
                    if (
                        high[other] <= value
                        and low[other] <= bent
                        and time[other] <= begin
                        and _within(fresh, 0, memory, other)
                    ):
                        dead[other] = True
                        if before < 0:
                            head[there, earlier] = following
                        else:
                            after[before] = following
                    else:
                        before = other
                    other = following
            if count == room:
                complete = False
                break
            option[count], time[count], high[count], low[count] = there, begin, value, bent
            link[count] = source if source >= 0 else -1 - origin
            total[count], close[count] = WORST, -1
            for word in range(words):
                memory[count, word] = fresh[0, word]
            after[count] = head[there, slot]
            head[there, slot] = count
            most[there, slot] = max(most[there, slot], value)
            queue_after[count] = -1
            if queue_tail[slot] < 0:
                queue_head[slot] = count
            else:
                queue_after[queue_tail[slot]] = count
            queue_tail[slot] = count
            count += 1
        if not complete:
            break
        if origin < ends:
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


@njit(cache=True, nogil=True)
def tabulate_reach(day: PricedDay, labels: Labels) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the tables that prune `backward`, from a complete forward pass."""
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


@njit(cache=True, nogil=True)
def tabulate_rest(day: PricedDay, labels: Labels) -> NDArray[np.int64]:
    """Return the table that prunes `forward`, from a complete backward pass."""
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
