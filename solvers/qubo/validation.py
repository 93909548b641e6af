"""Checks that arrays describe a packing problem, all faults at once, and that plans belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError, SolutionError
from solvers.qubo.judging import keeps_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


MOST_VALUE: Final = 2**53
"""Values and rewards together stay below this: 64-bit floating-point numbers, which annealers use, are exact so far."""

_SIDES: Final = {"value": 1, "group": 1, "pair": 2, "reward": 1, "conflict": 2, "use": 2, "capacity": 1}


def validate(problem: PackingProblem) -> None:
    """
    Refuse arrays that do not describe a packing problem.

    Parameters
    ----------
    problem
        The problem to check.

    Raises
    ------
    ProblemError
        With one sentence per fault: no items, sizes and types that disagree, groups without an item, pairs that are
        out of range, out of order, twice there, of one group, or in conflict with a reward, uses and capacities that
        are negative, and values too large to add up exactly.
    """
    # Contents are looked at only where the shapes agree: indexing would fail otherwise.
    faults = _size_faults(problem)
    if not faults:
        faults = _group_faults(problem) + _amount_faults(problem)
        pairs = {name: _pair_faults(name, getattr(problem, name), problem) for name in ("pair", "conflict")}
        faults += pairs["pair"] + pairs["conflict"]
        if not any(pairs.values()):
            faults += _both_faults(problem)
    if faults:
        raise ProblemError(tuple(faults))


def validate_plan(problem: PackingProblem, plan: NDArray[np.bool_], name: str) -> None:
    """
    Refuse a plan that does not belong to a problem, or breaks a rule of it.

    Parameters
    ----------
    problem
        A valid problem.
    plan
        The plan to check.
    name
        What the caller calls it.

    Raises
    ------
    SolutionError
        If it is not bool of shape ``(n,)``, or breaks a rule of groups, conflicts or capacities.
    """
    if plan.dtype != np.bool_ or plan.shape != (problem.items,):
        raise SolutionError(f"{name} is {plan.dtype} of shape {plan.shape}; bool of shape ({problem.items},) is needed")
    if not keeps_rules(problem, plan[None])[0]:
        raise SolutionError(f"{name} breaks a rule; a plan that keeps groups, conflicts and capacities is needed")


def _size_faults(problem: PackingProblem) -> list[str]:
    faults = []
    for name, sides in _SIDES.items():
        array = getattr(problem, name)
        if not isinstance(array, np.ndarray) or array.dtype != np.int64:
            kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            faults.append(f"{name} has type {kind}; an array of int64 is needed")
        elif array.ndim != sides:
            faults.append(f"{name} has shape {array.shape}; {sides} side{'s' * (sides > 1)} are needed")
    if faults:
        return faults
    items, capacities = problem.items, len(problem.capacity)
    if not items:
        faults.append("value is empty; at least one item is needed")
    needed = {
        "group": (items,),
        "pair": (len(problem.reward), 2),
        "conflict": (len(problem.conflict), 2),
        # Without capacities, a use of no rows may have any width.
        "use": (capacities, items if capacities else problem.use.shape[1]),
    }
    for name, shape in needed.items():
        found = getattr(problem, name).shape
        if found != shape:
            faults.append(f"{name} has shape {found}; {shape} is needed")
    return faults


def _group_faults(problem: PackingProblem) -> list[str]:
    outside = (problem.group < 0) | (problem.group >= problem.items)
    if outside.any():
        return [_first("group", problem.group, outside, f"a group of 0 to {problem.items - 1}")]
    empty = np.flatnonzero(np.bincount(problem.group) == 0)
    return [f"group {index} has no item; groups are numbered without gaps" for index in empty[:1]]


def _amount_faults(problem: PackingProblem) -> list[str]:
    faults = []
    for name in ("use", "capacity"):
        array = getattr(problem, name)
        if (array < 0).any():
            faults.append(_first(name, array, array < 0, "an amount of 0 or more"))
    # Floating-point sums: those of integers would wrap around before they could be seen to be too large.
    total = sum(float(np.abs(part.astype(np.float64)).sum()) for part in (problem.value, problem.reward))
    if total >= MOST_VALUE:
        faults.append(f"value and reward add up to {total:.3g} without their signs; less than 2**53 is needed")
    uses = problem.use.astype(np.float64).sum(axis=1)
    if (uses >= MOST_VALUE).any():
        faults.append(f"use adds up to {uses.max():.3g} in a row; less than 2**53 is needed")
    return faults


def _pair_faults(name: str, pairs: NDArray[np.int64], problem: PackingProblem) -> list[str]:
    first, second = pairs[:, 0], pairs[:, 1]
    outside = (first < 0) | (second >= problem.items) | (first >= second)
    if outside.any():
        return [_first(name, pairs, outside, f"items i < j of 0 to {problem.items - 1}")]
    faults = []
    same = problem.group[first] == problem.group[second]
    if same.any():
        faults.append(_first(name, pairs, same, "items of different groups"))
    late = np.zeros(len(pairs), np.bool_)
    late[1:] = np.diff(_keys(pairs, problem.items)) <= 0
    if late.any():
        faults.append(_first(name, pairs, late, "pairs in ascending order, each once"))
    return faults


def _both_faults(problem: PackingProblem) -> list[str]:
    rewarded, excluded = (_keys(pairs, problem.items) for pairs in (problem.pair, problem.conflict))
    both = np.isin(rewarded, excluded, assume_unique=True)
    return [_first("pair", problem.pair, both, "pairs that are not in conflict")] if both.any() else []


def _keys(pairs: NDArray[np.int64], items: int) -> NDArray[np.int64]:
    return pairs[:, 0] * items + pairs[:, 1]


def _first(name: str, array: NDArray[np.int64], faulty: NDArray[np.bool_], needed: str) -> str:
    """Tell the first fault and how many more there are: an array may hold a million."""
    where = np.argwhere(faulty)
    place = ", ".join(map(str, where[0]))
    more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
    return f"{name}[{place}] is {array[tuple(where[0])].tolist()}{more}; {needed} is needed"
