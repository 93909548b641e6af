from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from trip_problems import FEATURES, ints, line_problem, mixed_problem, tiny_problems, town

from solvers.errors import ProblemError, SolutionError, SolverError
from solvers.orienteering import (
    UNREACHABLE,
    Conflict,
    CountRules,
    Progress,
    Resources,
    Sets,
    Solver,
    SolveResult,
    TripProblem,
    TripSolution,
    Weights,
    _proven_conflict,
    evaluate,
    load_search,
    solve,
    usable_options,
    validate,
)
from solvers.orienteering.exhaustive import search_exhaustively
from solvers.orienteering.multi_start import MultiStart
from solvers.orienteering.ruin_and_recreate import Search


def is_valid(problem: TripProblem) -> bool:
    try:
        validate(problem)
    except ProblemError:
        return False
    return True


def value(result: SolveResult) -> int | None:
    return result.objective if result.evaluation.feasible else None


@given(problem=tiny_problems().filter(is_valid))
@settings(max_examples=120, deadline=None)
def test_all_solvers_agree_on_tiny_problems(problem: TripProblem) -> None:
    """Portfolio, exact model and exhaustive search find the same optimum, or all prove that there is none."""
    exhaustive, exact, portfolio = (
        solve(problem, solver=solver, iterations=None if solver != "portfolio" else 100)
        for solver in ("exhaustive", "cp-sat", "portfolio")
    )
    assert value(exhaustive) == value(exact) == value(portfolio)
    assert exhaustive.status == exact.status == portfolio.status
    assert portfolio.status in {"optimal", "infeasible"}


@given(problem=tiny_problems().filter(is_valid))
@settings(max_examples=80, deadline=None)
def test_the_search_alone_finds_the_optimum_of_tiny_problems(problem: TripProblem) -> None:
    """Without the exact model's help, where travel obeys the triangle inequality, as real travel does."""
    spots = np.random.default_rng(int(problem.travel.sum() % 1_000)).integers(0, 8, size=(problem.nodes, 2))
    ticks = np.abs(spots[:, None] - spots[None, :]).sum(axis=2).astype(np.int64)
    metric = replace(problem, travel=np.stack([ticks, 2 * ticks]), arc_cost=ticks)
    metric = replace(metric, resources=replace(metric.resources, arc_use=np.zeros_like(metric.resources.arc_use)))
    found = solve(metric, solver="ruin-and-recreate", iterations=600)
    assert value(found) == value(solve(metric, solver="exhaustive"))


@given(problem=tiny_problems(most_options=4).filter(is_valid), score=st.integers(0, 50), at=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_another_option_never_worsens_the_best_plan(problem: TripProblem, score: int, at: int) -> None:
    """What was possible stays possible when a group gets one more option."""
    model = at % problem.options

    def longer(array: np.ndarray) -> np.ndarray:
        return np.append(array, array[model])

    columns = ("node", "group", "day", "open", "close", "duration", "cost", "load")
    more = replace(
        problem,
        **{f"option_{name}": longer(getattr(problem, f"option_{name}")) for name in columns},
        option_score=np.append(problem.option_score, score),
        resources=replace(
            problem.resources,
            option_use=np.append(problem.resources.option_use, problem.resources.option_use[:, [model]], axis=1),
        ),
    )
    before = value(solve(problem, solver="exhaustive"))
    assume(before is not None)
    after = value(solve(more, solver="exhaustive"))
    assert before is not None
    assert after is not None
    assert after >= before


@given(
    seed=st.integers(0, 10_000),
    days=st.integers(1, 3),
    features=st.sets(st.sampled_from([feature for feature in FEATURES if feature != "holes"])),
)
@settings(max_examples=25, deadline=None)
def test_the_kernel_counts_as_the_judge_does(seed: int, days: int, features: set[str]) -> None:
    """The objective kept by the compiled search is the judge's, and no plan called good breaks a rule."""
    problem = town(30, days=days, seed=seed, features=frozenset(features))
    assume(is_valid(problem))
    search = Search(problem, seed=seed)
    search.run(150, total=150)
    evaluation = evaluate(problem, search.solution)
    assert search.keeps_hard_rules == evaluation.feasible
    if evaluation.feasible:
        assert search.objective == evaluation.objective


@pytest.mark.parametrize("solver", ["portfolio", "ruin-and-recreate"])
def test_same_seed_and_iterations_same_plan(solver: Solver) -> None:
    """A run limited in iterations repeats exactly; another seed may go another way."""
    problem = town(60, days=2, seed=4, features=frozenset({"weights", "combinations", "lodgings"}))
    first, again = (solve(problem, solver=solver, seed=7, iterations=400) for _ in range(2))
    assert first.solution == again.solution
    assert (first.limit, first.seed, first.iterations) == ("iterations", 7, 400)


def test_chunks_do_not_change_the_search() -> None:
    """A run cut into many parts ends where the run in one part ends."""
    problem = town(40, days=2, seed=5)
    whole, cut = Search(problem, seed=3), Search(problem, seed=3)
    whole.run(300, total=300)
    for until in (1, 2, 50, 51, 299, 300):
        cut.run(until, total=300)
    assert whole.solution == cut.solution
    assert whole.pool() == cut.pool()


def test_threads_search_with_seeds_of_their_own_and_share_one_pool() -> None:
    """The run repeats exactly, holds what each seed alone finds, and is never worse than any of them."""
    problem = town(60, days=2, seed=4, features=frozenset({"weights", "combinations"}))
    first, again = (solve(problem, seed=7, iterations=400, threads=3) for _ in range(2))
    alone = [solve(problem, solver="ruin-and-recreate", seed=seed, iterations=400) for seed in (7, 8, 9)]
    assert first.solution == again.solution
    assert (first.iterations, first.pool_size) == (400, sum(result.pool_size for result in alone))
    assert first.objective >= max(result.objective for result in alone)
    # The best of the searches comes out even without recombination.
    best = solve(problem, solver="ruin-and-recreate", seed=7, iterations=400, threads=3)
    assert best.objective == max(result.objective for result in alone)
    with pytest.raises(SolverError, match="threads is 0"):
        solve(problem, threads=0)


def test_further_searches_have_seeds_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """With lodgings, three searches and a last one run on each thread: none twice, progress rises, and all repeats."""
    problem = town(60, days=2, seed=5, features=frozenset({"weights", "combinations", "lodgings"}))
    assert problem.lodgings.night.size
    load_search()
    seeds: list[int] = []
    real = Search.__init__

    def noting(self: Search, problem: TripProblem, *, seed: int = 0, warm_start: TripSolution | None = None) -> None:
        seeds.append(seed)
        real(self, problem, seed=seed, warm_start=warm_start)

    monkeypatch.setattr(Search, "__init__", noting)
    told: list[Progress] = []
    first = solve(problem, seed=7, iterations=400, threads=2, on_progress=told.append)
    assert seeds == list(range(7, 15))
    assert first.iterations == 360
    for values in zip(*((step.share, step.iterations, step.objective or 0) for step in told), strict=True):
        assert list(values) == sorted(values)
    again = solve(problem, seed=7, iterations=400, threads=2)
    assert (again.solution, again.pool_size) == (first.solution, first.pool_size)


@pytest.mark.parametrize("iterations", [1, 2, 99, 100, 101])
def test_few_iterations_are_enough_for_a_plan(iterations: int) -> None:
    """The search does what it is asked for, in one part or in several."""
    result = solve(town(60, days=3, seed=5, features=frozenset({"lodgings"})), iterations=iterations)
    assert result.evaluation.feasible
    assert 0.9 * iterations - 1 <= result.iterations <= iterations


def test_the_shortest_limit_brings_a_plan() -> None:
    """Where the time is up before the search has begun, it begins all the same, and sleeps somewhere."""
    problem = town(60, days=2, seed=5, features=frozenset({"lodgings"}))
    result = solve(problem, seconds=1e-6)
    assert result.evaluation.feasible
    assert 0 < result.iterations <= 100


def test_the_pools_of_several_searches_are_merged_best_first() -> None:
    """Each day-route once, those of the best plans first, and no more than asked for."""
    searches = MultiStart(town(40, days=2, seed=5), threads=2, seed=3)
    searches.run(200, total=200)
    pool = searches.pool()
    assert len({(route.day, route.options) for route in pool}) == len(pool) <= searches.pool_size
    assert [route.objective for route in pool] == sorted((route.objective for route in pool), reverse=True)
    assert searches.pool(10) == pool[:10]


def test_a_limit_in_seconds_is_kept() -> None:
    """The answer comes when the time is up, and says that it hung on the clock."""
    result = solve(town(80, days=2, seed=6), seconds=0.4)
    assert result.limit == "seconds"
    assert result.iterations > 50
    assert result.seconds < 2


def test_progress_never_falls() -> None:
    """Shares and objectives told to the caller only rise, and end with the result's."""
    told: list[Progress] = []
    result = solve(town(60, days=2, seed=8), iterations=500, on_progress=told.append)
    assert [step.share for step in told] == sorted(step.share for step in told)
    values = [step.objective for step in told if step.objective is not None]
    assert values == sorted(values)
    assert (values[-1], told[-1].share) == (result.objective, 1.0)


def test_a_callback_may_end_the_run() -> None:
    """What the callback raises reaches the caller."""

    def stop(_: Progress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        solve(line_problem(), on_progress=stop)


def test_a_warm_start_is_never_lost() -> None:
    """With hardly any iterations the result is still as good as the plan it began with."""
    problem = town(60, days=2, seed=9, features=frozenset({"weights", "counts"}))
    good = solve(problem, iterations=3_000)
    warm = solve(problem, iterations=1, warm_start=good.solution, seed=5)
    assert warm.objective >= good.objective


def test_a_broken_warm_start_is_mended() -> None:
    """Visits that do not fit are left out; plans of another problem are refused."""
    result = solve(line_problem(latest=50), iterations=5, warm_start=TripSolution(((0, 1, 2, 3),)))
    assert result.evaluation.feasible
    with pytest.raises(SolutionError):
        solve(line_problem(), warm_start=TripSolution(((9,),)))


def test_everything_at_no_cost_is_optimal() -> None:
    """Nobody can do better than all places at their best score."""
    result = solve(line_problem(20, latest=1_000), solver="ruin-and-recreate", iterations=200)
    assert (result.status, result.objective, result.bound) == ("optimal", 2_100, 2_100)


def test_a_required_group_out_of_reach_is_proven_infeasible() -> None:
    """It is named, the best plan without it comes along, and its option is known to be useless."""
    problem = line_problem(latest=60, required=ints(0, 3))
    result = solve(problem)
    assert result.status == "infeasible"
    assert result.conflicts == (Conflict("REQUIRED_MISSING", 3, -1, proven=True),)
    assert result.evaluation.objective > 0
    assert usable_options(problem).tolist() == [True, True, False, False]


def test_a_detour_is_not_taken_for_impossible() -> None:
    """Where the direct way is closed, a place that a detour reaches is not declared out of reach."""
    problem = line_problem(required=ints(1))
    travel = problem.travel.copy()
    travel[0, 0, 2] = UNREACHABLE
    result = solve(replace(problem, travel=travel))
    assert result.status == "optimal"
    assert 1 in result.solution.routes[0]


def test_a_budget_below_the_required_groups_is_proven_infeasible() -> None:
    """The budget and the groups that together exceed it are named."""
    purse = Resources(
        ints(10), np.array([False]), np.array([[6, 5, 1, 1]]), np.zeros((1, 5, 5), np.int64), np.zeros((1, 0), np.int64)
    )
    result = solve(line_problem(required=ints(0, 1), resources=purse))
    assert result.status == "infeasible"
    assert {(conflict.code, conflict.index) for conflict in result.conflicts} == {
        ("RESOURCE_OVER", 0),
        ("REQUIRED_MISSING", 0),
        ("REQUIRED_MISSING", 1),
    }


def test_hard_counts_that_cannot_be_met_are_proven_infeasible() -> None:
    """Two of a kind are asked for, of which only one can be reached."""
    rules = CountRules(Sets.of([[0, 3]]), ints(2), ints(2), np.array([False]), ints(0))
    result = solve(line_problem(latest=60, counts=rules))
    assert (result.status, result.conflicts) == ("infeasible", (Conflict("COUNT_BELOW", 0, -1, proven=True),))


def test_a_day_too_short_for_its_way_is_proven_infeasible() -> None:
    """The day is named."""
    result = solve(line_problem(day_end=ints(4), latest=30))
    assert (result.status, result.conflicts) == ("infeasible", (Conflict("DAY_IMPOSSIBLE", -1, 0, proven=True),))


def required_at_once() -> TripProblem:
    """Return a problem whose groups 0 and 1 must both be visited at tick 20, among many places."""
    places = 30
    close = np.full(places, 1_000)
    close[:2] = 20
    opens = np.zeros(places, np.int64)
    opens[:2] = 20
    return line_problem(places, latest=1_000, required=ints(0, 1, 5), option_open=opens, option_close=close)


def test_groups_that_exclude_each_other_are_proven_infeasible() -> None:
    """Each required group fits alone, two do not fit together, and the third is not blamed."""
    result = solve(required_at_once(), iterations=300)
    assert result.status == "infeasible"
    assert set(result.conflicts) == {Conflict("REQUIRED_MISSING", group, -1, proven=True) for group in (0, 1)}
    assert [fault.code for fault in result.evaluation.violations] == ["REQUIRED_MISSING"]


def test_groups_that_only_nearly_exclude_each_other_are_no_conflict() -> None:
    """With ten more ticks for the second place both fit."""
    problem = required_at_once()
    close = problem.option_close.copy()
    close[1] = 35
    assert solve(replace(problem, option_close=close), iterations=300).status in {"feasible", "optimal"}


def test_an_upper_count_below_the_required_groups_is_proven_infeasible() -> None:
    """Two places of a kind are required, of which a day may hold one."""
    rules = CountRules(Sets.of([[0, 1, 2]]), ints(0), ints(1), np.array([True]), ints(0))
    result = solve(line_problem(20, latest=1_000, required=ints(0, 1, 7), counts=rules), iterations=300)
    assert result.status == "infeasible"
    assert {(conflict.index, conflict.proven) for conflict in result.conflicts} == {(0, True), (1, True)}


def test_without_a_proof_nothing_is_called_infeasible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the exact model is not asked, the groups are named all the same, and nothing is claimed of them."""
    monkeypatch.setattr(_proven_conflict, "MOST_OPTIONS", 0)
    result = solve(required_at_once(), iterations=300)
    assert result.status == "unsolved"
    assert {(conflict.index, conflict.proven) for conflict in result.conflicts} == {(0, False), (1, False)}


@pytest.mark.parametrize("seed", range(150))
def test_proven_conflicts_are_true(seed: int) -> None:
    """Of small problems with all features, none that has a plan holding the groups is said to have none."""
    features = {feature for number, feature in enumerate(FEATURES) if (seed * 11 + number * 5) % 4}
    problem = mixed_problem(seed, days=1 + seed % 2, options=6, features=features - {"required"})
    groups = sorted(set(problem.option_group[:2].tolist()))
    wanted = replace(problem, required=np.array(groups, np.int64))
    named = [Conflict("REQUIRED_MISSING", group, -1, proven=False) for group in groups]
    proven = _proven_conflict.proven_conflict(wanted, named, seed=0)
    if search_exhaustively(wanted) is not None:
        assert proven == ()


def test_the_exact_model_proves_the_same() -> None:
    """What the search calls unsolved, the exact model proves infeasible."""
    assert solve(required_at_once(), solver="cp-sat").status == "infeasible"


@pytest.mark.parametrize("seed", range(3))
def test_a_usual_trip_comes_near_the_exact_optimum(seed: int) -> None:
    """Search and recombination alone reach the proven optimum of a day with twelve places within two percent."""
    problem = replace(town(12, days=1, seed=seed), weights=Weights(travel=1))
    problem = replace(problem, option_score=problem.option_score * 50)
    exact = solve(problem, solver="cp-sat")
    assert exact.status == "optimal"
    assert solve(problem, solver="ruin-and-recreate").objective >= 0.98 * exact.objective


def test_the_door_is_light() -> None:
    """Reading the contract loads neither numba nor OR-Tools; every public name exists."""
    check = (
        "import sys, solvers.orienteering.problem, solvers.orienteering as door; "
        "assert not {'numba', 'ortools', 'scipy'} & set(sys.modules); "
        "[getattr(door, name) for name in door.__all__]; "
        "from solvers.orienteering import validate; assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", check], check=True)
