"""Model A: a trip put together from day-routes of a pool, as a packing problem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations as pairs_of
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.orienteering.day_routes import empty_routes, route_of, routes_of
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import TripSolution
from solvers.qubo._route_choice import spread, without_twins
from solvers.qubo._route_pairs import Held, TripTerms, conflicts_between
from solvers.qubo._route_table import RouteTable, TripRules, route_table, trip_rules
from solvers.qubo.problem import PackingProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.day_routes import DayRoute
    from solvers.orienteering.problem import TripProblem
    from solvers.orienteering.ruin_and_recreate import PooledRoute

MOST_ROUTES: Final = 150
"""Items by default: the default sampler takes some 0.3 s for them, decoding and proof included."""

_MOST_EXACT_DAYS: Final = 2
"""Days of trips that a sum over pairs of routes tells all about."""


@dataclass(frozen=True, slots=True, eq=False)
class RoutesModel:
    """
    Hold a trip as a packing problem over day-routes.

    Parameters
    ----------
    packing
        Items are routes, groups are days. A day without an item is one without visits, where that is possible.
    routes
        The route of each item.
    constant
        What the trip is worth besides: of a plan that keeps all rules, the objective is the packing's plus this
        (trips of three days or more: as far as pairs tell).
    least
        No plan that has all it needs is worth less by the packing and ``constant``: what is, lacks something. Nothing
        that lacks something is worth as much as the incumbent.
    is_exact
        Whether the packing's best plan is the best that can be made of the routes. So it is up to two days. On longer
        trips, values and pair rewards are exact for plans that differ from the incumbent on at most two days, and an
        estimate for others: what three days earn or lack together is no sum over pairs.
    days
        Days of the trip.
    """

    packing: PackingProblem
    routes: tuple[DayRoute, ...]
    constant: int
    least: int
    is_exact: bool
    days: int

    def solution_of(self, chosen: NDArray[np.bool_]) -> TripSolution:
        """Return the plan that chosen items stand for; a day without an item has no visits."""
        visits: list[tuple[int, ...]] = [()] * self.days
        nights = [-1] * (self.days + 1)
        for item in np.flatnonzero(chosen).tolist():
            route = self.routes[item]
            visits[route.day] = route.options
            nights[route.day] = max(nights[route.day], route.before)
            nights[route.day + 1] = max(nights[route.day + 1], route.after)
        return TripSolution(tuple(visits), tuple(nights[1:-1]))

    def chosen_of(self, problem: TripProblem, plan: TripSolution) -> NDArray[np.bool_]:
        """Return the items that a plan stands for; day-routes that are no item are left out."""
        its = set(routes_of(problem, plan))
        return np.array([route in its for route in self.routes], np.bool_)


def routes_model(
    problem: TripProblem, pool: Sequence[PooledRoute], incumbent: TripSolution, *, most: int = MOST_ROUTES
) -> RoutesModel:
    """
    Write the choice of one day-route a day as a packing problem.

    With f the judge's objective: an item is worth ``v_r = f({r}) - f(nothing)``, a pair earns
    ``s_rs = f({r, s}) - f({r}) - f({s}) + f(nothing)``. On trips of up to two days that is all there is to say, and the
    days are empty in "nothing"; on longer ones "nothing" is the incumbent, of which a route replaces its day. Routes
    conflict that share a place, disagree on the night between them, or break a limit or an order of the whole trip by
    themselves; what more than two routes use up together is a capacity. Days left out where a route is needed, required
    groups and hard minima of the whole trip are priced so that a plan without them is worth less than the incumbent.

    Parameters
    ----------
    problem
        A valid problem.
    pool
        Day-routes, best first; those that break a rule by themselves are left out.
    incumbent
        A plan with one route a day, whose routes join the pool and always become items.
    most
        Items at most, as many of each day; the incumbent's are not counted out. Of routes with the same places and
        nights, only the best one is used.

    Raises
    ------
    ProblemError
        If no day-route is left to choose from, or none for a day that needs one.

    References
    ----------
    Putting day-routes together: Hu & Lim (2014), https://doi.org/10.1016/j.ejor.2013.06.011
    """
    rules = trip_rules(problem)
    # Those of the incumbent first: they stay whatever else goes.
    routes = dict.fromkeys((*routes_of(problem, incumbent), *empty_routes(problem), *map(route_of, pool)))
    candidates = route_table(problem, rules, list(routes))
    base = _base(problem, candidates)
    table = _items(problem, candidates, base, most)
    for day in np.flatnonzero(base.is_needed).tolist():
        if not (table.day == day).any():
            raise ProblemError((f"pool: no route of day {day} keeps the rules; at least one is needed",))
    if not table.routes:
        raise ProblemError(("pool: no route with a visit keeps the rules; at least one is needed",))
    judged = evaluate(problem, incumbent)
    return _packed(problem, rules, table, base, judged.objective if judged.feasible else None)


@dataclass(frozen=True, slots=True, eq=False)
class _Base:
    """
    Hold what stands on each day where nothing is chosen.

    Parameters
    ----------
    own
        Shape ``(D,)``, int64: what it is worth by itself.
    groups, counted
        Shape ``(D, G)``, bool, and ``(D, K)``, int64: what it holds for the whole trip.
    is_needed
        Shape ``(D,)``, bool: whether a route has to be chosen for a plan.
    """

    own: NDArray[np.int64]
    groups: NDArray[np.bool_]
    counted: NDArray[np.int64]
    is_needed: NDArray[np.bool_]

    def but_for(self, *days: int) -> Held:
        """Return what all other days hold."""
        others = ~np.isin(np.arange(len(self.own)), days)
        groups: NDArray[np.bool_] = np.any(self.groups[others], axis=0)
        return Held(groups, self.counted[others].sum(axis=0))


def _base(problem: TripProblem, candidates: RouteTable) -> _Base:
    days = problem.days
    if days > _MOST_EXACT_DAYS:
        anchor = candidates.take(np.arange(days))
        return _Base(anchor.own, anchor.seen, anchor.counted, np.ones(days, np.bool_))
    own, is_needed = np.zeros(days, np.int64), np.ones(days, np.bool_)
    for row, route in enumerate(candidates.routes):
        # A day between nights cannot be left open, as somebody has to say where they are spent; nor one on which mere
        # travel uses something up, as items alone are looked at for that.
        is_free = candidates.keeps_rules[row] and not candidates.used[row].any()
        if route.before == route.after == -1 and not route.options and is_free:
            own[route.day], is_needed[route.day] = candidates.own[row], False
    nothing = candidates.seen[:days], candidates.counted[:days]
    return _Base(own, np.zeros_like(nothing[0]), np.zeros_like(nothing[1]), is_needed)


def _items(problem: TripProblem, candidates: RouteTable, base: _Base, most: int) -> RouteTable:
    """Return the routes that become items, by day; those of the incumbent stand first among the candidates."""
    kept = int(candidates.keeps_rules[: problem.days].sum())
    table = candidates.take(np.flatnonzero(candidates.keeps_rules))
    table = table.take(without_twins(table, kept))
    table = table.take(spread(table, most, kept))
    is_something = table.visited.any(axis=1) | base.is_needed[table.day]
    rows = np.flatnonzero(is_something)
    return table.take(rows[np.argsort(table.day[rows], kind="stable")])


def _packed(
    problem: TripProblem, rules: TripRules, table: RouteTable, base: _Base, objective: int | None
) -> RoutesModel:
    """Return the model; ``objective`` is that of a plan in hand that keeps all rules and is made of the routes."""
    bonus = problem.combinations.bonus[rules.combinations]
    is_hard = ((rules.penalty == 0) & (rules.lower > 0)).astype(np.int64)
    real = _worth(TripTerms(problem, rules, bonus, rules.penalty), table, base)
    musts = _worth(TripTerms(problem, rules, 0 * bonus, is_hard), table, base)
    forbidden = _forbidden(problem, rules, table)
    real_value = real.value + table.own - base.own[table.day]
    # More than any two choices can differ by: whatever has to be there comes first.
    nothing = int(base.own.sum()) + real.nothing
    worth = _Extremes.of(table, real_value, np.where(forbidden, 0, real.reward))
    in_hand = worth.least if objective is None else objective - nothing
    # Whatever lacks something is worth less than the plan in hand, which lacks nothing.
    price_of_day, price = (max(0, 1 + most - in_hand) for most in (worth.most_without_a_day, worth.most))
    reward = np.where(forbidden, 0, real.reward + price * musts.reward)
    pair, conflict = np.argwhere(reward), np.argwhere(forbidden)
    use, capacity = _capacities(problem, rules, table)
    packing = PackingProblem(
        value=real_value + price * musts.value + price_of_day * base.is_needed[table.day],
        group=np.unique(table.day, return_inverse=True)[1].astype(np.int64),
        pair=pair,
        reward=reward[pair[:, 0], pair[:, 1]],
        conflict=conflict,
        use=use,
        capacity=capacity,
    )
    model = RoutesModel(
        packing=packing,
        routes=table.routes,
        constant=nothing + price * musts.nothing - price_of_day * int(base.is_needed.sum()),
        least=nothing + worth.least,
        is_exact=problem.days <= _MOST_EXACT_DAYS,
        days=problem.days,
    )
    return _without_idle(model, base.is_needed[table.day])


@dataclass(frozen=True, slots=True, eq=False)
class _Worth:
    """Hold what terms of the trip come to: with nothing chosen, and by item, ``(n,)``, and pair, ``(n, n)``, beyond."""

    nothing: int
    value: NDArray[np.int64]
    reward: NDArray[np.int64]


def _worth(terms: TripTerms, table: RouteTable, base: _Base) -> _Worth:
    """Return the differences that items and pairs make to what is there without them."""
    count = len(table.day)
    nothing = terms.of_none(base.but_for())
    value, reward = np.zeros(count, np.int64), np.zeros((count, count), np.int64)
    by_day = _by_day(table)
    for day, rows in by_day.items():
        value[rows] = terms.of_each(table.take(rows), base.but_for(day)) - nothing
    for day, later in pairs_of(by_day, 2):
        first, second = by_day[day], by_day[later]
        together = terms.of_pairs(table.take(first), table.take(second), base.but_for(day, later))
        block = slice(first[0], first[-1] + 1), slice(second[0], second[-1] + 1)
        reward[block] = together - value[first, None] - value[second] - nothing
    return _Worth(nothing, value, reward)


def _by_day(table: RouteTable) -> dict[int, NDArray[np.int64]]:
    """Return the rows of each day, which follow each other."""
    return {day: np.flatnonzero(table.day == day) for day in np.unique(table.day).tolist()}


def _forbidden(problem: TripProblem, rules: TripRules, table: RouteTable) -> NDArray[np.bool_]:
    """Return the pairs in conflict, shape ``(n, n)``, above the diagonal."""
    forbidden = np.zeros((len(table.day), len(table.day)), np.bool_)
    for first, second in pairs_of(_by_day(table).values(), 2):
        block = slice(first[0], first[-1] + 1), slice(second[0], second[-1] + 1)
        forbidden[block] = conflicts_between(problem, rules, table.take(first), table.take(second))
    return forbidden


@dataclass(frozen=True, slots=True)
class _Extremes:
    """Hold limits of all choices of at most one item a day: from below, from above, and from above with a day less."""

    least: int
    most: int
    most_without_a_day: int

    @classmethod
    def of(cls, table: RouteTable, value: NDArray[np.int64], reward: NDArray[np.int64]) -> _Extremes:
        """Return the sums of the least and the greatest parts."""
        by_day = _by_day(table)
        parts: list[tuple[tuple[int, ...], NDArray[np.int64]]] = [((day,), value[rows]) for day, rows in by_day.items()]
        for day, later in pairs_of(by_day, 2):
            parts.append(((day, later), reward[np.ix_(by_day[day], by_day[later])]))
        greatest = [(days, max(0, int(part.max()))) for days, part in parts]
        without = (sum(most for days, most in greatest if day not in days) for day in by_day)
        least = sum(min(0, int(part.min())) for _, part in parts)
        return cls(least, sum(most for _, most in greatest), max(without))


def _capacities(
    problem: TripProblem, rules: TripRules, table: RouteTable
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return use and capacity of what three days or more could use up though no two of them do."""
    use = np.concatenate((table.used, table.counted), axis=1).T
    capacity = np.concatenate((problem.resources.capacity[rules.resources], rules.upper))
    by_day = _by_day(table)
    most = sum((use[:, rows].max(axis=1) for rows in by_day.values()), np.zeros(len(use), np.int64))
    binding = (most > capacity) & (len(by_day) > _MOST_EXACT_DAYS)
    return np.ascontiguousarray(use[binding]), capacity[binding]


def _without_idle(model: RoutesModel, is_needed: NDArray[np.bool_]) -> RoutesModel:
    """Leave out items of no worth by themselves nor with any other: without them a plan is at least as good."""
    packing = model.packing
    gains = np.zeros((packing.items, packing.groups), np.int64)
    for one, other in ((0, 1), (1, 0)):
        np.maximum.at(gains, (packing.pair[:, one], packing.group[packing.pair[:, other]]), packing.reward)
    keep = is_needed | (np.maximum(0, packing.value) + gains.sum(axis=1) > 0)
    if keep.all() or not keep.any():
        return model
    number = np.cumsum(keep) - 1
    stays, clashes = keep[packing.pair].all(axis=1), keep[packing.conflict].all(axis=1)
    reduced = PackingProblem(
        value=packing.value[keep],
        group=np.unique(packing.group[keep], return_inverse=True)[1].astype(np.int64),
        pair=number[packing.pair[stays]],
        reward=packing.reward[stays],
        conflict=number[packing.conflict[clashes]],
        use=packing.use[:, keep],
        capacity=packing.capacity,
    )
    routes = tuple(route for route, kept in zip(model.routes, keep.tolist(), strict=True) if kept)
    return replace(model, packing=reduced, routes=routes)
