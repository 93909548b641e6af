"""Leave out blind alleys in which nobody stands: no way between others leads through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The rest of a very long alley may stay in: it costs a little time, no correctness.
_ROUNDS: Final = 30


def keep_through_streets(
    edge_from: NDArray[np.int32], edge_to: NDArray[np.int32], node_count: int, ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """
    Return which edges may lie on a way between the given nodes.

    A dead end that is no way's end is taken off, then the dead end this leaves, and so on. A quarter of a town's
    crossings go, and a quarter of the search with them.

    Parameters
    ----------
    edge_from, edge_to
        Shape ``(m,)``: directed edges, no parallels, no loops.
    node_count
        Number of nodes.
    ends
        Nodes where ways start or end.

    Returns
    -------
    keep
        Shape ``(m,)``.
    """
    low, high = np.minimum(edge_from, edge_to).astype(np.int64), np.maximum(edge_from, edge_to)
    streets, street_of_edge = np.unique(low * node_count + high, return_inverse=True)
    here, there = streets // max(node_count, 1), streets % max(node_count, 1)
    is_end = np.zeros(node_count, dtype=np.bool_)
    is_end[ends] = True
    is_kept = np.ones(len(streets), dtype=np.bool_)
    for _ in range(_ROUNDS):
        neighbours = np.bincount(here[is_kept], minlength=node_count) + np.bincount(
            there[is_kept], minlength=node_count
        )
        is_dead_end = (neighbours == 1) & ~is_end
        is_alley = is_kept & (is_dead_end[here] | is_dead_end[there])
        if not is_alley.any():
            break
        is_kept &= ~is_alley
    keep: NDArray[np.bool_] = is_kept[street_of_edge]
    return keep
