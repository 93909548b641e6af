"""The problem for OR-Tools' routing library: what a common tool makes of it, to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from solvers.errors import ProblemError
from solvers.orienteering._chosen_nights import choose_nights, with_nights
from solvers.orienteering._routing_library_rules import add_counts, add_resources, between_nodes
from solvers.orienteering.problem import UNREACHABLE, TripSolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem
    from solvers.orienteering.result import UnknownRule

_SCALE: Final = 1_000
"""Cost of one objective unit where travel has no price: each tick then costs 1, or the library sees no way as shorter
than another. Of 100, 1,000, 10,000 and 1,000,000 this served it best on the public TOPTW instances."""

_MANDATORY: Final = -1
"""The library's word for a disjunction that may not be left out."""


def solve_with_routing_library(
    problem: TripProblem, *, seconds: float, should_stop: Callable[[], bool] | None = None
) -> TripSolution | None:
    """
    Return a good plan by guided local search.

    One vehicle a day; each option is a node that only its day's vehicle may visit within its window; each group is a
    disjunction of which one node is visited, or none at the price of the group's best option; each count and each
    resource is a dimension. Lodgings are chosen beforehand, and `unknown_rules` are not searched under: whoever judges
    the plan under them finds it worth less or more than the library does.

    Parameters
    ----------
    problem
        A valid problem, without the hard rules that `refuse_unsupported` names.
    seconds
        Limit in time, the search uses all of it.
    should_stop
        Ends it early with the best plan so far.

    Returns
    -------
    solution
        None when the library found no plan that keeps the hard rules.

    Raises
    ------
    ProblemError
        If the problem has hard rules that this model does not know.
    """
    refuse_unsupported(problem)
    nights = choose_nights(problem)
    problem = with_nights(problem, nights)
    if (problem.resources.capacity < 0).any():
        return None
    options = np.flatnonzero(problem.option_open <= _closing(problem))
    count, days = options.size, problem.days
    starts, ends = list(range(count, count + days)), list(range(count + days, count + 2 * days))
    manager = pywrapcp.RoutingIndexManager(count + 2 * days, days, starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    _add_times(problem, options, manager, routing)
    _add_prices(problem, options, routing)
    for node, option in enumerate(options.tolist()):
        # -1 stands for left out.
        routing.VehicleVar(manager.NodeToIndex(node)).SetValues([-1, int(problem.option_day[option])])
    required = set(problem.required.tolist())
    if required - set(problem.option_group[options].tolist()):
        return None
    for group, nodes in _nodes_of_groups(problem, options).items():
        penalty = _MANDATORY if group in required else _scale(problem) * _best_value(problem, group)
        routing.AddDisjunction([manager.NodeToIndex(node) for node in nodes], penalty, 1)
    add_counts(problem, options, routing, scale=_scale(problem))
    add_resources(problem, options, routing)
    if should_stop is not None:
        # The library keeps the interpreter's lock: only what it calls itself is heard.
        routing.AddSearchMonitor(routing.solver().CustomLimit(should_stop))
    found = routing.SolveWithParameters(_parameters(seconds))
    return None if found is None else TripSolution(_routes(problem, options, manager, routing, found), nights)


def unknown_rules(problem: TripProblem) -> tuple[UnknownRule, ...]:
    """Return what this model leaves out of its search, though a plan that keeps the hard rules can be judged by it."""
    counts, nights = problem.counts, problem.lodgings.night
    left_out: dict[UnknownRule, bool] = {
        "combinations": bool(problem.combinations.bonus.any()),
        "lodgings": bool(nights.size > np.unique(nights).size),
        "counts": bool((~counts.per_day & (counts.lower > 0) & (counts.shortfall_penalty > 0)).any()),
    }
    return tuple(rule for rule, is_left_out in left_out.items() if is_left_out)


def refuse_unsupported(problem: TripProblem) -> None:
    """Raise one `ProblemError` that names all hard rules this model does not know."""
    unknown = {"arrivals": problem.arrivals is not None, "precedence": len(problem.precedence) > 0}
    faults = tuple(
        f"{name} is given; the solver or-tools-routing accepts problems without" for name, has in unknown.items() if has
    )
    if faults:
        raise ProblemError(faults)


def _parameters(seconds: float) -> pywrapcp.RoutingSearchParameters:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromNanoseconds(max(1, round(seconds * 1e9)))
    return parameters


def _closing(problem: TripProblem) -> NDArray[np.int64]:
    return np.minimum(problem.option_close, problem.day_latest[problem.option_day])


def _values(problem: TripProblem) -> NDArray[np.int64]:
    weights = problem.weights
    return problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load


def _best_value(problem: TripProblem, group: int) -> int:
    """Return what leaving a group out costs: nothing where it is worth nothing."""
    return max(0, int(_values(problem)[problem.option_group == group].max()))


def _nodes_of_groups(problem: TripProblem, options: NDArray[np.int64]) -> dict[int, list[int]]:
    nodes: dict[int, list[int]] = {}
    for node, group in enumerate(problem.option_group[options].tolist()):
        nodes.setdefault(group, []).append(node)
    return nodes


def _scale(problem: TripProblem) -> int:
    return 1 if problem.weights.travel else _SCALE


def _add_times(
    problem: TripProblem,
    options: NDArray[np.int64],
    manager: pywrapcp.RoutingIndexManager,
    routing: pywrapcp.RoutingModel,
) -> None:
    latest = int(problem.day_latest.max())
    stay = np.concatenate((problem.option_duration[options], np.zeros(2 * problem.days, np.int64)))
    transits = []
    for day in range(problem.days):
        ticks = between_nodes(problem, problem.travel[problem.day_travel[day]], options)
        # The duration of a visit belongs to every arc that leaves it; where there is no way, none is short enough.
        transits.append(routing.RegisterTransitMatrix(np.minimum(ticks + stay[:, None], latest + 1).tolist()))
    routing.AddDimensionWithVehicleTransits(transits, latest, latest, False, "time")
    time = routing.GetDimensionOrDie("time")
    closing = _closing(problem)
    for node, option in enumerate(options.tolist()):
        time.CumulVar(manager.NodeToIndex(node)).SetRange(int(problem.option_open[option]), int(closing[option]))
    for day in range(problem.days):
        earliest, last = int(problem.day_earliest[day]), int(problem.day_latest[day])
        time.CumulVar(routing.Start(day)).SetRange(earliest, last)
        time.CumulVar(routing.End(day)).SetRange(earliest, last)
    # What the library calls slack is the wait for a door to open; before the first visit one sets out later instead.
    time.SetSlackCostCoefficientForAllVehicles(_scale(problem) * problem.weights.wait)


def _add_prices(problem: TripProblem, options: NDArray[np.int64], routing: pywrapcp.RoutingModel) -> None:
    """Price each arc with its travel and yen, and with how far the option it leaves is below its group's best."""
    values, scale = _values(problem), _scale(problem)
    best = {group: _best_value(problem, group) for group in set(problem.option_group.tolist())}
    below = [best[int(problem.option_group[option])] - int(values[option]) for option in options.tolist()]
    short = np.array([*below, *[0] * 2 * problem.days], np.int64)
    yen = between_nodes(problem, problem.weights.cost * problem.arc_cost, options)
    for day in range(problem.days):
        ticks = between_nodes(problem, problem.travel[problem.day_travel[day]], options)
        ticks = np.where(ticks >= UNREACHABLE, 0, ticks)
        price = scale * (yen + short[:, None]) + (problem.weights.travel or 1) * ticks
        routing.SetArcCostEvaluatorOfVehicle(routing.RegisterTransitMatrix(price.tolist()), day)
        # A day without visits still travels.
        routing.SetVehicleUsedWhenEmpty(True, day)


def _routes(
    problem: TripProblem,
    options: NDArray[np.int64],
    manager: pywrapcp.RoutingIndexManager,
    routing: pywrapcp.RoutingModel,
    found: pywrapcp.Assignment,
) -> tuple[tuple[int, ...], ...]:
    routes = []
    for day in range(problem.days):
        index, route = found.Value(routing.NextVar(routing.Start(day))), []
        while not routing.IsEnd(index):
            route.append(int(options[manager.IndexToNode(index)]))
            index = found.Value(routing.NextVar(index))
        routes.append(tuple(route))
    return tuple(routes)
