"""Compiling the loops of the revenue engines, before somebody waits for them."""

from __future__ import annotations

from functools import cache

import numpy as np

from solvers.revenue.booking_simulation import BookingMarket, PricePath, simulate_bookings
from solvers.revenue.problem import ChoiceProblem, PriceRules


@cache
def warm_up() -> None:
    """Compile or load what proposes, values and simulates prices, once per process; later calls return at once."""
    # Imported here: both are heavy, and the door is light.
    from solvers.revenue.choice_decomposition import live_values
    from solvers.revenue.posted_prices import posted_prices

    problem = _smallest_problem()
    posted_prices(problem, rules=_one_rule(), iterations=1)
    live_values(problem)
    market, policy = _smallest_simulation()
    simulate_bookings(market, policy, horizons=1, seed=0)


def _smallest_problem() -> ChoiceProblem:
    """Return one product at two prices, seen by two segments: the loops are the same for all problems."""
    return ChoiceProblem(
        product=np.zeros(2, np.int64),
        price=np.array([1.0, 2.0]),
        use=np.ones((1, 1)),
        capacity=np.ones(1),
        arrivals=np.ones((2, 2)),
        attraction=np.array([[2.0, 1.0], [1.0, 2.0]]),
        no_purchase=np.ones(2),
    )


def _one_rule() -> PriceRules:
    """Return that the first price is posted in the first of the two periods at most once."""
    nothing = np.zeros(1, np.int64)
    return PriceRules(nothing, nothing, nothing, np.ones(1), np.zeros(1), np.ones(1))


def _smallest_simulation() -> tuple[BookingMarket, PricePath]:
    """Return one seat over one day, and its price."""
    one = np.ones(1)
    market = BookingMarket(
        product=np.zeros(1, np.int64),
        price=one,
        earned=one,
        use=np.ones((1, 1), np.int64),
        capacity=np.ones(1, np.int64),
        boundaries=np.array([0.0, 1.0]),
        arrivals=np.ones((1, 1)),
        appeal=np.zeros((1, 1)),
        sensitivity=one,
        reference=one,
        on_sale=np.ones((1, 1), np.bool_),
        cancels=np.zeros(1),
        stays_away=np.zeros(1),
        kept=np.zeros(1, np.int64),
        walk_ins=np.zeros(1),
    )
    return market, PricePath(np.zeros((1, 1), np.int64))
