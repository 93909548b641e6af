from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from pricing.estimation import (
    Choices,
    SalesRecords,
    UnidentifiedError,
    fit_choices_with_instruments,
    fit_sales_with_instruments,
)
from regional_assets.errors import InputError

ELASTICITY = -1.5


def knowing_seller(strength: float = 0.3, *, rows: int = 420) -> SalesRecords:
    """Return daily sales of a seller who raises prices when demand is high, and whose costs move prices too."""
    generator = np.random.default_rng(11)
    demand, cost = generator.normal(size=rows), generator.normal(size=rows)
    price = np.exp(8.0 + 0.25 * demand + strength * cost + 0.1 * generator.normal(size=rows))
    mean = np.exp(3.0 + ELASTICITY * (np.log(price) - 8.0) + 0.6 * demand)
    first = dt.date(2025, 1, 6)
    return SalesRecords(
        dates=tuple(first + dt.timedelta(days=day) for day in range(rows)),
        price=price,
        quantity=generator.poisson(mean).astype(np.float64),
        instruments={"cost": cost},
    )


def test_instruments_undo_what_the_seller_knew() -> None:
    """The naive elasticity is far too small, that by instruments holds the truth, and the residual tells why."""
    fit = fit_sales_with_instruments(knowing_seller(), controls=("weekday",), draws=60)
    assert fit.naive.low > ELASTICITY
    assert fit.price.low <= ELASTICITY <= fit.price.high
    assert fit.residual.low > 0
    assert not fit.is_weak
    assert [remark.code for remark in fit.remarks] == ["INSTRUMENTS_BELIEVED", "PRICES_FOLLOWED_DEMAND"]


def test_weak_instruments_are_told() -> None:
    """Where costs hardly move the price, the intervals are not to be trusted."""
    fit = fit_sales_with_instruments(knowing_seller(0.004), controls=(), draws=20)
    assert fit.is_weak
    assert "WEAK_INSTRUMENTS" in [remark.code for remark in fit.remarks]


def test_the_same_seed_gives_the_same_errors() -> None:
    """Bootstrap samples hang on the seed."""
    records = knowing_seller(rows=140)
    first, again, other = (
        fit_sales_with_instruments(records, controls=(), draws=20, seed=seed).price.standard_error for seed in (1, 1, 2)
    )
    assert first == again != other


def test_choices_with_instruments() -> None:
    """A logit whose prices follow unseen quality finds the truth with a cost as instrument, and not without."""
    generator = np.random.default_rng(6)
    rows, products = 1500, 3
    quality, cost = generator.normal(size=(2, rows, products))
    design = np.zeros((rows, products + 1, 2))
    design[:, :products, 0] = 2.0 + 0.3 * cost + 0.3 * quality
    design[:, :products, 1] = 1.0
    utility = design @ np.array([-1.5, 2.0]) + generator.gumbel(size=(rows, products + 1))
    utility[:, :products] += 0.8 * quality
    choices = Choices(("price", "constant"), design, np.ones(utility.shape, np.bool_), utility.argmax(axis=1))
    instruments = {"cost": np.column_stack([cost, np.zeros(rows)])}
    fit = fit_choices_with_instruments(choices, price="price", instruments=instruments, draws=30)
    assert fit.naive.low > -1.5
    assert fit.price.low <= -1.5 <= fit.price.high
    assert fit.residual.low > 0
    assert fit.draws == 30


def test_an_instrument_that_a_control_explains_is_refused() -> None:
    """A cost that depends on the weekday alone cannot be told from the weekday."""
    records = knowing_seller(rows=140)
    weekend = SalesRecords(
        dates=records.dates,
        price=records.price,
        quantity=records.quantity,
        instruments={"weekend": (records.weekday >= 5).astype(np.float64)},
    )
    with pytest.raises(UnidentifiedError) as caught:
        fit_sales_with_instruments(weekend, controls=("weekday",), draws=20)
    assert "weekend" in caught.value.parameters


def test_no_instruments_and_few_draws_are_refused() -> None:
    """Both problems are told at once."""
    records = knowing_seller(rows=40)
    bare = SalesRecords(dates=records.dates, price=records.price, quantity=records.quantity)
    with pytest.raises(InputError) as caught:
        fit_sales_with_instruments(bare, controls=(), draws=5)
    assert [problem.where for problem in caught.value.problems] == ["instruments", "draws"]
