from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_markets import tiny_market

from benchmarks.pricing.parallel_flights import load_cases
from solvers.revenue._blocks import blocks_by_segment, offered
from solvers.revenue._columns import price_bound
from solvers.revenue._linear import LinearSolver
from solvers.revenue.enumeration import enumerate_offers
from solvers.revenue.sales_based import sales_based

SOLVERS: tuple[LinearSolver, ...] = ("glop", "pdlp", "highs-ipm", "highs-simplex")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("load", [0.4, 1.5])
def test_segments_with_products_of_their_own_earn_what_enumeration_finds(seed: int, load: float) -> None:
    """The program is exact where no product is seen by two segments."""
    problem = tiny_market(seed, sees_all=False, load=load, masks=seed % 2 == 1)
    result = sales_based(problem)
    assert result.is_exact
    assert result.status == "optimal"
    assert result.revenue == pytest.approx(enumerate_offers(problem).revenue, rel=1e-6)
    assert result.revenue == pytest.approx(result.bound, rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_overlapping_segments_have_a_bound_and_no_revenue(seed: int) -> None:
    """What each segment would pay for prices of its own is not earned by prices that all see."""
    problem = tiny_market(seed, masks=seed % 2 == 1)
    result = sales_based(problem)
    assert not result.is_exact
    assert result.revenue is None
    assert result.gap is None
    assert result.bound >= (enumerate_offers(problem).revenue or 0.0) * (1 - 1e-9)


def test_targeted_prices_earn_the_bound() -> None:
    """Where each segment can be shown prices of its own, the bound is reached."""
    result = sales_based(tiny_market(1), is_targeted=True)
    assert result.revenue == pytest.approx(result.bound, rel=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_proves_the_same_bound(solver: LinearSolver) -> None:
    """A first-order method comes near from above; the others meet."""
    problem = tiny_market(3, products=5, levels=3, segments=3)
    exact = sales_based(problem, solver="glop").bound
    found = sales_based(problem, solver=solver).bound
    assert found >= exact * (1 - 1e-9)
    assert found == pytest.approx(exact, rel=1e-3 if solver == "pdlp" else 1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_any_duals_prove_a_bound(seed: int) -> None:
    """However wrong the prices of capacity, the bound they give is never below the optimum."""
    problem = tiny_market(seed)
    blocks = blocks_by_segment(problem, offered(problem))
    optimum = sales_based(problem).bound
    for scale in (0.0, 0.3, 1.0, 3.0):
        duals = scale * np.random.default_rng(seed).uniform(0, 30, problem.resources)
        assert price_bound(problem, blocks, duals) >= optimum * (1 - 1e-9)


def test_a_limit_that_stops_the_solver_still_leaves_a_bound() -> None:
    """Zero duals bound what capacity without end would earn."""
    problem = tiny_market(3, products=60, levels=6, segments=8, periods=3)
    stopped = sales_based(problem, solver="highs-simplex", seconds=1e-3)
    assert stopped.bound >= sales_based(problem).bound * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_sales_keep_capacity_arrivals_and_one_price_at_a_time(seed: int) -> None:
    """The answer is a solution of the program it claims to solve."""
    problem = tiny_market(seed, products=4, levels=3)
    result = sales_based(problem)
    assert (problem.use[:, problem.product] @ result.sales.sum(axis=0) <= problem.capacity * (1 + 1e-6)).all()
    assert (result.sales.sum(axis=1) <= problem.arrivals.sum(axis=1) * (1 + 1e-6)).all()
    for product in range(problem.products):
        assert (result.shares[:, problem.product == product].sum(axis=1) <= 1 + 1e-6).all()


def test_duals_are_what_one_more_unit_is_worth() -> None:
    """A little more capacity raises the bound at the rate of the dual."""
    problem = tiny_market(2)
    result = sales_based(problem)
    resource = int(np.argmax(result.duals))
    assert result.duals[resource] > 0
    more = problem.capacity.copy()
    more[resource] += 1e-4
    rise = sales_based(replace(problem, capacity=more)).bound - result.bound
    assert rise == pytest.approx(1e-4 * result.duals[resource], rel=1e-3)


def test_alternatives_that_rules_leave_out_only_lower_the_bound() -> None:
    """With a mask of what can be posted, the rest earns nothing."""
    problem = tiny_market(4)
    allowed = np.ones((problem.periods, problem.alternatives), np.bool_)
    allowed[:, ::2] = False
    fewer = sales_based(problem, allowed=allowed)
    assert 0 < fewer.bound < sales_based(problem).bound
    assert fewer.sales[:, ::2].sum() == 0
    allowed[:] = False
    assert sales_based(problem, allowed=allowed).bound == 0.0


@pytest.mark.shared_data
def test_the_bound_of_parallel_flights_is_the_published_one_and_never_below_the_choice_based(shared: Path) -> None:
    """The relaxation is 0 to 10.6 % above, and never shown as revenue."""
    for _, problem, choice_based_value, sales_based_value in load_cases(
        shared / "benchmarks/pricing/parallel_flights.json"
    ):
        result = sales_based(problem)
        assert result.bound == pytest.approx(sales_based_value, abs=0.01)
        assert result.revenue is None
        assert choice_based_value * (1 - 1e-6) <= result.bound <= 1.107 * choice_based_value
