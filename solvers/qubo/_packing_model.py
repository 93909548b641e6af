"""The strong CP-SAT model of a packing problem: cliques of conflicts, and pairs linked once per item and group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from solvers.qubo._cliques import cover_by_cliques

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem


@dataclass(frozen=True, slots=True, eq=False)
class ModelAnswer:
    """
    Hold what CP-SAT found.

    Parameters
    ----------
    chosen
        Shape ``(n,)``, bool; None where it found no plan.
    bound
        Proven upper limit of the objective; None where it proved nothing.
    """

    chosen: NDArray[np.bool_] | None
    bound: int | None


def solve_model(
    problem: PackingProblem,
    items: NDArray[np.int64],
    hint: NDArray[np.bool_],
    *,
    effort: float | None,
    seconds: float | None,
    seed: int,
) -> ModelAnswer:
    """
    Solve a problem of some of its items with CP-SAT.

    At most one item of every group and of every set of a cover of conflicts by cliques. A pair chosen together has a
    variable of its own, and with an item of another group there can be only one such pair: one rule for each item and
    group that it has pairs with bounds them all by the item. A rule per item and group also forces pairs of negative
    reward. So stated, the linear relaxation is about the bound that messages come near, with the cliques on top.

    Parameters
    ----------
    problem
        A valid problem.
    items
        Items that may be chosen, ascending.
    hint
        Shape ``(n,)``, bool: a plan of these items that keeps every rule.
    effort, seconds, seed
        CP-SAT's limits in deterministic time and in seconds, and its seed.

    Returns
    -------
    answer
        Best plan and bound among the items.
    """
    model = cp_model.CpModel()
    taken = {item: model.new_bool_var("") for item in items.tolist()}
    for item, literal in taken.items():
        model.add_hint(literal, bool(hint[item]))
    _add_rules(model, problem, items, taken)
    # Hinted in full, the plan stands before the first linear program is solved, which takes seconds.
    pairs, rewards = _add_pairs(model, problem, taken, hint)
    values = problem.value[items].tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum([*taken.values(), *pairs], [*values, *rewards]))
    solver = cp_model.CpSolver()
    # Several would not repeat exactly.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    # Much of the proof is in the linear relaxation.
    solver.parameters.linearization_level = 2
    # What these look for is stated already; left on, they take up the first seconds of 500 items and more.
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.merge_at_most_one_work_limit = 1e6
    if effort is not None:
        solver.parameters.max_deterministic_time = max(1e-3, effort)
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        # Out of time before any plan: what it then calls a bound is none.
        return ModelAnswer(None, None)
    chosen = np.zeros(problem.items, np.bool_)
    chosen[[item for item, literal in taken.items() if solver.boolean_value(literal)]] = True
    return ModelAnswer(chosen, int(np.floor(solver.best_objective_bound + 1e-6)))


def _add_rules(
    model: cp_model.CpModel, problem: PackingProblem, items: NDArray[np.int64], taken: dict[int, cp_model.IntVar]
) -> None:
    """Keep groups, conflicts and capacities."""
    for group in np.unique(problem.group[items]).tolist():
        model.add_at_most_one(taken[item] for item in items[problem.group[items] == group].tolist())
    rank = np.full(problem.items, -1)
    rank[items] = np.arange(len(items))
    conflict = rank[problem.conflict]
    conflict = conflict[(conflict >= 0).all(axis=1)]
    in_conflict = np.zeros((len(items), len(items)), np.bool_)
    in_conflict[conflict[:, 0], conflict[:, 1]] = True
    in_conflict |= in_conflict.T
    is_apart = in_conflict | (problem.group[items][:, None] == problem.group[items][None, :])
    np.fill_diagonal(is_apart, False)
    for clique in cover_by_cliques(is_apart, in_conflict):
        model.add_at_most_one(taken[item] for item in items[clique].tolist())
    for use, capacity in zip(problem.use, problem.capacity.tolist(), strict=True):
        model.add(cp_model.LinearExpr.weighted_sum(list(taken.values()), use[items].tolist()) <= capacity)


def _add_pairs(
    model: cp_model.CpModel, problem: PackingProblem, taken: dict[int, cp_model.IntVar], hint: NDArray[np.bool_]
) -> tuple[list[cp_model.IntVar], list[int]]:
    """Add a variable for each pair with a reward, linked from both sides; return them and their rewards."""
    variables, rewards = [], []
    sides: dict[tuple[int, int], list[tuple[int, bool, cp_model.IntVar]]] = {}
    for (first, second), reward in zip(problem.pair.tolist(), problem.reward.tolist(), strict=True):
        if not reward or first not in taken or second not in taken:
            continue
        both = model.new_bool_var("")
        model.add_hint(both, bool(hint[first] and hint[second]))
        variables.append(both)
        rewards.append(reward)
        for item, partner in ((first, second), (second, first)):
            sides.setdefault((item, int(problem.group[partner])), []).append((partner, reward < 0, both))
    for (item, _), links in sides.items():
        model.add(cp_model.LinearExpr.sum([both for _, _, both in links]) <= taken[item])
        if unwanted := [(partner, both) for partner, is_unwanted, both in links if is_unwanted]:
            partners = cp_model.LinearExpr.sum([taken[partner] for partner, _ in unwanted])
            model.add(partners - cp_model.LinearExpr.sum([both for _, both in unwanted]) <= ~taken[item])
    return variables, rewards
