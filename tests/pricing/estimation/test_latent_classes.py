from __future__ import annotations

import numpy as np
import pytest

from pricing.estimation import Choices, choose_classes, fit_latent_classes, fit_mnl
from pricing.estimation.latent_class import _People
from pricing.estimation.trials import CLASS_SHARES, CLASSES, made_up_choices
from regional_assets.errors import InputError


@pytest.fixture(scope="module")
def mixed() -> Choices:
    """Return eight choices of each of 200 customers of two classes."""
    generator = np.random.default_rng(4)
    member = (generator.random(200) >= CLASS_SHARES[0]).astype(np.int64)
    person = np.repeat(np.arange(200), 8)
    return made_up_choices(generator, CLASSES[member[person]], person)


def test_classes_are_found_and_ordered(mixed: Choices) -> None:
    """Coefficients and shares come near the truth, the class that minds prices most first."""
    fit = fit_latent_classes(mixed, classes=2, order_by="price", starts=2)
    assert fit.values[0, 0] < fit.values[1, 0]
    truth = [*CLASSES.ravel(), *CLASS_SHARES]
    for estimate, value in zip((*fit.estimates, *fit.share_estimates), truth, strict=True):
        assert abs(estimate.value - value) < 4 * estimate.standard_error
    assert fit.shares.sum() == pytest.approx(1)
    assert fit.membership.sum(axis=1) == pytest.approx(1)


def test_the_climb_never_falls(mixed: Choices) -> None:
    """Every round keeps or raises the likelihood."""
    fit = fit_latent_classes(mixed, classes=2, starts=1, seed=3)
    assert len(fit.climb) > 3
    assert (np.diff(fit.climb) >= -1e-8).all()


def test_information_is_that_of_the_likelihood(mixed: Choices) -> None:
    """Gradient and information of what was observed agree with differences of the mixture's likelihood."""
    people, shares = _People(mixed, 2), np.array([0.55, 0.45])
    values, step = CLASSES + 0.1, 1e-5

    def moved(place: int, by: float) -> tuple[np.ndarray, np.ndarray]:
        shift = np.zeros(7)
        shift[place] = by
        ratio = np.exp(np.log(shares[0] / shares[1]) + shift[6])
        return values + shift[:6].reshape(2, 3), np.array([ratio / (1 + ratio), 1 / (1 + ratio)])

    gradient, information = people.information(values, shares)
    for place in range(7):
        up, down = moved(place, step), moved(place, -step)
        rise = people.membership(*up)[1] - people.membership(*down)[1]
        assert gradient[place] == pytest.approx(rise / (2 * step), abs=1e-3)
        turn = people.information(*up)[0] - people.information(*down)[0]
        assert information[place] == pytest.approx(-turn / (2 * step), abs=1e-2)


def test_the_end_is_a_maximum(mixed: Choices) -> None:
    """The gradient vanishes where the fit ends, far below what the likelihood could still gain."""
    fit = fit_latent_classes(mixed, classes=2, starts=1)
    people = _People(mixed, 2)
    gradient, information = people.information(fit.values * people.scale, fit.shares)
    assert gradient @ np.linalg.solve(information, gradient) < 1e-8


def test_schwarz_chooses_the_classes_there_are(mixed: Choices) -> None:
    """Two classes are chosen where there are two, one where there is one."""
    assert choose_classes(mixed, most=2, starts=1)[0].classes == 2
    person = np.repeat(np.arange(100), 5)
    alike = made_up_choices(np.random.default_rng(2), np.tile(CLASSES[0], (len(person), 1)), person)
    assert choose_classes(alike, most=2, starts=1)[0].classes == 1


def test_one_class_is_the_plain_logit(mixed: Choices) -> None:
    """Without a mixture the fit and its errors are those of the logit."""
    one, plain = fit_latent_classes(mixed, classes=1), fit_mnl(mixed)
    assert one.values[0] == pytest.approx(plain.values)
    assert one.covariance == pytest.approx(plain.covariance, rel=1e-6)


def test_too_few_persons_and_senseless_options_are_refused(mixed: Choices) -> None:
    """All options that make no sense are told, and more figures than persons."""
    with pytest.raises(InputError) as caught:
        fit_latent_classes(mixed, classes=0, starts=0)
    assert [problem.where for problem in caught.value.problems] == ["classes", "starts"]
    with pytest.raises(InputError, match="too few"):
        fit_latent_classes(mixed.rows(np.arange(40)), classes=3)
