"""Every sampler of the registry keeps dimod's contract, and ours of seeds, labels and vartypes."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import dimod
import dimod.testing
import numpy as np
import pytest
from numpy.typing import NDArray

from solvers.qubo.samplers.drawing import sample
from solvers.qubo.samplers.registry import RegisteredSampler, sampler_names, sampler_of

OWN = ("sa", "tabu", "steepest-descent", "group-moves", "exact", "random", "openjij-sa", "openjij-sqa")

Maker = Callable[..., dimod.BinaryQuadraticModel]


@pytest.fixture(params=OWN)
def registered(request: pytest.FixtureRequest) -> RegisteredSampler:
    """Return each sampler in turn."""
    return sampler_of(request.param)


def _quick(registered: RegisteredSampler) -> dict[str, Any]:
    """Return settings that keep the tests short."""
    return {"tabu": {"timeout": 2}, "openjij-sqa": {"num_sweeps": 100}}.get(registered.name, {})


def _draw(registered: RegisteredSampler, model: dimod.BinaryQuadraticModel, seed: int = 5) -> dimod.SampleSet:
    return sample(registered, model, reads=8, seed=seed, settings=_quick(registered))


def _states(sampleset: dimod.SampleSet, model: dimod.BinaryQuadraticModel) -> NDArray[np.int8]:
    """Return the reads with the variables in the order of the model."""
    columns = [sampleset.variables.index(label) for label in model.variables]
    return np.asarray(sampleset.record.sample[:, columns])


def test_the_names_are_those_promised() -> None:
    """The registry lists Meguri's own samplers first, in a fixed order."""
    assert sampler_names()[: len(OWN)] == OWN


def test_a_sampler_keeps_the_interface_of_dimod(registered: RegisteredSampler) -> None:
    """Methods, parameters and properties are those of dimod's contract."""
    dimod.testing.assert_sampler_api(registered.sampler)


@pytest.mark.filterwarnings("ignore:All bqm biases are zero")  # dwave-samplers on empty models
def test_a_sampler_passes_the_model_tests_of_dimod(registered: RegisteredSampler) -> None:
    """Empty models, one and two variables, all classes of models and both vartypes are sampled rightly."""
    suite = unittest.TestSuite(_dimod_cases(registered.sampler))
    assert suite.countTestCases() > 20
    told = StringIO()
    result = unittest.TextTestRunner(told).run(suite)
    assert result.wasSuccessful(), told.getvalue()


def _dimod_cases(sampler: dimod.Sampler) -> Iterator[unittest.TestCase]:
    def make() -> dimod.Sampler:
        return sampler

    # dimod names its cases after the factory.
    make.__name__ = type(sampler).__name__
    load = dimod.testing.load_sampler_bqm_tests(make, max_num_variables=6)
    cases = load(type("Cases", (unittest.TestCase,), {}))
    return (cases(name) for name in dir(cases) if name.startswith("test"))


@pytest.mark.parametrize("vartype", ["BINARY", "SPIN"])
def test_energies_are_those_of_the_model(registered: RegisteredSampler, mixed_model: Maker, vartype: str) -> None:
    """Whatever the labels, their order and the vartype, each read has the energy that the model gives it."""
    model = mixed_model(12, 1, vartype)
    sampleset = _draw(registered, model)
    assert len(sampleset) == 8
    assert set(sampleset.variables) == set(model.variables)
    assert sampleset.vartype is model.vartype
    np.testing.assert_allclose(sampleset.record.energy, model.energies(sampleset), atol=1e-9)


@pytest.mark.parametrize("registered", [name for name in OWN if name != "random"], indirect=True)
def test_the_order_of_variables_does_not_change_what_is_found(
    registered: RegisteredSampler, mixed_model: Maker
) -> None:
    """Each finds the optimum of ten variables, in whatever order they come."""
    model = mixed_model(10, 2)
    turned = dimod.BinaryQuadraticModel("BINARY")
    for label in reversed(model.variables):
        turned.add_variable(label)
    turned.update(model)
    least = dimod.ExactSolver().sample(model).first.energy
    for shuffled in (model, turned):
        assert sample(registered, shuffled, reads=20, seed=1, settings=_quick(registered)).first.energy == least


def test_the_same_seed_gives_the_same_reads_where_promised(registered: RegisteredSampler, mixed_model: Maker) -> None:
    """Seeds reproduce, and other seeds give other reads of a model too rugged to solve by chance."""
    if not registered.is_reproducible:
        assert registered.name == "tabu"
        return
    model = mixed_model(18 if registered.name == "exact" else 40, 3)
    one, again = _draw(registered, model), _draw(registered, model)
    assert np.array_equal(_states(one, model), _states(again, model))
    if registered.name != "exact":
        model = mixed_model(150, 3)
        quick = {"num_sweeps": 2, "num_coolings": 1}
        settings = {key: value for key, value in quick.items() if key in registered.sampler.parameters}
        first, other = (sample(registered, model, reads=8, seed=seed, settings=settings) for seed in (5, 6))
        assert not np.array_equal(_states(first, model), _states(other, model))


@pytest.mark.parametrize("name", ["openjij-sa", "openjij-sqa"])
def test_reads_of_openjij_differ(name: str, mixed_model: Maker) -> None:
    """One seed for all reads would return one read many times."""
    model = mixed_model(40, 4)
    sampleset = sample(sampler_of(name), model, reads=8, seed=7, settings={"num_sweeps": 2})
    assert len(np.unique(_states(sampleset, model), axis=0)) > 4
