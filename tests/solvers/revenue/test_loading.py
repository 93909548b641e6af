"""The warm-up leaves nothing to compile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numba.core import event
from tiny_markets import step_rules, tiny_market

from solvers.revenue.booking_simulation import (
    BidPricePolicy,
    BookingMarket,
    BookingPolicy,
    FillPolicy,
    PricePath,
    free_rules,
    simulate_bookings,
)
from solvers.revenue.choice_decomposition import live_values
from solvers.revenue.loading import warm_up
from solvers.revenue.posted_prices import posted_prices, score_posting


class _Compiled(event.Listener):
    """Collects the names of functions that numba compiles."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def on_start(self, event: event.Event) -> None:
        self.names.append(event.data["dispatcher"].py_func.__name__)

    def on_end(self, event: event.Event) -> None:
        """Count a function once."""


@pytest.fixture
def compiled() -> Iterator[list[str]]:
    """Return the names of what is compiled after the warm-up."""
    warm_up()
    listener = _Compiled()
    with event.install_listener("numba:compile", listener):
        yield listener.names


def test_prices_are_proposed_with_what_is_compiled(compiled: list[str]) -> None:
    """Sizes, rules and the layout of arrays make no difference."""
    problem = tiny_market(0, segments=3, products=4, periods=3)
    posted_prices(problem, rules=step_rules(problem, 3, 5.0), iterations=1)
    posted_prices(problem, overflow="forbid", iterations=1)
    posted = np.asfortranarray(np.tile(2 * np.arange(4), (3, 1)))
    posted.setflags(write=False)
    score_posting(problem, posted)
    live_values(problem)
    assert compiled == []


def test_bookings_are_simulated_with_what_is_compiled(compiled: list[str]) -> None:
    """Every policy runs, with prices of every period or of one, and arrays that cannot be written."""
    market = BookingMarket(
        product=np.repeat(np.arange(2), 2),
        price=np.array([1.0, 2.0, 1.0, 3.0]),
        earned=np.array([1.0, 2.0, 1.0, 3.0]),
        use=np.ones((1, 2), np.int64),
        capacity=np.array([3]),
        boundaries=np.array([0.0, 1.0, 2.0]),
        arrivals=np.full((2, 2), 3.0),
        appeal=np.zeros((2, 2)),
        sensitivity=np.ones(2),
        reference=np.ones(2),
        on_sale=np.ones((2, 2), np.bool_),
        cancels=np.full(2, 0.2),
        stays_away=np.zeros(2),
        kept=np.ones(1, np.int64),
        walk_ins=np.ones(1),
    )
    market.price.setflags(write=False)
    start, grid, rules = np.array([0, 2]), (2, 2), free_rules(market)
    worth = (np.zeros((3, 4)),)
    policies: list[BookingPolicy] = [
        PricePath(start[None, :]),
        PricePath(np.array([[0, 2], [1, 3]])),
        FillPolicy(start=start, raise_at=np.full(grid, 0.5), lower_at=np.full(grid, 0.1), rules=rules),
        BidPricePolicy(start=start, values=worth, times=np.array([0.0, 1.0, 2.0]), rules=rules),
    ]
    for policy in policies:
        simulate_bookings(market, policy, horizons=2, seed=1)
    assert compiled == []
