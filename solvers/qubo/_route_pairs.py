"""What day-routes of different days do to each other: what they earn and lack together, and what forbids them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.qubo._membership import membership, products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem
    from solvers.qubo._route_table import RouteTable, TripRules


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """
    Hold what the days outside a comparison have, whatever is chosen inside it.

    Parameters
    ----------
    groups
        Shape ``(G,)``, bool: groups seen.
    counted
        Shape ``(K,)``, int64: as in `RouteTable`.
    """

    groups: NDArray[np.bool_]
    counted: NDArray[np.int64]


class TripTerms:
    """
    Say what day-routes earn and lack over the whole trip, on top of what other days hold.

    Parameters
    ----------
    problem, rules
        The trip.
    bonus
        Shape ``(C,)``, int64: worth of each combination of ``rules.combinations``.
    penalty
        Shape ``(K,)``, int64: price of each thing missing of ``rules.lower``.
    """

    def __init__(
        self, problem: TripProblem, rules: TripRules, bonus: NDArray[np.int64], penalty: NDArray[np.int64]
    ) -> None:
        combinations, whole = problem.combinations, rules.combinations
        self._left = membership(combinations.left, problem.groups)[:, whole]
        self._right = membership(combinations.right, problem.groups)[:, whole]
        self._fewest = combinations.fewest[whole]
        self._bonus, self._penalty, self._lower = bonus, penalty, rules.lower
        self._inn_group = problem.lodgings.group

    def of_none(self, held: Held) -> int:
        """Return what the other days earn and lack by themselves."""
        left, right, either = self._sides(held.groups[None])
        earned = left & right & (either >= self._fewest)
        return int((earned @ self._bonus)[0] - self._shortfall(held.counted))

    def of_each(self, table: RouteTable, held: Held) -> NDArray[np.int64]:
        """Return what is earned and lacked with each route, shape ``(n,)``."""
        left, right, either = self._sides(table.seen | held.groups)
        earned = left & right & (either >= self._fewest)
        return earned @ self._bonus - self._shortfall(table.counted + held.counted)

    def of_pairs(self, first: RouteTable, second: RouteTable, held: Held) -> NDArray[np.int64]:
        """Return what is earned and lacked with each pair of routes, shape ``(len(first), len(second))``."""
        # The other days count with the first route; only groups that are new in the second one add to them.
        left, right, either = self._sides(first.seen | held.groups)
        more_left, more_right, more = self._sides(second.seen & ~held.groups)
        value = np.zeros((len(first.day), len(second.day)), np.int64)
        for each in np.flatnonzero(self._bonus).tolist():
            earned = left[:, None, each] | more_left[:, each]
            earned &= right[:, None, each] | more_right[:, each]
            if self._fewest[each] > 1:
                groups = either[:, None, each] + more[:, each] - self._inns_twice(first, second, held, each)
                earned &= groups >= self._fewest[each]
            value += int(self._bonus[each]) * earned
        for rule in np.flatnonzero(self._penalty).tolist():
            counted = first.counted[:, None, rule] + second.counted[:, rule] + held.counted[rule]
            value -= int(self._penalty[rule]) * np.maximum(0, self._lower[rule] - counted)
        return value

    def _sides(self, seen: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
        """Return whether each side of each combination is seen, and how many different groups of both."""
        return products(seen, self._left) > 0, products(seen, self._right) > 0, products(seen, self._left | self._right)

    def _shortfall(self, counted: NDArray[np.int64]) -> NDArray[np.int64]:
        price: NDArray[np.int64] = np.maximum(0, self._lower - counted) @ self._penalty
        return price

    def _inns_twice(self, first: RouteTable, second: RouteTable, held: Held, each: int) -> NDArray[np.bool_]:
        """Return where both routes are followed by a night in one group of the combination: it is one group seen."""
        # Without a night, ``after`` is -1, and so is what stands at the end.
        groups = [np.append(self._inn_group, -1)[table.after] for table in (first, second)]
        counts = (self._left | self._right)[:, each] & ~held.groups
        twice: NDArray[np.bool_] = (groups[0][:, None] == groups[1]) & np.append(counts, False)[groups[1]]
        return twice


def conflicts_between(
    problem: TripProblem, rules: TripRules, first: RouteTable, second: RouteTable
) -> NDArray[np.bool_]:
    """
    Return which routes of an earlier and a later day cannot be in one trip, shape ``(len(first), len(second))``.

    They share a visit, one visits where the other sleeps, they disagree on the night between them, or they break an
    upper count, a capacity or an order of the whole trip by themselves.
    """
    # Nights in one place may follow each other, visits and nights there may not.
    shared = products(first.visited, (second.visited | second.slept).T) + products(first.slept, second.visited.T)
    forbidden = shared > 0
    day, later = int(first.day[0]), int(second.day[0])
    if later == day + 1:
        forbidden |= first.after[:, None] != second.before
    for rule in range(rules.upper.size):
        forbidden |= first.counted[:, None, rule] + second.counted[:, rule] > rules.upper[rule]
    for column, resource in enumerate(rules.resources.tolist()):
        used = first.used[:, None, column] + second.used[:, column]
        forbidden |= used > problem.resources.capacity[resource]
    for before, after, same_day in problem.precedence.tolist():
        forbidden |= first.visited[:, None, after] & second.visited[:, before]
        if same_day:
            forbidden |= first.visited[:, None, before] & second.visited[:, after]
    return forbidden
