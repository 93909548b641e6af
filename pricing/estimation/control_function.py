"""
Prices that were set by people who saw demand coming: instruments and the control function.

What moves the price but not the wish to buy (a cost, a tax, a coin tossed in a price test) explains a part of the
price; the rest, the residual of the first stage, stands for what the seller knew, and is held fixed in the second
stage. Errors come from a bootstrap over both stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._words import reason
from pricing.estimation.errors import UnidentifiedError
from pricing.estimation.mnl import MnlFit, fit_mnl
from pricing.estimation.regression import Regression, fit_least_squares, fit_poisson
from pricing.estimation.results import Estimate, normal_estimate
from pricing.estimation.sales_records import Control, SalesRecords, control_columns
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from pricing.estimation.choices import Choices
    from pricing.proposal import Reason

WEAK_F: Final = 10.0
"""Instruments whose first stage has a smaller F statistic are weak (Staiger & Stock 1997, doi 10.2307/2171753)."""
RESIDUAL: Final = "price residual"


@dataclass(frozen=True, slots=True, eq=False)
class ControlledFit:
    """
    Hold a fit that allows for prices set with demand in view.

    Parameters
    ----------
    price
        Effect of the price, with bootstrap errors.
    naive
        The same without the first stage, to compare.
    residual
        Effect of what the seller knew; where its interval leaves out 0, the price was not set blindly.
    first_stage_f
        Strength of the instruments.
    draws
        Bootstrap fits that the errors come from; fewer than asked for where some could not be fitted.
    """

    price: Estimate
    naive: Estimate
    residual: Estimate
    first_stage_f: float
    second_stage: MnlFit | Regression
    draws: int
    seed: int
    remarks: tuple[Reason, ...]

    @property
    def is_weak(self) -> bool:
        """Return whether the instruments hardly move the price, so that intervals cannot be trusted."""
        return self.first_stage_f < WEAK_F


def fit_choices_with_instruments(
    choices: Choices,
    *,
    price: str,
    instruments: Mapping[str, NDArray[np.float64]],
    draws: int = 200,
    seed: int = 0,
) -> ControlledFit:
    """
    Fit a logit whose prices were set with demand in view.

    Parameters
    ----------
    price
        Name of the price's coefficient.
    instruments
        Columns of shape ``(N, J)``.
    draws
        Bootstrap samples of persons.

    Raises
    ------
    UnidentifiedError
        If instruments or coefficients cannot be told apart, or too few samples can be fitted.

    References
    ----------
    Petrin & Train (2010), https://doi.org/10.1509/jmkr.47.1.3
    """
    _need(instruments, draws)
    first = _first_stage_of_choices(choices, price, instruments)
    naive = fit_mnl(choices)
    second = fit_mnl(choices.with_column(RESIDUAL, _spread(choices, price, first.residuals)))
    spread = np.stack(list(instruments.values()), axis=2)

    def refit(generator: np.random.Generator) -> tuple[float, float]:
        rows = _drawn_clusters(choices.person, generator)
        # A person drawn twice stays one cluster in the first stage; its point estimate does not depend on that.
        sample = choices.rows(rows)
        columns = {name: spread[rows, :, place] for place, name in enumerate(instruments)}
        residuals = _spread(sample, price, _first_stage_of_choices(sample, price, columns).residuals)
        fit = fit_mnl(sample.with_column(RESIDUAL, residuals))
        return float(fit.values[choices.column(price)]), float(fit.values[-1])

    price_error, residual_error, kept = _bootstrap(refit, draws, seed)
    return _controlled(
        price=normal_estimate(price, float(second.values[choices.column(price)]), price_error),
        naive=naive.estimate(price, is_robust=True),
        residual=normal_estimate(RESIDUAL, float(second.values[-1]), residual_error),
        strength=first.wald_f(list(instruments)),
        second=second,
        draws=kept,
        seed=seed,
    )


def fit_sales_with_instruments(
    records: SalesRecords,
    *,
    controls: Sequence[Control],
    is_log_price: bool = True,
    draws: int = 200,
    seed: int = 0,
) -> ControlledFit:
    """
    Fit the logarithm of expected daily sales (Poisson) whose prices were set with demand in view.

    Parameters
    ----------
    records
        With ``instruments``.
    controls
        What is held fixed in both stages.
    is_log_price
        Whether the effect is an elasticity (of the logarithm of the price), or one per 1,000 of the currency.

    Raises
    ------
    InputError
        If the records have no instruments.
    UnidentifiedError
        If instruments and controls cannot be told apart, or too few samples can be fitted.
    """
    _need(records.instruments, draws)
    name = price_name(is_log_price=is_log_price)
    naive = fit_sales(records, controls, is_log_price=is_log_price)
    first, second = _two_stages(records, controls, is_log_price)

    def refit(generator: np.random.Generator) -> tuple[float, float]:
        sample = records.rows(_drawn_clusters(records.cluster, generator))
        fit = _two_stages(sample, controls, is_log_price)[1]
        return fit.estimate(name).value, fit.estimate(RESIDUAL).value

    price_error, residual_error, kept = _bootstrap(refit, draws, seed)
    return _controlled(
        price=normal_estimate(name, second.estimate(name).value, price_error),
        naive=naive.estimate(name),
        residual=normal_estimate(RESIDUAL, second.estimate(RESIDUAL).value, residual_error),
        strength=first.wald_f(list(records.instruments)),
        second=second,
        draws=kept,
        seed=seed,
    )


def fit_sales(records: SalesRecords, controls: Sequence[Control], *, is_log_price: bool = True) -> Regression:
    """Fit the logarithm of expected daily sales (Poisson) on the price, with some things held fixed."""
    columns, names = control_columns(records, controls)
    name = price_name(is_log_price=is_log_price)
    price = price_column(records, is_log_price=is_log_price)
    return fit_poisson(records.quantity, np.column_stack([columns, price]), (*names, name), records.cluster)


def price_name(*, is_log_price: bool) -> str:
    """Return the name of the price's coefficient."""
    return "log price" if is_log_price else "price (1,000)"


def price_column(records: SalesRecords, *, is_log_price: bool) -> NDArray[np.float64]:
    """Return the prices as a regression takes them."""
    return np.log(records.price) if is_log_price else records.price / 1000.0


def _two_stages(
    records: SalesRecords, controls: Sequence[Control], is_log_price: bool
) -> tuple[Regression, Regression]:
    columns, names = control_columns(records, controls)
    name = price_name(is_log_price=is_log_price)
    price = price_column(records, is_log_price=is_log_price)
    first = fit_least_squares(
        price,
        np.column_stack([columns, *records.instruments.values()]),
        (*names, *records.instruments),
        records.cluster,
    )
    second = fit_poisson(
        records.quantity,
        np.column_stack([columns, price, first.residuals]),
        (*names, name, RESIDUAL),
        records.cluster,
    )
    return first, second


def _first_stage_of_choices(choices: Choices, price: str, instruments: Mapping[str, NDArray[np.float64]]) -> Regression:
    """Regress the price of all that was available on instruments and the other attributes."""
    place, on = choices.column(price), choices.available
    others = [index for index in range(len(choices.names)) if index != place]
    priced = _priced(choices, price)
    columns = np.concatenate(
        [choices.design[priced][:, others], np.stack([column[priced] for column in instruments.values()], axis=1)],
        axis=1,
    )
    names = [choices.names[index] for index in others] + list(instruments)
    constant = np.ones((len(columns), 1))
    if np.linalg.matrix_rank(np.hstack([columns, constant])) > columns.shape[1]:
        columns, names = np.hstack([columns, constant]), [*names, "constant"]
    person = np.broadcast_to(choices.person[:, None], on.shape)[priced]
    return fit_least_squares(choices.design[:, :, place][priced], columns, names, person)


def _priced(choices: Choices, price: str) -> NDArray[np.bool_]:
    """Return what has a price, shape ``(N, J)``: no purchase sets none, and would only feign a fit."""
    return np.asarray(choices.available & (choices.design[:, :, choices.column(price)] != 0), np.bool_)


def _spread(choices: Choices, price: str, residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return first-stage residuals as an attribute of alternatives; 0 for those without a price."""
    priced = _priced(choices, price)
    column = np.zeros(choices.available.shape)
    column[priced] = residuals
    return column


def _drawn_clusters(cluster: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows of clusters drawn with replacement, as many as there are."""
    _, place = np.unique(cluster, return_inverse=True)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place))
    starts = np.concatenate([[0], ends[:-1]])
    drawn = generator.integers(len(ends), size=len(ends))
    return np.concatenate([order[starts[one] : ends[one]] for one in drawn])


def _bootstrap(
    refit: Callable[[np.random.Generator], tuple[float, float]], draws: int, seed: int
) -> tuple[float, float, int]:
    """Return the errors of two figures over bootstrap samples, and how many samples could be fitted."""
    generator = np.random.default_rng(seed)
    found: list[tuple[float, float]] = []
    for _ in range(draws):
        try:
            found.append(refit(generator))
        except UnidentifiedError:
            continue
    if len(found) < max(2, draws // 2):
        message = Text(
            ja=f"標本 {draws} 個のうち {len(found)} 個しか推定できません。記録を増やすか条件を減らしてください",
            en=f"only {len(found)} of {draws} bootstrap samples can be fitted; hold less fixed, or record more",
        )
        raise UnidentifiedError(["price"], message)
    errors = np.std(np.array(found), axis=0, ddof=1)
    return float(errors[0]), float(errors[1]), len(found)


def _need(instruments: Mapping[str, NDArray[np.float64]], draws: int) -> None:
    problems = []
    if not instruments:
        message = Text(
            ja="操作変数がありません(料金だけを動かす費用や、無作為な料金テストの日)",
            en="there are no instruments: a cost that moves the price alone, or the days of a randomised price test",
        )
        problems.append(Problem("instruments", None, message))
    if draws < 20:
        message = Text(ja=f"20 以上が必要です: {draws}", en=f"must be at least 20: {draws}")
        problems.append(Problem("draws", draws, message))
    if problems:
        raise InputError(problems)


def _controlled(
    *,
    price: Estimate,
    naive: Estimate,
    residual: Estimate,
    strength: float,
    second: MnlFit | Regression,
    draws: int,
    seed: int,
) -> ControlledFit:
    remarks = [
        reason(
            "INSTRUMENTS_BELIEVED",
            ja="操作変数が需要を直接動かさないことは、記録からは確かめられません",
            en="that the instruments do not move demand itself was taken on trust; the records cannot check it",
        )
    ]
    if strength < WEAK_F:
        remarks.append(
            reason(
                "WEAK_INSTRUMENTS",
                ja=f"操作変数は料金をほとんど動かしません(F = {strength:.1f} < {WEAK_F:.0f})。区間は信用できません",
                en=f"the instruments hardly move the price (F = {strength:.1f} < {WEAK_F:.0f}): trust no interval",
            )
        )
    if residual.excludes(0.0):
        remarks.append(
            reason(
                "PRICES_FOLLOWED_DEMAND",
                ja=f"料金は需要を見て決められていました(補正なし {naive.value:+.3f}、補正後 {price.value:+.3f})",
                en=f"prices followed demand (effect {naive.value:+.3f} without correction, {price.value:+.3f} with it)",
            )
        )
    return ControlledFit(price, naive, residual, strength, second, draws, seed, tuple(remarks))
