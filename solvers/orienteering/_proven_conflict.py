"""Proof that some required groups exclude each other, whatever else a plan holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.infeasibility import shortest_from, usable_options
from solvers.orienteering.problem import ANYWHERE, Combinations, CountRules, Sets, Weights
from solvers.orienteering.result import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.problem import Resources, TripProblem

MOST_OPTIONS: Final = 60
"""Groups with more options than this together are not tried: the exact model would rarely end."""

_EFFORT: Final = 0.5
"""CP-SAT's deterministic time for one proof."""


def proven_conflict(problem: TripProblem, conflicts: Sequence[Conflict], *, seed: int) -> tuple[Conflict, ...]:
    """
    Return the required groups among some conflicts as proven, if no plan can hold all of them; else nothing.

    The exact model is asked for a plan of these groups alone, with nothing else to visit. Ways between them are the
    shortest by any detour and use nothing up, minima and travel by time of day are left out: every plan of the whole
    problem that holds the groups would leave such a plan behind. Windows, days, nights, upper counts, precedence among
    them and what the visits use up are kept.

    Parameters
    ----------
    problem
        A valid problem.
    conflicts
        Rules that a search could not keep together.
    seed
        Seed of the exact model.
    """
    groups = [conflict.index for conflict in conflicts if conflict.code == "REQUIRED_MISSING"]
    kept = np.flatnonzero(np.isin(problem.option_group, groups) & usable_options(problem))
    if not groups or not 0 < kept.size <= MOST_OPTIONS:
        return ()
    # Imported here: CP-SAT is heavy.
    from solvers.orienteering.cp_sat_model import solve_exactly

    if solve_exactly(_only(problem, groups, kept), effort=_EFFORT, seed=seed).status != "infeasible":
        return ()
    others = (conflict for conflict in conflicts if conflict.code != "REQUIRED_MISSING")
    return (*others, *(Conflict("REQUIRED_MISSING", group, -1, proven=True) for group in groups))


def _only(problem: TripProblem, groups: Sequence[int], kept: NDArray[np.int64]) -> TripProblem:
    """Return the problem of visiting some groups and nothing else, with every other rule as loose as can be."""
    nothing = np.zeros(kept.size, np.int64)
    together = np.isin(problem.precedence[:, :2], groups).all(axis=1)
    lodgings = problem.lodgings
    return replace(
        problem,
        option_node=problem.option_node[kept],
        option_group=problem.option_group[kept],
        option_day=problem.option_day[kept],
        option_open=problem.option_open[kept],
        option_close=problem.option_close[kept],
        option_duration=problem.option_duration[kept],
        option_score=nothing,
        option_cost=nothing,
        option_load=nothing,
        travel=_shortest_ways(problem, kept),
        arc_cost=np.zeros_like(problem.arc_cost),
        required=np.array(groups, np.int64),
        precedence=problem.precedence[together],
        resources=_resources(problem, kept),
        counts=_upper_counts(problem, kept),
        combinations=Combinations(),
        lodgings=replace(lodgings, score=np.zeros_like(lodgings.score), cost=np.zeros_like(lodgings.cost)),
        weights=Weights(),
        arrivals=None,
    )


def _shortest_ways(problem: TripProblem, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the travel tables with the shortest way, by any detour, between the places that matter."""
    places = np.concatenate((problem.option_node[kept], problem.day_start, problem.day_end, problem.lodgings.node))
    travel = problem.travel.copy()
    for table in np.unique(problem.day_travel):
        for place in np.unique(places[places != ANYWHERE]):
            travel[table, place] = shortest_from(problem.travel[table], [int(place)])
    return travel


def _resources(problem: TripProblem, kept: NDArray[np.int64]) -> Resources:
    resources = problem.resources
    return replace(resources, option_use=resources.option_use[:, kept], arc_use=np.zeros_like(resources.arc_use))


def _upper_counts(problem: TripProblem, kept: NDArray[np.int64]) -> CountRules:
    counts = problem.counts
    members = [np.flatnonzero(np.isin(kept, counts.options[rule])).tolist() for rule in range(len(counts.options))]
    none = np.zeros(len(members), np.int64)
    return replace(counts, options=Sets.of(members), lower=none, shortfall_penalty=none)
