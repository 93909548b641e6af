"""The judge: what a plan is worth and which rules it breaks, recomputed from the arrays alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from solvers.errors import SolutionError
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.orienteering.arrivals import ArrivalFunctions
    from solvers.orienteering.problem import TripProblem, TripSolution

ViolationCode = Literal[
    "WRONG_DAY",
    "LATE_FOR_VISIT",
    "LATE_AT_DAY_END",
    "UNREACHABLE",
    "GROUP_TWICE",
    "REQUIRED_MISSING",
    "COUNT_ABOVE",
    "COUNT_BELOW",
    "RESOURCE_OVER",
    "PRECEDENCE",
    "LODGING_MISSING",
    "LODGING_OF_OTHER_NIGHT",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """
    Name one broken rule.

    Parameters
    ----------
    code
        What is broken.
    day
        The day it happens on; the night for lodgings; -1 when it concerns the whole trip.
    index
        What breaks it: an option (``WRONG_DAY``, ``LATE_FOR_VISIT``), the position of the arc in the day
        (``UNREACHABLE``), a group (``GROUP_TWICE``, ``REQUIRED_MISSING``), a row of ``counts``, ``resources`` or
        ``precedence``, a lodging; -1 for ``LATE_AT_DAY_END`` and ``LODGING_MISSING``.
    amount
        By how much: ticks late, visits or units too many or too few; 1 where it cannot be measured.
    """

    code: ViolationCode
    day: int
    index: int
    amount: int


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """
    Hold the times of one day, in ticks.

    Parameters
    ----------
    arrival, start, departure, wait
        Shape ``(visits,)``, int64: reaching the place, start of service, leaving, and time between the first two. The
        wait before the first visit is 0 here because one sets out later instead: ``arrival[0] == start[0]``. Where a
        timetable brings one there early all the same, that time counts as travel.
    leave
        When the day's start is left, so that nothing is waited for before the first visit; on a day without visits, as
        late as its end is still reached as early as can be.
    end
        Arrival at the day's end.
    travel
        Ticks of travel, to the first visit and from the last included; waiting for a departure is part of it.
    start_node, end_node
        Where the day begins and ends, lodgings taken into account; `ANYWHERE` where that is open.
    """

    arrival: NDArray[np.int64]
    start: NDArray[np.int64]
    departure: NDArray[np.int64]
    wait: NDArray[np.int64]
    leave: int
    end: int
    travel: int
    start_node: int
    end_node: int


@dataclass(frozen=True, slots=True)
class Earned:
    """Name a combination that was earned, and the day (-1: over the whole trip)."""

    combination: int
    day: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    Hold everything there is to say about a plan.

    Parameters
    ----------
    feasible
        Whether no rule is broken.
    violations
        The broken rules; a shortfall that has a price is none.
    objective
        The sum of ``terms``, violations left aside.
    terms
        Objective units by name: ``score``, ``lodging``, ``combinations`` (not negative), ``travel``, ``wait``,
        ``cost``, ``load``, ``shortfall`` (not positive).
    days
        The schedule of each day.
    resource_use
        Shape ``(R, D)``, int64: what each day uses.
    rule_counts
        Shape ``(K, D)``, int64: visits of each count rule on each day.
    earned
        Combinations that were earned, in order of index and day.
    cost_yen
        Yen of options, lodgings and arcs.
    load
        Sum of the visits' loads.
    """

    feasible: bool
    violations: tuple[Violation, ...]
    objective: int
    terms: dict[str, int]
    days: tuple[DaySchedule, ...]
    resource_use: NDArray[np.int64]
    rule_counts: NDArray[np.int64]
    earned: tuple[Earned, ...]
    cost_yen: int
    load: int


def evaluate(problem: TripProblem, solution: TripSolution) -> Evaluation:
    """
    Recompute times, objective and broken rules of a plan from the problem's arrays.

    Shares no code with any solver, so that it can judge all of them. Travel over an `UNREACHABLE` arc is a violation
    and counts no time.

    Parameters
    ----------
    problem
        A problem that `validate` accepts.
    solution
        Any plan with one route per day, feasible or not.

    Returns
    -------
    evaluation
        Schedule, objective by terms, and every broken rule.

    Raises
    ------
    SolutionError
        If the number of days is wrong or an index points nowhere.
    """
    _check_indices(problem, solution)
    lodging = solution.lodging or (-1,) * (problem.days - 1)
    ends = _day_ends(problem, lodging)
    violations: list[Violation] = list(_lodging_faults(problem, lodging))
    schedules = []
    for day, route in enumerate(solution.routes):
        schedule, faults = schedule_day(problem, day, route, ends[day])
        schedules.append(schedule)
        violations += faults
    legs = [_legs(problem, route, ends[day]) for day, route in enumerate(solution.routes)]
    resource_use = _resource_use(problem, solution, lodging, legs)
    rule_counts = _rule_counts(problem, solution)
    shortfall, count_faults = _shortfalls(problem, rule_counts)
    violations += count_faults
    violations += _group_faults(problem, solution, lodging)
    violations += _resource_faults(problem, resource_use)
    violations += _precedence_faults(problem, solution)
    earned = tuple(_earned(problem, solution, lodging))
    cost_yen = _cost_yen(problem, solution, lodging, legs)
    visits = [option for route in solution.routes for option in route]
    load = int(problem.option_load[visits].sum())
    terms = {
        "score": int(problem.option_score[visits].sum()),
        "lodging": sum(int(problem.lodgings.score[stay]) for stay in lodging if stay >= 0),
        "combinations": sum(int(problem.combinations.bonus[each.combination]) for each in earned),
        "travel": -problem.weights.travel * sum(schedule.travel for schedule in schedules),
        "wait": -problem.weights.wait * sum(int(schedule.wait.sum()) for schedule in schedules),
        "cost": -problem.weights.cost * cost_yen,
        "load": -problem.weights.load * load,
        "shortfall": -shortfall,
    }
    return Evaluation(
        feasible=not violations,
        violations=tuple(violations),
        objective=sum(terms.values()),
        terms=terms,
        days=tuple(schedules),
        resource_use=resource_use,
        rule_counts=rule_counts,
        earned=earned,
        cost_yen=cost_yen,
        load=load,
    )


def _check_indices(problem: TripProblem, solution: TripSolution) -> None:
    if len(solution.routes) != problem.days:
        raise SolutionError(f"the plan has {len(solution.routes)} days; the problem has {problem.days}")
    nights = problem.days - 1
    if len(solution.lodging) not in {0, nights}:
        raise SolutionError(f"the plan has {len(solution.lodging)} nights; the problem has {nights}")
    for option in (option for route in solution.routes for option in route):
        if not 0 <= option < problem.options:
            raise SolutionError(f"option {option} does not exist; accepted is 0 to {problem.options - 1}")
    for stay in solution.lodging:
        if not -1 <= stay < problem.lodgings.night.size:
            raise SolutionError(f"lodging {stay} does not exist; accepted is -1 to {problem.lodgings.night.size - 1}")


def _day_ends(problem: TripProblem, lodging: tuple[int, ...]) -> list[tuple[int, int]]:
    starts, ends = problem.day_start.tolist(), problem.day_end.tolist()
    for night, stay in enumerate(lodging):
        if stay >= 0:
            ends[night] = starts[night + 1] = int(problem.lodgings.node[stay])
    return list(zip(starts, ends, strict=True))


def _lodging_faults(problem: TripProblem, lodging: tuple[int, ...]) -> Iterator[Violation]:
    offered = set(problem.lodgings.night.tolist())
    for night, stay in enumerate(lodging):
        if stay < 0 and night in offered:
            yield Violation("LODGING_MISSING", night, -1, 1)
        if stay >= 0 and problem.lodgings.night[stay] != night:
            yield Violation("LODGING_OF_OTHER_NIGHT", night, stay, 1)


def _legs(problem: TripProblem, route: tuple[int, ...], ends: tuple[int, int]) -> list[tuple[int, int]]:
    """List the arcs of a day as pairs of nodes; those to or from anywhere are no arcs."""
    stops = [ends[0], *(int(problem.option_node[option]) for option in route), ends[1]]
    return [(here, there) for here, there in pairwise(stops) if ANYWHERE not in (here, there)]


def schedule_day(
    problem: TripProblem, day: int, route: tuple[int, ...], ends: tuple[int, int]
) -> tuple[DaySchedule, list[Violation]]:
    """
    Return the times of one day, and its visits and arcs that break a rule.

    Parameters
    ----------
    problem
        A problem that `validate` accepts.
    day
        The day.
    route
        Its options in order.
    ends
        The nodes where it begins and ends, lodgings taken into account.
    """
    faults: list[Violation] = []
    ways = _Ways(problem, day)
    here, time, travel = ends[0], int(problem.day_earliest[day]), 0
    arrivals, starts, departures, leave = [], [], [], time
    for position, option in enumerate(route):
        if problem.option_day[option] != day:
            faults.append(Violation("WRONG_DAY", day, option, 1))
        there = int(problem.option_node[option])
        reached = ways.reached(here, there, time)
        if reached is None:
            faults.append(Violation("UNREACHABLE", day, position, 1))
        leg = 0 if reached is None else reached - time
        start = max(time + leg, int(problem.option_open[option]))
        if start > problem.option_close[option]:
            faults.append(Violation("LATE_FOR_VISIT", day, option, start - int(problem.option_close[option])))
        if position == 0:
            leave = start if reached is None else ways.left(here, there, start)
            travel = start - leave
        else:
            travel += leg
        arrivals.append(start if position == 0 else time + leg)
        starts.append(start)
        time = start + int(problem.option_duration[option])
        departures.append(time)
        here = there
    reached = ways.reached(here, ends[1], time)
    if reached is None:
        faults.append(Violation("UNREACHABLE", day, len(route), 1))
    end = time if reached is None else reached
    if route:
        travel += end - time
    elif reached is not None:
        leave = ways.left(here, ends[1], end)
        travel = end - leave
    if end > problem.day_latest[day]:
        faults.append(Violation("LATE_AT_DAY_END", day, -1, end - int(problem.day_latest[day])))
    arrival, start_of_service = np.array(arrivals, np.int64), np.array(starts, np.int64)
    schedule = DaySchedule(
        arrival=arrival,
        start=start_of_service,
        departure=np.array(departures, np.int64),
        wait=start_of_service - arrival,
        leave=leave,
        end=end,
        travel=travel,
        start_node=ends[0],
        end_node=ends[1],
    )
    return schedule, faults


class _Ways:
    """Say when one arrives and leaves on one day, by table or by arrival functions."""

    def __init__(self, problem: TripProblem, day: int) -> None:
        self._arrivals, self._nodes = problem.arrivals, problem.nodes
        self._number = int(problem.day_travel[day])
        self._table = problem.travel[self._number]

    def reached(self, here: int, there: int, time: int) -> int | None:
        """Return the arrival of one who leaves at ``time``; None where there is no way."""
        if ANYWHERE in (here, there) or (here == there and self._arrivals is not None):
            return time
        if self._arrivals is None:
            ticks = int(self._table[here, there])
            return None if ticks >= UNREACHABLE else time + ticks
        departures, arrivals = self._points(self._arrivals, here, there)
        after = bisect_left(departures, time)
        if after == len(departures):
            return None
        if after == 0 or departures[after] == time:
            return arrivals[after]
        run, rise = departures[after] - departures[after - 1], arrivals[after] - arrivals[after - 1]
        return arrivals[after - 1] - -rise * (time - departures[after - 1]) // run

    def left(self, here: int, there: int, time: int) -> int:
        """Return the latest departure that arrives by ``time``, where there is one."""
        if ANYWHERE in (here, there) or (here == there and self._arrivals is not None):
            return time
        if self._arrivals is None:
            return time - int(self._table[here, there])
        departures, arrivals = self._points(self._arrivals, here, there)
        after = bisect_right(arrivals, time)
        if after == len(departures):
            return departures[-1]
        # A whole tick on the way to the next breakpoint still arrives in time if its exact arrival does.
        run, rise = departures[after] - departures[after - 1], arrivals[after] - arrivals[after - 1]
        return departures[after - 1] + run * (time - arrivals[after - 1]) // rise

    def _points(self, arrivals: ArrivalFunctions, here: int, there: int) -> tuple[list[int], list[int]]:
        pair = (self._number * self._nodes + here) * self._nodes + there
        points = slice(int(arrivals.start[pair]), int(arrivals.start[pair + 1]))
        return arrivals.departure[points].tolist(), arrivals.arrival[points].tolist()


def _resource_use(
    problem: TripProblem, solution: TripSolution, lodging: tuple[int, ...], legs: list[list[tuple[int, int]]]
) -> NDArray[np.int64]:
    resources = problem.resources
    use = np.zeros((resources.capacity.size, problem.days), np.int64)
    for day, route in enumerate(solution.routes):
        use[:, day] += resources.option_use[:, list(route)].sum(axis=1)
        for here, there in legs[day]:
            use[:, day] += resources.arc_use[:, here, there]
        if day < len(lodging) and lodging[day] >= 0:
            use[:, day] += resources.lodging_use[:, lodging[day]]
    return use


def _resource_faults(problem: TripProblem, use: NDArray[np.int64]) -> Iterator[Violation]:
    for resource, capacity in enumerate(problem.resources.capacity.tolist()):
        if problem.resources.per_day[resource]:
            for day in range(problem.days):
                if use[resource, day] > capacity:
                    yield Violation("RESOURCE_OVER", day, resource, int(use[resource, day]) - capacity)
        elif use[resource].sum() > capacity:
            yield Violation("RESOURCE_OVER", -1, resource, int(use[resource].sum()) - capacity)


def _rule_counts(problem: TripProblem, solution: TripSolution) -> NDArray[np.int64]:
    rules = problem.counts.options
    counts = np.zeros((len(rules), problem.days), np.int64)
    for rule in range(len(rules)):
        members = set(rules[rule].tolist())
        counts[rule] = [sum(option in members for option in route) for route in solution.routes]
    return counts


def _shortfalls(problem: TripProblem, rule_counts: NDArray[np.int64]) -> tuple[int, list[Violation]]:
    """Return the priced shortfall and the broken bounds."""
    counts = problem.counts
    price, faults = 0, []
    for rule in range(len(counts.options)):
        lower, upper = int(counts.lower[rule]), int(counts.upper[rule])
        offered = set(problem.option_day[counts.options[rule]].tolist())
        if counts.per_day[rule]:
            taken = [(day, int(rule_counts[rule, day]), day in offered) for day in range(problem.days)]
        else:
            taken = [(-1, int(rule_counts[rule].sum()), True)]
        for day, count, bound_below in taken:
            missing = max(0, lower - count) if bound_below else 0
            price += missing * int(counts.shortfall_penalty[rule])
            if missing and not counts.shortfall_penalty[rule]:
                faults.append(Violation("COUNT_BELOW", day, rule, missing))
            if count > upper:
                faults.append(Violation("COUNT_ABOVE", day, rule, count - upper))
    return price, faults


def _group_faults(problem: TripProblem, solution: TripSolution, lodging: tuple[int, ...]) -> Iterator[Violation]:
    visits = Counter(int(problem.option_group[option]) for route in solution.routes for option in route)
    # A group slept in counts once, however many nights.
    visits.update({int(problem.lodgings.group[stay]) for stay in lodging if stay >= 0})
    for group, times in sorted(visits.items()):
        if times > 1:
            yield Violation("GROUP_TWICE", -1, group, times - 1)
    for group in dict.fromkeys(problem.required.tolist()):
        if not visits[group]:
            yield Violation("REQUIRED_MISSING", -1, group, 1)


def _precedence_faults(problem: TripProblem, solution: TripSolution) -> Iterator[Violation]:
    moment = {
        int(problem.option_group[option]): (day, position)
        for day, route in enumerate(solution.routes)
        for position, option in enumerate(route)
    }
    for pair, (before, after, same_day) in enumerate(problem.precedence.tolist()):
        if before not in moment or after not in moment:
            continue
        early, late = moment[before], moment[after]
        if early > late or (same_day and early[0] != late[0]):
            yield Violation("PRECEDENCE", late[0], pair, 1)


def _earned(problem: TripProblem, solution: TripSolution, lodging: tuple[int, ...]) -> Iterator[Earned]:
    by_day = [{int(problem.option_group[option]) for option in route} for route in solution.routes]
    for night, stay in enumerate(lodging):
        if stay >= 0:
            by_day[night].add(int(problem.lodgings.group[stay]))
    whole_trip = set().union(*by_day)
    combinations = problem.combinations
    for combination in range(combinations.bonus.size):
        left = set(combinations.left[combination].tolist())
        right = set(combinations.right[combination].tolist())
        scopes = list(enumerate(by_day)) if combinations.same_day[combination] else [(-1, whole_trip)]
        for day, seen in scopes:
            if seen & left and seen & right and len(seen & (left | right)) >= combinations.fewest[combination]:
                yield Earned(combination, day)


def _cost_yen(
    problem: TripProblem, solution: TripSolution, lodging: tuple[int, ...], legs: list[list[tuple[int, int]]]
) -> int:
    visits = sum(int(problem.option_cost[option]) for route in solution.routes for option in route)
    nights = sum(int(problem.lodgings.cost[stay]) for stay in lodging if stay >= 0)
    return visits + nights + sum(int(problem.arc_cost[leg]) for day in legs for leg in day)
