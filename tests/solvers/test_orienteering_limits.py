from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from ortools.sat.python import cp_model
from trip_problems import line_problem

from solvers.orienteering import TripProblem, TripSolution, portfolio, recombine, solve
from solvers.orienteering.ruin_and_recreate import PooledRoute, Search


def ticking(step: float) -> Callable[[], float]:
    """Return a clock that goes on by ``step`` seconds each time it is read."""
    times = itertools.count(0.0, step)
    return lambda: next(times)


def pool_of(problem: TripProblem) -> list[PooledRoute]:
    """Return many routes of two visits for both days."""
    return [
        PooledRoute(day, (first + day * problem.groups, second + day * problem.groups), -1, -1, 0)
        for day in range(2)
        for first, second in itertools.combinations(range(problem.groups), 2)
    ]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float]]:
    """Note how many variables CP-SAT is given, and for how many seconds."""
    calls: list[tuple[int, float]] = []
    real = cp_model.CpSolver.solve

    def noting(self: cp_model.CpSolver, model: cp_model.CpModel, *rest: Any) -> Any:
        calls.append((len(model.proto.variables), self.parameters.max_time_in_seconds))
        return real(self, model, *rest)

    monkeypatch.setattr(cp_model.CpSolver, "solve", noting)
    return calls


def test_a_slow_machine_offers_fewer_routes_and_leaves_time_for_cp_sat(
    monkeypatch: pytest.MonkeyPatch, asked: list[tuple[int, float]]
) -> None:
    """Routes are priced for a share of the limit only, and CP-SAT gets less than what is left of it."""
    problem = line_problem(20, days=2)
    pool, plan = pool_of(problem), TripSolution(((0,), ()))
    assert recombine.recombine(problem, pool, plan, effort=1.0, seconds=100.0) is not None
    monkeypatch.setattr(recombine, "perf_counter", ticking(0.01))
    assert recombine.recombine(problem, pool, plan, effort=1.0, seconds=1.0) is not None
    (all_routes, plenty), (few_routes, little) = asked
    assert all_routes > len(pool)
    assert 10 < few_routes < 30
    assert plenty < 100
    assert 0 < little < 0.85


def test_cp_sat_is_not_started_when_stating_the_model_took_the_time(
    monkeypatch: pytest.MonkeyPatch, asked: list[tuple[int, float]]
) -> None:
    """Too late is too late: the plan in hand stays."""
    monkeypatch.setattr(recombine, "perf_counter", ticking(0.5))
    problem = line_problem(20, days=2)
    assert recombine.recombine(problem, pool_of(problem), TripSolution(((0,), ())), effort=1.0, seconds=1.0) is None
    assert not asked


def test_the_search_ends_early_enough_for_the_recombination(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock that moves with the search's work alone, what is left at its end is what was kept."""
    now = [0.0]
    real_run = Search.run

    def working(self: Search, until: int, *, total: int) -> None:
        now[0] += 0.001 * (until - self.iterations)
        real_run(self, until, total=total)

    left: list[float] = []
    monkeypatch.setattr(Search, "run", working)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(
        portfolio, "_recombined", lambda problem, searches, plan, run: left.append(run.seconds - run.elapsed)
    )
    result = solve(line_problem(20, days=2), seconds=4.0)
    assert left == [pytest.approx(1.6, abs=0.003)]
    assert result.seconds == pytest.approx(4.0, abs=0.003)


def test_a_short_limit_is_the_searchs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without lodging, one search from nothing has all of a short limit."""
    monkeypatch.setattr(portfolio, "_recombined", lambda *_: pytest.fail("recombined"))
    assert solve(line_problem(20, days=2), seconds=0.1).status != "unsolved"


def test_a_plan_with_the_best_of_everything_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock that moves with the search's work alone, next to nothing of a long limit is used."""
    now = [0.0]
    real_run = Search.run

    def working(self: Search, until: int, *, total: int) -> None:
        now[0] += 0.001 * (until - self.iterations)
        real_run(self, until, total=total)

    monkeypatch.setattr(Search, "run", working)
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    problem = line_problem(18, days=2, latest=10_000)
    result = solve(problem, seconds=1000.0)
    assert result.status == "optimal"
    assert result.seconds < 100.0
    # Searches that go on to their end take nine tenths of the limit.
    assert solve(problem, iterations=200_000).iterations < 20_000
