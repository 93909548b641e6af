from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_markets import tiny_market

from benchmarks.pricing.parallel_flights import load_cases
from solvers.revenue._blocks import blocks_by_component, offered
from solvers.revenue._columns import worth_of
from solvers.revenue._oracle import Offer, exact_offer, quick_offer, thorough_offer
from solvers.revenue.choice_based import choice_based
from solvers.revenue.enumeration import enumerate_offers
from solvers.revenue.problem import ChoiceProblem
from solvers.revenue.result import OfferResult


def sales_of(problem: ChoiceProblem, result: OfferResult) -> np.ndarray:
    """Return the sales of each alternative when the offers are posted as told."""
    sales = np.zeros(problem.alternatives)
    for offer, time, periods, segments in zip(
        result.offers, result.times, result.periods, result.segments, strict=True
    ):
        shown, who = list(offer), list(segments)
        weights = problem.attraction[np.ix_(who, shown)]
        chance = weights / (problem.no_purchase[who, None] + weights.sum(axis=1, keepdims=True))
        arrivals = problem.arrivals[np.ix_(who, list(periods))].sum(axis=1)
        sales[shown] += time / len(periods) * (arrivals @ chance)
    return sales


@pytest.mark.shared_data
def test_the_fifteen_published_values_are_met(shared: Path) -> None:
    """Revenue and bound agree with each other and with the recomputed values to 1e-6."""
    cases = load_cases(shared / "benchmarks/pricing/parallel_flights.json")
    assert len(cases) == 15
    for _, problem, value, _ in cases:
        result = choice_based(problem)
        assert result.status == "optimal"
        assert result.revenue == pytest.approx(value, rel=1e-6)
        assert result.bound == pytest.approx(value, rel=1e-6)
        assert result.times.sum() <= problem.periods * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["tight", "slack", "masks", "apart"])
def test_the_value_is_that_of_all_sets(seed: int, kind: str) -> None:
    """Generated sets lose nothing, whatever overlaps, sells out or is not on sale."""
    problem = tiny_market(
        seed, load=0.4 if kind == "slack" else 1.5, masks=kind == "masks", sees_all=kind != "apart", segments=3
    )
    result, everything = choice_based(problem), enumerate_offers(problem)
    assert result.status == "optimal"
    assert result.revenue == pytest.approx(everything.revenue, rel=1e-6)
    assert result.bound >= (everything.revenue or 0.0) * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_offers_earn_what_is_told_within_capacity(seed: int) -> None:
    """Posting the sets for their times brings the revenue, and no more is used than there is."""
    problem = tiny_market(seed, masks=True, segments=3)
    result = choice_based(problem)
    sales = sales_of(problem, result)
    assert float(sales @ problem.price) == pytest.approx(result.revenue, rel=1e-6)
    assert (problem.use[:, problem.product] @ sales <= problem.capacity * (1 + 1e-6)).all()
    for offer in result.offers:
        assert len({int(problem.product[index]) for index in offer}) == len(offer)


def test_a_search_cut_short_has_a_valid_bound() -> None:
    """After one round the bound is above, and the revenue below, the value."""
    problem = tiny_market(3, products=5, segments=3)
    value = enumerate_offers(problem).revenue or 0.0
    rounds: list[tuple[int, float, float]] = []
    result = choice_based(problem, iterations=1, on_progress=lambda *told: rounds.append(told))
    assert len(rounds) == 1
    assert (result.revenue or 0.0) <= value * (1 + 1e-9)
    assert result.bound >= value * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_search_finds_the_best_set(seed: int) -> None:
    """The integer program agrees with trying every set, and its limit is never below."""
    problem = tiny_market(seed, products=4, segments=3, periods=1)
    (block,) = blocks_by_component(problem, offered(problem))
    worth = worth_of(problem, block, np.random.default_rng(seed).uniform(0, 10, problem.resources))
    quick = quick_offer(block, worth)
    exact = exact_offer(block, worth, quick)
    best = 0.0
    for number in range(3**4):
        rungs = np.base_repr(number, 3).zfill(4)
        shown = [2 * product + int(rung) - 1 for product, rung in enumerate(rungs) if rung != "0"]
        weight = block.weight[:, shown]
        best = max(best, float(block.arrivals @ (weight @ worth[shown] / (1 + weight.sum(axis=1)))))
    assert exact.value == pytest.approx(best, rel=1e-9)
    assert exact.at_most >= best * (1 - 1e-9)
    assert exact.at_most == pytest.approx(best, rel=1e-6)
    assert quick.value <= best * (1 + 1e-9) <= quick.at_most * (1 + 2e-9)
    thorough = thorough_offer(block, worth, quick)
    assert quick.value <= thorough.value <= best * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_exact_search_does_not_depend_on_what_it_begins_with(seed: int) -> None:
    """Ranges that are narrowed around a poor set still hold the best one."""
    problem = tiny_market(seed, products=4, levels=3, segments=3, periods=1)
    (block,) = blocks_by_component(problem, offered(problem))
    quick = quick_offer(block, problem.price)
    chosen = np.array([2])
    weight = block.weight[:, 2]
    poor = Offer(chosen, float(block.arrivals @ (weight * problem.price[2] / (1 + weight))), quick.at_most)
    from_poor, from_good = (exact_offer(block, problem.price, start) for start in (poor, quick))
    assert poor.value < from_good.value
    assert from_poor.value == pytest.approx(from_good.value, rel=1e-9)
    assert from_poor.at_most == pytest.approx(from_good.at_most, rel=1e-6)


def test_a_search_stopped_by_work_has_a_valid_bound_and_repeats_itself() -> None:
    """A single node of each integer program tells less, never too little, and the same again."""
    problem = tiny_market(1, products=12, levels=4, segments=4, periods=1)
    whole = choice_based(problem)
    brief, again = (choice_based(problem, proofs=1, work=1.0) for _ in range(2))
    assert whole.status == "optimal"
    assert brief.bound >= (whole.revenue or 0.0) * (1 - 1e-9)
    assert brief.bound == again.bound
    assert brief.offers == again.offers


def test_a_market_without_customers_earns_nothing() -> None:
    """Nothing to sell is an answer, not an error."""
    problem = tiny_market(0)
    problem.arrivals[:] = 0.0
    result = choice_based(problem)
    assert (result.status, result.revenue, result.bound, result.offers) == ("optimal", 0.0, 0.0, ())


@pytest.mark.parametrize("heavy", [40.0, 100.0])
def test_weights_beside_which_nothing_else_counts_leave_the_best_set(heavy: float) -> None:
    """Two segments that both want the favourite at any price: it is shown at the highest, and search ends."""
    problem = ChoiceProblem(
        product=np.array([0, 0, 1]),
        price=np.array([1000.0, 2000.0, 500.0]),
        use=np.eye(2),
        capacity=np.array([100.0, 100.0]),
        arrivals=np.array([[10.0], [10.0]]),
        attraction=np.array([[np.exp(heavy), np.exp(heavy - 1), 1.0], [np.exp(heavy), np.exp(heavy - 2), 2.0]]),
        no_purchase=np.ones(2),
    )
    result = choice_based(problem)
    assert result.revenue == pytest.approx(20 * 2000.0)
    (block,) = blocks_by_component(problem, offered(problem))
    quick = quick_offer(block, problem.price)
    assert block.alternatives[quick.chosen].tolist() == [1]
    assert thorough_offer(block, problem.price, quick).value == pytest.approx(quick.value)


def test_nobody_comes_and_nothing_is_shown() -> None:
    """Without customers there is no block, and the bound is 0."""
    problem = tiny_market(0)
    result = choice_based(replace(problem, arrivals=np.zeros_like(problem.arrivals)))
    assert (result.revenue, result.bound) == (0.0, 0.0)
