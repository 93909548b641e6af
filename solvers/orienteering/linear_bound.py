"""A bound that costs milliseconds: choose visits by a linear programme that knows each day's time only as a sum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding.trivial import objective_step, trivial_bound
from solvers.orienteering.infeasibility import usable_options
from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem

_GRID: Final = 2**20
"""Parts of a unit to which prices are rounded; every sum after that is exact."""

_HALVES: Final = 2
"""An arc belongs half to the place it leaves and half to the one it reaches, so all ticks and values count twice."""


def linear_bound(problem: TripProblem) -> int:
    """
    Return a number that no plan's objective exceeds, within milliseconds and without compiled code.

    A linear programme takes shares of visits, nights and combinations. Groups, counts, resources, nights and the
    length of each day hold; order, opening hours and precedence are left out. Each visit takes its duration and half
    of the shortest way in and out. The bound is computed in integers from the programme's prices, by weak duality, so
    that it holds whatever the rounding. See `solvers.orienteering.bounding.upper_bound` for tight ones.

    Parameters
    ----------
    problem
        A valid problem; where it has no plan, the bound says nothing.
    """
    trivial = trivial_bound(problem)
    programme = _Programme()
    _state(problem, programme)
    prices = programme.prices()
    if prices is None:
        return trivial
    bound = programme.bound(prices) // _HALVES
    return min(trivial, bound - bound % objective_step(problem))


@dataclass(slots=True)
class _Programme:
    """
    Maximise value over columns between 0 and their most, with rows that are at most their limit; all integer.

    Parameters
    ----------
    value, most
        Of each column.
    limit
        Of each row.
    entries
        Of each row: what one unit of each column takes of it.
    constant
        What every plan has besides.
    """

    value: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    limit: list[int] = field(default_factory=list)
    entries: list[dict[int, int]] = field(default_factory=list)
    constant: int = 0

    def column(self, value: int, most: int = 1) -> int:
        """Add a column; return its number."""
        self.value.append(value)
        self.most.append(most)
        return len(self.value) - 1

    def at_most(self, entries: dict[int, int], limit: int) -> None:
        """Add a row, unless it can never be broken."""
        if sum(amount * self.most[column] for column, amount in entries.items() if amount > 0) > limit:
            self.limit.append(limit)
            self.entries.append(entries)

    def at_least(self, entries: dict[int, int], limit: int) -> None:
        """Add a row the other way round."""
        self.at_most({column: -amount for column, amount in entries.items()}, -limit)

    def prices(self) -> list[int] | None:
        """Return a price for each row on the grid, at least 0; ``None`` where the programme has no answer."""
        # Imported here: OR-Tools is heavy.
        import ortools.linear_solver.pywraplp as pywraplp

        solver = pywraplp.Solver.CreateSolver("GLOP")
        shares = [solver.NumVar(0, most, "") for most in self.most]
        solver.Objective().SetMaximization()
        for share, value in zip(shares, self.value, strict=True):
            solver.Objective().SetCoefficient(share, value)
        rows = []
        for limit, entries in zip(self.limit, self.entries, strict=True):
            row = solver.Constraint(-solver.infinity(), limit)
            for column, amount in entries.items():
                row.SetCoefficient(shares[column], amount)
            rows.append(row)
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return [max(0, round(row.dual_value() * _GRID)) for row in rows]

    def bound(self, prices: list[int]) -> int:
        """Return the limits at these prices, and every column at what it is worth beyond them; rounded down."""
        gain = [value * _GRID for value in self.value]
        for price, entries in zip(prices, self.entries, strict=True):
            if price:
                for column, amount in entries.items():
                    gain[column] -= price * amount
        total = sum(price * limit for price, limit in zip(prices, self.limit, strict=True))
        total += sum(most * max(0, worth) for most, worth in zip(self.most, gain, strict=True))
        return self.constant + total // _GRID


def _state(problem: TripProblem, programme: _Programme) -> None:
    """State the problem: a column for each usable visit, each night's lodging, each bonus and each shortfall."""
    usable = usable_options(problem)
    weights, lodgings = problem.weights, problem.lodgings
    worth = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
    visits: dict[int, int] = {}
    for day in range(problem.days):
        options = np.flatnonzero(usable & (problem.option_day == day))
        ways = _Ways.of(problem, day, options)
        values = _HALVES * worth[options] - weights.travel * ways.of_visit
        columns = [programme.column(value) for value in values.tolist()]
        visits.update(zip(options.tolist(), columns, strict=True))
        taken = (_HALVES * problem.option_duration[options] + ways.of_visit).tolist()
        programme.at_most(dict(zip(columns, taken, strict=True)), max(0, ways.time_left))
        programme.constant += weights.travel * ways.spared
    of_night = _HALVES * (lodgings.score - weights.cost * lodgings.cost)
    stays = {stay: programme.column(value) for stay, value in enumerate(of_night.tolist())}
    _add_nights(problem, programme, stays)
    _add_groups(problem, programme, visits, stays)
    _add_counts(problem, programme, visits)
    _add_resources(problem, programme, visits, stays)
    _add_combinations(problem, programme, visits, stays)


@dataclass(frozen=True, slots=True)
class _Ways:
    """
    Hold the least travel of one day, each arc split between its two ends.

    Parameters
    ----------
    of_visit
        For each of the day's options, shortest way in plus shortest way out, ticks.
    time_left
        Twice the day's length, less the ends' own share of travel; more where the day may begin or end anywhere.
    spared
        Ticks of travel, counted twice, that the visits' shares may overstate (or, below 0, leave out) in any plan.
    """

    of_visit: NDArray[np.int64]
    time_left: int
    spared: int

    @classmethod
    def of(cls, problem: TripProblem, day: int, options: NDArray[np.int64]) -> _Ways:
        """Return the ways between the options of a day and its ends."""
        length = int(problem.day_latest[day] - problem.day_earliest[day])
        # No way longer than the day is ever gone.
        table = np.minimum(problem.travel[problem.day_travel[day]], length + 1)
        starts = _nodes_at(problem, int(problem.day_start[day]), day - 1)
        ends = _nodes_at(problem, int(problem.day_end[day]), day)
        nodes, groups = problem.option_node[options], problem.option_group[options]
        between = np.where(groups[:, None] == groups[None, :], length + 1, table[np.ix_(nodes, nodes)])
        way_in = np.concatenate((between, table[np.ix_(starts, nodes)]), axis=0).min(axis=0, initial=length + 1)
        way_out = np.concatenate((between, table[np.ix_(nodes, ends)]), axis=1).min(axis=1, initial=length + 1)
        first = int(table[np.ix_(starts, nodes)].min(initial=length + 1)) if starts.size else 0
        last = int(table[np.ix_(nodes, ends)].min(initial=length + 1)) if ends.size else 0
        if starts.size and ends.size:
            direct = int(table[np.ix_(starts, ends)].min())
            own = min(direct, first) + min(direct, last)
            return cls(way_in + way_out, 2 * length - own, -own)
        # The first visit has no way in, or the last no way out; a day without visits has no way at all.
        spared = int(way_in.max(initial=0)) * (not starts.size) + int(way_out.max(initial=0)) * (not ends.size)
        spared -= first + last
        return cls(way_in + way_out, 2 * length + spared, max(0, spared))


def _nodes_at(problem: TripProblem, fixed: int, night: int) -> NDArray[np.int64]:
    """Return the nodes at which a day may start or end; none where that may be anywhere."""
    offered = problem.lodgings.node[problem.lodgings.night == night]
    if offered.size:
        return np.unique(offered)
    return np.array([] if fixed == ANYWHERE else [fixed], np.int64)


def _add_nights(problem: TripProblem, programme: _Programme, stays: dict[int, int]) -> None:
    """Spend every night that offers lodgings at exactly one."""
    for night in np.unique(problem.lodgings.night).tolist():
        row = {stays[stay]: 1 for stay in np.flatnonzero(problem.lodgings.night == night).tolist()}
        programme.at_most(row, 1)
        programme.at_least(row, 1)


def _add_groups(problem: TripProblem, programme: _Programme, visits: dict[int, int], stays: dict[int, int]) -> None:
    of_group = _by_group(problem, visits)
    for columns in of_group.values():
        programme.at_most(dict.fromkeys(columns, 1), 1)
    sleeps: dict[int, list[int]] = {}
    for stay, column in stays.items():
        sleeps.setdefault(int(problem.lodgings.group[stay]), []).append(column)
    for group in dict.fromkeys(problem.required.tolist()):
        programme.at_least(dict.fromkeys([*of_group.get(group, ()), *sleeps.get(group, ())], 1), 1)


def _by_group(problem: TripProblem, visits: dict[int, int]) -> dict[int, list[int]]:
    of_group: dict[int, list[int]] = {}
    for option, column in visits.items():
        of_group.setdefault(int(problem.option_group[option]), []).append(column)
    return of_group


def _add_counts(problem: TripProblem, programme: _Programme, visits: dict[int, int]) -> None:
    counts = problem.counts
    for rule in range(len(counts.options)):
        lower, upper = int(counts.lower[rule]), int(counts.upper[rule])
        penalty = _HALVES * int(counts.shortfall_penalty[rule])
        members = counts.options[rule]
        days = problem.option_day[members]
        for scope in [members[days == day] for day in np.unique(days)] if counts.per_day[rule] else [members]:
            row = {visits[option]: 1 for option in scope.tolist() if option in visits}
            programme.at_most(row, upper)
            if lower and penalty:
                row = {**row, programme.column(-penalty, lower): 1}
            if lower:
                programme.at_least(row, lower)


def _add_resources(problem: TripProblem, programme: _Programme, visits: dict[int, int], stays: dict[int, int]) -> None:
    """Keep the capacities, as far as visits and nights use them; what arcs use is left out."""
    resources = problem.resources
    for resource, capacity in enumerate(resources.capacity.tolist()):
        use = {visits[option]: int(resources.option_use[resource, option]) for option in visits}
        nights = {stays[stay]: int(resources.lodging_use[resource, stay]) for stay in stays}
        if not resources.per_day[resource]:
            programme.at_most({**use, **nights}, capacity)
            continue
        for day in range(problem.days):
            chosen = [visits[option] for option in visits if problem.option_day[option] == day]
            slept = [stays[stay] for stay in stays if problem.lodgings.night[stay] == day]
            programme.at_most({column: {**use, **nights}[column] for column in (*chosen, *slept)}, capacity)


def _add_combinations(
    problem: TripProblem, programme: _Programme, visits: dict[int, int], stays: dict[int, int]
) -> None:
    """Let a bonus be earned as far as its left, its right, and both over the fewest groups it needs are taken."""
    combinations = problem.combinations
    for number, bonus in enumerate(combinations.bonus.tolist()):
        for day in range(problem.days) if combinations.same_day[number] else (None,):
            left = _columns(problem, combinations.left[number], day, visits, stays)
            right = _columns(problem, combinations.right[number], day, visits, stays)
            if not left or not right:
                continue
            earned = programme.column(_HALVES * bonus)
            fewest = int(combinations.fewest[number])
            for side, needed in ((left, 1), (right, 1), (left | right, fewest)):
                programme.at_most({earned: needed, **dict.fromkeys(side, -1)}, 0)


def _columns(
    problem: TripProblem, groups: Iterable[int], day: int | None, visits: dict[int, int], stays: dict[int, int]
) -> set[int]:
    """Return the columns of visits and nights at some groups, of one day or of all."""
    wanted = np.asarray(groups)
    on_day = (problem.option_day == day) if day is not None else np.ones(problem.options, np.bool_)
    options = np.flatnonzero(np.isin(problem.option_group, wanted) & on_day)
    lodgings = problem.lodgings
    at_night = (lodgings.night == day) if day is not None else np.ones(lodgings.night.size, np.bool_)
    slept = np.flatnonzero(np.isin(lodgings.group, wanted) & at_night)
    return {visits[option] for option in options.tolist() if option in visits} | {
        stays[stay] for stay in slept.tolist()
    }
