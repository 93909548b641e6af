"""From fits to the segments of a market: arrivals, sensitivity with its range, appeal of each product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricing._sensitivities import LEAST_SENSITIVITY
from pricing.estimation.errors import SignError
from pricing.estimation.mnl import MnlFit
from pricing.model import Segment
from regional_assets.errors import InputError, Problem
from regional_assets.model import Name
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pricing.estimation.censored import CensoredFit
    from pricing.estimation.latent_class import LatentClassFit
    from pricing.estimation.results import Estimate
    from pricing.model import DemandSource


def segments_from(
    fit: MnlFit | LatentClassFit,
    *,
    arrivals: Sequence[float],
    products: Sequence[str],
    price: str = "price",
    market_share: float | None = None,
    prices: Mapping[str, float] | None = None,
    segment_id: str = "estimated",
    source: DemandSource = "estimated",
) -> tuple[Segment, ...]:
    """
    Return one segment for each class of a fit.

    Parameters
    ----------
    fit
        Its price counts in 1,000 of the currency; the appeal of a product is the coefficient of its name, 0 where it
        has none (the base of the fit).
    arrivals
        Expected customers in each period, of all classes together.
    products
        Ids of the products that the segments consider.
    market_share, prices
        Needed where no purchase was not among the choices (a product is the base then): the share of customers who buy
        when everything is on offer at ``prices``. Appeals are shifted to it.

    Raises
    ------
    SignError
        If a class is estimated to buy more at higher prices.
    InputError
        If a product is unknown to the fit while no purchase is its base, or the share makes no sense.
    """
    _check(fit, products, market_share, prices)
    rows, shares, estimates = _classes(fit, price)
    segments: list[Segment] = []
    for place, (row, share, estimate) in enumerate(zip(rows, shares, estimates, strict=True), start=1):
        sensitivity, reach = sensitivity_of(estimate)
        appeal = {
            product: float(row[fit.names.index(product)]) if product in fit.names else 0.0 for product in products
        }
        if market_share is not None and prices is not None:
            appeal = _shifted(appeal, sensitivity, market_share, prices)
        identity = segment_id if len(rows) == 1 else f"{segment_id}-{place}"
        segments.append(
            Segment(
                id=identity,
                name=Name(ja=f"推定された客層 {place}", en=f"estimated customers {place}"),
                arrivals=tuple(float(share * count) for count in arrivals),
                sensitivity=sensitivity,
                sensitivity_range=reach,
                appeal=appeal,
                source=source,
            )
        )
    return tuple(segments)


def segment_from_sales(
    fit: CensoredFit,
    *,
    arrivals: Sequence[float],
    prices: Mapping[str, float],
    sensitivity: float,
    sensitivity_range: tuple[float, float],
    segment_id: str = "estimated",
) -> Segment:
    """
    Return a segment from demand behind sales, with a sensitivity stated from elsewhere: sales at one price tell none.

    Parameters
    ----------
    prices
        At which the sales were made; a product that never sold is not considered.
    sensitivity, sensitivity_range
        Per 1,000 of the currency.
    """
    appeal = {
        estimate.name: float(np.log(estimate.value) + sensitivity * prices[estimate.name] / 1000)
        for estimate in fit.attractions
        if estimate.value > 0
    }
    return Segment(
        id=segment_id,
        name=Name(ja="販売記録から推定された客層", en="customers estimated from sales"),
        arrivals=tuple(arrivals),
        sensitivity=sensitivity,
        sensitivity_range=sensitivity_range,
        appeal=appeal,
        source="stated",
    )


def sensitivity_of(price_effect: Estimate) -> tuple[float, tuple[float, float]]:
    """
    Return sensitivity and its range per 1,000 from the effect of a price; the range is cut at 0.

    Raises
    ------
    SignError
        If the effect is positive: no sensitivity is made of that.
    """
    if not price_effect.value < 0:
        raise SignError(price_effect)
    return -price_effect.value, (max(LEAST_SENSITIVITY, -price_effect.high), -price_effect.low)


def _classes(
    fit: MnlFit | LatentClassFit, price: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[Estimate, ...]]:
    if isinstance(fit, MnlFit):
        return fit.values[None, :], np.ones(1), (fit.estimate(price, is_robust=fit.persons < fit.observations),)
    named = {estimate.name: estimate for estimate in fit.estimates}
    return fit.values, fit.shares, tuple(named[f"{place + 1}.{price}"] for place in range(fit.classes))


def _shifted(
    appeal: Mapping[str, float], sensitivity: float, market_share: float, prices: Mapping[str, float]
) -> dict[str, float]:
    """Return appeals moved so that the share of customers who buy is the one given."""
    total = sum(np.exp(value - sensitivity * prices[product] / 1000) for product, value in appeal.items())
    shift = float(np.log(market_share / (1 - market_share) / total))
    return {product: value + shift for product, value in appeal.items()}


def _check(
    fit: MnlFit | LatentClassFit,
    products: Sequence[str],
    market_share: float | None,
    prices: Mapping[str, float] | None,
) -> None:
    problems: list[Problem] = []
    unknown = [product for product in products if product not in fit.names]
    if len(unknown) > (market_share is not None):
        listed = ", ".join(unknown)
        message = Text(ja=f"推定に含まれない商品です: {listed}", en=f"not among the products of the fit: {listed}")
        problems.append(Problem("products", unknown, message))
    if market_share is not None and not 0 < market_share < 1:
        message = Text(ja=f"0 と 1 の間の数が必要です: {market_share}", en=f"must be between 0 and 1: {market_share}")
        problems.append(Problem("market_share", market_share, message))
    missing = [product for product in products if product not in (prices or {})]
    if market_share is not None and missing:
        listed = ", ".join(missing)
        message = Text(
            ja=f"シェアのもとになる料金がありません: {listed}", en=f"lacks the prices of the share: {listed}"
        )
        problems.append(Problem("prices", missing, message))
    if problems:
        raise InputError(problems)
