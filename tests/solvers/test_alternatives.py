"""Alternatives differ as stated, keep every rule, and are as good as can be."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from trip_problems import FEATURES, ints, line_problem, mixed_problem

from solvers.errors import SolverError
from solvers.orienteering.alternatives import alternatives, distance, with_best_first
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.exhaustive import search_exhaustively
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import CountRules, Sets, TripSolution


def test_distance_is_one_less_the_shared_part() -> None:
    """Same places in another order are at 0, none in common at 1, half of the union at a half."""
    problem = line_problem(4)
    plan = TripSolution(((0, 1, 2),))
    assert distance(problem, plan, TripSolution(((2, 0, 1),))) == 0
    assert distance(problem, plan, TripSolution(((3,),))) == 1
    assert distance(problem, plan, TripSolution(((0, 1, 3),))) == 0.5
    assert distance(problem, TripSolution(((),)), TripSolution(((),))) == 0


@given(
    st.integers(0, 10_000), st.sets(st.sampled_from(FEATURES)), st.sampled_from([0.3, 0.4, 0.7, 1.0]), st.integers(1, 3)
)
@settings(max_examples=30, deadline=None)
def test_any_two_plans_differ_as_stated(seed: int, features: set[str], least: float, days: int) -> None:
    """Whatever rules the problem has, all plans are feasible and pairwise at the distance, and none beats the best."""
    problem = mixed_problem(seed, days=days, options=9, features=features)
    assume({*problem.required.tolist()} <= {*problem.option_group.tolist(), *problem.lodgings.group.tolist()})
    best = solve(problem, iterations=500)
    assume(best.evaluation.feasible)
    others = alternatives(problem, best.solution, 2, min_distance=least, iterations=300)
    plans = [best.solution, *(other.solution for other in others)]
    for first, second in combinations(plans, 2):
        assert distance(problem, first, second) >= least
    for other in others:
        judged = evaluate(problem, other.solution)
        assert judged.feasible
        assert judged.objective == other.evaluation.objective
        assert other.distance == distance(problem, best.solution, other.solution)
        if best.status == "optimal":
            assert judged.objective <= best.objective


@pytest.mark.parametrize("seed", range(8))
def test_the_best_different_plan_is_found(seed: int) -> None:
    """With nothing to share, the alternative is the best plan of a problem that lacks the places of the plan."""
    problem = mixed_problem(seed, days=1, options=5, features={"weights"})
    plan = TripSolution(((0,),))
    lacking = problem.option_group == problem.option_group[0]
    rest = replace(problem, day_latest=problem.day_latest + 20, option_score=np.where(lacking, 0, problem.option_score))
    without = CountRules(Sets.of([np.flatnonzero(lacking).tolist()]), ints(0), ints(0), np.array([False]), ints(0))
    best = search_exhaustively(replace(rest, counts=without))
    others = alternatives(rest, plan, 1, min_distance=1.0, iterations=500)
    assert best is not None
    if others:
        assert others[0].evaluation.objective == best[1].objective
    else:
        assert best[0].routes == ((),)


def test_same_seed_same_alternatives() -> None:
    """A run limited in iterations repeats."""
    problem = mixed_problem(7, days=2, options=14, features={"combinations", "lodgings", "weights"})
    best = solve(problem, iterations=500)
    first, second = (alternatives(problem, best.solution, 3, iterations=300, seed=5) for _ in range(2))
    assert first
    assert [other.solution for other in first] == [other.solution for other in second]


def test_fewer_come_back_where_no_more_exist() -> None:
    """Three places that all fit in one day: one that shares none of them does not exist, nor does a plan of nothing."""
    problem = line_problem(3, latest=100)
    best = solve(problem, iterations=200)
    assert alternatives(problem, best.solution, 2, min_distance=1.0, iterations=200) == ()


def test_the_best_of_all_plans_comes_first() -> None:
    """Where an alternative beats a poor plan in hand, the two change places and distances are counted anew."""
    problem = line_problem(8, latest=60)
    poor = solve(problem, iterations=200)
    poor = replace(poor, solution=TripSolution(((0,),)), evaluation=evaluate(problem, TripSolution(((0,),))))
    poor = replace(poor, status="feasible", bound=None)
    others = alternatives(problem, poor.solution, 2, iterations=200)
    plan, rest = with_best_first(problem, poor, others)
    assert plan.objective == others[0].evaluation.objective > poor.objective
    assert poor.solution in [other.solution for other in rest]
    assert len(rest) == len(others)
    for other in rest:
        assert other.evaluation.objective <= plan.objective
        assert other.distance == distance(problem, plan.solution, other.solution) >= 0.4
    assert with_best_first(problem, plan, rest) == (plan, rest)


def test_progress_rises_to_the_end() -> None:
    """The share of the work never falls and ends with 1."""
    problem = line_problem(8, latest=60)
    best = solve(problem, iterations=200)
    shares: list[float] = []
    assert len(alternatives(problem, best.solution, 2, iterations=200, on_progress=shares.append)) == 2
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize(("count", "least"), [(-1, 0.4), (1, 0.0), (1, 1.01), (1, float("nan"))])
def test_numbers_without_sense_are_refused(count: int, least: float) -> None:
    """A negative count or a distance outside (0, 1] raises one error."""
    problem = line_problem(2)
    with pytest.raises(SolverError):
        alternatives(problem, TripSolution(((),)), count, min_distance=least)
