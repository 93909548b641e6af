"""What visits with given starts are worth to each other: the ways between them, and what they earn together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import UNREACHABLE
from solvers.qubo._membership import membership, products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem
    from solvers.qubo._slot_table import SlotTable

    Worth = tuple[NDArray[np.int64], NDArray[np.int64]]
    """By item, ``(n,)``, and by pair, ``(n, n)``, symmetric."""


def travel(problem: TripProblem, table: SlotTable) -> Worth:
    """
    Return the price of travel and waiting, below 0.

    A sum over pairs does not know which visits follow each other. So each visit pays for the shortest way to it, and a
    pair between which nothing else fits pays the rest of its true way and its wait. Where something else would fit and
    is not chosen, the way is told too short.
    """
    weights, before = problem.weights, table.is_before
    node = problem.option_node[table.option]
    way = np.where(table.way < UNREACHABLE, table.way, 0)
    price = weights.travel * way + weights.cost * problem.arc_cost[np.ix_(node, node)]
    far = np.iinfo(np.int64).max
    least = np.minimum(np.where(before, price, far).min(axis=0), weights.travel * table.way_in)
    follows = before & (products(before, before) == 0)
    leave = table.begin + problem.option_duration[table.option]
    wait = np.maximum(0, problem.option_open[table.option] - (leave[:, None] + way))
    rest = np.where(follows, price - least + weights.wait * wait, 0)
    # After a visit that nothing can follow one goes to the end.
    home = weights.travel * np.where(before.any(axis=1), 0, table.way_out)
    return -(least + home), -(rest + rest.T)


def bonuses(problem: TripProblem, table: SlotTable, like: tuple[int, ...]) -> Worth:
    """
    Return what combinations earn, those of the day and of the trip alike.

    A bonus is earned once, however many pairs would earn it; a sum over pairs counts each. So it is divided among as
    many as earn it in a usual day.

    Parameters
    ----------
    problem, table
        The day.
    like
        Options of a usual day.
    """
    combinations = problem.combinations
    left, right = (membership(sets, problem.groups) for sets in (combinations.left, combinations.right))
    value, reward = np.zeros(len(table.group), np.int64), np.zeros(table.way.shape, np.int64)
    usual = problem.option_group[list(like)]
    for each in np.flatnonzero(combinations.fewest <= 2).tolist():
        sides = left[:, each], right[:, each], int(combinations.fewest[each])
        alone, together = _earned(table.group, *sides)
        usually_alone, usually = _earned(usual, *sides)
        times = int(usually_alone.sum() + np.triu(usually, 1).sum())
        bonus = int(combinations.bonus[each]) // max(1, times)
        value, reward = value + bonus * alone, reward + bonus * together
    return value, reward


def _earned(
    group: NDArray[np.int64], left: NDArray[np.bool_], right: NDArray[np.bool_], fewest: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which visits earn a combination alone, and which pairs earn it though neither does alone."""
    alone = left[group] & right[group] & (fewest == 1)
    together = (left[group, None] & right[group]) | (right[group, None] & left[group])
    return alone, together & ~alone[:, None] & ~alone & (group[:, None] != group)
