"""
Simulated annealing whose moves are choices of whole groups.

An annealer that flips one variable at a time has to climb over a penalty, or through an empty group, to replace the
chosen item of a group by another. This one draws the choice of a group anew, out of all its items and none, given what
the other groups have chosen (a heat bath), so that no state is ever over-full. Each cooling ends in a descent in which
two, and where there are few also three groups choose together what is best for them; the best of several coolings is
the read.

References
----------
S. Geman, D. Geman (1984), Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images, IEEE
Transactions on Pattern Analysis and Machine Intelligence 6(6): https://doi.org/10.1109/TPAMI.1984.4767596
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dimod
import numpy as np
from scipy.sparse import coo_array, csr_array

from solvers.qubo.samplers._group_kernel import Model, State, anneal
from solvers.qubo.samplers._grouping import groups_of
from solvers.qubo.samplers._temperatures import scales_of, typical

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

MOST_DENSE: Final = 2500
"""Variables up to which couplings are always held as a full matrix: 50 MB. Of more, if that takes less than lists."""

_MOST_GROUPS_BY_THREES: Final = 16
"""Groups up to which every three choose together: days of a trip, places of a day. They are 560 threes then."""

_MOST_GROUPS_BY_PAIRS: Final = 256
"""Groups up to which every two choose together: beyond, that would take longer than it gains."""

_MOST_ENERGY: Final = 1e300
_LEAST_SCALE: Final = 1e-300
"""Far beyond all that is meant, and such that nothing computed from it overflows."""

_HOTTEST: Final = 1.0
_COLDEST: Final = 100.0
"""Inverse temperatures in units of one over the typical bias: nearly all choices are open, nearly all are made."""


class GroupMoveSampler(dimod.Sampler):  # type: ignore[misc]
    """
    Anneal by groups: a sampler of dimod's kind for models in which at most one item of each group is chosen.

    It samples any binary quadratic model. Where no groups are given, those are taken of which it can be shown that
    more than one item never pays; what is in no such group is flipped by itself.
    """

    def __init__(self) -> None:
        self._parameters: dict[str, list[str]] = {
            name: [] for name in ("num_reads", "num_sweeps", "num_coolings", "beta_range", "seed", "groups")
        }

    @property
    def parameters(self) -> Mapping[str, Sequence[str]]:
        """Return the keywords of `sample`."""
        return self._parameters

    @property
    def properties(self) -> Mapping[str, Any]:
        """Return what is known of the sampler: nothing that depends on hardware."""
        return {"most_dense": MOST_DENSE}

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 1,
        num_sweeps: int = 50,
        num_coolings: int = 10,
        beta_range: Sequence[float] | None = None,
        seed: int | None = None,
        groups: Sequence[Sequence[Hashable]] | None = None,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """
        Sample a binary quadratic model.

        Parameters
        ----------
        bqm
            The model; of spins, it is sampled in 0 and 1 and the samples are turned back.
        num_reads
            Samples to return, at least 1; read k is the same whatever their number.
        num_sweeps
            Times every group draws its choice in one cooling, at least 1.
        num_coolings
            Times each read is heated and cooled, at least 1; the best is returned. Many short coolings find more than
            a long one, as each ends in a descent.
        beta_range
            First and last inverse temperature, both positive, per unit of energy; steps between are geometric. None
            takes them from the largest biases of the variables.
        seed
            The same seed gives the same samples; None draws one.
        groups
            Labels of which at most one shall be 1, each label in at most one group. It is taken at its word: samples
            never have more. None finds groups that lose nothing.

        Returns
        -------
        sampleset
            In the order of the reads, in the vartype of ``bqm``.

        Raises
        ------
        ValueError
            If a parameter is out of its range, ``groups`` names labels that are not in ``bqm`` or one twice, or the
            biases are not finite or add up to 1e300.
        """
        self.remove_unknown_kwargs(**kwargs)
        _check_counts(num_reads=num_reads, num_sweeps=num_sweeps, num_coolings=num_coolings)
        labels = list(bqm.variables)
        if not labels:
            return dimod.SampleSet.from_samples_bqm(np.empty((num_reads, 0), np.int8), bqm)
        linear, row, column, weight = _vectors(bqm)
        _refuse_unbounded(linear, weight)
        low, high = _range_of(bqm) if beta_range is None else _checked(beta_range)
        group = groups_of(linear, row, column, weight) if groups is None else _groups_given(groups, labels)
        order = np.argsort(group, kind="stable")
        model = _model(linear, row, column, weight, group, order)
        betas = np.geomspace(low, high, num_sweeps)
        states = np.zeros((num_reads, len(labels)), np.int8)
        starts = np.random.SeedSequence(seed).generate_state(num_reads, np.uint64)
        for read, start in zip(states, starts, strict=True):
            chosen = _read(model, betas, num_coolings, start)
            read[order[chosen[chosen >= 0]]] = 1
        if bqm.vartype is dimod.SPIN:
            states = 2 * states - 1
        return dimod.SampleSet.from_samples_bqm(
            (states, labels), bqm, info={"beta_range": [float(low), float(high)], "groups": len(model.group_start) - 1}
        )


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} is {count}; expected at least 1")


def _checked(beta_range: Sequence[float]) -> tuple[float, float]:
    if len(beta_range) != 2 or not 0 < min(beta_range) <= max(beta_range) < np.inf:
        raise ValueError(f"beta_range is {beta_range!r}; expected two positive numbers")
    return float(beta_range[0]), float(beta_range[1])


def _refuse_unbounded(linear: NDArray[np.float64], weight: NDArray[np.float64]) -> None:
    """Refuse energies that are no numbers, or may not be: no choice is better than another by what is no number."""
    with np.errstate(over="ignore"):
        total = np.abs(linear).sum() + np.abs(weight).sum()
    if not total < _MOST_ENERGY:
        raise ValueError(f"biases add up to {total} without their signs; expected a finite sum below {_MOST_ENERGY:g}")


def _range_of(bqm: dimod.BinaryQuadraticModel) -> tuple[float, float]:
    scale = max(typical(scales_of(bqm)), _LEAST_SCALE)
    return _HOTTEST / scale, _COLDEST / scale


def _vectors(
    bqm: dimod.BinaryQuadraticModel,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return linear biases and couplings of the model in 0 and 1, variables in the order of the model."""
    binary = bqm if bqm.vartype is dimod.BINARY else bqm.change_vartype(dimod.BINARY, inplace=False)
    vectors = binary.to_numpy_vectors(variable_order=list(bqm.variables))
    row, column, weight = vectors.quadratic
    return (
        np.asarray(vectors.linear_biases, np.float64),
        np.asarray(row, np.int64),
        np.asarray(column, np.int64),
        np.asarray(weight, np.float64),
    )


def _groups_given(groups: Sequence[Sequence[Hashable]], labels: Sequence[Hashable]) -> NDArray[np.int64]:
    """Return a group per variable; those in no group given come each alone, after them."""
    position = {label: k for k, label in enumerate(labels)}
    group = np.full(len(labels), -1)
    for number, members in enumerate(groups):
        for label in members:
            if label not in position:
                raise ValueError(f"groups[{number}] names {label!r}, which is no variable of the model")
            if group[position[label]] >= 0:
                raise ValueError(f"groups[{number}] names {label!r} again; each variable is in at most one group")
            group[position[label]] = number
    alone = np.flatnonzero(group < 0)
    group[alone] = len(groups) + np.arange(len(alone))
    return np.unique(group, return_inverse=True)[1]


def _model(
    linear: NDArray[np.float64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    order: NDArray[np.int64],
) -> Model:
    """Return the model with its variables sorted by group, without the couplings inside groups."""
    variables, groups = len(linear), int(group.max()) + 1
    place = np.empty(variables, np.int64)
    place[order] = np.arange(variables)
    between = group[row] != group[column]
    row, column, weight = row[between], column[between], weight[between]
    pairs = np.unique(np.minimum(group[row], group[column]) * groups + np.maximum(group[row], group[column]))
    ends = np.concatenate([place[row], place[column]]), np.concatenate([place[column], place[row]])
    weights = np.concatenate([weight, weight])
    dense, rows = _couplings(variables, ends, weights)
    lowest = np.zeros(variables)
    np.minimum.at(lowest, ends[0], weights)
    return Model(
        linear=linear[order],
        group_start=np.concatenate([[0], np.cumsum(np.bincount(group))]),
        dense=dense,
        row_start=rows.indptr.astype(np.int64),
        column=rows.indices.astype(np.int64),
        weight=rows.data,
        lowest=lowest,
        neighbour_start=np.searchsorted(pairs // groups, np.arange(groups + 1)),
        neighbour=pairs % groups,
    )


def _couplings(
    variables: int, ends: tuple[NDArray[np.int64], NDArray[np.int64]], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], csr_array]:
    """Return couplings, given both ways, as a full matrix or as sparse rows; the other of the two is empty."""
    # A cell of a full matrix takes 8 bytes, an entry of a sparse row 16.
    if variables**2 <= max(MOST_DENSE**2, 2 * len(weights)):
        dense = np.zeros((variables, variables))
        dense[ends] = weights
        return dense, csr_array((variables, variables))
    rows = coo_array((weights, ends), shape=(variables, variables)).tocsr()
    rows.sort_indices()
    return np.zeros((0, 0)), rows


def _read(model: Model, betas: NDArray[np.float64], coolings: int, start: np.uint64) -> NDArray[np.int64]:
    """Return the item that each group has chosen at the end of one read, -1 for none."""
    groups, items = len(model.group_start) - 1, len(model.linear)
    state = State(
        chosen=np.empty(groups, np.int64),
        best=np.empty(groups, np.int64),
        field=np.empty(items),
        energy=np.empty(items),
        sum=np.empty(items),
        found=np.full(2, -1),
        random=np.array([start]),
    )
    anneal(model, state, betas, coolings, _together(groups), _tolerance(model))
    return state.best


def _together(groups: int) -> int:
    """Return how many groups choose together at the end of a cooling."""
    if groups <= _MOST_GROUPS_BY_THREES:
        return 3
    return 2 if groups <= _MOST_GROUPS_BY_PAIRS else 1


def _tolerance(model: Model) -> float:
    """Return what counts as no gain: far above rounding, far below any bias that matters."""
    largest = max(float(np.abs(model.linear).max()), float(-model.lowest.min()))
    return 1e-9 * largest
