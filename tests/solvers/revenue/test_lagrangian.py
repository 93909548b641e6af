"""Lagrangian relaxation: fares shared out among resources."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.revenue.deterministic import deterministic
from solvers.revenue.exact import optimal_request_values
from solvers.revenue.lagrangian import relax
from solvers.revenue.problem import RequestProblem


@pytest.mark.parametrize("seed", range(8))
def test_bound_lies_between_the_best_policy_and_the_linear_program(
    small_requests: Callable[[int], RequestProblem], seed: int
) -> None:
    """And within a twentieth of the best policy on these cases, where certain demand is up to a fifth above."""
    problem = small_requests(seed)
    best = optimal_request_values(problem)[(0, *problem.capacity)]
    bound = relax(problem, iterations=150).bound
    assert best - 1e-9 <= bound <= min(deterministic(problem).bound + 1e-9, 1.05 * best)


def test_one_resource_is_solved_exactly(one_resource: RequestProblem) -> None:
    """The only resource is credited with the whole fare."""
    result = relax(one_resource, iterations=1)
    assert result.values[0] == pytest.approx(optimal_request_values(one_resource))
    assert result.bound == pytest.approx(result.values[0][0, -1])
    assert result.duals == pytest.approx([result.values[0][0, 5] - result.values[0][0, 4]])


def test_steps_lower_the_bound(small_requests: Callable[[int], RequestProblem]) -> None:
    """The best of more steps is never worse, and ten already gain something here."""
    problem = small_requests(3)
    bounds = [relax(problem, iterations=count).bound for count in (1, 10, 100)]
    assert bounds[2] <= bounds[1] <= bounds[0]
    assert bounds[1] < 0.999 * bounds[0]


def test_shares_add_up_to_fares_and_bound_follows_from_them(
    small_requests: Callable[[int], RequestProblem],
) -> None:
    """Starting from the shares of a result, the first step finds its bound again."""
    problem = small_requests(4)
    result = relax(problem, iterations=50)
    is_used = problem.use.any(axis=0)
    sums = np.broadcast_to(problem.fare * is_used, (problem.periods, problem.products))
    assert result.shares.sum(axis=1) == pytest.approx(sums)
    assert (result.shares >= 0).all()
    assert (result.shares[:, problem.use == 0] == 0).all()
    assert relax(problem, iterations=1, shares=result.shares).bound == pytest.approx(result.bound)


def test_values_are_those_of_the_state(small_requests: Callable[[int], RequestProblem]) -> None:
    """Rows and columns follow the periods and units that are left; a sold-out resource has one column."""
    problem = small_requests(1)
    left = np.array([0, 1, 2])
    result = relax(problem, first_period=20, capacity=left, iterations=5)
    assert [value.shape for value in result.values] == [(6, 1), (6, 2), (6, 3)]
    assert optimal_request_values(problem)[(20, *left)] <= result.bound + 1e-9


def test_shares_of_other_fares_are_refused(small_requests: Callable[[int], RequestProblem]) -> None:
    """Shares above the fares would prove nothing less, shares below would prove a falsehood."""
    problem = small_requests(0)
    shares = relax(problem, iterations=1).shares
    with pytest.raises(ProblemError, match="do not add up"):
        relax(problem, shares=0.9 * shares)
    with pytest.raises(ProblemError, match="have shape"):
        relax(problem, shares=shares[1:])
    with pytest.raises(ProblemError, match="iterations is 0"):
        relax(problem, iterations=0)
