"""The one place where ids, yen and local times become the indices and ticks of `solvers`, and points become units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing._scoring import LUNCH_SHORTFALL_POINTS, WEIGHTS, units
from solvers.orienteering.problem import (
    Combinations,
    CountRules,
    Lodgings,
    Resources,
    Sets,
    TripProblem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from regional_assets.model import Asset, CombinationRule, Kind, Region
    from routing._ground import Ground
    from routing._options import Day, VisitOption
    from routing._screen import Candidate, Screening
    from routing.request import TripRequest

MOST_CAFES_A_DAY = 1


@dataclass(frozen=True, slots=True)
class Translation:
    """
    Hold a trip problem with what its indices mean.

    Parameters
    ----------
    problem
        Arrays only.
    options
        For each option, its candidate and its way of visit.
    lodgings
        For each lodging of the problem, its inn.
    rules
        For each combination of the problem, its rule.
    """

    problem: TripProblem
    options: tuple[tuple[Candidate, VisitOption], ...]
    lodgings: tuple[int, ...]
    rules: tuple[CombinationRule, ...]


def translate(
    region: Region, request: TripRequest, days: Sequence[Day], screening: Screening, ground: Ground
) -> Translation:
    """
    Write a trip as arrays.

    Groups are the candidates in their order, then the inns. Ticks are seconds after midnight of each day.
    """
    candidates, inns = screening.candidates, screening.inns
    options = tuple(
        (group, candidate, way) for group, candidate in enumerate(candidates) for way in candidate.offer.options
    )
    lodgings = tuple((night, inn) for night, choice in enumerate(screening.nights) for inn in choice)
    group_assets = [*(candidate.asset for candidate in candidates), *(inn.asset for inn in inns)]
    rules, combinations = _combinations(region, group_assets)
    must = set(request.must) | {pin.asset for pin in request.pins}
    nodes = len(ground.nodes)
    problem = TripProblem(
        day_start=np.array(ground.day_start, np.int64),
        day_end=np.array(ground.day_end, np.int64),
        day_earliest=np.array([day.earliest_s for day in days], np.int64),
        day_latest=np.array([day.latest_s for day in days], np.int64),
        option_node=_ints(ground.node_of[candidate.asset.id] for _, candidate, _ in options),
        option_group=_ints(group for group, _, _ in options),
        option_day=_ints(way.day for _, _, way in options),
        option_open=_ints(way.open_s for _, _, way in options),
        option_close=_ints(way.close_s for _, _, way in options),
        option_duration=_ints(way.duration_s for _, _, way in options),
        option_score=_ints(units(candidate.points) for _, candidate, _ in options),
        option_cost=_ints(candidate.cost.counted for _, candidate, _ in options),
        option_load=np.zeros(len(options), np.int64),
        travel=np.ascontiguousarray(ground.seconds[None]),
        day_travel=np.zeros(len(days), np.int64),
        arc_cost=np.zeros((nodes, nodes), np.int64),
        groups=len(group_assets),
        required=_ints(group for group, asset in enumerate(group_assets) if asset.id in must),
        precedence=np.zeros((0, 3), np.int64),
        resources=_resources(request, screening, ground, options, lodgings),
        counts=_counts(request, days, options),
        combinations=combinations,
        lodgings=Lodgings(
            night=_ints(night for night, _ in lodgings),
            node=_ints(ground.node_of[inns[inn].asset.id] for _, inn in lodgings),
            group=_ints(len(candidates) + inn for _, inn in lodgings),
            score=_ints(units(inns[inn].points) for _, inn in lodgings),
            cost=_ints(inns[inn].cost.counted for _, inn in lodgings),
        ),
        weights=WEIGHTS,
    )
    return Translation(
        problem,
        tuple((candidate, way) for _, candidate, way in options),
        tuple(inn for _, inn in lodgings),
        rules,
    )


def _ints(values: object) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)  # type: ignore[call-overload, no-any-return]


def _resources(
    request: TripRequest,
    screening: Screening,
    ground: Ground,
    options: Sequence[tuple[int, Candidate, VisitOption]],
    lodgings: Sequence[tuple[int, int]],
) -> Resources:
    """Bound yen over the trip, and metres on foot each day."""
    nodes = len(ground.nodes)
    capacity: list[int] = []
    per_day: list[bool] = []
    option_use: list[list[int]] = []
    arc_use: list[NDArray[np.int64]] = []
    lodging_use: list[list[int]] = []
    if request.budget_jpy is not None:
        capacity.append(request.budget_jpy)
        per_day.append(False)
        option_use.append([candidate.cost.counted for _, candidate, _ in options])
        arc_use.append(np.zeros((nodes, nodes), np.int64))
        lodging_use.append([screening.inns[inn].cost.counted for _, inn in lodgings])
    if request.limits.walk_m_per_day is not None and request.mode == "walk":
        capacity.append(request.limits.walk_m_per_day)
        per_day.append(True)
        option_use.append([0] * len(options))
        arc_use.append(ground.travel.metres)
        lodging_use.append([0] * len(lodgings))
    count = len(capacity)
    return Resources(
        capacity=np.array(capacity, np.int64),
        per_day=np.array(per_day, np.bool_),
        option_use=np.array(option_use, np.int64).reshape(count, len(options)),
        arc_use=np.array(arc_use, np.int64).reshape(count, nodes, nodes),
        lodging_use=np.array(lodging_use, np.int64).reshape(count, len(lodgings)),
    )


def _counts(
    request: TripRequest, days: Sequence[Day], options: Sequence[tuple[int, Candidate, VisitOption]]
) -> CountRules:
    """Bound visits: one lunch a day, few cafes, the request's limits per kind."""
    sets: list[list[int]] = []
    lower: list[int] = []
    upper: list[int] = []
    penalty: list[int] = []

    def add(matches: Callable[[Candidate, VisitOption], bool], fewest: int, most: int, points: float = 0) -> None:
        members = [index for index, (_, candidate, way) in enumerate(options) if matches(candidate, way)]
        if members:
            sets.append(members)
            lower.append(fewest)
            upper.append(most)
            penalty.append(units(points))

    add(lambda _, way: way.is_lunch, 1, 1, LUNCH_SHORTFALL_POINTS)
    add(lambda candidate, way: bool(candidate.asset.meals) and not way.is_lunch, 0, MOST_CAFES_A_DAY)
    for kind, most in request.limits.per_kind.items():
        add(_is_kind(kind), 0, most)
    return CountRules(
        options=Sets.of(sets),
        lower=np.array(lower, np.int64),
        upper=np.array(upper, np.int64),
        per_day=np.ones(len(sets), np.bool_),
        shortfall_penalty=np.array(penalty, np.int64),
    )


def _is_kind(kind: Kind) -> Callable[[Candidate, VisitOption], bool]:
    return lambda candidate, _: candidate.asset.kind is kind


def _combinations(region: Region, assets: Sequence[Asset]) -> tuple[tuple[CombinationRule, ...], Combinations]:
    """Return the rules that this trip could earn, and their arrays."""
    rules: list[CombinationRule] = []
    left: list[list[int]] = []
    right: list[list[int]] = []
    for rule in region.combinations:
        on_left = [group for group, asset in enumerate(assets) if rule.left.selects(asset)]
        on_right = [group for group, asset in enumerate(assets) if rule.right.selects(asset)]
        if rule.bonus and on_left and on_right and (rule.single_asset or len({*on_left, *on_right}) > 1):
            rules.append(rule)
            left.append(on_left)
            right.append(on_right)
    return tuple(rules), Combinations(
        left=Sets.of(left),
        right=Sets.of(right),
        bonus=_ints(units(rule.bonus) for rule in rules),
        same_day=np.array([rule.same_day for rule in rules], np.bool_),
        fewest=_ints(1 if rule.single_asset else 2 for rule in rules),
    )
