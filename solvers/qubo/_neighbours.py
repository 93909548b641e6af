"""Pairs of items, laid out for loops over the neighbours of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from solvers.compiling import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Neighbours(NamedTuple):
    """
    Hold weighted pairs, each from both ends.

    Parameters
    ----------
    start
        Shape ``(n + 1,)``, int64: where the neighbours of an item begin.
    other
        Shape ``(2 M,)``, int32: rising within an item.
    weight
        Shape ``(2 M,)``, int64.
    """

    start: NDArray[np.int64]
    other: NDArray[np.int32]
    weight: NDArray[np.int64]


def neighbours(items: int, row: NDArray[np.int64], column: NDArray[np.int64], weight: NDArray[np.int64]) -> Neighbours:
    """Return pairs ``row``, ``column``, each given once, from both ends."""
    ends = np.concatenate([row, column]), np.concatenate([column, row])
    table = csr_array((np.concatenate([weight, weight]), ends), shape=(items, items))
    table.sort_indices()
    return Neighbours(plain(table.indptr, np.int64), plain(table.indices, np.int32), plain(table.data, np.int64))
