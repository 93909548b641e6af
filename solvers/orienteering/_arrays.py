"""Laying a trip problem out for the compiled search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering._kernel import Best, Plan, Pool, Trip
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE
from solvers.orienteering.validation import objective_bound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import Sets, TripProblem

END_TEMPERATURE: Final = 0.06
"""Last temperature of the annealing as a share of the first."""

_REACH: Final = 30
"""Neighbours kept for each group."""

_NO_GROUPS: Final = np.zeros(0, np.int64)

_POOL_CELLS: Final = 1 << 20
_POOL_SLOTS: Final = (512, 16_384)


def trip_arrays(problem: TripProblem) -> Trip:
    """
    Return the constant arrays of the search.

    Parameters
    ----------
    problem
        A problem that `solvers.orienteering.validation.validate` accepts.

    Returns
    -------
    trip
        C-contiguous arrays; their types do not depend on the problem, so that one compiled version serves all.
    """
    weights = problem.weights
    value = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
    # Closing later than the day ends is closing when it ends: no arc that does not exist can then keep a window.
    closes = np.minimum(problem.option_close, problem.day_latest[problem.option_day])
    options = _table(
        problem.option_node,
        problem.option_group,
        problem.option_day,
        problem.option_open,
        closes,
        problem.option_duration,
        value,
    )
    days = _table(
        problem.day_earliest,
        problem.day_latest,
        problem.day_travel,
        _stand_in(problem.day_start, problem.nodes),
        _stand_in(problem.day_end, problem.nodes),
    )
    counts, resources, lodgings = problem.counts, problem.resources, problem.lodgings
    group_start, group_option = _rows(problem.option_group, np.arange(problem.options), problem.groups)
    rule_of = np.repeat(np.arange(len(counts.options)), np.diff(counts.options.start))
    rule_start, rule = _rows(counts.options.member, rule_of, problem.options)
    night_start, night = _rows(lodgings.night, np.arange(lodgings.night.size), problem.days - 1)
    before_start, before = _precedence(problem)
    link_start, links = _links(problem)
    side_start, side = _sides(problem)
    point_start, points = _points(problem)
    offered = np.zeros((len(counts.options), problem.days), np.int64)
    offered[rule_of, problem.option_day[counts.options.member]] = 1
    required = np.zeros(problem.groups, np.int64)
    required[problem.required] = 1
    combinations = problem.combinations
    travel = _padded(problem.travel).astype(np.int32)
    return Trip(
        days=days,
        options=options,
        travel=travel,
        travel_back=np.ascontiguousarray(travel.transpose(0, 2, 1)),
        arc_price=_unless_zero(weights.cost * problem.arc_cost),
        group_start=group_start,
        group_option=group_option,
        orders=_orders(problem, value, closes),
        required=required,
        before_start=before_start,
        before=before,
        rule_start=rule_start,
        rule=rule,
        rules=_table(counts.lower, counts.upper, counts.per_day, counts.shortfall_penalty, *offered.T),
        capacities=_table(resources.capacity, resources.per_day),
        option_use=np.ascontiguousarray(resources.option_use, np.int64),
        arc_use=_unless_zero(resources.arc_use),
        night_start=night_start,
        night=night,
        lodgings=_table(lodgings.node, lodgings.group, lodgings.score - weights.cost * lodgings.cost),
        lodging_use=np.ascontiguousarray(resources.lodging_use, np.int64),
        link_start=link_start,
        links=links,
        combos=_table(combinations.bonus, combinations.same_day, combinations.fewest),
        side_start=side_start,
        side=side,
        near=_near(problem),
        weights=np.array([weights.travel, weights.wait, 2 * objective_bound(problem)], np.int64),
        scale=_scale(problem, value),
        point_start=point_start,
        points=points,
    )


def empty_plan(problem: TripProblem) -> Plan:
    """Return the working arrays of a search, with no visits and no lodgings."""
    days, longest = problem.days, longest_route(problem)

    def zeros(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    return Plan(
        route=zeros(days, longest),
        length=zeros(days),
        lodging=np.full(days, -1, np.int64),
        old_route=zeros(days, longest),
        old_length=zeros(days),
        old_lodging=zeros(days),
        stop=zeros(days, longest + 2),
        leave=zeros(days, longest + 1),
        begin=zeros(days, longest),
        leg=zeros(days, longest + 1),
        late=zeros(days, longest + 1),
        totals=zeros(days, 4),
        broken=zeros(days),
        used=zeros(problem.resources.capacity.size, days + 1),
        visited=zeros(problem.groups),
        visit_day=zeros(problem.groups),
        rule_count=zeros(len(problem.counts.options), days + 1),
        seen=zeros(problem.combinations.bonus.size, days + 1, 3),
        called=zeros(problem.groups),
        queue=zeros(problem.groups),
        keys=np.zeros(problem.groups),
        torn=zeros(problem.groups),
        fresh=zeros(days),
        reach=zeros(days, 2),
    )


def empty_best(problem: TripProblem) -> Best:
    """Return the arrays for the best plan, worse than any."""
    days, longest = problem.days, longest_route(problem)
    return Best(
        route=np.zeros((days, longest), np.int64),
        length=np.zeros(days, np.int64),
        lodging=np.full(days, -1, np.int64),
        objective=np.full(2, -(2**62), np.int64),
    )


def empty_pool(problem: TripProblem) -> Pool:
    """Return the arrays for day-routes, bounded in memory."""
    longest = longest_route(problem)
    slots = int(np.clip(_POOL_CELLS // longest, *_POOL_SLOTS))
    about = np.full((slots, 6), -1, np.int64)
    return Pool(route=np.zeros((slots, longest), np.int32), about=about)


def longest_route(problem: TripProblem) -> int:
    """Return a number of visits that no day exceeds: at most once per group, and no longer than the day."""
    longest = 1
    for day in range(problem.days):
        on_day = problem.option_day == day
        stays = np.full(problem.groups, np.iinfo(np.int64).max)
        np.minimum.at(stays, problem.option_group[on_day], problem.option_duration[on_day])
        stays = np.sort(stays[stays < np.iinfo(np.int64).max])
        room = problem.day_latest[day] - problem.day_earliest[day]
        longest = max(longest, int(np.searchsorted(np.cumsum(stays), room, side="right")))
    return longest


def _points(problem: TripProblem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the breakpoints of the arrival functions; nothing where travel is the same at any time."""
    arrivals = problem.arrivals
    if arrivals is None:
        return np.zeros(0, np.int64), np.zeros((2, 0), np.int64)
    start = np.ascontiguousarray(arrivals.start, np.int64)
    return start, np.ascontiguousarray(np.stack((arrivals.departure, arrivals.arrival)), np.int64)


def _table(*columns: NDArray[np.integer] | NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.ascontiguousarray(np.stack([column.astype(np.int64) for column in columns], axis=1))


def _stand_in(ends: NDArray[np.int64], nodes: int) -> NDArray[np.int64]:
    return np.where(ends == ANYWHERE, nodes, ends)


def _padded(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Append the node that stands for anywhere: nothing to or from it."""
    axes = [(0, 0)] * (table.ndim - 2) + [(0, 1), (0, 1)]
    return np.ascontiguousarray(np.pad(table, axes), np.int64)


def _unless_zero(table: NDArray[np.int64]) -> NDArray[np.int64]:
    return _padded(table) if table.any() else np.zeros((0,) * table.ndim, np.int64)


def _rows(
    keys: NDArray[np.int64], values: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return compressed rows: the values of each key."""
    order = np.argsort(keys, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=max(count, 0)))))
    return start.astype(np.int64), np.ascontiguousarray(values[order], np.int64)


def _precedence(problem: TripProblem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    before, after, same_day = problem.precedence.T
    mine = np.concatenate((before, after))
    others = np.concatenate((after, before))
    role = np.repeat([0, 1], len(before))
    flags = np.concatenate((same_day, same_day))
    start, order = _rows(mine, np.arange(mine.size), problem.groups)
    return start, _table(others, role, flags)[order]


def _links(problem: TripProblem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, for each group, its combinations and on which sides it stands (1 left, 2 right, 3 both)."""
    sides: dict[tuple[int, int], int] = {}
    for bit, sets in ((1, problem.combinations.left), (2, problem.combinations.right)):
        for combination, group in _pairs(sets):
            sides[group, combination] = sides.get((group, combination), 0) | bit
    keys = sorted(sides)
    groups = np.array([group for group, _ in keys], np.int64)
    start, order = _rows(groups, np.arange(len(keys)), problem.groups)
    links = np.array([(combination, sides[group, combination]) for group, combination in keys], np.int64)
    return start, links.reshape(-1, 2)[order]


def _sides(problem: TripProblem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the groups of each combination that has any, left and right, in compressed rows."""
    left, right = problem.combinations.left, problem.combinations.right
    rows = [np.concatenate((left[row], right[row])) for row in range(len(left)) if left[row].size + right[row].size]
    start = np.concatenate(([0], np.cumsum([row.size for row in rows])))
    return start.astype(np.int64), np.concatenate((_NO_GROUPS, *rows))


def _near(problem: TripProblem) -> NDArray[np.int64]:
    """Return the nearest other groups of each group, by the place of its first option; none for a single group."""
    groups = problem.groups
    first = np.full(groups, -1, np.int64)
    first[problem.option_group[::-1]] = np.arange(problem.options - 1, -1, -1)
    offered = np.flatnonzero(first >= 0)
    reach = min(_REACH, offered.size - 1)
    if reach < 1:
        return np.zeros((groups, 0), np.int64)
    node = problem.option_node[first[offered]]
    quickest = problem.travel.min(axis=0)
    away = np.minimum(quickest, quickest.T)[np.ix_(node, node)]
    np.fill_diagonal(away, UNREACHABLE)
    # Sixteen bits are enough to tell near from far, and are sorted ten times faster.
    longest = int(away[away < UNREACHABLE].max(initial=1))
    coarse = np.minimum(away * 65_534 // max(65_534, longest), 65_535).astype(np.uint16)
    nearest = np.argsort(coarse, axis=1, kind="stable")[:, :reach]
    near = np.zeros((groups, reach), np.int64)
    near[offered] = offered[nearest]
    return near


def _pairs(sets: Sets) -> list[tuple[int, int]]:
    owner = np.repeat(np.arange(len(sets)), np.diff(sets.start))
    return list(zip(owner.tolist(), sets.member.tolist(), strict=True))


def _orders(problem: TripProblem, value: NDArray[np.int64], closes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return groups by worth, by worth per tick, by how little they are open, and by when they close."""
    best = np.full(problem.groups, -np.inf)
    rate = np.full(problem.groups, -np.inf)
    width = np.zeros(problem.groups)
    closing = np.zeros(problem.groups)
    np.maximum.at(best, problem.option_group, value)
    np.maximum.at(rate, problem.option_group, value / (problem.option_duration + 1 / _tick_worth(problem, value)))
    np.add.at(width, problem.option_group, closes - problem.option_open + 1)
    np.maximum.at(closing, problem.option_group, closes)
    return np.ascontiguousarray(
        np.stack([np.argsort(key, kind="stable") for key in (-best, -rate, width, closing)]), np.int64
    )


def _tick_worth(problem: TripProblem, value: NDArray[np.int64]) -> float:
    """Return what a tick of a day is worth, roughly: a usual visit's value over its stay and half a usual journey."""
    finite = problem.travel[problem.travel < UNREACHABLE]
    stay = float(problem.option_duration.mean()) if problem.options else 0.0
    journey = float(finite.mean()) / 2 if finite.size else 0.0
    return _usual_value(value) / max(1.0, stay + journey)


def _usual_value(value: NDArray[np.int64]) -> float:
    positive = value[value > 0]
    return float(positive.mean()) if positive.size else 1.0


def _scale(problem: TripProblem, value: NDArray[np.int64]) -> NDArray[np.float64]:
    usual = _usual_value(value)
    return np.array([usual, usual * END_TEMPERATURE, _tick_worth(problem, value)], np.float64)
