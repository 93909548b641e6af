"""The bound that costs milliseconds: never below a plan, and closer than the best of everything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from trip_problems import FEATURES, ints, line_problem, mixed_problem, tiny_problems

from solvers.orienteering.bounding import trivial_bound
from solvers.orienteering.exhaustive import search_exhaustively
from solvers.orienteering.linear_bound import linear_bound
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import ANYWHERE, CountRules, Sets, TripProblem, Weights


@given(problem=tiny_problems())
@settings(max_examples=150, deadline=None)
def test_it_is_never_below_the_exhaustive_optimum(problem: TripProblem) -> None:
    """Whatever the features: combinations, lodgings, days that begin anywhere, places without a way to them."""
    best = search_exhaustively(problem)
    if best is not None:
        assert linear_bound(problem) >= best[1].objective


@pytest.mark.parametrize("seed", range(12))
def test_it_is_never_below_a_plan_of_the_portfolio(seed: int) -> None:
    """On problems too large to try every plan, every feature mixed in turn."""
    features = frozenset(feature for number, feature in enumerate(FEATURES) if (seed * 5 + number) % 3)
    problem = mixed_problem(seed, days=1 + seed % 3, options=18, features=features - {"required"})
    found = solve(problem, iterations=1_000, seed=seed)
    assert not found.evaluation.feasible or linear_bound(problem) >= found.objective


def test_the_length_of_the_day_bounds_what_fits() -> None:
    """Four places in a row, ten ticks apart and five each: there and back in 100 ticks there is time for all four."""
    assert linear_bound(line_problem(4, latest=100)) == 100
    # In 50 ticks only the first two fit for certain; the bound knows that not everything does.
    assert 30 <= linear_bound(line_problem(4, latest=50)) < 100


def test_the_price_of_travel_counts() -> None:
    """Each visit pays at least half of its shortest ways in and out, here ten ticks each."""
    priced = line_problem(1, latest=100, weights=Weights(travel=1))
    assert linear_bound(replace(priced, option_score=ints(30))) == 20
    # Nothing has to be visited: a place that is not worth its way is left out.
    assert linear_bound(replace(priced, option_score=ints(8))) == 0


def test_a_day_that_may_begin_anywhere_pays_no_way_to_its_first_place() -> None:
    """One place of score 10 and nowhere to come from or go to: the whole score is possible."""
    problem = line_problem(1, weights=Weights(travel=1), day_start=ints(ANYWHERE), day_end=ints(ANYWHERE))
    assert linear_bound(problem) == 10


def test_upper_counts_and_priced_minima_count() -> None:
    """At most two of four visits, and one of the worthless place or a price of seven."""
    rules = CountRules(Sets.of([[0, 1, 2, 3], [0]]), ints(0, 1), ints(2, 1), np.array([True, True]), ints(0, 7))
    problem = line_problem(4, latest=200, counts=rules)
    # Places 4 and 3 with the price (70 - 7), or place 4 and the lowest (40 + 10).
    assert linear_bound(problem) == 63
    assert trivial_bound(problem) == 100


def test_without_a_plan_it_still_returns() -> None:
    """A required place out of reach: the number means nothing, but it comes."""
    assert linear_bound(line_problem(latest=60, required=ints(3))) >= 0
