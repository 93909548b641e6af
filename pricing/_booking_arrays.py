"""A market and its rules as the arrays that the booking simulation plays with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricing._rules import covered_products, effects_of
from pricing._translate import YEN_OF_SENSITIVITY
from pricing.model import DailyStepRule, NoDropRule
from solvers.revenue.booking_simulation import BookingMarket, LiveRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pricing._rules import RuleEffect
    from pricing._translate import Translation
    from pricing.model import Market, Product


def reference_price(product: Product) -> int:
    """Return the price at which demand is known best: today's, or the middle of the ladder for a new product."""
    return product.ladder[(len(product.ladder) - 1) // 2] if product.current is None else product.current


def booking_market(translation: Translation) -> BookingMarket:
    """Return a market as arrays of the simulation; units kept for walk-ins are not sold."""
    market, problem = translation.market, translation.problem
    kept = kept_units(translation)
    open_units = problem.capacity.astype(np.int64)
    return BookingMarket(
        product=problem.product,
        price=translation.price.astype(np.float64),
        earned=problem.price,
        use=problem.use.astype(np.int64),
        capacity=np.maximum(0, open_units - kept),
        boundaries=boundaries(market),
        arrivals=np.array([segment.arrivals for segment in market.segments], np.float64),
        appeal=np.array(
            [[segment.appeal.get(product.id, -np.inf) for product in market.products] for segment in market.segments]
        ),
        sensitivity=np.array([segment.sensitivity for segment in market.segments]) / YEN_OF_SENSITIVITY,
        reference=np.array([reference_price(product) for product in market.products], np.float64),
        on_sale=problem.on_sale,
        cancels=np.array([segment.cancels for segment in market.segments]),
        stays_away=np.array([segment.stays_away for segment in market.segments]),
        kept=np.minimum(kept, open_units),
        walk_ins=np.array([capacity.walk_ins or 0.0 for capacity in market.capacities]),
    )


def boundaries(market: Market) -> NDArray[np.float64]:
    """Return the days, from the first period on, at which periods begin, and the end; shape ``(T + 1,)``."""
    first = market.periods[0].first
    days = [(period.first - first).days for period in market.periods]
    return np.array([*days, (market.periods[-1].last - first).days + 1], np.float64)


def kept_units(translation: Translation) -> NDArray[np.int64]:
    """Return the units of each capacity that rules keep for walk-ins."""
    kept = [effect.kept for effect in effects_of(translation)]
    return np.asarray(np.max([np.zeros(translation.problem.resources), *kept], axis=0), np.int64)


def live_rules(translation: Translation) -> LiveRules:
    """Return the rules of a market as bounds on prices that change while people book."""
    effects = effects_of(translation)
    problem = translation.problem
    allowed = np.ones((problem.periods, problem.alternatives), np.bool_)
    may_close = np.ones(problem.products, np.bool_)
    for effect in effects:
        allowed &= effect.allowed
        may_close &= ~effect.is_open
    first, second, most = _pairs(effects)
    return LiveRules(
        allowed=allowed,
        largest_step=_largest_steps(translation.market),
        no_drop_from=_no_drop_days(translation.market),
        may_close=may_close,
        first=first,
        second=second,
        most=most.astype(np.float64),
        block=_blocks(translation.market, first, second, most),
    )


def _pairs(effects: Sequence[RuleEffect]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return products whose prices are held together in one period, and by how much the first may be dearer."""
    tightest: dict[tuple[int, int], int] = {}
    for effect in effects:
        for high_at, high, low_at, low, yen in effect.differences:
            if high_at == low_at:
                tightest[high, low] = min(yen, tightest.get((high, low), yen))
    table = np.array([(*pair, yen) for pair, yen in sorted(tightest.items())], np.int64).reshape(-1, 3)
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()


def _largest_steps(market: Market) -> NDArray[np.float64]:
    steps = np.full(len(market.products), np.inf)
    for rule in market.rules:
        if isinstance(rule, DailyStepRule):
            covered = covered_products(market, rule.products)
            steps[covered] = np.minimum(steps[covered], rule.yen)
    return steps


def _no_drop_days(market: Market) -> NDArray[np.float64]:
    first = market.periods[0].first
    days = np.full(len(market.products), np.inf)
    for rule in market.rules:
        if isinstance(rule, NoDropRule):
            for at in covered_products(market, rule.products):
                days[at] = min(days[at], (market.products[at].date - first).days - rule.days)
    return days


def _blocks(
    market: Market, first: NDArray[np.int64], second: NDArray[np.int64], most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the block of each product: prices that may not differ at all, on the same ladder, move together."""
    block = np.arange(len(market.products))
    equal = {(int(one), int(other)) for one, other, yen in zip(first, second, most, strict=True) if yen == 0}
    for one, other in sorted(equal):
        if (other, one) in equal and market.products[one].ladder == market.products[other].ladder:
            block[block == block[other]] = block[one]
    return block
