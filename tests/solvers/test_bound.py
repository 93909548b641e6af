"""The proof engine never says less than what a plan can reach, and says optimal only when it is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from trip_problems import FEATURES, ints, line_problem, mixed_problem, tiny_problems

from solvers.orienteering.bounding import BoundProgress, trivial_bound, upper_bound
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.exhaustive import search_exhaustively
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import TripProblem, TripSolution, Weights

_ROUNDS = 40


@given(problem=tiny_problems())
@settings(max_examples=150, deadline=None)
def test_bound_is_never_below_the_exhaustive_optimum(problem: TripProblem) -> None:
    """Whatever the features, with or without a plan to begin with, and at any number of rounds."""
    best = search_exhaustively(problem)
    if best is None:
        return
    solution, evaluation = best
    assert trivial_bound(problem) >= evaluation.objective
    for incumbent, rounds in ((None, _ROUNDS), (None, 1), (solution, 2), (solution, _ROUNDS)):
        result = upper_bound(problem, incumbent=incumbent, iterations=rounds)
        assert result.bound >= evaluation.objective
        assert not result.optimal or result.bound == evaluation.objective


@given(problem=tiny_problems())
@settings(max_examples=100, deadline=None)
def test_tiny_problems_are_closed_when_the_optimum_is_known(problem: TripProblem) -> None:
    """Listing all routes within the gap leaves nothing open on problems of a few options."""
    best = search_exhaustively(problem)
    if best is None:
        return
    result = upper_bound(problem, incumbent=best[0], iterations=_ROUNDS)
    assert result.optimal
    assert result.solution is None


@given(problem=tiny_problems())
@settings(max_examples=100, deadline=None)
def test_a_better_plan_is_found_and_is_what_it_claims(problem: TripProblem) -> None:
    """From any feasible plan, here one without visits, the proof goes on to the optimum."""
    best = search_exhaustively(problem)
    nothing = TripSolution(((),) * problem.days, best[0].lodging if best else ())
    if best is None or not evaluate(problem, nothing).feasible:
        return
    result = upper_bound(problem, incumbent=nothing, iterations=_ROUNDS)
    assert result.bound == best[1].objective
    assert result.optimal
    found = result.solution or nothing
    assert evaluate(problem, found).feasible
    assert evaluate(problem, found).objective == result.bound


@pytest.mark.parametrize("seed", range(12))
def test_bound_is_never_below_a_plan_of_the_portfolio(seed: int) -> None:
    """On problems too large to try every plan, every feature mixed in turn."""
    features = frozenset(feature for number, feature in enumerate(FEATURES) if (seed * 7 + number) % 3)
    problem = mixed_problem(seed, days=1 + seed % 3, options=18, features=features - {"required"})
    found = solve(problem, iterations=1_000, seed=seed)
    rounds = [1, 3, _ROUNDS]
    bounds = [upper_bound(problem, incumbent=found.solution, iterations=each) for each in rounds]
    if found.evaluation.feasible:
        assert all(each.bound >= found.objective for each in bounds)
    without = upper_bound(problem, iterations=_ROUNDS)
    assert not found.evaluation.feasible or without.bound >= found.objective


def test_no_time_gives_the_trivial_bound() -> None:
    """A limit of zero seconds still gives a valid bound."""
    problem = line_problem(6, latest=60)
    result = upper_bound(problem, seconds=0)
    assert result.method == "trivial"
    assert result.bound == trivial_bound(problem) == 30
    assert result.rounds == 0


def test_progress_never_rises_and_ends_at_the_bound() -> None:
    """Each round reports a bound no higher than before."""
    problem = mixed_problem(5, days=2, options=14, features=frozenset({"weights", "combinations", "lodgings"}))
    heard: list[BoundProgress] = []
    result = upper_bound(problem, iterations=15, on_progress=heard.append)
    bounds = [each.bound for each in heard]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == result.bound


def test_same_rounds_give_the_same_answer() -> None:
    """Runs limited in rounds repeat exactly."""
    problem = mixed_problem(9, days=2, options=16, features=frozenset({"weights", "counts"}))
    first, second = (upper_bound(problem, iterations=12) for _ in range(2))
    assert (first.bound, first.columns, first.rounds) == (second.bound, second.columns, second.rounds)


def test_places_without_time_between_them_end() -> None:
    """Stays and legs of no length could be gone round for ever; the labelling still ends, at the right bound."""
    problem = line_problem(5, latest=30)
    problem = replace(problem, travel=np.zeros_like(problem.travel), option_duration=np.zeros(5, np.int64))
    best = solve(problem, solver="cp-sat")
    result = upper_bound(problem, incumbent=best.solution, iterations=_ROUNDS)
    assert result.optimal
    assert result.bound == 150


def test_columns_are_day_routes_that_keep_their_windows() -> None:
    """Each returned route, alone on its day, is on time."""
    problem = mixed_problem(3, days=2, options=14, features=frozenset({"weights"}))
    result = upper_bound(problem, iterations=20)
    assert len(result.columns) > 2
    for day, options, before, after in result.columns:
        assert (before, after) == (-1, -1)
        routes = tuple(options if each == day else () for each in range(problem.days))
        faults = {fault.code for fault in evaluate(problem, TripSolution(routes)).violations}
        assert not faults & {"LATE_FOR_VISIT", "WRONG_DAY", "GROUP_TWICE", "UNREACHABLE"}


def test_twin_days_are_priced_once() -> None:
    """Days that differ in nothing share their labelling, and the bound still counts both."""
    from solvers.orienteering.bounding._days import day_kinds

    problem = line_problem(6, days=2, latest=60)
    assert [kind.days for kind in day_kinds(problem)] == [(0, 1)]
    best = solve(problem, iterations=500)
    result = upper_bound(problem, incumbent=best.solution, iterations=_ROUNDS)
    assert result.optimal
    assert result.bound == best.objective


def test_an_infeasible_incumbent_is_not_used() -> None:
    """A plan that breaks a rule can not be called optimal."""
    problem = replace(line_problem(3, latest=200), required=ints(2))
    result = upper_bound(problem, incumbent=TripSolution(((),)), iterations=_ROUNDS)
    assert result.bound >= 60
    assert result.solution is not None or not result.optimal


def test_a_long_trip_whose_passes_do_not_end_keeps_a_valid_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty different days without any limit of their own are more together than an integer holds."""
    from solvers.orienteering.bounding import _generation

    problem = mixed_problem(4, days=20, options=200, features=frozenset({"lodgings", "weights"}))
    found = solve(problem, iterations=200, seed=1)
    assert found.evaluation.feasible
    monkeypatch.setattr(_generation, "_ROOM", 3)
    result = upper_bound(problem, incumbent=found.solution, iterations=2)
    assert result.bound == trivial_bound(problem) >= found.objective


def test_a_bound_that_a_plan_refutes_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were there a fault in the proof, a plan above its bound is not called optimal."""
    from solvers.orienteering.bounding._ledger import Ledger

    problem = line_problem(6, days=2, latest=60)
    lower = Ledger.lower
    monkeypatch.setattr(Ledger, "lower", lambda ledger, bound, method: lower(ledger, bound - 1_000, method))
    result = upper_bound(problem, incumbent=TripSolution(((0,), ())), iterations=_ROUNDS)
    assert (result.bound, result.optimal, result.method) == (trivial_bound(problem), False, "trivial")


def test_a_bound_of_nought_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the plan is worth less than nothing and CP-SAT stops at a bound of 0, that is what is known."""
    from solvers.orienteering.bounding import _closing
    from solvers.orienteering.bounding._close import Choice

    monkeypatch.setattr(_closing, "choose_routes", lambda *_, **__: Choice(0, (), finished=False))
    scores = ints(0, 60, 90, 0, 60, 90)
    problem = line_problem(3, days=2, option_score=scores, required=ints(0), weights=Weights(travel=1))
    result = upper_bound(problem, incumbent=TripSolution(((0,), ())), iterations=1)
    assert (result.method, result.bound) == ("enumeration", 0)


def test_warming_up_compiles_every_pass() -> None:
    """After it, in a process of its own, no call waits for the compiler."""
    script = """
from solvers.orienteering.bounding import _beam, _clock, _enumerate, _labels, warm_up

warm_up()
passes = (
    _labels.label_day,
    _beam.beam,
    _labels.tabulate_reach,
    _labels.tabulate_rest,
    _enumerate.list_routes,
    _clock.reached_at,
    _clock.left_at,
)
print(*(len(each.signatures) for each in passes))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["1"] * 7
