"""Dual prices in exact integers, and the bound that follows from any prices whatever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding._labels import PricedDay
from solvers.orienteering.bounding._meters import Meters, meters_of
from solvers.orienteering.problem import ANYWHERE
from solvers.orienteering.validation import objective_bound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.bounding._rows import Rows

FINEST: Final = 2**20
"""Parts that an objective unit is cut into for prices."""

_LARGEST_SUM: Final = 2**58
"""Sums over a route stay below this, so that int64 never overflows."""


def grid_of(rows: Rows, longest: int) -> int:
    """
    Return parts per objective unit that keep every sum in int64; 0 when there is none.

    Parameters
    ----------
    rows
        The rules.
    longest
        A number of visits that no route exceeds.
    """
    touching = max((int(np.diff(matrix.indptr).max(initial=0)) for matrix in rows.by_option), default=0)
    touching += 2 + sum(row.resource >= 0 for row in rows.rows)
    worst = objective_bound(rows.problem) * (touching + 1) * (2 * longest + 4)
    return min(FINEST, _LARGEST_SUM // worst)


@dataclass(frozen=True, slots=True)
class Prices:
    """
    Hold one price per row, on the grid, of the sign that its sense asks for.

    Parameters
    ----------
    row
        Shape ``(rows,)``, int64.
    """

    row: NDArray[np.int64]


class Pricer:
    """
    Turn prices into priced days and a bound.

    For any prices p with p >= 0 on rows ``<=`` and p <= 0 on rows ``>=``, no plan is worth more than p x limits + for
    each kind of day its number of days x the best route's reduced value + each night's best + each extra's best. This
    is weak duality; it needs neither the linear programme nor its tolerances, and all sums are exact.
    """

    def __init__(self, rows: Rows, grid: int) -> None:
        self.rows = rows
        self.grid = grid
        self._largest = objective_bound(rows.problem) * grid
        self._coefficient = np.array([_largest_coefficient(rows, index) for index in range(len(rows.rows))], np.float64)

    def prices(self, duals: Sequence[float]) -> Prices:
        """Round real duals, in objective units, to valid prices."""
        real = np.array(duals, np.float64) * self.grid
        real = np.nan_to_num(real, nan=0.0, posinf=0.0, neginf=0.0)
        limit = np.floor(float(self._largest) / self._coefficient)
        price = np.rint(np.clip(real, -limit, limit)).astype(np.int64)
        for index, row in enumerate(self.rows.rows):
            if (row.sense == "<=" and price[index] < 0) or (row.sense == ">=" and price[index] > 0):
                price[index] = 0
        return Prices(price)

    def constant(self, prices: Prices) -> int:
        """Return the bound on the grid but for the days."""
        rows, problem = self.rows, self.rows.problem
        price = [int(value) for value in prices.row]
        total = sum(value * row.limit for value, row in zip(price, rows.rows, strict=True))
        stay_cost = [0] * problem.lodgings.night.size
        extra_cost = [0] * len(rows.extras)
        for value, row in zip(price, rows.rows, strict=True):
            if value:
                for stay, coefficient in row.stays.items():
                    stay_cost[stay] += value * coefficient
                for extra, coefficient in row.extras.items():
                    extra_cost[extra] += value * coefficient
        worth = problem.lodgings.score - problem.weights.cost * problem.lodgings.cost
        for night in np.unique(problem.lodgings.night).tolist():
            stays = np.flatnonzero(problem.lodgings.night == night).tolist()
            total += max(self.grid * int(worth[stay]) - stay_cost[stay] for stay in stays)
        for variable, cost in zip(rows.extras, extra_cost, strict=True):
            total += variable.most * max(0, self.grid * variable.value - cost)
        return total

    def day(self, index: int, prices: Prices, near: NDArray[np.uint64], meters: Meters | None = None) -> PricedDay:
        """Return a kind of day under prices, with the given ng-sets and upper counts in memory (none without)."""
        kind, grid = self.rows.kinds[index], self.grid
        prize = grid * kind.value - self.rows.by_option[index] @ prices.row
        before, after = self._stay_prices(prices)
        node = self.rows.problem.option_node[kind.options]
        gain = grid * kind.arc_value - self._arc_prices(index, prices, node, node) + prize[None, :]
        start_gain = grid * kind.start_value - self._arc_prices(index, prices, kind.start_node, node) + prize[None, :]
        start_gain = start_gain - before[kind.start_stays][:, None]
        end_gain = grid * kind.end_value - self._arc_prices(index, prices, node, kind.end_node)
        end_gain = end_gain - after[kind.end_stays][None, :]
        own, bars, bars_back = (_widened(masks, near.shape[1]) for masks in group_masks(self.rows, index))
        meters = meters or meters_of(self.rows.problem, kind, none=True)
        meter_start, meter = meters.by_option()
        earliest = int(self.rows.problem.day_earliest[kind.days[0]])
        latest = int(self.rows.problem.day_latest[kind.days[0]])
        return PricedDay(
            opens=kind.opens,
            closes=kind.closes,
            stays=kind.stays,
            ticks=kind.ticks,
            pairs=kind.pairs,
            clock=kind.clock,
            gain=np.ascontiguousarray(gain),
            arrival=kind.arrival,
            start_gain=np.ascontiguousarray(start_gain),
            leave_by=kind.leave_by,
            end_gain=np.ascontiguousarray(end_gain),
            own=own,
            near=near,
            bars=bars,
            bars_back=bars_back,
            meter_start=meter_start,
            meter=meter,
            meter_word=meters.word,
            meter_shift=meters.shift.astype(np.uint64),
            meter_full=meters.full,
            wait=grid * kind.wait,
            first=earliest,
            span=latest - earliest + 1,
        )

    def reduced(self, prices: Prices, value: int, entries: dict[int, int]) -> int:
        """Return the value of a day-route on the grid less what its entries cost."""
        return self.grid * value - sum(int(prices.row[row]) * use for row, use in entries.items())

    def empty(self, index: int, prices: Prices) -> tuple[int, int, int] | None:
        """Return value, start and end of the best day without visits; None where there is none."""
        kind = self.rows.kinds[index]
        before, after = self._stay_prices(prices)
        value = self.grid * kind.empty_value - self._arc_prices(index, prices, kind.start_node, kind.end_node)
        value = value - before[kind.start_stays][:, None] - after[kind.end_stays][None, :]
        if not kind.can_be_empty.any():
            return None
        best = int(np.argmax(np.where(kind.can_be_empty, value, np.iinfo(np.int64).min)))
        start, end = divmod(best, kind.end_node.size)
        return int(value[start, end]), start, end

    def capped(self, index: int, prices: Prices) -> list[tuple[NDArray[np.int64], int, int]]:
        """Return the capped rows that pay: ranks of options of one kind of day, the cap, and the pay of a visit."""
        found = []
        for number, row in enumerate(self.rows.rows):
            members = np.array(sorted(rank for kind, rank in row.visits if kind == index), np.int64)
            if row.cap and prices.row[number] < 0 and members.size > row.cap:
                found.append((members, row.cap, -int(prices.row[number])))
        return found

    def _stay_prices(self, prices: Prices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return prices of beginning and ending a day at each lodging; the last entry, index -1, is for none."""
        size = self.rows.problem.lodgings.night.size + 1
        before, after = np.zeros(size, np.int64), np.zeros(size, np.int64)
        for index, row in enumerate(self.rows.rows):
            if row.starts >= 0:
                before[row.starts] += prices.row[index]
            if row.ends >= 0:
                after[row.ends] += prices.row[index]
        return before, after

    def _arc_prices(
        self, index: int, prices: Prices, here: NDArray[np.int64], there: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        total = np.zeros((here.size, there.size), np.int64)
        for number, row in enumerate(self.rows.rows):
            if row.resource >= 0 and index in row.resource_kinds and prices.row[number]:
                use = self.rows.problem.resources.arc_use[row.resource][np.ix_(here, there)].astype(np.int64)
                total += prices.row[number] * use
        total[(here == ANYWHERE)[:, None] | (there == ANYWHERE)[None, :]] = 0
        return total


def _largest_coefficient(rows: Rows, index: int) -> int:
    row = rows.rows[index]
    largest = max([1, *row.visits.values()])
    if row.resource >= 0:
        largest += int(rows.problem.resources.arc_use[row.resource].max(initial=0))
    return largest


def group_masks(rows: Rows, index: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """Return, per option, its group, the groups that may not come before it, and those that may not come after it."""
    kind, problem = rows.kinds[index], rows.problem
    words = max(1, -(-int(kind.group.max(initial=0) + 1) // 64))
    own = bits(kind.group[:, None], words)
    bars, bars_back = own.copy(), own.copy()
    groups = problem.option_group[kind.options]
    for before, after, _ in problem.precedence.tolist():
        early, late = np.flatnonzero(groups == before), np.flatnonzero(groups == after)
        if early.size and late.size:
            bars[early] |= own[late[0]]
            bars_back[late] |= own[early[0]]
    return own, bars, bars_back


def _widened(masks: NDArray[np.uint64], words: int) -> NDArray[np.uint64]:
    return np.ascontiguousarray(np.pad(masks, ((0, 0), (0, words - masks.shape[1]))))


def bits(members: NDArray[np.int64], words: int) -> NDArray[np.uint64]:
    """Return a bit set for each row of members."""
    masks = np.zeros((members.shape[0], words), np.uint64)
    rows = np.repeat(np.arange(members.shape[0]), members.shape[1])
    flat = members.ravel()
    np.bitwise_or.at(masks, (rows, flat // 64), np.uint64(1) << (flat % 64).astype(np.uint64))
    return masks


def days_longest(kinds: Sequence[DayKind], room: Sequence[int]) -> int:
    """
    Return a number of visits that no labelled route exceeds.

    Zero-tick legs never repeat a group (see `ng_sets`), so a route has at most one visit of each group per tick; with
    the shortest leg that takes time this is the day's length divided by it, times the groups.
    """
    longest = 1
    for kind, ticks in zip(kinds, room, strict=True):
        if not kind.options.size:
            continue
        legs = kind.ticks[kind.ticks < 2**39]
        groups = int(kind.group.max()) + 1
        shortest = int(legs[legs > 0].min()) if (legs > 0).any() else ticks + 1
        chain = groups if (legs == 0).any() else 1
        longest = max(longest, chain * (ticks // shortest + 1) + 1)
    return longest
