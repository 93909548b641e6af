"""Revenue problems in arrays: what may be sold at which price, to whom, and what it takes up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSED: Final = -1
"""Stands for the alternative of a product that is not on sale."""


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceProblem:
    """
    Describe customers who choose among alternatives by the multinomial logit.

    An alternative is a product at one price of its ladder; of the alternatives of a product at most one is offered at a
    time. A customer of segment l who sees the set S buys alternative j of S with probability
    ``attraction[l, j] / (no_purchase[l] + attraction[l, S].sum())``.

    Parameters
    ----------
    product
        Shape ``(A,)``, int64: the product of each alternative, ``0 .. P - 1``; every product has at least one.
    price
        Shape ``(A,)``, float64, not negative: what one sale brings, in yen (costs of a sale are taken off before).
    use
        Shape ``(R, P)``, float64, not negative: units of each resource that one sale of a product takes.
    capacity
        Shape ``(R,)``, float64, not negative.
    arrivals
        Shape ``(L, T)``, float64, not negative: expected customers of each segment in each period. Period 0 is the
        first in time.
    attraction
        Shape ``(L, A)``, float64, not negative; 0 where a segment does not consider the alternative.
    no_purchase
        Shape ``(L,)``, float64, above 0: attraction of buying nothing.
    on_sale
        Shape ``(T, P)``, bool: when a product can be sold; an array of no elements where all are, always.

    References
    ----------
    Talluri & van Ryzin (2004), https://doi.org/10.1287/mnsc.1030.0147
    """

    product: NDArray[np.int64]
    price: NDArray[np.float64]
    use: NDArray[np.float64]
    capacity: NDArray[np.float64]
    arrivals: NDArray[np.float64]
    attraction: NDArray[np.float64]
    no_purchase: NDArray[np.float64]
    on_sale: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), np.bool_))

    @property
    def alternatives(self) -> int:
        """Return A."""
        return len(self.product)

    @property
    def products(self) -> int:
        """Return P."""
        return int(self.use.shape[1])

    @property
    def resources(self) -> int:
        """Return R."""
        return len(self.capacity)

    @property
    def segments(self) -> int:
        """Return L."""
        return int(self.arrivals.shape[0])

    @property
    def periods(self) -> int:
        """Return T."""
        return int(self.arrivals.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class RequestProblem:
    """
    Describe requests that ask for one product at its fare, and are taken or turned away: independent demand.

    At most one request comes in a period.

    Parameters
    ----------
    fare
        Shape ``(P,)``, float64, not negative, yen.
    use
        Shape ``(R, P)``, int64, not negative.
    capacity
        Shape ``(R,)``, int64, not negative.
    probability
        Shape ``(T, P)``, float64, not negative: chance that the request of a period is for a product; the sum of a row
        is at most 1, the rest is the chance of none. Period 0 is the first in time.

    References
    ----------
    Talluri & van Ryzin (1998), https://doi.org/10.1287/mnsc.44.11.1577
    """

    fare: NDArray[np.float64]
    use: NDArray[np.int64]
    capacity: NDArray[np.int64]
    probability: NDArray[np.float64]

    @property
    def products(self) -> int:
        """Return P."""
        return len(self.fare)

    @property
    def resources(self) -> int:
        """Return R."""
        return len(self.capacity)

    @property
    def periods(self) -> int:
        """Return T."""
        return int(self.probability.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class PriceRules:
    """
    Bound sums of posted alternatives: the rules of an operator as linear rows over what is posted in each phase.

    With ``y[f, j]`` = 1 where alternative j is posted in phase f, row m demands
    ``lower[m] <= sum(coefficient[e] * y[phase[e], alternative[e]] for e of row m) <= upper[m]``.

    Parameters
    ----------
    row, phase, alternative
        Shape ``(E,)``, int64: where each coefficient stands.
    coefficient
        Shape ``(E,)``, float64.
    lower, upper
        Shape ``(M,)``, float64; infinite where a side is free.
    """

    row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    phase: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    alternative: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    coefficient: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    lower: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    upper: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.lower)
