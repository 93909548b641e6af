"""Problems whose travel depends on the time of departure, made static in favour of every plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solvers.orienteering.problem import TripProblem


def static_relaxation(problem: TripProblem) -> TripProblem:
    """
    Return a problem with static travel in which every plan is allowed that was, and worth no less.

    ``travel`` is never more than the travel of any departure, so that every visit starts no later and travel costs no
    more. One who arrives earlier may wait longer, though: waiting costs nothing here.

    Parameters
    ----------
    problem
        A valid problem; returned as it is where its travel is static already.
    """
    if problem.arrivals is None:
        return problem
    return replace(problem, arrivals=None, weights=replace(problem.weights, wait=0))
