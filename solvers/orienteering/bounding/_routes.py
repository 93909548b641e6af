"""What a day-route is worth by itself, and plans as day-routes and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering._arrivals import arrive
from solvers.orienteering.bounding._rows import DayRoute
from solvers.orienteering.problem import TripSolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.bounding._labels import Labels
    from solvers.orienteering.problem import TripProblem, Weights


def route_value(kind: DayKind, route: DayRoute, weights: Weights) -> int | None:
    """Return scores less the price of yen, load, travel and waiting; None when a window or the day's end is missed."""
    if not route.visits:
        possible = kind.can_be_empty[route.start, route.end]
        return int(kind.empty_value[route.start, route.end]) if possible else None
    here = route.visits[0]
    time = int(kind.arrival[route.start, here])
    if time > kind.closes[here]:
        return None
    value = int(kind.start_value[route.start, here] + kind.value[here])
    for there in route.visits[1:]:
        quickest = reached = time + int(kind.ticks[here, there])
        if kind.clock.ticks and quickest <= kind.closes[there]:
            reached = _reached(kind, int(kind.pairs[here, there]), time + int(kind.stays[here]))
        if reached > kind.closes[there]:
            return None
        time = max(reached, int(kind.opens[there]))
        value += int(kind.arc_value[here, there] + kind.value[there])
        value -= weights.wait * (time - reached) + weights.travel * (reached - quickest)
        here = there
    if time > kind.leave_by[here, route.end]:
        return None
    value += int(kind.end_value[here, route.end])
    if kind.clock.ticks:
        departure = time + int(kind.stays[here])
        reached = _reached(kind, int(kind.end_pairs[here, route.end]), departure)
        value -= weights.travel * (reached - departure - int(kind.homeward[here, route.end]))
    return value


def _reached(kind: DayKind, pair: int, departure: int) -> int:
    """Return when a leg ends that begins at a time."""
    if pair < 0:
        return departure
    clock = kind.clock
    return int(arrive(clock.start, clock.departure, clock.arrival, pair, departure))


def breaks_counts(problem: TripProblem, kind: DayKind, visits: Sequence[int]) -> bool:
    """Say whether a day takes more than an upper count allows, be it of the day or of the trip."""
    options = kind.options[list(visits)]
    return any(
        np.isin(options, problem.counts.options[rule]).sum() > problem.counts.upper[rule]
        for rule in range(len(problem.counts.options))
    )


class Translator:
    """Turn days of plans into day-routes by kind, and back."""

    def __init__(self, kinds: Sequence[DayKind]) -> None:
        self._kinds = kinds
        self._kind_of_day = {day: index for index, kind in enumerate(kinds) for day in kind.days}
        self._rank = {
            option: rank for kind in kinds for options in kind.twins.tolist() for rank, option in enumerate(options)
        }

    def route(self, day: int, options: Sequence[int], before: int, after: int) -> DayRoute | None:
        """Return a day as a route; None when it uses what no plan can."""
        index = self._kind_of_day[day]
        kind = self._kinds[index]
        starts, ends = kind.start_stays.tolist(), kind.end_stays.tolist()
        if any(option not in self._rank for option in options) or before not in starts or after not in ends:
            return None
        return DayRoute(index, starts.index(before), ends.index(after), tuple(self._rank[each] for each in options))

    def routes(self, plan: TripSolution) -> list[DayRoute | None]:
        """Return the days of a plan."""
        nights = plan.lodging or (-1,) * (len(plan.routes) - 1)
        return [
            self.route(day, options, nights[day - 1] if day else -1, nights[day] if day < len(nights) else -1)
            for day, options in enumerate(plan.routes)
        ]

    def plan(self, chosen: Sequence[DayRoute]) -> TripSolution:
        """Return the plan made of one route for each day."""
        left = {index: list(enumerate(kind.days)) for index, kind in enumerate(self._kinds)}
        days: dict[int, tuple[int, ...]] = {}
        nights: dict[int, int] = {}
        for route in chosen:
            kind = self._kinds[route.kind]
            twin, day = left[route.kind].pop(0)
            days[day] = tuple(int(kind.twins[twin, rank]) for rank in route.visits)
            nights[day] = int(kind.end_stays[route.end])
        count = len(days)
        return TripSolution(tuple(days[day] for day in range(count)), tuple(nights[day] for day in range(count - 1)))


def traced(index: int, labels: Labels, label: int) -> DayRoute:
    """Return the route that a forward label and its best end make."""
    end, visits = int(labels.close[label]), []
    while label >= 0:
        visits.append(int(labels.option[label]))
        label = int(labels.link[label])
    return DayRoute(index, -1 - label, end, tuple(reversed(visits)))
