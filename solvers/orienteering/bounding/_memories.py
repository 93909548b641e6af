"""ng-sets that grow, and what they were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.bounding._meters import meters_of
from solvers.orienteering.bounding._ng_sets import as_masks, grow, ng_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.problem import TripProblem


class Memories:
    """
    Remember, for each option of a kind of day, what labels remember there, and since when.

    Parameters
    ----------
    problem, kind
        The problem and the kind of day.
    size
        Groups remembered at first.

    Attributes
    ----------
    near
        Shape ``(K, G + C)``, bool: groups, as `ng_sets` returns, then fields of upper counts.
    meters
        Those upper counts.
    """

    def __init__(self, problem: TripProblem, kind: DayKind, size: int) -> None:
        self._kind = kind
        self._groups = int(kind.group.max(initial=-1)) + 1
        self.meters = meters_of(problem, kind)
        # An option that counts remembers the count, whatever else it remembers.
        self.near = np.hstack([ng_sets(kind, size), self.meters.is_member.T])
        self._added = np.zeros(self.near.shape, np.int64)
        self._times = 0

    def grow(self, routes: Iterable[tuple[int, ...]], most: int) -> int:
        """Remember what keeps routes from cycles and from too many visits of a kind; return how much was added."""
        before = self.near.copy()
        for visits in routes:
            grow(self.near, self._kind, [visits], most)
            self._count_along(visits)
        self._times += 1
        fresh = self.near & ~before
        self._added[fresh] = self._times
        return int(fresh.sum())

    def _count_along(self, visits: tuple[int, ...]) -> None:
        """Remember the visits of each count between one and that which is too much."""
        route = np.array(visits, np.int64)
        for meter, width in enumerate(self.meters.width.tolist()):
            counted = np.flatnonzero(self.meters.is_member[meter, route])
            for first, last in zip(counted, counted[width:], strict=False):
                self.near[route[first : last + 1], self._groups + meter] = True

    def masks(self) -> NDArray[np.uint64]:
        """Return all as bit sets."""
        return self._as_masks(self.near)

    def steps(self, shares: Sequence[float]) -> list[NDArray[np.uint64]]:
        """Return bit sets that hold so large shares of what was added, the oldest first."""
        times = np.sort(self._added[self._added > 0])
        if not times.size:
            return [self.masks()] * 2
        until = [int(times[round(share * (times.size - 1))]) if share else 0 for share in shares]
        return [self._as_masks(self.near & (self._added <= last)) for last in until]

    def _as_masks(self, near: NDArray[np.bool_]) -> NDArray[np.uint64]:
        masks = self.meters.masks(near[:, self._groups :])
        groups = as_masks(near[:, : self._groups])
        masks[:, : groups.shape[1]] |= groups
        return masks
