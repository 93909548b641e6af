"""
Latent classes of customers: each class has a logit of its own, and nobody says who belongs to which.

Expectation maximisation climbs from several starts (it never loses likelihood), and Newton on the likelihood itself
ends the climb. Errors come from the information of what was observed: that of the complete data less what is missing
(Louis).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.estimation.errors import UnidentifiedError
from pricing.estimation.mnl import MnlFit, derivatives, fit_mnl, log_chances, person_sums, scores_of
from pricing.estimation.results import NORMAL_95, Estimate, normal_estimates
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pricing.estimation.choices import Choices

SHORT_ROUNDS: Final = 30
"""Rounds for every start; only the best one goes on."""
MOST_ROUNDS: Final = 100
MOST_NEWTON_STEPS: Final = 50
GAIN: Final = 1e-4
"""Expectation maximisation gives way to Newton where a round gains less log-likelihood."""
START_SPREAD: Final = 0.75
"""Starts differ from the fit without classes by this share of each coefficient's size, or of its error if larger."""


@dataclass(frozen=True, slots=True, eq=False)
class LatentClassFit:
    """
    Hold a fitted mixture of logits.

    Parameters
    ----------
    values
        Shape ``(C, K)``: coefficients of each class; classes stand in increasing order of the coefficient that
        ``fit_latent_classes`` was told to order by.
    shares
        Shape ``(C,)``: share of persons in each class.
    covariance
        Shape ``(C * K + C - 1,) * 2``: of the coefficients, class by class, and of the log ratios of the shares to
        that of the last class.
    membership
        Shape ``(persons, C)``: chance that a person belongs to a class, given what that person chose; persons in
        increasing order of their number.
    climb
        Log-likelihood after each round of the best start; never falls.
    reached
        Log-likelihood of every start after its first rounds, best first.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    shares: NDArray[np.float64]
    covariance: NDArray[np.float64]
    membership: NDArray[np.float64]
    log_likelihood: float
    observations: int
    persons: int
    climb: tuple[float, ...]
    reached: tuple[float, ...]

    @property
    def classes(self) -> int:
        """Return C."""
        return len(self.shares)

    @property
    def parameters(self) -> int:
        """Return how many figures were fitted."""
        return self.values.size + self.classes - 1

    @property
    def bic(self) -> float:
        """Return Schwarz's criterion, over persons: the smaller, the better."""
        return float(np.log(self.persons) * self.parameters - 2 * self.log_likelihood)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Return the coefficients, named ``1.price``, ``2.price`` and so on."""
        names = [f"{place + 1}.{name}" for place in range(self.classes) for name in self.names]
        size = len(names)
        return normal_estimates(names, self.values.ravel(), self.covariance[:size, :size])

    @property
    def share_estimates(self) -> tuple[Estimate, ...]:
        """Return the shares, named ``1.share``, ``2.share`` and so on; intervals are taken on the logit."""
        size = self.values.size
        jacobian = np.diag(self.shares) - np.outer(self.shares, self.shares)
        covariance = jacobian[:, :-1] @ self.covariance[size:, size:] @ jacobian[:, :-1].T
        return tuple(
            _share_estimate(f"{place + 1}.share", float(share), float(np.sqrt(max(0.0, variance))))
            for place, (share, variance) in enumerate(zip(self.shares, np.diag(covariance), strict=True))
        )


def fit_latent_classes(
    choices: Choices, *, classes: int, order_by: str | None = None, starts: int = 5, seed: int = 0
) -> LatentClassFit:
    """
    Fit a logit with several classes of persons.

    Parameters
    ----------
    choices
        ``person`` tells who made each choice; a person belongs to one class throughout. All rows of a person have the
        same weight.
    classes
        How many; at least 1.
    order_by
        Coefficient in whose increasing order the classes stand; the first one if left out.
    starts
        How many random starts to climb from; the best end is kept.

    Raises
    ------
    UnidentifiedError, SeparationError
        If the choices cannot tell the parameters, already without classes or within them.
    InputError
        If there are fewer persons than figures to fit, or an option makes no sense.
    """
    order = choices.column(order_by) if order_by is not None else 0
    single = fit_mnl(choices)
    _check_options(classes, starts, single)
    people = _People(choices, classes)
    generator = np.random.default_rng(seed)
    ends = sorted(
        (_climb(people, _start(people, single, generator), SHORT_ROUNDS) for _ in range(starts if classes > 1 else 1)),
        key=lambda end: -end.climb[-1],
    )
    end = _polish(people, _climb(people, ends[0], MOST_ROUNDS))
    return _ordered_fit(people, end, order, tuple(other.climb[-1] for other in ends))


def choose_classes(
    choices: Choices, *, most: int = 4, order_by: str | None = None, starts: int = 5, seed: int = 0
) -> tuple[LatentClassFit, ...]:
    """
    Fit 1, 2, ... classes while Schwarz's criterion falls, and return all fits made, the best one by it first.

    A number of classes that the choices cannot tell ends the search.
    """
    fits = [fit_latent_classes(choices, classes=1, order_by=order_by, seed=seed)]
    for classes in range(2, most + 1):
        try:
            fit = fit_latent_classes(choices, classes=classes, order_by=order_by, starts=starts, seed=seed)
        except (UnidentifiedError, InputError):
            break
        fits.append(fit)
        if fit.bic > fits[-2].bic:
            break
    return tuple(sorted(fits, key=lambda fit: fit.bic))


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """Where a climb ended: coefficients ``(C, K)``, shares ``(C,)``, and the likelihood on the way."""

    values: NDArray[np.float64]
    shares: NDArray[np.float64]
    climb: tuple[float, ...]


class _People:
    """Choices gathered by person, with the likelihoods that a mixture needs; columns have about the size of 1."""

    def __init__(self, choices: Choices, classes: int) -> None:
        self.choices = choices
        self.scale = np.maximum(np.abs(choices.design).max(axis=(0, 1)), 1e-300)
        self.design = choices.design / self.scale
        self.classes = classes
        _, self.place = np.unique(choices.person, return_inverse=True)
        self.count = int(self.place.max()) + 1
        self.weights = np.zeros(self.count)
        self.weights[self.place] = choices.weights

    def logs(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-likelihood of what each person chose in each class, shape ``(persons, C)``."""
        logs = np.zeros((self.count, self.classes))
        for place, row in enumerate(values):
            logs[:, place] = np.bincount(self.place, log_chances(self.choices, self.design, row), minlength=self.count)
        return logs

    def membership(self, values: NDArray[np.float64], shares: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Return who belongs where, shape ``(persons, C)``, and the log-likelihood of everything."""
        logs = self.logs(values) + np.log(np.maximum(shares, 1e-300))
        top = logs.max(axis=1, keepdims=True)
        weight = np.exp(logs - top)
        total = weight.sum(axis=1, keepdims=True)
        return weight / total, float(self.weights @ (top + np.log(total))[:, 0])

    def weighted(self, membership: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights of the choices, times the membership ``(persons,)`` of who made them."""
        return np.asarray(self.choices.weights * membership[self.place], np.float64)

    def information(
        self, values: NDArray[np.float64], shares: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Return gradient and information of what was observed, by coefficients and log ratios of shares.

        References
        ----------
        Louis (1982), https://doi.org/10.1111/j.2517-6161.1982.tb01203.x
        """
        columns, size = values.shape[1], values.size
        membership, _ = self.membership(values, shares)
        information = np.zeros((size + self.classes - 1,) * 2)
        complete = np.zeros((self.count, self.classes, size + self.classes - 1))
        for place, row in enumerate(values):
            span = slice(place * columns, (place + 1) * columns)
            _, information[span, span] = derivatives(
                self.choices, self.design, row, self.weighted(membership[:, place])
            )
            complete[:, place, span] = person_sums(self.choices.person, scores_of(self.choices, self.design, row))
            complete[:, place, size:] = (np.arange(self.classes) == place)[:-1] - shares[:-1]
        spread = np.diag(shares[:-1]) - np.outer(shares[:-1], shares[:-1])
        information[size:, size:] = self.weights.sum() * spread
        observed = np.einsum("ic,icp->ip", membership, complete)
        second = np.einsum("i,ic,icp,icq->pq", self.weights, membership, complete, complete, optimize=True)
        information -= second - observed.T @ (self.weights[:, None] * observed)
        return self.weights @ observed, information


def _check_options(classes: int, starts: int, single: MnlFit) -> None:
    wrong = [
        Problem(
            name, value, Text(ja=f"1 以上の整数が必要です: {value}", en=f"must be a whole number from 1 on: {value}")
        )
        for name, value in (("classes", classes), ("starts", starts))
        if value < 1
    ]
    needed = classes * len(single.values) + classes - 1
    if not wrong and single.persons <= needed:
        message = Text(
            ja=f"{needed} 個の値を推定するには {single.persons} 人では足りません",
            en=f"{single.persons} persons are too few for {needed} figures",
        )
        wrong.append(Problem("classes", classes, message))
    if wrong:
        raise InputError(wrong)


def _start(people: _People, single: MnlFit, generator: np.random.Generator) -> _End:
    """Return coefficients around those without classes, and equal shares."""
    size = np.maximum(np.abs(single.values), np.sqrt(np.diag(single.covariance)))
    noise = generator.normal(size=(people.classes, len(size))) if people.classes > 1 else np.zeros((1, len(size)))
    values = (single.values + START_SPREAD * size * noise) * people.scale
    return _End(values, np.full(people.classes, 1.0 / people.classes), ())


def _climb(people: _People, start: _End, rounds: int) -> _End:
    """Return where expectation maximisation gets to, with one Newton step for each class in each round."""
    values, shares = start.values, start.shares
    membership, reached = people.membership(values, shares)
    climb = [*(start.climb or [reached])]
    for _ in range(rounds):
        shares = np.asarray(people.weights @ membership / people.weights.sum(), np.float64)
        values = np.stack(
            [_newton_step(people, people.weighted(membership[:, place]), row) for place, row in enumerate(values)]
        )
        membership, reached = people.membership(values, shares)
        climb.append(reached)
        if climb[-1] - climb[-2] < GAIN:
            break
    return _End(values, shares, tuple(climb))


def _newton_step(people: _People, weights: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return coefficients of one class after a step that does not lose weighted likelihood."""
    choices, design = people.choices, people.design
    gradient, information = derivatives(choices, design, row, weights)
    # A class that is nearly empty leaves the information singular; a trace of ridge keeps the step finite.
    ridge = 1e-9 * max(1e-12, float(np.trace(information))) * np.eye(len(row))
    step = np.linalg.solve(information + ridge, gradient)
    now = weights @ log_chances(choices, design, row)
    length = 1.0
    while length > 1e-6:
        candidate = row + length * step
        if weights @ log_chances(choices, design, candidate) >= now:
            return np.asarray(candidate, np.float64)
        length /= 2
    return row


def _polish(people: _People, end: _End) -> _End:
    """Return the maximum near the end of a climb, by Newton on the likelihood itself while that gains."""
    values, shares, climb = end.values, end.shares, list(end.climb)
    for _ in range(MOST_NEWTON_STEPS):
        gradient, information = people.information(values, shares)
        # Off the maximum the likelihood of a mixture may be bent the wrong way; such directions are turned around.
        bends, directions = np.linalg.eigh(information)
        bends = np.maximum(np.abs(bends), 1e-6 * np.abs(bends).max())
        step = directions @ ((directions.T @ gradient) / bends)
        if float(gradient @ step) < 1e-9:
            break
        values, shares, reached = _move(people, values, shares, np.asarray(step, np.float64), climb[-1])
        if reached <= climb[-1]:
            break
        climb.append(reached)
    return _End(values, shares, tuple(climb))


def _move(
    people: _People,
    values: NDArray[np.float64],
    shares: NDArray[np.float64],
    step: NDArray[np.float64],
    now: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return coefficients, shares and likelihood after the longest of halved steps that gains."""
    ratios = np.log(np.maximum(shares, 1e-300))
    length = 1.0
    while length > 1e-6:
        moved = values + length * step[: values.size].reshape(values.shape)
        logits = ratios + np.append(length * step[values.size :], 0.0)
        weight = np.exp(logits - logits.max())
        mixed = weight / weight.sum()
        reached = people.membership(moved, mixed)[1]
        if reached > now:
            return moved, mixed, reached
        length /= 2
    return values, shares, now


def _ordered_fit(people: _People, end: _End, order: int, reached: tuple[float, ...]) -> LatentClassFit:
    places = np.argsort(end.values[:, order] / people.scale[order], kind="stable")
    values, shares = end.values[places], end.shares[places]
    _, information = people.information(values, shares)
    scale = np.sqrt(np.abs(np.diag(information)))
    if scale.min() <= 0 or np.linalg.eigvalsh(information / np.outer(scale, scale))[0] < 1e-8:
        raise _not_told(people.choices.names, len(shares))
    membership, log_likelihood = people.membership(values, shares)
    unscale = np.concatenate([np.tile(1 / people.scale, len(shares)), np.ones(len(shares) - 1)])
    return LatentClassFit(
        names=people.choices.names,
        values=values / people.scale,
        shares=shares,
        covariance=np.asarray(np.linalg.inv(information) * np.outer(unscale, unscale), np.float64),
        membership=membership,
        log_likelihood=log_likelihood,
        observations=len(people.choices),
        persons=people.count,
        climb=end.climb,
        reached=reached,
    )


def _not_told(names: tuple[str, ...], classes: int) -> UnidentifiedError:
    return UnidentifiedError(
        names,
        Text(
            ja=f"{classes} 個の層は記録から区別できません。層を減らすか、同じ人の選択をもっと集めてください",
            en=f"the choices cannot tell {classes} classes apart; take fewer, or more choices of each person",
        ),
    )


def _share_estimate(name: str, share: float, error: float) -> Estimate:
    if share >= 1.0:
        return Estimate(name, share, 0.0, share, share)
    centre, reach = np.log(share / (1 - share)), NORMAL_95 * error / (share * (1 - share))
    low, high = (float(1 / (1 + np.exp(-(centre + side)))) for side in (-reach, reach))
    return Estimate(name, share, error, low, high)
