"""How far a plan can be from perfect: a proven bound, and a better plan where the proof finds one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solvers.orienteering.evaluation import evaluate

if TYPE_CHECKING:
    from solvers.orienteering import SolveResult, TripProblem


def prove(problem: TripProblem, found: SolveResult, seconds: float) -> SolveResult:
    """
    Bound the objective from above for ``seconds``, and say ``optimal`` where bound and plan meet.

    Parameters
    ----------
    problem, found
        A problem and a plan that keeps all its rules.
    seconds
        Time for the proof, compiling not counted.

    Returns
    -------
    result
        With the tightest bound known; with a better plan if the proof came upon one.
    """
    from solvers.orienteering.bounding import upper_bound, warm_up

    warm_up()
    proof = upper_bound(problem, incumbent=found.solution, seconds=seconds)
    solution = found.solution if proof.solution is None else proof.solution
    return replace(
        found,
        status="optimal" if proof.optimal else found.status,
        solution=solution,
        evaluation=evaluate(problem, solution),
        bound=proof.bound if found.bound is None else min(found.bound, proof.bound),
        seconds=found.seconds + proof.seconds,
    )


def gap_of(result: SolveResult) -> float | None:
    """Return how far the plan may be below the best, as a share of the bound; ``None`` where nothing is proven."""
    if result.bound is None:
        return None
    return max(0, result.bound - result.objective) / max(1, abs(result.bound))
