"""Which day-routes of a large pool become items: the best of each kind, and some of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo._route_table import RouteTable


def without_twins(table: RouteTable, kept: int) -> NDArray[np.int64]:
    """
    Return the rows to keep of routes that are the same to the rest of the trip: the best of each kind.

    Parameters
    ----------
    table
        The routes.
    kept
        How many of the first rows stay in any case.
    """
    nights = np.stack((table.day, table.before, table.after), axis=1)
    features = np.concatenate((nights, table.counted, table.used), axis=1)
    places = np.packbits(table.visited, axis=1)
    order = np.lexsort((np.arange(len(table.day)), -table.own))
    best: dict[tuple[bytes, bytes], int] = {}
    for row in order.tolist():
        best.setdefault((features[row].tobytes(), places[row].tobytes()), row)
    return np.array(sorted({*range(min(kept, len(table.day))), *best.values()}), np.int64)


def spread(table: RouteTable, most: int, kept: int) -> NDArray[np.int64]:
    """
    Return not more than ``most`` rows, as many of each day, those of highest worth and of every place by turns.

    Parameters
    ----------
    table
        The routes.
    most
        Rows to return, if there are as many.
    kept
        How many of the first rows stay in any case.
    """
    days = np.unique(table.day)
    share = max(1, most // max(1, days.size))
    rows = [_of_day(table, np.flatnonzero(table.day == day), share, kept) for day in days.tolist()]
    return np.sort(np.concatenate(rows)) if rows else np.zeros(0, np.int64)


def _of_day(table: RouteTable, rows: NDArray[np.int64], share: int, kept: int) -> NDArray[np.int64]:
    by_worth = rows[np.argsort(-table.own[rows], kind="stable")]
    by_turns = by_worth[np.argsort(_turn(table, by_worth), kind="stable")]
    first = rows[rows < kept]
    mixed = np.concatenate((first, np.stack((by_worth, by_turns), axis=1).ravel()))
    _, at = np.unique(mixed, return_index=True)
    return mixed[np.sort(at)][: max(share, first.size)]


def _turn(table: RouteTable, by_worth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for routes, best first, the least number of better ones that share one of their places or nights."""
    holds = np.concatenate((table.visited[by_worth], table.slept[by_worth]), axis=1)
    better: NDArray[np.int64] = np.cumsum(holds, axis=0) - holds
    turn: NDArray[np.int64] = np.where(holds, better, len(by_worth)).min(axis=1, initial=len(by_worth))
    return turn
