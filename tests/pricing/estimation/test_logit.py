from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pricing.estimation import Choices, SeparationError, UnidentifiedError, fit_mnl
from pricing.estimation.mnl import derivatives, log_likelihood
from pricing.estimation.trials import LOGIT, made_up_choices
from regional_assets.errors import InputError


def two_way(first: int, second: int, weights: NDArray[np.float64] | None = None) -> Choices:
    """Return choices between two alternatives, with a constant for the first one."""
    count = first + second
    design = np.zeros((count, 2, 1))
    design[:, 0, 0] = 1.0
    chosen = np.array([0] * first + [1] * second)
    return Choices(
        ("constant",), design, np.ones((count, 2), np.bool_), chosen, np.zeros(0) if weights is None else weights
    )


def test_a_constant_alone_is_the_log_ratio_of_counts() -> None:
    """With nothing but a constant the estimate and its error have a closed form."""
    fit = fit_mnl(two_way(30, 10))
    assert fit.values[0] == pytest.approx(np.log(3))
    assert fit.estimates[0].standard_error == pytest.approx(np.sqrt(1 / 30 + 1 / 10))
    assert fit.log_likelihood == pytest.approx(30 * np.log(0.75) + 10 * np.log(0.25))
    assert fit.null_log_likelihood == pytest.approx(40 * np.log(0.5))
    assert fit.rho_squared == pytest.approx(1 - fit.log_likelihood / fit.null_log_likelihood)


def test_weights_count_like_repeated_rows() -> None:
    """A row of weight 3 is three rows."""
    weighted = fit_mnl(two_way(2, 1, np.array([3.0, 1.0, 2.0])))
    repeated = fit_mnl(two_way(4, 2))
    assert weighted.values == pytest.approx(repeated.values)
    assert weighted.covariance == pytest.approx(repeated.covariance)


def test_gradient_and_hessian_agree_with_differences() -> None:
    """The analytic derivatives are those of the likelihood, also where availability varies."""
    choices = made_up_choices(np.random.default_rng(3), np.tile(LOGIT, (80, 1)), np.arange(80))
    theta, step = np.array([-0.4, 0.3, 0.1]), 1e-5
    gradient, information = derivatives(choices, choices.design, theta)
    for place, side in enumerate(np.eye(3) * step):
        rise = log_likelihood(choices, choices.design, theta + side) - log_likelihood(
            choices, choices.design, theta - side
        )
        assert gradient[place] == pytest.approx(rise / (2 * step), abs=1e-4)
        turn = (
            derivatives(choices, choices.design, theta + side)[0]
            - derivatives(choices, choices.design, theta - side)[0]
        )
        assert information[place] == pytest.approx(-turn / (2 * step), abs=1e-3)


def test_scale_of_a_column_does_not_matter() -> None:
    """Prices in yen or in thousands give the same fit."""
    choices = made_up_choices(np.random.default_rng(5), np.tile(LOGIT, (200, 1)), np.arange(200))
    scaled = Choices(choices.names, choices.design * [1000.0, 1.0, 1.0], choices.available, choices.chosen)
    plain, other = fit_mnl(choices), fit_mnl(scaled)
    assert other.values * [1000.0, 1.0, 1.0] == pytest.approx(plain.values)
    assert other.log_likelihood == pytest.approx(plain.log_likelihood)


def test_repeated_rows_of_a_person_widen_only_the_robust_errors() -> None:
    """Every choice told four times makes classic errors half as large; errors by person see through that."""
    once = made_up_choices(np.random.default_rng(8), np.tile(LOGIT, (300, 1)), np.arange(300))
    fit, often = fit_mnl(once), fit_mnl(once.rows(np.repeat(np.arange(300), 4)))
    assert often.covariance == pytest.approx(fit.covariance / 4)
    assert often.robust_covariance == pytest.approx(fit.robust_covariance)


def test_collinear_columns_are_refused_by_name() -> None:
    """Columns that follow from one another are named, others are not."""
    choices = made_up_choices(np.random.default_rng(1), np.tile(LOGIT, (100, 1)), np.arange(100))
    doubled = choices.with_column("price again", 2 * choices.design[:, :, 0])
    with pytest.raises(UnidentifiedError) as caught:
        fit_mnl(doubled)
    assert set(caught.value.parameters) == {"price", "price again"}


def test_a_column_that_never_differs_within_a_choice_is_refused() -> None:
    """Income of the customer alone tells nothing of what is chosen."""
    choices = made_up_choices(np.random.default_rng(1), np.tile(LOGIT, (100, 1)), np.arange(100))
    income = np.repeat(np.random.default_rng(2).random((100, 1)), 4, axis=1)
    with pytest.raises(UnidentifiedError) as caught:
        fit_mnl(choices.with_column("income", np.where(choices.available, income, 0.0)))
    assert caught.value.parameters == ("income",)


def test_perfect_prediction_is_refused_by_name() -> None:
    """An attribute that only what was chosen has would get an infinite coefficient."""
    choices = made_up_choices(np.random.default_rng(1), np.tile(LOGIT, (100, 1)), np.arange(100))
    telling = np.zeros(choices.available.shape)
    telling[np.arange(100), choices.chosen] = 1.0
    with pytest.raises(SeparationError) as caught:
        fit_mnl(choices.with_column("telling", telling))
    assert caught.value.parameters == ("telling",)


def test_an_alternative_that_is_never_chosen_is_refused() -> None:
    """Its constant would run to minus infinity."""
    with pytest.raises(SeparationError) as caught:
        fit_mnl(two_way(0, 20))
    assert caught.value.parameters == ("constant",)


def test_impossible_choices_are_told_by_row() -> None:
    """All rows that cannot be are told at once."""
    design, available = np.zeros((3, 2, 1)), np.ones((3, 2), np.bool_)
    available[1, 0] = False
    design[2, 1, 0] = np.nan
    with pytest.raises(InputError) as caught:
        Choices(("x",), design, available, np.array([0, 0, 5]))
    assert [problem.where for problem in caught.value.problems] == ["chosen[1]", "chosen[2]", "design[2]"]


def test_shapes_that_disagree_are_told() -> None:
    """Each array of the wrong shape is named."""
    with pytest.raises(InputError) as caught:
        Choices(("x", "y"), np.zeros((3, 2, 1)), np.ones((3, 3), np.bool_), np.zeros(3, np.int64))
    assert {problem.where for problem in caught.value.problems} == {"names", "available"}
