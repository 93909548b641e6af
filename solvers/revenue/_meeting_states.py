# mypy: disallow-untyped-decorators=False
"""Dynamic programs of single resources that meet the states of the others as a simulation saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvers.compiling import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@compiled
def _paid_elsewhere(
    own: int,
    first: int,
    last: int,
    resource: NDArray[np.int64],
    units: NDArray[np.int64],
    capacity: NDArray[np.int64],
    offset: NDArray[np.int64],
    before: NDArray[np.float64],
    states: NDArray[np.int64],
    period: int,
    sample: int,
) -> float:
    """Return bid prices of the other resources of a product in a sampled state; negative where they are sold out."""
    paid = 0.0
    for entry in range(first, last):
        place, taken = resource[entry], units[entry]
        if place == own:
            continue
        stock = states[period, sample, place]
        if stock < taken:
            return -1.0
        row = offset[place] + (period + 1) * (capacity[place] + 1)
        paid += max(0.0, before[row + stock] - before[row + stock - taken])
    return paid


@compiled
def solve_against_states(
    use_start: NDArray[np.int64],
    use_product: NDArray[np.int64],
    use_units: NDArray[np.int64],
    start: NDArray[np.int64],
    resource: NDArray[np.int64],
    units: NDArray[np.int64],
    capacity: NDArray[np.int64],
    offset: NDArray[np.int64],
    probability: NDArray[np.float64],
    fare: NDArray[np.float64],
    before: NDArray[np.float64],
    states: NDArray[np.int64],
    values: NDArray[np.float64],
) -> None:
    """
    Fill the values of every resource: the mean over sampled states of what is left of a fare, where that is a gain.

    Parameters
    ----------
    use_start, use_product, use_units
        Uses resource by resource.
    start, resource, units
        Uses product by product.
    capacity, offset
        As in `_resource_programs`.
    probability, fare
        Of the problem.
    before
        Flat values that were simulated, and give the bid prices of the others.
    states
        Shape ``(T, samples, R)``: what was left of each resource.
    values
        Flat, filled.
    """
    periods, samples = probability.shape[0], states.shape[1]
    for own in range(len(capacity)):
        width = capacity[own] + 1
        for x in range(width):
            values[offset[own] + periods * width + x] = 0.0
        for period in range(periods - 1, -1, -1):
            now = offset[own] + period * width
            later = now + width
            for x in range(width):
                values[now + x] = values[later + x]
            for use in range(use_start[own], use_start[own + 1]):
                product, taken = use_product[use], use_units[use]
                first, last = start[product], start[product + 1]
                # The states of the others do not matter to a product that uses none of them.
                count = 1 if last - first == 1 else samples
                chance = probability[period, product] / count
                if chance <= 0.0:
                    continue
                for sample in range(count):
                    paid = _paid_elsewhere(
                        own, first, last, resource, units, capacity, offset, before, states, period, sample
                    )
                    if paid < 0.0 or paid >= fare[product]:
                        continue
                    for x in range(taken, width):
                        gain = fare[product] - paid - (values[later + x] - values[later + x - taken])
                        values[now + x] += chance * max(gain, 0.0)
