"""Models that samplers are tried on."""

from __future__ import annotations

from collections.abc import Callable

import dimod
import numpy as np
import pytest


@pytest.fixture(scope="session")
def mixed_model() -> Callable[..., dimod.BinaryQuadraticModel]:
    """
    Return the maker of random models: ``mixed_model(variables, seed, vartype="BINARY")``.

    Biases are integers of either sign, half the pairs are coupled, labels are of several types and in no order.
    """
    return _mixed_model


def _mixed_model(variables: int, seed: int, vartype: str = "BINARY") -> dimod.BinaryQuadraticModel:
    random = np.random.default_rng([variables, seed])
    labels = [("day", number) if number % 3 == 0 else f"route {number}" for number in random.permutation(variables)]
    model = dimod.BinaryQuadraticModel(vartype)
    for label in labels:
        model.add_linear(label, float(random.integers(-9, 10)))
    for i in range(variables):
        for j in range(i):
            if random.random() < 0.5:
                model.add_quadratic(labels[i], labels[j], float(random.integers(-9, 10)))
    model.offset = 7.0
    return model
