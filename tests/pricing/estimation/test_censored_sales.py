from __future__ import annotations

import numpy as np
import pytest

from pricing.estimation import Sales, UnidentifiedError, fit_censored
from regional_assets.errors import InputError

PRODUCTS = ("a", "b", "c", "d")


def made_up_sales(seed: int = 3, *, is_grouped: bool = False) -> Sales:
    """Return sales of four products, of which each is sold out in four periods of ten."""
    generator = np.random.default_rng(seed)
    attraction = np.array([1.0, 0.7, 0.5, 0.4]) / 2.6 * 1.5
    group = np.arange(40) % 5
    offer = generator.random((40, 4)) < 0.6
    offer[~offer.any(axis=1), 0] = True
    chance = offer * attraction / (1 + offer @ attraction)[:, None]
    sold = generator.poisson(np.array([5.0, 10.0, 20.0, 30.0, 40.0])[group, None] * chance)
    return Sales(PRODUCTS, sold, offer, group if is_grouped else np.zeros(0, np.int64))


def test_with_everything_on_offer_the_answer_is_plain() -> None:
    """Attractions are shares of sales, and arrivals are sales by the market share."""
    sold = np.array([[6, 3], [12, 9]])
    fit = fit_censored(Sales(("a", "b"), sold, np.ones((2, 2), np.bool_)), market_share=0.75)
    assert [one.value for one in fit.attractions] == pytest.approx([18 / 30 * 3, 12 / 30 * 3])
    assert [one.value for one in fit.rates] == pytest.approx([9 / 0.75, 21 / 0.75])
    assert fit.wanted == pytest.approx([18, 12])
    assert fit.lost == pytest.approx(30 / 0.75 * 0.25)


@pytest.mark.parametrize("is_grouped", [False, True])
def test_no_nearby_demand_explains_the_sales_better(is_grouped: bool) -> None:
    """The fit is a maximum of the likelihood of the sales, under the market share given."""
    sales = made_up_sales(is_grouped=is_grouped)
    fit = fit_censored(sales, market_share=0.6)
    attraction = np.array([one.value for one in fit.attractions])
    rate = np.array([one.value for one in fit.rates])

    def likelihood(logs: np.ndarray) -> float:
        weight = np.exp(logs)
        weight *= 1.5 / weight.sum()
        mean = rate[sales.group, None] * weight / (1 + sales.on_offer @ weight)[:, None]
        return float(np.where(sales.on_offer, sales.sold * np.log(np.where(mean > 0, mean, 1.0)) - mean, 0.0).sum())

    best = likelihood(np.log(attraction))
    assert attraction.sum() == pytest.approx(1.5)
    for step in np.vstack([np.eye(4), -np.eye(4)]) * 1e-3:
        assert likelihood(np.log(attraction) + step) <= best
    expected = rate[sales.group] * (sales.on_offer @ attraction) / (1 + sales.on_offer @ attraction)
    assert np.bincount(sales.group, expected) == pytest.approx(np.bincount(sales.group, sales.sold.sum(axis=1)))


def test_demand_turned_away_is_more_than_was_sold() -> None:
    """What is wanted exceeds sales of a product that is often sold out, where others fill in."""
    sales = made_up_sales()
    fit = fit_censored(sales, market_share=0.6)
    assert fit.wanted.sum() > sales.sold.sum()
    assert [remark.code for remark in fit.remarks] == ["MARKET_SHARE_GIVEN"]


def test_a_period_without_sales_has_an_upper_limit_only() -> None:
    """Nothing sold does not mean that nobody may come: the interval goes from 0 to 3.7 sales."""
    sold = np.array([[6, 3], [0, 0]])
    fit = fit_censored(Sales(("a", "b"), sold, np.ones((2, 2), np.bool_)), market_share=0.5)
    empty = fit.rates[1]
    assert (empty.value, empty.low) == (0.0, 0.0)
    assert empty.high >= 3.68 / 0.5


def test_a_product_that_never_sells_is_told() -> None:
    """It is taken to attract nobody, with no upper limit, and that is flagged."""
    sold = np.array([[6, 3, 0], [5, 2, 0]])
    fit = fit_censored(Sales(("a", "b", "c"), sold, np.ones((2, 3), np.bool_)), market_share=0.5)
    assert fit.attractions[2].value == 0
    assert np.isnan(fit.attractions[2].high)
    assert "NEVER_SOLD" in [remark.code for remark in fit.remarks]


def test_products_that_never_compete_are_refused_by_name() -> None:
    """Two products never on offer together have no common scale."""
    offer = np.array([[True, False], [False, True]])
    with pytest.raises(UnidentifiedError) as caught:
        fit_censored(Sales(("a", "b"), np.array([[5, 0], [0, 5]]), offer), market_share=0.5)
    assert caught.value.parameters == ("b",)
    with pytest.raises(UnidentifiedError, match="never on offer: b"):
        fit_censored(Sales(("a", "b"), np.array([[5, 0]]), np.array([[True, False]])), market_share=0.5)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    """The market share lies between 0 and 1."""
    with pytest.raises(InputError, match="between 0 and 1"):
        fit_censored(made_up_sales(), market_share=share)


def test_sales_of_what_was_not_on_offer_are_refused() -> None:
    """Each cell is named."""
    with pytest.raises(InputError) as caught:
        Sales(("a", "b"), np.array([[1, 2], [-1, 0]]), np.array([[True, False], [True, True]]))
    assert [problem.where for problem in caught.value.problems] == ["sold[1]", "sold[0]"]
