"""Proofs that a problem has no plan, from one rule at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering._timed_ways import TimedWays
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE
from solvers.orienteering.result import Conflict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem


def find_contradictions(problem: TripProblem) -> tuple[Conflict, ...]:
    """
    Return rules that no plan can keep, each proven by itself.

    Each test relaxes everything else, so that what it refuses is refused for certain: a required group must have an
    option that can be reached, by any detour, between the day's start and end, within the capacities and upper counts;
    the cheapest choices of all required groups must fit the capacities of the trip; a hard lower count needs so many
    groups that can be visited; the way from start to end must fit every day.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    conflicts
        Empty when nothing was proven, which does not mean that a plan exists.
    """
    usable = usable_options(problem)
    return (
        *_impossible_days(problem),
        *_impossible_groups(problem, usable),
        *_impossible_counts(problem, usable),
        *_impossible_sums(problem, usable),
    )


def usable_options(problem: TripProblem) -> NDArray[np.bool_]:
    """
    Return which options some plan might hold, looking at each option alone.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    usable
        Shape ``(O,)``; False is certain, True is not.
    """
    usable = np.ones(problem.options, np.bool_)
    for day in range(problem.days):
        options = np.flatnonzero(problem.option_day == day)
        arrival, departure = _limits(problem, day)
        nodes = problem.option_node[options]
        begin = np.maximum(arrival[nodes], problem.option_open[options])
        end = begin + problem.option_duration[options]
        usable[options] = (begin <= problem.option_close[options]) & (end <= departure[nodes])
    if problem.resources.capacity.size:
        usable &= (problem.resources.option_use <= problem.resources.capacity[:, None]).all(axis=0)
    for rule in np.flatnonzero(problem.counts.upper == 0):
        usable[problem.counts.options[int(rule)]] = False
    return usable


def _ends(problem: TripProblem, day: int) -> tuple[list[int], list[int]]:
    """Return every node that the day may start from and every node that it may end at."""
    lodgings = problem.lodgings
    starts = lodgings.node[lodgings.night == day - 1].tolist() or [int(problem.day_start[day])]
    ends = lodgings.node[lodgings.night == day].tolist() or [int(problem.day_end[day])]
    return starts, ends


def _limits(problem: TripProblem, day: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the earliest arrival at each node and the latest departure from it that keeps the day, by any detour."""
    table, (starts, ends) = int(problem.day_travel[day]), _ends(problem, day)
    earliest, latest = int(problem.day_earliest[day]), int(problem.day_latest[day])
    if problem.arrivals is None:
        travel = problem.travel[table]
        return earliest + shortest_from(travel, starts), latest - shortest_from(travel.T, ends)
    ways, anywhere = TimedWays(problem.arrivals, table, problem.nodes), np.ones(problem.nodes, np.int64)
    arrival = earliest * anywhere if ANYWHERE in starts else ways.earliest(starts, earliest)
    return arrival, latest * anywhere if ANYWHERE in ends else ways.latest(ends, latest)


def shortest_from(table: NDArray[np.int64], sources: list[int]) -> NDArray[np.int64]:
    """Return least ticks from any of the sources to each node, detours allowed, by Dijkstra's algorithm."""
    if ANYWHERE in sources:
        return np.zeros(len(table), np.int64)
    ticks = np.full(len(table), UNREACHABLE, np.int64)
    ticks[sources] = 0
    open_nodes = np.ones(len(table), np.bool_)
    for _ in range(len(table)):
        node = int(np.argmin(np.where(open_nodes, ticks, UNREACHABLE + 1)))
        open_nodes[node] = False
        ticks = np.minimum(ticks, np.minimum(ticks[node] + table[node], UNREACHABLE))
    return ticks


def _impossible_days(problem: TripProblem) -> list[Conflict]:
    conflicts = []
    for day in range(problem.days):
        starts, ends = _ends(problem, day)
        if ANYWHERE in starts or ANYWHERE in ends:
            continue
        arrival, _ = _limits(problem, day)
        if arrival[ends].min() > problem.day_latest[day]:
            conflicts.append(Conflict("DAY_IMPOSSIBLE", -1, day, proven=True))
    return conflicts


def _impossible_groups(problem: TripProblem, usable: NDArray[np.bool_]) -> list[Conflict]:
    possible = set(problem.option_group[usable].tolist()) | set(problem.lodgings.group.tolist())
    return [
        Conflict("REQUIRED_MISSING", group, -1, proven=True)
        for group in dict.fromkeys(problem.required.tolist())
        if group not in possible
    ]


def _impossible_counts(problem: TripProblem, usable: NDArray[np.bool_]) -> list[Conflict]:
    counts, conflicts = problem.counts, []
    for rule in np.flatnonzero((counts.lower > 0) & (counts.shortfall_penalty == 0)).tolist():
        members = counts.options[rule]
        kept = members[usable[members]]
        scopes = np.unique(problem.option_day[members]).tolist() if counts.per_day[rule] else [-1]
        for day in scopes:
            on_day = kept if day < 0 else kept[problem.option_day[kept] == day]
            if np.unique(problem.option_group[on_day]).size < counts.lower[rule]:
                conflicts.append(Conflict("COUNT_BELOW", rule, day, proven=True))
    return conflicts


def _impossible_sums(problem: TripProblem, usable: NDArray[np.bool_]) -> list[Conflict]:
    """Name a trip-wide capacity that the cheapest choices of the required groups exceed, and those groups."""
    resources, conflicts = problem.resources, []
    sleeps = set(problem.lodgings.group.tolist())
    groups = [group for group in dict.fromkeys(problem.required.tolist()) if group not in sleeps]
    for resource in np.flatnonzero(~resources.per_day).tolist():
        least = {}
        for group in groups:
            options = np.flatnonzero(usable & (problem.option_group == group))
            least[group] = int(resources.option_use[resource, options].min()) if options.size else 0
        if sum(least.values()) <= resources.capacity[resource]:
            continue
        conflicts.append(Conflict("RESOURCE_OVER", resource, -1, proven=True))
        conflicts += [Conflict("REQUIRED_MISSING", group, -1, proven=True) for group, use in least.items() if use > 0]
    return conflicts
