"""A sampler that keeps what it is asked, for tests of the registry and of drawing reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dimod
import pytest

from solvers.errors import SamplerError


class Recording(dimod.Sampler):  # type: ignore[misc]
    """Take a few keywords, keep what came, and return all states."""

    def __init__(self, *names: str) -> None:
        self._parameters: dict[str, list[str]] = {name: [] for name in names}
        self.calls: list[dict[str, Any]] = []

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return the keywords given."""
        return self._parameters

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **keywords: Any) -> dimod.SampleSet:
        """Return all states of the model."""
        self.calls.append(keywords)
        return dimod.ExactSolver().sample(bqm)


def refused(call: Callable[[], object]) -> SamplerError:
    """Return the error that a call ends in."""
    with pytest.raises(SamplerError) as caught:
        call()
    return caught.value
