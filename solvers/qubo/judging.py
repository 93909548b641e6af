"""
Objective and rules of plans, from the problem's own data.

Nothing here knows of penalties or energies, so that it can judge what comes from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


def values_of(problem: PackingProblem, states: NDArray[np.bool_]) -> NDArray[np.int64]:
    """
    Return the objective of each plan, whether or not it keeps the rules.

    Parameters
    ----------
    problem
        A valid problem.
    states
        Shape ``(S, n)``, bool: the items each plan chooses.

    Returns
    -------
    values
        Shape ``(S,)``, int64.
    """
    plans = csr_array(states, dtype=np.int64)
    values: NDArray[np.int64] = plans @ problem.value + _met(plans, problem.pair, problem.reward)
    return values


def keeps_rules(problem: PackingProblem, states: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """
    Tell of each plan whether it keeps every rule: groups, conflicts and capacities.

    Parameters
    ----------
    problem
        A valid problem.
    states
        Shape ``(S, n)``, bool: the items each plan chooses.

    Returns
    -------
    keeps
        Shape ``(S,)``, bool.
    """
    plans = csr_array(states, dtype=np.int64)
    members = csr_array(
        (np.ones(problem.items, np.int64), (np.arange(problem.items), problem.group)),
        shape=(problem.items, problem.groups),
    )
    keeps: NDArray[np.bool_] = (plans @ members).toarray().max(axis=1, initial=0) <= 1
    keeps &= _met(plans, problem.conflict, np.ones(len(problem.conflict), np.int64)) == 0
    if len(problem.capacity):
        keeps &= (plans @ problem.use.T <= problem.capacity).all(axis=1)
    return keeps


def _met(plans: csr_array, pairs: NDArray[np.int64], amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Add up, for each plan, the amounts of the pairs it chooses both of.

    Plans stay sparse: one that keeps the rules chooses a few of thousands of items.
    """
    items = plans.shape[1]
    matrix = csr_array((amounts, (pairs[:, 0], pairs[:, 1])), shape=(items, items))
    sums: NDArray[np.int64] = (plans @ matrix).multiply(plans).sum(axis=1)
    return sums
