"""
One resource in continuous time: customers come by a Poisson process whose rate depends on the price.

The closed form of exponential demand is the yardstick of the numerical values, which take any ladder of prices.

References
----------
Gallego & van Ryzin (1994), https://doi.org/10.1287/mnsc.40.8.999
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def exponential_values(
    *, rate: float, sensitivity: float, units: int, duration: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """
    Return the best expected revenue where customers buy at rate ``rate * exp(-sensitivity * price)``.

    ``J(n, s) = ln(sum_{i <= n} (rate s / e)^i / i!) / sensitivity``.

    Parameters
    ----------
    rate
        Customers per unit of time at price 0, above 0.
    sensitivity
        Per yen, above 0.
    units
        What there is to sell, 0 or more.
    duration
        Time that is left, 0 or more; a number or an array.

    Returns
    -------
    values
        Shape of ``duration`` with one more axis ``(units + 1,)``: by what is left.

    Raises
    ------
    ProblemError
        If an argument is out of range.
    """
    left = np.asarray(duration, np.float64)
    _check(rate=rate, sensitivity=sensitivity, units=units, duration=left)
    counts = np.arange(units + 1.0)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    with np.errstate(divide="ignore"):
        mass = np.log(rate * left)[..., None] - 1.0
    # Time 0 makes the logarithm infinite; no sale at all is the only term then.
    terms = np.where(counts > 0, counts * np.where(counts > 0, mass, 0.0) - factorials, 0.0)
    values: NDArray[np.float64] = np.logaddexp.accumulate(terms, axis=-1) / sensitivity
    return values


def exponential_prices(
    *, rate: float, sensitivity: float, units: int, duration: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """
    Return the best price by what is left: ``1 / sensitivity + J(n, s) - J(n - 1, s)``.

    Parameters
    ----------
    rate, sensitivity, units, duration
        As in `exponential_values`; at least one unit.

    Returns
    -------
    prices
        Shape of ``duration`` with one more axis ``(units,)``: position n is the price with n + 1 units left.

    Raises
    ------
    ProblemError
        If an argument is out of range.
    """
    values = exponential_values(rate=rate, sensitivity=sensitivity, units=units, duration=duration)
    return 1.0 / sensitivity + np.diff(values, axis=-1)


def ladder_values(
    *, price: NDArray[np.float64], rate: NDArray[np.float64], units: int, duration: float, steps: int
) -> NDArray[np.float64]:
    """
    Return the best expected revenue on a ladder of prices, by Runge-Kutta steps of fourth order.

    ``dv(n, s) / ds = max_k rate_k (price_k - v(n, s) + v(n - 1, s))``, or 0 where that is negative.

    Parameters
    ----------
    price, rate
        Shape ``(K,)``, not negative: prices, and customers per unit of time who buy at each.
    units
        What there is to sell, 0 or more.
    duration
        Length of the horizon, 0 or more.
    steps
        Of equal length, at least 1.

    Returns
    -------
    values
        Shape ``(steps + 1, units + 1)``: before each step, the first one with the whole horizon to go.

    Raises
    ------
    ProblemError
        If an argument is out of range.
    """
    _check(units=units, duration=np.asarray(duration), steps=steps)
    if price.shape != rate.shape or (price < 0).any() or (rate < 0).any():
        raise ProblemError((f"price {price} and rate {rate} do not match; accepted: as many, 0 or more",))
    values = np.zeros((steps + 1, units + 1))
    length = duration / steps

    def slope(now: NDArray[np.float64]) -> NDArray[np.float64]:
        gains = np.max(rate * price - np.multiply.outer(np.diff(now), rate), axis=1, initial=0.0)
        return np.concatenate([[0.0], gains])

    for row in range(steps - 1, -1, -1):
        later = values[row + 1]
        first = slope(later)
        second = slope(later + length / 2 * first)
        third = slope(later + length / 2 * second)
        fourth = slope(later + length * third)
        values[row] = later + length / 6 * (first + 2 * second + 2 * third + fourth)
    return values


def _check(
    *,
    units: int,
    duration: NDArray[np.float64],
    rate: float = 1.0,
    sensitivity: float = 1.0,
    steps: int = 1,
) -> None:
    problems = [
        f"{name} is {number}; accepted: above 0"
        for name, number in (("rate", rate), ("sensitivity", sensitivity))
        if not 0 < number < np.inf
    ]
    if units < 0:
        problems.append(f"units is {units}; accepted: 0 or more")
    if not (np.isfinite(duration) & (duration >= 0)).all():
        problems.append(f"duration is {duration}; accepted: 0 or more")
    if steps < 1:
        problems.append(f"steps is {steps}; accepted: 1 or more")
    if problems:
        raise ProblemError(tuple(problems))
