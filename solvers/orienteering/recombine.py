"""Choosing the best set of day-routes out of all that a search has seen, with CP-SAT."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from ortools.sat.python import cp_model

from solvers.orienteering._linear_rules import LinearRules
from solvers.orienteering.day_routes import empty_routes, route_of, routes_of
from solvers.orienteering.evaluation import schedule_day
from solvers.orienteering.problem import ANYWHERE, TripSolution
from solvers.stopping import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from solvers.orienteering.day_routes import DayRoute
    from solvers.orienteering.problem import TripProblem
    from solvers.orienteering.ruin_and_recreate import PooledRoute

MOST_ROUTES: Final = 6_000
"""Day-routes offered to CP-SAT: those of the best plans. More cost more time than they bring."""

_PRICING_SHARE: Final = 0.15
"""Share of a limit in seconds in which day-routes are priced; stating them to CP-SAT takes about twice as long."""

_LEAST_SOLVING_SHARE: Final = 0.25
"""Share of a limit in seconds below which CP-SAT is not started: it would only read the model."""

_ROUTES_A_QUESTION: Final = 200
"""Day-routes priced between two questions whether to stop; that takes milliseconds."""

_SOLVING_RESERVE: Final = 0.3
"""Share of what is left that CP-SAT is not given, because it ends late by the time its presolve takes."""


def recombine(
    problem: TripProblem,
    pool: Sequence[PooledRoute],
    incumbent: TripSolution,
    *,
    effort: float,
    seed: int = 0,
    seconds: float | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TripSolution | None:
    """
    Return the best plan that can be put together from pooled day-routes.

    Set packing in the manner of I3CH (Hu & Lim 2014, https://doi.org/10.1016/j.ejor.2013.06.011): exactly one route a
    day, each group once, lodgings that agree from day to day, and all rules of the trip linear in the routes.

    Parameters
    ----------
    problem
        A valid problem.
    pool
        Day-routes, best first; each keeps its windows. The first `MOST_ROUTES` are used.
    incumbent
        The plan to beat, given as hint; its routes join the pool.
    effort
        Limit in CP-SAT's deterministic time, so that results repeat.
    seed
        CP-SAT's seed.
    seconds
        Limit in seconds on top, for runs that need not repeat: it covers pricing the routes, stating the model and
        CP-SAT. As many routes are used as the time allows for.
    should_stop
        Ends it early; see `solvers.orienteering.portfolio.solve`.

    Returns
    -------
    solution
        None when CP-SAT found nothing within its effort, or the pool holds no plan that keeps all hard rules.
    """
    began = perf_counter()
    until = None if seconds is None else began + _PRICING_SHARE * seconds
    values = _priced(problem, pool, incumbent, until, should_stop or _never)
    if should_stop is not None and should_stop():
        return None
    chosen = list(values)
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in chosen]
    nights = [model.new_bool_var("") for _ in range(problem.lodgings.night.size)]
    _link_days(model, problem, chosen, taken, nights)
    visits = _visits(problem, chosen, taken)
    rules = LinearRules(model, problem, taken=visits, nights=nights)
    rules.add_nights()
    rules.add_groups()
    rules.add_precedence_between_days()
    shortfall = rules.add_counts()
    rules.add_capacities(_use(problem, chosen, taken))
    routes_value = cp_model.LinearExpr.weighted_sum(taken, list(values.values()))
    model.maximize(routes_value + rules.night_value() + rules.add_combinations() - shortfall)
    hinted = set(routes_of(problem, incumbent))
    for route, literal in zip(chosen, taken, strict=True):
        model.add_hint(literal, route in hinted)
    if seconds is not None:
        left = seconds - (perf_counter() - began)
        if left < _LEAST_SOLVING_SHARE * seconds:
            return None
        seconds = left * (1 - _SOLVING_RESERVE)
    solver = cp_model.CpSolver()
    set_deterministic(solver, effort=effort, seed=seed, seconds=seconds)
    with watched(should_stop, solver.stop_search):
        status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    picked = [route for route, literal in zip(chosen, taken, strict=True) if solver.boolean_value(literal)]
    by_day = sorted(picked)
    return TripSolution(tuple(route.options for route in by_day), tuple(route.after for route in by_day[:-1]))


def set_deterministic(solver: cp_model.CpSolver, *, effort: float | None, seed: int, seconds: float | None) -> None:
    """Make a CP-SAT run repeatable: one worker, a seed and, as far as given, a limit in deterministic time."""
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    if effort is not None:
        solver.parameters.max_deterministic_time = effort
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.01, seconds)


def _never() -> bool:
    return False


def _priced(
    problem: TripProblem,
    pool: Sequence[PooledRoute],
    incumbent: TripSolution,
    until: float | None,
    should_stop: Callable[[], bool],
) -> dict[DayRoute, int]:
    """
    Return the value of each route worth offering, until the clock or somebody says stop.

    Of routes with the same visits in another order the best stays, unless what they use depends on the order.
    """
    values = {route: _value(problem, route) for route in (*routes_of(problem, incumbent), *_empty(problem))}
    kept = set(values)
    is_order_free = not problem.resources.arc_use.any()
    best_order = {_visits_of(route): route for route in values}
    for number, pooled in enumerate(pool[:MOST_ROUTES]):
        if until is not None and perf_counter() > until:
            break
        if number % _ROUTES_A_QUESTION == 0 and should_stop():
            break
        route = route_of(pooled)
        if route in values:
            continue
        rival = best_order.get(_visits_of(route)) if is_order_free else None
        value = _value(problem, route)
        if rival is not None and values[rival] >= value:
            continue
        if rival is not None and rival not in kept:
            del values[rival]
        values[route] = value
        best_order[_visits_of(route)] = route
    return values


def _visits_of(route: DayRoute) -> tuple[int, int, int, frozenset[int]]:
    return route.day, route.before, route.after, frozenset(route.options)


def _empty(problem: TripProblem) -> list[DayRoute]:
    """Return the days without visits that keep their ends."""
    return [
        route for route in empty_routes(problem) if not schedule_day(problem, route.day, (), route.ends(problem))[1]
    ]


def _link_days(
    model: cp_model.CpModel,
    problem: TripProblem,
    chosen: list[DayRoute],
    taken: list[cp_model.IntVar],
    nights: list[cp_model.IntVar],
) -> None:
    """Take one route a day, and have it begin and end where the nights are spent."""
    for day in range(problem.days):
        model.add_exactly_one(literal for route, literal in zip(chosen, taken, strict=True) if route.day == day)
    for stay, literal in enumerate(nights):
        night = int(problem.lodgings.night[stay])
        pairs = list(zip(chosen, taken, strict=True))
        ending = [other for route, other in pairs if route.day == night and route.after == stay]
        beginning = [other for route, other in pairs if route.day == night + 1 and route.before == stay]
        model.add(sum(ending) == literal)
        model.add(sum(beginning) == literal)


def _visits(problem: TripProblem, chosen: list[DayRoute], taken: list[cp_model.IntVar]) -> dict[int, Any]:
    holders: dict[int, list[cp_model.IntVar]] = {}
    for route, literal in zip(chosen, taken, strict=True):
        for option in route.options:
            holders.setdefault(option, []).append(literal)
    return {option: cp_model.LinearExpr.sum(literals) for option, literals in holders.items()}


def _use(problem: TripProblem, chosen: list[DayRoute], taken: list[cp_model.IntVar]) -> list[list[Any]]:
    resources = problem.resources
    table: list[list[Any]] = []
    for resource in range(resources.capacity.size):
        by_day: list[Any] = [0] * problem.days
        for route, literal in zip(chosen, taken, strict=True):
            use = int(resources.option_use[resource, list(route.options)].sum())
            use += sum(int(resources.arc_use[resource, here, there]) for here, there in route.legs(problem))
            by_day[route.day] += use * literal
        table.append(by_day)
    return table


def _value(problem: TripProblem, route: DayRoute) -> int:
    """Return what a route is worth by itself: scores less the price of yen, load, travel and waiting."""
    weights, options = problem.weights, list(route.options)
    value = int(problem.option_score[options].sum()) - weights.load * int(problem.option_load[options].sum())
    if not (weights.cost or weights.travel or weights.wait):
        return value
    legs = route.legs(problem)
    yen = int(problem.option_cost[options].sum()) + sum(int(problem.arc_cost[leg]) for leg in legs)
    value -= weights.cost * yen
    if problem.arrivals is not None:
        schedule, _ = schedule_day(problem, route.day, route.options, route.ends(problem))
        return value - weights.travel * schedule.travel - weights.wait * int(schedule.wait.sum())
    table = problem.travel[problem.day_travel[route.day]]
    return value - weights.travel * sum(int(table[leg]) for leg in legs) - _wait_price(problem, route)


def _wait_price(problem: TripProblem, route: DayRoute) -> int:
    if not problem.weights.wait:
        return 0
    table = problem.travel[problem.day_travel[route.day]]
    here, _ = route.ends(problem)
    time, waits = int(problem.day_earliest[route.day]), 0
    for position, option in enumerate(route.options):
        node = int(problem.option_node[option])
        arrival = time + (0 if here == ANYWHERE else int(table[here, node]))
        begin = max(arrival, int(problem.option_open[option]))
        waits += begin - arrival if position else 0
        time, here = begin + int(problem.option_duration[option]), node
    return problem.weights.wait * waits
