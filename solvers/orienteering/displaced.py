"""What a plan would lose if something it leaves out were forced in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import SolverError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.linear_bound import linear_bound
from solvers.orienteering.portfolio import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.portfolio import Solver
    from solvers.orienteering.problem import TripProblem, TripSolution
    from solvers.orienteering.result import SolveResult


@dataclass(frozen=True, slots=True)
class Displacement:
    """
    Say what forcing one group into a plan would do.

    Parameters
    ----------
    group
        The group that was forced in.
    possible
        Whether a plan that holds it was found.
    proven
        Where ``possible``: whether every plan that holds the group is certain to be worth less than the plan in hand.
        Else: whether it is certain that no plan holds it.
    lost
        Objective of the plan in hand less that of the best plan found with the group. A heuristic re-solve may miss a
        better one, so this is the most that is lost, and exact only where ``exact``. Negative where the re-solve found
        a plan that is better than the one in hand. None where none was found.
    exact
        Whether ``lost`` is certain.
    pushed_out, brought_in
        Groups of the plan in hand that the other one leaves out, and groups that it takes besides ``group``; in order.
    solution
        The plan with the group; None where none was found.
    """

    group: int
    possible: bool
    proven: bool
    lost: int | None
    exact: bool
    pushed_out: tuple[int, ...]
    brought_in: tuple[int, ...]
    solution: TripSolution | None


def visited_groups(problem: TripProblem, solution: TripSolution) -> frozenset[int]:
    """Return the groups that a plan visits or sleeps at."""
    visits = (int(problem.option_group[option]) for route in solution.routes for option in route)
    nights = (int(problem.lodgings.group[stay]) for stay in solution.lodging if stay >= 0)
    return frozenset((*visits, *nights))


def displaced(
    problem: TripProblem,
    plan: TripSolution,
    group: int,
    *,
    solver: Solver = "portfolio",
    iterations: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    proof_s: float | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Displacement:
    """
    Solve again with one group required, beginning with the plan in hand, and compare.

    Parameters
    ----------
    problem
        A valid problem.
    plan
        A plan that keeps its hard rules and does not hold ``group``.
    group
        Group to force in.
    solver, iterations, seconds, seed
        As for `solve`; by default as many iterations as that takes.
    proof_s
        Seconds to spend besides on bounding what plans with the group can be worth, by `upper_bound`; by default only
        `linear_bound`, which takes milliseconds.
    should_stop
        Ends search and proof early; what they found by then is compared.

    Returns
    -------
    displacement
        Of all the plans with the group, the best one found decides.

    Raises
    ------
    SolverError
        If there is no such group, the plan holds it already, or the plan breaks a hard rule.
    ProblemError, SolutionError
        As for `solve`; a group without any option or lodging cannot be required.
    """
    if not 0 <= group < problem.groups:
        raise SolverError(f"group {group}: there are {problem.groups} groups, numbered from 0")
    held = visited_groups(problem, plan)
    if group in held:
        raise SolverError(f"group {group}: the plan holds it already")
    judged = evaluate(problem, plan)
    if not judged.feasible:
        raise SolverError("plan: breaks a hard rule, so nothing can be compared with it")
    forced = replace(problem, required=np.append(problem.required, group))
    result = solve(
        forced,
        solver=solver,
        seed=seed,
        iterations=iterations,
        seconds=seconds,
        warm_start=plan,
        should_stop=should_stop,
    )
    if not result.evaluation.feasible:
        proven = result.status == "infeasible"
        return Displacement(group, False, proven, None, False, (), (), None)
    if result.status != "optimal":
        result = _bounded(forced, result, proof_s, should_stop)
    taken = visited_groups(problem, result.solution)
    return Displacement(
        group=group,
        possible=True,
        proven=result.bound is not None and result.bound < judged.objective,
        lost=judged.objective - result.objective,
        exact=result.status == "optimal",
        pushed_out=tuple(sorted(held - taken)),
        brought_in=tuple(sorted(taken - held - {group})),
        solution=result.solution,
    )


def _bounded(
    forced: TripProblem, result: SolveResult, seconds: float | None, should_stop: Callable[[], bool] | None
) -> SolveResult:
    """Bound the objective with the group from above, and take the better plan that the proof may come upon."""
    bound = linear_bound(forced)
    solution = result.solution
    if seconds is not None:
        from solvers.orienteering.bounding import upper_bound

        proof = upper_bound(forced, incumbent=result.solution, seconds=seconds, should_stop=should_stop)
        bound = min(bound, proof.bound)
        solution = proof.solution or solution
    evaluation = evaluate(forced, solution)
    bound = bound if result.bound is None else min(result.bound, bound)
    return replace(
        result,
        status="optimal" if evaluation.objective == bound else result.status,
        solution=solution,
        evaluation=evaluation,
        bound=bound,
    )
