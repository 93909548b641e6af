"""Those who listen to a plan in the making and may end it: how often they are told, and of what."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.linear_bound import linear_bound
from solvers.orienteering.result import SolveResult
from solvers.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from routing.itinerary import Itinerary
    from routing.request import SolverChoice
    from solvers.orienteering import Progress, TripProblem, TripSolution

_FIRST_S: Final = 0.1
"""Seconds of search before the first plan is told: most short searches are over by then."""

_APART_S: Final = 0.2
"""Least seconds between two plans told."""

_LEAST_WORK: Final = 20
"""Least time of search between two plans, in times that telling the last one took."""


class Watch:
    """
    Hold the listeners of one run.

    Parameters
    ----------
    on_progress, on_plan, should_stop
        As for `routing.plan.plan_trip`.
    """

    def __init__(
        self,
        on_progress: Callable[[float], None] | None = None,
        on_plan: Callable[[Itinerary], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.on_progress = on_progress
        self.on_plan = on_plan
        self.stop = Stop(should_stop)

    @property
    def question(self) -> Callable[[], bool] | None:
        """Return whom a solver is to ask whether to stop, if anybody."""
        return self.stop if self.stop.is_possible else None

    def part(self, begin: float, end: float) -> Callable[[float], None] | None:
        """Return a listener to a part of the work, which tells its share of the whole."""
        tell = self.on_progress
        if tell is None:
            return None
        return lambda share: tell(begin + share * (end - begin))


class Incumbents:
    """
    Tell of better plans as they are found: at most five a second, and for a small share of the time at most.

    Parameters
    ----------
    problem
        A valid problem; plans are judged by it.
    choice
        Who searches.
    tell
        Turns a plan into words, and passes it on.
    """

    def __init__(self, problem: TripProblem, choice: SolverChoice, tell: Callable[[SolveResult], None]) -> None:
        self._problem, self._choice, self._tell = problem, choice, tell
        self._best: int | None = None
        self._bound: int | None = None
        self._next = perf_counter() + _FIRST_S

    def hear(self, progress: Progress) -> None:
        """Listen to a search."""
        if progress.objective is None or (self._best is not None and progress.objective <= self._best):
            return
        if perf_counter() < self._next:
            return
        solution = progress.solution
        if solution is not None:
            self.offer(self._result(solution, progress))

    def offer(self, result: SolveResult) -> None:
        """Tell of a plan at once, unless that is no news."""
        if (result.objective, result.bound) == (self._best, self._bound):
            return
        began = perf_counter()
        self._best, self._bound = result.objective, result.bound
        self._tell(result)
        ended = perf_counter()
        self._next = ended + max(_APART_S, _LEAST_WORK * (ended - began))

    def _result(self, solution: TripSolution, progress: Progress) -> SolveResult:
        if self._bound is None:
            self._bound = linear_bound(self._problem)
        return SolveResult(
            status="feasible",
            solution=solution,
            evaluation=evaluate(self._problem, solution),
            bound=self._bound,
            conflicts=(),
            solver=self._choice.name,
            seed=self._choice.seed,
            iterations=progress.iterations,
            seconds=progress.seconds,
            # What it would have come to, had somebody ended it here.
            limit="stopped",
            pool_size=0,
        )
