"""
Seconds and metres in one whole number, so that one search finds both.

A cost is ``hundredths of a second * 2**26 + decimetres``. Sums of costs are sums of both parts as long as a way is
shorter than 6,700 km; all sums stay below ``2**53`` (15 days), where float64 holds whole numbers exactly, which is what
`scipy.sparse.csgraph.dijkstra` adds up. Of equally fast ways the shorter one wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_METRE_BITS: Final = 26
_PER_SECOND: Final = 100
_PER_METRE: Final = 10

# No way: more than any cost, and two of them still fit into 64 bits.
NO_WAY: Final = 2**61


def encode(seconds: ArrayLike, metres: ArrayLike) -> NDArray[np.int64]:
    """
    Return costs, rounded up, so that a way in two pieces never costs less than in one.

    Parameters
    ----------
    seconds, metres
        Any shapes that broadcast, not negative.

    Returns
    -------
    cost
        The broadcast shape.
    """
    # The sliver taken off keeps 1.0000000001, an error of the last bit, from counting as two.
    time = np.ceil(np.asarray(seconds, dtype=np.float64) * _PER_SECOND - 1e-6).astype(np.int64)
    way = np.ceil(np.asarray(metres, dtype=np.float64) * _PER_METRE - 1e-6).astype(np.int64)
    cost: NDArray[np.int64] = (np.maximum(time, 0) << _METRE_BITS) + np.maximum(way, 0)
    return cost


def decode(cost: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return whole seconds, rounded up, and whole metres, rounded, of costs of any shape."""
    hundredths = cost >> _METRE_BITS
    decimetres = cost & ((1 << _METRE_BITS) - 1)
    return -(-hundredths // _PER_SECOND), (decimetres + _PER_METRE // 2) // _PER_METRE


def ceiling(seconds: float) -> int:
    """Return the largest cost of a way that takes no more than so many seconds."""
    return ((int(seconds * _PER_SECOND) + 1) << _METRE_BITS) - 1
