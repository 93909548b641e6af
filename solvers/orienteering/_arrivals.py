# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="no-any-return,return-value"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""Arrival functions and their inverses in compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_ARRIVAL: Final = 2**40
"""Arrival where there is no way: later than any day."""
NO_DEPARTURE: Final = -(2**40)
"""Latest departure where no departure arrives in time: before any day."""


@compiled
def arrive(
    start: NDArray[np.int64], departure: NDArray[np.int64], arrival: NDArray[np.int64], pair: int, time: int
) -> int:
    """Return when one arrives, leaving at ``time``; `NO_ARRIVAL` where there is no way any more."""
    low, high = start[pair], start[pair + 1]
    last = high
    # The first breakpoint not before the time.
    while low < high:
        middle = (low + high) >> 1
        if departure[middle] < time:
            low = middle + 1
        else:
            high = middle
    if low == last:
        return np.int64(NO_ARRIVAL)
    if low == start[pair] or departure[low] == time:
        return arrival[low]
    run = departure[low] - departure[low - 1]
    rise = arrival[low] - arrival[low - 1]
    return arrival[low - 1] + (rise * (time - departure[low - 1]) + run - 1) // run


@compiled
def latest_departure(
    start: NDArray[np.int64], departure: NDArray[np.int64], arrival: NDArray[np.int64], pair: int, limit: int
) -> int:
    """Return the latest departure that arrives by ``limit``; `NO_DEPARTURE` where none does."""
    low, high = start[pair], start[pair + 1]
    last = high
    # The first breakpoint that arrives too late.
    while low < high:
        middle = (low + high) >> 1
        if arrival[middle] <= limit:
            low = middle + 1
        else:
            high = middle
    if low == start[pair]:
        return np.int64(NO_DEPARTURE)
    if low == last:
        return departure[low - 1]
    run = departure[low] - departure[low - 1]
    rise = arrival[low] - arrival[low - 1]
    return departure[low - 1] + (run * (limit - arrival[low - 1])) // rise
