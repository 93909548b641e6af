"""Labels remember groups and counts such that nothing better is ever lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trip_problems import line_problem, mixed_problem

from benchmarks.instances import trip_problem
from benchmarks.instances.ttdp import load_ttdp
from benchmarks.proof import first_places
from solvers.orienteering.bounding import upper_bound
from solvers.orienteering.bounding._days import day_kinds
from solvers.orienteering.bounding._memories import Memories
from solvers.orienteering.bounding._meters import count_visit, meters_of
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import CountRules, Sets, TripProblem

_ROUNDS = 40


def _limited(problem: TripProblem, upper: int, kinds: int) -> TripProblem:
    """Allow so many visits of each kind; options belong to the kinds in turn."""
    sets = Sets.of([list(range(kind, problem.options, kinds)) for kind in range(kinds)])
    none = np.zeros(kinds, np.int64)
    counts = CountRules(sets, none, np.full(kinds, upper), np.ones(kinds, np.bool_), none)
    return replace(problem, counts=counts)


@pytest.mark.parametrize("upper", [1, 2, 3])
def test_fields_meet_exactly_when_visits_are_too_many(upper: int) -> None:
    """A forward and a backward label at one option that both count it fit when all visits together do."""
    problem = _limited(line_problem(70, latest=2_000), upper, 1)
    (kind,) = day_kinds(problem)
    meters = meters_of(problem, kind)
    start, meter = meters.by_option()
    shift, full = meters.shift.astype(np.uint64), meters.full

    def after(visits: int, *, is_forward: bool) -> np.ndarray:
        memory = np.zeros((1, meters.words), np.uint64)
        for _ in range(visits):
            count_visit(memory, 0, memory, 0, start[5], start[6], meter, meters.word, shift, full, is_forward)
        return memory

    here = np.array([5], np.int32)
    for before in range(1, upper + 1):
        for behind in range(1, upper + 1):
            ahead, back = after(before, is_forward=True), after(behind, is_forward=False)
            fits = before + behind - 1 <= upper
            assert (not (ahead & meters.less_own(back, here, is_forward=False)).any()) == fits
            assert (not (back & meters.less_own(ahead, here, is_forward=True)).any()) == fits


def test_memories_grow_where_a_route_visits_too_many_of_a_kind() -> None:
    """What lies between the first visit and the one too many remembers the count from then on."""
    problem = _limited(line_problem(6, latest=200), 2, 2)
    (kind,) = day_kinds(problem)
    memories = Memories(problem, kind, 1)
    rank = {int(option): rank for rank, option in enumerate(kind.options)}
    route = tuple(rank[option] for option in (0, 1, 2, 3, 4))
    groups = memories.near.shape[1] - 2
    assert not memories.near[rank[1], groups]
    assert memories.grow([route], 10) > 0
    assert memories.near[rank[1], groups]
    assert memories.near[rank[3], groups]
    assert memories.grow([route], 10) == 0


@pytest.mark.parametrize("seed", range(8))
def test_counted_days_are_closed_at_the_exact_optimum(seed: int) -> None:
    """With at most one or two visits of a kind, the bound meets what the exact model proves."""
    problem = mixed_problem(seed, days=1, options=13, features=frozenset({"weights"}))
    problem = _limited(problem, 1 + seed % 2, 3)
    exact = solve(problem, solver="cp-sat")
    assert exact.status == "optimal"
    start = solve(problem, iterations=5, seed=seed)
    result = upper_bound(problem, incumbent=start.solution, iterations=_ROUNDS)
    assert result.optimal
    assert result.bound == exact.objective


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["t104", "t130", "t150"])
def test_long_days_with_wide_windows_are_closed(shared: Path, name: str) -> None:
    """Some twenty visits among a hundred places, most of them open all day, are proven optimal."""
    file = shared / "benchmarks" / "ttdp_athens" / "instances" / f"{name}.txt"
    problem = trip_problem(first_places(load_ttdp(file, tours=1), 100))
    found = solve(problem, iterations=20_000, seed=1)
    result = upper_bound(problem, incumbent=found.solution, iterations=10)
    assert result.optimal
    assert result.bound >= found.objective
