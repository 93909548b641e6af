"""Starts of visits on one day in steps, and which of them one day can hold together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import ANYWHERE, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem


@dataclass(frozen=True, slots=True, eq=False)
class SlotTable:
    """
    Hold n visits of one day with their starts.

    Parameters
    ----------
    option, begin
        Shape ``(n,)``, int64: what is visited, and when service starts, in ticks.
    group
        Shape ``(n,)``, int64: the option's group.
    way
        Shape ``(n, n)``, int64: ticks from the place of the row to that of the column.
    is_before
        Shape ``(n, n)``, bool: whether the row's visit ends early enough to be at the column's for its start.
    way_in, way_out
        Shape ``(n,)``, int64: ticks from the day's start and to its end; 0 where it may start or end anywhere.
    """

    option: NDArray[np.int64]
    begin: NDArray[np.int64]
    group: NDArray[np.int64]
    way: NDArray[np.int64]
    is_before: NDArray[np.bool_]
    way_in: NDArray[np.int64]
    way_out: NDArray[np.int64]


def slot_table(problem: TripProblem, slot: int, most: int, wanted: Sequence[int] | None) -> SlotTable:
    """
    Return the visits of a trip of one day by start: those wanted most as far as ``most`` reaches, with all starts.

    Ways are those of the table, not shortest paths over other places: a selection then keeps its times whichever of
    its visits follow each other. Nothing is rounded but starts, upwards, so that who goes at once is never later.
    """
    table = problem.travel[problem.day_travel[0]]
    option = np.arange(problem.options)
    node = problem.option_node[option]
    way_in, way_out = _ways(table, int(problem.day_start[0]), node), _ways(table.T, int(problem.day_end[0]), node)
    first = np.maximum(problem.option_open[option], problem.day_earliest[0] + way_in)
    last = problem.day_latest[0] - problem.option_duration[option] - way_out
    last = np.minimum(problem.option_close[option], last)
    starts = [_starts(begin, end, slot) for begin, end in zip(first.tolist(), last.tolist(), strict=True)]
    rows = _first(_order(problem, option, wanted), np.array([len(each) for each in starts], np.int64), most)
    row = np.repeat(rows, [len(starts[each]) for each in rows.tolist()])
    begin = np.array([start for each in rows.tolist() for start in starts[each]], np.int64)
    way = table[np.ix_(node[row], node[row])].astype(np.int64)
    leave = begin + problem.option_duration[option[row]]
    is_before = (way < UNREACHABLE) & (leave[:, None] + way <= begin)
    group = problem.option_group[option[row]]
    is_before &= group[:, None] != group
    return SlotTable(option[row], begin, group, way, is_before, way_in[row], way_out[row])


def _ways(table: NDArray[np.int64], end: int, node: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ticks from one end of the day to each place; with the table turned round, from there to the end."""
    ways: NDArray[np.int64] = np.zeros(node.size, np.int64) if end == ANYWHERE else table[end, node].astype(np.int64)
    return ways


def _starts(first: int, last: int, slot: int) -> list[int]:
    """Return the multiples of a step between two ticks; where there is none, the first tick itself."""
    if first > last:
        return []
    return list(range(-(-first // slot) * slot, last + 1, slot)) or [first]


def _order(problem: TripProblem, option: NDArray[np.int64], wanted: Sequence[int] | None) -> NDArray[np.int64]:
    """Return the rows of options, required groups first, then as wanted, or by worth where nobody said."""
    weights = problem.weights
    worth = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
    rank = -worth[option]
    if wanted is not None:
        place = {each: number for number, each in enumerate(wanted)}
        rank = np.array([place.get(each, len(place)) for each in option.tolist()], np.int64)
    return np.lexsort((rank, ~np.isin(problem.option_group[option], problem.required)))


def _first(order: NDArray[np.int64], starts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the first rows that have ``most`` starts together."""
    order = order[starts[order] > 0]
    return np.sort(order[np.cumsum(starts[order]) <= most])
