"""The warm-up leaves nothing to compile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from numba.core import event

from solvers.qubo.exact import solve_exactly
from solvers.qubo.loading import load_annealer
from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import quadratic_of, to_bqm
from solvers.qubo.samplers.group_moves import GroupMoveSampler
from solvers.qubo.sampling import solve_by_sampling


class _Compiled(event.Listener):
    """Collects the names of functions that numba compiles."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def on_start(self, event: event.Event) -> None:
        self.names.append(event.data["dispatcher"].py_func.__name__)

    def on_end(self, event: event.Event) -> None:
        """Count a function once."""


@pytest.fixture
def compiled() -> Iterator[list[str]]:
    """Return the names of what is compiled after the warm-up."""
    load_annealer()
    listener = _Compiled()
    with event.install_listener("numba:compile", listener):
        yield listener.names


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_packing_problems_are_solved_with_what_is_compiled(
    compiled: list[str], small_packing: Callable[..., PackingProblem], shape: str
) -> None:
    """Sampled, decoded and proven, with capacities or without: shapes and sizes make no difference."""
    for capacities in (0, 2):
        problem = small_packing(shape, 1, items=30, capacities=capacities)
        for sampler in ("sa", "group-moves"):
            solve_by_sampling(problem, sampler=sampler, reads=3)
        solve_exactly(problem, seconds=1.0)
    GroupMoveSampler().sample(to_bqm(quadratic_of(problem)), num_reads=2, seed=1)
    assert compiled == []
