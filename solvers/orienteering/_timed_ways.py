"""Earliest arrivals and latest departures by any detour, where travel depends on the time of departure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering._breakpoints import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.arrivals import ArrivalFunctions

_PAIR: Final = 2**32
"""Greater than any tick, so that pair and tick make one sorted key."""


class TimedWays:
    """
    Search the ways of one travel table by Dijkstra's algorithm.

    A later departure never arrives earlier, so that the earliest arrival at each node is all one needs to go on, and
    the latest departure to go back.

    Parameters
    ----------
    arrivals
        The arrival functions.
    table
        Number of the travel table.
    nodes
        N.
    """

    def __init__(self, arrivals: ArrivalFunctions, table: int, nodes: int) -> None:
        first = table * nodes * nodes
        start = arrivals.start[first : first + nodes * nodes + 1]
        points = slice(int(start[0]), int(start[-1]))
        self._nodes, self._start = nodes, start - start[0]
        self._departure, self._arrival = arrivals.departure[points], arrivals.arrival[points]
        pair = np.repeat(np.arange(nodes * nodes), np.diff(start)) * _PAIR
        self._by_departure, self._by_arrival = pair + self._departure, pair + self._arrival

    def earliest(self, sources: list[int], time: int) -> NDArray[np.int64]:
        """Return the earliest arrival at each node of one who leaves any source at ``time``; `NEVER` where none."""
        ticks = np.full(self._nodes, NEVER, np.int64)
        ticks[sources] = time
        waiting = np.ones(self._nodes, np.bool_)
        for _ in range(self._nodes):
            node = int(np.argmin(np.where(waiting, ticks, NEVER + 1)))
            if ticks[node] >= NEVER:
                break
            waiting[node] = False
            ticks = np.minimum(ticks, self._reached(node, int(ticks[node])))
        return ticks

    def latest(self, targets: list[int], time: int) -> NDArray[np.int64]:
        """Return the latest departure from each node that is at any target by ``time``; `-NEVER` where none."""
        ticks = np.full(self._nodes, -NEVER, np.int64)
        ticks[targets] = time
        waiting = np.ones(self._nodes, np.bool_)
        for _ in range(self._nodes):
            node = int(np.argmax(np.where(waiting, ticks, -NEVER - 1)))
            if ticks[node] < 0:
                break
            waiting[node] = False
            ticks = np.maximum(ticks, self._left(node, int(ticks[node])))
        return ticks

    def _reached(self, here: int, time: int) -> NDArray[np.int64]:
        """Return the arrival at each node straight from one."""
        pairs = here * self._nodes + np.arange(self._nodes)
        after = np.searchsorted(self._by_departure, pairs * _PAIR + time)
        arrival = np.full(self._nodes, NEVER, np.int64)
        at_first = (after == self._start[pairs]) & (after < self._start[pairs + 1])
        arrival[at_first] = self._arrival[after[at_first]]
        between = (after > self._start[pairs]) & (after < self._start[pairs + 1])
        point = after[between]
        run, rise = self._slopes(point)
        passed = time - self._departure[point - 1]
        arrival[between] = self._arrival[point - 1] - -rise * passed // run
        return arrival

    def _left(self, there: int, limit: int) -> NDArray[np.int64]:
        """Return the latest departure from each node that is straight at one by ``limit``."""
        pairs = np.arange(self._nodes) * self._nodes + there
        after = np.searchsorted(self._by_arrival, pairs * _PAIR + limit, side="right")
        departure = np.full(self._nodes, -NEVER, np.int64)
        at_last = (after > self._start[pairs]) & (after == self._start[pairs + 1])
        departure[at_last] = self._departure[after[at_last] - 1]
        between = (after > self._start[pairs]) & (after < self._start[pairs + 1])
        point = after[between]
        run, rise = self._slopes(point)
        departure[between] = self._departure[point - 1] + run * (limit - self._arrival[point - 1]) // rise
        return departure

    def _slopes(self, point: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._departure[point] - self._departure[point - 1], self._arrival[point] - self._arrival[point - 1]
