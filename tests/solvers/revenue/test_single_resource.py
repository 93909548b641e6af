"""One resource in continuous time."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.revenue.single_resource import exponential_prices, exponential_values, ladder_values


def test_closed_form_agrees_with_the_published_formula() -> None:
    """At rate 20, ten units and one unit of time the value is 7.22310664."""
    values = exponential_values(rate=20.0, sensitivity=1.0, units=10, duration=1.0)
    assert values[10] == pytest.approx(7.22310664, abs=5e-9)
    assert values[0] == 0.0


def test_one_unit_is_worth_the_logarithm() -> None:
    """J(1, s) = ln(1 + rate s / e) / sensitivity, in any unit of money."""
    values = exponential_values(rate=3.0, sensitivity=0.01, units=1, duration=np.array([0.0, 2.0]))
    assert values[:, 1] == pytest.approx([0.0, 100 * np.log(1 + 6 / np.e)])


def test_ladder_comes_close_to_the_closed_form_as_it_gets_finer() -> None:
    """A fine ladder misses 1e-6 of the value, and never exceeds what all prices allow."""
    values = exponential_values(rate=20.0, sensitivity=1.0, units=10, duration=1.0)
    misses = []
    for count in (41, 401, 2001):
        price = np.linspace(0.8, 3.8, count)
        found = ladder_values(price=price, rate=20.0 * np.exp(-price), units=10, duration=1.0, steps=100)
        assert (found[0] <= values + 1e-7).all()
        misses.append(np.abs(found[0] - values).max())
    assert misses[0] > 10 * misses[1] > 10 * misses[2]
    assert misses[2] < 1e-6 * values[10]


def test_prices_rise_with_time_and_fall_with_stock() -> None:
    """The last seat is dearest, and cheaper every hour in which nobody bought it."""
    prices = exponential_prices(rate=20.0, sensitivity=1.0, units=10, duration=np.array([0.1, 0.5, 1.0]))
    assert (np.diff(prices, axis=1) < 0).all()
    assert (np.diff(prices, axis=0) > 0).all()
    assert (prices > 1.0).all()


def test_best_price_solves_the_equation_of_values() -> None:
    """dJ/ds equals rate * exp(-p) * (p - (J(n) - J(n - 1))) at the best price p, and no other price brings more."""
    before, after = (exponential_values(rate=20.0, sensitivity=1.0, units=4, duration=s) for s in (1.0001, 0.9999))
    values = exponential_values(rate=20.0, sensitivity=1.0, units=4, duration=1.0)
    best = exponential_prices(rate=20.0, sensitivity=1.0, units=4, duration=1.0)[3]

    def gain(price: float) -> float:
        return float(20.0 * np.exp(-price) * (price - values[4] + values[3]))

    assert gain(best) == pytest.approx((before[4] - after[4]) / 0.0002, rel=1e-6)
    assert gain(best) > max(gain(best - 0.01), gain(best + 0.01))


def test_arguments_out_of_range_are_told_together() -> None:
    """Every one is named."""
    with pytest.raises(ProblemError) as refused:
        exponential_values(rate=0.0, sensitivity=-1.0, units=-1, duration=-2.0)
    assert len(refused.value.problems) == 4
    with pytest.raises(ProblemError, match="do not match"):
        ladder_values(price=np.array([1.0]), rate=np.array([1.0, 2.0]), units=1, duration=1.0, steps=1)
