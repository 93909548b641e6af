"""The best plan of a tiny packing problem, by trying all of them: the judge of everything else here."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.qubo.result import PackingResult
from solvers.qubo.validation import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


MOST_ITEMS: Final = 200
MOST_BRANCHES: Final = 1_000_000
"""About twenty seconds of work."""

_NEVER: Final = np.iinfo(np.int64).min // 4
"""Gain of an item that is excluded: below any sum of values, and far from wrapping around."""


def enumerate_packing(problem: PackingProblem) -> PackingResult:
    """
    Return the best plan, by depth-first search over the groups.

    A branch is left where its value, and the most that the groups still open could add, cannot beat the best plan so
    far. Nothing is shared with the energies or with other solvers.

    Parameters
    ----------
    problem
        The problem, with its capacities.

    Returns
    -------
    result
        Optimal. Of several best plans, the first found.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or one too large: more than `MOST_ITEMS` items, or more than
        `MOST_BRANCHES` branches.
    """
    started = perf_counter()
    validate(problem)
    if problem.items > MOST_ITEMS:
        raise ProblemError((f"value has {problem.items} items; enumeration takes {MOST_ITEMS} at most",))
    order, tree = _tree_of(problem)
    tree.search(0, 0, problem.value[order], problem.capacity, ())
    chosen = np.zeros(problem.items, np.bool_)
    chosen[order[list(tree.best)]] = True
    return PackingResult(chosen, tree.value, tree.value, "optimal", None, perf_counter() - started)


@dataclass(slots=True)
class _Tree:
    """
    Hold what the search needs, and the best plan it has found; items are numbered in the order of their groups.

    Parameters
    ----------
    starts
        Shape ``(G + 1,)``: the first item of each group, in the order in which groups are decided, and n.
    together
        Shape ``(n, n)``: reward of each pair, `_NEVER` in conflict.
    later
        Shape ``(G + 1, n)``: the most an item could earn with items of the groups from the d-th on.
    use
        Shape ``(R, n)``.
    value, best
        Objective and items of the best plan so far.
    branches
        Branches seen.
    """

    starts: NDArray[np.int64]
    together: NDArray[np.int64]
    later: NDArray[np.int64]
    use: NDArray[np.int64]
    value: int = 0
    best: tuple[int, ...] = ()
    branches: int = 0

    def search(
        self, depth: int, value: int, gain: NDArray[np.int64], left: NDArray[np.int64], chosen: tuple[int, ...]
    ) -> None:
        """
        Try every choice of the groups from one on.

        Parameters
        ----------
        depth
            The group to decide now.
        value
            Objective of what is chosen.
        gain
            Shape ``(n,)``: what each item would add now; far below 0 where it is excluded.
        left
            Shape ``(R,)``: capacity left.
        chosen
            Items chosen.
        """
        self.branches += 1
        if self.branches > MOST_BRANCHES:
            raise ProblemError((f"the problem needs more than {MOST_BRANCHES} branches; enumeration is for tiny ones",))
        if value > self.value:
            self.value, self.best = value, chosen
        gain = np.where((self.use > left[:, None]).any(axis=0), _NEVER, gain)
        if depth == len(self.starts) - 1 or 2 * value + self._most_to_come(depth, gain) <= 2 * self.value:
            return
        own = gain[self.starts[depth] : self.starts[depth + 1]]
        for item in self.starts[depth] + np.argsort(-own, kind="stable"):
            if gain[item] > _NEVER // 2:
                after = np.maximum(gain + self.together[item], _NEVER)
                self.search(depth + 1, value + int(gain[item]), after, left - self.use[:, item], (*chosen, int(item)))
        self.search(depth + 1, value, gain, left, chosen)

    def _most_to_come(self, depth: int, gain: NDArray[np.int64]) -> int:
        """
        Return twice the most that the groups from one on could add.

        A pair of items still to be chosen counts half at either end, as if each met the best partner in each group.
        """
        start = self.starts[depth]
        twice = 2 * gain[start:] + self.later[depth, start:]
        return int(np.maximum(np.maximum.reduceat(twice, self.starts[depth:-1] - start), 0).sum())


def _tree_of(problem: PackingProblem) -> tuple[NDArray[np.int64], _Tree]:
    """Return the items in the order in which they are tried, and their tree."""
    together = np.zeros((problem.items, problem.items), np.int64)
    for pairs, amount in ((problem.pair, problem.reward), (problem.conflict, np.int64(_NEVER))):
        together[pairs[:, 0], pairs[:, 1]] = together[pairs[:, 1], pairs[:, 0]] = amount
    # The groups that could add most come first: their choice decides most.
    members = sorted(
        problem.members(), key=lambda group: -int((problem.value[group] + together[group].max(axis=1)).max())
    )
    order = np.concatenate(members)
    starts = np.cumsum([0, *map(len, members)])
    together = together[np.ix_(order, order)]
    later = np.zeros((len(members) + 1, problem.items), np.int64)
    for depth in reversed(range(len(members))):
        block = together[:, starts[depth] : starts[depth + 1]]
        later[depth] = later[depth + 1] + np.maximum(block.max(axis=1), 0)
    use = problem.use[:, order] if len(problem.capacity) else np.zeros((0, problem.items), np.int64)
    return order, _Tree(starts, together, later, use)
