# mypy: disallow-untyped-decorators=False
"""Inner loop of the simulation of requests: take a request where its fare beats the bid prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvers.compiling import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@compiled
def serve(
    requests: NDArray[np.int64],
    first: int,
    last: int,
    fare: NDArray[np.float64],
    start: NDArray[np.int64],
    resource: NDArray[np.int64],
    units: NDArray[np.int64],
    width: NDArray[np.int64],
    offset: NDArray[np.int64],
    values: NDArray[np.float64],
    origin: int,
    left: NDArray[np.int64],
    earned: NDArray[np.float64],
) -> None:
    """
    Serve the requests of periods ``first .. last - 1`` in every horizon; ``left`` and ``earned`` change.

    ``start``, ``resource``, ``units`` list the uses product by product. The values of all resources are flat: those of
    resource r begin at ``offset[r]``, have rows of ``width[r]`` states, and row 0 belongs to period ``origin``.
    """
    for horizon in range(requests.shape[0]):
        for period in range(first, last):
            product = requests[horizon, period]
            if product < 0:
                continue
            bid = 0.0
            fits = True
            for entry in range(start[product], start[product + 1]):
                place, taken = resource[entry], units[entry]
                stock = left[horizon, place]
                if stock < taken:
                    fits = False
                    break
                row = offset[place] + (period + 1 - origin) * width[place]
                bid += values[row + stock] - values[row + stock - taken]
            if fits and fare[product] >= bid:
                earned[horizon] += fare[product]
                for entry in range(start[product], start[product + 1]):
                    left[horizon, resource[entry]] -= units[entry]
