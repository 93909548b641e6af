"""Curves for a report on prices: what a few telling products would sell at other prices, and what else could be won."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from api.exports.price_report.report import DemandCurve, PriceReport, TradeOffCurve, TradeOffPoint

if TYPE_CHECKING:
    from pricing.proposal import Objective

_CURVES = 6


def with_demand_curves(report: PriceReport, *, seed: int) -> PriceReport:
    """Return the report with demand curves of its telling products."""
    return replace(report, curves=tuple(_curves(report, seed=seed)))


def with_trade_offs(report: PriceReport, objectives: Sequence[Objective], *, seed: int) -> PriceReport:
    """Return the report with a trade-off curve for each objective, which takes many searches each."""
    return replace(report, trade_offs=tuple(_trade_off(report, objective, seed=seed) for objective in objectives))


def _curves(report: PriceReport, *, seed: int) -> Iterator[DemandCurve]:
    from pricing.what_if import what_if

    considered = {product for segment in report.market.segments for product in segment.appeal}
    for planned in report.telling(_CURVES):
        if planned.product in considered:
            curve = what_if(report.market, planned.product, seed=seed)
            bands = (curve.sales, curve.sales_low, curve.sales_high)
            yield DemandCurve(planned.product, curve.prices, *(tuple(float(each) for each in band) for band in bands))


def _trade_off(report: PriceReport, objective: Objective, *, seed: int) -> TradeOffCurve:
    from pricing.objectives import trade_off

    curve = trade_off(report.market, objective, seed=seed)
    posted = {product.product: product.path for product in report.plan.products}
    points = tuple(
        TradeOffPoint(point.figures.revenue_yen, point.value, point.paths == posted) for point in curve.points
    )
    return TradeOffCurve(objective, points)
