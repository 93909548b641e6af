"""Covering of conflicts by cliques: one rule 'at most one of these' says more than a rule for each two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cover_by_cliques(is_apart: NDArray[np.bool_], to_cover: NDArray[np.bool_]) -> list[list[int]]:
    """
    Return maximal sets of nodes, no two of which go together, that cover all pairs asked for.

    Greedy: each set begins at the node with most pairs left, and grows by the node that covers most of them.

    Parameters
    ----------
    is_apart
        Shape ``(n, n)``, symmetric, no node apart from itself: pairs that may not be chosen together.
    to_cover
        Shape ``(n, n)``, symmetric: those of them that need a set.
    """
    waiting = to_cover.copy()
    degree = waiting.sum(axis=1)
    cliques = []
    while degree.any():
        clique = [int(degree.argmax())]
        open_nodes = is_apart[clique[0]].copy()
        covers = waiting[clique[0]].astype(np.int64)
        while open_nodes.any():
            # Where nothing is left to cover, nodes still make the set maximal.
            node = int(np.where(open_nodes, covers, -1).argmax())
            clique.append(node)
            open_nodes &= is_apart[node]
            covers += waiting[node]
        inside = np.ix_(clique, clique)
        degree[clique] -= waiting[inside].sum(axis=1)
        waiting[inside] = False
        cliques.append(sorted(clique))
    return cliques
