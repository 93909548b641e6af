"""One dynamic program per resource, the others at their duals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.revenue.decomposition import decompose
from solvers.revenue.deterministic import deterministic
from solvers.revenue.exact import optimal_request_values
from solvers.revenue.problem import RequestProblem


@pytest.mark.parametrize("seed", range(8))
def test_bound_holds_for_any_duals(small_requests: Callable[[int], RequestProblem], seed: int) -> None:
    """The best policy earns no more, be the duals those of a linear program, nought, or drawn."""
    problem = small_requests(seed)
    best = optimal_request_values(problem)[(0, *problem.capacity)]
    drawn = np.random.default_rng(seed).uniform(0.0, 80.0, problem.resources)
    for duals in (None, np.zeros(problem.resources), drawn):
        assert best <= decompose(problem, duals=duals).bound + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_bound_is_below_that_of_the_linear_program(small_requests: Callable[[int], RequestProblem], seed: int) -> None:
    """Random demand for one resource costs something, and the program sees it."""
    problem = small_requests(seed)
    assert decompose(problem).bound <= deterministic(problem).bound + 1e-9


def test_one_resource_is_solved_exactly(one_resource: RequestProblem) -> None:
    """There is nothing to decompose: values agree with enumeration in every state."""
    result = decompose(one_resource)
    assert result.values[0] == pytest.approx(optimal_request_values(one_resource))
    assert result.bound == pytest.approx(result.values[0][0, -1])


def test_products_that_use_nothing_are_all_sold() -> None:
    """Ten expected requests at 30 add 300 to the bound."""
    chances = np.tile([0.5, 0.5], (20, 1))
    problem = RequestProblem(np.array([30.0, 80.0]), np.array([[0, 1]]), np.array([0]), chances)
    assert decompose(problem).bound == pytest.approx(300.0)


def test_negative_duals_are_refused(small_requests: Callable[[int], RequestProblem]) -> None:
    """They would prove nothing."""
    with pytest.raises(ProblemError, match="0 or more"):
        decompose(small_requests(0), duals=np.array([1.0, -1.0, 0.0]))
