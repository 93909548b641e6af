"""A market becomes arrays that say the same, and answers come back by name, day and yen."""

from __future__ import annotations

import numpy as np
import pytest
from small_markets import TODAY, market, period, product, segment

from pricing._translate import translate
from pricing.model import Capacity
from solvers.revenue.problem import CLOSED


def test_attraction_falls_with_the_price() -> None:
    """``exp(appeal - sensitivity * price / 1000)``, 0 for products that a segment does not see."""
    whole = market(products=(product(), product("dye")), segments=(segment(sensitivity=2.0, appeal={"dye": 0.5}),))
    weights = translate(whole).problem.attraction[0]
    assert weights[:5].tolist() == [0.0] * 5
    assert weights[5:] == pytest.approx(np.exp(0.5 - 2.0 * np.array([1.0, 1.5, 2.0, 2.5, 3.0])))


def test_what_is_sold_counts_net_and_only_what_is_open_is_sold() -> None:
    """Costs come off the price, bookings off the capacity, customers who will cancel off the arrivals."""
    seats = Capacity(id="seats", name={"en": "seats"}, units=20, booked=8)
    whole = market(products=(product(cost=300),), capacities=(seats,), segments=(segment(cancels=0.25),))
    problem = translate(whole).problem
    assert problem.price.tolist() == [700, 1200, 1700, 2200, 2700]
    assert problem.capacity.tolist() == [12]
    assert problem.arrivals.tolist() == [[75.0, 75.0]]
    assert problem.use.tolist() == [[1.0]]


def test_a_product_is_sold_until_the_period_of_its_date() -> None:
    """On 10 December the first period still sells it, the second does not."""
    whole = market(products=(product(date=TODAY.replace(day=10)), product("dye", date=TODAY.replace(day=11))))
    assert translate(whole).problem.on_sale.tolist() == [[True, True], [False, True]]


def test_prices_go_there_and_back() -> None:
    """Paths of yen are alternatives and the same paths again; where nothing is sold, there is no price."""
    whole = market(
        periods=(period(1, 10), period(11, 20)),
        products=(product(), product("dye", date=TODAY, ladder=(800, 900), current=800)),
    )
    translation = translate(whole)
    posted = translation.posted([(1500, None), (900, 900)])
    assert posted.tolist() == [[1, 6], [CLOSED, CLOSED]]
    assert [translation.path(at, posted) for at in (0, 1)] == [(1500, None), (900, None)]
