"""Sharing what a group earns together: Shapley, split by duals, the core, floors, and whole yen that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MOST_EXACT_MEMBERS: Final = 12
"""Up to here every coalition is valued (4,096); beyond, orders of joining are drawn."""

MOST_MEMBERS: Final = 62
"""A coalition is a bit mask in an int64."""

_Z95: Final = 1.959964
"""Half-width of a 95 % interval in standard errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Coalitions:
    """
    Hold what coalitions earn.

    Parameters
    ----------
    members
        How many may join, n.
    masks
        Shape ``(K,)``, int64, rising, the last is all of them: bit i is set where member i has joined.
    values
        Shape ``(K,)``, float64, yen.
    """

    members: int
    masks: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def is_complete(self) -> bool:
        """Whether all ``2**n - 1`` coalitions are here."""
        return len(self.masks) == (1 << self.members) - 1

    @property
    def total(self) -> float:
        """Return what all earn together."""
        return float(self.values[-1])

    @property
    def alone(self) -> NDArray[np.float64]:
        """Return what each member earns alone, shape ``(n,)``."""
        return self.values[np.searchsorted(self.masks, 1 << np.arange(self.members, dtype=np.int64))]

    @property
    def joined(self) -> NDArray[np.bool_]:
        """Return who is in which coalition, shape ``(K, n)``."""
        joined: NDArray[np.bool_] = (self.masks[:, None] >> np.arange(self.members)) & 1 == 1
        return joined


@dataclass(frozen=True, slots=True, eq=False)
class ShapleyResult:
    """
    Hold the mean of what each member adds, over all orders of joining.

    Parameters
    ----------
    shares
        Shape ``(n,)``, float64, yen; the sum is what all earn together.
    low, high
        Shape ``(n,)``, float64: 95 % interval; equal to ``shares`` where they are exact.
    is_exact
        Whether all orders were counted.
    coalitions
        Every coalition that was valued.
    """

    shares: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    is_exact: bool
    coalitions: Coalitions


@dataclass(frozen=True, slots=True)
class CoreCheck:
    """
    Say whether a coalition would earn more by itself than it is given.

    Parameters
    ----------
    is_in_core
        Whether no coalition that was valued would.
    coalition
        Members of the one that would gain most by leaving; empty where none would.
    gain
        Yen that it would gain; 0 where none would.
    is_complete
        Whether every coalition was looked at; otherwise ``is_in_core`` speaks of those that were.
    """

    is_in_core: bool
    coalition: tuple[int, ...]
    gain: float
    is_complete: bool


def shapley(
    members: int,
    value: Callable[[int], float],
    *,
    most_exact: int = MOST_EXACT_MEMBERS,
    pairs: int = 500,
    seed: int = 0,
) -> ShapleyResult:
    """
    Return the mean of what each member adds to those before it, over all orders in which they may join.

    Each coalition is valued once. Beyond ``most_exact`` members, orders are drawn, each together with its reverse:
    who comes late in one comes early in the other, which takes out much of the noise.

    Parameters
    ----------
    members
        How many, 1 to `MOST_MEMBERS`.
    value
        Yen that a coalition, given as a bit mask, earns; the empty one earns nothing and is never asked for.
    most_exact
        Largest group for which all ``2**n - 1`` coalitions are valued.
    pairs
        Pairs of orders to draw, at least 2.
    seed
        Of the draw.

    Returns
    -------
    result
        Shares, their interval, and the coalitions valued (always with those of one member).

    Raises
    ------
    ProblemError
        If ``members`` or ``pairs`` is out of range, or a value is no finite number.

    References
    ----------
    Shapley (1953), https://doi.org/10.1515/9781400881970-018. Sampling: Castro, Gómez & Tejada (2009),
    https://doi.org/10.1016/j.cor.2008.04.004. Pairs: Mitchell et al. (2022), https://arxiv.org/abs/2104.12199.
    """
    faults = []
    if not 1 <= members <= MOST_MEMBERS:
        faults.append(f"members is {members}; accepted is 1 to {MOST_MEMBERS}")
    if pairs < 2:
        faults.append(f"pairs is {pairs}; accepted is 2 or more")
    if faults:
        raise ProblemError(tuple(faults))
    known = _Known(members, value)
    if members <= most_exact:
        return _all_orders(members, known)
    return _drawn_orders(members, known, pairs, seed)


class _Known:
    """Values of coalitions, each asked for once."""

    def __init__(self, members: int, value: Callable[[int], float]) -> None:
        self._members = members
        self._value = value
        self._known = {0: 0.0}

    def __call__(self, mask: int) -> float:
        if mask not in self._known:
            worth = float(self._value(mask))
            if not np.isfinite(worth):
                raise ProblemError((f"the value of coalition {mask:b} is {worth}; a finite number is accepted",))
            self._known[mask] = worth
        return self._known[mask]

    def coalitions(self) -> Coalitions:
        masks = sorted(mask for mask in self._known if mask)
        return Coalitions(self._members, np.array(masks, np.int64), np.array([self._known[mask] for mask in masks]))


def _all_orders(members: int, known: _Known) -> ShapleyResult:
    values = np.array([known(mask) for mask in range(2**members)])
    masks = np.arange(2**members)
    size = (
        np.bitwise_count(masks) if hasattr(np, "bitwise_count") else ((masks[:, None] >> np.arange(members)) & 1).sum(1)
    )
    weight = _weights(members)
    shares = np.empty(members)
    for member in range(members):
        before = masks[masks >> member & 1 == 0]
        shares[member] = weight[size[before]] @ (values[before | 1 << member] - values[before])
    return ShapleyResult(shares, shares, shares, True, known.coalitions())


def _weights(members: int) -> NDArray[np.float64]:
    """Return the share of orders in which exactly some s others, and those alone, stand before a member."""
    weight = np.empty(members)
    weight[0] = 1 / members
    for size in range(1, members):
        weight[size] = weight[size - 1] * size / (members - size)
    return weight


def _drawn_orders(members: int, known: _Known, pairs: int, seed: int) -> ShapleyResult:
    rng = np.random.default_rng(seed)
    added = np.zeros((pairs, members))
    for pair in range(pairs):
        order = rng.permutation(members)
        for way in (order, order[::-1]):
            mask, before = 0, 0.0
            for member in way.tolist():
                mask |= 1 << member
                after = known(mask)
                added[pair, member] += (after - before) / 2
                before = after
    for member in range(members):
        known(1 << member)
    shares = added.mean(0)
    half = _Z95 * added.std(0, ddof=1) / np.sqrt(pairs)
    return ShapleyResult(shares, shares - half, shares + half, False, known.coalitions())


def dual_split(
    duals: NDArray[np.float64], used: NDArray[np.float64], owned: NDArray[np.float64], rest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Pay each member the worth of its scarce capacity, and its part of what is left.

    In a market without choice this is Owen's split, which lies in the core: no coalition's capacity is worth more by
    itself. Where a pass changes what people choose nothing guarantees that: ask `in_core`.

    Parameters
    ----------
    duals
        Shape ``(R,)``, float64: worth of one more unit of each capacity.
    used
        Shape ``(R,)``, float64: units sold; by complementary slackness all there are, where the dual is not 0.
    owned
        Shape ``(R, n)``, float64: share of each capacity that belongs to each member; rows sum to 1.
    rest
        Shape ``(n,)``, float64: each member's part of income beyond the worth of the capacity that it takes up.

    Returns
    -------
    shares
        Shape ``(n,)``, float64.

    References
    ----------
    Owen (1975), https://doi.org/10.1007/BF01681356
    """
    shares: NDArray[np.float64] = (duals * used) @ owned + rest
    return shares


def in_core(coalitions: Coalitions, shares: NDArray[np.float64], *, tolerance: float = 1e-6) -> CoreCheck:
    """
    Say whether some coalition would earn more by itself than its members are given, and which would gain most.

    Parameters
    ----------
    coalitions
        What they earn.
    shares
        Shape ``(n,)``, float64: what each member is given.
    tolerance
        Gain that nobody leaves for, as a share of what all earn together (at least 1 yen counts as such).
    """
    gain = coalitions.values - coalitions.joined @ shares
    best = int(np.argmax(gain))
    if gain[best] <= tolerance * max(1.0, abs(coalitions.total)):
        return CoreCheck(True, (), 0.0, coalitions.is_complete)
    return CoreCheck(
        False, tuple(np.flatnonzero(coalitions.joined[best]).tolist()), float(gain[best]), coalitions.is_complete
    )


def core_split(coalitions: Coalitions, towards: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """
    Return a split that leaves coalitions least reason to leave, and of those the nearest to another one.

    First the smallest gain that some coalition keeps is sought (the least core); 0 or less means that the core is not
    empty. Then, with gains of at most 0 or, where that cannot be, the smallest one, the sum of distances to ``towards``
    is made smallest.

    Parameters
    ----------
    coalitions
        What they earn; those that are missing are not looked at.
    towards
        Shape ``(n,)``, float64: the split to stay near to.

    Returns
    -------
    shares, gain
        The split, shape ``(n,)``, and the smallest gain that no split can avoid, in yen; negative inside the core.

    References
    ----------
    Maschler, Peleg & Shapley (1979), https://doi.org/10.1287/moor.4.4.303
    """
    # Imported here: scipy's optimisers are heavy.
    from scipy.optimize import linprog

    members, joined = coalitions.members, coalitions.joined[:-1].astype(float)
    if members == 1:
        return np.array([coalitions.total]), 0.0
    scale = max(1.0, abs(coalitions.total))
    values, total, goal = coalitions.values[:-1] / scale, coalitions.total / scale, towards / scale
    everybody = np.concatenate((np.ones(members), [0.0]))[None]
    # min gain: values - joined @ x <= gain, sum x = total
    first = linprog(
        np.concatenate((np.zeros(members), [1.0])),
        A_ub=np.column_stack((-joined, -np.ones(len(joined)))),
        b_ub=-values,
        A_eq=everybody,
        b_eq=[total],
        bounds=[(None, None)] * (members + 1),
    )
    gain = float(first.x[-1])
    allowed = max(gain, 0.0) + 1e-12
    # min sum distance: -distance <= x - goal <= distance
    unit = np.eye(members)
    second = linprog(
        np.concatenate((np.zeros(members), np.ones(members))),
        A_ub=np.block([[-joined, np.zeros((len(joined), members))], [unit, -unit], [-unit, -unit]]),
        b_ub=np.concatenate((allowed - values, goal, -goal)),
        A_eq=np.concatenate((np.ones(members), np.zeros(members)))[None],
        b_eq=[total],
        bounds=[(None, None)] * members + [(0, None)] * members,
    )
    found = second.x[:members] if second.status == 0 else first.x[:members]
    return found * scale, gain * scale


def with_floor(
    shares: NDArray[np.float64], floor: NDArray[np.float64], *, tolerance: float = 1e-9
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """
    Lift members to what they earn alone, at the cost of the others, each in proportion to what it has above that.

    Parameters
    ----------
    shares
        Shape ``(n,)``, float64.
    floor
        Shape ``(n,)``, float64: what each earns alone.

    Returns
    -------
    shares, lifted
        The same sum, nobody below the floor; and who was lifted. Where all floors together exceed the sum nothing can
        be done: the shares come back as they were, with everyone below the floor named.
    """
    total, scale = float(shares.sum()), max(1.0, float(np.abs(floor).max()))
    lifted = tuple(np.flatnonzero(shares < floor - tolerance * scale).tolist())
    left = total - float(floor.sum())
    above = np.maximum(0.0, shares - floor)
    if not lifted or left < -tolerance * scale:
        return shares, lifted
    if above.sum() <= 0:
        return floor + left / len(floor), lifted
    return floor + above * (left / above.sum()), lifted


def whole_amounts(shares: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """
    Round shares to whole amounts that sum to ``total``, by largest remainder; the first of equal ones comes first.

    Parameters
    ----------
    shares
        Shape ``(n,)``, float64, finite; their sum may differ from ``total``: it is then brought there evenly.
    total
        What the amounts sum to.

    Returns
    -------
    amounts
        Shape ``(n,)``, int64, each within 1 of its (evenly moved) share.
    """
    moved = shares + (total - float(shares.sum())) / len(shares)
    whole = np.floor(moved)
    missing = total - int(whole.sum())
    order = np.argsort(-(moved - whole), kind="stable")
    amounts = whole.astype(np.int64)
    amounts[order[: max(missing, 0)]] += 1
    # Sums of floats can err by a unit where every share is almost whole.
    amounts[order[len(order) + min(missing, 0) :]] -= 1
    return amounts
