"""
Four ways of setting prices, in words and as arrays.

``today`` leaves prices as they are. ``static`` posts the plan's path of prices, whatever is booked. ``rule-based`` goes
a step up the ladder where a slot is fuller than the usual booking curve says and a step down where it is emptier, as
each period begins: what many shops do by hand. ``dynamic`` looks once a day at the worth of the seats that are left,
and posts what earns most above it. All but ``today`` keep the rules of the market.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._booking_arrays import boundaries, kept_units, live_rules, reference_price
from pricing._rules import effects_of, lowest_prices
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from solvers.errors import TooManyUnitsError
from solvers.revenue.booking_simulation import BidPricePolicy, FillPolicy, PricePath
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pricing._translate import Translation
    from pricing.proposal import Policy, PricePlan
    from solvers.revenue.booking_simulation import BookingPolicy

AHEAD: Final = 0.15
"""How far, as a share of the seats, sales may run ahead of the usual booking curve before rules raise the price."""

POLICY_WORDS: Final[dict[Policy, Text]] = {
    "today": Text(ja="今の料金のまま変えない", en="prices stay as they are today"),
    "static": Text(ja="提案した料金のとおり(予約の入り方では変えない)", en="the plan's prices, whatever is booked"),
    "dynamic": Text(
        ja="毎日、残り1席の価値を見て、それを差し引いた利益が最も大きい料金にする",
        en="every day, what earns most above the worth of the seats that are left",
    ),
    "rule-based": Text(
        ja="期の初めに、席の埋まり方がいつもの予約の入り方より早ければ一段上げ、遅ければ一段下げる",
        en="as each period begins, a step up where seats go faster than customers usually come, down where slower",
    ),
}


def booking_policy(name: Policy, translation: Translation, plan: PricePlan) -> BookingPolicy:
    """
    Return a policy as arrays.

    Parameters
    ----------
    plan
        Of the same market: ``static`` follows it, and the policies that change prices begin with it where today's
        prices are not known or break a rule.

    Raises
    ------
    InputError
        If units and customers are too many for ``dynamic``, which values each unit by itself.
    """
    if name == "today":
        return PricePath(_today(translation)[None, :])
    if name == "static":
        return PricePath(translation.posted([each.path for each in plan.products]))
    if name == "rule-based":
        return _by_fill(translation, plan)
    return _by_bid_prices(translation, plan)


def _today(translation: Translation) -> NDArray[np.int64]:
    """Return the alternatives at today's prices; a new product stands in the middle of its ladder."""
    products = translation.market.products
    return np.array([translation.alternative(at, reference_price(each)) for at, each in enumerate(products)], np.int64)


def _plan_start(translation: Translation, plan: PricePlan) -> NDArray[np.int64]:
    """Return the alternatives that the plan begins with; one that it closes waits at the lowest price allowed."""
    posted = translation.posted([each.path for each in plan.products])
    lowest = lowest_prices(translation, effects_of(translation))
    assert lowest is not None, "no plan is made under rules in conflict"
    waiting = [translation.alternative(at, int(price)) for at, price in enumerate(lowest[0])]
    return np.where(posted[0] == CLOSED, np.array(waiting, np.int64), posted[0])


def _by_fill(translation: Translation, plan: PricePlan) -> FillPolicy:
    rules = live_rules(translation)
    today = _today(translation)
    keeps = (
        rules.allowed[0, today].all()
        and not (translation.price[today[rules.first]] - translation.price[today[rules.second]] > rules.most).any()
    )
    usual = _usually_booked(translation)
    return FillPolicy(
        start=today if keeps else _plan_start(translation, plan),
        raise_at=usual + AHEAD,
        lower_at=usual - AHEAD,
        rules=rules,
    )


def _usually_booked(translation: Translation) -> NDArray[np.float64]:
    """Return which share of the customers of each product has come when each period begins, shape ``(T, P)``."""
    market, problem = translation.market, translation.problem
    sees = np.array([[product.id in segment.appeal for product in market.products] for segment in market.segments])
    customers = (problem.arrivals.T @ sees) * problem.on_sale
    before = np.cumsum(customers, axis=0) - customers
    return np.asarray(before / np.maximum(customers.sum(axis=0), 1e-9))


def _by_bid_prices(translation: Translation, plan: PricePlan) -> BidPricePolicy:
    from solvers.revenue.choice_decomposition import live_values
    from solvers.revenue.sales_based import sales_based

    rules = live_rules(translation)
    problem = translation.problem
    open_units = np.maximum(0.0, problem.capacity - kept_units(translation))
    narrowed = replace(problem, capacity=open_units)
    # The choice-based program would take a minute here; the sales-based one takes a fraction of a second.
    duals = sales_based(narrowed, allowed=rules.allowed).duals
    try:
        values = live_values(narrowed, duals=duals, allowed=rules.allowed)
    except TooManyUnitsError as error:
        raise InputError([_too_many_units(int(open_units.sum()))]) from error
    periods = np.arange(problem.periods + 1)
    return BidPricePolicy(
        start=_plan_start(translation, plan),
        values=values.values,
        times=np.interp(values.times, periods, boundaries(translation.market)),
        rules=rules,
    )


def _too_many_units(units: int) -> Problem:
    message = Text(
        ja=f"定員({units:,})と来客がともに多すぎて、方式「dynamic」で1席ずつ評価できません。ほかの方式を選んでください",
        en=f"{units:,} units and their customers are too many for the policy 'dynamic', which values each unit by "
        "itself: choose other policies",
    )
    return Problem("market.capacities", units, message)
