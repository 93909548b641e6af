"""Random starts: what decoding makes of them is what a sampler has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


def random_starts(problem: PackingProblem, count: int, seed: int) -> NDArray[np.bool_]:
    """
    Choose in each group one item or none, all equally likely, whatever the conflicts and capacities.

    Returns
    -------
    states
        Shape ``(count, n)``, bool.
    """
    size = np.bincount(problem.group, minlength=problem.groups)
    first = np.cumsum(size) - size
    by_group = np.argsort(problem.group, kind="stable")
    pick = np.random.default_rng(seed).integers(0, size + 1, (count, problem.groups))
    start, group = np.nonzero(pick < size)
    states = np.zeros((count, problem.items), np.bool_)
    states[start, by_group[first[group] + pick[start, group]]] = True
    return states
