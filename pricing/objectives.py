"""
What prices are for: revenue, visitors served, visits when the operator wants them, and what is spent nearby.

Every objective is a worth per sale, and so is any mixture of them. A trade-off curve is the set of best mixtures of
revenue and another objective, of which those are left out that another one beats in both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from pricing._check import check_market
from pricing._rules import effects_of
from pricing._solve import Effort, find_prices, shown_prices
from pricing._translate import translate
from pricing._words import reason
from pricing.proposal import Figures, Objective, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from pricing._rules import RuleEffect
    from pricing._solve import Found
    from pricing._translate import Translation
    from pricing.model import Market

_LEAST_WEIGHT = 1e-3
"""Weight of revenue where the objective alone counts."""

_LEAST_GAIN = 1e-9
"""Share by which a point must be better to be told apart from another."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TradeOffPoint(_Frozen):
    """
    Hold one point of a trade-off curve.

    Parameters
    ----------
    weight
        Weight of the objective against revenue, from 0 to 1, both measured by the most that can be had of them.
    value
        The objective: visitors, off-peak share, or yen spent nearby.
    paths
        Price in each period, by product; None where it is not on sale.
    """

    weight: float
    value: float
    figures: Figures
    paths: dict[str, tuple[int | None, ...]]


class TradeOff(_Frozen):
    """
    Hold a trade-off curve: from the most revenue to the most of the objective.

    Parameters
    ----------
    points
        Of falling revenue and rising value; none is beaten by another in both.
    assumed
        What was assumed because nobody said it.
    """

    objective: Objective
    points: tuple[TradeOffPoint, ...]
    assumed: tuple[Reason, ...]


def weights_of(objective: Objective, weights: Mapping[Objective, float] | None) -> dict[Objective, float]:
    """
    Return what counts with its weight: the objective alone where no weights are given.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or all are 0.
    """
    if weights is None:
        return {objective: 1.0}
    if any(not math.isfinite(weight) or weight < 0 for weight in weights.values()) or not any(weights.values()):
        msg = f"weights {dict(weights)}: numbers from 0 on, not all of them 0, are accepted"
        raise ValueError(msg)
    return {name: weight for name, weight in weights.items() if weight > 0}


def values_of(translation: Translation, objective: Objective) -> NDArray[np.float64]:
    """
    Return what a sale of each alternative counts for an objective, ``(A,)``, not negative.

    Yen net of cost for revenue, 1 for visitors, 1 or 0 for off-peak visits, yen for spending nearby. Unknown is not
    yes: a product of which nobody said whether it is off-peak, or what is spent nearby, counts 0.
    """
    problem, products = translation.problem, translation.market.products
    if objective == "revenue":
        return problem.price
    if objective == "visitors":
        each = np.ones(problem.products)
    elif objective == "off-peak":
        each = np.array([float(product.off_peak is True) for product in products])
    else:
        each = np.array([float(product.local_spend or 0) for product in products])
    return each[problem.product]


def mixed_values(translation: Translation, weights: Mapping[Objective, float]) -> NDArray[np.float64]:
    """
    Return the weighted sum of objectives per sale, ``(A,)``.

    Parameters
    ----------
    weights
        Yen that one unit of each objective is worth: 1 for revenue, yen per visitor, per off-peak visit, and per yen
        spent nearby.
    """
    total = np.zeros(translation.problem.alternatives)
    for objective, weight in weights.items():
        total += weight * values_of(translation, objective)
    return total


def figures_of(translation: Translation, sales: NDArray[np.float64]) -> Figures:
    """Return what expected sales, ``(A,)``, bring."""
    totals = {
        objective: float(values_of(translation, objective) @ sales)
        for objective in ("revenue", "visitors", "off-peak", "local-spend")
    }
    visitors = totals["visitors"]
    return Figures(
        revenue_yen=totals["revenue"],
        visitors=visitors,
        off_peak_share=totals["off-peak"] / visitors if visitors > 0 else None,
        local_spend_yen=totals["local-spend"],
    )


def unknown_of(market: Market, objectives: tuple[Objective, ...]) -> Iterator[Reason]:
    """Yield what nobody said of products, where an objective asks for it."""
    silent = [product.id for product in market.products if product.off_peak is None]
    if "off-peak" in objectives and silent:
        yield reason(
            "OFF_PEAK_UNKNOWN",
            f"閑散期かどうかが分からない商品が {len(silent)} 件あり、閑散期には数えていません: {_listed(silent)}",
            f"of {len(silent)} products nobody said whether they are off-peak; none counts as such: {_listed(silent)}",
        )
    silent = [product.id for product in market.products if product.local_spend is None]
    if "local-spend" in objectives and silent:
        yield reason(
            "LOCAL_SPEND_UNKNOWN",
            f"周辺での消費額が分からない商品が {len(silent)} 件あり、0円とみなしました: {_listed(silent)}",
            f"of {len(silent)} products nobody knows what is spent nearby; they count as ¥0: {_listed(silent)}",
        )


def trade_off(
    market: Market,
    objective: Objective,
    *,
    points: int = 7,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    may_close: bool = False,
) -> TradeOff:
    """
    Return how much revenue more of an objective costs.

    Parameters
    ----------
    objective
        Not revenue.
    points
        Mixtures tried, at least 2; those that another one beats in both are left out.
    iterations, seconds
        Limits of the search for each point.
    may_close
        Whether products may be taken off sale.

    Raises
    ------
    InputError
        If the market makes no sense.
    ConflictingRulesError
        If no prices keep all rules.
    ValueError
        If the objective is revenue, or there are fewer than 2 points.
    """
    if objective == "revenue" or points < 2:
        msg = f"objective {objective!r}, points {points}: accepted are objectives besides revenue, and 2 points or more"
        raise ValueError(msg)
    check_market(market)
    translation = translate(market)
    effects = effects_of(translation)
    effort = Effort(seed, iterations, seconds, may_close)
    revenue, other = values_of(translation, "revenue"), values_of(translation, objective)
    most_revenue = find_prices(translation, effects, revenue, effort, proves=False)
    most_other = find_prices(translation, effects, other, effort, proves=False)
    unit = _ratio(most_revenue.value, most_other.value)
    found = [(0.0, most_revenue)]
    for weight in np.linspace(0, 1, points)[1:]:
        # Of prices that do the same for the objective, those that bring more are meant.
        revenue_weight = max(1 - weight, _LEAST_WEIGHT)
        mixed = revenue_weight * revenue + weight * unit * other
        start = max((each for _, each in found), key=lambda each: float(mixed @ each.sales)).posted
        found.append((float(weight), find_prices(translation, effects, mixed, effort, start=start, proves=False)))
    return TradeOff(
        objective=objective,
        points=_unbeaten(_point(translation, effects, objective, weight, each) for weight, each in found),
        assumed=tuple(unknown_of(market, (objective,))),
    )


def _ratio(revenue: float, other: float) -> float:
    """Return what one unit of the objective weighs, so that the most of both weighs the same."""
    return revenue / other if other > 0 and revenue > 0 else 1.0


def _point(
    translation: Translation, effects: Sequence[RuleEffect], objective: Objective, weight: float, found: Found
) -> TradeOffPoint:
    figures = figures_of(translation, found.sales)
    value = {
        "visitors": figures.visitors,
        "off-peak": figures.off_peak_share or 0.0,
        "local-spend": figures.local_spend_yen,
    }[objective]
    shown = shown_prices(translation, effects, found)
    paths = {product.id: translation.path(index, shown) for index, product in enumerate(translation.market.products)}
    return TradeOffPoint(weight=weight, value=value, figures=figures, paths=paths)


def _unbeaten(points: Iterator[TradeOffPoint]) -> tuple[TradeOffPoint, ...]:
    """Return the points that no other one beats in both, by falling revenue; of equal ones the first."""
    kept: list[TradeOffPoint] = []
    for point in sorted(points, key=lambda each: (-each.figures.revenue_yen, -each.value)):
        if not kept or point.value > kept[-1].value * (1 + _LEAST_GAIN):
            kept.append(point)
    return tuple(kept)


def _listed(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
