"""A packing problem as choices of one label per group: an item of it, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import plain
from solvers.errors import ProblemError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem

LARGEST: Final = 2**60
"""Worth of all values and rewards together, after scaling and once for each group: sums of them fit into 64 bits."""

FINEST: Final = 4096
"""Largest scale: parts of an objective are told to this fraction of its unit."""

MOST_LABELS: Final = 6_000
"""Labels whose table of pairs (288 MB) is made."""


class Labels(NamedTuple):
    """
    Hold N labels, group by group, the first of each group for none of its items.

    Parameters
    ----------
    item
        Shape ``(N,)``, int64; -1 for none.
    start
        Shape ``(G + 1,)``, int64: first label of each group.
    value
        Shape ``(N,)``, int64, times ``scale``.
    table
        Shape ``(N, N)``, int64, symmetric, times ``scale``: reward of a pair, ``never`` in conflict, nothing
        inside a group.
    linked
        Shape ``(G, G)``, bool: whether any two labels of the groups have a reward or a conflict.
    use
        Shape ``(R, N)``, int64.
    capacity
        Shape ``(R,)``, int64.
    scale
        Units in one unit of the objective, so that parts of it can be told in integers.
    never
        Worth of a pair in conflict: below the loss of everything else.
    """

    item: NDArray[np.int64]
    start: NDArray[np.int64]
    value: NDArray[np.int64]
    table: NDArray[np.int64]
    linked: NDArray[np.bool_]
    use: NDArray[np.int64]
    capacity: NDArray[np.int64]
    scale: int
    never: int

    def worth_of(self, choice: NDArray[np.int64]) -> int:
        """Return the objective of one label per group, times ``scale``."""
        return int(self.value[choice].sum()) + int(np.triu(self.table[np.ix_(choice, choice)]).sum())

    def chosen(self, choice: NDArray[np.int64], items: int) -> NDArray[np.bool_]:
        """Return the items, of so many, that one label per group chooses."""
        chosen = np.zeros(items, np.bool_)
        item = self.item[choice]
        chosen[item[item >= 0]] = True
        return chosen

    def choice_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the label of each group in a plan that takes at most one item of each."""
        taken = np.flatnonzero((self.item >= 0) & chosen[self.item])
        choice = self.start[:-1].copy()
        choice[np.searchsorted(self.start, taken, side="right") - 1] = taken
        return choice


def labels_of(problem: PackingProblem) -> Labels:
    """
    Return the labels of a valid problem.

    Raises
    ------
    ProblemError
        If it has more than `MOST_LABELS` items and groups, or values that do not add up in 64 bits over all groups.
    """
    groups, items = problem.groups, problem.items
    together = int(np.abs(problem.value).sum()) + int(np.abs(problem.reward).sum()) + 1
    faults = []
    if items + groups > MOST_LABELS:
        faults.append(f"value: {items} items in {groups} groups, at most {MOST_LABELS} together can be solved exactly")
    if together > LARGEST // (groups + 1):
        faults.append(f"value: {together} with the rewards, at most {LARGEST // (groups + 1)} for {groups} groups")
    if faults:
        raise ProblemError(tuple(faults))
    scale = min(FINEST, LARGEST // (groups + 1) // together)
    order = np.argsort(problem.group, kind="stable")
    start = np.concatenate([[0], (np.bincount(problem.group, minlength=groups) + 1).cumsum()]).astype(np.int64)
    item = np.full(items + groups, -1, np.int64)
    item[np.setdiff1d(np.arange(items + groups), start[:-1])] = order
    label = np.zeros(items, np.int64)
    label[order] = np.flatnonzero(item >= 0)
    value = np.zeros(len(item), np.int64)
    value[label] = problem.value * scale
    table = np.zeros((len(item), len(item)), np.int64)
    linked = np.zeros((groups, groups), np.bool_)
    for pairs, worth in ((problem.pair, problem.reward * scale), (problem.conflict, -together * scale)):
        first, second = label[pairs].T
        table[first, second] = worth
        table[second, first] = worth
        here, there = problem.group[pairs].T
        linked[here, there] = linked[there, here] = True
    use = np.zeros((len(problem.capacity), len(item)), np.int64)
    if len(problem.capacity):
        use[:, label] = problem.use
    return Labels(item, start, value, table, linked, use, plain(problem.capacity, np.int64), scale, -together * scale)
