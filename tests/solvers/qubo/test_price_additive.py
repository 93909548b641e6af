"""The price model of additive demand: it is the market itself, and it refuses demand below 0."""

from __future__ import annotations

from dataclasses import replace
from itertools import product as every

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.qubo.additive_demand import AdditiveDemand, additive_price_model
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import values_of


def _market(seed: int, *, products: int = 3, levels: int = 3) -> AdditiveDemand:
    """Return products with substitutes and complements, weak enough to leave demand above 0."""
    random = np.random.default_rng(seed)
    product = np.repeat(np.arange(products), levels)
    today = np.arange(products) * levels + random.integers(levels, size=products)
    multiplier = np.round(random.uniform(0.6, 1.4, len(product)), 2)
    multiplier[today] = 1.0
    cross = np.round(random.uniform(-0.3, 0.3, (products, products)), 2)
    np.fill_diagonal(cross, 0.0)
    return AdditiveDemand(
        product=product,
        worth=random.integers(5, 60, len(product)) * 100.0,
        multiplier=multiplier,
        today=today,
        demand=random.uniform(5, 40, products),
        cross=cross,
    )


def _revenue(market: AdditiveDemand, prices: tuple[int, ...]) -> float:
    """Return what prices bring, product by product from the definition."""
    total = 0.0
    for own, at in enumerate(prices):
        driven = sum(
            market.cross[own, other] * (market.multiplier[beside] - 1.0)
            for other, beside in enumerate(prices)
            if other != own
        )
        total += market.worth[at] * market.demand[own] * (market.multiplier[at] + driven)
    return total


@pytest.mark.parametrize("seed", range(6))
def test_model_is_the_market_at_all_prices(seed: int) -> None:
    """The value of every choice is the difference in revenue, within what rounding is said to do."""
    market = _market(seed)
    model = additive_price_model(market, prunes=False)
    for prices in every(*(np.flatnonzero(market.product == own).tolist() for own in range(3))):
        chosen = model.chosen_of(np.array([prices]))
        value = int(values_of(model.packing, chosen[None, :])[0])
        assert model.posted_of(chosen)[0].tolist() == list(prices)
        assert abs(model.base_worth + value - _revenue(market, prices)) <= model.rounding


def test_pruned_levels_are_in_no_best_choice() -> None:
    """Leaving out levels that cannot pay leaves the best prices in."""
    left_out = 0
    for seed in range(12):
        whole, pruned = (additive_price_model(_market(seed), prunes=prunes).packing for prunes in (False, True))
        assert enumerate_packing(pruned).value == enumerate_packing(whole).value
        left_out += whole.items - pruned.items
    assert left_out > 0


def test_cheaper_substitute_takes_away_from_the_other() -> None:
    """A pair of substitutes, by hand: sales 10 each at ¥100; ¥80 sells half more and takes 1 in 10 of the other's."""
    market = AdditiveDemand(
        product=np.array([0, 0, 1, 1]),
        worth=np.array([100.0, 80.0, 100.0, 80.0]),
        multiplier=np.array([1.0, 1.5, 1.0, 1.5]),
        today=np.array([0, 2]),
        demand=np.array([10.0, 10.0]),
        cross=np.array([[0.0, -0.2], [-0.2, 0.0]]),
    )
    packing = additive_price_model(market).packing
    assert packing.value.tolist() == [100, 100]
    assert packing.reward.tolist() == [40]


def test_demand_below_nothing_is_refused_with_the_prices_that_cause_it() -> None:
    """A sale that drives away more than all customers of another product is named, not cut off at 0."""
    market = _market(0)
    cross = market.cross.copy()
    cross[0, 1] = -9.0
    market = replace(market, cross=cross, multiplier=np.where(np.arange(9) == 3, 2.0, market.multiplier))
    market = replace(market, today=np.array([market.today[0], 4, market.today[2]]))
    market.multiplier[4] = 1.0
    with pytest.raises(ProblemError, match=r"product 0 at alternative 0 beside alternatives \[3") as refused:
        additive_price_model(market)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"demand": np.array([1.0])}, "demand has shape"),
        ({"worth": np.full(9, np.nan)}, "worth must be finite"),
        ({"product": np.arange(9)}, "product is"),
        ({"today": np.array([3, 3, 8])}, r"today\[0\] is 3"),
        ({"demand": np.array([1.0, -1.0, 1.0])}, "demand is -1"),
        ({"multiplier": np.full(9, 1.1)}, "multiplier of today's"),
        ({"cross": np.eye(3)}, "cross has the diagonal"),
    ],
)
def test_arrays_that_describe_no_market_are_refused(change: dict[str, np.ndarray], named: str) -> None:
    """The fault is named with what would be accepted."""
    with pytest.raises(ProblemError, match=named):
        additive_price_model(replace(_market(1), **change))
