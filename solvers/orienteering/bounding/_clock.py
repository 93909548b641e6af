# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""Travel between the options of a day by time of departure, for the labelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import allocating
from solvers.orienteering._arrivals import arrive, latest_departure
from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem

NO_WAY: Final = -1
"""Pair of a leg that takes no time: within a place, or to and from anywhere."""


class Clock(NamedTuple):
    """Hold arrival functions; see `ArrivalFunctions`. Without any, travel is the same at all times."""

    start: NDArray[np.int64]
    departure: NDArray[np.int64]
    arrival: NDArray[np.int64]
    ticks: bool  # whether there are any


def clock_of(problem: TripProblem) -> Clock:
    """Return the clock of a problem, which stands still where its travel is static."""
    arrivals = problem.arrivals
    if arrivals is None:
        none = np.zeros(0, np.int64)
        return Clock(none, none, none, False)
    start, departure, arrival = (
        np.ascontiguousarray(column, np.int64) for column in (arrivals.start, arrivals.departure, arrivals.arrival)
    )
    return Clock(start, departure, arrival, True)


def pairs_of(problem: TripProblem, day: int, here: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of the legs from every place of one list to every one of another, shape ``(here, there)``."""
    table, nodes = int(problem.day_travel[day]), problem.nodes
    pairs = (table * nodes + here[:, None]) * nodes + there[None, :]
    timeless = (here[:, None] == there[None, :]) | (here == ANYWHERE)[:, None] | (there == ANYWHERE)[None, :]
    return np.ascontiguousarray(np.where(timeless, NO_WAY, pairs), np.int64)


@allocating
def reached_at(clock: Clock, pairs: NDArray[np.int64], departures: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the arrival of each leg of ``pairs``, left at the time of the same place in ``departures``."""
    reached = departures.copy()
    for row in range(pairs.shape[0]):
        for column in range(pairs.shape[1]):
            pair = pairs[row, column]
            if pair >= 0:
                time = departures[row, column]
                reached[row, column] = arrive(clock.start, clock.departure, clock.arrival, pair, time)
    return reached


@allocating
def left_at(clock: Clock, pairs: NDArray[np.int64], limits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the latest departure of each leg of ``pairs`` that arrives by the time in ``limits``."""
    left = limits.copy()
    for row in range(pairs.shape[0]):
        for column in range(pairs.shape[1]):
            pair = pairs[row, column]
            if pair >= 0:
                limit = limits[row, column]
                left[row, column] = latest_departure(clock.start, clock.departure, clock.arrival, pair, limit)
    return left
