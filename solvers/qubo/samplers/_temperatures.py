"""Temperatures to cool between, from the scale of a model's energies."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import dimod
    from numpy.typing import NDArray


def typical(scales: NDArray[np.float64]) -> float:
    """Return the median of the scales that are not 0; 1 where all are."""
    scales = np.abs(np.asarray(scales, np.float64))
    scales = scales[scales > 0]
    return float(np.median(scales)) if len(scales) else 1.0


def scales_of(bqm: dimod.BinaryQuadraticModel) -> NDArray[np.float64]:
    """
    Return a scale for each variable where the caller knows none: its largest bias, as a variable in 0 and 1.

    Of a packing problem this comes close to the bound C of its conflicts: the proven penalty of a conflict is the
    lesser C of its two items, and one unit.
    """
    binary = bqm if bqm.vartype.name == "BINARY" else bqm.change_vartype("BINARY", inplace=False)
    vectors = binary.to_numpy_vectors()
    scales = np.abs(np.asarray(vectors.linear_biases, np.float64))
    biases = np.abs(np.asarray(vectors.quadratic.biases, np.float64))
    np.maximum.at(scales, np.asarray(vectors.quadratic.row_indices, np.int64), biases)
    np.maximum.at(scales, np.asarray(vectors.quadratic.col_indices, np.int64), biases)
    return scales


def beta_range(scale: float) -> tuple[float, float]:
    """
    Return the first and last inverse temperature of simulated annealing.

    At first a rise by the scale is taken every second time. At last a rise by a hundredth of the scale is taken once
    in a hundred times; or by one unit, the least difference of integer models, where that is more.
    """
    least = 0.01 * scale
    return log(2) / scale, log(100) / (max(1.0, least) if scale > 1.0 else least)
