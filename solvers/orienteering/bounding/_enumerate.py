# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.

"""
Listing all day-routes that could still matter, the most promising first, in compiled code.

A label is a partial route that visits no group twice. Its promise is its value under prices and the best backward
label that shares no group with it: never less than what any completion reaches. Labels are opened in order of promise,
so that whenever the search stops, no route that is not listed is worth more than the promise of the next label. Of two
partial routes with the same visits, start and last visit, the one that is no later, worth no less and uses no more
stands for both. Prices pay for every visit that helps a combination or a lower count; here, where all visits are known,
those beyond what the combination or count needs are not paid for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.compiling import allocating, inlined
from solvers.orienteering._arrivals import arrive
from solvers.orienteering.bounding._labels import SLICES, WORST, _meets, _slot, promise_of
from solvers.orienteering.bounding._meters import count_visit, is_full

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.bounding._labels import Guard, PricedDay

# Counters of a listing.
LABELS, HEAP, DONE, IS_FULL, PROMISE = range(5)


class PlainDay(NamedTuple):
    """Hold what a day is worth before prices, and its own hard limits; K options, R resources, Q rules, V words."""

    gain: NDArray[np.int64]  # (K, K)
    start_gain: NDArray[np.int64]  # (S, K)
    wait: int
    travel: int
    haste: int  # see `DayKind`
    bit: NDArray[np.uint64]  # (K, V): the option itself
    rules: NDArray[np.uint64]  # (Q, V): members of upper counts of this day
    upper: NDArray[np.int64]  # (Q,)
    cap_start: NDArray[np.int64]  # (K + 1,): rows of ``cap`` that the option counts in
    cap_row: NDArray[np.int64]
    cap_members: NDArray[np.uint64]  # (C, V)
    cap: NDArray[np.int64]  # (C,): visits beyond it earn nothing more
    cap_prize: NDArray[np.int64]  # (C,): what each visit earns under prices
    use: NDArray[np.int64]  # (R, K)
    arc_use: NDArray[np.int64]  # (R, K, K)
    start_use: NDArray[np.int64]  # (R, S, K)
    capacity: NDArray[np.int64]  # (R,)


class Listing(NamedTuple):
    """Hold the labels opened or waiting, the heap of those waiting, and the complete routes."""

    option: NDArray[np.int32]
    link: NDArray[np.int32]
    start: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.int64]
    plain: NDArray[np.int64]
    promise: NDArray[np.int64]
    groups: NDArray[np.uint64]
    visits: NDArray[np.uint64]
    used: NDArray[np.int64]
    dead: NDArray[np.bool_]
    chain: NDArray[np.int32]
    buckets: NDArray[np.int32]
    heap: NDArray[np.int32]
    done_label: NDArray[np.int32]
    done_end: NDArray[np.int32]
    done_value: NDArray[np.int64]
    counters: NDArray[np.int64]


def empty_listing(words: int, visit_words: int, resources: int, room: int) -> Listing:
    """Return arrays for so many labels, and as many complete routes."""
    buckets = 1 << max(10, (room - 1).bit_length())
    return Listing(
        option=np.empty(room, np.int32),
        link=np.empty(room, np.int32),
        start=np.empty(room, np.int32),
        time=np.empty(room, np.int64),
        value=np.empty(room, np.int64),
        plain=np.empty(room, np.int64),
        promise=np.empty(room, np.int64),
        groups=np.empty((room, words), np.uint64),
        visits=np.empty((room, visit_words), np.uint64),
        used=np.empty((room, resources), np.int64),
        dead=np.zeros(room, np.bool_),
        chain=np.empty(room, np.int32),
        buckets=np.full(buckets, -1, np.int32),
        heap=np.empty(room, np.int32),
        done_label=np.empty(room, np.int32),
        done_end=np.empty(room, np.int32),
        done_value=np.empty(room, np.int64),
        counters=np.zeros(5, np.int64),
    )


@inlined
def _ones(word: int) -> int:
    word = np.uint64(word)
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@allocating
def _push(listing: Listing, label: int) -> None:
    heap, promise = listing.heap, listing.promise
    at = listing.counters[HEAP]
    listing.counters[HEAP] += 1
    while at > 0:
        parent = (at - 1) // 2
        if promise[heap[parent]] >= promise[label]:
            break
        heap[at] = heap[parent]
        at = parent
    heap[at] = label


@allocating
def _pop(listing: Listing) -> int:
    heap, promise = listing.heap, listing.promise
    top = heap[0]
    listing.counters[HEAP] -= 1
    size = listing.counters[HEAP]
    if size:
        label = heap[size]
        at = 0
        while True:
            child = 2 * at + 1
            if child >= size:
                break
            if child + 1 < size and promise[heap[child + 1]] > promise[heap[child]]:
                child += 1
            if promise[heap[child]] <= promise[label]:
                break
            heap[at] = heap[child]
            at = child
        heap[at] = label
    return top


@allocating
def _hash(visits: NDArray[np.uint64], at: int, option: int, start: int, size: int) -> int:
    key = np.uint64(option * 1_000_003 + start * 7_919 + 1)
    for word in range(visits.shape[1]):
        key = (key ^ visits[at, word]) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return np.int64(key & np.uint64(size - 1))


@allocating
def list_routes(day: PricedDay, plain: PlainDay, guard: Guard, listing: Listing, threshold: int, opened: int) -> int:
    """
    Open labels until none promises the threshold, so many are opened, or the room is full.

    Parameters
    ----------
    day, plain
        The day under prices and without.
    guard
        From a complete backward pass with a threshold no higher than this one.
    listing
        Changed in place; empty for a new search, or as an earlier call with the same day left it.
    threshold
        Routes worth less under prices are left out; it may rise from call to call.
    opened
        Most labels to open in this call.

    Returns
    -------
    promise
        No route that is not listed is worth more than this; `WORST` when all that reach the threshold are listed.
    """
    options = day.own.shape[0]
    words, visit_words = day.own.shape[1], plain.bit.shape[1]
    resources = plain.capacity.size
    room = listing.option.size
    counters = listing.counters
    ends = day.end_gain.shape[1]
    timed = day.clock.ticks
    clock_start, clock_departure, clock_arrival = day.clock.start, day.clock.departure, day.clock.arrival
    meter_start, meter = day.meter_start, day.meter
    meter_word, meter_shift, meter_full = day.meter_word, day.meter_shift, day.meter_full
    if counters[IS_FULL]:
        return counters[PROMISE]
    sources = day.arrival.shape[0] if counters[LABELS] == 0 else 0
    origin, steps = 0, 0
    unlisted = WORST
    while True:
        source = -1
        if origin >= sources:
            if steps >= opened or counters[HEAP] == 0 or listing.promise[listing.heap[0]] < threshold:
                break
            source = _pop(listing)
            if listing.dead[source]:
                continue
            steps += 1
            here, now = listing.option[source], listing.time[source]
        for there in range(options):
            if source < 0:
                begin = day.arrival[origin, there]
                if begin > day.closes[there]:
                    continue
                value = day.start_gain[origin, there]
                worth = plain.start_gain[origin, there]
            else:
                quickest = now + day.ticks[here, there]
                if quickest > day.closes[there] or _meets(listing.groups, source, day.bars, there):
                    continue
                reached = quickest
                if timed and day.pairs[here, there] >= 0:
                    reached = arrive(
                        clock_start, clock_departure, clock_arrival, day.pairs[here, there], now + day.stays[here]
                    )
                    if reached > day.closes[there]:
                        continue
                begin = max(reached, day.opens[there])
                value = listing.value[source] + day.gain[here, there] - day.wait * (begin - quickest)
                for at in range(plain.cap_start[there], plain.cap_start[there + 1]):
                    row = plain.cap_row[at]
                    taken = 0
                    for word in range(visit_words):
                        taken += _ones(plain.cap_members[row, word] & listing.visits[source, word])
                    if taken >= plain.cap[row]:
                        value -= plain.cap_prize[row]
                worth = listing.plain[source] + plain.gain[here, there] - plain.wait * (begin - reached)
                worth -= plain.travel * (reached - quickest)
            rest = guard.table[there, _slot(begin, day.first, day.span, SLICES)]
            if rest == WORST or value + rest < threshold:
                continue
            label = counters[LABELS]
            if label >= room or counters[DONE] + ends > room:
                # What is not stored still counts towards the bound.
                top = value + rest
                if source >= 0:
                    top = min(listing.promise[source], top)
                unlisted = max(unlisted, top)
                continue
            meter_begin, meter_end = meter_start[there], meter_start[there + 1]
            if source >= 0 and is_full(
                listing.groups, source, meter_begin, meter_end, meter, meter_word, meter_shift, meter_full
            ):
                continue
            for word in range(words):
                kept = listing.groups[source, word] if source >= 0 else np.uint64(0)
                listing.groups[label, word] = kept | day.own[there, word]
            count_visit(
                listing.groups,
                source,
                listing.groups,
                label,
                meter_begin,
                meter_end,
                meter,
                meter_word,
                meter_shift,
                meter_full,
                True,
            )
            for word in range(visit_words):
                kept = listing.visits[source, word] if source >= 0 else np.uint64(0)
                listing.visits[label, word] = kept | plain.bit[there, word]
            allowed = True
            for rule in range(plain.upper.size):
                member = False
                for word in range(visit_words):
                    if plain.rules[rule, word] & plain.bit[there, word]:
                        member = True
                if member:
                    taken = 0
                    for word in range(visit_words):
                        taken += _ones(plain.rules[rule, word] & listing.visits[label, word])
                    if taken > plain.upper[rule]:
                        allowed = False
                        break
            if not allowed:
                continue
            for resource in range(resources):
                use = plain.use[resource, there]
                if source < 0:
                    use += plain.start_use[resource, origin, there]
                else:
                    use += listing.used[source, resource] + plain.arc_use[resource, here, there]
                listing.used[label, resource] = use
                if use > plain.capacity[resource]:
                    allowed = False
            if not allowed:
                continue
            rest = promise_of(
                day.wait,
                guard.start,
                guard.time,
                guard.high,
                guard.low,
                guard.memory,
                there,
                begin,
                listing.groups,
                label,
                threshold - value,
            )
            if rest == WORST:
                continue
            start = listing.start[source] if source >= 0 else origin
            # A completion promises no more than the label that it grew from.
            promise = value + rest
            if source >= 0:
                promise = min(promise, listing.promise[source])
            bucket = _hash(listing.visits, label, there, start, listing.buckets.size)
            standing = worth + plain.haste * begin
            beaten = False
            other = listing.buckets[bucket]
            while other >= 0:
                if listing.option[other] == there and listing.start[other] == start and not listing.dead[other]:
                    same = True
                    for word in range(visit_words):
                        if listing.visits[other, word] != listing.visits[label, word]:
                            same = False
                            break
                    if same:
                        # Which of the two is better in everything that the rest of the route can depend on?
                        other_standing = listing.plain[other] + plain.haste * listing.time[other]
                        better = listing.time[other] <= begin and other_standing >= standing
                        worse = listing.time[other] >= begin and other_standing <= standing
                        for resource in range(resources):
                            if listing.used[other, resource] > listing.used[label, resource]:
                                better = False
                            if listing.used[other, resource] < listing.used[label, resource]:
                                worse = False
                        if better:
                            beaten = True
                            break
                        if worse:
                            listing.dead[other] = True
                other = listing.chain[other]
            if beaten:
                continue
            listing.option[label], listing.link[label], listing.start[label] = there, source, start
            listing.time[label], listing.value[label], listing.plain[label] = begin, value, worth
            listing.promise[label], listing.dead[label] = promise, False
            listing.chain[label] = listing.buckets[bucket]
            listing.buckets[bucket] = label
            counters[LABELS] += 1
            for end in range(ends):
                if begin <= day.leave_by[there, end]:
                    total = value + day.end_gain[there, end]
                    if total >= threshold:
                        done = counters[DONE]
                        listing.done_label[done], listing.done_end[done] = label, end
                        listing.done_value[done] = total
                        counters[DONE] += 1
            _push(listing, label)
        if unlisted > WORST and source >= 0:
            break
        if origin < sources:
            origin += 1
    top = unlisted
    if counters[HEAP]:
        top = max(top, listing.promise[listing.heap[0]])
    if top < threshold:
        top = WORST
    if unlisted > WORST:
        counters[IS_FULL], counters[PROMISE] = 1, top
    return top
