"""
OpenJij's annealers as samplers of dimod's kind.

They declare only some of their parameters, and with a seed they return that many identical reads. Here each read has a
seed of its own, drawn from the one given.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any, Final

import dimod
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NOT_HANDED_ON: Final = ("self", "bqm", "num_reads", "seed", "reinitialize_state", "initial_state")


class OpenJijSampler(dimod.Sampler):  # type: ignore[misc]
    """
    Wrap a sampler of OpenJij.

    Parameters
    ----------
    annealer
        An ``openjij.SASampler`` or ``openjij.SQASampler``, or another with their interface.
    """

    def __init__(self, annealer: Any) -> None:
        self._annealer = annealer
        own = [name for name in signature(annealer.sample).parameters if name not in _NOT_HANDED_ON]
        self._parameters: dict[str, list[str]] = {name: [] for name in ("num_reads", "seed", *own)}

    @property
    def parameters(self) -> Mapping[str, Sequence[str]]:
        """Return the keywords of `sample`."""
        return self._parameters

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return the class that is wrapped."""
        return {"annealer": type(self._annealer).__name__}

    def sample(
        self, bqm: dimod.BinaryQuadraticModel, *, num_reads: int = 1, seed: int | None = None, **settings: Any
    ) -> dimod.SampleSet:
        """
        Sample a binary quadratic model, one seed a read.

        Parameters
        ----------
        bqm
            The model, of either vartype.
        num_reads
            Samples to return, at least 1.
        seed
            The same seed gives the same samples; None draws one.
        **settings
            Handed on to OpenJij.

        Raises
        ------
        ValueError
            If ``num_reads`` is below 1, or OpenJij refuses a setting.
        """
        settings = self.remove_unknown_kwargs(**settings)
        if num_reads < 1:
            raise ValueError(f"num_reads is {num_reads}; expected at least 1")
        labels = list(bqm.variables)
        if not labels:
            return dimod.SampleSet.from_samples_bqm(np.empty((num_reads, 0), np.int8), bqm)
        model = _model(bqm, sparse=settings.pop("sparse", True))
        seeds = np.random.SeedSequence(seed).generate_state(num_reads) >> 1
        states = np.empty((num_reads, len(labels)), np.int8)
        for state, own_seed in zip(states, seeds, strict=True):
            read = self._annealer.sample(model, num_reads=1, seed=int(own_seed), **settings)
            state[np.array(read.variables, np.int64)] = read.record.sample[0]
        return dimod.SampleSet.from_samples_bqm((states, labels), bqm)


def _model(bqm: dimod.BinaryQuadraticModel, *, sparse: bool) -> Any:
    """Return the model in OpenJij's own form, built once for all reads, its variables numbered."""
    from openjij import BinaryQuadraticModel

    vectors = bqm.to_numpy_vectors(variable_order=list(bqm.variables))
    linear, quadratic = np.asarray(vectors.linear_biases, float), vectors.quadratic
    pairs = zip(np.asarray(quadratic.row_indices).tolist(), np.asarray(quadratic.col_indices).tolist(), strict=True)
    return BinaryQuadraticModel(
        dict(enumerate(linear.tolist())),
        dict(zip(pairs, np.asarray(quadratic.biases, float).tolist(), strict=True)),
        0.0,
        bqm.vartype.name,
        sparse=sparse,
    )
