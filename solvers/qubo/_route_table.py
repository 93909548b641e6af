"""What day-routes are worth and use, as arrays with one row a route; routes that break a rule by themselves are out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.evaluation import schedule_day
from solvers.qubo._membership import membership, products

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.day_routes import DayRoute
    from solvers.orienteering.problem import TripProblem


@dataclass(frozen=True, slots=True, eq=False)
class RouteTable:
    """
    Hold n day-routes and what the rest of the trip has to know of them.

    Parameters
    ----------
    routes
        The routes.
    day, before, after
        Shape ``(n,)``, int64.
    own
        Shape ``(n,)``, int64, objective units: all that the route and the night after it are worth whatever the other
        days hold: scores, costs, travel, what its day earns and lacks.
    visited, slept, seen
        Shape ``(n, G)``, bool: groups visited; groups slept at before or after; groups that count for combinations of
        the day (visited, or slept at after it).
    counted
        Shape ``(n, K)``, int64: visits that count for each rule of the whole trip (`TripRules`).
    used
        Shape ``(n, R)``, int64: use of each resource of the whole trip.
    keeps_rules
        Shape ``(n,)``, bool: whether the route breaks no rule by itself.
    """

    routes: tuple[DayRoute, ...]
    day: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    own: NDArray[np.int64]
    visited: NDArray[np.bool_]
    slept: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    counted: NDArray[np.int64]
    used: NDArray[np.int64]
    keeps_rules: NDArray[np.bool_]

    def take(self, rows: NDArray[np.int64]) -> RouteTable:
        """Return some of the rows, in the order given."""
        return RouteTable(
            tuple(self.routes[row] for row in rows.tolist()),
            *(getattr(self, name)[rows] for name in self.__slots__[1:]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TripRules:
    """
    Hold the rules that couple days: bounds on counts, and combinations, of the whole trip.

    Parameters
    ----------
    counts
        Rows of ``problem.counts`` that hold over the whole trip: the first columns of ``RouteTable.counted``.
    required
        Groups that must be seen: the other columns.
    lower, upper
        Shape ``(K,)``, int64.
    penalty
        Shape ``(K,)``, int64, objective units for each one missing; 0 where ``lower`` is hard.
    resources
        Rows of ``problem.resources`` that hold over the whole trip.
    combinations
        Combinations that are earned over the whole trip.
    """

    counts: NDArray[np.int64]
    required: NDArray[np.int64]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    penalty: NDArray[np.int64]
    resources: NDArray[np.int64]
    combinations: NDArray[np.int64]


def trip_rules(problem: TripProblem) -> TripRules:
    """Return what holds over the whole trip."""
    counts = np.flatnonzero(~problem.counts.per_day)
    required = np.unique(problem.required)
    ones = np.ones(required.size, np.int64)
    return TripRules(
        counts=counts,
        required=required,
        lower=np.concatenate((problem.counts.lower[counts], ones)),
        # A group is visited at most once, and slept at as often as one likes.
        upper=np.concatenate((problem.counts.upper[counts], ones * (problem.days + 1))),
        penalty=np.concatenate((problem.counts.shortfall_penalty[counts], 0 * ones)),
        resources=np.flatnonzero(~problem.resources.per_day),
        combinations=np.flatnonzero(~problem.combinations.same_day),
    )


def route_table(problem: TripProblem, rules: TripRules, routes: Sequence[DayRoute]) -> RouteTable:
    """Return the routes with all that is to be known of them."""
    taken = _taken(problem, routes)
    visited_times = _visited_times(problem, routes)
    before, after = (np.array([getattr(route, side) for route in routes], np.int64) for side in ("before", "after"))
    day = np.array([route.day for route in routes], np.int64)
    slept_after = _slept(problem, after)
    slept = _slept(problem, before) | slept_after
    seen = (visited_times > 0) | slept_after
    counted = products(taken, membership(problem.counts.options, problem.options))
    legs = [np.array(route.legs(problem), np.int64).reshape(-1, 2).T for route in routes]
    used = _used(problem, taken, after, legs)
    shortfall, keeps_counts = _day_counts(problem, day, counted)
    value, keeps_times = _timed_values(problem, routes)
    keeps = keeps_times & keeps_counts & (visited_times + slept <= 1).all(axis=1)
    keeps &= (used <= problem.resources.capacity).all(axis=1)
    keeps &= (counted[:, rules.counts] <= problem.counts.upper[rules.counts]).all(axis=1)
    keeps &= np.array([_keeps_precedence(problem, route) for route in routes], np.bool_)
    own = value + _visit_values(problem, taken, after, legs) - shortfall
    return RouteTable(
        routes=tuple(routes),
        day=day,
        before=before,
        after=after,
        own=own + _earned_by_day(problem, seen),
        visited=visited_times > 0,
        slept=slept,
        seen=seen,
        counted=np.concatenate((counted[:, rules.counts], seen[:, rules.required].astype(np.int64)), axis=1),
        used=used[:, rules.resources],
        keeps_rules=keeps,
    )


def _taken(problem: TripProblem, routes: Sequence[DayRoute]) -> NDArray[np.bool_]:
    taken = np.zeros((len(routes), problem.options), np.bool_)
    rows = np.repeat(np.arange(len(routes)), [len(route.options) for route in routes])
    taken[rows, np.array([option for route in routes for option in route.options], np.int64)] = True
    return taken


def _visited_times(problem: TripProblem, routes: Sequence[DayRoute]) -> NDArray[np.int64]:
    """Return how often each route visits each group, shape ``(n, G)``."""
    times = np.zeros((len(routes), problem.groups), np.int64)
    for row, route in enumerate(routes):
        np.add.at(times[row], problem.option_group[list(route.options)], 1)
    return times


def _slept(problem: TripProblem, stay: NDArray[np.int64]) -> NDArray[np.bool_]:
    slept = np.zeros((stay.size, problem.groups), np.bool_)
    rows = np.flatnonzero(stay >= 0)
    slept[rows, problem.lodgings.group[stay[rows]]] = True
    return slept


def _used(
    problem: TripProblem, taken: NDArray[np.bool_], after: NDArray[np.int64], legs: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Return what each route uses of each resource, shape ``(n, R)``; in integers, which sums of yen need."""
    resources = problem.resources
    used = taken.astype(np.int64) @ resources.option_use.T
    if resources.arc_use.any():
        used += np.array([resources.arc_use[:, here, there].sum(axis=1) for here, there in legs], np.int64)
    nights = np.flatnonzero(after >= 0)
    used[nights] += resources.lodging_use[:, after[nights]].T
    return used


def _day_counts(
    problem: TripProblem, day: NDArray[np.int64], counted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return what each route pays for what its day lacks, and whether it keeps the bounds of a day."""
    counts = problem.counts
    daily = np.flatnonzero(counts.per_day)
    offered = np.zeros((problem.days, daily.size), np.bool_)
    for column, rule in enumerate(daily.tolist()):
        offered[problem.option_day[counts.options[rule]], column] = True
    missing = np.maximum(0, counts.lower[daily] - counted[:, daily]) * offered[day]
    penalty = counts.shortfall_penalty[daily]
    keeps = (counted[:, daily] <= counts.upper[daily]).all(axis=1) & (missing[:, penalty == 0] == 0).all(axis=1)
    return missing @ penalty, keeps


def _timed_values(problem: TripProblem, routes: Sequence[DayRoute]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the price of travel and waiting, as the judge counts them, below 0; and whether all times are kept."""
    value, keeps = np.zeros(len(routes), np.int64), np.zeros(len(routes), np.bool_)
    for row, route in enumerate(routes):
        schedule, faults = schedule_day(problem, route.day, route.options, route.ends(problem))
        keeps[row] = not faults
        value[row] = -problem.weights.travel * schedule.travel - problem.weights.wait * int(schedule.wait.sum())
    return value, keeps


def _visit_values(
    problem: TripProblem, taken: NDArray[np.bool_], after: NDArray[np.int64], legs: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Return scores of visits and nights less the price of yen and load."""
    weights, lodgings = problem.weights, problem.lodgings
    of_option = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
    value: NDArray[np.int64] = taken.astype(np.int64) @ of_option
    if weights.cost and problem.arc_cost.any():
        value -= weights.cost * np.array([problem.arc_cost[here, there].sum() for here, there in legs], np.int64)
    nights = np.flatnonzero(after >= 0)
    value[nights] += (lodgings.score - weights.cost * lodgings.cost)[after[nights]]
    return value


def _earned_by_day(problem: TripProblem, seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the bonuses that each route earns on its day alone."""
    combinations = problem.combinations
    left, right = (membership(sets, problem.groups) for sets in (combinations.left, combinations.right))
    earned = (products(seen, left) > 0) & (products(seen, right) > 0)
    earned &= products(seen, left | right) >= combinations.fewest
    daily = combinations.same_day
    return earned[:, daily].astype(np.int64) @ combinations.bonus[daily]


def _keeps_precedence(problem: TripProblem, route: DayRoute) -> bool:
    """Say whether no pair with an order is visited the other way round inside the route."""
    place = {group: at for at, group in enumerate(problem.option_group[list(route.options)].tolist())}
    return all(
        place[before] < place[after]
        for before, after, _ in problem.precedence.tolist()
        if before in place and after in place
    )
