"""Objective, rules and energy of packing problems by plain loops: nothing in common with what they judge."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from solvers.qubo.problem import PackingProblem


def value_by_loops(problem: PackingProblem, state: NDArray[np.bool_]) -> int:
    """Return the objective of a plan."""
    alone = sum(int(problem.value[item]) for item in range(problem.items) if state[item])
    together = zip(problem.pair.tolist(), problem.reward.tolist(), strict=True)
    return alone + sum(int(reward) for (first, second), reward in together if state[first] and state[second])


def keeps_rules_by_loops(problem: PackingProblem, state: NDArray[np.bool_]) -> bool:
    """Tell whether a plan keeps groups, conflicts and capacities."""
    chosen = np.flatnonzero(state).tolist()
    groups = [int(problem.group[item]) for item in chosen]
    apart = all(not (state[first] and state[second]) for first, second in problem.conflict.tolist())
    within = all(
        sum(int(use[item]) for item in chosen) <= capacity
        for use, capacity in zip(problem.use, problem.capacity.tolist(), strict=False)
    )
    return len(groups) == len(set(groups)) and apart and within


def energy_by_loops(problem: PackingProblem, state: NDArray[np.bool_]) -> int:
    """Return H of a state with the proven penalties: turned objective, and what every broken pair costs."""
    best: list[dict[int, int]] = [{} for _ in range(problem.items)]
    for (first, second), reward in zip(problem.pair.tolist(), problem.reward.tolist(), strict=True):
        for item, other in ((first, second), (second, first)):
            group = int(problem.group[other])
            best[item][group] = max(best[item].get(group, 0), reward)
    most = [sum(of_group.values()) for of_group in best]
    alone = [max(0, int(value)) for value in problem.value]
    conflicts = set(map(tuple, problem.conflict.tolist()))
    energy = -value_by_loops(problem, state)
    for pair in combinations(np.flatnonzero(state).tolist(), 2):
        if problem.group[pair[0]] == problem.group[pair[1]]:
            energy += 1 + min(alone[item] + 2 * most[item] for item in pair)
        elif pair in conflicts:
            energy += 1 + min(alone[item] + most[item] for item in pair)
    return energy
