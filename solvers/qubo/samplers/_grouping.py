# mypy: disallow-untyped-decorators=False
"""Groups of which at most one item is chosen, read off the couplings of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from solvers.compiling import allocating

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_ROUNDS = 8


def groups_of(
    linear: NDArray[np.float64], row: NDArray[np.int64], column: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.int64]:
    """
    Return a group for each variable of a model in 0 and 1, such that some optimum has at most one of each group.

    Groups are cliques of positive couplings, found greedily. A coupling counts only if choosing both its ends can
    never pay: with ``v`` the gain of a variable by itself and ``S`` the most it can gain from one item of each other
    group, it must reach the lesser ``v + 2 S`` of the two. Of an over-full group, the item with the least ``v + 2 S``
    can then be dropped without raising the energy; variables for which this cannot be shown stay alone.

    Parameters
    ----------
    linear
        Shape ``(n,)``.
    row, column, weight
        Shape ``(M,)``: couplings of ``row[k] != column[k]``, each pair once.

    Returns
    -------
    group
        Shape ``(n,)``, 0 to G - 1, numbered in the order in which they first occur.
    """
    variables = len(linear)
    enough = _strongest(variables, row, column, weight)
    alone = np.maximum(0.0, -linear)
    for _ in range(_MOST_ROUNDS):
        start, neighbour = _both_ways(variables, row[enough], column[enough])
        group = _clique_cover(start, neighbour, np.argsort(np.diff(start), kind="stable"))
        worth = alone + 2.0 * _best_rewards(variables, group, row, column, weight)
        sufficient = weight >= np.minimum(worth[row], worth[column])
        if np.all(sufficient[enough & (group[row] == group[column])]):
            return _numbered(group)
        enough &= sufficient
    return np.arange(variables)


def _strongest(
    variables: int, row: NDArray[np.int64], column: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """
    Return the positive couplings that are the strongest of one of their ends.

    Proven penalties of a group are the least of what its two items need, and need more than a conflict does: so these
    are the couplings inside groups, and conflicts of items without rewards.
    """
    strongest = np.zeros(variables)
    np.maximum.at(strongest, row, weight)
    np.maximum.at(strongest, column, weight)
    return (weight > 0) & (weight >= np.minimum(strongest[row], strongest[column]))


def _both_ways(
    variables: int, row: NDArray[np.int64], column: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the neighbours of each variable begin, and the neighbours."""
    ends = np.concatenate([row, column]), np.concatenate([column, row])
    rows = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(variables, variables)).tocsr()
    return rows.indptr.astype(np.int64), rows.indices.astype(np.int64)


def _best_rewards(
    variables: int,
    group: NDArray[np.int64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the most each variable can gain from at most one item of every other group, shape (n,)."""
    rewarding = (weight < 0) & (group[row] != group[column])
    item = np.concatenate([row[rewarding], column[rewarding]])
    other = group[np.concatenate([column[rewarding], row[rewarding]])]
    reward = -np.concatenate([weight[rewarding]] * 2)
    order = np.lexsort((-reward, other, item))
    item, other, reward = item[order], other[order], reward[order]
    is_best = np.ones(len(item), np.bool_)
    is_best[1:] = (item[1:] != item[:-1]) | (other[1:] != other[:-1])
    rewards = np.zeros(variables)
    np.add.at(rewards, item[is_best], reward[is_best])
    return rewards


def _numbered(group: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, of = np.unique(group, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[of]


@allocating
def _clique_cover(
    start: NDArray[np.int64], neighbour: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """
    Return a clique for each variable, found one after the other.

    A clique grows from the first free variable of an order, here those with few neighbours first: variables whose
    conflicts are as strong as the couplings of their group would draw in what belongs elsewhere. It grows by the
    candidate with the most neighbours among the candidates, and costs what the free neighbours of its first have as
    neighbours.
    """
    variables = len(start) - 1
    group = np.full(variables, -1)
    is_candidate = np.zeros(variables, np.bool_)
    meets = np.zeros(variables, np.bool_)
    common = np.zeros(variables, np.int64)
    candidates = np.empty(variables, np.int64)
    cliques = 0
    for seed in order:
        if group[seed] >= 0:
            continue
        group[seed] = cliques
        count = 0
        for k in range(start[seed], start[seed + 1]):
            if group[neighbour[k]] < 0:
                candidates[count] = neighbour[k]
                count += 1
        for c in range(count):
            is_candidate[candidates[c]] = True
        for c in range(count):
            item = candidates[c]
            common[item] = 0
            for k in range(start[item], start[item + 1]):
                common[item] += is_candidate[neighbour[k]]
        while count:
            chosen = candidates[0]
            for c in range(1, count):
                if common[candidates[c]] > common[chosen]:
                    chosen = candidates[c]
            group[chosen] = cliques
            for k in range(start[chosen], start[chosen + 1]):
                meets[neighbour[k]] = True
            kept = 0
            for c in range(count):
                item = candidates[c]
                if meets[item]:
                    candidates[kept] = item
                    kept += 1
                else:
                    is_candidate[item] = False
                    for k in range(start[item], start[item + 1]):
                        common[neighbour[k]] -= 1
            for k in range(start[chosen], start[chosen + 1]):
                meets[neighbour[k]] = False
            count = kept
        cliques += 1
    return group
