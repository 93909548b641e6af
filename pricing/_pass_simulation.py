"""Customers of a pass one by one: what chance does to sales, with the pass and without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pricing._pass_market import PassMarket


@dataclass(frozen=True, slots=True, eq=False)
class Horizons:
    """
    Hold what happened in each of some simulated seasons, shape ``(H,)`` each.

    Parameters
    ----------
    passes
        Passes sold.
    takings
        Yen paid for passes.
    income
        What all members earn, less the cost of visits.
    """

    passes: NDArray[np.float64]
    takings: NDArray[np.float64]
    income: NDArray[np.float64]


def simulate(market: PassMarket, price: float, *, horizons: int, seed: int) -> tuple[Horizons, Horizons]:
    """
    Simulate seasons with the pass at a price, and the same customers without it.

    Each segment's customers are Poisson, in random order. Whoever buys a pass takes up each offer with its probability,
    and has its room from then on; a pass is sold while there is room for every visit that it allows.

    Returns
    -------
    with_pass, without
        Paired horizon by horizon.
    """
    results = np.zeros((2, 3, horizons))
    for horizon in range(horizons):
        season = _Season(market, price, np.random.default_rng([seed, horizon]))
        results[0, :, horizon] = season.run(has_pass=True)
        results[1, :, horizon] = season.run(has_pass=False)
    return Horizons(*results[0]), Horizons(*results[1])


class _Season:
    """Customers of one season with their tastes: what they buy depends only on what is left."""

    def __init__(self, market: PassMarket, price: float, rng: np.random.Generator) -> None:
        self._market, self._price = market, price
        everybody = (1 << market.members) - 1
        segment = rng.permutation(np.repeat(np.arange(len(market.arrivals)), rng.poisson(market.arrivals)))
        tickets = len(market.baskets)
        # Gumbel noise on logarithms of weights: the best is a draw of the multinomial logit.
        self._utility = market.log_weights(price)[segment] + rng.gumbel(size=(len(segment), tickets + 2))
        self._visits = (rng.random((len(segment), len(market.price))) < market.take_up) * market.visits
        self._pass_use = self._visits @ market.units
        self._pass_use[:, -1] = 1
        full = (np.where(market.offers_of(everybody), market.visits, 0.0) * (market.take_up > 0)) @ market.units
        full[-1] = 1
        self._need = np.vstack((market.ticket_use, full, np.zeros(len(market.capacity))))

    def run(self, *, has_pass: bool) -> tuple[float, float, float]:
        """Return passes sold, yen paid for them, and what all members earn."""
        market, tickets = self._market, len(self._market.baskets)
        left = market.capacity.copy()
        begin, bought = 0, np.full(len(self._utility), tickets + 1)
        while begin < len(bought):
            closed: NDArray[np.bool_] = np.any(self._need > left, axis=1)
            closed[tickets] |= not has_pass
            choice = np.where(closed, -np.inf, self._utility[begin:]).argmax(1)
            use = np.where((choice == tickets)[:, None], self._pass_use[begin:], self._need[choice])
            after = left - np.cumsum(use, 0)
            # Up to and with the first sale after which something that was on sale no longer is.
            closes = (after < self._need[~closed].max(0)).any(1)
            end = int(np.argmax(closes)) + 1 if closes.any() else len(choice)
            bought[begin : begin + end] = choice[:end]
            left = after[end - 1]
            begin += end
        has = bought == tickets
        sold = np.bincount(bought, minlength=tickets + 2)[:tickets]
        passes = float(has.sum())
        cost = float(self._visits[has].sum(0) @ market.cost)
        income = float(sold @ market.ticket_income.sum(1)) + passes * self._price - cost
        return passes, passes * self._price, income
