"""The classical searches whose day-routes a sampler puts together."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from solvers.orienteering.loading import load_search
from solvers.orienteering.multi_start import pooled
from solvers.orienteering.portfolio import default_iterations
from solvers.orienteering.ruin_and_recreate import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.problem import TripProblem, TripSolution
    from solvers.orienteering.ruin_and_recreate import PooledRoute
    from solvers.stopping import Stop

MOST_POOLED: Final = 4_000
"""Day-routes looked at, those of the best plans first."""

_SEARCHES_WITH_LODGING: Final = 3
"""Searches from nothing where nights are spent in lodgings: one settles early on where one sleeps."""

_CHUNKS: Final = 5
"""Parts of each search between which progress is told."""

_BREATH: Final = 1_000
"""Iterations between two questions whether to stop."""

_TRIAL: Final = 300
"""Iterations by which the speed is measured where the limit is in seconds."""


@dataclass(frozen=True, slots=True)
class Pool:
    """
    Hold what the searches found.

    Parameters
    ----------
    plan
        The best plan.
    is_plan
        Whether it keeps all hard rules.
    routes
        Day-routes of accepted plans, best first.
    iterations
        Iterations of all searches together.
    """

    plan: TripSolution
    is_plan: bool
    routes: list[PooledRoute]
    iterations: int


def search_pool(
    problem: TripProblem,
    *,
    seed: int,
    iterations: int | None,
    seconds: float | None,
    tell: Callable[[float], None],
    stop: Stop,
) -> Pool:
    """
    Search for plans, and keep the day-routes seen.

    Parameters
    ----------
    problem
        A valid problem.
    seed
        Of the first search; further ones count on.
    iterations, seconds
        Limit of all searches together; by default `default_iterations`. Seconds are turned into iterations by the
        speed of the first ones.
    tell
        Called with the share done, 0 to 1.
    stop
        Ends the search.
    """
    load_search()
    count = _SEARCHES_WITH_LODGING if problem.lodgings.night.size else 1
    total = iterations or (default_iterations(problem) if seconds is None else _within(problem, seconds))
    own = max(1, total // count)
    searches = []
    for number in range(count):
        search = Search(problem, seed=seed + number)
        searches.append(search)
        for chunk in range(1, _CHUNKS + 1):
            until = own * chunk // _CHUNKS
            while search.iterations < until and not (search.iterations and stop()):
                search.run(min(until, search.iterations + _BREATH), total=own)
            tell((number + chunk / _CHUNKS) / count)
        if stop():
            break
    best = max(searches, key=lambda search: search.penalised_objective)
    done = sum(search.iterations for search in searches)
    return Pool(best.solution, best.keeps_hard_rules, pooled(searches, MOST_POOLED), done)


def _within(problem: TripProblem, seconds: float) -> int:
    """Return how many iterations fit into a number of seconds, by the speed of a few of them."""
    began = perf_counter()
    Search(problem).run(_TRIAL, total=_TRIAL)
    took = perf_counter() - began
    return max(1, int(_TRIAL * (seconds - took) / took))
