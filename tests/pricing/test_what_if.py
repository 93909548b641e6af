"""What-if curves against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from small_markets import market, product, segment

from pricing.model import Capacity
from pricing.what_if import elasticities, what_if
from regional_assets.errors import InputError


def test_sales_follow_the_logit() -> None:
    """Of 180 people who do not cancel exp(1 - p) / (1 + exp(1 - p)) buy, and each brings the price less its cost."""
    of = market(products=(product(cost=300),), segments=(segment(cancels=0.1),))
    curve = what_if(of, "loom")
    weight = np.exp(1.0 - np.array([1.0, 1.5, 2.0, 2.5, 3.0]))
    assert curve.prices == (1000, 1500, 2000, 2500, 3000)
    assert np.allclose(curve.sales, 180 * weight / (1 + weight))
    assert np.allclose(curve.revenue_yen, curve.sales * (np.array(curve.prices) - 300))
    assert np.allclose(curve.sales_low, curve.sales)
    assert curve.room == 1000


def test_elasticity_is_that_of_the_logit() -> None:
    """At ¥2,000 it is minus sensitivity times price times the share who do not buy."""
    buys = np.exp(-1.0) / (1.0 + np.exp(-1.0))
    found = elasticities(market())
    assert found["loom"].value == pytest.approx(-2.0 * (1.0 - buys), rel=1e-4)
    assert what_if(market(), "loom").elasticity == found["loom"]


def test_the_band_is_narrow_where_demand_is_known() -> None:
    """A range of sensitivities opens a band away from today's price, and holds the stated curve."""
    of = market(segments=(segment(sensitivity_range=(0.5, 1.8)),))
    curve = what_if(of, "loom")
    width = curve.sales_high - curve.sales_low
    assert width[2] == pytest.approx(0.0, abs=1e-9)
    assert width[0] > 1.0
    assert width[4] > 1.0
    assert (curve.sales_low <= curve.sales).all()
    assert (curve.sales <= curve.sales_high).all()


def test_only_periods_with_a_sale_and_open_seats_count() -> None:
    """A product of the first period is not sold in the second, and booked seats are no room."""
    of = market(
        products=(product(date=market().periods[0].last),),
        capacities=(Capacity(id="seats", name={"en": "seats"}, units=10, booked=4),),
    )
    assert what_if(of, "loom").sales == pytest.approx(what_if(market(), "loom").sales / 2)
    assert what_if(of, "loom").room == 6


def test_unknown_products_are_refused() -> None:
    """The message names what there is."""
    with pytest.raises(InputError, match="loom"):
        what_if(market(), "wheel")
