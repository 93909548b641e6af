"""The one place where products, days and yen become rows and columns, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue.problem import CLOSED, ChoiceProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pricing.model import Market, Product, Segment

YEN_OF_SENSITIVITY = 1000.0
"""A segment's sensitivity is its loss of appeal per so many yen."""


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """
    Hold a market as arrays, with what is needed to read an answer.

    Parameters
    ----------
    problem
        Prices are net of the cost of a sale; capacity is what is not yet booked; customers who will cancel are left
        out of the arrivals, because their seat and their money are given back.
    price
        Shape ``(A,)``, int64, yen: the price that is posted for each alternative. The alternatives of a product stand
        together, from low to high, in the order of the market's products.
    first
        Shape ``(P + 1,)``, int64: where the alternatives of each product begin, and the end.
    """

    market: Market
    problem: ChoiceProblem
    price: NDArray[np.int64]
    first: NDArray[np.int64]

    def alternative(self, product: int, price_yen: int) -> int:
        """Return the alternative of a product at a price that is on its ladder."""
        levels = self.price[self.first[product] : self.first[product + 1]]
        (at,) = np.nonzero(levels == price_yen)
        return int(self.first[product] + at[0])

    def path(self, product: int, posted: NDArray[np.int64]) -> tuple[int | None, ...]:
        """Return the price of a product in each period, None where it is not on sale; ``posted`` is ``(T, P)``."""
        return tuple(
            int(self.price[posted[period, product]])
            if self.problem.on_sale[period, product] and posted[period, product] != CLOSED
            else None
            for period in range(self.problem.periods)
        )

    def posted(self, paths: Sequence[Sequence[int | None]]) -> NDArray[np.int64]:
        """Return the alternatives, ``(T, P)``, of a path of prices for each product."""
        posted = np.full((self.problem.periods, self.problem.products), CLOSED, np.int64)
        for product, path in enumerate(paths):
            for period, price in enumerate(path):
                if price is not None and self.problem.on_sale[period, product]:
                    posted[period, product] = self.alternative(product, price)
        return posted


def translate(market: Market) -> Translation:
    """
    Return a market as arrays.

    Rules are not in them: `pricing._rules` narrows the problem by those that hold.
    """
    products, capacities = market.products, market.capacities
    ladders = [len(product.ladder) for product in products]
    product_of = np.repeat(np.arange(len(products)), ladders)
    price = np.array([yen for product in products for yen in product.ladder], np.int64)
    cost = np.array([product.cost for product in products], np.int64)
    row = {capacity.id: index for index, capacity in enumerate(capacities)}
    use = np.zeros((len(capacities), len(products)))
    for index, product in enumerate(products):
        for capacity, units in product.capacities.items():
            use[row[capacity], index] = units
    problem = ChoiceProblem(
        product=product_of.astype(np.int64),
        price=(price - cost[product_of]).astype(np.float64),
        use=use,
        capacity=np.array([max(0, capacity.units - capacity.booked) for capacity in capacities], np.float64),
        arrivals=np.array([_kept_arrivals(segment) for segment in market.segments]),
        attraction=np.array([attraction(segment, products, price, product_of) for segment in market.segments]),
        no_purchase=np.ones(len(market.segments)),
        on_sale=_on_sale(market),
    )
    first = np.concatenate(([0], np.cumsum(ladders))).astype(np.int64)
    return Translation(market=market, problem=problem, price=price, first=first)


def attraction(
    segment: Segment, products: Sequence[Product], price: NDArray[np.int64], product_of: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return ``exp(appeal - sensitivity * price / 1000)`` of each alternative, 0 where the segment does not see it."""
    appeal = np.array([segment.appeal.get(product.id, -np.inf) for product in products])
    return np.asarray(np.exp(appeal[product_of] - segment.sensitivity * price / YEN_OF_SENSITIVITY))


def _kept_arrivals(segment: Segment) -> NDArray[np.float64]:
    return np.array(segment.arrivals, np.float64) * (1.0 - segment.cancels)


def _on_sale(market: Market) -> NDArray[np.bool_]:
    """Tell when each product is sold: until the period that holds its date."""
    return np.array([[period.first <= product.date for product in market.products] for period in market.periods])
