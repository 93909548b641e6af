"""Closing the gap: all day-routes that could be part of a better plan, judged exactly, and put together by CP-SAT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from ortools.sat.python import cp_model

from solvers.stopping import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.problem import TripProblem

MOST_CHOICES: Final = 20_000
"""Day-routes that CP-SAT is asked to choose from; with more it rarely ends in time."""


@dataclass(frozen=True, slots=True)
class JudgedRoutes:
    """
    Hold n day-routes of one kind that keep the day's hard rules, with all that they earn by themselves.

    Parameters
    ----------
    kind
        Index of the kind of day.
    visits
        Shape ``(n, K)``, bool.
    start, end
        Shape ``(n,)``, int64.
    value
        Shape ``(n,)``, int64, objective units: with combinations and shortfalls of the day.
    use
        Shape ``(n, R)``, int64: of the resources, the night's included.
    source
        Shape ``(n,)``, int64: where the route came from, for the caller.
    """

    kind: int
    visits: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.int64]
    use: NDArray[np.int64]
    source: NDArray[np.int64]

    def pick(self, rows: NDArray[np.int64]) -> JudgedRoutes:
        """Return some of the routes."""
        return JudgedRoutes(
            self.kind,
            self.visits[rows],
            self.start[rows],
            self.end[rows],
            self.value[rows],
            self.use[rows],
            self.source[rows],
        )


def judge_routes(problem: TripProblem, kind: DayKind, routes: JudgedRoutes) -> JudgedRoutes:
    """
    Add what a day earns and pays by itself to route values, and leave out routes that break a rule of the day.

    On a trip of one day, rules of the trip are rules of the day.

    Parameters
    ----------
    problem, kind
        The problem and the kind of day.
    routes
        Routes whose values are scores less prices of yen, load, travel and waiting, and whose use is that of options
        and arcs.
    """
    alone = problem.days == 1
    day = kind.days[0]
    value, use = routes.value.copy(), routes.use.copy()
    allowed = np.ones(value.size, np.bool_)
    nights = kind.end_stays[routes.end]
    slept = nights >= 0
    if slept.any():
        use[slept] += problem.resources.lodging_use[:, nights[slept]].T
    daily = problem.resources.per_day | alone
    allowed &= (use[:, daily] <= problem.resources.capacity[daily]).all(axis=1)
    for rule in np.flatnonzero(problem.counts.per_day | alone).tolist():
        members = problem.counts.options[rule]
        taken = routes.visits[:, np.isin(kind.options, members)].sum(axis=1)
        allowed &= taken <= problem.counts.upper[rule]
        offered = bool((problem.option_day[members] == day).any())
        # A rule over the trip binds even where the trip offers nothing of its set.
        if offered or not problem.counts.per_day[rule]:
            missing = np.maximum(0, problem.counts.lower[rule] - taken)
            if problem.counts.shortfall_penalty[rule]:
                value -= missing * problem.counts.shortfall_penalty[rule]
            else:
                allowed &= missing == 0
    seen = _groups_seen(problem, kind, routes)
    combinations = problem.combinations
    for combination in np.flatnonzero(combinations.same_day | alone).tolist():
        left, right = combinations.left[combination], combinations.right[combination]
        both = np.union1d(left, right)
        earned = seen[:, left].any(axis=1) & seen[:, right].any(axis=1)
        earned &= seen[:, both].sum(axis=1) >= combinations.fewest[combination]
        value += earned * combinations.bonus[combination]
    if alone:
        allowed &= seen[:, problem.required].all(axis=1)
    judged = JudgedRoutes(routes.kind, routes.visits, routes.start, routes.end, value, use, routes.source)
    return judged.pick(np.flatnonzero(allowed))


def _groups_seen(problem: TripProblem, kind: DayKind, routes: JudgedRoutes) -> NDArray[np.bool_]:
    seen = np.zeros((routes.value.size, problem.groups), np.bool_)
    groups = problem.option_group[kind.options]
    for rank, group in enumerate(groups.tolist()):
        seen[:, group] |= routes.visits[:, rank]
    nights = kind.end_stays[routes.end]
    slept = np.flatnonzero(nights >= 0)
    seen[slept, problem.lodgings.group[nights[slept]]] = True
    return seen


@dataclass(frozen=True, slots=True)
class Choice:
    """
    Hold CP-SAT's answer.

    Parameters
    ----------
    bound
        No plan made of the routes is worth more; None when no plan can be made of them.
    chosen
        For each day, (index of the judged set, row); empty when no plan was found.
    finished
        Whether the best plan, or that there is none, is proven.
    """

    bound: int | None
    chosen: tuple[tuple[int, int], ...]
    finished: bool


def choose_routes(
    problem: TripProblem,
    kinds: Sequence[DayKind],
    judged: Sequence[JudgedRoutes],
    *,
    at_least: int,
    seconds: float | None,
    effort: float,
    should_stop: Callable[[], bool] | None = None,
) -> Choice:
    """
    Put together the best plan of judged day-routes that is worth at least so much.

    Parameters
    ----------
    problem, kinds
        The problem and its kinds of day.
    judged
        Routes of each kind.
    at_least
        Plans worth less are of no interest.
    seconds, effort
        Limits in seconds and in CP-SAT's deterministic time.
    should_stop
        Ends it early.
    """
    model = cp_model.CpModel()
    taken = [
        [
            # A day without visits may come more than once; any other route would visit its groups twice.
            model.new_int_var(0, len(kind.days) if not routes.visits[row].any() else 1, "")
            for row in range(routes.value.size)
        ]
        for kind, routes in zip(kinds, judged, strict=True)
    ]
    nights = [model.new_bool_var("") for _ in range(problem.lodgings.night.size)]
    for night in np.unique(problem.lodgings.night).tolist():
        model.add_exactly_one(nights[stay] for stay in np.flatnonzero(problem.lodgings.night == night).tolist())
    visits: dict[int, list[cp_model.IntVar]] = {}
    for kind, routes, variables in zip(kinds, judged, taken, strict=True):
        model.add(sum(variables) == len(kind.days))
        for rank, option in enumerate(kind.options.tolist()):
            visits[option] = [variables[row] for row in np.flatnonzero(routes.visits[:, rank]).tolist()]
        for stays, chosen in ((kind.start_stays, routes.start), (kind.end_stays, routes.end)):
            for index, stay in enumerate(stays.tolist()):
                if stay >= 0:
                    model.add(sum(variables[row] for row in np.flatnonzero(chosen == index).tolist()) == nights[stay])
    value: Any = sum(
        sum(int(worth) * variable for worth, variable in zip(routes.value, variables, strict=True))
        for routes, variables in zip(judged, taken, strict=True)
    )
    value += _add_trip_rules(model, problem, kinds, judged, taken, visits, nights)
    model.add(value >= at_least)
    model.maximize(value)
    return _choose(model, taken, seconds, effort, should_stop)


def _choose(
    model: cp_model.CpModel,
    taken: list[list[cp_model.IntVar]],
    seconds: float | None,
    effort: float,
    should_stop: Callable[[], bool] | None,
) -> Choice:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = effort
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    with watched(should_stop, solver.stop_search):
        status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return Choice(None, (), finished=True)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Choice(None, (), finished=False)
    chosen = tuple(
        (index, row)
        for index, variables in enumerate(taken)
        for row, variable in enumerate(variables)
        for _ in range(solver.value(variable))
    )
    return Choice(int(np.ceil(solver.best_objective_bound - 1e-6)), chosen, finished=status == cp_model.OPTIMAL)


def _add_trip_rules(
    model: cp_model.CpModel,
    problem: TripProblem,
    kinds: Sequence[DayKind],
    judged: Sequence[JudgedRoutes],
    taken: list[list[cp_model.IntVar]],
    visits: dict[int, list[cp_model.IntVar]],
    nights: list[cp_model.IntVar],
) -> Any:
    """Add the rules over the whole trip; return what nights, combinations and shortfalls are worth."""
    lodgings, counts, resources = problem.lodgings, problem.counts, problem.resources
    of_group: dict[int, list[cp_model.IntVar]] = {}
    for option, variables in visits.items():
        of_group.setdefault(int(problem.option_group[option]), []).extend(variables)
    stays_of = {
        group: [nights[stay] for stay in np.flatnonzero(lodgings.group == group).tolist()]
        for group in np.unique(lodgings.group).tolist()
    }
    for group, variables in of_group.items():
        model.add(sum(variables) <= 1)
        for stay in stays_of.get(group, []):
            model.add(sum(variables) + stay <= 1)
    for group in dict.fromkeys(problem.required.tolist()):
        model.add(sum(of_group.get(group, [])) + sum(stays_of.get(group, [])) >= 1)
    worth: Any = sum(
        int(lodgings.score[stay] - problem.weights.cost * lodgings.cost[stay]) * literal
        for stay, literal in enumerate(nights)
    )
    twin = {option: int(kind.options[rank]) for kind in kinds for row in kind.twins for rank, option in enumerate(row)}
    for rule in np.flatnonzero(~counts.per_day).tolist():
        members = {twin[option] for option in counts.options[rule].tolist() if option in twin}
        many = sum(variable for option in members for variable in visits[option])
        model.add(many <= int(counts.upper[rule]))
        lower, penalty = int(counts.lower[rule]), int(counts.shortfall_penalty[rule])
        if lower and penalty:
            missing = model.new_int_var(0, lower, "")
            model.add(missing >= lower - many)
            worth -= penalty * missing
        elif lower:
            model.add(many >= lower)
    for resource in np.flatnonzero(~resources.per_day).tolist():
        use = sum(
            int(routes.use[row, resource]) * variable
            for routes, variables in zip(judged, taken, strict=True)
            for row, variable in enumerate(variables)
        )
        model.add(use <= int(resources.capacity[resource]))
    worth += _add_combinations(model, problem, of_group, stays_of)
    _add_precedence(model, problem, kinds, visits)
    return worth


def _add_combinations(
    model: cp_model.CpModel,
    problem: TripProblem,
    of_group: dict[int, list[cp_model.IntVar]],
    stays_of: dict[int, list[cp_model.IntVar]],
) -> Any:
    combinations = problem.combinations
    worth: Any = 0
    seen: dict[int, Any] = {}
    for group in range(problem.groups):
        stays = stays_of.get(group, [])
        slept: Any = sum(stays)
        if len(stays) > 1:
            # Two nights in one group are one group seen.
            literal = model.new_bool_var("")
            model.add(literal <= sum(stays))
            slept = literal
        seen[group] = sum(of_group.get(group, [])) + slept
    for combination in np.flatnonzero(~combinations.same_day).tolist():
        left, right = set(combinations.left[combination].tolist()), set(combinations.right[combination].tolist())
        earned = model.new_bool_var("")
        model.add(earned <= sum(seen[group] for group in left))
        model.add(earned <= sum(seen[group] for group in right))
        model.add(int(combinations.fewest[combination]) * earned <= sum(seen[group] for group in left | right))
        worth += int(combinations.bonus[combination]) * earned
    return worth


def _add_precedence(
    model: cp_model.CpModel,
    problem: TripProblem,
    kinds: Sequence[DayKind],
    visits: dict[int, list[cp_model.IntVar]],
) -> None:
    """Keep precedence between days; within a day the routes keep it. Every day is its own kind here."""

    def on(kind: DayKind, group: int) -> list[cp_model.IntVar]:
        chosen = kind.options[problem.option_group[kind.options] == group].tolist()
        return [variable for option in chosen for variable in visits[option]]

    for before, after, same_day in problem.precedence.tolist():
        for early in kinds:
            for late in kinds:
                if late.days < early.days or (same_day and late.days != early.days):
                    model.add(sum(on(early, before)) + sum(on(late, after)) <= 1)
