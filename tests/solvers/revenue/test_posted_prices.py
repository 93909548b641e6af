from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import lambertw
from tiny_markets import equal_levels, joined, step_rules, tiny_market

from solvers.errors import ProblemError
from solvers.revenue._rows import lay_out_rows
from solvers.revenue.choice_based import choice_based
from solvers.revenue.enumeration import enumerate_postings, flow
from solvers.revenue.posted_prices import Overflow, conflicting_rows, posted_prices, score_posting
from solvers.revenue.problem import CLOSED, ChoiceProblem, PriceRules

PHASES = np.arange(2)


def rules_named(name: str, problem: ChoiceProblem) -> PriceRules:
    """Return no rules, steps between phases, or one rung for two products."""
    if name == "steps":
        return step_rules(problem, 2, 6.0)
    return equal_levels(problem, 0, 2, 2) if name == "equal" else PriceRules()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["none", "steps", "equal"])
@pytest.mark.parametrize("overflow", ["lose", "forbid"])
def test_postings_are_as_good_as_the_best_of_all(seed: int, name: str, overflow: Overflow) -> None:
    """Trying everything finds nothing better, and the same cases cannot be kept."""
    problem = tiny_market(seed, masks=seed % 2 == 1, load=0.5 if seed == 4 else 1.5)
    rules = rules_named(name, problem)
    best = enumerate_postings(problem, phase_of_period=PHASES, rules=rules, overflow=overflow)
    found = posted_prices(problem, rules=rules, overflow=overflow)
    assert (found.status == "infeasible") == (best.status == "infeasible")
    if best.revenue is not None:
        assert found.revenue == pytest.approx(best.revenue, rel=1e-6)
        assert found.posted_bound >= best.revenue * (1 - 1e-9)
        assert found.bound >= best.revenue * (1 - 1e-9)
        assert found.revenue == pytest.approx(float(found.sales @ problem.price), rel=1e-9)


@pytest.mark.parametrize("seed", [49, 68, 76, 134, 139, 143])
@pytest.mark.parametrize("periods", [2, 3])
def test_one_product_is_priced_best_over_few_periods(seed: int, periods: int) -> None:
    """Two prices that pay only together are found: dear and full now, or cheap now and closed later."""
    market = tiny_market(seed, products=1, levels=5, periods=periods, load=0.6 + seed % 5 * 0.4)
    problem = replace(market, capacity=np.maximum(1.0, np.round(market.capacity)))
    phases = np.arange(periods)
    best = enumerate_postings(problem, phase_of_period=phases, rules=PriceRules(), overflow="lose").revenue
    assert posted_prices(problem, iterations=2).revenue == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_compiled_flow_is_that_of_plain_words(seed: int) -> None:
    """Random postings sell the same, event by event."""
    problem = tiny_market(seed, products=5, levels=3, segments=3, periods=4, masks=True, load=2.0)
    phase_of = np.array([0, 0, 1, 2])
    random = np.random.default_rng(seed)
    for _ in range(10):
        rungs = random.integers(-1, 3, (3, problem.products))
        posted = np.where(rungs < 0, CLOSED, 3 * np.arange(problem.products) + rungs)
        revenue, sales = score_posting(problem, posted, phase_of_period=phase_of)
        expected, _ = flow(problem, phase_of, posted, closes=True)
        assert sales == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert revenue == pytest.approx(float(expected @ problem.price), rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_no_posting_earns_more_than_sets_over_time(seed: int) -> None:
    """Selling until full is one way to change sets over time: the choice-based value bounds it."""
    problem = tiny_market(seed, products=4, segments=3, masks=True)
    assert (posted_prices(problem).revenue or 0.0) <= choice_based(problem).bound * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_rules_hold_in_larger_cases(seed: int) -> None:
    """Every row is kept by what is posted, and rules only ever cost."""
    problem = tiny_market(seed, products=8, levels=4, segments=3, periods=4)
    rules = joined(step_rules(problem, 4, 4.0), equal_levels(problem, 1, 5, 4))
    found = posted_prices(problem, rules=rules, iterations=10)
    sums = np.zeros(len(rules))
    is_posted = found.posted[rules.phase, problem.product[rules.alternative]] == rules.alternative
    np.add.at(sums, rules.row, rules.coefficient * is_posted)
    assert (sums >= rules.lower - 1e-9).all()
    assert (sums <= rules.upper + 1e-9).all()
    free = posted_prices(problem, iterations=10)
    assert (found.revenue or 0.0) <= (free.revenue or 0.0) * (1 + 1e-6)
    assert found.bound <= free.bound * (1 + 1e-9)


def test_one_segment_without_scarcity_pays_the_known_optimal_price() -> None:
    """All products earn the same margin, ``(1 + W(sum exp(q - b cost - 1))) / b``, as theory says."""
    quality, beta, cost = np.array([2.0, 2.5, 3.0]), 0.8, np.array([0.3, 0.6, 0.9])
    margin = (1 + float(lambertw(np.exp(quality - beta * cost - 1).sum()).real)) / beta
    rungs = np.arange(0.0, 4.0, 0.01)
    product = np.repeat(np.arange(3), len(rungs))
    margins = np.tile(rungs, 3)
    attraction = np.exp(quality[product] - beta * (cost[product] + margins))[None, :]
    problem = ChoiceProblem(
        product, margins, np.ones((1, 3)), np.array([100.0]), np.array([[10.0]]), attraction, np.ones(1)
    )
    found = posted_prices(problem, iterations=3)
    assert problem.price[found.posted[0]] == pytest.approx(margin, abs=0.0101)
    assert found.revenue == pytest.approx(10 * (margin - 1 / beta), rel=1e-4)
    assert found.status == "optimal"


def test_products_stay_open_unless_closing_pays() -> None:
    """Without scarcity and with one segment indifferent between none and more, nothing is closed."""
    found = posted_prices(tiny_market(1, load=0.2, segments=1))
    without = posted_prices(tiny_market(1, load=0.2, segments=1), iterations=0)
    assert (found.posted != CLOSED).sum() >= (without.posted != CLOSED).sum() > 0


def test_products_that_are_not_on_sale_are_closed() -> None:
    """Nobody is told a price at which nothing can be bought."""
    problem = tiny_market(1, masks=True)
    found = posted_prices(problem)
    assert not problem.on_sale.all()
    assert (found.posted[~problem.on_sale] == CLOSED).all()


def test_the_same_seed_and_iterations_give_the_same_prices() -> None:
    """A search limited by iterations reproduces exactly."""
    problem = tiny_market(5, products=8, levels=4, segments=4, periods=3)
    first, again = (posted_prices(problem, seed=7, iterations=8) for _ in range(2))
    assert (first.posted == again.posted).all()
    assert first.revenue == again.revenue


def test_rules_that_exclude_each_other_are_found_and_named() -> None:
    """The smallest conflict is told: the group that does not take part is left out."""
    problem = tiny_market(0)
    open_rows = step_rules(problem, 2, 100.0)
    closed = PriceRules(
        np.zeros(2, np.int64), np.zeros(2, np.int64), np.array([0, 1]), np.ones(2), np.zeros(1), np.zeros(1)
    )
    both = joined(open_rows, closed)
    groups = np.append(np.arange(len(open_rows)), 50)
    assert posted_prices(problem, rules=both).status == "infeasible"
    assert posted_prices(problem, rules=both).revenue is None
    assert conflicting_rows(problem, both, 2, groups) == (0, 50)
    assert conflicting_rows(problem, open_rows, 2, np.zeros(len(open_rows), np.int64)) == ()


def test_a_rule_that_fixes_prices_narrows_what_can_be_posted() -> None:
    """Alternatives that no posting can hold are seen as such, and the bound falls."""
    problem = tiny_market(0)
    fixed = PriceRules(np.array([0, 1]), np.array([0, 1]), np.array([1, 1]), np.ones(2), np.ones(2), np.ones(2))
    rows = lay_out_rows(problem, fixed, 2)
    assert rows.may[:, :2].tolist() == [[False, True], [False, True]]
    assert not rows.may_close[:, 0].any()
    assert rows.may[:, 2:].all()
    found = posted_prices(problem, rules=fixed)
    assert (found.posted[:, 0] == 1).all()
    assert found.bound <= posted_prices(problem).bound


def test_a_start_is_moved_to_where_rules_hold() -> None:
    """Prices that break a rule are where the search begins, not where it ends."""
    problem = tiny_market(2)
    start = np.array([[0, 2, 4], [1, 3, 5]])
    found = posted_prices(problem, rules=step_rules(problem, 2, 0.0), start=start, iterations=0)
    assert (found.posted[0] == found.posted[1]).all()
    assert (found.posted != CLOSED).all()


def test_input_that_does_not_belong_is_refused() -> None:
    """Phases rise one by one, and a start names alternatives of its products."""
    problem = tiny_market(2)
    with pytest.raises(ProblemError, match="phase_of_period"):
        posted_prices(problem, phase_of_period=np.array([0, 2]))
    with pytest.raises(ProblemError, match=r"start\[0, 1\] is 0"):
        posted_prices(problem, start=np.array([[0, 0, 4], [0, 2, 4]]))
    with pytest.raises(ProblemError, match="groups has shape"):
        conflicting_rows(problem, PriceRules(), 2, np.zeros(3, np.int64))
    with pytest.raises(ProblemError, match="posted has shape"):
        score_posting(problem, np.zeros((1, 3), np.int64))


def test_what_is_left_is_weighed_to_the_last_digit_once_a_favourite_has_sold_out() -> None:
    """Beside a weight of e^60, 1 has no digits: of 10 customers 1 takes the favourite, half of the others the rest."""
    problem = ChoiceProblem(
        product=np.array([0, 1]),
        price=np.array([1000.0, 700.0]),
        use=np.eye(2),
        capacity=np.array([1.0, 20.0]),
        arrivals=np.array([[10.0]]),
        attraction=np.array([[np.exp(60.0), 1.0]]),
        no_purchase=np.array([1.0]),
    )
    revenue, sales = score_posting(problem, np.array([[0, 1]]))
    assert sales == pytest.approx([1.0, 4.5])
    assert revenue == pytest.approx(1000.0 + 4.5 * 700.0)
    assert posted_prices(problem).revenue == pytest.approx(revenue)


@pytest.mark.parametrize("overflow", ["lose", "forbid"])
def test_nobody_comes_and_nothing_is_sold(overflow: Overflow) -> None:
    """That is a plan like any other."""
    problem = tiny_market(0)
    found = posted_prices(replace(problem, arrivals=np.zeros_like(problem.arrivals)), overflow=overflow)
    assert found.status == "optimal"
    assert (found.revenue, found.bound) == (0.0, 0.0)
    assert not found.sales.any()
