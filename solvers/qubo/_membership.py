"""Sets of indices as tables, and how much of each set something holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import Sets


def membership(sets: Sets, size: int) -> NDArray[np.bool_]:
    """Return sets as a table of shape ``(size, K)``: which index is in which set."""
    table = np.zeros((size, len(sets)), np.bool_)
    table[sets.member, np.repeat(np.arange(len(sets)), np.diff(sets.start))] = True
    return table


def products(left: NDArray[np.bool_], right: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the matrix product as counts; in floats, because only those have a quick product, and exact."""
    counts: NDArray[np.int64] = (left.astype(np.float32) @ right.astype(np.float32)).astype(np.int64)
    return counts
