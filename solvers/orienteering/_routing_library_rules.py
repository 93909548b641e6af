"""Counts and capacities for OR-Tools' routing library: a dimension for each rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from ortools.constraint_solver import pywrapcp

    from solvers.orienteering.problem import TripProblem


def add_counts(problem: TripProblem, options: NDArray[np.int64], routing: pywrapcp.RoutingModel, *, scale: int) -> None:
    """
    Bound how many nodes of a set are visited, by day or in all.

    Parameters
    ----------
    problem, options
        A problem, and the option of each node; the nodes after them are starts and ends of days.
    routing
        The model to add to.
    scale
        Cost of one objective unit.
    """
    counts = problem.counts
    for rule in range(len(counts.options)):
        lower, upper = int(counts.lower[rule]), int(counts.upper[rule])
        members = np.isin(options, counts.options[rule])
        by_day = [int((members & (problem.option_day[options] == day)).sum()) for day in range(problem.days)]
        has_rule = np.unique(problem.option_day[counts.options[rule]]).tolist()
        if not lower and (max(by_day) if counts.per_day[rule] else sum(by_day)) <= upper:
            continue
        name = f"count {rule}"
        used = np.concatenate((members.astype(np.int64), np.zeros(2 * problem.days, np.int64)))
        most = upper if counts.per_day[rule] else len(options)
        routing.AddDimension(routing.RegisterUnaryTransitVector(used.tolist()), 0, most, True, name)
        dimension = routing.GetDimensionOrDie(name)
        if not counts.per_day[rule]:
            _bound_sum(routing, dimension, upper, lower * (counts.shortfall_penalty[rule] == 0))
            continue
        for day in has_rule if lower else ():
            end = routing.End(day)
            if counts.shortfall_penalty[rule]:
                price = scale * int(counts.shortfall_penalty[rule])
                dimension.SetCumulVarSoftLowerBound(end, lower, price)
            else:
                dimension.CumulVar(end).SetMin(lower)


def add_resources(problem: TripProblem, options: NDArray[np.int64], routing: pywrapcp.RoutingModel) -> None:
    """Keep what visits and ways use up within the capacities, by day or in all."""
    resources = problem.resources
    for resource, capacity in enumerate(resources.capacity.tolist()):
        visits = np.concatenate((resources.option_use[resource, options], np.zeros(2 * problem.days, np.int64)))
        used = between_nodes(problem, resources.arc_use[resource], options) + visits[:, None]
        # More than the capacity is as bad as far more, and keeps sums small.
        transit = routing.RegisterTransitMatrix(np.minimum(used, capacity + 1).tolist())
        name = f"resource {resource}"
        routing.AddDimension(transit, 0, capacity, True, name)
        if not resources.per_day[resource]:
            _bound_sum(routing, routing.GetDimensionOrDie(name), capacity, 0)


def _bound_sum(routing: pywrapcp.RoutingModel, dimension: pywrapcp.RoutingDimension, upper: int, lower: int) -> None:
    ends: Sequence[object] = [dimension.CumulVar(routing.End(day)) for day in range(routing.vehicles())]
    total = routing.solver().Sum(ends)
    routing.solver().Add(total <= upper)
    if lower:
        routing.solver().Add(total >= int(lower))


def between_nodes(problem: TripProblem, table: NDArray[np.int64], options: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a table from place to place as one from node to node: options, day starts, day ends."""
    places = np.concatenate((problem.option_node[options], problem.day_start, problem.day_end))
    between = table[np.ix_(places, places)].copy()
    anywhere = places == ANYWHERE
    between[anywhere] = 0
    between[:, anywhere] = 0
    return between
