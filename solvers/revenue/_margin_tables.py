# mypy: disallow-untyped-decorators=False
"""What customers earn a resource, as a function of the worth of one unit of it; and its values over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.compiling import allocating, compiled
from solvers.revenue._logit import best_for_one, improve_for_many

if TYPE_CHECKING:
    from numpy.typing import NDArray


@allocating
def tabulate(
    weight: NDArray[np.float64],
    arrivals: NDArray[np.float64],
    net: NDArray[np.float64],
    units: NDArray[np.float64],
    product: NDArray[np.int64],
    bids: NDArray[np.float64],
    reached: NDArray[np.float64],
    at_most: NDArray[np.float64],
) -> None:
    """
    Write what the customers of a block bring at each bid price of one resource: by a set, and what no set exceeds.

    An alternative is worth ``net - units * bid``. With one segment both agree; with several, the set is found by ascent
    from that of the bid price before, and each segment's own best set gives the other.

    Parameters
    ----------
    weight
        Shape ``(l, a)``, as a multiple of buying nothing; alternatives sorted by product.
    arrivals
        Shape ``(l,)``.
    net, units, product
        Shape ``(a,)``.
    bids
        Shape ``(G,)``, increasing.
    reached, at_most
        Shape ``(G,)``, added to.
    """
    segments, count = weight.shape
    chosen = np.zeros(count, np.bool_)
    trial = np.zeros(count, np.bool_)
    for place in range(len(bids)):
        worth = net - units * bids[place]
        alone = 0.0
        best = -1.0
        for segment in range(segments):
            alone += arrivals[segment] * best_for_one(weight[segment], worth, product, trial)
            if segments > 1 and place == 0:
                value = improve_for_many(weight, arrivals, worth, product, trial)
                if value > best:
                    best = value
                    chosen[:] = trial
        reached[place] += alone if segments == 1 else improve_for_many(weight, arrivals, worth, product, chosen)
        at_most[place] += alone


@compiled
def solve_steps(
    rates: NDArray[np.float64], substeps: NDArray[np.int64], spacing: float, values: NDArray[np.float64]
) -> None:
    """
    Fill values backwards: ``v_t(x) = v_{t+1}(x) + h(v_{t+1}(x) - v_{t+1}(x - 1))``, with h read off a table.

    Between points of the table h is interpolated: it is convex, so that the chord lies above it.

    Parameters
    ----------
    rates
        Shape ``(G, grid)``: earnings in each row at bid prices ``0, spacing, 2 spacing, ...``; at higher ones they are
        those of the last.
    substeps
        Shape ``(G,)``: steps that a row is cut into.
    values
        Shape ``(G + 1, units + 1)``, filled; the last row is 0.
    """
    rows, width = values.shape
    last = rates.shape[1] - 1
    for x in range(width):
        values[rows - 1, x] = 0.0
    for row in range(rows - 2, -1, -1):
        for x in range(width):
            values[row, x] = values[row + 1, x]
        for _ in range(substeps[row]):
            # From the top down, so that x - 1 still holds what it was.
            for x in range(width - 1, -1, -1):
                place = float(last)
                if x > 0:
                    place = min(place, max(0.0, (values[row, x] - values[row, x - 1]) / spacing))
                below = min(int(place), last - 1)
                share = place - below
                earned = (1.0 - share) * rates[row, below] + share * rates[row, below + 1]
                values[row, x] += earned / substeps[row]
