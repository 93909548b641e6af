from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trip_problems import FEATURES, ints, line_problem, mixed_problem, no_resources

from solvers.errors import ProblemError, SolverError
from solvers.orienteering import (
    SOLVERS,
    Combinations,
    CountRules,
    Lodgings,
    Sets,
    Solver,
    TripProblem,
    TripSolution,
    Weights,
    evaluate,
    solve,
    validate,
)
from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals

KNOWN_FEATURES = tuple(feature for feature in FEATURES if feature != "precedence")


def known_problem(seed: int, days: int, features: set[str]) -> TripProblem:
    """Return a small problem without hard rules that the routing library's model does not know."""
    return mixed_problem(seed, days=days, options=5, features=features)


def is_valid(problem: TripProblem) -> bool:
    try:
        validate(problem)
    except ProblemError:
        return False
    return True


@given(seed=st.integers(0, 10_000), days=st.integers(1, 2), features=st.sets(st.sampled_from(KNOWN_FEATURES)))
@settings(max_examples=40, deadline=None)
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
    problem = replace(problem, weights=Weights(travel=2, wait=1, cost=1))
    found = solve(problem, solver="or-tools-routing", seconds=0.1)
    assert found.unknown_rules == ()
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


@pytest.mark.parametrize("seed", range(8))
def test_counts_and_capacities_are_kept_and_priced(seed: int) -> None:
    """By day and in all, hard and priced: the optimum is found wherever the library knows every rule."""
    problem = known_problem(seed, 2, {"counts", "resources", "arc_cost"})
    found, best = solve(problem, solver="or-tools-routing", seconds=0.1), solve(problem, solver="exhaustive")
    assert found.evaluation.feasible == best.evaluation.feasible
    if best.evaluation.feasible and not found.unknown_rules:
        assert found.objective == best.objective


def test_a_hard_minimum_of_the_trip_is_kept() -> None:
    """The farthest place is worth nothing, but one of it is asked for."""
    rules = CountRules(Sets.of([[3, 7]]), ints(1), ints(1), np.array([False]), ints(0))
    problem = line_problem(4, days=2, latest=90, counts=rules, weights=Weights(travel=9))
    found = solve(problem, solver="or-tools-routing", seconds=0.1)
    assert found.status == "feasible"
    assert {3, 7} & {option for route in found.solution.routes for option in route}


def test_what_the_search_does_not_know_is_named_and_judged() -> None:
    """Bonuses, the choice of a lodging, and a price on too few of something in the whole trip."""
    sleeps = Lodgings(ints(0, 0), ints(1, 4), ints(4, 5), ints(0, 0), ints(0, 0))
    pair = Combinations(Sets.of([[0]]), Sets.of([[1]]), ints(50), np.array([False]), ints(2))
    rules = CountRules(Sets.of([[0]]), ints(1), ints(1), np.array([False]), ints(9))
    problem = line_problem(
        4, days=2, latest=90, groups=6, lodgings=sleeps, combinations=pair, counts=rules,
        resources=no_resources(8, 5, lodgings=2),
    )  # fmt: skip
    found = solve(problem, solver="or-tools-routing", seconds=0.1)
    assert found.unknown_rules == ("combinations", "lodgings", "counts")
    assert found.evaluation.feasible
    assert found.solution.lodging in ((0,), (1,))
    assert evaluate(problem, found.solution).objective == found.objective
    assert solve(problem, iterations=200).unknown_rules == ()


def test_a_wanted_lodging_is_chosen() -> None:
    """The inn that has to be slept at is far from everything, and still taken."""
    sleeps = Lodgings(ints(0, 0), ints(0, 4), ints(4, 5), ints(9, 0), ints(0, 0))
    resources = no_resources(8, 5, lodgings=2)
    problem = line_problem(4, days=2, latest=90, groups=6, lodgings=sleeps, resources=resources, required=ints(5))
    found = solve(problem, solver="or-tools-routing", seconds=0.1)
    assert (found.status, found.solution.lodging) == ("feasible", (1,))


def test_hard_rules_that_it_cannot_keep_are_refused() -> None:
    """One error lists every hard rule that the routing library's model does not know."""
    problem = mixed_problem(3, days=2, options=8, features={"combinations", "counts", "precedence", "resources"})
    problem = with_arrivals(problem, ArrivalFunctions.from_travel(problem.travel, 0, 100))
    with pytest.raises(ProblemError) as refusal:
        solve(problem, solver="or-tools-routing", seconds=0.1)
    named = [sentence.split(" ")[0] for sentence in refusal.value.problems]
    assert named == ["arrivals", "precedence"]


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
