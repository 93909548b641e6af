"""Limits of the objective without search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.qubo.quadratic import best_rewards

if TYPE_CHECKING:
    from solvers.qubo.problem import PackingProblem


def simple_bound(problem: PackingProblem) -> int:
    """
    Return an upper limit of the objective: the best item of each group, with half its best reward in every other.

    Each pair chosen counts half at either end, so no plan is worth more than its items each with half the best they
    could meet; conflicts and capacities only take plans away.
    """
    twice = 2 * problem.value + best_rewards(problem)
    best = np.zeros(problem.groups, np.int64)
    np.maximum.at(best, problem.group, twice)
    return int(best.sum()) // 2


def simple_floor(problem: PackingProblem) -> int:
    """Return a lower limit of the objective: no plan is worth less."""
    return -simple_bound(replace(problem, value=-problem.value, reward=-problem.reward))
