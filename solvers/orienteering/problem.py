"""The trip problem in arrays: which visit options to take, on which day, in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.arrivals import ArrivalFunctions

UNREACHABLE: Final = 2**31 - 1
"""Travel ticks between nodes that no path joins."""

ANYWHERE: Final = -1
"""Day start or end that may be anywhere: no travel to or from it."""


def _no_ints() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Sets:
    """
    Hold K sets of indices in compressed rows: set k is ``member[start[k]:start[k + 1]]``.

    Parameters
    ----------
    start
        Shape ``(K + 1,)``, int64, non-decreasing, first 0.
    member
        Shape ``(start[K],)``, int64.
    """

    start: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    member: NDArray[np.int64] = field(default_factory=_no_ints)

    @classmethod
    def of(cls, sets: list[list[int]]) -> Sets:
        """Return the sets given as lists."""
        start = np.concatenate(([0], np.cumsum([len(members) for members in sets]))).astype(np.int64)
        return cls(start, np.array([index for members in sets for index in members], np.int64))

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, index: int) -> NDArray[np.int64]:
        return self.member[self.start[index] : self.start[index + 1]]


@dataclass(frozen=True, slots=True)
class CountRules:
    """
    Bound how many options of a set are taken: per kind limits, exclusive sets, one lunch a day.

    Parameters
    ----------
    options
        K sets of option indices.
    lower, upper
        Shape ``(K,)``, int64: fewest and most that may be taken.
    per_day
        Shape ``(K,)``, bool: the bounds hold on every day by itself (days without any option of the set are exempt from
        ``lower``), else over the whole trip.
    shortfall_penalty
        Shape ``(K,)``, int64, objective units per missing visit; 0 makes ``lower`` hard.
    """

    options: Sets = field(default_factory=Sets)
    lower: NDArray[np.int64] = field(default_factory=_no_ints)
    upper: NDArray[np.int64] = field(default_factory=_no_ints)
    per_day: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    shortfall_penalty: NDArray[np.int64] = field(default_factory=_no_ints)


@dataclass(frozen=True, slots=True)
class Resources:
    """
    Bound what a trip uses up: yen, metres on foot.

    Parameters
    ----------
    capacity
        Shape ``(R,)``, int64.
    per_day
        Shape ``(R,)``, bool: the capacity holds on every day by itself, else over the whole trip.
    option_use
        Shape ``(R, O)``, int64, not negative.
    arc_use
        Shape ``(R, N, N)``, int64, not negative: used by travelling from row to column.
    lodging_use
        Shape ``(R, L)``, int64, not negative; counts towards the day before the night.
    """

    capacity: NDArray[np.int64]
    per_day: NDArray[np.bool_]
    option_use: NDArray[np.int64]
    arc_use: NDArray[np.int64]
    lodging_use: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Combinations:
    """
    Reward having something of one set of groups and something of another in one trip, or on one day.

    Combination c is earned (once a trip; once a day when ``same_day``) when at least one visited group is in ``left``,
    at least one is in ``right``, and at least ``fewest[c]`` different groups of the union are visited. A plain pair
    bonus is the case of two one-element sets. A lodging's group counts as visited on the day before its night.

    Parameters
    ----------
    left, right
        C sets of group indices.
    bonus
        Shape ``(C,)``, int64, objective units, not negative.
    same_day
        Shape ``(C,)``, bool: both must fall on one day, and each day may earn it.
    fewest
        Shape ``(C,)``, int64: 2 asks for two different groups, 1 lets one group that is in both sets earn it alone.
    """

    left: Sets = field(default_factory=Sets)
    right: Sets = field(default_factory=Sets)
    bonus: NDArray[np.int64] = field(default_factory=_no_ints)
    same_day: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    fewest: NDArray[np.int64] = field(default_factory=_no_ints)


@dataclass(frozen=True, slots=True)
class Lodgings:
    """
    List where each night may be spent: the end of day d and the start of day d + 1.

    Nights are numbered by the day before them, 0 to D - 2. A night without candidates has its days end and start as
    ``day_end`` and ``day_start`` say; a night with candidates takes exactly one, which overrides both.

    Parameters
    ----------
    night, node, group
        Shape ``(L,)``, int64. The group is for combinations, required groups and the rule that a group is taken at most
        once, from which a lodging is exempt on further nights.
    score
        Shape ``(L,)``, int64, objective units.
    cost
        Shape ``(L,)``, int64, yen.
    """

    night: NDArray[np.int64] = field(default_factory=_no_ints)
    node: NDArray[np.int64] = field(default_factory=_no_ints)
    group: NDArray[np.int64] = field(default_factory=_no_ints)
    score: NDArray[np.int64] = field(default_factory=_no_ints)
    cost: NDArray[np.int64] = field(default_factory=_no_ints)


@dataclass(frozen=True, slots=True)
class Weights:
    """
    Price time, money and crowds in objective units (all int, not negative).

    Parameters
    ----------
    travel
        Per tick of travel.
    wait
        Per tick between arrival at a node and the start of service there.
    cost
        Per yen of options, lodgings and arcs.
    load
        Per unit of ``option_load``.
    """

    travel: int = 0
    wait: int = 0
    cost: int = 0
    load: int = 0


@dataclass(frozen=True, slots=True)
class TripProblem:
    """
    Hold one Team Orienteering Problem with Time Windows, extended to real trips.

    D days, N nodes, O visit options, G groups; ticks are integers (seconds unless a benchmark says otherwise). An
    option is one way to visit one place on one day: service starts at ``max(arrival, option_open)``, which must not be
    later than ``option_close``, and takes ``option_duration``. Of a group at most one option is taken. A day runs from
    its start node, left at ``day_earliest`` or later, to its end node, reached by ``day_latest``. A day without visits
    still travels from start to end.

    Objective, to be maximised, all integer: option scores + lodging scores + combination bonuses - ``weights.travel`` x
    travel ticks - ``weights.wait`` x waiting ticks - ``weights.cost`` x yen - ``weights.load`` x load - shortfall
    penalties. Every visit starts as early as possible; the day is left at ``day_earliest``, and the wait before the
    first visit of a day is free (one sets out later instead).

    Parameters
    ----------
    day_start, day_end
        Shape ``(D,)``, int64: nodes, or `ANYWHERE`.
    day_earliest, day_latest
        Shape ``(D,)``, int64, ticks.
    option_node, option_group, option_day
        Shape ``(O,)``, int64.
    option_open, option_close
        Shape ``(O,)``, int64, ticks: earliest and latest start of service.
    option_duration
        Shape ``(O,)``, int64, ticks.
    option_score
        Shape ``(O,)``, int64, objective units, not negative.
    option_cost
        Shape ``(O,)``, int64, yen, not negative.
    option_load
        Shape ``(O,)``, int64, not negative: how crowded the place is expected to be.
    travel
        Shape ``(M, N, N)``, int64, ticks from row to column for each of M travel tables; `UNREACHABLE` fills holes;
        zero diagonal; need not be symmetric nor obey the triangle inequality. With ``arrivals``, no more than the
        shortest travel of each pair at any time (`ArrivalFunctions.fastest`): it then only tells what is near.
    day_travel
        Shape ``(D,)``, int64: the travel table of each day.
    arc_cost
        Shape ``(N, N)``, int64, yen, not negative.
    groups
        G, the number of groups.
    required
        Groups of which one option (or lodging) must be taken.
    precedence
        Shape ``(P, 3)``, int64: group a, group b, same-day flag. If both are visited, a comes before b: on an earlier
        day or earlier on the same day; with the flag, they must also be on the same day. Nights are not visits here.
    counts, resources, combinations, lodgings, weights
        See their classes.
    arrivals
        Travel that depends on the time of departure, instead of ``travel``. One leaves a place as soon as the visit
        ends, and the day's start as late as the first start of service (or, without visits, the first arrival at the
        end) allows; travel ticks are arrival less departure, on the first leg that first moment less departure.
    """

    day_start: NDArray[np.int64]
    day_end: NDArray[np.int64]
    day_earliest: NDArray[np.int64]
    day_latest: NDArray[np.int64]
    option_node: NDArray[np.int64]
    option_group: NDArray[np.int64]
    option_day: NDArray[np.int64]
    option_open: NDArray[np.int64]
    option_close: NDArray[np.int64]
    option_duration: NDArray[np.int64]
    option_score: NDArray[np.int64]
    option_cost: NDArray[np.int64]
    option_load: NDArray[np.int64]
    travel: NDArray[np.int64]
    day_travel: NDArray[np.int64]
    arc_cost: NDArray[np.int64]
    groups: int
    required: NDArray[np.int64]
    precedence: NDArray[np.int64]
    resources: Resources
    counts: CountRules = field(default_factory=CountRules)
    combinations: Combinations = field(default_factory=Combinations)
    lodgings: Lodgings = field(default_factory=Lodgings)
    weights: Weights = field(default_factory=Weights)
    arrivals: ArrivalFunctions | None = None

    @property
    def days(self) -> int:
        """Return D."""
        return len(self.day_start)

    @property
    def nodes(self) -> int:
        """Return N."""
        return int(self.travel.shape[1])

    @property
    def options(self) -> int:
        """Return O."""
        return len(self.option_node)


@dataclass(frozen=True, slots=True)
class TripSolution:
    """
    Hold one answer: the options of each day in the order of visit, and the lodging of each night.

    Parameters
    ----------
    routes
        For each day, option indices in order.
    lodging
        For each of the D - 1 nights, index of the lodging candidate, or -1 where the night has none.
    """

    routes: tuple[tuple[int, ...], ...]
    lodging: tuple[int, ...] = ()
