"""Look through a plan for broken rules, price by price and without the rows that the plan was made with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from pricing.model import (
    DailyStepRule,
    FrozenRule,
    ModeRule,
    NeighbourStepRule,
    NoDropRule,
    OneNonResidentPriceRule,
    OverrideRule,
    RangeRule,
    ResidentRule,
    RoundingRule,
    SpreadRule,
    WalkInRule,
)
from pricing.rule_words import MODE_PERCENT, named
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from pricing.model import Market, Period, Product, Rule
    from pricing.proposal import PricePlan

_HAIR = 1e-6
"""Units by which expected sales may exceed a capacity: rounding of the engine."""


@dataclass(frozen=True, slots=True)
class Violation:
    """
    Hold a rule that a plan breaks.

    Parameters
    ----------
    rule
        Its id.
    where
        The product, or capacity, and the period (its first day) where there is one.
    """

    rule: str
    where: str
    message: Text


@dataclass(frozen=True, slots=True)
class _Priced:
    """A product with its prices, by the first day of each period in which it is on sale."""

    product: Product
    prices: dict[dt.date, int]


def violations(market: Market, plan: PricePlan) -> list[Violation]:
    """
    Return every rule that a plan breaks, product by product and period by period.

    Also told, under the rule ``""``, are prices that are not on a ladder.
    """
    paths = {row.product: row.path for row in plan.products}
    priced = [
        _Priced(
            product,
            {
                period.first: price
                for period, price in zip(market.periods, paths[product.id], strict=True)
                if price is not None
            },
        )
        for product in market.products
    ]
    found = [
        Violation(
            "", f"{each.product.id} {day}", Text(ja=f"{price}円は料金表にありません", en=f"¥{price} is on no ladder")
        )
        for each in priced
        for day, price in each.prices.items()
        if price not in each.product.ladder
    ]
    for rule in market.rules:
        if isinstance(rule, WalkInRule):
            places: Iterator[str] = _short(rule, market, plan)
        else:
            covered = [each for each in priced if rule.products is None or each.product.id in rule.products]
            places = _broken(rule, covered, market)
        found += [Violation(rule.id, place, named(rule)) for place in places]
    return found


def _broken(rule: Rule, covered: Sequence[_Priced], market: Market) -> Iterator[str]:
    match rule:
        case SpreadRule():
            yield from _spread(rule, covered)
        case NeighbourStepRule() | ResidentRule() | OneNonResidentPriceRule():
            for alike in _comparable(rule, covered):
                for one, other in combinations(alike, 2):
                    yield from _pair(rule, one, other, alike)
        case _:
            for each in covered:
                yield from _alone(rule, each, market)


def _alone(rule: Rule, each: _Priced, market: Market) -> Iterator[str]:
    """Yield where a rule about one product at a time is broken."""
    product, prices = each.product, each.prices
    for day, price in prices.items():
        if not _is_allowed(rule, product, price):
            yield f"{product.id} {day}"
    if isinstance(rule, FrozenRule | OverrideRule):
        yield from _closed(each, market)
    # Today's price is posted until the first period begins, a step of one day before it.
    today = market.periods[0].first
    posted = [] if product.current is None else [(today.toordinal() - 1, product.current)]
    posted += [(day.toordinal(), price) for day, price in prices.items()]
    for (before, old), (after, new) in pairwise(posted):
        if isinstance(rule, DailyStepRule) and abs(new - old) > rule.yen * (after - before):
            yield f"{product.id} {type(today).fromordinal(after)}"
        if isinstance(rule, NoDropRule) and new < old and product.date.toordinal() - after <= rule.days:
            begins = max((each.first for each in market.periods if _is_early(rule, product, each)), default=None)
            if begins is None or before >= begins.toordinal():
                yield f"{product.id} {type(today).fromordinal(after)}"


def _is_early(rule: NoDropRule, product: Product, period: Period) -> bool:
    """Whether a period begins before prices may no longer drop; the last such holds the price that stands then."""
    return (product.date - period.first).days > rule.days


def _is_allowed(rule: Rule, product: Product, price: int) -> bool:
    match rule:
        case RangeRule():
            return (rule.floor is None or price >= rule.floor) and (rule.cap is None or price <= rule.cap)
        case RoundingRule():
            return price % rule.unit == 0
        case OverrideRule():
            return price == rule.price
        case FrozenRule():
            return price == product.current
        case ModeRule() if product.current is not None:
            return 100 * abs(price - product.current) <= MODE_PERCENT[rule.mode] * product.current
    return True


def _closed(each: _Priced, market: Market) -> Iterator[str]:
    for period in market.periods:
        if period.first <= each.product.date and period.first not in each.prices:
            yield f"{each.product.id} {period.first}"


def _comparable(rule: Rule, covered: Sequence[_Priced]) -> Iterable[Sequence[_Priced]]:
    """Return the products that a rule about two of them compares: starts of one day and rate, or rates of one slot."""
    groups: dict[tuple[object, ...], list[_Priced]] = {}
    for each in covered:
        product = each.product
        last = product.rate if isinstance(rule, NeighbourStepRule) else product.start
        groups.setdefault((product.operator, product.asset, product.date, last), []).append(each)
    return groups.values()


def _pair(rule: Rule, one: _Priced, other: _Priced, alike: Sequence[_Priced]) -> Iterator[str]:
    """Yield where a rule about two products is broken."""
    if isinstance(rule, NeighbourStepRule) and not _are_neighbours(one.product, other.product, alike):
        return
    rates = (one.product.rate, other.product.rate)
    for day in sorted(one.prices.keys() & other.prices.keys()):
        difference = one.prices[day] - other.prices[day]
        is_broken = (
            (isinstance(rule, NeighbourStepRule) and abs(difference) > rule.yen)
            or (rule.type == "one-non-resident-price" and rates == ("non-resident", "non-resident") and difference != 0)
            or (rule.type == "resident-not-above-public" and rates == ("resident", "public") and difference > 0)
            or (rule.type == "resident-not-above-public" and rates == ("public", "resident") and difference < 0)
        )
        if is_broken:
            yield f"{one.product.id}, {other.product.id} {day}"


def _are_neighbours(one: Product, other: Product, alike: Sequence[_Priced]) -> bool:
    if one.start is None or other.start is None:
        return False
    early, late = sorted((one.start, other.start))
    between = (each.product.start for each in alike)
    return early < late and not any(start is not None and early < start < late for start in between)


def _spread(rule: SpreadRule, covered: Sequence[_Priced]) -> Iterator[str]:
    for day in sorted({day for each in covered for day in each.prices}):
        prices = {each.product.id: each.prices[day] for each in covered if day in each.prices}
        if max(prices.values()) - min(prices.values()) > rule.yen:
            yield f"{max(prices, key=prices.__getitem__)}, {min(prices, key=prices.__getitem__)} {day}"


def _short(rule: WalkInRule, market: Market, plan: PricePlan) -> Iterator[str]:
    """Yield capacities of which a plan expects to sell units that are kept."""
    expected = {row.capacity: row.expected for row in plan.capacities}
    for capacity in market.capacities:
        if rule.capacities is None or capacity.id in rule.capacities:
            left = max(0, capacity.units - capacity.booked - rule.seats)
            if expected.get(capacity.id, 0.0) > left + _HAIR:
                yield capacity.id
