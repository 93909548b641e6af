"""A hand-written market of two workshops and a price plan for it, for everything that shows or exports one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pricing.model import (
    Capacity,
    DailyStepRule,
    Market,
    ModeRule,
    Period,
    Product,
    RangeRule,
    Segment,
    WalkInRule,
)
from pricing.proposal import (
    CapacityPlan,
    Comparison,
    Interval,
    PolicyOutcome,
    PricePlan,
    ProductPlan,
    Reason,
    RuleCost,
)
from regional_assets.model import Name

TODAY = dt.date(2026, 11, 23)
SATURDAY = dt.date(2026, 12, 5)
WORKSHOPS = (("paper", "和紙漉き体験", "Papermaking", 2_000), ("knife", "包丁づくり体験", "Knife making", 8_000))
STARTS = ("10:00", "13:30")
DAYS = tuple(SATURDAY + dt.timedelta(days=day) for day in range(4))
PERIODS = tuple(
    Period(first=TODAY + dt.timedelta(days=first), last=TODAY + dt.timedelta(days=last))
    for first, last in ((0, 4), (5, 9), (10, 15))
)


def sample_market(**changes: Any) -> Market:
    """Return two workshops with two slots on four days; all of it made up."""
    keys = [(workshop, day, start) for workshop in WORKSHOPS for day in DAYS for start in STARTS]
    products = tuple(
        Product(
            id=f"{asset}-{day:%m%d}-{start[:2]}",
            name=Name(ja=ja, en=en),
            operator=asset,
            asset=asset,
            date=day,
            start=start,
            end=f"{int(start[:2]) + 1}:{start[3:]}",
            capacities={f"seats-{asset}-{day:%m%d}-{start[:2]}": 1},
            ladder=tuple(range(today * 7 // 10, today * 15 // 10 + 1, 100 if today < 5_000 else 400)),
            current=today,
        )
        for (asset, ja, en, today), day, start in keys
    )
    capacities = tuple(
        Capacity(
            id=next(iter(product.capacities)),
            name=Name(
                ja=f"{product.name.ja} {product.date:%m/%d} {product.start}",
                en=f"{product.name.en} {product.date:%m/%d} {product.start}",
            ),
            units=10,
            booked=2,
            booked_yen=2 * (product.current or 0),
        )
        for product in products
    )
    visitors = Segment(
        id="visitors",
        name=Name(ja="旅行者", en="visitors"),
        arrivals=(30.0, 40.0, 60.0),
        sensitivity=0.6,
        sensitivity_range=(0.4, 0.9),
        appeal={product.id: 1.0 for product in products},
        source="simulated",
    )
    values: dict[str, Any] = {
        "id": "two-workshops",
        "name": Name(ja="二つの工房", en="Two workshops"),
        "today": TODAY,
        "periods": PERIODS,
        "capacities": capacities,
        "products": products,
        "segments": (visitors,),
        "rules": (
            RangeRule(id="range", floor=1_000, cap=12_000),
            DailyStepRule(id="step", yen=500),
            ModeRule(id="mode", mode="standard"),
            WalkInRule(id="walk-ins", seats=1),
        ),
        "simulated": True,
    }
    return Market(**{**values, **changes})


def sample_plan(market: Market, **changes: Any) -> PricePlan:
    """Return a plan that raises prices at the weekend, lowers them on Monday morning, and keeps Tuesday's."""
    products = tuple(_planned(product, number) for number, product in enumerate(market.products))
    capacities = tuple(
        CapacityPlan(
            capacity=capacity.id,
            units=capacity.units,
            booked=capacity.booked,
            kept=1,
            expected=round(7.0 - 0.4 * number, 2),
            bid_price_yen=max(0.0, 900.0 - 150 * number),
        )
        for number, capacity in enumerate(market.capacities)
    )
    values: dict[str, Any] = {
        "market": market.id,
        "simulated": market.simulated,
        "objective": "revenue",
        "status": "feasible",
        "products": products,
        "capacities": capacities,
        "rule_costs": (
            RuleCost(rule="range", cost_yen=0, binds=()),
            RuleCost(rule="step", cost_yen=1_200, binds=(market.products[0].id,)),
            RuleCost(rule="mode", cost_yen=3_100, binds=tuple(product.id for product in market.products[:3])),
            RuleCost(rule="walk-ins", cost_yen=800, binds=()),
        ),
        "rules_cost_yen": 5_100,
        "model_revenue_yen": sum(product.revenue_yen for product in products),
        "bound_yen": sum(product.revenue_yen for product in products) / 0.97,
        "gap": 0.03,
        "comparison": sample_comparison(market),
        "assumed": (
            Reason(
                code="SIMULATED",
                text=Name(ja="需要は見本のために作った数字です。", en="Demand was made up for a show."),
            ),
        ),
        "seed": 1,
        "limit": "iterations",
        "seconds": 0.25,
    }
    return PricePlan(**{**values, **changes})


def _planned(product: Product, number: int) -> ProductPlan:
    today = product.current or 0
    rise = {5: 0.2, 6: 0.1, 7: -0.1}.get(product.date.day, 0.0)
    proposed = round(today * (1 + rise) / 100) * 100
    sales = max(0.1, round(6.5 - 0.3 * number, 2))
    later = proposed + product.ladder[1] - product.ladder[0] if rise > 0.1 else proposed
    return ProductPlan(
        product=product.id,
        current=today,
        proposed=proposed,
        path=(proposed, proposed, later),
        sales=sales,
        revenue_yen=sales * proposed,
        reasons=(_reason(rise),),
    )


def _reason(rise: float) -> Reason:
    if rise > 0:
        return Reason(code="FULL", text=Name(ja="週末の枠は早く埋まる", en="weekend slots fill early"))
    if rise < 0:
        return Reason(code="EMPTY", text=Name(ja="月曜の枠は空いている", en="Monday slots stay empty"))
    return Reason(code="KEPT", text=Name(ja="今日の料金が最もよい", en="today's price is the best"))


def sample_comparison(market: Market) -> Comparison:
    """Return four policies on the same forty horizons."""
    spread = [900 * ((7 * number) % 40) - 18_000 for number in range(40)]

    def outcome(policy: Any, mean: float, more: Interval | None) -> PolicyOutcome:
        return PolicyOutcome(
            policy=policy,
            revenue_yen=Interval(mean=mean, low=mean - 3_300, high=mean + 3_300),
            sales=Interval(mean=62.0, low=60.5, high=63.5),
            more_than_today=more,
            occupancy={capacity.id: 0.7 for capacity in market.capacities},
            revenues_yen=tuple(mean + difference for difference in spread),
        )

    return Comparison(
        horizons=40,
        seed=1,
        assumed=(Reason(code="walk-ins", text=Name(ja="当日客は来ない", en="nobody comes without a booking")),),
        outcomes=(
            outcome("today", 300_000.0, None),
            outcome("static", 324_000.0, Interval(mean=24_000.0, low=20_500.0, high=27_500.0)),
            outcome("dynamic", 331_000.0, Interval(mean=31_000.0, low=26_500.0, high=35_500.0)),
            outcome("rule-based", 303_500.0, Interval(mean=3_500.0, low=-900.0, high=7_900.0)),
        ),
    )


def small_market() -> Market:
    """Return two products of one workshop, which compete on one Saturday."""
    market = sample_market()
    products = market.products[:2]
    kept = {capacity for product in products for capacity in product.capacities}
    visitors = market.segments[0]
    appeal = {product.id: visitors.appeal[product.id] for product in products}
    return market.model_copy(
        update={
            "products": products,
            "capacities": tuple(capacity for capacity in market.capacities if capacity.id in kept),
            "segments": (visitors.model_copy(update={"appeal": appeal, "arrivals": (8.0, 8.0, 8.0)}),),
            "rules": (DailyStepRule(id="step", yen=300), RangeRule(id="range", floor=1_500, cap=2_600)),
        }
    )
