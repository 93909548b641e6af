"""Least squares and Poisson regression with errors by cluster, and refusal of columns that cannot be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.estimation.errors import UnidentifiedError
from pricing.estimation.results import Estimate, normal_estimate, normal_estimates
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COLLINEAR: Final = 1e-9
MOST_STEPS: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """
    Hold a fitted regression.

    Parameters
    ----------
    values, covariance
        Shapes ``(K,)`` and ``(K, K)``; the covariance allows for anything that the rows of a cluster share.
    residuals
        Shape ``(N,)``: recorded less expected.
    explained
        Share of the variance (least squares) or deviance (Poisson) that the columns explain.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    residuals: NDArray[np.float64]
    explained: float
    observations: int
    clusters: int

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Return all coefficients."""
        return normal_estimates(self.names, self.values, self.covariance)

    def estimate(self, name: str) -> Estimate:
        """Return one coefficient."""
        place = self.names.index(name)
        return normal_estimate(name, float(self.values[place]), float(np.sqrt(self.covariance[place, place])))

    def wald_f(self, names: Sequence[str]) -> float:
        """Return the statistic of all of some coefficients being 0, divided by their number."""
        places = [self.names.index(name) for name in names]
        values = self.values[places]
        return float(values @ np.linalg.solve(self.covariance[np.ix_(places, places)], values) / len(places))


def fit_least_squares(
    target: NDArray[np.float64], columns: NDArray[np.float64], names: Sequence[str], cluster: NDArray[np.int64]
) -> Regression:
    """
    Fit a linear regression.

    Parameters
    ----------
    target, columns
        Shapes ``(N,)`` and ``(N, K)``; a column of ones is the caller's.
    cluster
        Shape ``(N,)``: rows with the same number may hang together.

    Raises
    ------
    UnidentifiedError
        If columns follow from others; they are named.
    """
    refuse_collinear(columns, names)
    values = np.asarray(np.linalg.lstsq(columns, target, rcond=None)[0], np.float64)
    residuals = target - columns @ values
    spread = float(((target - target.mean()) ** 2).sum())
    bread = np.linalg.inv(columns.T @ columns)
    return Regression(
        tuple(names),
        values,
        _sandwich(np.asarray(bread, np.float64), columns * residuals[:, None], cluster),
        residuals,
        1.0 - float(residuals @ residuals) / spread if spread > 0 else 0.0,
        len(target),
        len(np.unique(cluster)),
    )


def fit_poisson(
    target: NDArray[np.float64], columns: NDArray[np.float64], names: Sequence[str], cluster: NDArray[np.int64]
) -> Regression:
    """
    Fit the logarithm of an expected count by Newton; right for the mean whatever the counts' distribution.

    Raises
    ------
    UnidentifiedError
        If columns follow from others, or a group of rows that a column marks never sold anything; they are named.

    References
    ----------
    Gourieroux, Monfort & Trognon (1984), https://doi.org/10.2307/1913472
    """
    refuse_collinear(columns, names)
    _refuse_empty_groups(target, columns, names)
    scale = np.abs(columns).max(axis=0)
    unit = columns / scale
    values = np.asarray(np.linalg.lstsq(unit, np.log(np.maximum(target, 0.5)), rcond=None)[0], np.float64)
    for _ in range(MOST_STEPS):
        mean = np.exp(unit @ values)
        gradient = unit.T @ (target - mean)
        step = np.linalg.solve(unit.T @ (mean[:, None] * unit), gradient)
        if float(gradient @ step) < 1e-12 * len(target):
            break
        values = _uphill(target, unit, values, np.asarray(step, np.float64))
    mean = np.exp(unit @ values)
    bread = np.linalg.inv(unit.T @ (mean[:, None] * unit))
    covariance = _sandwich(np.asarray(bread, np.float64), unit * (target - mean)[:, None], cluster)
    return Regression(
        tuple(names),
        values / scale,
        covariance / np.outer(scale, scale),
        target - mean,
        _explained_deviance(target, mean),
        len(target),
        len(np.unique(cluster)),
    )


def refuse_collinear(columns: NDArray[np.float64], names: Sequence[str]) -> None:
    """Refuse columns that follow from others, naming all that take part."""
    size = np.sqrt((columns**2).mean(axis=0))
    empty = [name for name, is_empty in zip(names, size == 0, strict=True) if is_empty]
    unit = columns / np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(unit.T @ unit / len(unit))
    lost = vectors[:, values < COLLINEAR]
    if not lost.shape[1]:
        return
    concerned = empty or [name for name, row in zip(names, lost, strict=True) if np.abs(row).max() > 1e-4]
    listed = ", ".join(concerned)
    raise UnidentifiedError(
        concerned,
        Text(
            ja=f"記録の中で互いに区別できません: {listed}。いずれかを外してください",
            en=f"the records cannot tell these apart: {listed}; leave one of them out",
        ),
    )


def _refuse_empty_groups(target: NDArray[np.float64], columns: NDArray[np.float64], names: Sequence[str]) -> None:
    """Refuse marks (columns of 0 and 1) of rows that all sold nothing: they have no finite coefficient."""
    marks = ((columns == 0) | (columns == 1)).all(axis=0)
    sold = target @ columns
    lost = [name for name, is_mark, total in zip(names, marks, sold, strict=True) if is_mark and total == 0]
    if lost:
        listed = ", ".join(lost)
        message = Text(ja=f"一つも売れていないため推定できません: {listed}", en=f"sold nothing at all: {listed}")
        raise UnidentifiedError(lost, message)


def _uphill(
    target: NDArray[np.float64], columns: NDArray[np.float64], values: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    now, length = _poisson_likelihood(target, columns @ values), 1.0
    while length > 1e-10:
        moved = values + length * step
        if _poisson_likelihood(target, columns @ moved) >= now:
            return moved
        length /= 2
    return values


def _poisson_likelihood(target: NDArray[np.float64], logs: NDArray[np.float64]) -> float:
    with np.errstate(over="ignore"):
        return float(target @ logs - np.exp(logs).sum())


def _explained_deviance(target: NDArray[np.float64], mean: NDArray[np.float64]) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(target > 0, target * np.log(target / mean), 0.0).sum()
        whole = np.where(target > 0, target * np.log(target / target.mean()), 0.0).sum()
    return float(1.0 - rest / whole) if whole > 0 else 0.0


def _sandwich(
    bread: NDArray[np.float64], scores: NDArray[np.float64], cluster: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return a covariance that allows for clusters, with the usual factors for small numbers."""
    _, place = np.unique(cluster, return_inverse=True)
    clusters = int(place.max()) + 1
    sums = np.zeros((clusters, scores.shape[1]))
    np.add.at(sums, place, scores)
    rows, columns = scores.shape
    factor = clusters / max(1, clusters - 1) * (rows - 1) / max(1, rows - columns)
    return np.asarray(factor * bread @ (sums.T @ sums) @ bread, np.float64)
