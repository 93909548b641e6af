"""How packing problems are written for annealers, and what their size is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray
from packing_judge import energy_by_loops

from solvers.errors import ProblemError
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import (
    Quadratic,
    density,
    energies,
    largest_clique,
    proven_weights,
    quadratic_of,
    to_cqm,
)


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_every_state_has_the_energy_of_the_definition(
    small_packing: Callable[..., PackingProblem], all_states: Callable[[int], NDArray[np.bool_]], shape: str
) -> None:
    """Which fixes every weight; sums over groups and smaller sides are formed one by one in plain Python."""
    states = all_states(7)
    for seed in range(15):
        problem = small_packing(shape, seed, items=7)
        expected = [energy_by_loops(problem, state) for state in states]
        assert energies(quadratic_of(problem), states).tolist() == expected, seed


def test_couplings_are_in_order_each_once(small_packing: Callable[..., PackingProblem]) -> None:
    """As the class promises: files and samplers rely on it."""
    for seed in range(15):
        quadratic = quadratic_of(small_packing("routes", seed, items=12))
        couplings = list(zip(quadratic.row.tolist(), quadratic.col.tolist(), strict=True))
        assert couplings == sorted(set(couplings))
        assert all(row < col for row, col in couplings)
        assert quadratic.weight.all()


def test_a_reward_of_nothing_is_no_coupling() -> None:
    """Hardware would have to wire it."""
    problem = PackingProblem(np.array([1, 2]), np.array([0, 1]), np.array([[0, 1]]), np.array([0]))
    assert quadratic_of(problem).interactions == 0


def test_the_scale_lowers_penalties_and_nothing_else(small_packing: Callable[..., PackingProblem]) -> None:
    """Rewards are what they are."""
    problem = replace(small_packing("routes", 4), reward=np.zeros(0, np.int64), pair=np.zeros((0, 2), np.int64))
    rewarded = small_packing("routes", 4)
    assert (quadratic_of(problem, penalty_scale=0.5).weight == 0.5 * quadratic_of(problem).weight).all()
    half, full = quadratic_of(rewarded, penalty_scale=0.5), quadratic_of(rewarded)
    is_reward = np.isin(full.row * 10 + full.col, rewarded.pair @ [10, 1])
    assert (half.weight[is_reward] == full.weight[is_reward]).all()
    assert (half.weight[~is_reward] == 0.5 * full.weight[~is_reward]).all()
    assert (half.linear == full.linear).all()


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_scale_that_is_not_above_0_is_refused(small_packing: Callable[..., PackingProblem], scale: float) -> None:
    """Without penalties there are no rules."""
    with pytest.raises(ProblemError, match=r"penalty_scale is .*; a finite number above 0 is needed"):
        quadratic_of(small_packing("slots", 0), penalty_scale=scale)


def test_an_invalid_problem_is_refused(small_packing: Callable[..., PackingProblem]) -> None:
    """The proof needs valid data: each pair once, and none both rewarded and in conflict."""
    problem = small_packing("levels", 1)
    doubled = replace(problem, pair=problem.pair[[0, 0]], reward=problem.reward[[0, 0]])
    for build in (quadratic_of, to_cqm):
        with pytest.raises(ProblemError, match="pair"):
            build(doubled)


def test_weights_need_no_more_than_an_item_can_earn() -> None:
    """Of each other group the best reward counts once, and losses not at all."""
    problem = PackingProblem(
        value=np.array([10, -4, 0, 0, 0]),
        group=np.array([0, 0, 1, 1, 2]),
        pair=np.array([[0, 2], [0, 3], [0, 4], [1, 4]]),
        reward=np.array([5, 7, -3, 2]),
    )
    weights = proven_weights(problem)
    assert weights.group.tolist() == [10 + 2 * 7, 2 * 2, 2 * 5, 2 * 7, 2 * 2]
    assert weights.conflict.tolist() == [10 + 7, 2, 5, 7, 2]


@pytest.mark.parametrize("capacities", [0, 2])
@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_the_constrained_model_is_the_problem_itself(
    small_packing: Callable[..., PackingProblem],
    all_states: Callable[[int], NDArray[np.bool_]],
    shape: str,
    capacities: int,
) -> None:
    """Its objective and its constraints say of every state what the judge says."""
    problem, states = small_packing(shape, 7, items=7, capacities=capacities), all_states(7)
    labels = [f"item {number}" for number in range(7)]
    cqm = to_cqm(problem, labels)
    samples = [dict(zip(labels, state.astype(int).tolist(), strict=True)) for state in states]
    assert [cqm.check_feasible(sample) for sample in samples] == keeps_rules(problem, states).tolist()
    assert [-cqm.objective.energy(sample) for sample in samples] == values_of(problem, states).tolist()
    assert sum(str(name).startswith("capacity") for name in cqm.constraints) == capacities


def graph_of(edges: NDArray[np.int64], nodes: int) -> Quadratic:
    return Quadratic(np.zeros(nodes), edges[:, 0], edges[:, 1], np.ones(len(edges)))


def test_density_is_the_share_of_pairs_coupled() -> None:
    """From nothing coupled to everything; a single bit has no pairs."""
    assert density(graph_of(np.array([[0, 1], [1, 2]]), 4)) == pytest.approx(1 / 3)
    assert density(graph_of(np.array([[0, 1]]), 2)) == 1.0
    assert density(graph_of(np.zeros((0, 2), np.int64), 1)) == 0.0


def test_a_hidden_clique_is_found() -> None:
    """Seven bits all coupled, among others coupled in a ring."""
    ring = np.array([[node, node + 1] for node in range(29)])
    clique = np.argwhere(np.triu(np.ones((7, 7)), 1)) + 12
    edges = np.unique(np.concatenate([ring, clique]), axis=0)
    assert largest_clique(graph_of(edges, 30)) == 7
    assert largest_clique(graph_of(np.zeros((0, 2), np.int64), 3)) == 1


def test_a_clique_found_exists_and_no_group_is_larger(small_packing: Callable[..., PackingProblem]) -> None:
    """Never above the largest clique there is, found by another library; mostly equal to it."""
    equal = 0
    for seed in range(30):
        problem = small_packing("routes", seed, items=24)
        quadratic = quadratic_of(problem)
        graph = nx.Graph(zip(quadratic.row.tolist(), quadratic.col.tolist(), strict=True))
        largest = max(map(len, nx.find_cliques(graph)))
        found = largest_clique(quadratic, group=problem.group)
        assert np.bincount(problem.group).max() <= found <= largest
        assert largest_clique(quadratic) <= largest
        equal += found == largest
    assert equal >= 25
