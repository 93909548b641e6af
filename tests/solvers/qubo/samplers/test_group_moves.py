"""The group-move annealer: groups found lose nothing, groups given are kept, and what it returns is a minimum."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import dimod
import numpy as np
import pytest
from numpy.typing import NDArray

from solvers.qubo.problem import PackingProblem
from solvers.qubo.quadratic import quadratic_of, to_bqm
from solvers.qubo.samplers import group_moves
from solvers.qubo.samplers._grouping import groups_of
from solvers.qubo.samplers.group_moves import GroupMoveSampler

Maker = Callable[..., dimod.BinaryQuadraticModel]
Packing = Callable[..., PackingProblem]


def _labels_by_group(problem: PackingProblem) -> list[list[int]]:
    return [np.flatnonzero(problem.group == group).tolist() for group in range(problem.groups)]


def _states(sampleset: dimod.SampleSet, model: dimod.BinaryQuadraticModel) -> NDArray[np.int8]:
    return np.asarray(sampleset.record.sample[:, [sampleset.variables.index(label) for label in model.variables]])


@pytest.mark.parametrize("seed", range(40))
def test_groups_found_hold_an_optimum(mixed_model: Maker, seed: int) -> None:
    """Of any model, some state of least energy has at most one variable of each group that is found."""
    model = mixed_model(9, seed)
    # Strong positive couplings among some, so that there are groups to find.
    members = list(model.variables)[: 2 + seed % 5]
    for one, other in combinations(members, 2):
        model.set_quadratic(one, other, 40.0)
    vectors = model.to_numpy_vectors(variable_order=list(model.variables))
    row, column, weight = vectors.quadratic
    group = groups_of(vectors.linear_biases, row.astype(np.int64), column.astype(np.int64), weight)
    every = dimod.ExactSolver().sample(model)
    states = _states(every, model)
    kept = np.all([states[:, group == number].sum(axis=1) <= 1 for number in range(group.max() + 1)], axis=0)
    assert every.record.energy[kept].min() == every.record.energy.min()
    assert len(set(group.tolist())) < len(group)


@pytest.mark.parametrize("shape", ["routes", "levels"])
def test_groups_of_a_packing_problem_are_recognized(small_packing: Packing, shape: str) -> None:
    """From the proven penalties alone, in shuffled order, where rewards make those of groups stronger."""
    problem = small_packing(shape, 3, items=24)
    model = to_bqm(quadratic_of(problem))
    order = np.random.default_rng(0).permutation(problem.items)
    vectors = model.to_numpy_vectors(variable_order=order.tolist())
    row, column, weight = vectors.quadratic
    group = groups_of(vectors.linear_biases, row.astype(np.int64), column.astype(np.int64), weight)
    assert len(set(group.tolist())) <= problem.groups


@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
@pytest.mark.parametrize("are_given", [True, False], ids=["given", "found"])
def test_small_packing_problems_are_solved_by_every_read(
    small_packing: Packing, shape: str, *, are_given: bool
) -> None:
    """Every read has the least energy there is, whether groups are given or found."""
    for seed in range(5):
        problem = small_packing(shape, seed, items=12)
        model = to_bqm(quadratic_of(problem))
        groups = _labels_by_group(problem) if are_given else None
        sampleset = GroupMoveSampler().sample(model, num_reads=5, seed=1, groups=groups)
        np.testing.assert_allclose(sampleset.record.energy, dimod.ExactSolver().sample(model).first.energy)


def test_groups_given_are_never_over_full() -> None:
    """Not even where more than one would pay: the caller is taken at their word."""
    model = dimod.BinaryQuadraticModel(dict.fromkeys("abcd", -1.0), {("c", "d"): -1.0}, 0.0, "BINARY")
    sampleset = GroupMoveSampler().sample(model, num_reads=20, groups=["ab", "cd"], seed=0)
    assert sampleset.record.energy.tolist() == [-2.0] * 20
    free = GroupMoveSampler().sample(model, num_reads=20, seed=0)
    assert free.record.energy.tolist() == [-5.0] * 20


@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
def test_reads_are_minima(mixed_model: Maker, vartype: str) -> None:
    """No flip of one variable, and of no two that are coupled, lowers the energy of a read."""
    model = mixed_model(30, 5, vartype)
    sampleset = GroupMoveSampler().sample(model, num_reads=5, num_sweeps=1, num_coolings=1, seed=3)
    states = _states(sampleset, model)
    labels = list(model.variables)
    places = [(k,) for k in range(30)] + [(labels.index(u), labels.index(v)) for u, v in model.quadratic]
    for state, energy in zip(states, sampleset.record.energy, strict=True):
        flipped = np.tile(state, (len(places), 1))
        for row, place in zip(flipped, places, strict=True):
            row[list(place)] = 1 - row[list(place)] if vartype == "BINARY" else -row[list(place)]
        assert model.energies((flipped, labels)).min() >= energy - 1e-6


def test_three_groups_are_solved_exactly(small_packing: Packing) -> None:
    """Three groups choose together at the end, so even a read that was not cooled at all is optimal."""
    problems = [small_packing("routes", seed, items=15) for seed in range(20)]
    of_three = [problem for problem in problems if problem.groups == 3]
    assert len(of_three) > 3
    for problem in of_three:
        model = to_bqm(quadratic_of(problem))
        sampleset = GroupMoveSampler().sample(
            model, num_sweeps=1, num_coolings=1, beta_range=(1e-9, 1e-9), seed=1, groups=_labels_by_group(problem)
        )
        assert sampleset.first.energy == dimod.ExactSolver().sample(model).first.energy


def test_sparse_and_dense_couplings_give_the_same_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """How couplings are held changes nothing, with integer data to the last bit."""
    random = np.random.default_rng(3)
    model = dimod.BinaryQuadraticModel(dict(enumerate(random.integers(-9, 4, 90).tolist())), {}, 0.0, "BINARY")
    for one in range(90):
        # Fours exclude each other; others are coupled here and there.
        model.add_quadratic_from((one, other, 60.0) for other in range(one + 1, one - one % 4 + 4) if other < 90)
        model.add_quadratic(one, (one + 17) % 90, int(random.integers(-5, 6)))
    dense = GroupMoveSampler().sample(model, num_reads=6, seed=4, num_sweeps=5, num_coolings=2)
    monkeypatch.setattr(group_moves, "MOST_DENSE", 0)
    sparse = GroupMoveSampler().sample(model, num_reads=6, seed=4, num_sweeps=5, num_coolings=2)
    assert dense.info["groups"] < 40
    assert np.array_equal(dense.record.sample, sparse.record.sample)


def test_many_groups_are_sampled_without_choosing_together(mixed_model: Maker) -> None:
    """Beyond the number of groups for pairs, single choices descend; reads are still minima of one flip."""
    model = mixed_model(300, 1)
    sampleset = GroupMoveSampler().sample(model, num_sweeps=5, num_coolings=2, seed=0)
    state, labels = _states(sampleset, model)[0], list(model.variables)
    flipped = np.tile(state, (300, 1))
    np.fill_diagonal(flipped, 1 - state)
    assert model.energies((flipped, labels)).min() >= sampleset.first.energy - 1e-6


def test_a_read_does_not_depend_on_how_many_follow(mixed_model: Maker) -> None:
    """Asking for more reads appends to those there were."""
    model = mixed_model(60, 6)
    few, many = (
        GroupMoveSampler().sample(model, num_reads=reads, num_sweeps=2, num_coolings=1, seed=9) for reads in (3, 7)
    )
    assert np.array_equal(few.record.sample, many.record.sample[:3])


def test_biases_that_are_no_integers_do_not_lead_astray() -> None:
    """Energies that cannot be added exactly end in minima all the same, and in finite time."""
    random = np.random.default_rng(1)
    model = dimod.BinaryQuadraticModel(random.normal(size=(40, 40)) * 1e-7, "BINARY")
    sampleset = GroupMoveSampler().sample(model, num_reads=4, seed=2)
    np.testing.assert_allclose(sampleset.record.energy, model.energies(sampleset))
    descended = dimod.ExactSolver().sample(_cut(model, 12))
    least = GroupMoveSampler().sample(_cut(model, 12), num_reads=4, seed=2).first.energy
    assert least == pytest.approx(descended.first.energy)


def test_rounding_never_undoes_what_three_groups_chose() -> None:
    """With biases in thirds, whose sums depend on their order, every read of three groups is optimal."""
    random = np.random.default_rng(2)
    groups = [list(range(first, first + 4)) for first in (0, 4, 8)]
    for _ in range(60):
        model = dimod.BinaryQuadraticModel(random.integers(-9, 6, (12, 12)) / 3, "BINARY")
        for members in groups:
            model.add_quadratic_from((one, other, 200.0) for one, other in combinations(members, 2))
        sampleset = GroupMoveSampler().sample(
            model, num_reads=4, num_sweeps=1, num_coolings=1, beta_range=(1e-9, 1e-9), seed=1, groups=groups
        )
        np.testing.assert_allclose(sampleset.record.energy, dimod.ExactSolver().sample(model).first.energy)


@pytest.mark.parametrize("bias", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("variables", [["b"], ["a", "b"]], ids=["linear", "quadratic"])
def test_energies_that_are_no_numbers_are_refused(bias: float, variables: list[str]) -> None:
    """No choice is better than another by what is no number, so none is made."""
    model = dimod.BinaryQuadraticModel({"a": -1.0, "b": -1.0}, {("a", "b"): 2.0}, 0.0, "BINARY")
    if len(variables) == 1:
        model.set_linear(variables[0], bias)
    else:
        model.set_quadratic(*variables, bias)
    with pytest.raises(ValueError, match=r"biases add up to .* below 1e"):
        GroupMoveSampler().sample(model, seed=0)


def test_the_least_biases_are_sampled() -> None:
    """Biases near the least numbers there are leave temperatures that are finite."""
    model = dimod.BinaryQuadraticModel({"a": 1e-310, "b": -1e-310}, {}, 0.0, "BINARY")
    assert GroupMoveSampler().sample(model, seed=0).first.sample == {"a": 0, "b": 1}


def _cut(model: dimod.BinaryQuadraticModel, variables: int) -> dimod.BinaryQuadraticModel:
    """Return the model of the first variables alone."""
    cut = model.copy()
    cut.fix_variables(dict.fromkeys(list(model.variables)[variables:], 0))
    return cut


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"num_reads": 0}, "num_reads is 0"),
        ({"num_sweeps": 0}, "num_sweeps is 0"),
        ({"num_coolings": -1}, "num_coolings is -1"),
        ({"beta_range": (0.0, 1.0)}, "two positive numbers"),
        ({"beta_range": (2.0, 1.0, 3.0)}, "two positive numbers"),
        ({"groups": [["a"], ["z"]]}, r"groups\[1\] names 'z', which is no variable"),
        ({"groups": [["a", "b"], ["b"]]}, r"groups\[1\] names 'b' again"),
    ],
)
def test_nonsense_is_refused(settings: dict[str, object], says: str) -> None:
    """The error names the parameter and what would be accepted."""
    model = dimod.BinaryQuadraticModel({"a": -1.0, "b": -1.0}, {("a", "b"): 2.0}, 0.0, "BINARY")
    with pytest.raises(ValueError, match=says):
        GroupMoveSampler().sample(model, **settings)
