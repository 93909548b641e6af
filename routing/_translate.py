"""The one place where ids, yen and local times become the indices and ticks of `solvers`, and points become units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regional_assets.defaults import category_of
from regional_assets.model import Kind
from routing._scoring import (
    LUNCH_SHORTFALL_POINTS,
    MOST_ALIKE_A_DAY,
    MOST_BITES_A_DAY,
    PACES,
    WEIGHTS,
    units,
)
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

    from regional_assets.model import Asset, CombinationRule, Region
    from routing._ground import Ground
    from routing._options import Day, VisitOption
    from routing._screen import Candidate, Screening
    from routing.request import TripRequest


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
        counts=_counts(request, options),
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


def _counts(request: TripRequest, options: Sequence[tuple[int, Candidate, VisitOption]]) -> CountRules:
    """
    Bound visits a day: the pace, one lunch, few bites besides, few places alike, the request's limits per kind.

    Rules of ours give way to wanted places; limits of the request do not.
    """
    sets: list[list[int]] = []
    bounds: list[tuple[int, int, int]] = []

    def add(matches: Callable[[Candidate, VisitOption], bool], most: int, *, fewest: int = 0, points: int = 0) -> None:
        members = [index for index, (_, candidate, way) in enumerate(options) if matches(candidate, way)]
        if members:
            sets.append(members)
            bounds.append((fewest, most, units(points)))

    def add_habit(matches: Callable[[Candidate, VisitOption], bool], most: int) -> None:
        wanted = {group for group, candidate, way in options if candidate.is_wanted and matches(candidate, way)}
        add(matches, max(most, len(wanted)))

    add(lambda _, way: way.is_lunch, 1, fewest=1, points=LUNCH_SHORTFALL_POINTS)
    add_habit(lambda candidate, way: True, PACES[request.pace].visits)
    add_habit(lambda candidate, way: candidate.asset.kind is Kind.FOOD and not way.is_lunch, MOST_BITES_A_DAY)
    for category in sorted({likeness(candidate.asset) for _, candidate, _ in options} - {None}, key=str):
        add_habit(_is_category(category), MOST_ALIKE_A_DAY)
    for kind, most in request.limits.per_kind.items():
        add(_is_kind(kind), most)
    return CountRules(
        options=Sets.of(sets),
        lower=_ints(fewest for fewest, _, _ in bounds),
        upper=_ints(most for _, most, _ in bounds),
        per_day=np.ones(len(sets), np.bool_),
        shortfall_penalty=_ints(penalty for _, _, penalty in bounds),
    )


def likeness(asset: Asset) -> str | None:
    """Return what a place is like, as the table of usual values tells them apart; restaurants are counted as meals."""
    return None if asset.meals else category_of(asset.tags)


def _is_category(category: str | None) -> Callable[[Candidate, VisitOption], bool]:
    return lambda candidate, _: likeness(candidate.asset) == category


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
