"""Work that somebody ends: it ends soon, with the best by then, and asking changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from trip_problems import mixed_problem, town

from solvers.orienteering import Progress, evaluate, solve, usable_options
from solvers.orienteering.alternatives import alternatives
from solvers.orienteering.bounding import upper_bound
from solvers.orienteering.displaced import displaced
from solvers.orienteering.ruin_and_recreate import Search
from solvers.stopping import Stop, watched

ENDLESS = 10_000_000
NIGHTS = frozenset({"lodgings"})


def after(questions: int) -> Callable[[], bool]:
    """Return a question that is answered with yes once it was asked so often."""
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > questions

    return should_stop


def test_yes_is_remembered() -> None:
    """Who said to stop is not asked again; where there is nobody, the answer is no."""
    answers = iter([False, True])
    stop = Stop(lambda: next(answers))
    assert [stop(), stop(), stop()] == [False, True, True]
    assert not Stop()()


def test_a_library_is_told_until_it_hears() -> None:
    """One that has not begun when it is first told to end hears it later."""
    told: list[int] = []
    with watched(lambda: True, lambda: told.append(1)):
        while len(told) < 3:
            pass
    assert len(told) >= 3


@pytest.mark.parametrize("limit", [{"iterations": ENDLESS}, {"seconds": 3600.0}], ids=["iterations", "seconds"])
@pytest.mark.parametrize("days", [1, 3])
def test_a_search_ends_when_told(limit: dict[str, Any], days: int) -> None:
    """What would take hours comes back with a plan that keeps every rule, and says why it ended."""
    result = solve(town(60, days=days, seed=5, features=NIGHTS), should_stop=after(4), **limit)
    assert (result.status, result.limit) == ("feasible", "stopped")
    assert any(result.solution.routes)


def test_a_search_told_to_end_at_once_still_has_a_plan() -> None:
    """The first part is run in any case."""
    result = solve(town(60, days=3, seed=5, features=NIGHTS), iterations=ENDLESS, threads=2, should_stop=lambda: True)
    assert (result.evaluation.feasible, result.limit) == (True, "stopped")
    assert 0 < result.iterations <= 50


@pytest.mark.parametrize("days", [1, 3])
def test_watching_changes_nothing(days: int) -> None:
    """Listening and asking leave a run that nobody ends as it is, to the last iteration."""
    problem = town(60, days=days, seed=7, features=NIGHTS)
    alone = solve(problem, iterations=3_000)
    heard: list[Progress] = []
    watched_run = solve(problem, iterations=3_000, on_progress=heard.append, should_stop=lambda: False)
    for field in ("solution", "iterations", "pool_size", "limit", "bound", "status"):
        assert getattr(watched_run, field) == getattr(alone, field), field
    assert len(heard) > 1


def test_the_plan_told_has_the_objective_told() -> None:
    """A listener that asks for the plan gets the one whose objective it heard."""
    problem = town(60, days=3, seed=5, features=NIGHTS)
    seen: list[int] = []

    def hear(progress: Progress) -> None:
        if progress.objective is None:
            assert progress.solution is None
            return
        assert progress.solution is not None
        judged = evaluate(problem, progress.solution)
        assert (judged.feasible, judged.objective) == (True, progress.objective)
        seen.append(judged.objective)

    result = solve(problem, iterations=2_000, on_progress=hear)
    assert seen[-1] == result.objective


def test_nothing_is_begun_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to end while day-routes are put together, no further search begins."""
    from solvers.orienteering import recombine

    problem, ends = town(60, days=3, seed=5, features=NIGHTS), False
    started: list[int] = []
    real_search, real_recombine = Search.__init__, recombine.recombine

    def noting(self: Search, *given: Any, **named: Any) -> None:
        started.append(1)
        real_search(self, *given, **named)

    def ending(*given: Any, **named: Any) -> Any:
        nonlocal ends
        ends = True
        started.clear()
        return real_recombine(*given, **named)

    monkeypatch.setattr(Search, "__init__", noting)
    monkeypatch.setattr(recombine, "recombine", ending)
    result = solve(problem, iterations=400, should_stop=lambda: ends)
    assert (started, result.limit, result.evaluation.feasible) == ([], "stopped", True)


@pytest.mark.parametrize("solver", ["cp-sat", "or-tools-routing"])
@pytest.mark.parametrize("questions", [0, 3, 200])
def test_libraries_end_when_told(solver: Any, questions: int) -> None:
    """CP-SAT, while its model is stated and after, and the routing library come back with the best by then."""
    result = solve(town(40, days=2, seed=3), solver=solver, seconds=3600.0, should_stop=after(questions))
    assert (result.evaluation.feasible, result.limit) == (True, "stopped")


def test_a_proof_ends_when_told() -> None:
    """The bound by then holds."""
    problem = mixed_problem(3, days=3, options=60, features=frozenset({"weights"}))
    plan = solve(problem, iterations=500)
    bound = upper_bound(problem, incumbent=plan.solution, should_stop=lambda: True)
    assert bound.bound >= plan.objective


def test_alternatives_found_by_then_come_back() -> None:
    """Told to end after the first other plan, that one is returned."""
    problem = town(60, days=2, seed=8)
    best = solve(problem, iterations=300)
    share = 0.0

    def hear(done: float) -> None:
        nonlocal share
        share = done

    found = alternatives(problem, best.solution, 4, iterations=300, on_progress=hear, should_stop=lambda: share > 0.25)
    assert len(found) == 1
    assert found[0].evaluation.feasible


def test_what_a_place_displaces_is_told_by_what_was_found() -> None:
    """A comparison that is ended compares with the plan found by then."""
    problem = town(60, days=1, seed=5)
    plan = solve(problem, iterations=300).solution
    usable = usable_options(problem)
    left_out = next(place for place in range(60) if usable[place] and place not in plan.routes[0])
    change = displaced(problem, plan, left_out, iterations=ENDLESS, should_stop=lambda: True)
    assert (change.possible, change.exact) == (True, False)
