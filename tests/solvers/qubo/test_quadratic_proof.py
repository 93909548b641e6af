"""What is proven of the energies holds in every state of hundreds of small problems."""

from __future__ import annotations

from collections.abc import Callable

import dimod
import numpy as np
import pytest
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import energies, quadratic_of, to_bqm, to_cqm

SEEDS = range(120)
"""Of each shape."""

States = Callable[[int], NDArray[np.bool_]]


def changes(energy: NDArray[np.float64], items: int) -> NDArray[np.float64]:
    """Return what flipping each bit of each state does to its energy, shape ``(2**n, n)``; -: lower."""
    flipped = np.arange(len(energy))[:, None] ^ (1 << np.arange(items))
    return energy[flipped] - energy[:, None]


def infeasible_minima(problem: PackingProblem, states: NDArray[np.bool_], scale: float) -> int:
    """Return how many states that break a rule no single flip improves."""
    energy = energies(quadratic_of(problem, penalty_scale=scale), states)
    is_minimum = (changes(energy, problem.items) >= 0).all(axis=1)
    return int((is_minimum & ~keeps_rules(problem, states)).sum())


def best_by_cp_sat(problem: PackingProblem) -> int:
    """Return the best objective by the plainest model of the problem's own data, without energies."""
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in range(problem.items)]
    for group in range(problem.groups):
        model.add_at_most_one(chosen[item] for item in np.flatnonzero(problem.group == group))
    for one, other in problem.conflict.tolist():
        model.add_at_most_one(chosen[one], chosen[other])
    both = [model.new_bool_var("") for _ in problem.pair]
    for (one, other), met in zip(problem.pair.tolist(), both, strict=True):
        model.add_multiplication_equality(met, chosen[one], chosen[other])
    amounts = problem.value.tolist() + problem.reward.tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen + both, amounts))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_the_lowest_energy_is_the_best_plan(
    small_packing: Callable[..., PackingProblem], all_states: States, shape: str
) -> None:
    """The ground state of all states, the objective of all plans, depth-first search and CP-SAT agree."""
    for seed in SEEDS:
        items = 4 + seed % 8
        problem, states = small_packing(shape, seed, items=items), all_states(items)
        energy, keeps = energies(quadratic_of(problem), states), keeps_rules(problem, states)
        best = values_of(problem, states)[keeps].max()
        assert -energy.min() == best == enumerate_packing(problem).value == best_by_cp_sat(problem), seed
        assert keeps[energy == energy.min()].all(), seed
        assert (energy[keeps] == -values_of(problem, states)[keeps]).all(), seed


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_a_broken_rule_can_be_mended_by_a_removal_that_lowers_the_energy(
    small_packing: Callable[..., PackingProblem], all_states: States, shape: str
) -> None:
    """So every local minimum keeps the rules, and steepest descent from any state ends in one, ever lower."""
    for seed in SEEDS:
        items = 4 + seed % 8
        problem, states = small_packing(shape, seed, items=items), all_states(items)
        energy, keeps = energies(quadratic_of(problem), states), keeps_rules(problem, states)
        change = changes(energy, items)
        removal = np.where(states, change, np.inf).min(axis=1)
        assert (removal[~keeps] < 0).all(), seed
        steepest = change.argmin(axis=1)
        lowers = change.min(axis=1) < 0
        after = np.where(lowers, np.arange(len(states)) ^ (1 << steepest), np.arange(len(states)))
        assert (energy[after[lowers]] < energy[lowers]).all(), seed
        ends = after
        while (after[ends] != ends).any():
            ends = after[ends]
        assert keeps[ends].all(), seed


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_another_exact_solver_finds_the_same_in_bits_and_in_spins(
    small_packing: Callable[..., PackingProblem], shape: str
) -> None:
    """Whatever the labels, their order and the type of variable."""
    for seed in range(10):
        problem = small_packing(shape, seed, items=9)
        best = enumerate_packing(problem).value
        bqm = to_bqm(quadratic_of(problem), [f"item {number}" for number in range(9)])
        spins = bqm.change_vartype(dimod.SPIN, inplace=False)
        assert bqm.offset == 0
        assert dimod.ExactSolver().sample(bqm).first.energy == -best
        assert dimod.ExactSolver().sample(spins).first.energy == -best


def test_states_have_the_same_energy_in_bits_and_in_spins(
    small_packing: Callable[..., PackingProblem], all_states: States
) -> None:
    """The model handed to annealers is H, also after conversion and with its variables in another order."""
    states = all_states(10)
    for seed in range(10):
        quadratic = quadratic_of(small_packing("routes", seed))
        bqm = to_bqm(quadratic)
        spins = bqm.change_vartype(dimod.SPIN, inplace=False)
        order = np.random.default_rng(seed).permutation(10)
        expected = energies(quadratic, states)
        assert (bqm.energies((states[:, order].astype(np.int8), order.tolist())) == expected).all()
        assert (spins.energies((2 * states.astype(np.int8) - 1, range(10))) == expected).all()


def test_weights_of_a_conflict_cannot_be_lowered(all_states: States) -> None:
    """At 99 % of them, two items worth 1000 each, in conflict, are lowest in energy."""
    problem = PackingProblem(np.array([1000, 1000]), np.array([0, 1]), conflict=np.array([[0, 1]]))
    states = all_states(2)
    assert infeasible_minima(problem, states, 1.0) == 0
    assert infeasible_minima(problem, states, 0.99) == 1
    lowest = energies(quadratic_of(problem, penalty_scale=0.99), states).argmin()
    assert not keeps_rules(problem, states)[lowest]


def test_weights_of_a_group_cannot_be_lowered(all_states: States) -> None:
    """Two groups of two, all four rewarded across: at 99 % choosing all four is a local minimum."""
    pair = np.array([[0, 2], [0, 3], [1, 2], [1, 3]])
    problem = PackingProblem(np.zeros(4, np.int64), np.array([0, 0, 1, 1]), pair, np.full(4, 1000))
    states = all_states(4)
    assert infeasible_minima(problem, states, 1.0) == 0
    assert infeasible_minima(problem, states, 0.99) == 1


@pytest.mark.parametrize("as_group", [True, False])
def test_a_common_default_weight_fails_where_proven_weights_hold(as_group: bool) -> None:
    """
    Ten times the largest bias, dimod's default, makes a broken rule lower in energy than every plan that keeps it.

    Two items that exclude each other, each rewarded with 30 others: the states of the others differ by number only.
    """
    others = np.arange(2, 32)
    pair = np.array([[one, other] for one in (0, 1) for other in others])
    problem = PackingProblem(
        value=np.zeros(32, np.int64),
        group=np.concatenate([[0, 0], others - 1]) if as_group else np.arange(32),
        pair=pair,
        reward=np.ones(60, np.int64),
        conflict=np.zeros((0, 2), np.int64) if as_group else np.array([[0, 1]]),
    )
    count, excluded = np.meshgrid(np.arange(31), np.arange(4))
    states = np.concatenate(
        [(excluded.reshape(-1, 1) >> np.arange(2) & 1) > 0, np.arange(30) < count.reshape(-1, 1)], axis=1
    )
    keeps = keeps_rules(problem, states)
    assert values_of(problem, states)[keeps].max() == 30

    default, _ = dimod.cqm_to_bqm(to_cqm(problem))
    slack = [name for name in default.variables if name not in range(32)]
    everything = np.ones((1, 32), np.bool_)
    energy = min(
        default.energies((np.append(everything[0], bits).astype(np.int8), [*range(32), *slack]))[0]
        for bits in np.ndindex(*[2] * len(slack))
    )
    assert energy == -50

    proven = energies(quadratic_of(problem), states)
    assert proven.min() == -30
    assert keeps[proven == -30].all()
    assert (proven[~keeps] > -30).all()
