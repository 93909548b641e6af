"""Parts of a directed network inside which every node reaches every other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def connected_parts(node_count: int, edge_from: NDArray[np.int32], edge_to: NDArray[np.int32]) -> NDArray[np.int32]:
    """
    Label strongly connected parts, the largest first.

    Parameters
    ----------
    node_count
        Number of nodes.
    edge_from, edge_to
        Shape ``(m,)``: rows of nodes.

    Returns
    -------
    part
        Shape ``(node_count,)``: 0 in the largest part; equal sizes by first node, so that labels are reproducible.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(edge_from), dtype=np.int8)
    graph = coo_matrix((ones, (edge_from, edge_to)), shape=(node_count, node_count)).tocsr()
    _, labels = connected_components(graph, directed=True, connection="strong")
    found, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    rank = np.empty(len(found), dtype=np.int32)
    rank[np.lexsort((first, -sizes))] = np.arange(len(found), dtype=np.int32)
    part: NDArray[np.int32] = rank[labels]
    return part
