"""All routes of a kind of day that reach a value under prices, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from solvers.orienteering.bounding import _enumerate, _labels
from solvers.orienteering.bounding._clock import reached_at
from solvers.orienteering.bounding._close import JudgedRoutes
from solvers.orienteering.bounding._guards import guard_forward
from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.bounding._labels import PricedDay
    from solvers.orienteering.bounding._meters import Meters
    from solvers.orienteering.problem import TripProblem

LISTING_ROOM: Final = 1_000_000
"""Most labels of a listing."""

_OPENED: Final = 10_000
"""Labels opened between two looks at the clock."""

_OPENED_A_LOOK: Final = 1_000
"""Labels opened between two looks at the best route so far."""

_EMPTY: Final = -1


@dataclass(frozen=True, slots=True)
class ListedRoutes:
    """
    Hold the routes found.

    Parameters
    ----------
    routes
        Those worth the threshold: of several with the same visits, start and end only the best, unless they use
        resources differently.
    promise
        No other route is worth more than this under the prices; `WORST` when none reaches the threshold.
    best
        Highest value under the prices of those with visits; `WORST` when there are none.
    labels
        The arrays that the routes are traced in; None when all are empty.
    """

    routes: JudgedRoutes
    promise: int
    best: int
    labels: _enumerate.Listing | None

    def visits(self, row: int, routes: JudgedRoutes) -> tuple[int, ...]:
        """Return the visits of a route in order; ``routes`` may be a pick of those listed."""
        return () if self.labels is None else _traced(self.labels, int(routes.source[row]))


def list_day(
    problem: TripProblem,
    index: int,
    kind: DayKind,
    day: PricedDay,
    capped: Sequence[tuple[NDArray[np.int64], int, int]],
    back: _labels.Labels | None,
    meters: Meters,
    threshold: int,
    *,
    room: int,
    is_over: Callable[[], bool],
) -> ListedRoutes:
    """
    List the routes of a kind of day worth the threshold under prices.

    Parameters
    ----------
    problem, index, kind
        The problem, and which kind of day.
    day
        The day under prices.
    capped
        Ranks of options, visits that count at most, and what each is paid on the grid of prices.
    back
        A complete backward pass with a threshold no higher; None for a day without options.
    meters
        The upper counts that its memories hold.
    threshold
        On the grid of prices.
    room
        Most partial routes kept.
    is_over
        Asked now and then whether to stop.
    """
    listing, promise, done = None, _labels.WORST, 0
    if back is not None:
        plain = plain_day(problem, kind, capped)
        listing = _enumerate.empty_listing(day.own.shape[1], plain.bit.shape[1], plain.capacity.size, room)
        guard = guard_forward(day, back, meters)
        while True:
            promise = int(_enumerate.list_routes(day, plain, guard, listing, threshold, _OPENED))
            if promise == _labels.WORST or listing.counters[_enumerate.IS_FULL] or is_over():
                break
        done = int(listing.counters[_enumerate.DONE])
    visits, start, end, value, use, source = _empty_routes(problem, kind)
    if listing is not None and done:
        more = _visited(problem, kind, listing, done)
        visits, start, end, value, use, source = (
            np.concatenate(pair) for pair in zip((visits, start, end, value, use, source), more, strict=True)
        )
    best = int(listing.done_value[:done].max()) if listing is not None and done else _labels.WORST
    return ListedRoutes(JudgedRoutes(index, visits, start, end, value, use, source), promise, best, listing)


@dataclass(frozen=True, slots=True)
class BestRoutes:
    """
    Hold the best routes of a day under prices.

    Parameters
    ----------
    limit
        No route is worth more; at least the value that had to be beaten.
    finished
        Whether the limit is attained, or nothing beats the value that had to be beaten.
    routes
        (start, end, visits), the best first.
    """

    limit: int
    finished: bool
    routes: list[tuple[int, int, tuple[int, ...]]]


def best_of_day(
    problem: TripProblem,
    kind: DayKind,
    day: PricedDay,
    capped: Sequence[tuple[NDArray[np.int64], int, int]],
    back: _labels.Labels,
    meters: Meters,
    beat: int,
    *,
    most: int,
    room: int,
    is_over: Callable[[], bool],
) -> BestRoutes:
    """
    Find the best routes of a day that visit no group twice, keep upper counts, and are paid for no visit in excess.

    Parameters
    ----------
    problem, kind, day, capped, room, is_over
        As in `list_day`.
    back
        A complete backward pass with a threshold no higher than ``beat + 1``.
    meters
        The upper counts that its memories hold.
    beat
        Only routes worth more are of interest.
    most
        Routes returned at most.
    """
    plain = plain_day(problem, kind, capped)
    listing = _enumerate.empty_listing(day.own.shape[1], plain.bit.shape[1], plain.capacity.size, room)
    guard = guard_forward(day, back, meters)
    threshold = beat + 1
    while True:
        promise = int(_enumerate.list_routes(day, plain, guard, listing, threshold, _OPENED_A_LOOK))
        done = int(listing.counters[_enumerate.DONE])
        if done:
            threshold = max(threshold, int(listing.done_value[:done].max()))
        if promise <= threshold or listing.counters[_enumerate.IS_FULL] or is_over():
            break
    found = threshold if done else beat
    order = np.argsort(-listing.done_value[:done], kind="stable")[:most]
    routes = [
        (
            int(listing.start[listing.done_label[row]]),
            int(listing.done_end[row]),
            _traced(listing, int(listing.done_label[row])),
        )
        for row in order.tolist()
    ]
    return BestRoutes(max(found, promise), promise <= found, routes)


def _traced(listing: _enumerate.Listing, label: int) -> tuple[int, ...]:
    visits = []
    while label >= 0:
        visits.append(int(listing.option[label]))
        label = int(listing.link[label])
    return tuple(reversed(visits))


def _empty_routes(problem: TripProblem, kind: DayKind) -> tuple[NDArray[Any], ...]:
    start, end = np.nonzero(kind.can_be_empty)
    return (
        np.zeros((start.size, kind.options.size), np.bool_),
        start.astype(np.int64),
        end.astype(np.int64),
        kind.empty_value[start, end],
        leg_use(problem, kind.start_node, kind.end_node)[:, start, end].T,
        np.full(start.size, _EMPTY, np.int64),
    )


def _visited(problem: TripProblem, kind: DayKind, listing: _enumerate.Listing, done: int) -> tuple[NDArray[Any], ...]:
    labels, end = listing.done_label[:done].astype(np.int64), listing.done_end[:done].astype(np.int64)
    last, start = listing.option[labels], listing.start[labels].astype(np.int64)
    value = listing.plain[labels] + kind.end_value[last, end]
    if kind.clock.ticks:
        departure = listing.time[labels] + kind.stays[last]
        reached = reached_at(kind.clock, kind.end_pairs[last, end][:, None], departure[:, None])[:, 0]
        value -= problem.weights.travel * (reached - departure - kind.homeward[last, end])
    homeward = leg_use(problem, problem.option_node[kind.options], kind.end_node)
    use = listing.used[labels] + homeward[:, last, end].T
    keep = np.arange(done)
    if not problem.resources.arc_use.any():
        keep = _best_of_same(np.column_stack([listing.visits[labels].view(np.int64), start, end]), value)
    ranks = np.arange(kind.options.size)
    words = listing.visits[labels[keep]][:, ranks // 64]
    visits = (words >> (ranks % 64).astype(np.uint64)[None, :]) & np.uint64(1) > 0
    return visits, start[keep], end[keep], value[keep], use[keep], labels[keep]


def _best_of_same(keys: NDArray[np.int64], value: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each distinct row of keys the position of its highest value."""
    order = np.lexsort((-value, *keys.T))
    ranked = keys[order]
    first = np.ones(order.size, np.bool_)
    first[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    return np.sort(order[first])


def plain_day(
    problem: TripProblem, kind: DayKind, capped: Sequence[tuple[NDArray[np.int64], int, int]]
) -> _enumerate.PlainDay:
    """Return what a kind of day is worth before prices, its hard limits, and what is paid for only so often."""
    options, counts = kind.options.size, problem.counts
    node = problem.option_node[kind.options]
    words = max(1, -(-options // 64))
    ranks = np.arange(options)
    bit = np.zeros((options, words), np.uint64)
    bit[ranks, ranks // 64] = np.uint64(1) << (ranks % 64).astype(np.uint64)
    rules, upper = [], []
    for rule in range(len(counts.options)):
        members = np.flatnonzero(np.isin(kind.options, counts.options[rule]))
        if counts.upper[rule] < members.size:
            rules.append(np.bitwise_or.reduce(bit[members], axis=0))
            upper.append(int(counts.upper[rule]))
    counted = np.zeros((len(capped), options), np.bool_)
    for row, (members, _, _) in enumerate(capped):
        counted[row, members] = True
    return _enumerate.PlainDay(
        cap_start=np.concatenate(([0], np.cumsum(counted.sum(axis=0)))).astype(np.int64),
        cap_row=np.ascontiguousarray(np.nonzero(counted.T)[1], np.int64),
        cap_members=np.array(
            [np.bitwise_or.reduce(bit[members], axis=0) for members, _, _ in capped], np.uint64
        ).reshape(len(capped), words),
        cap=np.array([most for _, most, _ in capped], np.int64),
        cap_prize=np.array([prize for _, _, prize in capped], np.int64),
        gain=np.ascontiguousarray(kind.arc_value + kind.value[None, :]),
        start_gain=np.ascontiguousarray(kind.start_value + kind.value[None, :]),
        wait=problem.weights.wait,
        travel=problem.weights.travel,
        haste=kind.haste,
        bit=bit,
        rules=np.array(rules, np.uint64).reshape(len(rules), words),
        upper=np.array(upper, np.int64),
        use=np.ascontiguousarray(problem.resources.option_use[:, kind.options], np.int64),
        arc_use=leg_use(problem, node, node),
        start_use=leg_use(problem, kind.start_node, node),
        capacity=np.ascontiguousarray(problem.resources.capacity, np.int64),
    )


def leg_use(problem: TripProblem, here: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return use of each resource on every arc from ``here`` to ``there``, shape ``(R, here, there)``."""
    resources = problem.resources.capacity.size
    use = np.zeros((resources, here.size, there.size), np.int64)
    free = (here == ANYWHERE)[:, None] | (there == ANYWHERE)[None, :]
    for resource in range(resources):
        table = problem.resources.arc_use[resource][np.ix_(here, there)]
        use[resource] = np.where(free, 0, table)
    return use
