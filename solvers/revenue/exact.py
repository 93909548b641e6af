"""Exact values by enumerating every state of capacity: the judge of the clever engines, for a handful of seats."""

from __future__ import annotations

from itertools import product as every
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem, RequestProblem

MOST_CELLS: Final = 20_000_000
"""Values that may be kept; more would fill the memory before they taught anybody anything."""

MOST_SETS: Final = 4_096
"""Sets of alternatives that may be compared in every state."""


def optimal_request_values(problem: RequestProblem) -> NDArray[np.float64]:
    """
    Return the expected revenue of the best policy from every state.

    Parameters
    ----------
    problem
        A small one: all states of capacity are visited in every period.

    Returns
    -------
    values
        Shape ``(T + 1, c_1 + 1, ..., c_R + 1)``: before each period, by what is left of each resource.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or there are too many states.
    """
    validate(problem)
    shape = _checked_shape(problem.capacity, problem.periods)
    values = np.zeros((problem.periods + 1, *shape))
    for period in range(problem.periods - 1, -1, -1):
        later = values[period + 1]
        values[period] = later
        for product in np.flatnonzero(problem.probability[period]):
            before, after = _moves(problem.use[:, product], shape)
            gain = problem.fare[product] - (later[before] - later[after])
            values[period][before] += problem.probability[period, product] * np.maximum(0.0, gain)
    return values


def optimal_choice_values(problem: ChoiceProblem, *, steps: int) -> NDArray[np.float64]:
    """
    Return the expected revenue of the best offers from every state, in steps in which at most one customer comes.

    Parameters
    ----------
    problem
        A small one, with whole units of capacity and use.
    steps
        Steps of each period. The more, the closer to customers who come by a Poisson process, from above.

    Returns
    -------
    values
        Shape ``(T * steps + 1, c_1 + 1, ..., c_R + 1)``.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, there are too many states or sets, or more than one customer is
        expected in a step.
    """
    validate(problem)
    most = float(problem.arrivals.sum(axis=0).max(initial=0.0))
    if steps < most:
        raise ProblemError((f"steps is {steps}; accepted: {int(np.ceil(most))} or more, one customer at most in each",))
    shape = _checked_shape(problem.capacity.astype(np.int64), problem.periods * steps)
    values = np.zeros((problem.periods * steps + 1, *shape))
    for period in range(problem.periods - 1, -1, -1):
        offers = list(_offers(problem, period))
        for row in range((period + 1) * steps - 1, period * steps - 1, -1):
            gains = _gains(problem, shape, values[row + 1])
            best = np.max([np.tensordot(chance, gains[list(offer)], 1) for offer, chance in offers], axis=0)
            values[row] = values[row + 1] + best / steps
    return values


def _checked_shape(capacity: NDArray[np.int64], rows: int) -> tuple[int, ...]:
    shape = tuple(int(units) + 1 for units in capacity)
    if (rows + 1) * np.prod(shape, dtype=np.float64) > MOST_CELLS:
        raise ProblemError((f"the states are {shape} in {rows} steps; accepted: {MOST_CELLS} values in all",))
    return shape


def _moves(units: NDArray[np.int64], shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the states in which a sale is possible, and those to which it leads, in the same order."""
    taken = [int(number) for number in units]
    before = tuple(slice(min(number, size), size) for number, size in zip(taken, shape, strict=True))
    after = tuple(slice(0, max(0, size - number)) for number, size in zip(taken, shape, strict=True))
    return before, after


def _gains(problem: ChoiceProblem, shape: tuple[int, ...], later: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return what a sale of each alternative is worth in each state, shape ``(A, *shape)``.

    Where it does not fit, a sale is worth minus infinity, and no set with a chance of it is best.
    """
    gains = np.full((problem.alternatives, *shape), -1e300)
    for alternative, product in enumerate(problem.product):
        before, after = _moves(problem.use[:, product].astype(np.int64), shape)
        gains[alternative][before] = problem.price[alternative] - (later[before] - later[after])
    return gains


def _offers(problem: ChoiceProblem, period: int) -> Iterator[tuple[tuple[int, ...], NDArray[np.float64]]]:
    """Yield every set of at most one alternative per product, with expected sales of each in a period."""
    on_sale = problem.on_sale[period] if problem.on_sale.size else np.ones(problem.products, np.bool_)
    ladders = [[-1, *np.flatnonzero(problem.product == product).tolist()] for product in np.flatnonzero(on_sale)]
    count = float(np.prod([len(ladder) for ladder in ladders], dtype=np.float64))
    if count > MOST_SETS:
        raise ProblemError((f"there are {count:.0f} sets of alternatives; accepted: up to {MOST_SETS}",))
    for choice in every(*ladders):
        offer = tuple(int(alternative) for alternative in choice if alternative >= 0)
        weights = problem.attraction[:, list(offer)]
        chance = weights / (problem.no_purchase + weights.sum(axis=1))[:, None]
        yield offer, problem.arrivals[:, period] @ chance
