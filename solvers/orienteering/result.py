"""What a solver hands back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.evaluation import Evaluation
    from solvers.orienteering.problem import TripSolution

Status = Literal["optimal", "feasible", "infeasible", "unsolved"]
Limit = Literal["iterations", "seconds", "none", "stopped"]
UnknownRule = Literal["combinations", "lodgings", "counts"]
ConflictCode = Literal[
    "REQUIRED_MISSING",
    "COUNT_BELOW",
    "RESOURCE_OVER",
    "DAY_IMPOSSIBLE",
    "LODGING_MISSING",
]


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    Name one rule that takes part in a contradiction.

    Parameters
    ----------
    code
        ``REQUIRED_MISSING`` (index: group), ``COUNT_BELOW`` (row of ``counts``), ``RESOURCE_OVER`` (row of
        ``resources``), ``DAY_IMPOSSIBLE`` (index -1), ``LODGING_MISSING`` (index -1).
    index
        What the code speaks of.
    day
        The day or night; -1 for the whole trip.
    proven
        Whether it is certain that the rule cannot be kept together with the other rules named.
    """

    code: ConflictCode
    index: int
    day: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """
    Tell how far a search is.

    Parameters
    ----------
    iterations
        Iterations done.
    share
        Share of the limit used, 0 to 1.
    objective
        Best objective so far, never falling; None while no plan keeps all hard rules.
    seconds
        Time since the start.
    incumbent
        Reads out the plan that has this objective; see `solution`.
    """

    iterations: int
    share: float
    objective: int | None
    seconds: float
    incumbent: Callable[[], TripSolution] | None = field(default=None, repr=False, compare=False)

    @property
    def solution(self) -> TripSolution | None:
        """
        Return the best plan so far, read out only now; None where there is none to be read.

        To be asked for while `solve` waits for its listener: afterwards the search goes on.
        """
        return None if self.incumbent is None else self.incumbent()


@dataclass(frozen=True, slots=True)
class SolveResult:
    """
    Hold the best plan found and how it was found.

    Parameters
    ----------
    status
        ``optimal``: proven best. ``feasible``: keeps all hard rules. ``infeasible``: proven that no plan does.
        ``unsolved``: no plan that does was found, and none is proven not to exist.
    solution
        The best plan, with violations when the status is ``infeasible`` or ``unsolved``.
    evaluation
        The judge's word on it.
    bound
        Proven upper limit of the objective; None where none is known.
    conflicts
        A small set of rules that could not be kept together; empty when the plan is feasible.
    solver
        Which solver ran.
    seed, iterations, seconds
        What is needed to repeat the run, and how long it took.
    limit
        Which limit ended it: runs limited in iterations repeat exactly, those in seconds do not. ``stopped``: somebody
        ended it before any limit did.
    pool_size
        Day-routes of accepted plans that the searches kept; a recombination chooses from those before it.
    unknown_rules
        What the solver left out of its search; the plan is judged under all rules. ``combinations``: their bonuses;
        ``lodgings``: they were chosen beforehand; ``counts``: priced minima of the whole trip.
    """

    status: Status
    solution: TripSolution
    evaluation: Evaluation
    bound: int | None
    conflicts: tuple[Conflict, ...]
    solver: str
    seed: int
    iterations: int
    seconds: float
    limit: Limit
    pool_size: int
    unknown_rules: tuple[UnknownRule, ...] = ()

    @property
    def objective(self) -> int:
        """Return the plan's objective."""
        return self.evaluation.objective
