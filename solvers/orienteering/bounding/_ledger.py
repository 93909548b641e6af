"""What is proven so far, the best plan so far, and how much of the limit is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.bounding.result import BoundProgress
from solvers.orienteering.bounding.trivial import objective_step, trivial_bound
from solvers.orienteering.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.problem import TripProblem, TripSolution


class Ledger:
    """
    Keep the books of one proof.

    Parameters
    ----------
    problem
        A valid problem; plans are judged by it.
    incumbent
        The best plan known; one that breaks a rule is not used.
    seconds, iterations
        Limits; ``iterations`` counts rounds of pricing.
    on_progress
        Told after each round.
    should_stop
        Whom the libraries in use are to ask whether to end early, if anybody.

    Attributes
    ----------
    bound, method
        No plan is worth more, and what showed it.
    objective, plan
        Of the best plan; None while there is none.
    is_improved
        Whether the plan is not the one to begin with.
    rounds
        Rounds of pricing done.
    step
        A number that divides the objective of every plan.
    stop
        Shape ``(1,)``, int64: not zero ends the passes of the labelling that run.
    is_halted
        Whether somebody ended the proof before its limit did.
    """

    def __init__(
        self,
        problem: TripProblem,
        incumbent: TripSolution | None,
        *,
        seconds: float | None,
        iterations: int | None,
        on_progress: Callable[[BoundProgress], None] | None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self._began = time.perf_counter()
        self._problem = problem
        self._iterations = iterations
        self._on_progress = on_progress
        self.seconds = seconds
        self.should_stop = should_stop
        self.bound = trivial_bound(problem)
        self.method = "trivial"
        self.step = objective_step(problem)
        self.rounds = 0
        self.objective: int | None = None
        self.plan: TripSolution | None = None
        self.stop = np.zeros(1, np.int64)
        self.is_halted = False
        if incumbent is not None:
            self.offer(incumbent)
        self.is_improved = False

    @property
    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self._began

    @property
    def left(self) -> float:
        """Return the seconds left; infinite when the limit is in rounds."""
        if self.is_halted:
            return 0.0
        return float("inf") if self.seconds is None else self.seconds - self.elapsed

    def halt(self) -> None:
        """End the proof as if its time were over."""
        self.is_halted = True
        self.stop.fill(1)

    def is_past(self, until: float) -> bool:
        """Return whether a time since the start is over, or everything is; a limit in rounds knows no times."""
        return self.is_halted or (self.seconds is not None and self.elapsed > until)

    @property
    def is_closed(self) -> bool:
        """Return whether bound and plan have met."""
        return self.objective is not None and self.objective >= self.bound

    @property
    def is_refuted(self) -> bool:
        """Return whether the plan is worth more than was said to be possible."""
        return self.objective is not None and self.objective > self.bound

    @property
    def goes_on(self) -> bool:
        """Return whether there is something left to prove, and a round to do so."""
        return self.left > 0 and not self.is_closed and (self._iterations is None or self.rounds < self._iterations)

    @property
    def gap(self) -> float:
        """Return the distance from plan to bound as a share of the bound; infinite without a plan."""
        if self.objective is None:
            return float("inf")
        return (self.bound - self.objective) / max(1, abs(self.bound))

    def offer(self, plan: TripSolution) -> None:
        """Keep a plan if it is feasible and better than what is known."""
        evaluation = evaluate(self._problem, plan)
        if evaluation.feasible and (self.objective is None or evaluation.objective > self.objective):
            self.plan, self.objective, self.is_improved = plan, evaluation.objective, True

    def lower(self, bound: int, method: str) -> None:
        """Note that no plan is worth more than this."""
        # No objective lies between two multiples of what divides all its terms.
        bound -= bound % self.step
        if bound < self.bound:
            self.bound, self.method = bound, method

    def tell(self) -> None:
        """Report progress."""
        if self._on_progress is not None:
            self._on_progress(BoundProgress(self.bound, self.objective, self.rounds, self.elapsed))
