"""Other plans, as good as can be found, that differ from the plan in hand and from each other by a stated distance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import SolverError
from solvers.orienteering.displaced import visited_groups
from solvers.orienteering.portfolio import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.evaluation import Evaluation
    from solvers.orienteering.portfolio import Solver
    from solvers.orienteering.problem import TripProblem, TripSolution
    from solvers.orienteering.result import Progress, SolveResult

MIN_DISTANCE: Final = 0.4
"""Distance by default: two plans of eight visits share at most six of them."""

_ATTEMPTS: Final = 4
"""Searches for one alternative, each allowed to share less than the one before."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """
    Hold one other plan.

    Parameters
    ----------
    solution, evaluation
        The plan, which keeps all hard rules, and the judge's word on it.
    distance
        Its `distance` to the plan in hand.
    """

    solution: TripSolution
    evaluation: Evaluation
    distance: float


def distance(problem: TripProblem, first: TripSolution, second: TripSolution) -> float:
    """
    Return how much two plans differ: 1 less the share of common groups in all groups that either holds.

    The Jaccard distance of the groups visited or slept at: 0 for the same places, 1 for no place in common. Order, days
    and times do not count.
    """
    left, right = visited_groups(problem, first), visited_groups(problem, second)
    return float(1 - _likeness(left, right))


def alternatives(
    problem: TripProblem,
    plan: TripSolution,
    count: int,
    *,
    min_distance: float = MIN_DISTANCE,
    solver: Solver = "portfolio",
    iterations: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Alternative, ...]:
    """
    Find plans that really differ from a plan and from each other.

    One after the other, each the best found: the problem is solved again with one more capacity per plan so far, by
    which at most so many of that plan's groups may be taken. Search and recombination both keep it (the latter is
    CP-SAT over the pool of day-routes). The capacity is that for two plans of the same size; where the new plan turns
    out smaller and therefore too near, it is solved again with a smaller one.

    Parameters
    ----------
    problem
        A valid problem.
    plan
        The plan in hand.
    count
        How many are asked for.
    min_distance
        Least `distance` between any two plans, above 0, at most 1.
    solver, iterations, seconds, seed
        Limit of the search of each alternative, as for `solve`.
    on_progress
        Called with the share of the work done, 0 to 1.
    should_stop
        Ends the search: what is found by then is returned, and the plan that was being looked for is not.

    Returns
    -------
    alternatives
        At most ``count``, best first; fewer where no further plan that is so different was found, which does
        not prove that there is none. Plans without any visit are not returned.

    Raises
    ------
    SolverError
        If ``count`` is negative or ``min_distance`` out of range.
    ProblemError, SolutionError
        As for `solve`.
    """
    if count < 0:
        raise SolverError(f"count {count}: 0 or more")
    if not 0 < min_distance <= 1:
        raise SolverError(f"min_distance {min_distance}: above 0, at most 1")
    least = Fraction(str(min_distance))
    found: list[Alternative] = []
    done = 0.0

    def search(narrowed: TripProblem, attempt_seed: int) -> Alternative | None:
        def tell(progress: Progress) -> None:
            nonlocal done
            # A search that has to be repeated does not take back what was told.
            done = max(done, (len(found) + progress.share) / count)
            if on_progress is not None:
                on_progress(done)

        # A warm start would have to be cleared of most of what it holds; the search finds its own way sooner.
        result = solve(
            narrowed,
            solver=solver,
            seed=attempt_seed,
            iterations=iterations,
            seconds=seconds,
            on_progress=tell,
            should_stop=should_stop,
        )
        if result.limit == "stopped":
            return None
        if not result.evaluation.feasible or not any(result.solution.routes):
            return None
        return Alternative(result.solution, result.evaluation, distance(problem, plan, result.solution))

    while len(found) < count:
        others = [plan, *(alternative.solution for alternative in found)]
        following = _next(problem, others, least, lambda narrowed: search(narrowed, seed + len(found) + 1))
        if following is None:
            break
        found.append(following)
    if on_progress is not None:
        on_progress(1.0)
    # A later search, though narrower, may have had more luck than an earlier one.
    return tuple(sorted(found, key=lambda other: -other.evaluation.objective))


def with_best_first(
    problem: TripProblem, result: SolveResult, others: Sequence[Alternative]
) -> tuple[SolveResult, tuple[Alternative, ...]]:
    """
    Let the best of a plan and its alternatives be the plan.

    A search that must not share much with the plan in hand now and then comes upon a better one; then the two change
    places, and distances are counted from the new one. Any two plans stay as far apart as they were.
    """
    best = max(others, key=lambda other: other.evaluation.objective, default=None)
    if best is None or best.evaluation.objective <= result.objective:
        return result, tuple(others)
    rest = [Alternative(result.solution, result.evaluation, 0.0), *(other for other in others if other is not best)]
    rest.sort(key=lambda other: -other.evaluation.objective)
    better = replace(
        result,
        solution=best.solution,
        evaluation=best.evaluation,
        status="optimal" if best.evaluation.objective == result.bound else result.status,
    )
    return better, tuple(replace(other, distance=distance(problem, best.solution, other.solution)) for other in rest)


def _next(
    problem: TripProblem,
    others: Sequence[TripSolution],
    least: Fraction,
    search: Callable[[TripProblem], Alternative | None],
) -> Alternative | None:
    """Return a plan far enough from all others, tightening what it may share with those that it comes too near to."""
    most = [_most_shared(len(visited_groups(problem, other)), least) for other in others]
    for _ in range(_ATTEMPTS):
        candidate = search(_sharing_at_most(problem, others, most))
        if candidate is None:
            return None
        groups = visited_groups(problem, candidate.solution)
        shared = [visited_groups(problem, other) for other in others]
        near = [index for index, other in enumerate(shared) if 1 - _likeness(groups, other) < least]
        if not near:
            return candidate
        for index in near:
            most[index] = min(most[index] - 1, _most_shared_by(len(groups), len(shared[index]), least))
        if min(most) < 0:
            return None
    return None


def _likeness(left: frozenset[int], right: frozenset[int]) -> Fraction:
    return Fraction(len(left & right), len(left | right)) if left | right else Fraction(1)


def _most_shared(size: int, least: Fraction) -> int:
    return _most_shared_by(size, size, least)


def _most_shared_by(size: int, other: int, least: Fraction) -> int:
    """Return how many groups plans of two sizes may share: s / (a + b - s) <= 1 - d, solved for s."""
    return math.floor((1 - least) * (size + other) / (2 - least))


def _sharing_at_most(problem: TripProblem, others: Sequence[TripSolution], most: Sequence[int]) -> TripProblem:
    """Add one capacity for each plan, used up by the visits and nights at its groups."""
    resources, nodes = problem.resources, problem.nodes
    visits = [np.isin(problem.option_group, list(visited_groups(problem, other))) for other in others]
    extra = len(others)
    return replace(
        problem,
        resources=replace(
            resources,
            capacity=np.concatenate((resources.capacity, np.array(most, np.int64))),
            per_day=np.concatenate((resources.per_day, np.zeros(extra, np.bool_))),
            option_use=np.concatenate((resources.option_use, np.array(visits, np.int64).reshape(extra, -1))),
            arc_use=np.concatenate((resources.arc_use, np.zeros((extra, nodes, nodes), np.int64))),
            lodging_use=np.concatenate((resources.lodging_use, _lodging_use(problem, others))),
        ),
    )


def _lodging_use(problem: TripProblem, others: Sequence[TripSolution]) -> NDArray[np.int64]:
    """Count each lodging of a plan once, in its first night there: several nights in one inn are one group."""
    lodgings = problem.lodgings
    use = np.zeros((len(others), lodgings.night.size), np.int64)
    for row, other in enumerate(others):
        counted: set[int] = set()
        for stay in (stay for stay in other.lodging if stay >= 0):
            group = int(lodgings.group[stay])
            if group not in counted:
                counted.add(group)
                use[row, (lodgings.group == group) & (lodgings.night == lodgings.night[stay])] = 1
    return use
