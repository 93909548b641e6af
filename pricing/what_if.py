"""What if a price were another one: sales, earnings and elasticity of one product, the others staying as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricing._booking_arrays import reference_price
from pricing._rules import effects_of, open_units
from pricing._translate import translate
from pricing.estimation.elasticity import demand_curve, elasticity_at
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pricing.estimation.results import Estimate
    from pricing.model import Market, Product, Segment
    from pricing.proposal import Reason


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """
    Hold what one product would sell and earn at each price.

    Parameters
    ----------
    prices
        In yen, from low to high.
    sales, sales_low, sales_high
        Expected bookings over all periods that are not cancelled, were there room for all: as stated, and between
        which 95 % of the draws of sensitivities lie.
    revenue_yen, revenue_low_yen, revenue_high_yen
        The same times what is left of the price after the cost of a sale.
    current
        Price today, at which the band has no width: that is where demand is known; for a new product the middle of its
        ladder.
    elasticity
        By how many percent sales change per percent of the price there.
    room
        Sales for which the scarcest capacity has open units, those kept for walk-ins left out: above that, sales are
        wishes. None where the product takes up nothing.
    remarks
        What the band leaves out.
    """

    product: str
    prices: tuple[int, ...]
    sales: NDArray[np.float64]
    sales_low: NDArray[np.float64]
    sales_high: NDArray[np.float64]
    revenue_yen: NDArray[np.float64]
    revenue_low_yen: NDArray[np.float64]
    revenue_high_yen: NDArray[np.float64]
    current: int
    elasticity: Estimate
    room: int | None
    remarks: tuple[Reason, ...]


def what_if(
    market: Market, product: str, *, prices: Sequence[int] | None = None, draws: int = 1000, seed: int = 0
) -> WhatIf:
    """
    Return what a product would sell and earn at each price while all others stay at today's.

    Parameters
    ----------
    product
        Id of a product of the market.
    prices
        Not negative, in yen; the ladder of the product where None.
    draws, seed
        Of sensitivities from the ranges of the segments.

    Raises
    ------
    InputError
        If the market has no such product, no customers consider it, nobody at all buys at today's price, or a price is
        negative.
    """
    one = _product(market, product)
    tried = sorted(set(one.ladder if prices is None else prices))
    current = reference_price(one)
    others = {each.id: reference_price(each) for each in market.products if each.id != product}
    kept = _segments_in_time(market, one)
    curve = demand_curve(kept, product, tried, others=others, reference=current, draws=draws, seed=seed)
    worth = np.array(tried, np.float64) - one.cost
    revenue = np.stack([curve.low * worth, curve.high * worth])
    return WhatIf(
        product=product,
        prices=tuple(tried),
        sales=curve.mean,
        sales_low=curve.low,
        sales_high=curve.high,
        revenue_yen=curve.mean * worth,
        revenue_low_yen=revenue.min(axis=0),
        revenue_high_yen=revenue.max(axis=0),
        current=current,
        elasticity=elasticity_at(kept, product, current, others=others, draws=draws, seed=seed),
        room=_room(market, one),
        remarks=curve.remarks,
    )


def elasticities(market: Market, *, draws: int = 1000, seed: int = 0) -> dict[str, Estimate]:
    """
    Return the elasticity of every product at today's price; products that no customers consider are left out.

    Raises
    ------
    InputError
        If there are fewer than 100 draws, or a price at which nobody at all buys.
    """
    prices = {each.id: reference_price(each) for each in market.products}
    found = {}
    for product in market.products:
        kept = _segments_in_time(market, product)
        if any(product.id in segment.appeal and sum(segment.arrivals) > 0 for segment in kept):
            others = {key: yen for key, yen in prices.items() if key != product.id}
            found[product.id] = elasticity_at(
                kept, product.id, prices[product.id], others=others, draws=draws, seed=seed
            )
    return found


def _product(market: Market, product: str) -> Product:
    for each in market.products:
        if each.id == product:
            return each
    known = ", ".join(each.id for each in market.products[:5])
    message = Text(
        ja=f"商品「{product}」はこの市場にありません(あるもの: {known} など)",
        en=f"no product {product!r} in this market; it has {known}, …",
    )
    raise InputError([Problem("product", product, message)])


def _segments_in_time(market: Market, product: Product) -> list[Segment]:
    """Return the segments with the customers who do not cancel, of periods in which the product is sold."""
    return [
        segment.model_copy(
            update={
                "arrivals": tuple(
                    count * (1.0 - segment.cancels) * (period.first <= product.date)
                    for count, period in zip(segment.arrivals, market.periods, strict=True)
                )
            }
        )
        for segment in market.segments
    ]


def _room(market: Market, product: Product) -> int | None:
    translation = translate(market)
    units = dict(
        zip((each.id for each in market.capacities), open_units(translation, effects_of(translation)), strict=True)
    )
    return min((int(units[name] // taken) for name, taken in product.capacities.items()), default=None)
