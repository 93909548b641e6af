"""Temperatures follow the scale of a model."""

from __future__ import annotations

import dimod
import numpy as np
import pytest

from solvers.qubo.samplers._temperatures import beta_range, scales_of, typical


@pytest.mark.parametrize("scale", [1e-9, 0.3, 1.0, 1.5, 80.0, 1e7])
def test_annealing_cools_at_any_scale(scale: float) -> None:
    """The last inverse temperature is above the first, and a hundredth of the scale is frozen unless below a unit."""
    first, last = beta_range(scale)
    assert first < last
    assert np.exp(-first * scale) == pytest.approx(0.5)
    assert np.exp(-last * (max(1.0, scale / 100) if scale > 1 else scale / 100)) == pytest.approx(0.01)


def test_the_typical_scale_is_the_median_of_those_that_matter() -> None:
    """Variables that nothing depends on have no say; without any other, the scale is 1."""
    assert typical(np.array([0.0, 0.0, 0.0, 2.0, -6.0, 10.0])) == 6.0
    assert typical(np.zeros(3)) == 1.0
    assert typical(np.zeros(0)) == 1.0


def test_the_scale_of_a_variable_is_its_largest_bias_in_0_and_1() -> None:
    """Of spins, the model is turned first: a coupling of 1 is one of 4, and biases of -2."""
    binary = dimod.BinaryQuadraticModel({"a": -3.0, "b": 1.0, "c": 0.0}, {("a", "b"): 2.0}, 0.0, "BINARY")
    spin = dimod.BinaryQuadraticModel({"a": 0.0, "b": 0.0}, {("a", "b"): 1.0}, 0.0, "SPIN")
    assert scales_of(binary).tolist() == [3.0, 2.0, 0.0]
    assert scales_of(spin).tolist() == [4.0, 4.0]
    assert spin.vartype is dimod.SPIN
