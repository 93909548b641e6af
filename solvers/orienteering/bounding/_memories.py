"""ng-sets that grow, and what they were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.bounding._ng_sets import as_masks, grow, ng_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind


class Memories:
    """
    Remember, for each option of a kind of day, what labels remember there, and since when.

    Parameters
    ----------
    kind
        The kind of day.
    size
        Groups remembered at first.

    Attributes
    ----------
    near
        Shape ``(K, G)``, bool: as `ng_sets` returns.
    """

    def __init__(self, kind: DayKind, size: int) -> None:
        self._kind = kind
        self.near = ng_sets(kind, size)
        self._added = np.zeros(self.near.shape, np.int64)
        self._times = 0

    def grow(self, routes: Iterable[tuple[int, ...]], most: int) -> int:
        """Remember what keeps the cycles of routes from being made, at most so much; return how much was added."""
        before = self.near.copy()
        added = grow(self.near, self._kind, routes, most)
        self._times += 1
        self._added[self.near & ~before] = self._times
        return added

    def masks(self) -> NDArray[np.uint64]:
        """Return all as bit sets."""
        return as_masks(self.near)

    def steps(self, shares: Sequence[float]) -> list[NDArray[np.uint64]]:
        """Return bit sets that hold so large shares of what was added, the oldest first."""
        times = np.sort(self._added[self._added > 0])
        if not times.size:
            return [self.masks()] * 2
        until = [int(times[round(share * (times.size - 1))]) if share else 0 for share in shares]
        return [as_masks(self.near & (self._added <= last)) for last in until]
