"""The bound that costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.infeasibility import usable_options

if TYPE_CHECKING:
    from solvers.orienteering.problem import TripProblem


def trivial_bound(problem: TripProblem) -> int:
    """
    Return the objective of having the best of everything at no cost.

    Every group gives the most that one of its usable options is worth, every night its best lodging, every combination
    is earned as often as it can be; travel, waiting and shortfalls cost nothing.

    Parameters
    ----------
    problem
        A valid problem.
    """
    weights, lodgings, combinations = problem.weights, problem.lodgings, problem.combinations
    value = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
    usable = usable_options(problem)
    best_visit = np.zeros(problem.groups, np.int64)
    np.maximum.at(best_visit, problem.option_group[usable], value[usable])
    night_value = lodgings.score - weights.cost * lodgings.cost
    nights = sum(int(night_value[lodgings.night == night].max()) for night in np.unique(lodgings.night))
    times = np.where(combinations.same_day, problem.days, 1)
    return int(best_visit.sum()) + nights + int((combinations.bonus * times).sum())


def objective_step(problem: TripProblem) -> int:
    """
    Return a number that divides the objective of every plan: at least 1.

    Parameters
    ----------
    problem
        A valid problem.
    """
    weights, lodgings, counts = problem.weights, problem.lodgings, problem.counts
    terms = [
        problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load,
        lodgings.score - weights.cost * lodgings.cost,
        problem.combinations.bonus,
        counts.shortfall_penalty,
        weights.cost * problem.arc_cost.ravel(),
        np.array([weights.travel, weights.wait], np.int64),
    ]
    return max(1, int(np.gcd.reduce(np.concatenate([np.abs(term) for term in terms]))))
