"""What a day's visits must not do together, and what it costs if some are too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import ANYWHERE
from solvers.qubo._membership import membership

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem
    from solvers.qubo._slot_table import SlotTable


def clashes(problem: TripProblem, table: SlotTable) -> NDArray[np.bool_]:
    """Return the pairs that no day holds: not reachable either way, in the wrong order, or too much by themselves."""
    clash = ~(table.is_before | table.is_before.T)
    for early, late, _ in problem.precedence.tolist():
        wrong = (table.group[:, None] == late) & (table.group == early) & (table.begin[:, None] <= table.begin)
        clash |= wrong | wrong.T
    use, capacity = _amounts(problem, table)
    for amount, most in zip(use, capacity.tolist(), strict=True):
        clash |= amount[:, None] + amount > most
    return clash


def capacities(problem: TripProblem, table: SlotTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return use and capacity of what one visit by itself, or three visits or more, could use up."""
    use, capacity = _amounts(problem, table)
    most = np.zeros((len(use), int(table.group.max()) + 1), np.int64)
    for row, amount in enumerate(use):
        np.maximum.at(most[row], table.group, amount)
    # Pairs conflict already where they are too much: nothing is left to say of two places, or where any two are.
    least = np.where(use > 0, use, capacity[:, None] + 1).min(axis=1)
    of_three = ((most > 0).sum(axis=1) > 2) & (2 * least <= capacity) & (most.sum(axis=1) > capacity)
    binding = of_three | (use.max(axis=1) > capacity)
    return np.ascontiguousarray(use[binding]), capacity[binding]


def _amounts(problem: TripProblem, table: SlotTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what each visit uses of each upper count and resource, and how much there is."""
    counted = membership(problem.counts.options, problem.options)[table.option].T.astype(np.int64)
    used, capacity = _resources(problem, table)
    return np.concatenate((counted, used)), np.concatenate((problem.counts.upper, capacity))


def _resources(problem: TripProblem, table: SlotTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Return what visits use of each resource, and how much there is.

    Which way is gone hangs on what follows what. To be safe, each visit counts the way to it that uses most, and the
    way to the end that uses most is set aside.
    """
    resources = problem.resources
    node, used = problem.option_node[table.option], resources.option_use[:, table.option].copy()
    capacity = resources.capacity.copy()
    if not resources.arc_use.any():
        return used, capacity
    start, end = int(problem.day_start[0]), int(problem.day_end[0])
    for row, arcs in enumerate(resources.arc_use):
        ways = np.where(table.is_before, arcs[np.ix_(node, node)], 0).max(axis=0)
        used[row] += ways if start == ANYWHERE else np.maximum(ways, arcs[start, node])
        capacity[row] -= 0 if end == ANYWHERE else int(arcs[node, end].max())
    return used, np.maximum(0, capacity)


def shortfalls(
    problem: TripProblem, table: SlotTable, prices: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Return what visits save of the price of having too few: by item, ``(n,)``, and by pair, ``(n, n)``.

    Exact for up to two visits of a rule.

    Parameters
    ----------
    problem, table
        The day.
    prices
        Shape ``(K,)``, int64: of each visit that a rule is short of.
    """
    counts = problem.counts
    counted = membership(counts.options, problem.options)[table.option].T.astype(np.int64)
    value, reward = np.zeros(len(table.option), np.int64), np.zeros(table.way.shape, np.int64)
    for row in np.flatnonzero((counts.lower > 0) & (prices > 0)).tolist():
        price, lower, count = int(prices[row]), int(counts.lower[row]), counted[row]
        value += price * count
        reward -= price * np.maximum(0, count[:, None] + count - lower)
    return value, reward
