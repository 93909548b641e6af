"""Figures with their 95 % intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.proposal import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

COVERAGE: Final = 0.95


def mean_interval(values: NDArray[np.float64]) -> Interval:
    """Return the mean of independent draws (two at least) with its 95 % interval by Student's t."""
    # scipy.special is light; scipy.stats is not.
    from scipy.special import stdtrit

    mean = float(values.mean())
    half = float(stdtrit(len(values) - 1, 0.5 + COVERAGE / 2) * values.std(ddof=1) / np.sqrt(len(values)))
    return Interval(mean=mean, low=mean - half, high=mean + half)


def drawn_interval(values: NDArray[np.float64]) -> Interval:
    """Return the first value, which is what is believed, with the middle 95 % of the others, which may be true."""
    mean = float(values[0])
    low, high = np.quantile(values[1:], (0.5 - COVERAGE / 2, 0.5 + COVERAGE / 2))
    return Interval(mean=mean, low=min(mean, float(low)), high=max(mean, float(high)))
