"""What makes no sense in a market is refused, all of it at once; what is merely odd is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from small_markets import TODAY, market, period, product, segment

from pricing._check import check_market
from pricing.model import Capacity, FrozenRule, Market, OverrideRule, RangeRule, WalkInRule
from pricing.plan import plan_prices
from regional_assets.errors import InputError

RESIDENT = product("resident", rate="resident", ladder=(3100, 3200), current=3100)


def seats(**changes: Any) -> Capacity:
    """Return the seats of the small market, changed."""
    return Capacity(**{"id": "seats", "name": {"en": "seats"}, "units": 10} | changes)


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"products": (product(), product())}, "products[1] id", "taken by products[0]"),
        ({"segments": (segment(), segment())}, "segments[1] id", "taken by segments[0]"),
        ({"capacities": (seats(), seats())}, "capacities[1] id", "taken by capacities[0]"),
        ({"rules": (RangeRule(id="a", cap=1), RangeRule(id="a", cap=2))}, "rules[1] id", "taken by rules[0]"),
        ({"products": (product(ladder=(1000, 2000, 1500)),)}, "products[0] ladder", "must rise"),
        ({"products": (product(ladder=(1000, 2000, 2000)),)}, "products[0] ladder", "must rise"),
        ({"products": (product(current=1800),)}, "products[0] current", "not on the ladder"),
        ({"products": (product(cost=1001),)}, "products[0] ladder", "below the cost"),
        ({"products": (product(date=TODAY - dt.timedelta(1)),)}, "products[0] date", "in the past"),
        ({"products": (product(date=TODAY.replace(day=21)),)}, "products[0] date", "after the last period"),
        ({"products": (product(capacities={"seat": 1}),)}, "products[0] capacities", "did you mean 'seats'"),
        ({"products": (product(capacities={"seats": 1001}),)}, "products[0] capacities", "one sale takes 1001"),
        ({"products": (product(), RESIDENT)}, "products[1] ladder", "every resident price"),
        ({"capacities": (seats(booked=11),)}, "capacities[0] booked", "11 booked of 10"),
        ({"capacities": (seats(booked_yen=100),)}, "capacities[0] booked_yen", "from no bookings"),
        ({"periods": (period(2, 10), period(11, 20))}, "periods[0] first", "must be today"),
        ({"periods": (period(1, 9), period(11, 20))}, "periods[1] first", "without holes"),
        ({"periods": (period(1, 12), period(11, 20))}, "periods[1] first", "without holes"),
        ({"periods": (period(10, 1), period(11, 20))}, "periods[0] last", "before the first day"),
        ({"segments": (segment(arrivals=(1.0,)),)}, "segments[0] arrivals", "1 figures for 2 periods"),
        ({"segments": (segment(appeal={"lom": 1.0}),)}, "segments[0] appeal", "did you mean 'loom'"),
        ({"segments": (segment(appeal={}),)}, "segments[0] appeal", "at least one"),
        ({"segments": (segment(sensitivity_range=(1.2, 0.8)),)}, "segments[0] sensitivity_range", "hold the"),
        ({"rules": (RangeRule(id="r", cap=2000, products=("x",)),)}, "rules[0] products", "unknown product"),
        ({"rules": (RangeRule(id="r", cap=2000, products=()),)}, "rules[0] products", "leave it out"),
        ({"rules": (RangeRule(id="r"),)}, "rules[0] floor", "needed"),
        ({"rules": (RangeRule(id="r", floor=2, cap=1),)}, "rules[0] floor", "above the cap"),
        ({"rules": (OverrideRule(id="r", price=1234),)}, "rules[0] price", "not on the ladder"),
        ({"products": (product(current=None),), "rules": (FrozenRule(id="r"),)}, "rules[0] products", "no price today"),
        ({"rules": (WalkInRule(id="r", seats=1001),)}, "rules[0] seats", "cannot be kept"),
        ({"rules": (WalkInRule(id="r", seats=1, capacities=("x",)),)}, "rules[0] capacities", "unknown capacity"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any], where: str, message: str) -> None:
    """Each kind of nonsense has a message of its own, at its own place."""
    with pytest.raises(InputError) as refused:
        check_market(market(**changes))
    (problem,) = refused.value.problems
    assert problem.where == where
    assert message in problem.message.en
    assert problem.message.ja


@pytest.mark.parametrize(
    "changes",
    [
        {"products": (product(date=TODAY),)},
        {"products": (product(date=TODAY.replace(day=20)),)},
        {"products": (product(cost=1000),)},
        {"products": (product(current=None),)},
        {"products": (product(capacities={}),)},
        {"products": (product(), product("resident", rate="resident", ladder=(3000, 3100), current=3000))},
        {"products": (product(), RESIDENT.model_copy(update={"start": "13:00"}))},
        {"capacities": (seats(booked=10, booked_yen=100),)},
        {"segments": (segment(sensitivity_range=(1.0, 1.0)),)},
        {"rules": (RangeRule(id="r", floor=2000, cap=2000),)},
        {"rules": (WalkInRule(id="r", seats=1000),)},
    ],
)
def test_the_edge_of_sense_is_accepted(changes: dict[str, Any]) -> None:
    """What is right at its limits is not refused."""
    check_market(market(**changes))


def test_all_problems_are_told_at_once() -> None:
    """Three mistakes in three places are three problems."""
    wrong = market(
        products=(product(current=1),), capacities=(seats(booked=11),), segments=(segment(arrivals=(1.0, 2.0, 3.0)),)
    )
    with pytest.raises(InputError) as refused:
        check_market(wrong)
    assert [problem.where for problem in refused.value.problems] == [
        "capacities[0] booked",
        "products[0] current",
        "segments[0] arrivals",
    ]


def test_no_plan_is_made_of_nonsense() -> None:
    """A market that was made in memory is checked, too."""
    wrong: Market = market(products=(product(current=1),))
    with pytest.raises(InputError):
        plan_prices(wrong)
