# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
The best set to show customers who choose by the multinomial logit, given what each sale is worth.

For one segment the best set is known in closed form: with value ``v`` per customer, an alternative of weight ``w`` and
worth ``n`` belongs in it iff ``n > v`` and no other price of its product brings more ``w * (n - v)``; the value is
where the sum of these over all products equals ``v`` (Newton's method from below, finite steps).

References
----------
Talluri & van Ryzin (2004), https://doi.org/10.1287/mnsc.1030.0147; Dinkelbach (1967),
https://doi.org/10.1287/mnsc.13.7.492
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.compiling import allocating, compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAVY = 1e6
"""Sum of weights beside which that of buying nothing, 1, loses digits: less one of them, it is summed afresh."""

_NEWTON_STEPS = 200
"""Never reached: each step adds or drops alternatives for good, a handful in practice."""


@compiled
def best_for_one(
    weight: NDArray[np.float64], worth: NDArray[np.float64], product: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> float:
    """
    Return the most a customer of one segment can be worth, and mark the set that brings it.

    Parameters
    ----------
    weight, worth, product
        Shape ``(a,)``, sorted by product.
    chosen
        Shape ``(a,)``, written.
    """
    count = len(weight)
    value = 0.0
    for _ in range(_NEWTON_STEPS):
        gain = 0.0
        mass = 1.0
        index = 0
        while index < count:
            best, best_gain = -1, 0.0
            own = product[index]
            while index < count and product[index] == own:
                chosen[index] = False
                more = weight[index] * (worth[index] - value)
                if more > best_gain:
                    best, best_gain = index, more
                index += 1
            if best >= 0:
                chosen[best] = True
                gain += weight[best] * worth[best]
                mass += weight[best]
        following = gain / mass
        if following <= value * (1 + 1e-15):
            break
        value = following
    return value


@allocating
def improve_for_many(
    weight: NDArray[np.float64],
    arrivals: NDArray[np.float64],
    worth: NDArray[np.float64],
    product: NDArray[np.int64],
    chosen: NDArray[np.bool_],
) -> float:
    """
    Add, drop and exchange single alternatives of a set for several segments until none helps; return its worth.

    Parameters
    ----------
    weight
        Shape ``(l, a)``.
    arrivals
        Shape ``(l,)``.
    worth, product
        Shape ``(a,)``, sorted by product.
    chosen
        Shape ``(a,)``, changed; at most one per product before and after.
    """
    segments, count = weight.shape
    gain = np.zeros(segments)
    mass = np.ones(segments)
    offered = np.full(product[-1] + 1, -1)
    for index in range(count):
        if chosen[index]:
            offered[product[index]] = index
            for segment in range(segments):
                gain[segment] += weight[segment, index] * worth[index]
                mass[segment] += weight[segment, index]
    value = (arrivals * gain / mass).sum()
    while True:
        best, best_value = -1, value * (1 + 1e-12) + 1e-12
        for index in range(count):
            if worth[index] <= 0 and not chosen[index]:
                continue
            before = offered[product[index]]
            trial = 0.0
            for segment in range(segments):
                top, bottom = gain[segment], mass[segment]
                if before >= 0 and bottom <= HEAVY:
                    top -= weight[segment, before] * worth[before]
                    bottom -= weight[segment, before]
                elif before >= 0:
                    top, bottom = 0.0, 1.0
                    for other in range(count):
                        if chosen[other] and other != before:
                            top += weight[segment, other] * worth[other]
                            bottom += weight[segment, other]
                if before != index:
                    top += weight[segment, index] * worth[index]
                    bottom += weight[segment, index]
                trial += arrivals[segment] * top / bottom
            if trial > best_value:
                best, best_value = index, trial
        if best < 0:
            return value
        before = offered[product[best]]
        if before >= 0:
            chosen[before] = False
        chosen[best] = before != best
        offered[product[best]] = best if before != best else -1
        # Summed afresh: differences would pile up rounding.
        previous = value
        gain[:] = 0.0
        mass[:] = 1.0
        for index in range(count):
            if chosen[index]:
                for segment in range(segments):
                    gain[segment] += weight[segment, index] * worth[index]
                    mass[segment] += weight[segment, index]
        value = (arrivals * gain / mass).sum()
        if value <= previous:
            # Better by rounding alone: going on could lead round in a circle.
            return value
