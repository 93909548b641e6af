"""Plans with prices set by hand, for tests that do not need an optimum."""

from __future__ import annotations

from collections.abc import Mapping

from pricing.model import Market
from pricing.proposal import PricePlan, ProductPlan


def posted_plan(market: Market, prices: Mapping[str, int | tuple[int | None, ...]]) -> PricePlan:
    """Return a plan that posts a price, or one for each period, for some products, and today's for the others."""
    rows = []
    for product in market.products:
        price = prices.get(product.id, product.current)
        path = price if isinstance(price, tuple) else (price,) * len(market.periods)
        on_sale = [period.first <= product.date for period in market.periods]
        path = tuple(yen if is_open else None for yen, is_open in zip(path, on_sale, strict=True))
        rows.append(
            ProductPlan(
                product=product.id,
                current=product.current,
                proposed=path[0],
                path=path,
                sales=0.0,
                revenue_yen=0.0,
                reasons=(),
            )
        )
    return PricePlan(
        market=market.id,
        simulated=market.simulated,
        objective="revenue",
        status="feasible",
        products=tuple(rows),
        capacities=(),
        rule_costs=(),
        rules_cost_yen=0,
        model_revenue_yen=0.0,
        bound_yen=0.0,
        gap=None,
        comparison=None,
        assumed=(),
        seed=0,
        limit="iterations",
        seconds=0.0,
    )
