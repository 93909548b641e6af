"""The proof engine on travel that depends on the time of departure: never too low, and closed where it can be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timed_problems import timed
from trip_problems import mixed_problem, tiny_problems

from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
from solvers.orienteering.bounding import upper_bound
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.exhaustive import search_exhaustively
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import TripProblem, TripSolution, Weights

_ROUNDS = 40

WEIGHTS = (Weights(travel=3, wait=1), Weights(travel=1, wait=3), Weights(travel=2), Weights(wait=2), Weights())


@given(problem=tiny_problems(), seed=st.integers(0, 10**6), weights=st.sampled_from(WEIGHTS))
@settings(max_examples=150, deadline=None)
def test_timed_bound_is_never_below_the_exhaustive_optimum(problem: TripProblem, seed: int, weights: Weights) -> None:
    """Whatever the features and prices of time, with or without a plan to begin with."""
    problem = timed(replace(problem, weights=replace(weights, cost=problem.weights.cost)), seed)
    best = search_exhaustively(problem)
    if best is None:
        return
    solution, evaluation = best
    for incumbent, rounds in ((None, _ROUNDS), (solution, 1), (solution, _ROUNDS)):
        result = upper_bound(problem, incumbent=incumbent, iterations=rounds)
        assert result.bound >= evaluation.objective
        assert not result.optimal or result.bound == evaluation.objective


@given(problem=tiny_problems(), seed=st.integers(0, 10**6), weights=st.sampled_from(WEIGHTS))
@settings(max_examples=100, deadline=None)
def test_tiny_timed_problems_are_closed_from_any_plan(problem: TripProblem, seed: int, weights: Weights) -> None:
    """From a plan without visits, the proof goes on to the optimum, found by trying all plans."""
    problem = timed(replace(problem, weights=weights), seed)
    best = search_exhaustively(problem)
    nothing = TripSolution(((),) * problem.days, best[0].lodging if best else ())
    if best is None or not evaluate(problem, nothing).feasible:
        return
    result = upper_bound(problem, incumbent=nothing, iterations=_ROUNDS)
    assert result.optimal
    assert result.bound == best[1].objective
    assert evaluate(problem, result.solution or nothing).objective == result.bound


@pytest.mark.parametrize("seed", range(6))
def test_travel_that_never_changes_is_bounded_as_static_travel_is(seed: int) -> None:
    """Arrival functions that say what the table says give the same proof."""
    problem = mixed_problem(seed, days=1, options=14, features=frozenset({"counts"}))
    last = int(problem.day_latest.max())
    functions = ArrivalFunctions.from_travel(problem.travel, int(problem.day_earliest.min()), last)
    plan = solve(problem, iterations=500, seed=seed).solution
    static = upper_bound(problem, incumbent=plan, iterations=_ROUNDS)
    moving = upper_bound(with_arrivals(problem, functions), incumbent=plan, iterations=_ROUNDS)
    assert (moving.bound, moving.optimal) == (static.bound, static.optimal)


@pytest.mark.parametrize("seed", range(4))
def test_a_timed_day_is_closed(seed: int) -> None:
    """A day of many places with timetables and rush hours is proven, and any better plan is what it claims."""
    problem = mixed_problem(seed, days=1, options=40, features=frozenset({"weights"}))
    problem = timed(replace(problem, required=problem.required[:0]), seed)
    found = solve(problem, iterations=2_000, seed=seed)
    result = upper_bound(problem, incumbent=found.solution, iterations=_ROUNDS)
    assert result.optimal
    plan = result.solution or found.solution
    assert evaluate(problem, plan).objective == result.bound >= found.objective
