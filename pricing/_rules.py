"""
Rules of an operator as what prices may be: removed alternatives, and differences between two prices.

Every rule of `pricing.model` is one of three things: prices that a product may not have in a period; two prices of
which one exceeds the other by so much at most; or units that are not sold at all. The first narrow the problem, the
second become linear rows, the third lower the capacity. Since all that joins prices are differences, the lowest prices
that keep all rules are found by raising prices only as far as a rule demands, and rules that conflict are told at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from pricing.errors import ConflictingRulesError
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
from solvers.revenue.problem import CLOSED, ChoiceProblem, PriceRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pricing._translate import Translation
    from pricing.model import Market, Rule
    from pricing.model import Product as ProductModel

Number = TypeVar("Number", np.int64, np.float64)

Difference = tuple[int, int, int, int, int]
"""Period and product of a price, period and product of another, and by how many yen the first may exceed the second."""

NO_RULE: Final = -1
"""Stands for the rule of rows that hold under any rules: that everything is on sale."""

_NO_DIFFERENCES: Final = np.zeros((0, 5), np.int64)


@dataclass(slots=True, eq=False)
class RuleEffect:
    """
    Hold what one rule asks of prices and capacities.

    Parameters
    ----------
    allowed
        Shape ``(T, A)``, bool: alternatives that it leaves.
    is_open
        Shape ``(P,)``, bool: products that it wants on sale.
    kept
        Shape ``(R,)``, float64: units that it keeps from sale.
    differences
        Shape ``(D, 5)``, int64, the columns those of a `Difference`.
    """

    rule: Rule
    allowed: NDArray[np.bool_]
    is_open: NDArray[np.bool_]
    kept: NDArray[np.float64]
    differences: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RuledProblem:
    """
    Hold a problem narrowed by rules.

    Parameters
    ----------
    problem
        Without alternatives that no period allows; capacity without units kept.
    rows
        Rules over what is left; `row_rule` holds the index of the rule of each, `NO_RULE` where no rule says so.
    kept_alternatives
        Shape ``(A',)``, int64: index of each alternative left in the problem that was narrowed.
    lowest
        Shape ``(T, P)``, int64: alternatives left (index in the narrowed problem) at the lowest prices that keep every
        rule with everything on sale.
    """

    problem: ChoiceProblem
    rows: PriceRules
    row_rule: NDArray[np.int64]
    kept_alternatives: NDArray[np.int64]
    lowest: NDArray[np.int64]

    def widened(self, posted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return posted alternatives by their index in the problem that was narrowed."""
        return np.where(posted == CLOSED, CLOSED, self.kept_alternatives[posted])

    def narrowed(self, posted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return posted alternatives by their index here; closed where one was removed."""
        back = np.full(int(self.kept_alternatives.max(initial=0)) + 2 + int(posted.max(initial=0)), CLOSED, np.int64)
        back[self.kept_alternatives] = np.arange(len(self.kept_alternatives))
        return np.where(posted == CLOSED, CLOSED, back[posted])

    def widened_sales(self, sales: NDArray[np.float64], alternatives: int) -> NDArray[np.float64]:
        """Return sales, ``(alternatives,)``, by the index in the problem that was narrowed."""
        wide = np.zeros(alternatives)
        wide[self.kept_alternatives] = sales
        return wide


def effects_of(translation: Translation) -> list[RuleEffect]:
    """Return what each rule of the market asks, in the order of its rules."""
    return [_effect(rule, translation) for rule in translation.market.rules]


def rules_in_conflict(translation: Translation, effects: Sequence[RuleEffect]) -> tuple[Rule, ...]:
    """
    Return rules that no prices keep together, none of which can be left out of the conflict; none where all agree.

    Everything is to be on sale while its period lasts: rules that can be kept only by selling nothing conflict.
    """
    if lowest_prices(translation, effects) is not None:
        return ()
    needed = list(effects)
    for effect in effects:
        others = [other for other in needed if other is not effect]
        if lowest_prices(translation, others) is None:
            needed = others
    return tuple(effect.rule for effect in needed)


def refuse_conflict(translation: Translation, effects: Sequence[RuleEffect]) -> None:
    """
    Refuse rules that no prices keep together.

    Raises
    ------
    ConflictingRulesError
        With a minimal set of them, in words.
    """
    rules = rules_in_conflict(translation, effects)
    if not rules:
        return
    words = [named(rule) for rule in rules]
    if len(words) == 1:
        message = Text(
            ja=f"料金規則 {words[0].ja} を守れる料金が、料金表にありません",
            en=f"no price of the ladders keeps the rule {words[0].en}",
        )
    else:
        message = Text(
            ja=f"料金規則 {'、'.join(word.ja for word in words)} を同時に守れる料金がありません",
            en=f"no prices keep these rules together: {', '.join(word.en for word in words)}",
        )
    raise ConflictingRulesError((rule.id for rule in rules), message)


def lowest_prices(translation: Translation, effects: Iterable[RuleEffect]) -> NDArray[np.float64] | None:
    """
    Return the lowest prices, ``(T, P)``, that keep all rules with everything on sale; None where there are none.

    Prices start at the lowest allowed and rise only where a difference demands it, to the next price allowed; so no
    prices that keep the rules are below them, and where one runs off its ladder there are none at all.
    """
    effects = list(effects)
    allowed = _allowed(translation, effects)
    above = [effect.differences for effect in effects]
    high_at, high, low_at, low, yen = np.concatenate(above).T if above else _NO_DIFFERENCES.T
    on_sale = translation.problem.on_sale
    lowest = _smallest(translation, allowed, np.zeros(on_sale.shape))
    while True:
        if not np.isfinite(lowest[on_sale]).all():
            return None
        needed = lowest.copy()
        np.maximum.at(needed, (low_at, low), lowest[high_at, high] - yen)
        raised = _smallest(translation, allowed, needed)
        if np.array_equal(raised, lowest):
            return lowest
        lowest = raised


def narrow(
    translation: Translation, effects: Sequence[RuleEffect], values: NDArray[np.float64], *, may_close: bool
) -> RuledProblem:
    """
    Return the problem under some rules.

    Parameters
    ----------
    effects
        Rules that hold; they must not conflict.
    values
        Shape ``(A,)``, float64, not negative: what a sale of each alternative is worth.
    may_close
        Whether products may be taken off sale where no rule sets their price.
    """
    problem = translation.problem
    allowed = _allowed(translation, effects)
    kept = np.flatnonzero((allowed & problem.on_sale[:, problem.product]).any(axis=0))
    narrowed = replace(
        problem,
        product=problem.product[kept],
        price=values[kept],
        attraction=problem.attraction[:, kept],
        capacity=open_units(translation, effects),
    )
    rows = _Rows(translation, kept, allowed)
    if not may_close:
        rows.keep_open(NO_RULE, np.ones(problem.products, np.bool_))
    for index, effect in enumerate(effects):
        rows.add(index, effect)
    prices = lowest_prices(translation, effects)
    assert prices is not None, "conflicting rules are refused before"
    lowest = np.full(prices.shape, CLOSED, np.int64)
    for period, at in zip(*np.nonzero(problem.on_sale), strict=True):
        lowest[period, at] = np.searchsorted(kept, translation.alternative(int(at), int(prices[period, at])))
    made, row_rule = rows.made()
    return RuledProblem(narrowed, made, row_rule, kept.astype(np.int64), lowest)


def open_units(translation: Translation, effects: Sequence[RuleEffect]) -> NDArray[np.float64]:
    """Return the units of each capacity that may be sold: not booked, and not kept for people without a booking."""
    seats = np.max([effect.kept for effect in effects], axis=0) if effects else 0.0
    return np.asarray(np.maximum(0.0, translation.problem.capacity - seats))


def is_kept(translation: Translation, effect: RuleEffect, posted: NDArray[np.int64]) -> bool:
    """Tell whether posted alternatives, ``(T, P)``, keep a rule (one that keeps units is kept by not selling them)."""
    on_sale = translation.problem.on_sale
    is_open = on_sale & (posted != CLOSED)
    period = np.arange(len(posted))[:, None]
    if not effect.allowed[period, posted][is_open].all() or (on_sale & ~is_open & effect.is_open).any():
        return False
    high_at, high, low_at, low, yen = effect.differences.T
    both = is_open[high_at, high] & is_open[low_at, low]
    above = translation.price[posted[high_at, high]] - translation.price[posted[low_at, low]]
    return bool((above <= yen)[both].all())


def is_idle(translation: Translation, effect: RuleEffect) -> bool:
    """Tell whether a rule asks nothing of this market: no prices of the ladders could break it."""
    on_sale = translation.problem.on_sale
    _, high, _, low, yen = effect.differences.T
    above = translation.price[translation.first[high + 1] - 1] - translation.price[translation.first[low]]
    is_free = effect.allowed[on_sale[:, translation.problem.product]].all() and (above <= yen).all()
    return bool(is_free and not effect.is_open.any() and not effect.kept.any())


class _Rows:
    """Linear rows over alternatives left: a difference of two prices, prices of one period, a product on sale."""

    def __init__(self, translation: Translation, kept: NDArray[np.int64], allowed: NDArray[np.bool_]) -> None:
        self._on_sale = translation.problem.on_sale
        self._price = translation.price[kept]
        self._product = translation.problem.product[kept]
        self._allowed = allowed[:, kept]
        self._kept = kept
        self._first = np.searchsorted(self._product, np.arange(translation.problem.products + 1))
        self._dearest = np.maximum.reduceat(np.where(self._allowed, self._price, -np.inf), self._first[:-1], axis=1)
        self._cheapest = np.minimum.reduceat(np.where(self._allowed, self._price, np.inf), self._first[:-1], axis=1)
        self._entries: list[tuple[NDArray[np.int64], int, NDArray[np.int64], NDArray[np.float64]]] = []
        self._bounds: list[tuple[float, float, int]] = []

    def add(self, index: int, effect: RuleEffect) -> None:
        for difference in self._differences_that_ask(effect.differences).tolist():
            self._difference(index, tuple(difference))
        self._forbidden(index, effect.allowed[:, self._kept])
        self.keep_open(index, effect.is_open)

    def keep_open(self, index: int, is_open: NDArray[np.bool_]) -> None:
        for period, at in zip(*np.nonzero(self._on_sale & is_open), strict=True):
            here = self._alternatives(int(at))
            self._add([(int(period), here, np.ones(len(here)))], 1.0, np.inf, index)

    def made(self) -> tuple[PriceRules, NDArray[np.int64]]:
        rules = PriceRules(
            row=_joined([row for row, _, _, _ in self._entries], np.int64),
            phase=_joined([np.full(len(row), period, np.int64) for row, period, _, _ in self._entries], np.int64),
            alternative=_joined([here for _, _, here, _ in self._entries], np.int64),
            coefficient=_joined([values for _, _, _, values in self._entries], np.float64),
            lower=np.array([lower for lower, _, _ in self._bounds], np.float64),
            upper=np.array([upper for _, upper, _ in self._bounds], np.float64),
        )
        return rules, np.array([index for _, _, index in self._bounds], np.int64)

    def _differences_that_ask(self, differences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Leave out differences that no prices left could exceed."""
        high_at, high, low_at, low, yen = differences.T
        asks = self._dearest[high_at, high] - self._cheapest[low_at, low] > yen
        return np.asarray(differences[asks])

    def _difference(self, index: int, difference: Difference) -> None:
        """``p_high <= p_low + yen`` while both are on sale; it asks nothing where one is closed."""
        high_at, high, low_at, low, yen = difference
        above, below = self._alternatives(high), self._alternatives(low)
        slack = float(max(0, int(self._price[above].max()) - yen))
        parts = [
            (high_at, above, self._price[above].astype(np.float64)),
            (low_at, below, slack - self._price[below].astype(np.float64)),
        ]
        self._add(parts, -np.inf, yen + slack, index)

    def _forbidden(self, index: int, allowed: NDArray[np.bool_]) -> None:
        """Prices that a rule takes away in some periods only; others are no longer in the problem."""
        cells = self._on_sale[:, self._product] & ~allowed
        for period in np.flatnonzero(cells.any(axis=1)):
            here = np.flatnonzero(cells[period])
            for at in np.unique(self._product[here]):
                taken = here[self._product[here] == at]
                self._add([(int(period), taken, np.ones(len(taken)))], -np.inf, 0.0, index)

    def _alternatives(self, at: int) -> NDArray[np.int64]:
        return np.arange(self._first[at], self._first[at + 1])

    def _add(
        self,
        parts: list[tuple[int, NDArray[np.int64], NDArray[np.float64]]],
        lower: float,
        upper: float,
        index: int,
    ) -> None:
        for period, here, values in parts:
            self._entries.append((np.full(len(here), len(self._bounds), np.int64), period, here, values))
        self._bounds.append((lower, upper, index))


def _joined(parts: list[NDArray[Number]], kind: type[Number]) -> NDArray[Number]:
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _allowed(translation: Translation, effects: Iterable[RuleEffect]) -> NDArray[np.bool_]:
    allowed = np.ones((translation.problem.periods, translation.problem.alternatives), np.bool_)
    for effect in effects:
        allowed &= effect.allowed
    return allowed


def _smallest(
    translation: Translation, allowed: NDArray[np.bool_], at_least: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the smallest allowed price, ``(T, P)``, that is not below a bound; infinite where there is none."""
    enough = allowed & (translation.price >= at_least[:, translation.problem.product])
    return np.minimum.reduceat(np.where(enough, translation.price, np.inf), translation.first[:-1], axis=1)


def _effect(rule: Rule, translation: Translation) -> RuleEffect:
    market, problem = translation.market, translation.problem
    effect = RuleEffect(
        rule,
        allowed=np.ones((problem.periods, problem.alternatives), np.bool_),
        is_open=np.zeros(problem.products, np.bool_),
        kept=np.zeros(problem.resources),
        differences=_NO_DIFFERENCES,
    )
    if isinstance(rule, WalkInRule):
        for index, capacity in enumerate(market.capacities):
            if rule.capacities is None or capacity.id in rule.capacities:
                effect.kept[index] = rule.seats
        return effect
    covered = covered_products(market, rule.products)
    _restrict(effect, translation, covered)
    on_sale = problem.on_sale
    pairs = [
        each for each in _differences(rule, market, covered) if on_sale[each[0], each[1]] and on_sale[each[2], each[3]]
    ]
    effect.differences = np.array(pairs, np.int64).reshape(-1, 5)
    return effect


def covered_products(market: Market, ids: tuple[str, ...] | None) -> list[int]:
    """Return the indices of the products that a rule holds for."""
    return [index for index, each in enumerate(market.products) if ids is None or each.id in ids]


def _restrict(effect: RuleEffect, translation: Translation, covered: list[int]) -> None:
    """Take away prices that a rule forbids a product by itself."""
    for at in covered:
        here = slice(int(translation.first[at]), int(translation.first[at + 1]))
        for period in range(translation.problem.periods):
            low, high = _limits(effect.rule, translation.market, at, period)
            effect.allowed[period, here] &= (translation.price[here] >= low) & (translation.price[here] <= high)
        if isinstance(effect.rule, RoundingRule):
            effect.allowed[:, here] &= translation.price[here] % effect.rule.unit == 0
        if isinstance(effect.rule, FrozenRule | OverrideRule):
            effect.is_open[at] = True


def _limits(rule: Rule, market: Market, at: int, period: int) -> tuple[float, float]:
    """Return the lowest and the highest price that a rule allows a product in a period, whatever the others are."""
    current = market.products[at].current
    match rule:
        case RangeRule():
            return rule.floor or 0, np.inf if rule.cap is None else rule.cap
        case OverrideRule():
            return rule.price, rule.price
        case FrozenRule() if current is not None:
            return current, current
        case ModeRule() if current is not None:
            percent = MODE_PERCENT[rule.mode]
            return current * (100 - percent) / 100, current * (100 + percent) / 100
        case DailyStepRule() if current is not None:
            reach = rule.yen * days_from_today(market, period)
            return current - reach, current + reach
        case NoDropRule() if current is not None and _is_close(market, rule, at, 0):
            return current, np.inf
    return 0, np.inf


def days_from_today(market: Market, period: int) -> int:
    """Return the steps of a day from today's price to a period's: one to the first, then one for each day."""
    return 1 + (market.periods[period].first - market.periods[0].first).days


def _is_close(market: Market, rule: NoDropRule, at: int, period: int) -> bool:
    return (market.products[at].date - market.periods[period].first).days <= rule.days


def _differences(rule: Rule, market: Market, covered: list[int]) -> Iterator[Difference]:
    """Yield the pairs of prices that a rule holds together."""
    products = [(at, market.products[at]) for at in covered]
    periods = range(len(market.periods))
    match rule:
        case DailyStepRule():
            for at, (early, late) in product(covered, combinations(periods, 2)):
                yen = rule.yen * (market.periods[late].first - market.periods[early].first).days
                yield from ((late, at, early, at, yen), (early, at, late, at, yen))
        case NoDropRule():
            for at, (early, late) in product(covered, combinations(periods, 2)):
                if _is_close(market, rule, at, early + 1):
                    yield early, at, late, at, 0
        case NeighbourStepRule():
            for period, (one, other) in product(periods, neighbours(products)):
                yield from _both_ways(period, one, other, rule.yen)
        case SpreadRule():
            for period, (one, other) in product(periods, combinations(covered, 2)):
                yield from _both_ways(period, one, other, rule.yen)
        case ResidentRule():
            for period, (resident, public) in product(periods, resident_pairs(products)):
                yield period, resident, period, public, 0
        case OneNonResidentPriceRule():
            for period, (one, other) in product(periods, non_resident_pairs(products)):
                yield from _both_ways(period, one, other, 0)


def _both_ways(period: int, one: int, other: int, yen: int) -> Iterator[Difference]:
    yield period, one, period, other, yen
    yield period, other, period, one, yen


def neighbours(products: Sequence[tuple[int, ProductModel]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of slots that follow each other: same operator, asset, rate and date, next start."""
    for group in _grouped(products, lambda each: (each.operator, each.asset, each.rate, each.date)):
        starts = sorted({each.start for _, each in group if each.start is not None})
        for early, late in pairwise(starts):
            yield from product(
                [at for at, each in group if each.start == early], [at for at, each in group if each.start == late]
            )


def resident_pairs(products: Sequence[tuple[int, ProductModel]]) -> Iterator[tuple[int, int]]:
    """Yield residents' and public rates of the same operator, asset, date and slot."""
    for group in _grouped(products, slot_of):
        residents = [at for at, each in group if each.rate == "resident"]
        yield from product(residents, [at for at, each in group if each.rate == "public"])


def non_resident_pairs(products: Sequence[tuple[int, ProductModel]]) -> Iterator[tuple[int, int]]:
    """Yield non-residents' rates of the same operator, asset, date and slot, one after the other."""
    for group in _grouped(products, slot_of):
        yield from combinations([at for at, each in group if each.rate == "non-resident"], 2)


def slot_of(each: ProductModel) -> tuple[object, ...]:
    """Return what rates of one offer have in common: operator, asset, date and start."""
    return each.operator, each.asset, each.date, each.start


def _grouped(
    products: Sequence[tuple[int, ProductModel]], key: Callable[[ProductModel], tuple[object, ...]]
) -> Iterable[list[tuple[int, ProductModel]]]:
    groups: dict[tuple[object, ...], list[tuple[int, ProductModel]]] = {}
    for at, each in products:
        groups.setdefault(key(each), []).append((at, each))
    return groups.values()
