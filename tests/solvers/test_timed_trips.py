"""Trips whose travel depends on the time of departure: search, exact models and judge agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_judge import judge
from timed_problems import timed
from trip_problems import FEATURES, ints, line_problem, mixed_problem, tiny_problems

from solvers.errors import ProblemError
from solvers.orienteering import Weights, evaluate, find_contradictions, solve, validate
from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
from solvers.orienteering.problem import UNREACHABLE, TripProblem, TripSolution
from solvers.orienteering.result import SolveResult
from solvers.orienteering.ruin_and_recreate import Search


def is_valid(problem: TripProblem) -> bool:
    try:
        validate(problem)
    except ProblemError:
        return False
    return True


def value(result: SolveResult) -> int | None:
    return result.objective if result.evaluation.feasible else None


@given(
    seed=st.integers(0, 10_000),
    days=st.integers(1, 3),
    options=st.integers(3, 25),
    features=st.sets(st.sampled_from(FEATURES)),
    kind=st.sampled_from(["slots", "samples", "timetable", "mixed"]),
)
@settings(max_examples=120, deadline=None)
def test_the_kernel_counts_as_the_judge_does(seed: int, days: int, options: int, features: set[str], kind: str) -> None:
    """The objective kept by the compiled search is the judge's, and no plan called good breaks a rule."""
    problem = timed(mixed_problem(seed, days=days, options=options, features=features), seed, kind=kind)
    if not is_valid(problem):
        return
    search = Search(problem, seed=seed)
    search.run(150, total=150)
    evaluation = evaluate(problem, search.solution)
    assert search.keeps_hard_rules == evaluation.feasible
    if evaluation.feasible:
        assert search.objective == evaluation.objective


@given(problem=tiny_problems().filter(is_valid), seed=st.integers(0, 1_000), data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_judge_agrees_with_a_second_judge(problem: TripProblem, seed: int, data: st.DataObject) -> None:
    """Two independent readings of the rules give the same verdict and objective on any plan."""
    problem = timed(problem, seed)
    routes: list[list[int]] = [[] for _ in range(problem.days)]
    for option in data.draw(st.permutations(range(problem.options))):
        if data.draw(st.booleans()):
            routes[int(problem.option_day[option])].append(option)
    offered = [np.flatnonzero(problem.lodgings.night == night).tolist() or [-1] for night in range(problem.days - 1)]
    nights = tuple(data.draw(st.sampled_from(stays)) for stays in offered)
    solution = TripSolution(tuple(map(tuple, routes)), nights)
    evaluation = evaluate(problem, solution)
    assert (evaluation.feasible, evaluation.objective) == judge(problem, solution)


@given(problem=tiny_problems().filter(is_valid), seed=st.integers(0, 1_000))
@settings(max_examples=80, deadline=None)
def test_all_solvers_agree_on_tiny_problems(problem: TripProblem, seed: int) -> None:
    """Portfolio, exact model and exhaustive search find the same optimum, or all prove that there is none."""
    problem = timed(problem, seed)
    exhaustive, exact = (solve(problem, solver=solver) for solver in ("exhaustive", "cp-sat"))
    portfolio = solve(problem, iterations=100)
    assert value(exhaustive) == value(exact) == value(portfolio)
    assert exhaustive.status == exact.status == portfolio.status
    assert portfolio.status in {"optimal", "infeasible"}
    assert not (find_contradictions(problem) and exhaustive.evaluation.feasible)


@given(problem=tiny_problems().filter(is_valid))
@settings(max_examples=60, deadline=None)
def test_travel_that_never_changes_is_as_if_it_were_static(problem: TripProblem) -> None:
    """The best value, and the judge's word on the best plan, are the same in both forms."""
    written = with_arrivals(problem, ArrivalFunctions.from_travel(problem.travel, 0, int(problem.day_latest.max())))
    static, constant = (solve(each, solver="exhaustive") for each in (problem, written))
    assert value(static) == value(constant)
    if static.evaluation.feasible:
        assert evaluate(written, static.solution).objective == static.objective


def test_static_travel_in_both_forms_gives_the_same_search() -> None:
    """The search takes the same decisions, as nothing it knows differs."""
    problem = line_problem(places=8, days=2, latest=120)
    written = with_arrivals(problem, ArrivalFunctions.from_travel(problem.travel, 0, 200))
    static, constant = (solve(each, solver="ruin-and-recreate", iterations=300) for each in (problem, written))
    assert static.solution == constant.solution


def bus_line(**changes: object) -> TripProblem:
    """Put one place a bus ride of 10 ticks away: out at 20 and 60, home at 50 and 90, no other way."""
    trips = np.array([(0, 0, 1, 20, 30), (0, 0, 1, 60, 70), (0, 1, 0, 50, 60), (0, 1, 0, 90, 100)])
    walk = np.full((1, 2, 2), UNREACHABLE)
    problem = line_problem(places=1, latest=120, **changes)
    return with_arrivals(problem, ArrivalFunctions.from_timetable(trips, walk, 0, 120))


def test_the_judge_waits_for_the_bus() -> None:
    """One takes the first bus there; the stay of 5 ends at 35, the bus home leaves at 50."""
    problem = bus_line(weights=Weights(travel=1))
    evaluation = evaluate(problem, TripSolution(((0,),)))
    day = evaluation.days[0]
    assert evaluation.feasible
    assert (day.leave, day.start.tolist(), day.departure.tolist(), day.end) == (20, [30], [35], 60)
    assert day.travel == (30 - 20) + (60 - 35)
    assert evaluation.objective == 10 - day.travel


def test_a_place_that_opens_later_is_left_for_later() -> None:
    """The first leg is the last bus that is there by the opening; being early counts as travel."""
    problem = bus_line(option_open=ints(75))
    day = evaluate(problem, TripSolution(((0,),))).days[0]
    assert (day.leave, day.start.tolist(), day.wait.tolist()) == (60, [75], [0])
    assert day.travel == (75 - 60) + (100 - 80)


@pytest.mark.parametrize("solver", ["portfolio", "ruin-and-recreate", "cp-sat", "exhaustive"])
def test_a_place_without_last_bus_home_is_not_visited(solver: str) -> None:
    """A stay that outlasts the last bus leaves one there; a stay that does not is fine."""
    fits, misses = (bus_line(option_duration=ints(stay)) for stay in (60, 61))
    assert solve(fits, solver=solver).solution.routes == ((0,),)  # type: ignore[arg-type]
    assert solve(misses, solver=solver).solution.routes == ((),)  # type: ignore[arg-type]
    stranded = evaluate(misses, TripSolution(((0,),)))
    assert [fault.code for fault in stranded.violations] == ["UNREACHABLE"]


def test_a_required_place_without_last_bus_home_is_proven_impossible() -> None:
    """No detour and no time of day helps, and the proof names the place."""
    assert solve(bus_line(option_duration=ints(60), required=ints(0))).status == "optimal"
    result = solve(bus_line(option_duration=ints(61), required=ints(0)))
    assert result.status == "infeasible"
    assert [(conflict.code, conflict.index, conflict.proven) for conflict in result.conflicts] == [
        ("REQUIRED_MISSING", 0, True)
    ]


def test_the_rush_hour_turns_the_order_around() -> None:
    """Places left and right of the start: the way to the right is slow early and quick late, so the left goes first."""
    ticks = np.full((1, 3, 3, 2), 10, np.int64)
    ticks[0, 0, 2], ticks[0, 2, 1] = (80, 10), (80, 80)
    problem = line_problem(places=2, latest=110)
    problem = with_arrivals(problem, ArrivalFunctions.from_slots(ints(0, 15), 200, ticks))
    problem = replace(problem, option_score=10 * problem.option_score, weights=Weights(travel=1))
    result = solve(problem)
    assert (result.status, result.solution.routes) == ("optimal", ((0, 1),))


def test_the_routing_library_refuses_arrival_functions() -> None:
    """It knows static travel only, and one error says so."""
    with pytest.raises(ProblemError, match="arrivals is given; the solver or-tools-routing accepts problems without"):
        solve(bus_line(), solver="or-tools-routing")
