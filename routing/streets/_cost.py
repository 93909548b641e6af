"""
Seconds and metres in one whole number, so that one search finds both.

A cost is ``hundredths of a second * 2**27 + centimetres``. Sums of costs are sums of both parts as long as a way is
shorter than 1,300 km; sums up to a week stay below ``2**53``, where float64 holds whole numbers exactly, which is what
`scipy.sparse.csgraph.dijkstra` adds up. Of equally fast ways the shorter one wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_METRE_BITS: Final = 27
_PER_SECOND: Final = 100
_PER_METRE: Final = 100

# No way: more than any cost, and two of them still fit into 64 bits.
NO_WAY: Final = 2**61


def encode(seconds: ArrayLike, metres: ArrayLike, *, up: bool = False) -> NDArray[np.int64]:
    """
    Return costs.

    Parameters
    ----------
    seconds, metres
        Any shapes that broadcast, not negative.
    up
        Round the seconds up, as for pieces of a street: then a street in two pieces never costs less than whole.

    Returns
    -------
    cost
        The broadcast shape.
    """
    hundredths = np.asarray(seconds, dtype=np.float64) * _PER_SECOND
    # The sliver taken off keeps 1.0000000001, an error of the last bit, from counting as two.
    time = np.maximum(np.ceil(hundredths - 1e-6) if up else np.rint(hundredths), 0.0).astype(np.int64)
    way = np.maximum(np.rint(np.asarray(metres, dtype=np.float64) * _PER_METRE), 0.0).astype(np.int64)
    cost: NDArray[np.int64] = (time << _METRE_BITS) + way
    return cost


def decode(cost: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return whole seconds, rounded up, and whole metres, rounded, of costs of any shape."""
    hundredths = cost >> _METRE_BITS
    centimetres = cost & ((1 << _METRE_BITS) - 1)
    return -(-hundredths // _PER_SECOND), (centimetres + _PER_METRE // 2) // _PER_METRE


def ceiling(seconds: float) -> int:
    """Return the largest cost of a way that takes no more than so many seconds."""
    return ((int(seconds * _PER_SECOND) + 1) << _METRE_BITS) - 1
