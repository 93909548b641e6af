"""How far a plan can be from perfect: a proven bound, and a better plan where the proof finds one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.linear_bound import linear_bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering import SolveResult, TripProblem


def bounded(problem: TripProblem, found: SolveResult) -> SolveResult:
    """
    Bound the objective from above as far as milliseconds tell, and say ``optimal`` where bound and plan meet.

    Parameters
    ----------
    problem, found
        A problem and a plan that keeps all its rules.
    """
    return found if found.status == "optimal" else _with_bound(found, linear_bound(problem))


def prove(
    problem: TripProblem,
    proven: SolveResult,
    seconds: float,
    should_stop: Callable[[], bool] | None = None,
) -> SolveResult:
    """
    Tighten the bound of a plan.

    Parameters
    ----------
    problem, proven
        A problem and a plan that keeps all its rules, with a bound.
    seconds
        Time for it, compiling not counted.
    should_stop
        Ends it early.

    Returns
    -------
    result
        With the tightest bound known; with a better plan if the proof came upon one.
    """
    if proven.status == "optimal" or (should_stop is not None and should_stop()):
        return proven
    # Imported here: the labelling is compiled.
    from solvers.orienteering.bounding import upper_bound, warm_up

    warm_up()
    proof = upper_bound(problem, incumbent=proven.solution, seconds=seconds, should_stop=should_stop)
    if proof.solution is not None:
        proven = replace(proven, solution=proof.solution, evaluation=evaluate(problem, proof.solution))
    return _with_bound(replace(proven, seconds=proven.seconds + proof.seconds), proof.bound)


def _with_bound(found: SolveResult, bound: int) -> SolveResult:
    bound = bound if found.bound is None else min(found.bound, bound)
    return replace(found, bound=bound, status="optimal" if found.objective == bound else found.status)


def gap_of(result: SolveResult) -> float | None:
    """Return how far the plan may be below the best, as a share of the bound; ``None`` where nothing is proven."""
    if result.bound is None:
        return None
    return max(0, result.bound - result.objective) / max(1, abs(result.bound))
