# mypy: disallow-untyped-decorators=False
"""Steepest descent on H by single flips: by the theorem of the proven penalties it ends where every rule is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.compiling import compiled, plain
from solvers.qubo._neighbours import Neighbours, neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.quadratic import Quadratic


def descend(quadratic: Quadratic, states: NDArray[np.bool_]) -> None:
    """
    Flip in each state, in place, the item that lowers H most, until no flip lowers it; of equals, the first.

    Parameters
    ----------
    quadratic
        H of n items, of integers. They are added as such: sums of penalties may grow beyond what floating-point
        numbers hold exactly, and rounding could flip items to and fro.
    states
        Shape ``(S, n)``, bool, contiguous.
    """
    weight = quadratic.weight.astype(np.int64)
    couplings = neighbours(quadratic.variables, quadratic.row, quadratic.col, weight)
    linear = plain(quadratic.linear, np.int64)
    _descend_all(linear, couplings, states, np.empty_like(linear))


@compiled
def _descend_all(
    linear: NDArray[np.int64], couplings: Neighbours, states: NDArray[np.bool_], field: NDArray[np.int64]
) -> None:
    for read in range(states.shape[0]):
        _descend(linear, couplings, states[read], field)


@compiled
def _descend(
    linear: NDArray[np.int64], couplings: Neighbours, state: NDArray[np.bool_], field: NDArray[np.int64]
) -> None:
    """Keep in ``field`` what choosing each item adds to H, given the others."""
    for item in range(len(state)):
        field[item] = linear[item]
    for item in range(len(state)):
        if state[item]:
            _couple(couplings, item, 1, field)
    while True:
        best, flip = 0, -1
        for item in range(len(state)):
            change = -field[item] if state[item] else field[item]
            if change < best:
                best, flip = change, item
        if flip < 0:
            return
        state[flip] = not state[flip]
        _couple(couplings, flip, 1 if state[flip] else -1, field)


@compiled
def _couple(couplings: Neighbours, item: int, sign: int, field: NDArray[np.int64]) -> None:
    for place in range(couplings.start[item], couplings.start[item + 1]):
        field[couplings.other[place]] += sign * couplings.weight[place]
