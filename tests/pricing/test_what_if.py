"""What-if curves against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from small_markets import market, product, segment

from pricing.model import Capacity, WalkInRule
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


def test_seats_kept_for_walk_ins_are_no_room() -> None:
    """A rule keeps three of ten seats; a product that takes up nothing has no end of room."""
    seats = (Capacity(id="seats", name={"en": "seats"}, units=10, booked=4),)
    assert what_if(market(capacities=seats, rules=(WalkInRule(id="w", seats=3),)), "loom").room == 3
    assert what_if(market(products=(product(capacities={}),)), "loom").room is None


def test_what_nobody_buys_has_no_elasticity() -> None:
    """Without customers, or at a price far beyond all of them, the question is refused."""
    nobody = market(segments=(segment(arrivals=(0.0, 0.0)),))
    assert elasticities(nobody) == {}
    with pytest.raises(InputError, match="no customers consider 'loom'"):
        what_if(nobody, "loom")
    with pytest.raises(InputError, match="nobody buys at ¥2,000"):
        what_if(market(segments=(segment(sensitivity=1000.0),)), "loom")


def test_unknown_products_are_refused() -> None:
    """The message names what there is."""
    with pytest.raises(InputError, match="loom"):
        what_if(market(), "wheel")
