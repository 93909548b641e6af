"""Reads of any sampler, brought into the order of the items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from solvers.errors import SolutionError

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    import dimod
    from numpy.typing import NDArray

    Label: TypeAlias = Hashable

_SHOWN = 5
"""Labels or values an error names before it only counts."""


def align(
    reads: dimod.SampleSet | tuple[Any, Sequence[Label]] | Sequence[Mapping[Label, Any]], labels: Sequence[Label]
) -> NDArray[np.bool_]:
    """
    Return reads as rows of items: by label, whatever their order and whether they say 0 and 1 or -1 and 1.

    Parameters
    ----------
    reads
        A ``dimod.SampleSet`` (SPIN or BINARY; a row that occurred k times is returned k times), or a pair of an array
        ``(S, n)`` and the labels of its columns, or one mapping of label to value a read. The latter two may hold 0
        and 1, or -1 and 1, not both.
    labels
        Label of each item, in the order of the items.

    Returns
    -------
    states
        Shape ``(S, n)``, bool, in the order of the reads.

    Raises
    ------
    SolutionError
        If labels are missing, unknown or given twice, or a value is not of the vartype: told all at once.
    """
    if hasattr(reads, "record"):
        return _of_sample_set(reads, labels)
    if isinstance(reads, tuple) and len(reads) == 2 and not isinstance(reads[0], Mapping):
        columns = list(reads[1])
        values = _numbers(reads[0], f"the samples: array of shape (reads, {len(columns)})")
        return _ordered(values, columns, labels, _accepted_of(values))
    if isinstance(reads, Sequence) and all(isinstance(read, Mapping) for read in reads):
        return _of_mappings(reads, labels)
    raise SolutionError(
        f"the samples: {type(reads).__name__}; accepted are a dimod.SampleSet, a pair (array, labels of its columns), "
        "or a list of one mapping of label to value a read"
    )


def _of_sample_set(samples: Any, labels: Sequence[Label]) -> NDArray[np.bool_]:
    vartype = samples.vartype.name
    if vartype not in ("SPIN", "BINARY"):
        raise SolutionError(f"the samples: vartype {vartype}; accepted are SPIN and BINARY")
    values = np.asarray(samples.record.sample)
    states = _ordered(values, list(samples.variables), labels, (-1, 1) if vartype == "SPIN" else (0, 1))
    return np.repeat(states, np.asarray(samples.record.num_occurrences, np.int64), axis=0)


def _of_mappings(reads: Sequence[Any], labels: Sequence[Label]) -> NDArray[np.bool_]:
    wanted = set(labels)
    missing = {label for read in reads for label in wanted - read.keys()}
    unknown = {label for read in reads for label in read.keys() - wanted}
    _refuse_labels(
        [label for label in labels if label in missing], sorted(unknown, key=repr), twice=[], count=len(labels)
    )
    rows = [[read[label] for label in labels] for read in reads]
    values = _numbers(rows, "the samples: one number a label") if rows else np.zeros((0, len(labels)), np.int64)
    return _chosen(values, labels, _accepted_of(values))


def _ordered(
    values: NDArray[Any], columns: list[Label], labels: Sequence[Label], accepted: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return the columns of ``values`` in the order of ``labels``."""
    if values.ndim != 2 or values.shape[1] != len(columns):
        raise SolutionError(
            f"the samples: array of shape {values.shape}; accepted is one column for each of the {len(columns)} labels"
        )
    place = {label: column for column, label in enumerate(columns)}
    wanted = set(labels)
    twice = [label for column, label in enumerate(columns) if place[label] != column]
    unknown = [label for label in place if label not in wanted]
    _refuse_labels([label for label in labels if label not in place], unknown, twice=twice, count=len(labels))
    return _chosen(values[:, [place[label] for label in labels]], labels, accepted)


def _refuse_labels(missing: Sequence[Label], unknown: Sequence[Label], *, twice: Sequence[Label], count: int) -> None:
    named = (("missing", missing), ("unknown", unknown), ("given twice", twice))
    faults = [f"{len(some)} {what} ({_listed(some)})" for what, some in named if some]
    if faults:
        raise SolutionError(
            f"the samples: variables {', '.join(faults)}; accepted are the {count} labels of the model, "
            "each once, in any order"
        )


def _chosen(values: NDArray[Any], labels: Sequence[Label], accepted: tuple[int, int]) -> NDArray[np.bool_]:
    states: NDArray[np.bool_] = values == accepted[1]
    strange = ~states & (values != accepted[0])
    if strange.any():
        at = [labels[column] for column in np.flatnonzero(strange.any(axis=0)).tolist()]
        shown = _listed(np.unique(values[strange]).tolist())
        raise SolutionError(
            f"the samples: values {shown} of {len(at)} variables ({_listed(at)}); accepted are {accepted[0]} and "
            f"{accepted[1]}"
        )
    return states


def _accepted_of(values: NDArray[Any]) -> tuple[int, int]:
    """Return the two values that reads without a vartype may hold: all ones mean the same in both."""
    return (-1, 1) if (values == -1).any() else (0, 1)


def _numbers(values: Any, what: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        raise SolutionError(f"{what} is accepted; got rows of different lengths") from None
    if array.dtype.kind not in "biuf":
        raise SolutionError(f"{what} is accepted; got values that are no numbers")
    return array


def _listed(some: Collection[Any]) -> str:
    shown = ", ".join(repr(one) for one in list(some)[:_SHOWN])
    return f"{shown}, ..." if len(some) > _SHOWN else shown
