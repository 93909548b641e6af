"""Travel that depends on when one leaves: one arrival function per pair of nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import UNREACHABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ArrivalFunctions:
    """
    Hold, for each of M travel tables and each ordered pair of N nodes, when one arrives, given when one leaves.

    Pair ``(table, here, there)`` has the number ``(table * N + here) * N + there`` and the breakpoints
    ``start[pair] : start[pair + 1]``. Leaving before the first breakpoint means waiting for it; between two breakpoints
    arrivals lie on the straight line, rounded up to a tick; after the last one, or without any, there is no way. A
    timetable's steps are two breakpoints one tick apart. A later departure never arrives earlier (FIFO), so the latest
    departure for a given arrival is the inverse and exact in ticks. Pairs on the diagonal have no breakpoints: staying
    takes no time.

    Parameters
    ----------
    start
        Shape ``(M * N * N + 1,)``, int64, non-decreasing, first 0.
    departure
        Shape ``(P,)``, int64, ticks, strictly increasing within a pair.
    arrival
        Shape ``(P,)``, int64, ticks, non-decreasing within a pair, not before ``departure``.
    """

    start: NDArray[np.int64]
    departure: NDArray[np.int64]
    arrival: NDArray[np.int64]

    def fastest(self, tables: int, nodes: int) -> NDArray[np.int64]:
        """
        Return the shortest travel of each pair at any time of day.

        Parameters
        ----------
        tables, nodes
            M and N.

        Returns
        -------
        ticks
            Shape ``(M, N, N)``, int64; `UNREACHABLE` where there is no way, 0 on the diagonal.
        """
        ticks = np.full(tables * nodes * nodes, UNREACHABLE, np.int64)
        used = np.flatnonzero(np.diff(self.start))
        if used.size:
            ticks[used] = np.minimum.reduceat(self.arrival - self.departure, self.start[used])
        table = ticks.reshape(tables, nodes, nodes)
        table[:, np.arange(nodes), np.arange(nodes)] = 0
        return table
