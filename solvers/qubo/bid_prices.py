"""
What annealers see in the place of rules they cannot hold: a price for each capacity, a bonus for what must be there.

A capacity as a penalty needs slack bits, and of raw samples hardly any keeps it. A price for each unit used, found
beforehand by bisection, needs none: the model stays what it was, with other values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError, SolutionError
from solvers.qubo.quadratic import best_rewards
from solvers.qubo.simple_bound import simple_bound, simple_floor
from solvers.qubo.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


def priced(problem: PackingProblem, prices: NDArray[np.float64]) -> PackingProblem:
    """
    Return a problem that pays for its capacities instead of keeping them.

    Values are rounded up. So no plan that keeps the capacities is worth more than the best plan of the priced problem
    and all capacity at its price together, whatever the prices.

    Parameters
    ----------
    problem
        A valid problem.
    prices
        Shape ``(R,)``: of one unit of each capacity, finite and not negative.

    Returns
    -------
    priced
        The same items, values less what they use at these prices, no capacities. Items that use more than all of a
        capacity are never worth choosing; values of such items are not lowered further than that takes.

    Raises
    ------
    ProblemError
        If the prices are not one for each capacity, or one is negative or not finite.
    """
    capacities = len(problem.capacity)
    if prices.shape != (capacities,) or not (np.isfinite(prices) & (prices >= 0)).all():
        raise ProblemError((f"prices is {prices.tolist()}; {capacities} finite numbers from 0 on are needed",))
    if not capacities:
        return problem
    # Below this nothing is worth choosing, whatever it goes with: lower values would only spread the weights.
    never = np.minimum(problem.value, -best_rewards(problem) - 1)
    too_much = (problem.use > problem.capacity[:, None]).any(axis=0)
    paid = np.ceil(np.maximum(problem.value - prices @ problem.use, never)).astype(np.int64)
    value = np.where(too_much, never, paid)
    return replace(problem, value=value, use=np.zeros((0, problem.items), np.int64), capacity=np.zeros(0, np.int64))


def bid_prices(
    problem: PackingProblem, solve: Callable[[PackingProblem], NDArray[np.bool_]], *, rounds: int = 16
) -> NDArray[np.float64]:
    """
    Return the lowest prices found at which the best plan keeps the capacities by itself.

    All prices are lowered together, by bisection, from those at which nothing that uses a capacity is worth it; where
    there are several, each is then lowered for itself. At exact solutions the use of a single capacity falls as its
    price rises, so that bisection cannot miss; of several, or of plans that are not the best, this is a good guess.

    Parameters
    ----------
    problem
        The problem.
    solve
        Returns a good plan of a problem without capacities, shape ``(n,)``, bool.
    rounds
        Halvings per bisection, at least 1: about so many plans are asked for, times one more than the capacities where
        there are several.

    Returns
    -------
    prices
        Shape ``(R,)``, in objective per unit; 0 where the capacities do not bind.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or there are no rounds.
    SolutionError
        If a plan is not one bool per item.
    """
    validate(problem)
    if rounds < 1:
        raise ProblemError((f"rounds is {rounds}; at least 1 is needed",))
    if not len(problem.capacity):
        return np.zeros(0)

    def is_enough(prices: NDArray[np.float64]) -> bool:
        plan = solve(priced(problem, prices))
        if plan.shape != (problem.items,) or plan.dtype != np.bool_:
            raise SolutionError(f"a plan is {plan.dtype} of shape {plan.shape}; bool of ({problem.items},) is needed")
        return bool((problem.use[:, plan].sum(axis=1) <= problem.capacity).all())

    prices = _prohibitive(problem)
    prices = _lowered(prices, prices > 0, is_enough, rounds)
    for number in np.flatnonzero(prices) if len(prices) > 1 else ():
        prices = _lowered(prices, np.arange(len(prices)) == number, is_enough, rounds)
    return prices


def _prohibitive(problem: PackingProblem) -> NDArray[np.float64]:
    """Return prices at which every item that uses a capacity is worth less than nothing, whatever it goes with."""
    worth = np.maximum(problem.value + best_rewards(problem) + 1, 0)
    worth[(problem.use > problem.capacity[:, None]).any(axis=0)] = 0
    per_unit = np.zeros(problem.use.shape)
    np.divide(worth, problem.use, out=per_unit, where=problem.use > 0)
    most: NDArray[np.float64] = per_unit.max(axis=1)
    return most


def _lowered(
    prices: NDArray[np.float64],
    which: NDArray[np.bool_],
    is_enough: Callable[[NDArray[np.float64]], bool],
    rounds: int,
) -> NDArray[np.float64]:
    """Return the prices, known to be enough, with some of them lowered in proportion as far as they are found to be."""
    kept, lowered = np.where(which, 0.0, prices), np.where(which, prices, 0.0)
    if is_enough(kept):
        return kept
    low, high = 0.0, 1.0
    for _ in range(rounds):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(kept + middle * lowered) else (middle, high)
    return kept + high * lowered


def must_have(problem: PackingProblem, items_sets: Sequence[NDArray[np.int64]]) -> PackingProblem:
    """
    Return a problem whose best plan meets as many sets of items as any plan can, and only then earns most.

    Each item is worth more by M for each set it is in, M being above the difference between any two plans. So where the
    best plan misses the only set, no plan meets it: then it cannot be reached. Prices of capacities come first
    (`priced`), since M is of the values as they are.

    Parameters
    ----------
    problem
        The problem.
    items_sets
        Of each set, its items, at least one. Any two exclude each other, so that a set is not counted twice.

    Returns
    -------
    problem
        The same with other values. Proven weights are to be computed anew.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, a set is empty, or it holds items out of range, twice, or not excluding
        each other.
    """
    validate(problem)
    apart = problem.conflict[:, 0] * problem.items + problem.conflict[:, 1]
    faults = [fault for number, items in enumerate(items_sets) for fault in _set_faults(problem, apart, number, items)]
    if faults:
        raise ProblemError(tuple(faults))
    bonus = simple_bound(problem) - simple_floor(problem) + 1
    value = problem.value.copy()
    for items in items_sets:
        value[items] += bonus
    return replace(problem, value=value)


def _set_faults(problem: PackingProblem, apart: NDArray[np.int64], number: int, items: NDArray[np.int64]) -> list[str]:
    name, members = f"items_sets[{number}]", np.unique(items)
    if not len(members) or len(members) < len(items) or members[0] < 0 or members[-1] >= problem.items:
        return [f"{name} is {items.tolist()}; different items of 0 to {problem.items - 1}, at least one, are needed"]
    first, second = (members[side] for side in np.triu_indices(len(members), 1))
    goes = (problem.group[first] != problem.group[second]) & ~np.isin(first * problem.items + second, apart)
    for one, other in zip(first[goes][:1], second[goes][:1], strict=True):
        return [
            f"{name} holds {one} and {other}, which may be chosen together; items that exclude each other are needed"
        ]
    return []
