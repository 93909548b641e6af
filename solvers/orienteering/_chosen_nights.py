"""A problem with its lodgings chosen beforehand, for solvers that cannot choose them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import Lodgings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem


def choose_nights(problem: TripProblem) -> tuple[int, ...]:
    """
    Return a lodging for each night: wanted ones first, else the best by value less the way to the days' places.

    Parameters
    ----------
    problem
        A valid problem.

    Returns
    -------
    lodging
        Shape ``(D - 1,)``; -1 where a night offers none.
    """
    lodgings, weights = problem.lodgings, problem.weights
    value = (lodgings.score - weights.cost * lodgings.cost).astype(np.float64)
    missing = set(problem.required.tolist())
    chosen = []
    for night in range(problem.days - 1):
        offered = np.flatnonzero(lodgings.night == night)
        if not offered.size:
            chosen.append(-1)
            continue
        near = value[offered] - max(1, weights.travel) * _mean_way(problem, night, lodgings.node[offered])
        is_wanted = np.isin(lodgings.group[offered], list(missing))
        stay = int(offered[np.lexsort((-near, ~is_wanted))[0]])
        missing.discard(int(lodgings.group[stay]))
        chosen.append(stay)
    return tuple(chosen)


def _mean_way(problem: TripProblem, night: int, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each node is on average from what the day before may visit, and what the day after may."""
    ways = []
    for day, is_back in ((night, True), (night + 1, False)):
        table = problem.travel[problem.day_travel[day]]
        places = np.unique(problem.option_node[problem.option_day == day])
        between = table[np.ix_(places, nodes)].T if is_back else table[np.ix_(nodes, places)]
        ways.append(between.sum(axis=1) / max(1, places.size))
    return np.asarray(sum(ways), np.float64)


def with_nights(problem: TripProblem, lodging: tuple[int, ...]) -> TripProblem:
    """
    Return the problem that is left when the lodging of every night is given.

    Days start and end there; what the lodgings use up is taken off the capacities (which may then be below 0: no plan),
    that of one night off every day's; a group that is slept at is required no more, and its visits are never open.
    """
    lodgings, resources = problem.lodgings, problem.resources
    stays = [stay for stay in lodging if stay >= 0]
    start, end = problem.day_start.copy(), problem.day_end.copy()
    capacity = resources.capacity.copy()
    for night, stay in enumerate(lodging):
        if stay >= 0:
            end[night] = start[night + 1] = lodgings.node[stay]
    use = resources.lodging_use[:, stays]
    capacity -= np.where(resources.per_day, use.max(axis=1, initial=0), use.sum(axis=1))
    slept_at = np.isin(problem.option_group, lodgings.group[stays])
    return replace(
        problem,
        day_start=start,
        day_end=end,
        option_close=np.where(slept_at, problem.option_open - 1, problem.option_close),
        required=problem.required[~np.isin(problem.required, lodgings.group[stays])],
        resources=replace(resources, capacity=capacity, lodging_use=np.zeros((capacity.size, 0), np.int64)),
        lodgings=Lodgings(),
    )
