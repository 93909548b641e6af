"""Sensitivities that could be true as well: drawn from the range that is stated or estimated for a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.estimation.results import NORMAL_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pricing.model import Segment

LEAST_SENSITIVITY: Final = 1e-6
"""Loss of appeal per 1,000 yen below which no draw goes: dearer never sells more."""


def sensitivity_at(segment: Segment, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return sensitivities of a segment, per 1,000 yen, at standard normal scores.

    The range is the middle 95 % of a normal distribution around the sensitivity, each side with a spread of its own and
    cut at `LEAST_SENSITIVITY`; without a range the sensitivity is certain.
    """
    if segment.sensitivity_range is None:
        return np.full(len(scores), segment.sensitivity)
    low, high = segment.sensitivity_range
    spread = np.where(scores < 0, segment.sensitivity - low, high - segment.sensitivity) / NORMAL_95
    return np.maximum(LEAST_SENSITIVITY, segment.sensitivity + np.maximum(0.0, spread) * scores)
