"""Days laid out for the labelling: what can follow what, when, and what it is worth before any dual price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding._clock import Clock, clock_of, left_at, pairs_of, reached_at
from solvers.orienteering.infeasibility import usable_options
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem

NO_ARC: Final = 2**40
"""Ticks of an arc that cannot be used; no day lasts as long, so that adding it to any time breaks every window."""


@dataclass(frozen=True, slots=True)
class DayKind:
    """
    Hold one kind of day: days that no rule can tell apart share one, so that they are priced once.

    K usable options, S ways to begin (a lodging, or the day's start), E ways to end.

    Parameters
    ----------
    days
        The days of this kind; options below are those of the first.
    options
        Shape ``(K,)``, int64: option indices of the problem.
    twins
        Shape ``(len(days), K)``, int64: the same options on each of the days.
    group
        Shape ``(K,)``, int64: rank of the option's group among the groups of the day.
    opens, closes
        Shape ``(K,)``, int64, ticks: earliest and latest start of service, day's end included.
    stays
        Shape ``(K,)``, int64, ticks: of service.
    ticks
        Shape ``(K, K)``, int64: from start of service to arrival at the next at the quickest time of day; `NO_ARC`
        where no plan can go.
    arc_value
        Shape ``(K, K)``, int64, objective units (not positive): travel at the quickest time, and yen, of the arc.
    clock, pairs, end_pairs
        When one arrives, and the legs between options, shape ``(K, K)``, and to the ends, ``(K, E)``; without a clock
        no pair is ever looked up.
    start_stays, end_stays
        Shape ``(S,)`` and ``(E,)``: lodging index, or -1 for the day's own start or end.
    start_node, end_node
        Shape ``(S,)`` and ``(E,)``: nodes, or `ANYWHERE`.
    arrival
        Shape ``(S, K)``, int64, ticks: start of service when visited first; `NO_ARC` where impossible.
    start_value
        Shape ``(S, K)``, int64: travel and yen, exactly, because the first start of service is known.
    leave_by
        Shape ``(K, E)``, int64, ticks: latest start of service from which the end is reached in time; -1 for never.
    homeward
        Shape ``(K, E)``, int64, ticks: travel to the end at the quickest time of day.
    end_value
        Shape ``(K, E)``, int64: as ``arc_value``.
    empty_value
        Shape ``(S, E)``, int64: of a day without visits.
    can_be_empty
        Shape ``(S, E)``, bool.
    value
        Shape ``(K,)``, int64: score less the price of yen and load.
    wait
        Price of a tick between a start of service and the next that is neither service nor travel at the quickest
        time: of waiting, or with a clock the lower of waiting and travel.
    haste
        Price of a tick that one is later at most: starting so much earlier and going on alike costs no more than this.
    """

    days: tuple[int, ...]
    options: NDArray[np.int64]
    twins: NDArray[np.int64]
    group: NDArray[np.int64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    stays: NDArray[np.int64]
    ticks: NDArray[np.int64]
    arc_value: NDArray[np.int64]
    start_stays: NDArray[np.int64]
    end_stays: NDArray[np.int64]
    start_node: NDArray[np.int64]
    end_node: NDArray[np.int64]
    arrival: NDArray[np.int64]
    start_value: NDArray[np.int64]
    leave_by: NDArray[np.int64]
    homeward: NDArray[np.int64]
    end_value: NDArray[np.int64]
    empty_value: NDArray[np.int64]
    can_be_empty: NDArray[np.bool_]
    value: NDArray[np.int64]
    clock: Clock
    pairs: NDArray[np.int64]
    end_pairs: NDArray[np.int64]
    wait: int
    haste: int


def day_kinds(problem: TripProblem) -> tuple[DayKind, ...]:
    """
    Return the kinds of day of a problem.

    Options that no plan can hold are left out. Days are told apart as soon as the problem has lodgings or precedence.

    Parameters
    ----------
    problem
        A valid problem.
    """
    usable = usable_options(problem)
    ordered = [_in_order(problem, np.flatnonzero(usable & (problem.option_day == day))) for day in range(problem.days)]
    seen: dict[bytes, list[int]] = {}
    for day in range(problem.days):
        seen.setdefault(_signature(problem, day, ordered[day]), []).append(day)
    return tuple(_lay_out(problem, tuple(days), np.stack([ordered[day] for day in days])) for days in seen.values())


def _columns(problem: TripProblem, options: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return everything that is said about options but their day, a row each."""
    member = np.zeros((len(problem.counts.options), problem.options), np.int64)
    for rule in range(len(member)):
        member[rule, problem.counts.options[rule]] = 1
    return np.column_stack(
        [
            problem.option_group[options],
            problem.option_node[options],
            problem.option_open[options],
            problem.option_close[options],
            problem.option_duration[options],
            problem.option_score[options],
            problem.option_cost[options],
            problem.option_load[options],
            member[:, options].T,
            problem.resources.option_use[:, options].T,
        ]
    ).astype(np.int64)


def _in_order(problem: TripProblem, options: NDArray[np.int64]) -> NDArray[np.int64]:
    if not options.size:
        return options
    return options[np.lexsort(_columns(problem, options).T[::-1])]


def _signature(problem: TripProblem, day: int, options: NDArray[np.int64]) -> bytes:
    if problem.lodgings.night.size or len(problem.precedence):
        return str(day).encode()
    about = [problem.day_start, problem.day_end, problem.day_earliest, problem.day_latest, problem.day_travel]
    # An option that is not usable still decides whether a lower count binds on its day.
    offered = [
        bool((problem.option_day[problem.counts.options[rule]] == day).any())
        for rule in range(len(problem.counts.options))
    ]
    head = np.array([int(column[day]) for column in about] + offered + [options.size], np.int64)
    return head.tobytes() + (_columns(problem, options).tobytes() if options.size else b"")


def _legs(
    problem: TripProblem, day: int, here: NDArray[np.int64], there: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ticks and value of every arc from ``here`` to ``there``; none to or from anywhere."""
    weights, table = problem.weights, problem.travel[problem.day_travel[day]]
    grid = np.ix_(here, there)
    free = (here == ANYWHERE)[:, None] | (there == ANYWHERE)[None, :]
    ticks = table[grid].astype(np.int64)
    value = -weights.travel * np.where(ticks < UNREACHABLE, ticks, 0) - weights.cost * problem.arc_cost[grid]
    ticks[ticks >= UNREACHABLE] = NO_ARC
    ticks[free], value[free] = 0, 0
    return ticks, value.astype(np.int64)


def _ends(problem: TripProblem, night: int, otherwise: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lodgings and nodes where a night may be spent."""
    stays = np.flatnonzero(problem.lodgings.night == night)
    if stays.size:
        return stays, problem.lodgings.node[stays]
    return np.array([-1], np.int64), np.array([otherwise], np.int64)


def _lay_out(problem: TripProblem, days: tuple[int, ...], twins: NDArray[np.int64]) -> DayKind:
    day, options, weights = days[0], twins[0], problem.weights
    earliest, latest = int(problem.day_earliest[day]), int(problem.day_latest[day])
    node, stay = problem.option_node[options], problem.option_duration[options]
    opens, closes = problem.option_open[options], np.minimum(problem.option_close[options], latest)
    groups = problem.option_group[options]
    start_stays, start_node = _ends(problem, day - 1, int(problem.day_start[day]))
    end_stays, end_node = _ends(problem, day, int(problem.day_end[day]))
    legs, arc_value = _legs(problem, day, node, node)
    ticks = legs + stay[:, None]
    ticks[groups[:, None] == groups[None, :]] = NO_ARC
    ticks[opens[:, None] + ticks > closes[None, :]] = NO_ARC
    outward, start_value = _legs(problem, day, start_node, node)
    homeward, end_value = _legs(problem, day, node, end_node)
    across, empty_value = _legs(problem, day, start_node, end_node)
    reached, gone, home = earliest + outward, latest - homeward, earliest + across
    clock = clock_of(problem)
    start_pairs, pairs, end_pairs, across_pairs = (
        pairs_of(problem, day, here, there)
        for here, there in ((start_node, node), (node, node), (node, end_node), (start_node, end_node))
    )
    if clock.ticks:
        reached = reached_at(clock, start_pairs, np.full_like(outward, earliest))
        gone = left_at(clock, end_pairs, np.full_like(homeward, latest))
        home = reached_at(clock, across_pairs, np.full_like(across, earliest))
    arrival = np.maximum(reached, opens[None, :])
    leave_by = np.minimum(gone - stay[:, None], closes[:, None])
    if clock.ticks:
        # The quickest travel is priced already.
        start_value -= weights.travel * _more(arrival - left_at(clock, start_pairs, arrival), outward)
        empty_value -= weights.travel * _more(home - left_at(clock, across_pairs, home), across)
    arrival[arrival > closes[None, :]] = NO_ARC
    leave_by[leave_by < opens[:, None]] = -1
    return DayKind(
        days=days,
        options=options,
        twins=twins,
        group=np.unique(groups, return_inverse=True)[1].astype(np.int64),
        opens=opens,
        closes=closes,
        stays=stay,
        ticks=ticks,
        arc_value=arc_value,
        start_stays=start_stays,
        end_stays=end_stays,
        start_node=start_node,
        end_node=end_node,
        arrival=arrival,
        start_value=start_value,
        leave_by=leave_by,
        homeward=homeward,
        end_value=end_value,
        empty_value=empty_value,
        can_be_empty=home <= latest,
        value=problem.option_score[options]
        - weights.cost * problem.option_cost[options]
        - weights.load * problem.option_load[options],
        clock=clock,
        pairs=pairs,
        end_pairs=end_pairs,
        wait=min(weights.wait, weights.travel) if clock.ticks else weights.wait,
        haste=max(weights.wait, weights.travel) if clock.ticks else weights.wait,
    )


def _more(travel: NDArray[np.int64], quickest: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how much longer than the quickest travel takes; 0 where there is no way."""
    return np.where((quickest < NO_ARC) & (travel < NO_ARC // 2), travel - quickest, 0)
