"""One shape for the instances of all formats, the trip problem made of it, and a judge of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering import CountRules, Resources, Sets, TripProblem, TripSolution
from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.instances.departure_slots import DepartureSlots

Tours = list[list[int]]
"""For each tour, the ids of the points visited, in order, without the depot."""


@dataclass(frozen=True, slots=True)
class Instance:
    """
    Hold one team orienteering problem: P points, the first of which is start and, by default, end of all T tours.

    Parameters
    ----------
    name
        As in the file's name.
    ticks_per_unit
        Ticks per unit of time and distance.
    ids
        Shape ``(P,)``: the numbers that the file gives its points.
    travel
        Shape ``(P, P)``, int64, ticks; with ``slots``, the shortest of each pair.
    duration, score
        Shape ``(P,)``, int64: ticks of a visit, and its worth.
    tour_open, tour_close
        Shape ``(T,)``, int64, ticks: when each tour may leave and must be back.
    windows
        Shape ``(W, 4)``, int64: tour, point (row, not id), and the first and last tick at which a visit may start. A
        point may have none or several on one tour.
    fee, budget
        Shape ``(P,)``, int64, and what all visits together may cost; None: no limit.
    is_kind, kind_limit
        Shape ``(P, K)``, bool, and ``(K,)``, int64: at most so many points of each kind over all tours.
    end
        Row of the point where all tours end; it is not visited otherwise.
    slots
        Travel times by slot of departure; None where they do not depend on it.
    """

    name: str
    ticks_per_unit: int
    ids: NDArray[np.int64]
    travel: NDArray[np.int64]
    duration: NDArray[np.int64]
    score: NDArray[np.int64]
    tour_open: NDArray[np.int64]
    tour_close: NDArray[np.int64]
    windows: NDArray[np.int64]
    fee: NDArray[np.int64]
    budget: int | None = None
    is_kind: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    kind_limit: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    end: int = 0
    slots: DepartureSlots | None = None

    @property
    def tours(self) -> int:
        """Return T."""
        return len(self.tour_open)

    @property
    def points(self) -> int:
        """Return P, the depot included."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Replay:
    """
    Hold what the replay of some tours found.

    Parameters
    ----------
    score
        Sum over the visited points.
    errors
        Broken rules in words; empty when the tours keep all.
    """

    score: int
    errors: tuple[str, ...]


def trip_problem(instance: Instance) -> TripProblem:
    """Return the instance as the solver's problem: every window is an option, every point but the depot a group."""
    tour, point, opens, closes = instance.windows.T.astype(np.int64)
    options = len(tour)
    none = np.zeros(options, np.int64)
    problem = TripProblem(
        day_start=np.zeros(instance.tours, np.int64),
        day_end=np.full(instance.tours, instance.end),
        # The depot's own visit, if it takes any time, comes before the tour leaves it.
        day_earliest=instance.tour_open + instance.duration[0],
        day_latest=instance.tour_close,
        option_node=point,
        option_group=point - 1,
        option_day=tour,
        option_open=opens,
        option_close=closes,
        option_duration=instance.duration[point],
        option_score=instance.score[point],
        option_cost=none,
        option_load=none,
        travel=instance.travel[None],
        day_travel=np.zeros(instance.tours, np.int64),
        arc_cost=np.zeros_like(instance.travel),
        groups=instance.points - 1,
        required=np.zeros(0, np.int64),
        precedence=np.zeros((0, 3), np.int64),
        resources=_budget(instance, point),
        counts=_kind_limits(instance, point),
    )
    return problem if instance.slots is None else with_arrivals(problem, _arrivals(instance.slots))


def _arrivals(slots: DepartureSlots) -> ArrivalFunctions:
    return ArrivalFunctions.from_slots(slots.edges[:-1], int(slots.edges[-1]) - 1, slots.ticks[None])


def _budget(instance: Instance, point: NDArray[np.int64]) -> Resources:
    budgets = [] if instance.budget is None else [instance.budget]
    rows = len(budgets)
    return Resources(
        capacity=np.array(budgets, np.int64),
        per_day=np.zeros(rows, np.bool_),
        option_use=np.repeat(instance.fee[None, point], rows, axis=0),
        arc_use=np.zeros((rows, instance.points, instance.points), np.int64),
        lodging_use=np.zeros((rows, 0), np.int64),
    )


def _kind_limits(instance: Instance, point: NDArray[np.int64]) -> CountRules:
    kinds = len(instance.kind_limit)
    return CountRules(
        options=Sets.of([np.flatnonzero(instance.is_kind[point, kind]).tolist() for kind in range(kinds)]),
        lower=np.zeros(kinds, np.int64),
        upper=instance.kind_limit,
        per_day=np.zeros(kinds, np.bool_),
        shortfall_penalty=np.zeros(kinds, np.int64),
    )


def tours_of(instance: Instance, solution: TripSolution) -> Tours:
    """Return a solver's answer in the ids of the file, empty tours kept so that each stays on its day."""
    point = instance.windows[:, 1]
    return [[int(instance.ids[point[option]]) for option in route] for route in solution.routes]


def replay(instance: Instance, tours: Sequence[Sequence[int]]) -> Replay:
    """
    Judge tours from the instance alone, sharing no code with any solver.

    Every visit starts as early as a window of its point allows, which is never worse than starting later.

    Parameters
    ----------
    instance
        The instance.
    tours
        At most T tours of ids; tour t keeps the windows and limits of the instance's tour t.
    """
    row_of = {int(number): row for row, number in enumerate(instance.ids)}
    visited = [number for tour in tours for number in tour]
    unknown = sorted({number for number in visited if row_of.get(number, 0) in {0, instance.end}})
    if unknown or len(tours) > instance.tours:
        too_many = [f"{len(tours)} tours, only {instance.tours} allowed"] * (len(tours) > instance.tours)
        return Replay(0, (*too_many, *(f"unknown point {number}" for number in unknown)))
    errors = [f"point {number} visited {times} times" for number, times in Counter(visited).items() if times > 1]
    for position, tour in enumerate(tours):
        late = _first_lateness(instance, position, [row_of[number] for number in tour])
        errors += [f"tour {position + 1}: {late}"] * bool(late)
    rows = [row_of[number] for number in visited]
    errors += _overdraft(instance, rows)
    return Replay(int(sum(instance.score[row] for row in rows)), tuple(errors))


def _first_lateness(instance: Instance, tour: int, rows: Sequence[int]) -> str:
    now, here = int(instance.tour_open[tour] + instance.duration[0]), 0
    for row in rows:
        arrival = _arrival(instance, here, row, now)
        mine = instance.windows[(instance.windows[:, 0] == tour) & (instance.windows[:, 1] == row)]
        starts = [max(arrival, int(opens)) for _, _, opens, closes in mine if arrival is not None and arrival <= closes]
        if not starts:
            return f"no window left at point {instance.ids[row]}"
        now, here = min(starts) + int(instance.duration[row]), row
    back = _arrival(instance, here, instance.end, now)
    if back is None:
        return "no way to the end so late"
    late = back - int(instance.tour_close[tour])
    return f"back {late / instance.ticks_per_unit:g} too late" if late > 0 else ""


def _arrival(instance: Instance, here: int, there: int, now: int) -> int | None:
    if instance.slots is not None:
        return instance.slots.arrival(here, there, now)
    return now + int(instance.travel[here, there])


def _overdraft(instance: Instance, rows: Sequence[int]) -> list[str]:
    errors = []
    spent = int(sum(instance.fee[row] for row in rows))
    if instance.budget is not None and spent > instance.budget:
        errors.append(f"fees of {spent} exceed the budget of {instance.budget}")
    for kind, limit in enumerate(instance.kind_limit):
        count = int(sum(instance.is_kind[row, kind] for row in rows))
        if count > limit:
            errors.append(f"{count} points of kind {kind + 1}, only {limit} allowed")
    return errors
