"""The plain linearisation of packing in CP-SAT: what one writes down first, to compare with."""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from solvers.qubo._packing_model import ModelAnswer
from solvers.qubo.problem import PackingProblem


def solve_plainly(problem: PackingProblem, *, seconds: float, seed: int) -> ModelAnswer:
    """
    Solve a problem without capacities by one variable per item and per pair.

    A pair of positive reward implies both items, one of negative reward is implied by them; every conflict is a rule of
    its own.

    Parameters
    ----------
    problem
        A valid problem.
    seconds, seed
        CP-SAT's limit and seed; it runs on one thread.
    """
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(problem.items)]
    for group in range(problem.groups):
        model.add_at_most_one(taken[item] for item in np.flatnonzero(problem.group == group).tolist())
    for first, second in problem.conflict.tolist():
        model.add_bool_or([~taken[first], ~taken[second]])
    pairs = []
    for (first, second), reward in zip(problem.pair.tolist(), problem.reward.tolist(), strict=True):
        both = model.new_bool_var("")
        pairs.append(both)
        if reward > 0:
            model.add_implication(both, taken[first])
            model.add_implication(both, taken[second])
        else:
            model.add_bool_or([~taken[first], ~taken[second], both])
    coefficients = [*problem.value.tolist(), *problem.reward.tolist()]
    model.maximize(cp_model.LinearExpr.weighted_sum([*taken, *pairs], coefficients))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = seconds
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return ModelAnswer(None, None)
    chosen = np.array([solver.boolean_value(literal) for literal in taken])
    return ModelAnswer(chosen, int(np.floor(solver.best_objective_bound + 1e-6)))
