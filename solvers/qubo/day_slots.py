"""Model B: one day as a packing problem over starts of visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.orienteering.problem import TripSolution
from solvers.qubo._slot_rules import capacities, clashes, shortfalls
from solvers.qubo._slot_table import slot_table
from solvers.qubo._slot_worth import bonuses, travel
from solvers.qubo.bid_prices import must_have
from solvers.qubo.problem import PackingProblem
from solvers.qubo.simple_bound import simple_bound, simple_floor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem
    from solvers.qubo._slot_table import SlotTable

SLOT: Final = 900
"""Ticks between starts by default: a quarter of an hour where ticks are seconds. Steps of 1,800 made days of 86
instead of 88 % of what the classical search finds (best of the packing, 20 requests)."""

MOST_STARTS: Final = 300
"""Items by default."""


@dataclass(frozen=True, slots=True, eq=False)
class DayModel:
    """
    Hold one day as a packing problem over starts of visits.

    Parameters
    ----------
    packing
        Items are visits with their starts, groups are places. Its objective is an estimate of the judge's: travel and
        waiting are told between visits that follow each other in any case, bonuses by pairs.
    constant
        What the trip is worth besides: the packing's objective and this are the estimate.
    least
        No day that has all it needs is worth less by that estimate: what is, lacks something.
    option, begin
        Shape ``(n,)``, int64: option of each item, and its start in ticks.
    """

    packing: PackingProblem
    constant: int
    least: int
    option: NDArray[np.int64]
    begin: NDArray[np.int64]

    @property
    def is_exact(self) -> bool:
        """Return False: the packing's best day need not be the best there is."""
        return False

    def solution_of(self, chosen: NDArray[np.bool_]) -> TripSolution:
        """Return the plan of chosen items in the order of their starts."""
        items = np.flatnonzero(chosen)
        visits = self.option[items[np.argsort(self.begin[items], kind="stable")]]
        return TripSolution((tuple(visits.tolist()),))


def day_model(
    problem: TripProblem,
    *,
    slot: int = SLOT,
    most: int = MOST_STARTS,
    like: TripSolution | None = None,
    wanted: Sequence[int] | None = None,
) -> DayModel:
    """
    Write the visits of a trip of one day, and their starts, as a packing problem.

    Two starts conflict where one cannot be reached from the other either way. So every selection that the packing
    allows is a day that keeps all times: the judge, who starts each visit as early as can be, is never later. Upper
    counts and resources of the day are kept, those of more than two visits as capacities. Required groups come first,
    then hard minima, then all else.

    Parameters
    ----------
    problem
        A valid problem of one day, without arrival functions.
    slot
        Ticks between starts; fewer make a finer and larger model.
    most
        Items at most; options that are wanted least are left out.
    like
        A plan from which it is taken how many pairs of visits usually earn a combination, among which its bonus is
        divided; None for one pair.
    wanted
        Options in the order in which they are wanted, all others last; None for the order of worth. Those of required
        groups come first in any case.

    Raises
    ------
    ProblemError
        If travel depends on the time of departure, there are several days, ``slot`` is below 1, or no visit fits.
    """
    _check(problem, slot)
    table = slot_table(problem, slot, most, wanted)
    if not table.option.size:
        raise ProblemError((f"no visit fits the day, of {problem.options}; one is needed",))
    penalty = problem.counts.shortfall_penalty
    usual = () if like is None else like.routes[0]
    value, reward = _visits(problem, table), np.zeros(table.way.shape, np.int64)
    for part in (travel(problem, table), bonuses(problem, table, usual), shortfalls(problem, table, penalty)):
        value, reward = value + part[0], reward + part[1]
    plain = _packed(problem, table, value, reward)
    # Hard minima are worth more than any two days differ by otherwise.
    hard = np.where(penalty == 0, simple_bound(plain) - simple_floor(plain) + 1, 0)
    more, rest = shortfalls(problem, table, hard)
    with_minima = _packed(problem, table, value + more, reward + rest)
    musts = [np.flatnonzero(table.group == place) for place in np.unique(problem.required).tolist()]
    musts = [items for items in musts if items.size]
    packing = must_have(with_minima, musts)
    bonus = sum(int((packing.value - with_minima.value)[items[0]]) for items in musts)
    return DayModel(
        packing=packing,
        constant=-_lacking(problem, penalty + hard) - bonus,
        least=simple_floor(plain) - _lacking(problem, penalty),
        option=table.option,
        begin=table.begin,
    )


def _visits(problem: TripProblem, table: SlotTable) -> NDArray[np.int64]:
    """Return the score of each visit less the price of yen and load."""
    weights, option = problem.weights, table.option
    price = weights.cost * problem.option_cost[option] + weights.load * problem.option_load[option]
    value: NDArray[np.int64] = problem.option_score[option] - price
    return value


def _lacking(problem: TripProblem, prices: NDArray[np.int64]) -> int:
    """Return what a day without visits lacks, at a price of each visit that a rule is short of."""
    counts = problem.counts
    # A day on which nothing counts for a rule of days is not asked for it.
    offered = ~counts.per_day | (np.diff(counts.options.start) > 0)
    return int(counts.lower[offered] @ prices[offered])


def _check(problem: TripProblem, slot: int) -> None:
    faults = []
    if problem.arrivals is not None:
        faults.append("arrivals are given; accepted is travel that is the same at any time")
    if slot < 1:
        faults.append(f"slot is {slot}; accepted is 1 tick or more")
    if problem.days > 1:
        faults.append(f"the trip has {problem.days} days; accepted is a trip of 1 day")
    if faults:
        raise ProblemError(tuple(faults))


def _packed(
    problem: TripProblem, table: SlotTable, value: NDArray[np.int64], reward: NDArray[np.int64]
) -> PackingProblem:
    """Return the packing problem, required groups aside; each pair stands above the diagonal."""
    other = np.triu(table.group[:, None] != table.group, 1)
    forbidden = other & clashes(problem, table)
    pair, conflict = np.argwhere(other & ~forbidden & (reward != 0)), np.argwhere(forbidden)
    use, capacity = capacities(problem, table)
    group = np.unique(table.group, return_inverse=True)[1].astype(np.int64)
    return PackingProblem(value, group, pair, reward[pair[:, 0], pair[:, 1]], conflict, use, capacity)
