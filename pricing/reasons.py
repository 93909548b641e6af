"""
Why a price is what it is: only what a second look at the market confirms.

Each reason is tried before it is given: the price is moved a step, or put back to today's, everything else stays, and
what that brings is worked out anew, with every rule checked. A rule is said to bind where a step that only it forbids
would bring more, seats are said to run out where they do at today's price, and a price is called best where the steps
beside it bring less.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from pricing._rules import effects_of, is_kept, open_units
from pricing._solve import sold, trial
from pricing._translate import translate
from pricing.model import FrozenRule, OverrideRule
from pricing.objectives import mixed_values
from pricing.proposal import Reason
from pricing.rule_words import named
from regional_assets.model import Name
from regional_assets.text import Text
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from pricing.model import Market, Product, Rule
    from pricing.proposal import Objective

ReasonCode = Literal[
    "FROZEN",
    "SET_BY_HAND",
    "CLOSED_PAYS",
    "SOLD_OUT",
    "CAPACITY_SCARCE",
    "DEMAND_WEAK",
    "MORE_PER_SALE",
    "BEST_TOGETHER",
    "RULE_FORCES",
    "RULE_BINDS",
    "LADDER_TOP",
    "LADDER_BOTTOM",
    "UNCHANGED_BEST",
    "NEW_PRODUCT",
    "LATER_CHANGE",
    "SEARCHED",
]
"""What a reason may be; `docs/prices.md` tells when each is given."""

FULL: Final = 0.99
"""Share of its open units from which on a capacity counts as full."""

_LEAST_MORE = 1e-7
"""Share of the whole by which prices must bring more to be called better: what is smaller is rounding."""

_DAYS_JA = "月火水木金土日"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """What the market would be with a product's prices put otherwise."""

    posted: NDArray[np.int64]
    value: float
    sales: NDArray[np.float64]


class Explainer:
    """
    Tell why prices are what they are.

    Parameters
    ----------
    paths
        Price of each product in each period, None where it is not on sale.
    weights
        What prices are for; see `pricing.objectives.mixed_values`.
    rule_costs
        Yen by rule, where known.
    """

    def __init__(
        self,
        market: Market,
        paths: Sequence[Sequence[int | None]],
        *,
        weights: Mapping[Objective, float],
        rule_costs: Mapping[str, int] | None = None,
    ) -> None:
        self._market = market
        # One step more at both ends of every ladder shows whether a ladder holds its price back.
        self._wide = translate(_with_longer_ladders(market))
        self._effects = effects_of(self._wide)
        self._weights = weights
        self._open_units = open_units(self._wide, self._effects)
        self._try = trial(self._wide, self._effects, mixed_values(self._wide, weights))
        self._costs = rule_costs or {}
        self._paths = [tuple(path) for path in paths]
        self._binds: dict[str, list[str]] = {}

    @property
    def binds(self) -> Mapping[str, Sequence[str]]:
        """Products that each rule holds back, by rule, of those explained so far."""
        return self._binds

    def reasons(self, at: int) -> tuple[Reason, ...]:
        """Return why the product ``at`` has its prices, the main reason first, with the change in front of it."""
        product = self._market.products[at]
        found = [*self._sold_out(at), *self._set_by_rules(product)]
        if not found:
            found = [*self._changed(at), *self._closed(at), *self._held(at)]
        if not found:
            found = [*self._rest(at)]
        (code, words), *others = found or [("SEARCHED", _searched())]
        change = self._change(at)
        first = Text(ja=f"{change.ja}: {words.ja}", en=f"{change.en}: {words.en}")
        later = self._later(at)
        return tuple(
            Reason(code=code, text=Name(ja=words.ja, en=words.en)) for code, words in ((code, first), *others, *later)
        )

    @cached_property
    def _proposed(self) -> _Tried:
        return self._tried(self._wide.posted(self._paths))

    def _tried(self, posted: NDArray[np.int64]) -> _Tried:
        return _Tried(posted, *self._try(posted))

    def _more(self, tried: _Tried) -> float:
        """Return what a trial brings more than the proposal; rounding counts as nothing."""
        more = tried.value - self._proposed.value
        return more if abs(more) > _LEAST_MORE * max(1.0, abs(self._proposed.value)) else 0.0

    def _stepped(self, at: int, step: int, *, only_first: bool = False) -> _Tried | None:
        """Try the prices of a product one step up or down its ladder; None where none of them has such a step."""
        posted = self._proposed.posted.copy()
        moved = posted[:1, at] if only_first else posted[:, at]
        here = moved != CLOSED
        target = moved[here] + step
        low, high = self._wide.first[at], self._wide.first[at + 1] - 1
        if not here.any() or (target < low).any() or (target > high).any():
            return None
        moved[here] = target
        return self._tried(posted)

    def _with_price(self, at: int, price: int) -> _Tried:
        posted = self._proposed.posted.copy()
        here = posted[:, at] != CLOSED
        posted[here, at] = self._wide.alternative(at, price)
        return self._tried(posted)

    def _broken(self, tried: _Tried) -> list[Rule]:
        return [effect.rule for effect in self._effects if not is_kept(self._wide, effect, tried.posted)]

    def _sold_out(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        """Yield that there is nothing to sell, where less is left of something than one sale takes."""
        takes = self._wide.problem.use[:, at]
        for capacity in np.flatnonzero(self._open_units < takes):
            name = self._market.capacities[capacity].name
            yield (
                "SOLD_OUT",
                Text(
                    ja=f"「{name.in_('ja')}」には売れる残りがありません",
                    en=f"nothing is left to sell of {name.in_('en')!r}",
                ),
            )

    def _set_by_rules(self, product: Product) -> Iterator[tuple[ReasonCode, Text]]:
        for rule in self._market.rules:
            if isinstance(rule, FrozenRule | OverrideRule) and (rule.products is None or product.id in rule.products):
                words = named(rule)
                code: ReasonCode = "FROZEN" if isinstance(rule, FrozenRule) else "SET_BY_HAND"
                yield code, Text(ja=f"規則{words.ja}によります", en=f"the rule {words.en} says so")

    def _closed(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        """Yield that it is better closed: where every price allowed, in any such period, would bring less."""
        is_shut = [price is None for price in self._paths[at]]
        closed = np.flatnonzero(self._wide.problem.on_sale[:, at] & is_shut)
        if not len(closed):
            return
        losses = [-self._more(tried) for period in closed for tried in self._opened(at, int(period))]
        if losses and min(losses) > 0:
            since = self._market.periods[int(closed[0])].first
            less = self._amount(min(losses))
            yield (
                "CLOSED_PAYS",
                Text(
                    ja=f"{since:%m/%d}からの期間は売らないほうが良い見込みです。どの料金で売っても{less.ja}以上少なくなります",
                    en=f"better not sold in the period from {since}: any price would bring at least {less.en} less",
                ),
            )

    def _opened(self, at: int, period: int) -> Iterator[_Tried]:
        """Yield what a closed product would bring in a period, at each price that rules allow."""
        for price in self._market.products[at].ladder:
            posted = self._proposed.posted.copy()
            posted[period, at] = self._wide.alternative(at, price)
            tried = self._tried(posted)
            if not self._broken(tried):
                yield tried

    def _changed(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        product, path = self._market.products[at], self._open_prices(at)
        if not path:
            return
        if product.current is None:
            yield from self._new(at)
            return
        if all(price == product.current for price in path):
            return
        before = self._with_price(at, product.current)
        gain = -self._more(before)
        if gain <= 0:
            yield from self._forced(before)
        elif min(path) >= product.current:
            yield self._raised(at, before)
        elif max(path) <= product.current:
            yield self._lowered(at, before, gain)
        else:
            yield "BEST_TOGETHER", self._together(gain)

    def _new(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        if self._is_best(at):
            yield (
                "NEW_PRODUCT",
                Text(
                    ja="新しい商品です。一段上げても下げても見込みは良くなりません",
                    en="new; a step up or down would not bring more",
                ),
            )

    def _forced(self, before: _Tried) -> Iterator[tuple[ReasonCode, Text]]:
        broken = self._broken(before)
        if broken:
            words = _names(broken)
            yield "RULE_FORCES", Text(ja=f"今の料金は規則{words.ja}に反します", en=f"today's price breaks {words.en}")

    def _raised(self, at: int, before: _Tried) -> tuple[ReasonCode, Text]:
        full = self._full_capacity(at, before)
        slot = self._slot(at)
        if full is not None:
            units = self._units(full)
            return "CAPACITY_SCARCE", Text(
                ja=f"今の料金では{slot.ja}が満席になります({units}席)",
                en=f"at today's price {slot.en} fills up (all {units} units)",
            )
        was, now = self._sold(at, before), self._sold(at, self._proposed)
        if now > was:
            return "BEST_TOGETHER", self._together(-self._more(before))
        return "MORE_PER_SALE", Text(
            ja=f"販売数は{was:.1f}から{now:.1f}に減りますが、1件あたりの収入が増えて補います",
            en=f"sales fall from {was:.1f} to {now:.1f}, and what each brings makes up for it",
        )

    def _lowered(self, at: int, before: _Tried, gain: float) -> tuple[ReasonCode, Text]:
        was, now = self._sold(at, before), self._sold(at, self._proposed)
        if self._full_capacity(at, before) is not None or now <= was:
            return "BEST_TOGETHER", self._together(gain)
        slot = self._slot(at)
        return "DEMAND_WEAK", Text(
            ja=f"今の料金では{slot.ja}に空きが残ります。下げると販売数が{was:.1f}から{now:.1f}に増えます",
            en=f"at today's price {slot.en} does not fill; the lower one lifts sales from {was:.1f} to {now:.1f}",
        )

    def _held(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        """Yield what keeps a price from a step that would bring more: a rule, or the end of the ladder."""
        product = self._market.products[at]
        if not self._open_prices(at):
            return
        best: dict[tuple[str, ...], float] = {}
        ends: dict[ReasonCode, float] = {}
        for step, only_first in ((1, False), (-1, False), (1, True), (-1, True)):
            tried = self._stepped(at, step, only_first=only_first)
            more = 0.0 if tried is None else self._more(tried)
            if tried is None or more <= 0:
                continue
            broken = tuple(rule.id for rule in self._broken(tried))
            if not self._is_on_ladder(at, tried):
                if not broken:
                    ends.setdefault("LADDER_TOP" if step > 0 else "LADDER_BOTTOM", more)
            elif broken:
                best[broken] = max(more, best.get(broken, 0.0))
        told: list[set[str]] = []
        for broken, more in sorted(best.items(), key=lambda each: -each[1]):
            words = self._binding(product, broken, more)
            # A part of rules that were told of, at a smaller step, adds nothing.
            if not any(set(broken) <= each for each in told):
                told.append(set(broken))
                yield "RULE_BINDS", words
        for code, more in ends.items():
            yield code, self._end_of_ladder(code, more)

    def _binding(self, product: Product, broken: tuple[str, ...], more: float) -> Text:
        for rule in broken:
            held = self._binds.setdefault(rule, [])
            if product.id not in held:
                held.append(product.id)
        words = _names([rule for rule in self._market.rules if rule.id in broken])
        amount, binds = self._amount(more), "binds" if len(broken) == 1 else "bind"
        cost = sum(self._costs.get(rule, 0) for rule in broken)
        this, it = ("この規則", "it costs") if len(broken) == 1 else ("これらの規則", "they cost")
        cost_ja = f"({this}の費用は全体で{cost:,}円)" if cost else ""
        cost_en = f" (in all {it} ¥{cost:,})" if cost else ""
        return Text(
            ja=f"規則{words.ja}が制約になっています。もう一段動かせれば{amount.ja}増えます{cost_ja}",
            en=f"{words.en} {binds}: one step further would bring {amount.en} more{cost_en}",
        )

    def _end_of_ladder(self, code: ReasonCode, more: float) -> Text:
        amount = self._amount(more)
        if code == "LADDER_TOP":
            return Text(
                ja=f"料金表の上限です。もう一段高ければ{amount.ja}増えます",
                en=f"top of the ladder: one step higher would bring {amount.en} more",
            )
        return Text(
            ja=f"料金表の下限です。もう一段低ければ{amount.ja}増えます",
            en=f"bottom of the ladder: one step lower would bring {amount.en} more",
        )

    def _rest(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        """Yield that today's price is best, where it is."""
        product, path = self._market.products[at], self._open_prices(at)
        if path and all(price == product.current for price in path) and self._is_best(at):
            yield (
                "UNCHANGED_BEST",
                Text(
                    ja="今の料金が最良です。一段上げても下げても見込みは良くなりません",
                    en="today's price is best; a step up or down would not bring more",
                ),
            )

    def _later(self, at: int) -> Iterator[tuple[ReasonCode, Text]]:
        """Yield the days on which a price changes later on."""
        path = self._paths[at]
        previous = path[0]
        changes = []
        for period, price in zip(self._market.periods[1:], path[1:], strict=True):
            if price is not None and previous is not None and price != previous:
                changes.append((period.first, price))
            previous = price if price is not None else previous
        if changes:
            yield (
                "LATER_CHANGE",
                Text(
                    ja="、".join(f"{day:%m/%d}から{price:,}円" for day, price in changes),
                    en=", ".join(f"¥{price:,} from {day}" for day, price in changes),
                ),
            )

    def _is_best(self, at: int) -> bool:
        return all(
            tried is None or self._more(tried) <= 0
            for tried in (self._stepped(at, step, only_first=first) for step in (1, -1) for first in (False, True))
        )

    def _open_prices(self, at: int) -> list[int]:
        return [price for price in self._paths[at] if price is not None]

    def _on_ladder(self, at: int, alternative: int) -> bool:
        return int(self._wide.price[alternative]) in self._market.products[at].ladder

    def _is_on_ladder(self, at: int, tried: _Tried) -> bool:
        return all(self._on_ladder(at, int(each)) for each in tried.posted[:, at] if each != CLOSED)

    def _sold(self, at: int, tried: _Tried) -> float:
        return float(sold(self._wide, tried.sales)[at])

    def _units(self, capacity: int) -> int:
        return round(float(self._open_units[capacity]))

    def _full_capacity(self, at: int, tried: _Tried) -> int | None:
        """Return a capacity of the product that a trial fills, None where there is none."""
        taken = self._wide.problem.use @ sold(self._wide, tried.sales)
        for capacity in np.flatnonzero(self._wide.problem.use[:, at]):
            if taken[capacity] >= FULL * self._open_units[capacity]:
                return int(capacity)
        return None

    def _slot(self, at: int) -> Text:
        product = self._market.products[at]
        day, start = product.date.weekday(), product.start or ""
        return Text(
            ja=f"{product.date:%m/%d}({_DAYS_JA[day]}){start}の枠", en=f"{_DAYS[day]} {product.date} {start}".strip()
        )

    def _change(self, at: int) -> Text:
        current = self._market.products[at].current
        proposed = self._paths[at][0]
        if proposed is None:
            return Text(ja="販売しません", en="not on sale")
        if current is None:
            return Text(ja=f"{proposed:,}円", en=f"¥{proposed:,}")
        if current == proposed and any(price not in (None, current) for price in self._paths[at]):
            return Text(ja=f"当面{proposed:,}円のまま", en=f"stays at ¥{proposed:,} for now")
        if current == proposed:
            return Text(ja=f"{proposed:,}円のまま", en=f"stays at ¥{proposed:,}")
        return Text(ja=f"{current:,}円から{proposed:,}円へ", en=f"was ¥{current:,}, now ¥{proposed:,}")

    def _together(self, gain: float) -> Text:
        amount = self._amount(gain)
        return Text(
            ja=f"ほかの料金と合わせて、今の料金より{amount.ja}増えます",
            en=f"together with the other prices it brings {amount.en} more than today's",
        )

    def _amount(self, value: float) -> Text:
        """Return a gain in the unit of what prices are for."""
        match tuple(self._weights):
            case ("visitors",):
                return Text(ja=f"{value:.1f}人", en=f"{value:.1f} visitors")
            case ("off-peak",):
                return Text(ja=f"閑散期の来客{value:.1f}人", en=f"{value:.1f} off-peak visits")
            case ("local-spend",):
                return Text(ja=f"周辺の消費{value:,.0f}円", en=f"¥{value:,.0f} of spending nearby")
        return Text(ja=f"{value:,.0f}円", en=f"¥{value:,.0f}")


def _names(rules: Sequence[Rule]) -> Text:
    words = [named(rule) for rule in rules]
    return Text(ja="と".join(word.ja for word in words), en=" and ".join(word.en for word in words))


def _searched() -> Text:
    return Text(ja="調べた中で最も良い組み合わせの一部です", en="part of the best prices that were found")


def _with_longer_ladders(market: Market) -> Market:
    products = tuple(product.model_copy(update={"ladder": _longer(product)}) for product in market.products)
    return market.model_copy(update={"products": products})


def _longer(product: Product) -> tuple[int, ...]:
    """Return a ladder with one step more at its top, and at its bottom where that pays the cost of a sale."""
    ladder = product.ladder
    if len(ladder) == 1:
        down = up = max(1, ladder[0] // 10)
    else:
        down, up = ladder[1] - ladder[0], ladder[-1] - ladder[-2]
    below = (ladder[0] - down,) if ladder[0] - down >= product.cost else ()
    return (*below, *ladder, ladder[-1] + up)
