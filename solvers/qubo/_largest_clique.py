"""Large sets of bits in which every two are coupled: what hardware with few couplers pays for most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.quadratic import Quadratic


_STARTS: Final = 16
"""Sets grown from the best-coupled bits, and as many from the largest groups."""


def largest_clique(quadratic: Quadratic, *, group: NDArray[np.int64] | None = None) -> int:
    """
    Return the size of a large set of bits in which every two are coupled.

    Sets are grown greedily, each time by the bit that leaves most bits to choose from. What is found exists, but a
    larger set may.

    Parameters
    ----------
    quadratic
        The energy.
    group
        Shape ``(n,)``, int64: groups to start sets from; where given, none of them is larger than the answer.

    Returns
    -------
    size
        Number of bits, at least 1.
    """
    size = quadratic.variables
    coupled = np.zeros((size, size), np.bool_)
    coupled[quadratic.row, quadratic.col] = True
    coupled |= coupled.T
    everything = np.ones(size, np.bool_)
    best_coupled = np.argsort(-coupled.sum(axis=1), kind="stable")[:_STARTS]
    found = [1 + _grown(coupled, coupled[start], everything) for start in best_coupled]
    if group is not None:
        largest = np.argsort(-np.bincount(group), kind="stable")[:_STARTS]
        found += [_grown(coupled, everything, group == number) for number in largest]
    return max(found)


def _grown(coupled: NDArray[np.bool_], candidates: NDArray[np.bool_], preferred: NDArray[np.bool_]) -> int:
    """Return how many candidates a greedy choice keeps, preferred ones first, so that every two are coupled."""
    left = candidates.copy()
    # Of every bit, with how many of those left it is coupled.
    degree = coupled[left].sum(axis=0, dtype=np.int64)
    count = 0
    while left.any():
        first = left & preferred if (left & preferred).any() else left
        chosen = int(np.argmax(np.where(first, degree, -1)))
        dropped = left & ~coupled[chosen]
        degree -= coupled[dropped].sum(axis=0, dtype=np.int64)
        left &= ~dropped
        count += 1
    return count
