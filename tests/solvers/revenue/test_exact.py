"""Enumeration, judged by cases solved by hand."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.revenue.exact import optimal_choice_values, optimal_request_values
from solvers.revenue.problem import ChoiceProblem, RequestProblem


def test_two_periods_by_hand() -> None:
    """One seat, 50 for sure today or 100 with chance 0.6 tomorrow: wait, and earn 60."""
    problem = RequestProblem(
        np.array([50.0, 100.0]), np.array([[1, 1]]), np.array([1]), np.array([[1.0, 0.0], [0.0, 0.6]])
    )
    assert optimal_request_values(problem) == pytest.approx(np.array([[0.0, 60.0], [0.0, 60.0], [0.0, 0.0]]))


def test_a_product_needs_all_its_resources() -> None:
    """Where the second resource is empty, only the product that does without it is sold."""
    problem = RequestProblem(
        np.array([30.0, 80.0]), np.array([[1, 1], [0, 1]]), np.array([1, 1]), np.array([[0.5, 0.5]])
    )
    values = optimal_request_values(problem)
    assert values[0] == pytest.approx(np.array([[0.0, 0.0], [15.0, 55.0]]))


def test_one_customer_is_offered_the_best_price() -> None:
    """At 100 half buy, at 300 a quarter: 75 beats 50."""
    problem = ChoiceProblem(
        product=np.array([0, 0]),
        price=np.array([100.0, 300.0]),
        use=np.array([[1.0]]),
        capacity=np.array([1.0]),
        arrivals=np.array([[1.0]]),
        attraction=np.array([[1.0, 1 / 3]]),
        no_purchase=np.array([1.0]),
    )
    assert optimal_choice_values(problem, steps=1)[0] == pytest.approx([0.0, 75.0])


def test_more_steps_come_closer_from_above() -> None:
    """One product at one price: the value tends to price times the expectation of min(Poisson sales, capacity)."""
    problem = ChoiceProblem(
        product=np.array([0]),
        price=np.array([10.0]),
        use=np.array([[1.0]]),
        capacity=np.array([2.0]),
        arrivals=np.array([[4.0]]),
        attraction=np.array([[1.0]]),
        no_purchase=np.array([1.0]),
    )
    sold = np.exp(-2.0) * (0 * 1 + 1 * 2) + 2 * (1 - np.exp(-2.0) * (1 + 2))
    coarse, fine = (optimal_choice_values(problem, steps=steps)[0, 2] for steps in (10, 2000))
    assert 10 * sold < fine < coarse
    assert fine == pytest.approx(10 * sold, rel=1e-3)


def test_too_large_a_case_is_refused() -> None:
    """Before the memory is full."""
    problem = RequestProblem(np.array([1.0]), np.ones((8, 1), np.int64), np.full(8, 20), np.full((10, 1), 0.5))
    with pytest.raises(ProblemError, match="accepted: 20000000 values"):
        optimal_request_values(problem)
