"""
The best score of a small instance with one tour: for every set of points and last point, the earliest end.

Nothing is shared with the solver or its arrival functions, and no bound is needed: the answer is exact. After Held &
Karp 1962, https://doi.org/10.1137/0110015, with times instead of lengths; earlier is never worse, as one may wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.instances.instance import Instance

MOST_POINTS: Final = 20
"""Points with which the table of 2¹⁸ sets and 18 last points stays below 40 MB."""

_NEVER: Final = 2**62


def best_score(instance: Instance) -> int | None:
    """
    Return the highest score of any tour; None where not even the way from start to end is possible.

    Parameters
    ----------
    instance
        One tour, travel by departure, at most one window per point, at most `MOST_POINTS`, no budget and no kinds.

    Raises
    ------
    ValueError
        If the instance is not of that kind.
    """
    points = instance.windows[:, 1]
    is_plain = instance.budget is None and not len(instance.kind_limit) and len(np.unique(points)) == len(points)
    if instance.tours != 1 or instance.slots is None or instance.points > MOST_POINTS or not is_plain:
        raise ValueError(f"{instance.name}: one tour, travel by departure, at most {MOST_POINTS} points are needed")
    # Rows of the table are the points with a window, then the start, then the end.
    rows = np.concatenate((points, [0, instance.end]))
    best = _search(
        instance.slots.edges,
        np.ascontiguousarray(instance.slots.ticks[np.ix_(rows, rows)]),
        instance.duration[points],
        instance.score[points],
        np.ascontiguousarray(instance.windows[:, 2]),
        np.ascontiguousarray(instance.windows[:, 3]),
        int(instance.tour_open[0] + instance.duration[0]),
        int(instance.tour_close[0]),
    )
    return None if best < 0 else int(best)


@njit(cache=True)
def _arrival(edges: NDArray[np.int64], ticks: NDArray[np.int64], ready: int) -> int:
    earliest = _NEVER
    for slot in range(len(ticks)):
        if edges[slot + 1] > ready:
            if edges[slot] >= earliest:
                break
            earliest = min(earliest, max(ready, edges[slot]) + ticks[slot])
    return earliest


@njit(cache=True)
def _search(
    edges: NDArray[np.int64],
    ticks: NDArray[np.int64],
    duration: NDArray[np.int64],
    score: NDArray[np.int64],
    opens: NDArray[np.int64],
    closes: NDArray[np.int64],
    leave: int,
    back_by: int,
) -> int:
    count = len(score)
    start, end = count, count + 1
    best = 0 if _arrival(edges, ticks[start, end], leave) <= back_by else -1
    ready = np.full((1 << count, count), _NEVER)
    for point in range(count):
        begin = max(_arrival(edges, ticks[start, point], leave), opens[point])
        if begin <= closes[point]:
            ready[1 << point, point] = begin + duration[point]
    for chosen in range(1, 1 << count):
        worth = 0
        for point in range(count):
            worth += score[point] * ((chosen >> point) & 1)
        for last in range(count):
            now = ready[chosen, last]
            if now == _NEVER:
                continue
            if worth > best and _arrival(edges, ticks[last, end], now) <= back_by:
                best = worth
            for point in range(count):
                larger = chosen | (1 << point)
                if larger == chosen or now > closes[point]:
                    continue
                begin = max(_arrival(edges, ticks[last, point], now), opens[point])
                if begin <= closes[point]:
                    ready[larger, point] = min(ready[larger, point], begin + duration[point])
    return best
