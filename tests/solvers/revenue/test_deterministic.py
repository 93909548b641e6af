"""Bounds of independent demand by linear programs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.revenue.deterministic import deterministic, draw_requests, randomised
from solvers.revenue.exact import optimal_request_values
from solvers.revenue.problem import RequestProblem


def test_optimum_of_a_case_solved_by_hand() -> None:
    """Ten seats, six requests at 100 and eight at 60 expected: 6 * 100 + 4 * 60, and a seat is worth 60."""
    problem = RequestProblem(
        fare=np.array([60.0, 100.0]),
        use=np.array([[1, 1]]),
        capacity=np.array([10]),
        probability=np.tile([0.4, 0.3], (20, 1)),
    )
    result = deterministic(problem)
    assert result.bound == pytest.approx(840.0)
    assert result.duals == pytest.approx([60.0])
    assert result.status == "optimal"
    assert result.revenue is None


def test_state_replaces_capacity_and_earlier_demand() -> None:
    """With half the periods gone and two seats left, both are sold at the highest fare."""
    problem = RequestProblem(
        fare=np.array([60.0, 100.0]),
        use=np.array([[1, 1]]),
        capacity=np.array([10]),
        probability=np.tile([0.4, 0.3], (20, 1)),
    )
    assert deterministic(problem, first_period=10, capacity=np.array([2])).bound == pytest.approx(200.0)


@pytest.mark.parametrize("seed", range(5))
def test_both_programs_bound_the_best_policy(small_requests: Callable[[int], RequestProblem], seed: int) -> None:
    """Certain demand earns most, demand known in advance less, the best policy least."""
    problem = small_requests(seed)
    best = optimal_request_values(problem)[(0, *problem.capacity)]
    certain, known = deterministic(problem), randomised(problem, samples=400, seed=1)
    assert best <= known.bound
    assert known.interval[0] <= certain.bound
    assert best <= certain.bound + 1e-9


def test_interval_lies_around_the_mean_and_shrinks(small_requests: Callable[[int], RequestProblem]) -> None:
    """A hundred times the samples give about a tenth of the width; the bound is the upper end."""
    problem = small_requests(2)
    few, many = randomised(problem, samples=20, seed=3), randomised(problem, samples=2000, seed=3)
    widths = [result.interval[1] - result.interval[0] for result in (few, many)]
    assert 0.05 < widths[1] / widths[0] < 0.2
    assert many.bound == many.interval[1]
    assert many.mean == pytest.approx(sum(many.interval) / 2)


def test_requests_come_with_their_chances(small_requests: Callable[[int], RequestProblem]) -> None:
    """Over 20,000 horizons each product is asked for as often as its chances say, within five standard errors."""
    problem = small_requests(0)
    drawn = draw_requests(problem, horizons=20_000, seed=4)
    counts = np.array([(drawn == product).sum(axis=0) for product in range(problem.products)]).T / 20_000
    assert np.abs(counts - problem.probability).max() < 5 * np.sqrt(0.25 / 20_000)
    assert (draw_requests(problem, horizons=20_000, seed=4) == drawn).all()
    assert (draw_requests(problem, horizons=20_000, seed=5) != drawn).any()


def test_faults_are_told_together(small_requests: Callable[[int], RequestProblem]) -> None:
    """A period and a capacity that do not belong to the problem are both named."""
    with pytest.raises(ProblemError) as refused:
        deterministic(small_requests(0), first_period=99, capacity=np.array([1]))
    assert len(refused.value.problems) == 2
    assert "99" in refused.value.problems[0]


def test_a_sample_of_one_is_refused(small_requests: Callable[[int], RequestProblem]) -> None:
    """One sample has no interval."""
    with pytest.raises(ProblemError, match="samples is 1"):
        randomised(small_requests(0), samples=1, seed=0)
