"""Trip problems for the tests: drawn by chance with all features mixed, or built by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from solvers.orienteering.problem import (
    ANYWHERE,
    UNREACHABLE,
    Combinations,
    CountRules,
    Lodgings,
    Resources,
    Sets,
    TripProblem,
    Weights,
)


def ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def no_resources(options: int, nodes: int, lodgings: int = 0) -> Resources:
    return Resources(
        capacity=ints(),
        per_day=np.zeros(0, np.bool_),
        option_use=np.zeros((0, options), np.int64),
        arc_use=np.zeros((0, nodes, nodes), np.int64),
        lodging_use=np.zeros((0, lodgings), np.int64),
    )


def line_problem(places: int = 4, *, days: int = 1, latest: int = 100, **changes: Any) -> TripProblem:
    """Put places 1, 2, ... on a line from the start at 0, ten ticks apart; stays of five, score 10 x place."""
    nodes = places + 1
    position = 10 * np.arange(nodes)
    travel = np.abs(position[:, None] - position[None, :]).astype(np.int64)
    options = places * days
    node = np.tile(np.arange(1, nodes), days)
    problem = TripProblem(
        day_start=np.zeros(days, np.int64),
        day_end=np.zeros(days, np.int64),
        day_earliest=np.zeros(days, np.int64),
        day_latest=np.full(days, latest),
        option_node=node,
        option_group=node - 1,
        option_day=np.repeat(np.arange(days), places),
        option_open=np.zeros(options, np.int64),
        option_close=np.full(options, latest),
        option_duration=np.full(options, 5),
        option_score=10 * node,
        option_cost=np.zeros(options, np.int64),
        option_load=np.zeros(options, np.int64),
        travel=travel[None],
        day_travel=np.zeros(days, np.int64),
        arc_cost=np.zeros((nodes, nodes), np.int64),
        groups=places,
        required=ints(),
        precedence=np.zeros((0, 3), np.int64),
        resources=no_resources(options, nodes),
    )
    return replace(problem, **changes)


@st.composite
def tiny_problems(draw: st.DrawFn, *, most_options: int = 5) -> TripProblem:
    """Draw a problem with few options and any mixture of features, often without any plan."""
    # Hypothesis draws the sizes and the seed; numpy fills the tables, which keeps drawing and shrinking quick.
    seed = draw(st.integers(0, 2**32 - 1))
    days = draw(st.integers(1, 3))
    options = draw(st.integers(1, most_options))
    features = draw(st.sets(st.sampled_from(FEATURES)))
    return mixed_problem(seed, days=days, options=options, features=features)


FEATURES = (
    "anywhere",
    "arc_cost",
    "combinations",
    "counts",
    "holes",
    "lodgings",
    "precedence",
    "required",
    "resources",
    "weights",
)


def mixed_problem(seed: int, *, days: int, options: int, features: set[str] | frozenset[str]) -> TripProblem:
    """Return a problem with the named features; day windows are tight enough that not everything fits."""
    rng = np.random.default_rng(seed)
    nodes, groups = options + 2, max(1, options - int(rng.integers(0, 3)))

    def numbers(low: int, high: int, *shape: int) -> NDArray[np.int64]:
        return rng.integers(low, high, size=shape, endpoint=True, dtype=np.int64)

    travel = numbers(1, 12, 2, nodes, nodes)
    if "holes" in features:
        travel[rng.random(travel.shape) < 0.15] = UNREACHABLE
    arc_cost = numbers(0, 5, nodes, nodes) if "arc_cost" in features else np.zeros((nodes, nodes), np.int64)
    for table in (*travel, arc_cost):
        np.fill_diagonal(table, 0)
    ends = numbers(ANYWHERE if "anywhere" in features else 0, 1, 2, days)
    opens = numbers(0, 30, options)
    lodgings = _lodgings(rng, days, nodes, groups) if "lodgings" in features else Lodgings()
    earliest = numbers(0, 5, days)
    return TripProblem(
        day_start=ends[0],
        day_end=ends[1],
        day_earliest=earliest,
        day_latest=earliest + numbers(15, 60, days),
        option_node=numbers(0, nodes - 1, options),
        option_group=numbers(0, groups - 1, options),
        option_day=numbers(0, days - 1, options),
        option_open=opens,
        option_close=opens + numbers(0, 30, options),
        option_duration=numbers(0, 10, options),
        option_score=numbers(0, 50, options),
        option_cost=numbers(0, 20, options),
        option_load=numbers(0, 5, options),
        travel=travel,
        day_travel=numbers(0, 1, days),
        arc_cost=arc_cost,
        groups=groups,
        required=_required(rng, options, groups, features),
        precedence=_precedence(rng, groups) if "precedence" in features else np.zeros((0, 3), np.int64),
        resources=_resources(rng, options, nodes, len(lodgings.night), features),
        counts=_counts(rng, options) if "counts" in features else CountRules(),
        combinations=_combinations(rng, groups) if "combinations" in features else Combinations(),
        lodgings=lodgings,
        weights=Weights(*numbers(0, 2, 4).tolist()) if "weights" in features else Weights(),
    )


def town(places: int, *, days: int, seed: int, features: frozenset[str] = frozenset()) -> TripProblem:
    """Return a problem of usual size: places in the plane, every one on offer on every day."""
    mixed = mixed_problem(seed, days=days, options=places, features=features)
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 400, size=(mixed.nodes, 2))
    ticks = np.abs(spots[:, None] - spots[None, :]).sum(axis=2).astype(np.int64)
    return replace(
        mixed,
        travel=np.stack([ticks, 2 * ticks]),
        day_earliest=np.zeros(days, np.int64),
        day_latest=np.full(days, 2_000),
        option_close=mixed.option_open + 1_500,
        option_duration=mixed.option_duration * 10,
        groups=places,
        option_group=np.arange(places),
    )


def _some(rng: np.random.Generator, count: int) -> list[int]:
    return [index for index in range(count) if rng.random() < 0.5]


def _required(rng: np.random.Generator, options: int, groups: int, features: set[str] | frozenset[str]) -> Any:
    return ints(int(rng.integers(groups))) if "required" in features and options > 1 else ints()


def _precedence(rng: np.random.Generator, groups: int) -> NDArray[np.int64]:
    pairs = [rng.permutation(groups)[:2].tolist() for _ in range(2)] if groups > 1 else []
    return np.array([[*pair, int(rng.integers(2))] for pair in pairs], np.int64).reshape(-1, 3)


def _counts(rng: np.random.Generator, options: int) -> CountRules:
    lower = rng.integers(0, 2, size=2, endpoint=True)
    return CountRules(
        options=Sets.of([_some(rng, options), _some(rng, options)]),
        lower=lower.astype(np.int64),
        upper=(lower + rng.integers(0, 2, size=2)).astype(np.int64),
        per_day=rng.random(2) < 0.5,
        shortfall_penalty=(rng.integers(0, 30, size=2) * (rng.random(2) < 0.7)).astype(np.int64),
    )


def _combinations(rng: np.random.Generator, groups: int) -> Combinations:
    return Combinations(
        left=Sets.of([_some(rng, groups) for _ in range(3)]),
        right=Sets.of([_some(rng, groups) for _ in range(3)]),
        bonus=rng.integers(0, 40, size=3).astype(np.int64),
        same_day=rng.random(3) < 0.5,
        fewest=rng.integers(1, 3, size=3, endpoint=True).astype(np.int64),
    )


def _lodgings(rng: np.random.Generator, days: int, nodes: int, groups: int) -> Lodgings:
    night = np.array([night for night in range(days - 1) for _ in range(int(rng.integers(0, 3)))], np.int64)
    return Lodgings(
        night=night,
        node=rng.integers(0, nodes, size=night.size),
        group=rng.integers(0, groups, size=night.size),
        score=rng.integers(0, 20, size=night.size),
        cost=rng.integers(0, 10, size=night.size),
    )


def _resources(
    rng: np.random.Generator, options: int, nodes: int, lodgings: int, features: set[str] | frozenset[str]
) -> Resources:
    if "resources" not in features:
        return no_resources(options, nodes, lodgings)
    arc_use = rng.integers(0, 4, size=(2, nodes, nodes)) * (rng.random() < 0.5)
    for table in arc_use:
        np.fill_diagonal(table, 0)
    return Resources(
        capacity=rng.integers(5, 25, size=2),
        per_day=rng.random(2) < 0.5,
        option_use=rng.integers(0, 8, size=(2, options)),
        arc_use=arc_use,
        lodging_use=rng.integers(0, 5, size=(2, lodgings)),
    )
