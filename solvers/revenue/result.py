"""What every revenue engine returns, in one shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Engine = Literal[
    "sales-based",
    "choice-based",
    "posted-prices",
    "sampled-prices",
    "deterministic",
    "randomised",
    "decomposition",
    "lagrangian",
    "itineraries",
]

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
"""Of the engine's own model: optimal within its tolerance, some answer, proven to have none, or none found."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RevenueResult:
    """
    Hold what an engine found.

    Parameters
    ----------
    engine
        Which one.
    status
        See `Status`.
    revenue
        Yen that the answer earns in the engine's model, by prices that can be posted; None where the engine proves a
        bound and has no such prices (the sales-based model of segments that overlap, duals alone).
    bound
        Yen that no policy exceeds in expectation, in the market the problem describes; infinite where none is known.
    duals
        Shape ``(R,)``, float64, not negative: worth of one more unit of each resource, in yen.
    seconds
        Time taken.
    """

    engine: Engine
    status: Status
    revenue: float | None
    bound: float
    duals: NDArray[np.float64]
    seconds: float

    @property
    def gap(self) -> float | None:
        """Return how far the revenue may be below the best, as a share of the bound; None without either."""
        if self.revenue is None or not np.isfinite(self.bound):
            return None
        return max(0.0, self.bound - self.revenue) / max(1e-9, abs(self.bound))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SalesResult(RevenueResult):
    """
    Hold the answer of the sales-based model.

    Parameters
    ----------
    sales
        Shape ``(L, A)``, float64: expected sales over all periods.
    shares
        Shape ``(L, A)``, float64: share of the time for which an alternative is posted to a segment.
    is_exact
        Whether the bound can be reached by posted sets: each product is seen by one segment only, or each segment is
        shown prices of its own.
    """

    sales: NDArray[np.float64]
    shares: NDArray[np.float64]
    is_exact: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OfferResult(RevenueResult):
    """
    Hold the answer of the choice-based model.

    Parameters
    ----------
    offers
        Sets of alternatives, each in increasing order, at most one per product.
    times
        Shape ``(len(offers),)``, float64: periods for which each is offered; the sum over the offers of the same
        segments is at most T.
    periods
        Per offer, the periods in which it is: those that look alike to these segments.
    segments
        Per offer, to whom: segments that consider no product together have offers of their own, at the same time.
    """

    offers: tuple[tuple[int, ...], ...]
    times: NDArray[np.float64]
    periods: tuple[tuple[int, ...], ...] = ()
    segments: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PostedResult(RevenueResult):
    """
    Hold posted prices.

    Parameters
    ----------
    posted
        Shape ``(F, P)``, int64: alternative of each product in each phase, `problem.CLOSED` where it is not on sale.
    sales
        Shape ``(A,)``, float64: expected sales over all periods.
    posted_bound
        Yen that no posted prices exceed in the engine's model under the rules; infinite where none is known. Live
        policies may earn more: `bound` is theirs.
    """

    posted: NDArray[np.int64]
    sales: NDArray[np.float64]
    posted_bound: float = float("inf")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ValueResult(RevenueResult):
    """
    Hold values of capacity over time, from which a live policy takes its bid prices.

    Parameters
    ----------
    values
        One array per resource, shape ``(T + 1, capacity + 1)``, float64: worth of what is left of it before each
        period; the bid price of unit x in period t is ``values[r][t + 1, x] - values[r][t + 1, x - 1]``.
    shares
        Shape ``(T, R, P)`` or ``(R, P)``, float64: part of each fare that is credited to each resource.
    """

    values: tuple[NDArray[np.float64], ...]
    shares: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
