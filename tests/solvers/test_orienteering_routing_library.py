from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trip_problems import ints, line_problem, mixed_problem

from solvers.errors import ProblemError, SolverError
from solvers.orienteering import (
    SOLVERS,
    Solver,
    TripProblem,
    TripSolution,
    Weights,
    evaluate,
    solve,
    validate,
)

KNOWN_FEATURES = ("anywhere", "arc_cost", "holes", "required", "weights")


def known_problem(seed: int, days: int, features: set[str]) -> TripProblem:
    """Return a small problem without rules that the routing library's model does not know."""
    problem = mixed_problem(seed, days=days, options=5, features=features)
    return replace(problem, weights=replace(problem.weights, wait=0))


def is_valid(problem: TripProblem) -> bool:
    try:
        validate(problem)
    except ProblemError:
        return False
    return True


@given(seed=st.integers(0, 10_000), days=st.integers(1, 2), features=st.sets(st.sampled_from(KNOWN_FEATURES)))
@settings(max_examples=25, deadline=None)
def test_the_routing_library_never_beats_exhaustive_search(seed: int, days: int, features: set[str]) -> None:
    """Its plans are judged like all others: no better than the best, and infeasible where there is none."""
    problem = known_problem(seed, days, features)
    if not is_valid(problem):
        return
    found, best = (
        solve(problem, solver="or-tools-routing", seconds=0.03),
        solve(problem, solver="exhaustive"),
    )
    assert (found.solver, found.limit, found.bound in {None, found.objective}) == ("or-tools-routing", "seconds", True)
    if found.evaluation.feasible:
        assert best.evaluation.feasible
        assert found.objective <= best.objective


@pytest.mark.parametrize("seed", range(6))
def test_the_routing_library_finds_the_optimum_of_easy_days(seed: int) -> None:
    """Five options on two days with prices for travel and yen, and options of unequal worth in one group."""
    problem = known_problem(seed, 2, {"arc_cost"})
    problem = replace(problem, weights=Weights(travel=1, cost=1))
    found = solve(problem, solver="or-tools-routing", seconds=0.1)
    assert found.objective == solve(problem, solver="exhaustive").objective


@pytest.mark.parametrize("solver", [solver for solver in SOLVERS if solver != "exhaustive"])
def test_every_solver_keeps_the_contract(solver: Solver) -> None:
    """Two days on a line: a judged plan, all required groups, windows kept, the solver and its limit named."""
    problem = line_problem(6, days=2, latest=90, required=ints(1))
    result = solve(problem, solver=solver, seconds=0.3)
    assert result.solver == solver
    judged = evaluate(problem, result.solution)
    assert (judged.feasible, judged.objective) == (True, result.objective)
    assert len(result.solution.routes) == problem.days
    assert 1 in problem.option_group[[option for route in result.solution.routes for option in route]]
    assert result.objective >= 0.9 * solve(problem, solver="cp-sat").objective


def test_unknown_rules_are_all_named_at_once() -> None:
    """One error lists every rule that the routing library's model does not know."""
    problem = mixed_problem(3, days=2, options=8, features={"combinations", "counts", "precedence", "resources"})
    problem = replace(problem, weights=Weights(wait=1))
    with pytest.raises(ProblemError) as refusal:
        solve(problem, solver="or-tools-routing", seconds=0.1)
    named = [sentence.split(" ")[0] for sentence in refusal.value.problems]
    assert named == ["combinations", "counts", "precedence", "resources", "weights.wait"]


def test_a_limit_in_iterations_is_refused() -> None:
    """The library knows no iterations; nobody is told that they were kept."""
    with pytest.raises(SolverError, match="limit in seconds only"):
        solve(line_problem(), solver="or-tools-routing", iterations=5)


def test_a_required_group_out_of_reach_leaves_no_plan() -> None:
    """Nothing that the library found is passed off as a plan, and the proof comes from the arrays."""
    result = solve(line_problem(latest=60, required=ints(3)), solver="or-tools-routing", seconds=0.1)
    assert result.status == "infeasible"
    assert [conflict.index for conflict in result.conflicts] == [3]


def test_a_warm_start_is_kept_when_the_library_finds_nothing_better() -> None:
    """The result is never worse than the plan given."""
    problem = line_problem(12, latest=200)
    good = solve(problem, iterations=2_000)
    warm = solve(problem, solver="or-tools-routing", seconds=0.01, warm_start=good.solution)
    assert warm.objective >= good.objective
    assert isinstance(warm.solution, TripSolution)
    assert np.all(problem.option_day[list(warm.solution.routes[0])] == 0)
