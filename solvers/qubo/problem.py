"""Grouped packing with pair rewards: the one problem behind all models for annealers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _no_pairs() -> NDArray[np.int64]:
    return np.zeros((0, 2), np.int64)


def _no_ints() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


def _no_uses() -> NDArray[np.int64]:
    return np.zeros((0, 0), np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PackingProblem:
    """
    Hold one grouped packing problem.

    Choose at most one item of each group and no two items in conflict, so that ``sum(value[chosen])`` plus
    ``reward`` of every pair chosen together is largest. Where there are capacities, the chosen items may not use more
    of each: annealers see a price of it instead (`priced`), decoding sees the capacity itself.

    Parameters
    ----------
    value
        Shape ``(n,)``, int64, any sign.
    group
        Shape ``(n,)``, int64, 0 to G - 1; every group has an item.
    pair
        Shape ``(K, 2)``, int64: items i < j of different groups and not in conflict, each pair once, sorted.
    reward
        Shape ``(K,)``, int64, any sign.
    conflict
        Shape ``(E, 2)``, int64: items i < j of different groups, each pair once, sorted.
    use
        Shape ``(R, n)``, int64, not negative.
    capacity
        Shape ``(R,)``, int64, not negative.
    """

    value: NDArray[np.int64]
    group: NDArray[np.int64]
    pair: NDArray[np.int64] = field(default_factory=_no_pairs)
    reward: NDArray[np.int64] = field(default_factory=_no_ints)
    conflict: NDArray[np.int64] = field(default_factory=_no_pairs)
    use: NDArray[np.int64] = field(default_factory=_no_uses)
    capacity: NDArray[np.int64] = field(default_factory=_no_ints)

    @property
    def items(self) -> int:
        """Return n."""
        return len(self.value)

    @property
    def groups(self) -> int:
        """Return G."""
        return int(self.group.max()) + 1 if len(self.group) else 0

    def members(self) -> list[NDArray[np.int64]]:
        """Return the items of each group, ascending."""
        by_group = np.argsort(self.group, kind="stable")
        return np.split(by_group, np.cumsum(np.bincount(self.group, minlength=self.groups))[:-1])
