"""Simulation of policies on the same requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from solvers.errors import ProblemError
from solvers.revenue.exact import optimal_request_values
from solvers.revenue.problem import RequestProblem
from solvers.revenue.request_simulation import (
    Policy,
    from_duals,
    from_relaxation,
    from_samples,
    from_values,
    simulate,
)
from solvers.revenue.request_values import request_values


def test_optimal_values_earn_what_they_promise(one_resource: RequestProblem) -> None:
    """On one resource bid prices are the best policy: its value lies within 1.5 half widths of the simulated mean."""
    values = optimal_request_values(one_resource)
    outcome = simulate(one_resource, from_values((values,)), horizons=20_000, seed=7)
    assert abs(outcome.mean - values[0, 5]) < 1.5 * outcome.half_width
    assert outcome.half_width < 0.01 * outcome.mean


@pytest.mark.parametrize("seed", range(4))
def test_no_policy_exceeds_the_best_one(small_requests: Callable[[int], RequestProblem], seed: int) -> None:
    """Means stay below the enumerated optimum, but for the noise of their interval."""
    problem = small_requests(seed)
    best = optimal_request_values(problem)[(0, *problem.capacity)]
    policies: list[tuple[Policy, int]] = [
        (from_values(request_values(problem, seed=3).values), 1),
        (from_duals(problem), 5),
        (from_samples(problem, samples=10, seed=1), 2),
        (from_relaxation(problem, iterations=10), 2),
    ]
    for policy, solves in policies:
        outcome = simulate(problem, policy, horizons=200, seed=5, solves=solves)
        assert outcome.interval[0] - outcome.half_width < best


@pytest.mark.parametrize("seed", range(4))
def test_values_that_meet_each_other_are_close_to_the_best_policy(
    small_requests: Callable[[int], RequestProblem], seed: int
) -> None:
    """Within 3 % of the enumerated optimum, where duals alone lose more."""
    problem = small_requests(seed)
    best = optimal_request_values(problem)[(0, *problem.capacity)]
    live = simulate(problem, from_values(request_values(problem, seed=3).values), horizons=4_000, seed=5)
    duals = simulate(problem, from_duals(problem), horizons=4_000, seed=5)
    assert live.mean > 0.97 * best
    assert live.mean > duals.mean


def test_nothing_is_sold_twice(small_requests: Callable[[int], RequestProblem]) -> None:
    """With bid prices of nought every request is taken while it fits, and no more."""
    problem = small_requests(1)
    free = tuple(np.zeros((problem.periods + 1, int(units) + 1)) for units in problem.capacity)
    outcome = simulate(problem, from_values(free), horizons=500, seed=2)
    assert outcome.left.min() == 0
    assert (outcome.left <= problem.capacity).all()


def test_same_seed_gives_the_same_revenue(small_requests: Callable[[int], RequestProblem]) -> None:
    """Asking a policy of the whole horizon again and again changes nothing; another seed does."""
    problem = small_requests(2)
    policy = from_values(request_values(problem, seed=3).values)
    once = simulate(problem, policy, horizons=50, seed=2)

    def cut_to_state(first_period: int, left: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        whole = policy(first_period, left)
        return tuple(value[:, : int(units) + 1] for value, units in zip(whole, left, strict=True))

    assert (simulate(problem, cut_to_state, horizons=50, seed=2, solves=5).earned == once.earned).all()
    assert (simulate(problem, policy, horizons=50, seed=4).earned != once.earned).any()


def test_arguments_out_of_range_are_named(small_requests: Callable[[int], RequestProblem]) -> None:
    """One horizon has no interval, and nobody is asked more often than there are periods."""
    problem = small_requests(0)
    with pytest.raises(ProblemError) as refused:
        simulate(problem, from_duals(problem), horizons=1, seed=0, solves=99)
    assert len(refused.value.problems) == 2
    with pytest.raises(ProblemError, match="samples is 0"):
        request_values(problem, samples=0, seed=0)


def test_example_of_the_page_runs_and_tells_the_truth() -> None:
    """The live policy of docs/dynamic-prices.md earns 6 % more than duals, and no more than its bound."""
    page = (Path(__file__).parents[3] / "docs" / "dynamic-prices.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    gain = names["live"].earned - names["plain"].earned
    assert 0.055 < gain.mean() / names["plain"].mean < 0.065
    assert names["live"].interval[1] < names["found"].bound
    assert 0 < names["worth"] < 5000
