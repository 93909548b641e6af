"""Day-routes: what is visited on one day between two nights."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solvers.orienteering.problem import TripProblem, TripSolution
    from solvers.orienteering.ruin_and_recreate import PooledRoute


class DayRoute(NamedTuple):
    """
    Hold the visits of one day in order, and the nights around it.

    Parameters
    ----------
    day
        Its day.
    before, after
        Lodgings of the nights around the day; -1 where there is none.
    options
        Its visits in order.
    """

    day: int
    before: int
    after: int
    options: tuple[int, ...]

    def ends(self, problem: TripProblem) -> tuple[int, int]:
        """Return the nodes where the day begins and ends."""
        start = problem.lodgings.node[self.before] if self.before >= 0 else problem.day_start[self.day]
        end = problem.lodgings.node[self.after] if self.after >= 0 else problem.day_end[self.day]
        return int(start), int(end)

    def legs(self, problem: TripProblem) -> list[tuple[int, int]]:
        """Return the arcs of the day as pairs of nodes; those to or from anywhere are no arcs."""
        start, end = self.ends(problem)
        stops = [start, *problem.option_node[list(self.options)].tolist(), end]
        return [leg for leg in pairwise(stops) if ANYWHERE not in leg]


def route_of(pooled: PooledRoute) -> DayRoute:
    """Return the day-route that a search has seen."""
    return DayRoute(pooled.day, pooled.lodging_before, pooled.lodging_after, pooled.options)


def routes_of(problem: TripProblem, plan: TripSolution) -> list[DayRoute]:
    """Return the day-routes of a plan, one a day."""
    nights = (-1, *(plan.lodging or (-1,) * (problem.days - 1)), -1)
    return [DayRoute(day, nights[day], nights[day + 1], route) for day, route in enumerate(plan.routes)]


def empty_routes(problem: TripProblem) -> list[DayRoute]:
    """Return the day without visits for each pair of lodgings around it, whether or not that day keeps its end."""
    return [
        DayRoute(day, before, after, ())
        for day in range(problem.days)
        for before in _offered(problem, day - 1)
        for after in _offered(problem, day)
    ]


def _offered(problem: TripProblem, night: int) -> Sequence[int]:
    """Return the lodgings of a night, or -1 alone where it has none."""
    offered: list[int] = np.flatnonzero(problem.lodgings.night == night).tolist()
    return offered or [-1]
