"""What an estimation returns: figures with their uncertainty, and remarks on what they can carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._words import reason
from pricing.proposal import Interval, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NORMAL_95: Final = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % on each side."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    Hold one estimated figure.

    Parameters
    ----------
    standard_error
        Not a number where the records do not tell it.
    low, high
        Interval that covers the truth in 95 of 100 repetitions, if the model holds.
    """

    name: str
    value: float
    standard_error: float
    low: float
    high: float

    @property
    def interval(self) -> Interval:
        """Return the figure and its interval."""
        return Interval(mean=self.value, low=self.low, high=self.high)

    def excludes(self, value: float) -> bool:
        """Return whether the interval leaves out a value."""
        return not self.low <= value <= self.high


def normal_estimate(name: str, value: float, standard_error: float) -> Estimate:
    """Return an estimate whose error is normal, as that of a maximum-likelihood fit is in the limit."""
    reach = NORMAL_95 * standard_error
    return Estimate(name, float(value), float(standard_error), float(value - reach), float(value + reach))


def normal_estimates(
    names: Sequence[str], values: NDArray[np.float64], covariance: NDArray[np.float64]
) -> tuple[Estimate, ...]:
    """Return estimates from values and their covariance, shapes ``(K,)`` and ``(K, K)``."""
    errors = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    return tuple(normal_estimate(name, value, error) for name, value, error in zip(names, values, errors, strict=True))


def positive_estimate(name: str, value: float, log_error: float) -> Estimate:
    """Return an estimate that is above 0, with the interval taken on the logarithm."""
    spread = float(np.exp(NORMAL_95 * log_error))
    return Estimate(name, float(value), float(value * log_error), float(value / spread), float(value * spread))


def unsure_effect(effect: Estimate) -> Reason:
    """Return the remark on an effect of the price whose interval holds 0."""
    return reason(
        "PRICE_EFFECT_UNSURE",
        ja=f"料金の効果はゼロと区別できません({effect.name} {effect.low:+.3f} から {effect.high:+.3f})",
        en=f"the price may have no effect ({effect.name} from {effect.low:+.3f} to {effect.high:+.3f})",
    )
