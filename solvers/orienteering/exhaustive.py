"""Trying every plan of a tiny problem."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import TripSolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solvers.orienteering.evaluation import Evaluation
    from solvers.orienteering.problem import TripProblem


def search_exhaustively(problem: TripProblem) -> tuple[TripSolution, Evaluation] | None:
    """
    Return a best plan of all, or None where no plan keeps all hard rules.

    Every order of every choice of one option per group is judged by `evaluate`: for problems with some five options.

    Parameters
    ----------
    problem
        A tiny valid problem.

    Returns
    -------
    best
        The plan and its evaluation.
    """
    best: tuple[TripSolution, Evaluation] | None = None
    for solution in _every_plan(problem):
        evaluation = evaluate(problem, solution)
        if evaluation.feasible and (best is None or evaluation.objective > best[1].objective):
            best = solution, evaluation
    return best


def _every_plan(problem: TripProblem) -> Iterator[TripSolution]:
    offered = [np.flatnonzero(problem.lodgings.night == night).tolist() or [-1] for night in range(problem.days - 1)]
    for lodging in product(*offered):
        for routes in _every_trip(problem, 0, frozenset()):
            yield TripSolution(routes, tuple(lodging))


def _every_trip(problem: TripProblem, day: int, used: frozenset[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    if day == problem.days:
        yield ()
        return
    for route, groups in _every_day(problem, day, (), used):
        for rest in _every_trip(problem, day + 1, groups):
            yield (route, *rest)


def _every_day(
    problem: TripProblem, day: int, route: tuple[int, ...], used: frozenset[int]
) -> Iterator[tuple[tuple[int, ...], frozenset[int]]]:
    yield route, used
    for option in np.flatnonzero(problem.option_day == day).tolist():
        group = int(problem.option_group[option])
        if group not in used:
            yield from _every_day(problem, day, (*route, option), used | {group})
