"""
Play booking horizons: the same customers meet several ways of setting prices.

Customers arrive one by one at random times and choose among what is posted and still has room. Some cancel later: the
seat and the price are given back. Some of the others do not come: the price is kept. Every random draw hangs on the
seed, the number of the horizon and the number of the customer, never on what a policy did before. So two policies
with the same seed meet the same people with the same tastes, and their difference has little noise (common random
numbers).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MAX_HORIZONS: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BookingMarket:
    """
    Describe what is sold, who comes and when.

    Segment l takes alternative a of product i with a weight of ``exp(appeal[l, i] - sensitivity[l] * price[a])``
    against 1 for nothing.

    Parameters
    ----------
    product
        Shape ``(A,)``, int64: the product of each alternative, in increasing order without holes.
    price
        Shape ``(A,)``, float64, not negative: what a customer pays; increasing within a product.
    earned
        Shape ``(A,)``, float64: what is left of it after the cost of the sale.
    use
        Shape ``(R, P)``, int64, not negative: units of each resource that a sale takes.
    capacity
        Shape ``(R,)``, int64, not negative: units that may be booked.
    boundaries
        Shape ``(T + 1,)``, float64, increasing from 0: days at which periods begin, and the end.
    arrivals
        Shape ``(L, T)``, float64, not negative: expected customers of each segment in each period.
    appeal
        Shape ``(L, P)``, float64; minus infinity where a segment does not see a product.
    sensitivity
        Shape ``(L,)``, float64, not negative: loss of appeal per yen.
    reference
        Shape ``(P,)``, float64, yen: where another sensitivity is tried, demand at this price stays what it was.
    on_sale
        Shape ``(T, P)``, bool.
    cancels, stays_away
        Shape ``(L,)``, float64, 0 to 1: shares of bookings that are cancelled, and of those left that do not come.
    kept
        Shape ``(R,)``, int64: units kept for people without a booking, besides ``capacity``.
    walk_ins
        Shape ``(R,)``, float64: how many of those are expected.

    References
    ----------
    Common random numbers: Glasserman & Yao (1992), https://doi.org/10.1287/mnsc.38.6.884
    """

    product: NDArray[np.int64]
    price: NDArray[np.float64]
    earned: NDArray[np.float64]
    use: NDArray[np.int64]
    capacity: NDArray[np.int64]
    boundaries: NDArray[np.float64]
    arrivals: NDArray[np.float64]
    appeal: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    reference: NDArray[np.float64]
    on_sale: NDArray[np.bool_]
    cancels: NDArray[np.float64]
    stays_away: NDArray[np.float64]
    kept: NDArray[np.int64]
    walk_ins: NDArray[np.float64]

    def __post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise ProblemError(problems)

    @property
    def products(self) -> int:
        """Return P."""
        return int(self.use.shape[1])

    @property
    def periods(self) -> int:
        """Return T."""
        return len(self.boundaries) - 1

    @property
    def segments(self) -> int:
        """Return L."""
        return len(self.sensitivity)

    @property
    def resources(self) -> int:
        """Return R."""
        return len(self.capacity)

    @property
    def ladder_starts(self) -> NDArray[np.int64]:
        """Return where the alternatives of each product begin, and their number at the end; shape ``(P + 1,)``."""
        return np.searchsorted(self.product, np.arange(self.products + 1)).astype(np.int64)

    @property
    def attraction(self) -> NDArray[np.float64]:
        """Return the weight of every alternative for every segment, shape ``(L, A)``."""
        return self._weights(self.appeal, self.sensitivity)

    def attraction_at(self, sensitivity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights if sensitivities were others, shape ``(L, A)``; at ``reference`` they stay the same."""
        turned = self.appeal + (sensitivity - self.sensitivity)[:, None] * self.reference[None, :]
        return self._weights(turned, sensitivity)

    def _weights(self, appeal: NDArray[np.float64], sensitivity: NDArray[np.float64]) -> NDArray[np.float64]:
        weights: NDArray[np.float64] = np.exp(appeal[:, self.product] - sensitivity[:, None] * self.price[None, :])
        return weights


def _problems(market: BookingMarket) -> Iterator[str]:
    """Yield everything in which the arrays of a market do not fit together."""
    alternatives, segments, periods = len(market.product), market.segments, market.periods
    shapes = {
        "price": (alternatives,),
        "earned": (alternatives,),
        "use": (market.resources, market.products),
        "arrivals": (segments, periods),
        "appeal": (segments, market.products),
        "reference": (market.products,),
        "on_sale": (periods, market.products),
        "cancels": (segments,),
        "stays_away": (segments,),
        "kept": (market.resources,),
        "walk_ins": (market.resources,),
    }
    for name, shape in shapes.items():
        found = getattr(market, name).shape
        if found != shape:
            yield f"{name}: has shape {found}, must have {shape}"
    if not np.array_equal(np.unique(market.product), np.arange(market.products)) or (np.diff(market.product) < 0).any():
        yield "product: must name every product from 0 on, in increasing order"
    elif len(market.price) == alternatives and (np.diff(market.price)[np.diff(market.product) == 0] <= 0).any():
        yield "price: must increase within a product"
    if periods < 1 or market.boundaries[0] != 0 or (np.diff(market.boundaries) <= 0).any():
        yield "boundaries: must increase from 0"
    for name in ("price", "use", "capacity", "arrivals", "sensitivity", "kept", "walk_ins"):
        if (getattr(market, name) < 0).any():
            yield f"{name}: must not be negative"
    for name in ("cancels", "stays_away"):
        share = getattr(market, name)
        if ((share < 0) | (share > 1)).any():
            yield f"{name}: must lie between 0 and 1"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LiveRules:
    """
    Bound what a policy may do that sets prices while people book.

    Parameters
    ----------
    allowed
        Shape ``(T, A)``, bool: what may be posted in each period.
    largest_step
        Shape ``(P,)``, float64: yen by which a price may change per day; infinite where it is free.
    no_drop_from
        Shape ``(P,)``, float64: day from which a price does not fall; infinite where it always may.
    may_close
        Shape ``(P,)``, bool: whether a product may be taken off sale while it has room.
    first, second, most
        Shape ``(M,)``: the price of product ``first[m]`` less that of ``second[m]`` is ``most[m]`` yen at most; held
        for prices of closed products too, so that they can come back.
    block
        Shape ``(P,)``, int64: products of one block have the same ladder and always the same price.
    """

    allowed: NDArray[np.bool_]
    largest_step: NDArray[np.float64]
    no_drop_from: NDArray[np.float64]
    may_close: NDArray[np.bool_]
    first: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    second: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    most: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    block: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


def free_rules(market: BookingMarket) -> LiveRules:
    """Return rules that allow everything."""
    products = market.products
    return LiveRules(
        allowed=np.ones((market.periods, len(market.product)), np.bool_),
        largest_step=np.full(products, np.inf),
        no_drop_from=np.full(products, np.inf),
        may_close=np.ones(products, np.bool_),
        block=np.arange(products, dtype=np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class PricePath:
    """
    Post prices that were fixed before anyone booked.

    Parameters
    ----------
    posted
        Shape ``(1, P)`` or ``(T, P)``, int64: alternative of each product in each period, -1 where it is closed.
    """

    posted: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FillPolicy:
    """
    Go one step up the ladder where many seats are gone, one step down where few are; looked at when a period begins.

    Parameters
    ----------
    start
        Shape ``(P,)``, int64: alternatives to begin with.
    raise_at, lower_at
        Shape ``(T, P)``, float64: share of seats taken from which the price goes up, and up to which it goes down.
    """

    start: NDArray[np.int64]
    raise_at: NDArray[np.float64]
    lower_at: NDArray[np.float64]
    rules: LiveRules


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BidPricePolicy:
    """
    Post what earns most above the worth of the seats that a sale takes, and look again every ``every`` days.

    The worth of a seat depends on how many are left and on the time. Among sets of prices the best is sought by
    changing one product at a time until nothing improves.

    Parameters
    ----------
    start
        Shape ``(P,)``, int64: alternatives from which the first search begins; must keep the rules.
    values
        One array per resource, shape ``(G, units + 1)``, float64: worth of what is left at each time of ``times``.
        Where it has fewer columns, more units are worth what the last one says.
    times
        Shape ``(G,)``, float64, increasing, days; between them values are interpolated.
    every
        Days between two looks.

    References
    ----------
    Liu & van Ryzin (2008), https://doi.org/10.1287/msom.1070.0169
    """

    start: NDArray[np.int64]
    values: tuple[NDArray[np.float64], ...]
    times: NDArray[np.float64]
    rules: LiveRules
    every: float = 1.0


BookingPolicy = PricePath | FillPolicy | BidPricePolicy


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SimulatedBookings:
    """
    Hold what happened in every horizon.

    Parameters
    ----------
    revenue
        Shape ``(N,)``, float64, yen: what bookings brought that were not cancelled.
    sales
        Shape ``(N, A)``, int32: bookings at each alternative that were not cancelled.
    cancelled, stayed_away
        Shape ``(N,)``, int32: bookings that were cancelled, and others that did not come.
    used, peak
        Shape ``(N, R)``, int32: units of people who came with a booking, and the most that was booked at any time.
    walk_ins
        Shape ``(N, R)``, int32: people without a booking who found a kept unit; the same under every policy.
    mean_price
        Shape ``(T, P)``, float64: mean price posted when a period begins, over the horizons in which it was open; NaN
        where it never was.
    open_count
        Shape ``(T, P)``, int64: in how many horizons that is.
    """

    revenue: NDArray[np.float64]
    sales: NDArray[np.int32]
    cancelled: NDArray[np.int32]
    stayed_away: NDArray[np.int32]
    used: NDArray[np.int32]
    peak: NDArray[np.int32]
    walk_ins: NDArray[np.int32]
    mean_price: NDArray[np.float64]
    open_count: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BookingLog:
    """
    Hold the bookings of one horizon in order of time; all arrays have one element per booking.

    Parameters
    ----------
    time
        Day of the booking, float64.
    segment, alternative
        Who bought what, int64.
    cancelled_at
        Day of the cancellation, float64; NaN where there was none.
    came
        bool.
    """

    time: NDArray[np.float64]
    segment: NDArray[np.int64]
    alternative: NDArray[np.int64]
    cancelled_at: NDArray[np.float64]
    came: NDArray[np.bool_]


def simulate_bookings(
    market: BookingMarket,
    policy: BookingPolicy,
    *,
    horizons: int,
    seed: int,
    first: int = 0,
    sensitivities: NDArray[np.float64] | None = None,
) -> SimulatedBookings:
    """
    Play booking horizons under a policy.

    Parameters
    ----------
    horizons
        How many, 1 to `MAX_HORIZONS`.
    first
        Number of the first horizon: horizons 0 to 99 and 100 to 199 together are horizons 0 to 199.
    sensitivities
        Shape ``(horizons, L)``: the true sensitivities of each horizon; None where those of the market are true. A
        policy always believes those of the market.

    Raises
    ------
    ProblemError
        If the arrays of the policy do not fit the market, or ``horizons`` is out of range.
    """
    from solvers.revenue._booking_kernel import play

    if not 1 <= horizons <= MAX_HORIZONS:
        raise ProblemError((f"horizons: is {horizons}, must be 1 to {MAX_HORIZONS}",))
    if sensitivities is not None and sensitivities.shape != (horizons, market.segments):
        shape = (horizons, market.segments)
        raise ProblemError((f"sensitivities: has shape {sensitivities.shape}, must have {shape}",))
    _check_policy(market, policy)
    return play(market, policy, horizons=horizons, seed=seed, first=first, sensitivities=sensitivities)


def joined_bookings(pieces: Sequence[SimulatedBookings]) -> SimulatedBookings:
    """Return pieces of one simulation as one, in their order; there must be one at least."""
    counts = np.array([piece.open_count for piece in pieces])
    sums = [np.where(piece.open_count > 0, piece.mean_price, 0.0) * piece.open_count for piece in pieces]
    open_count = counts.sum(axis=0)
    return SimulatedBookings(
        revenue=np.concatenate([piece.revenue for piece in pieces]),
        sales=np.concatenate([piece.sales for piece in pieces]),
        cancelled=np.concatenate([piece.cancelled for piece in pieces]),
        stayed_away=np.concatenate([piece.stayed_away for piece in pieces]),
        used=np.concatenate([piece.used for piece in pieces]),
        peak=np.concatenate([piece.peak for piece in pieces]),
        walk_ins=np.concatenate([piece.walk_ins for piece in pieces]),
        mean_price=np.where(open_count > 0, np.sum(sums, axis=0) / np.maximum(open_count, 1), np.nan),
        open_count=open_count,
    )


def record_bookings(market: BookingMarket, policy: BookingPolicy, *, seed: int, horizon: int = 0) -> BookingLog:
    """
    Play one booking horizon and keep every booking.

    Raises
    ------
    ProblemError
        If the arrays of the policy do not fit the market.
    """
    from solvers.revenue._booking_kernel import record

    _check_policy(market, policy)
    return record(market, policy, seed=seed, horizon=horizon)


def _check_policy(market: BookingMarket, policy: BookingPolicy) -> None:
    problems = tuple(_policy_problems(market, policy))
    if problems:
        raise ProblemError(problems)


def _policy_problems(market: BookingMarket, policy: BookingPolicy) -> Iterator[str]:
    """Yield everything in which the arrays of a policy do not fit the market."""
    if isinstance(policy, PricePath):
        if policy.posted.shape not in {(1, market.products), (market.periods, market.products)}:
            yield f"posted: has shape {policy.posted.shape}, must have {(market.periods, market.products)} or one row"
        elif not _are_own(market, policy.posted):
            yield "posted: names an alternative of another product"
        return
    if policy.start.shape != (market.products,) or not _are_own(market, policy.start, may_be_closed=False):
        yield "start: must name one alternative of each product"
    rules = policy.rules
    if rules.allowed.shape != (market.periods, len(market.product)):
        yield f"allowed: has shape {rules.allowed.shape}, must have {(market.periods, len(market.product))}"
    if len(rules.block) != market.products:
        yield f"block: has {len(rules.block)} elements, must have {market.products}"
    if isinstance(policy, FillPolicy):
        for name, array in (("raise_at", policy.raise_at), ("lower_at", policy.lower_at)):
            if array.shape != (market.periods, market.products):
                yield f"{name}: has shape {array.shape}, must have {(market.periods, market.products)}"
        return
    if not policy.every > 0:
        yield f"every: is {policy.every}, must be above 0"
    if len(policy.values) != market.resources:
        yield f"values: has {len(policy.values)} arrays, must have {market.resources}"
    for resource, (array, units) in enumerate(zip(policy.values, market.capacity, strict=False)):
        if array.ndim != 2 or len(array) != len(policy.times) or not 1 <= array.shape[1] <= units + 1:
            most = (len(policy.times), int(units) + 1)
            yield f"values[{resource}]: has shape {array.shape}, must have {most}, or fewer columns"


def _are_own(market: BookingMarket, posted: NDArray[np.int64], *, may_be_closed: bool = True) -> bool:
    """Return whether every alternative belongs to the product in whose column it stands."""
    closed = posted < 0
    if (closed.any() and not may_be_closed) or (posted >= len(market.product)).any():
        return False
    owner = market.product[np.where(closed, 0, posted)]
    return bool((closed | (owner == np.arange(market.products))).all())
