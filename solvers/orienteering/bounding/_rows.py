"""The rules that join day-routes, as rows of a linear programme that every plan keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy.sparse import csr_matrix

from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.problem import TripProblem

Sense = Literal["<=", ">=", "="]

MOST_PRECEDENCE_ROWS: Final = 2_000
"""Beyond so many rows, precedence between days is left out of the relaxation."""


@dataclass(frozen=True, slots=True)
class DayRoute:
    """
    Hold one route of one kind of day.

    Parameters
    ----------
    kind
        Index of the kind of day.
    start, end
        Indices among its starts and ends.
    visits
        Ranks among the kind's options, in order.
    """

    kind: int
    start: int
    end: int
    visits: tuple[int, ...]


@dataclass(slots=True)
class Row:
    """
    Hold one rule: sums over options visited, arcs travelled, lodgings slept in and extra variables, bounded.

    Parameters
    ----------
    sense, limit
        The bound.
    visits
        Coefficient by (kind, rank of option).
    stays
        Coefficient by lodging.
    extras
        Coefficient by extra variable.
    resource
        Resource whose use on arcs counts as well, on the kinds of ``resource_kinds``; -1 for none.
    starts, ends
        Lodgings whose nights the row links: routes that begin (end) there count once.
    cap
        If positive, the row stays true when no more than so many visits of each day count.
    """

    sense: Sense
    limit: int
    visits: dict[tuple[int, int], int] = field(default_factory=dict)
    stays: dict[int, int] = field(default_factory=dict)
    extras: dict[int, int] = field(default_factory=dict)
    resource: int = -1
    resource_kinds: frozenset[int] = frozenset()
    starts: int = -1
    ends: int = -1
    cap: int = 0


@dataclass(frozen=True, slots=True)
class Extra:
    """Hold a variable from 0 to ``most`` worth ``value`` a unit: an earned combination, or (negative) a shortfall."""

    value: int
    most: int


class Rows:
    """
    Write the rules of a problem as rows over day-routes, nights and extra variables.

    Every plan that keeps the hard rules satisfies all rows with its routes, and then has at most its objective as the
    sum of the values of its routes, nights and extras. What cannot be written as a row is left out.

    Parameters
    ----------
    problem, kinds
        A valid problem and its kinds of day.
    """

    def __init__(self, problem: TripProblem, kinds: tuple[DayKind, ...]) -> None:
        self.problem = problem
        self.kinds = kinds
        self.rows: list[Row] = []
        self.extras: list[Extra] = []
        self._of_group: list[list[tuple[int, int]]] = [[] for _ in range(problem.groups)]
        self._of_option: dict[int, tuple[int, int]] = {}
        self._kind_of_day = {day: index for index, kind in enumerate(kinds) for day in kind.days}
        for index, kind in enumerate(kinds):
            for rank, option in enumerate(kind.options.tolist()):
                self._of_group[int(problem.option_group[option])].append((index, rank))
            for options in kind.twins.tolist():
                self._of_option.update({option: (index, rank) for rank, option in enumerate(options)})
        self._add_groups()
        self._add_required()
        self._add_counts()
        self._add_resources()
        self._add_combinations()
        self._add_precedence()
        self._add_links()
        self.by_option = [self._matrix(index) for index in range(len(kinds))]

    def coefficients(self, route: DayRoute, *, capped: bool = False) -> dict[int, int]:
        """Return the entries of a day-route's column; ``capped`` counts no visits beyond a row's cap."""
        kind, visits = self.kinds[route.kind], list(route.visits)
        entries: dict[int, int] = {}
        matrix = self.by_option[route.kind]
        for rank in visits:
            begin, end = matrix.indptr[rank], matrix.indptr[rank + 1]
            for row, value in zip(matrix.indices[begin:end].tolist(), matrix.data[begin:end].tolist(), strict=True):
                entries[row] = entries.get(row, 0) + value
        if capped:
            entries = {row: min(value, self.rows[row].cap or value) for row, value in entries.items()}
        before, after = int(kind.start_stays[route.start]), int(kind.end_stays[route.end])
        for index, row in enumerate(self.rows):
            if (row.starts >= 0 and row.starts == before) or (row.ends >= 0 and row.ends == after):
                entries[index] = 1
        legs = route_legs(self.problem, kind, route)
        for index, row in enumerate(self.rows):
            if row.resource >= 0 and route.kind in row.resource_kinds:
                use = sum(int(self.problem.resources.arc_use[row.resource, here, there]) for here, there in legs)
                entries[index] = entries.get(index, 0) + use
        return {row: value for row, value in entries.items() if value}

    def _matrix(self, index: int) -> csr_matrix:
        """Return coefficients by option (rows) and rule (columns) of one kind of day."""
        entries = [
            (key[1], row, value)
            for row, rule in enumerate(self.rows)
            for key, value in rule.visits.items()
            if key[0] == index
        ]
        ranks, rows, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (self.kinds[index].options.size, len(self.rows))
        return csr_matrix((np.array(values, np.int64), (ranks, rows)), shape=shape, dtype=np.int64)

    def _visits(self, groups: Iterable[int], kind: int | None = None) -> dict[tuple[int, int], int]:
        return {key: 1 for group in groups for key in self._of_group[group] if kind is None or key[0] == kind}

    def _stays(self, groups: Iterable[int], night: int | None = None) -> dict[int, int]:
        lodgings, wanted = self.problem.lodgings, set(groups)
        return {
            stay: 1
            for stay in range(lodgings.night.size)
            if int(lodgings.group[stay]) in wanted and (night is None or lodgings.night[stay] == night)
        }

    def _extra(self, value: int, most: int) -> int:
        self.extras.append(Extra(value, most))
        return len(self.extras) - 1

    def _add_groups(self) -> None:
        for group in range(self.problem.groups):
            visits = self._visits([group])
            if not visits:
                continue
            self.rows.append(Row("<=", 1, visits))
            self.rows += [Row("<=", 1, dict(visits), {stay: 1}) for stay in self._stays([group])]

    def _add_required(self) -> None:
        for group in dict.fromkeys(self.problem.required.tolist()):
            self.rows.append(Row(">=", 1, self._visits([group]), self._stays([group])))

    def _add_counts(self) -> None:
        counts = self.problem.counts
        for rule in range(len(counts.options)):
            members = counts.options[rule].tolist()
            lower, upper = int(counts.lower[rule]), int(counts.upper[rule])
            penalty = int(counts.shortfall_penalty[rule])
            offered = {self._kind_of_day[int(self.problem.option_day[option])] for option in members}
            keys = {self._of_option[option] for option in members if option in self._of_option}
            for kind in sorted(offered) if counts.per_day[rule] else [None]:
                times = 1 if kind is None else len(self.kinds[kind].days)
                visits = {key: 1 for key in keys if kind is None or key[0] == kind}
                if upper * times < self.problem.options and visits:
                    self.rows.append(Row("<=", upper * times, visits))
                if lower and times * lower < 2**40:
                    extras = {self._extra(-penalty, lower * times): 1} if penalty else {}
                    self.rows.append(Row(">=", lower * times, visits, {}, extras, cap=lower))

    def _add_resources(self) -> None:
        resources = self.problem.resources
        for resource, capacity in enumerate(resources.capacity.tolist()):
            for chosen in [[kind] for kind in range(len(self.kinds))] if resources.per_day[resource] else [None]:
                kinds = range(len(self.kinds)) if chosen is None else chosen
                visits = {
                    (kind, rank): int(resources.option_use[resource, option])
                    for kind in kinds
                    for rank, option in enumerate(self.kinds[kind].options.tolist())
                    if resources.option_use[resource, option]
                }
                nights = {day for kind in kinds for day in self.kinds[kind].days}
                stays = {
                    stay: int(use)
                    for stay, use in enumerate(resources.lodging_use[resource].tolist())
                    if use and int(self.problem.lodgings.night[stay]) in nights
                }
                times = 1 if chosen is None else len(self.kinds[chosen[0]].days)
                travels = bool(resources.arc_use[resource].any())
                row = Row("<=", capacity * times, visits, stays)
                if travels:
                    row.resource, row.resource_kinds = resource, frozenset(kinds)
                if visits or stays or travels:
                    self.rows.append(row)

    def _add_combinations(self) -> None:
        combinations = self.problem.combinations
        for combination in range(combinations.bonus.size):
            left = combinations.left[combination].tolist()
            right = combinations.right[combination].tolist()
            bonus, fewest = int(combinations.bonus[combination]), int(combinations.fewest[combination])
            for kind in range(len(self.kinds)) if combinations.same_day[combination] else [None]:
                # Days of one kind have no nights to choose, so that the night below is that of the only day.
                night = None if kind is None else self.kinds[kind].days[0]
                times = 1 if kind is None else len(self.kinds[kind].days)
                earned = self._extra(bonus, times)
                asked = [(left, 1), (right, 1)]
                if fewest > 1:
                    asked.append((sorted({*left, *right}), min(fewest, self.problem.groups + 1)))
                for groups, factor in asked:
                    visits, stays = self._visits(groups, kind), self._stays(groups, night)
                    self.rows.append(Row(">=", 0, visits, stays, {earned: -factor}, cap=factor))

    def _add_precedence(self) -> None:
        precedence, days = self.problem.precedence.tolist(), self.problem.days
        if len(precedence) * days * days > MOST_PRECEDENCE_ROWS:
            return
        for before, after, same_day in precedence:
            for early in range(days):
                for late in range(days):
                    if late < early or (same_day and late != early):
                        visits = {
                            **self._visits([before], self._kind_of_day[early]),
                            **self._visits([after], self._kind_of_day[late]),
                        }
                        if visits:
                            self.rows.append(Row("<=", 1, visits))

    def _add_links(self) -> None:
        for stay in range(self.problem.lodgings.night.size):
            self.rows.append(Row("=", 0, {}, {stay: -1}, ends=stay))
            self.rows.append(Row("=", 0, {}, {stay: -1}, starts=stay))


def route_legs(problem: TripProblem, kind: DayKind, route: DayRoute) -> list[tuple[int, int]]:
    """Return the arcs of a day-route as pairs of nodes; those to or from anywhere are no arcs."""
    middle = problem.option_node[kind.options[list(route.visits)]].tolist()
    stops = [int(kind.start_node[route.start]), *middle, int(kind.end_node[route.end])]
    return [(here, there) for here, there in pairwise(stops) if ANYWHERE not in (here, there)]
