"""The heuristic search: one annealed run of the compiled kernel, in chunks, with a pool of day-routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering import _kernel
from solvers.orienteering._arrays import empty_best, empty_plan, empty_pool, trip_arrays
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import TripSolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.evaluation import Violation
    from solvers.orienteering.problem import TripProblem

WARM_TEMPERATURE: Final = 0.3
"""Start temperature after a warm start, as a share of the usual one: hot enough to leave it, too cool to forget it."""

_MENDABLE: Final = frozenset({"REQUIRED_MISSING", "COUNT_BELOW", "LODGING_MISSING"})


@dataclass(frozen=True, slots=True)
class PooledRoute:
    """
    Hold one day-route seen in an accepted plan.

    Parameters
    ----------
    day
        Its day.
    options
        Its visits in order.
    lodging_before, lodging_after
        Lodgings of the nights around the day; -1 where there is none.
    objective
        Best objective, penalties included, of a plan that held it.
    """

    day: int
    options: tuple[int, ...]
    lodging_before: int
    lodging_after: int
    objective: int


class Search:
    """
    Run ruin and recreate on one problem.

    The state lives here between calls of `run`, so that cutting a run into chunks does not change it.

    Parameters
    ----------
    problem
        A problem that `solvers.orienteering.validation.validate` accepts.
    seed
        Any int; the same seed and iterations give the same plan.
    warm_start
        Plan to begin with; visits that break a rule are left out.
    """

    def __init__(self, problem: TripProblem, *, seed: int = 0, warm_start: TripSolution | None = None) -> None:
        self._problem = problem
        self._trip = trip_arrays(problem)
        self._plan = empty_plan(problem)
        self._best = empty_best(problem)
        self._pool = empty_pool(problem)
        self._state = np.array([seed % 2**64], np.uint64)
        self.iterations = 0
        self._start(warm_start)

    def _start(self, warm_start: TripSolution | None) -> None:
        begin = TripSolution(((),) * self._problem.days, best_lodgings(self._problem))
        if warm_start is not None:
            begin = keep_what_fits(self._problem, warm_start, begin.lodging)
            self._trip.scale[0] = max(self._trip.scale[1], WARM_TEMPERATURE * self._trip.scale[0])
        self._plan.lodging[: self._problem.days - 1] = begin.lodging
        for day, route in enumerate(begin.routes):
            self._plan.length[day] = len(route)
            self._plan.route[day, : len(route)] = route

    def run(self, until: int, *, total: int) -> None:
        """
        Go on to iteration ``until``.

        Parameters
        ----------
        until
            Iterations done after the call.
        total
            Iterations of the whole run: the temperature follows ``iteration / total``.
        """
        _kernel.search(
            self._trip, self._plan, self._best, self._pool, self._state, self.iterations, until, max(total, 1)
        )
        self.iterations = until

    @property
    def keeps_hard_rules(self) -> bool:
        """Return whether the best plan so far breaks no hard rule."""
        # The penalty for one broken rule is twice the size of any objective.
        return bool(self._best.objective[0] > -(self._trip.weights[_kernel.VIOLATION] // 2))

    @property
    def penalised_objective(self) -> int:
        """Return the best plan's objective less a penalty, above any objective, for everything that is missing."""
        return int(self._best.objective[0])

    @property
    def objective(self) -> int | None:
        """Return the best plan's objective; None while it breaks a hard rule."""
        return int(self._best.objective[0]) if self.keeps_hard_rules else None

    @property
    def solution(self) -> TripSolution:
        """Return the best plan."""
        best = self._best
        routes = tuple(
            tuple(route[:length].tolist()) for route, length in zip(best.route, best.length.tolist(), strict=True)
        )
        return TripSolution(routes, tuple(best.lodging[: self._problem.days - 1].tolist()))

    @property
    def pool_size(self) -> int:
        """Return how many day-routes the pool holds."""
        return int((self._pool.about[:, _kernel.POOL_DAY] >= 0).sum())

    def pool(self, most: int | None = None) -> list[PooledRoute]:
        """Return the day-routes of accepted plans, those of the best plans first, not more than asked for."""
        about = self._pool.about
        slots = np.flatnonzero(about[:, _kernel.POOL_DAY] >= 0)
        # The hash as second key makes the order independent of where routes happen to lie.
        order = np.lexsort((about[slots, _kernel.POOL_HASH], -about[slots, _kernel.POOL_OBJECTIVE]))
        return [self._pooled(about[slot], self._pool.route[slot]) for slot in slots[order][:most]]

    @staticmethod
    def _pooled(about: NDArray[np.int64], route: NDArray[np.int32]) -> PooledRoute:
        day, length, before, after, objective = about[:5].tolist()
        return PooledRoute(day, tuple(route[:length].tolist()), before, after, objective)


def best_lodgings(problem: TripProblem) -> tuple[int, ...]:
    """Return the lodging of highest value for each night by itself; -1 where a night has none."""
    lodgings = problem.lodgings
    value = lodgings.score - problem.weights.cost * lodgings.cost
    chosen = []
    for night in range(problem.days - 1):
        offered = np.flatnonzero(lodgings.night == night)
        chosen.append(int(offered[np.argmax(value[offered])]) if offered.size else -1)
    return tuple(chosen)


def keep_what_fits(problem: TripProblem, solution: TripSolution, lodging: Sequence[int]) -> TripSolution:
    """
    Return a plan as it is where it only lacks something, else without the visits that break a rule.

    Parameters
    ----------
    problem, solution
        The plan and its problem.
    lodging
        Lodgings to fall back on where the plan's own are missing or of another night.
    """
    nights = solution.lodging or (-1,) * (problem.days - 1)
    nights = tuple(
        own if own >= 0 and problem.lodgings.night[own] == night else lodging[night] for night, own in enumerate(nights)
    )
    whole = TripSolution(solution.routes, nights)
    if not _broken(problem, whole):
        return whole
    routes: list[tuple[int, ...]] = [()] * problem.days
    allowed = _broken(problem, TripSolution(tuple(routes), nights))
    for day, route in enumerate(solution.routes):
        for option in route:
            before = routes[day]
            routes[day] = (*before, option)
            if not _broken(problem, TripSolution(tuple(routes), nights)) <= allowed:
                routes[day] = before
    return TripSolution(tuple(routes), nights)


def _broken(problem: TripProblem, solution: TripSolution) -> set[Violation]:
    return {fault for fault in evaluate(problem, solution).violations if fault.code not in _MENDABLE}
