"""Several searches at once, each on a thread and with a seed of its own, that end in one pool of day-routes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from solvers.orienteering.ruin_and_recreate import Search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solvers.orienteering.problem import TripProblem, TripSolution
    from solvers.orienteering.ruin_and_recreate import PooledRoute


class MultiStart:
    """
    Run independent searches side by side; the compiled kernel holds no lock of the interpreter.

    It has the members of `Search` that a run needs. Same problem, seed, number of searches and iterations, same plan:
    the searches do not hear of each other, and they are compared in the order of their seeds.

    Parameters
    ----------
    problem
        A problem that `solvers.orienteering.validation.validate` accepts.
    threads
        How many searches, with the seeds ``seed``, ``seed + 1``, ...
    seed
        Seed of the first.
    warm_start
        Plan for all to begin with.
    """

    def __init__(
        self, problem: TripProblem, *, threads: int, seed: int = 0, warm_start: TripSolution | None = None
    ) -> None:
        self._searches = [Search(problem, seed=seed + place, warm_start=warm_start) for place in range(threads)]

    def run(self, until: int, *, total: int) -> None:
        """Go on to iteration ``until`` of ``total`` in every search."""
        if len(self._searches) == 1:
            self._searches[0].run(until, total=total)
            return
        with ThreadPoolExecutor(len(self._searches)) as threads:
            for _ in threads.map(lambda search: search.run(until, total=total), self._searches):
                pass

    @property
    def iterations(self) -> int:
        """Return the iterations that each search has done."""
        return self._searches[0].iterations

    @property
    def objective(self) -> int | None:
        """Return the best plan's objective; None while it breaks a hard rule."""
        return self._best.objective

    @property
    def solution(self) -> TripSolution:
        """Return the best plan of all searches."""
        return self._best.solution

    @property
    def _best(self) -> Search:
        return max(self._searches, key=lambda search: search.penalised_objective)

    @property
    def pool_size(self) -> int:
        """Return how many day-routes the searches hold together, those that several found counted each time."""
        return sum(search.pool_size for search in self._searches)

    def pool(self, most: int | None = None) -> list[PooledRoute]:
        """Return the day-routes of all searches, those of the best plans first, not more than asked for."""
        return pooled(self._searches, most)


def pooled(searches: Sequence[Search | MultiStart], most: int | None = None) -> list[PooledRoute]:
    """Return the day-routes of several searches, those of the best plans first, not more than asked for."""
    routes = [route for search in searches for route in search.pool(most)]
    if len(searches) > 1:
        # Sorting keeps the order of the searches among equals.
        routes.sort(key=lambda route: -route.objective)
        once: dict[tuple[object, ...], PooledRoute] = {}
        for route in routes:
            once.setdefault((route.day, route.lodging_before, route.lodging_after, route.options), route)
        routes = list(once.values())
    return routes[:most]
