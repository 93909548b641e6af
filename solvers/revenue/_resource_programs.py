# mypy: disallow-untyped-decorators=False
"""Dynamic programs of single resources whose requests carry a credited part of their fare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import RequestProblem

_NO_MASS = 1e-13  # States rarer than this are left out of the forward pass; values do not depend on it.


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """
    Hold which product uses which resource, row by row: resource by resource, or of the transposed matrix by product.

    Parameters
    ----------
    start
        Shape ``(rows + 1,)``, int64: the uses of row r are ``start[r] .. start[r + 1] - 1``.
    row, column, units
        Shape ``(E,)``, int64.
    """

    start: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    units: NDArray[np.int64]

    @classmethod
    def of(cls, use: NDArray[np.int64]) -> Uses:
        """Return the uses of a matrix ``(R, P)`` resource by resource, of ``(P, R)`` product by product."""
        row, column = np.nonzero(use)
        start = np.searchsorted(row, np.arange(len(use) + 1))
        return cls(*(part.astype(np.int64) for part in (start, row, column, use[row, column])))


def value_offsets(capacity: NDArray[np.int64], periods: int) -> NDArray[np.int64]:
    """Return where the values of each resource begin in one flat array, shape ``(R + 1,)``."""
    return np.concatenate([[0], np.cumsum((periods + 1) * (capacity + 1))]).astype(np.int64)


def split_values(
    flat: NDArray[np.float64], capacity: NDArray[np.int64], periods: int
) -> tuple[NDArray[np.float64], ...]:
    """Return one array ``(T + 1, capacity + 1)`` per resource of the flat values."""
    offset = value_offsets(capacity, periods)
    return tuple(
        flat[offset[resource] : offset[resource + 1]].reshape(periods + 1, int(units) + 1)
        for resource, units in enumerate(capacity)
    )


def unused_value(problem: RequestProblem, first_period: int) -> float:
    """Return what products that use nothing bring: every request for them is taken."""
    is_free = ~problem.use.any(axis=0)
    return float(problem.probability[first_period:, is_free].sum(axis=0) @ problem.fare[is_free])


@compiled
def solve_backward(
    start: NDArray[np.int64],
    units: NDArray[np.int64],
    capacity: NDArray[np.int64],
    offset: NDArray[np.int64],
    chance: NDArray[np.float64],
    credit: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """
    Fill the values of every resource: ``v_t(x) = v_{t+1}(x) + sum_e p (credit - (v_{t+1}(x) - v_{t+1}(x - a)))^+``.

    ``chance`` and ``credit`` have shape ``(T, E)``, ``values`` is flat as told by `value_offsets`.
    """
    periods = chance.shape[0]
    for resource in range(len(capacity)):
        width = capacity[resource] + 1
        base = offset[resource]
        for x in range(width):
            values[base + periods * width + x] = 0.0
        for period in range(periods - 1, -1, -1):
            now, later = base + period * width, base + (period + 1) * width
            for x in range(width):
                values[now + x] = values[later + x]
            for entry in range(start[resource], start[resource + 1]):
                probability, worth, taken = chance[period, entry], credit[period, entry], units[entry]
                if probability > 0.0 and worth > 0.0:
                    for x in range(taken, width):
                        gain = worth - (values[later + x] - values[later + x - taken])
                        values[now + x] += probability * max(gain, 0.0)


@compiled
def follow_forward(
    start: NDArray[np.int64],
    units: NDArray[np.int64],
    capacity: NDArray[np.int64],
    offset: NDArray[np.int64],
    chance: NDArray[np.float64],
    credit: NDArray[np.float64],
    values: NDArray[np.float64],
    mass: NDArray[np.float64],
    spare: NDArray[np.float64],
    accepted: NDArray[np.float64],
) -> None:
    """
    Fill, for each use and period, the chance that its request would be taken by its resource's own program.

    ``mass`` and ``spare`` are scratch of at least the largest capacity + 1; ``accepted`` has shape ``(T, E)``.
    """
    for resource in range(len(capacity)):
        width = capacity[resource] + 1
        for x in range(width):
            mass[x] = 0.0
        mass[width - 1] = 1.0
        low = width - 1
        for period in range(chance.shape[0]):
            later = offset[resource] + (period + 1) * width
            for x in range(low, width):
                spare[x] = mass[x]
            reach = low
            for entry in range(start[resource], start[resource + 1]):
                probability, worth, taken = chance[period, entry], credit[period, entry], units[entry]
                share = 0.0
                first = max(low, taken)
                for x in range(first, width):
                    if worth >= values[later + x] - values[later + x - taken]:
                        share += mass[x]
                        flow = probability * mass[x]
                        spare[x] -= flow
                        spare[x - taken] += flow
                accepted[period, entry] = share
                if share > 0.0 and probability > 0.0:
                    reach = min(reach, first - taken)
            low = reach
            for x in range(low, width):
                mass[x] = spare[x]
                spare[x] = 0.0
            while low < width - 1 and mass[low] < _NO_MASS:
                mass[low] = 0.0
                low += 1


@compiled
def move_shares(
    product_start: NDArray[np.int64],
    entry_of: NDArray[np.int64],
    fare: NDArray[np.float64],
    accepted: NDArray[np.float64],
    step: float,
    memory: float,
    direction: NDArray[np.float64],
    credit: NDArray[np.float64],
) -> None:
    """
    Credit less where a product is taken more often than by its other resources, and keep the sum at the fare.

    ``entry_of[product_start[p] : product_start[p + 1]]`` are the uses of product p; ``direction`` remembers earlier
    steps. Shares stay at 0 or above: projection onto the simplex, by taking the excess from what is still positive.
    """
    for period in range(credit.shape[0]):
        for product in range(len(fare)):
            first, last = product_start[product], product_start[product + 1]
            count = last - first
            if count < 2:
                continue
            mean = 0.0
            for place in range(first, last):
                mean += accepted[period, entry_of[place]] / count
            excess = 0.0
            for place in range(first, last):
                entry = entry_of[place]
                wish = fare[product] * (accepted[period, entry] - mean)
                direction[period, entry] = memory * direction[period, entry] + (1.0 - memory) * wish
                credit[period, entry] -= step * direction[period, entry]
                excess += credit[period, entry]
            excess -= fare[product]
            while True:
                positive = 0
                for place in range(first, last):
                    if credit[period, entry_of[place]] > 0.0:
                        positive += 1
                taken = excess / max(1, positive)
                excess = 0.0
                for place in range(first, last):
                    entry = entry_of[place]
                    if credit[period, entry] > 0.0:
                        credit[period, entry] -= taken
                    if credit[period, entry] < 0.0:
                        excess -= credit[period, entry]
                        credit[period, entry] = 0.0
                if excess <= 0.0:
                    break
