"""
Multinomial logit by Newton's method.

The log-likelihood is concave, so Newton with step halving finds its one maximum, if there is one. Two things can keep
it from having one, and both are refused by name: parameters that the choices cannot tell apart (collinear columns, or
a column that never differs within a choice), and attributes that predict choices perfectly (separation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.estimation.errors import SeparationError, UnidentifiedError
from pricing.estimation.results import Estimate, normal_estimate, normal_estimates
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pricing.estimation.choices import Choices

MOST_ITERATIONS: Final = 100
DECREMENT: Final = 1e-15
"""Newton stops where a step would improve the mean log-likelihood by less."""
COLLINEAR: Final = 1e-10
"""Smallest eigenvalue of the scaled information, relative to the mean one, at which parameters still are told apart."""
SUSPICIOUS: Final = 1e-5
"""Information that has fallen to less than this share of that at equal chances calls for a look at separation."""


@dataclass(frozen=True, slots=True, eq=False)
class MnlFit:
    """
    Hold a fitted multinomial logit.

    Parameters
    ----------
    values
        Shape ``(K,)``: the coefficients, in the order of ``names``.
    covariance
        Shape ``(K, K)``: inverse of the information; right if the model is.
    robust_covariance
        Shape ``(K, K)``: sandwich, clustered by person; right also where choices of a person hang together.
    null_log_likelihood
        With equal chances for all that is available.
    gradient_norm
        Largest absolute element of the gradient at the end.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    robust_covariance: NDArray[np.float64]
    log_likelihood: float
    null_log_likelihood: float
    observations: int
    persons: int
    iterations: int
    gradient_norm: float

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Return the coefficients with classic errors."""
        return normal_estimates(self.names, self.values, self.covariance)

    @property
    def robust_estimates(self) -> tuple[Estimate, ...]:
        """Return the coefficients with errors of the sandwich."""
        return normal_estimates(self.names, self.values, self.robust_covariance)

    def estimate(self, name: str, *, is_robust: bool = False) -> Estimate:
        """Return one coefficient."""
        place = self.names.index(name)
        covariance = self.robust_covariance if is_robust else self.covariance
        return normal_estimate(name, float(self.values[place]), float(np.sqrt(covariance[place, place])))

    @property
    def rho_squared(self) -> float:
        """Return McFadden's share of the log-likelihood that the attributes explain."""
        return 1.0 - self.log_likelihood / self.null_log_likelihood if self.null_log_likelihood else 0.0

    @property
    def adjusted_rho_squared(self) -> float:
        """Return the same with a fee of 1 for each coefficient."""
        if not self.null_log_likelihood:
            return 0.0
        return 1.0 - (self.log_likelihood - len(self.values)) / self.null_log_likelihood

    @property
    def aic(self) -> float:
        """Return Akaike's criterion."""
        return 2 * len(self.values) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Return Schwarz's criterion, over persons."""
        return float(np.log(self.persons) * len(self.values) - 2 * self.log_likelihood)


def fit_mnl(choices: Choices) -> MnlFit:
    """
    Fit a multinomial logit.

    Raises
    ------
    UnidentifiedError
        If the choices cannot tell some parameters apart; they are named.
    SeparationError
        If some parameters predict choices perfectly; they are named.

    References
    ----------
    McFadden (1974), Conditional logit analysis of qualitative choice behavior; Train (2009),
    https://doi.org/10.1017/CBO9780511805271
    """
    scale = _refuse_collinear(choices)
    total = float(choices.weights.sum())
    scaled = choices.design / scale
    theta, iterations = np.zeros(len(scale)), 0
    value = null = log_likelihood(choices, scaled, theta)
    gradient, information = derivatives(choices, scaled, theta)
    information_at_start = np.linalg.eigvalsh(information)[0]
    while iterations < MOST_ITERATIONS:
        step = np.asarray(np.linalg.solve(information, gradient), np.float64)
        decrement = float(gradient @ step)
        if decrement < DECREMENT * total:
            break
        theta, value = _step_uphill(choices, scaled, theta, step, value)
        gradient, information = derivatives(choices, scaled, theta)
        iterations += 1
        if np.linalg.eigvalsh(information)[0] < SUSPICIOUS * information_at_start:
            _refuse_separation(choices)
    covariance = np.linalg.inv(information)
    scores = person_sums(choices.person, choices.weights[:, None] * scores_of(choices, scaled, theta))
    robust = covariance @ (scores.T @ scores) @ covariance
    unscale = np.outer(scale, scale)
    return MnlFit(
        names=choices.names,
        values=theta / scale,
        covariance=covariance / unscale,
        robust_covariance=robust / unscale,
        log_likelihood=value,
        null_log_likelihood=null,
        observations=len(choices),
        persons=len(scores),
        iterations=iterations,
        gradient_norm=float(np.abs(gradient * scale).max()),
    )


def probabilities(choices: Choices, design: NDArray[np.float64], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chance of each alternative, shape ``(N, J)``."""
    utility = np.where(choices.available, design @ theta, -np.inf)
    utility -= utility.max(axis=1, keepdims=True)
    weight = np.exp(utility)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float64)


def log_chances(choices: Choices, design: NDArray[np.float64], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the chance of what was chosen, shape ``(N,)``."""
    utility = np.where(choices.available, design @ theta, -np.inf)
    utility -= utility.max(axis=1, keepdims=True)
    taken = utility[np.arange(len(choices)), choices.chosen]
    return np.asarray(taken - np.log(np.exp(utility).sum(axis=1)), np.float64)


def log_likelihood(choices: Choices, design: NDArray[np.float64], theta: NDArray[np.float64]) -> float:
    """Return the weighted log-likelihood."""
    return float(choices.weights @ log_chances(choices, design, theta))


def scores_of(choices: Choices, design: NDArray[np.float64], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gradient of each choice, shape ``(N, K)``, without its weight."""
    residual = -probabilities(choices, design, theta)
    residual[np.arange(len(choices)), choices.chosen] += 1.0
    return np.asarray((residual[:, None, :] @ design)[:, 0, :], np.float64)


def derivatives(
    choices: Choices,
    design: NDArray[np.float64],
    theta: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return gradient and information (the negative Hessian) of the log-likelihood, shapes ``(K,)`` and ``(K, K)``.

    ``weights``, shape ``(N,)``, stand in for those of the choices.
    """
    weights = choices.weights if weights is None else weights
    chance = probabilities(choices, design, theta)
    rows, alternatives, columns = design.shape
    mean = (chance[:, None, :] @ design)[:, 0, :]
    taken = design[np.arange(rows), choices.chosen]
    gradient = weights @ (taken - mean)
    flat = design.reshape(rows * alternatives, columns)
    information = flat.T @ ((weights[:, None] * chance).reshape(-1, 1) * flat) - mean.T @ (weights[:, None] * mean)
    return np.asarray(gradient, np.float64), np.asarray(information, np.float64)


def person_sums(person: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of rows by person, shape ``(persons, K)``."""
    _, place = np.unique(person, return_inverse=True)
    sums = np.zeros((int(place.max()) + 1, values.shape[1]))
    np.add.at(sums, place, values)
    return sums


def _step_uphill(
    choices: Choices,
    design: NDArray[np.float64],
    theta: NDArray[np.float64],
    step: NDArray[np.float64],
    value: float,
) -> tuple[NDArray[np.float64], float]:
    """Return the point after the longest of halved steps that does not lose likelihood."""
    length = 1.0
    while length > 1e-10:
        candidate = theta + length * step
        gained = log_likelihood(choices, design, candidate)
        if gained >= value:
            return candidate, gained
        length /= 2
    return theta, value


def _differences(choices: Choices) -> NDArray[np.float64]:
    """Return attributes less their mean over what is available, shape ``(N, J, K)``: all that a logit can see."""
    count = choices.available.sum(axis=1)[:, None, None]
    mean = choices.design.sum(axis=1, keepdims=True) / count
    return np.asarray(np.where(choices.available[:, :, None], choices.design - mean, 0.0), np.float64)


def _refuse_collinear(choices: Choices) -> NDArray[np.float64]:
    """Return a scale for each column, or refuse columns whose effect cannot be told apart."""
    seen = _differences(choices)[choices.weights > 0].reshape(-1, len(choices.names))
    scale = np.sqrt((seen**2).mean(axis=0)) if len(seen) else np.zeros(len(choices.names))
    size = np.maximum(np.abs(choices.design).max(axis=(0, 1)), 1e-300)
    flat = scale <= 1e-12 * size
    if flat.any():
        raise _never_differs([name for name, is_flat in zip(choices.names, flat, strict=True) if is_flat])
    unit = seen / scale
    values, vectors = np.linalg.eigh(unit.T @ unit / len(unit))
    empty = vectors[:, values < COLLINEAR * values.mean()]
    if empty.shape[1]:
        raise _not_told_apart(
            [name for name, row in zip(choices.names, empty, strict=True) if np.abs(row).max() > 1e-6]
        )
    return np.asarray(scale, np.float64)


def _never_differs(names: Sequence[str]) -> UnidentifiedError:
    listed = ", ".join(names)
    return UnidentifiedError(
        names,
        Text(
            ja=f"どの選択でも選択肢の間に差がないため推定できません: {listed}",
            en=f"cannot be estimated, for it never differs between the alternatives of a choice: {listed}",
        ),
    )


def _not_told_apart(names: Sequence[str]) -> UnidentifiedError:
    listed = ", ".join(names)
    return UnidentifiedError(
        names,
        Text(
            ja=f"互いに区別できません(一方が他方から計算できます)。いずれかを外してください: {listed}",
            en=f"cannot be told apart, for one follows from the others; leave one of them out: {listed}",
        ),
    )


def _refuse_separation(choices: Choices) -> None:
    """Refuse choices that some direction of the coefficients predicts perfectly, with the fewest names that do."""
    rows = np.flatnonzero(choices.weights > 0)
    taken = choices.design[rows, choices.chosen[rows]]
    better = (taken[:, None, :] - choices.design[rows]) / _refuse_collinear(choices)
    others = choices.available[rows].copy()
    others[np.arange(len(rows)), choices.chosen[rows]] = False
    better = better[others]
    if not _is_separated(better):
        return
    kept = list(range(better.shape[1]))
    for column in range(better.shape[1]):
        fewer = [other for other in kept if other != column]
        if fewer and _is_separated(better[:, fewer]):
            kept = fewer
    names = [choices.names[column] for column in kept]
    listed = ", ".join(names)
    raise SeparationError(
        names,
        Text(
            ja=f"選択を完全に言い当てるため有限の推定値がありません: {listed}。この項を外すか、記録を増やしてください",
            en=f"predicts choices perfectly, so has no finite estimate: {listed}; leave it out, or record more choices",
        ),
    )


def _is_separated(better: NDArray[np.float64]) -> bool:
    """Return whether some direction favours what was chosen over all else, never the other way (a linear program)."""
    from scipy.optimize import linprog

    bounds = [(-1.0, 1.0)] * better.shape[1]
    solution = linprog(-better.sum(axis=0), A_ub=-better, b_ub=np.zeros(len(better)), bounds=bounds)
    return bool(solution.status == 0 and -solution.fun > 1e-7)
