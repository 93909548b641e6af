"""Trials of the methods on made-up customers whose truth is known: how often 95 % intervals hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from pricing.estimation.censored import Sales, fit_censored
from pricing.estimation.choices import Choices
from pricing.estimation.latent_class import fit_latent_classes
from pricing.estimation.mnl import fit_mnl

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pricing.estimation.results import Estimate

Model = Literal["logit", "latent-classes", "censored-sales"]

NAMES: Final = ("price", "appeal", "quality")
LOGIT: Final = np.array([-1.2, 1.0, 0.7])
CLASSES: Final = np.array([[-2.5, 0.5, 1.0], [-0.6, 1.5, -0.5]])
CLASS_SHARES: Final = np.array([0.6, 0.4])
ATTRACTIONS: Final = np.array([1.0, 0.7, 0.5, 0.4, 0.3, 0.1]) / 3.0 * 0.7 / 0.3
MARKET_SHARE: Final = 0.7
RATES: Final = np.array([15.0, 20.0, 20.0, 25.0, 40.0, 60.0, 50.0])
WEEKS: Final = 9


@dataclass(frozen=True, slots=True)
class Recovery:
    """
    Hold how often stated intervals held the truth.

    Parameters
    ----------
    shares
        Share of seeds in which the 95 % interval of each figure holds its true value.
    mean_error
        Mean of estimate less truth, in true units, of each figure.
    """

    model: Model
    seeds: int
    shares: dict[str, float]
    mean_error: dict[str, float]


def recovery(model: Model, *, seeds: int = 100, first_seed: int = 0) -> Recovery:
    """Make up customers, fit them, and count how often the truth lies inside the stated intervals."""
    trial = _TRIALS[model]
    names: list[str] = []
    held: list[list[bool]] = []
    missed: list[list[float]] = []
    for seed in range(first_seed, first_seed + seeds):
        pairs = trial(seed)
        names = [estimate.name for estimate, _ in pairs]
        held.append([estimate.low <= truth <= estimate.high for estimate, truth in pairs])
        missed.append([estimate.value - truth for estimate, truth in pairs])
    return Recovery(
        model,
        seeds,
        dict(zip(names, np.mean(held, axis=0).tolist(), strict=True)),
        dict(zip(names, np.mean(missed, axis=0).tolist(), strict=True)),
    )


def made_up_choices(
    generator: np.random.Generator, coefficients: NDArray[np.float64], person: NDArray[np.int64], products: int = 3
) -> Choices:
    """
    Return choices of customers with known coefficients, shape ``(N, 3)``, among some products and no purchase.

    Prices are drawn from 0.5 to 3 (in 1,000 yen), and one product in five is sold out.
    """
    rows = len(person)
    design = np.zeros((rows, products + 1, len(NAMES)))
    design[:, :products, 0] = generator.uniform(0.5, 3.0, (rows, products))
    design[:, :products, 1] = 1.0
    design[:, :products, 2] = generator.random((rows, products))
    available = generator.random((rows, products + 1)) < 0.8
    available[:, products] = True
    utility = np.einsum("njk,nk->nj", design, coefficients) + generator.gumbel(size=(rows, products + 1))
    chosen = np.where(available, utility, -np.inf).argmax(axis=1)
    return Choices(NAMES, design, available, chosen, person=person)


def _logit_trial(seed: int) -> list[tuple[Estimate, float]]:
    generator = np.random.default_rng(seed)
    person = np.arange(600)
    fit = fit_mnl(made_up_choices(generator, np.tile(LOGIT, (len(person), 1)), person))
    return list(zip(fit.estimates, LOGIT.tolist(), strict=True))


def _class_trial(seed: int) -> list[tuple[Estimate, float]]:
    generator = np.random.default_rng(seed)
    member = (generator.random(300) >= CLASS_SHARES[0]).astype(np.int64)
    person = np.repeat(np.arange(len(member)), 8)
    choices = made_up_choices(generator, CLASSES[member[person]], person)
    fit = fit_latent_classes(choices, classes=2, order_by="price", starts=2, seed=seed)
    truth = [*CLASSES.ravel().tolist(), *CLASS_SHARES.tolist()]
    return list(zip((*fit.estimates, *fit.share_estimates), truth, strict=True))


def _sales_trial(seed: int) -> list[tuple[Estimate, float]]:
    generator = np.random.default_rng(seed)
    group = np.tile(np.arange(len(RATES)), WEEKS)
    offer = generator.random((len(group), len(ATTRACTIONS))) < 0.7
    offer[~offer.any(axis=1), 0] = True
    chance = offer * ATTRACTIONS / (1 + offer @ ATTRACTIONS)[:, None]
    sold = generator.poisson(RATES[group, None] * chance)
    products = tuple(f"attraction {place + 1}" for place in range(len(ATTRACTIONS)))
    fit = fit_censored(Sales(products, sold, offer, group), market_share=MARKET_SHARE)
    truth = [*ATTRACTIONS.tolist(), *RATES.tolist()]
    return list(zip((*fit.attractions, *fit.rates), truth, strict=True))


_TRIALS: Final[dict[Model, Callable[[int], list[tuple[Estimate, float]]]]] = {
    "logit": _logit_trial,
    "latent-classes": _class_trial,
    "censored-sales": _sales_trial,
}
