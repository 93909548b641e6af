"""Checks of a market beyond single fields: every problem at once, before any price is thought of."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

from pricing._rules import effects_of, refuse_conflict, slot_of
from pricing._translate import translate
from pricing._words import problem
from pricing.model import (
    MOST_CAPACITIES,
    MOST_DAYS,
    MOST_PERIODS,
    MOST_PRODUCTS,
    MOST_RULES,
    MOST_SEGMENTS,
    FrozenRule,
    OverrideRule,
    RangeRule,
    WalkInRule,
)
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pricing.model import Capacity, Market, Period, Product, Rule, Segment

Item = TypeVar("Item")

_MOST_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Entry(Generic[Item]):
    """
    Hold one thing of a market and where it was read.

    Parameters
    ----------
    where
        File and row (``products.csv:5``), or place in a JSON file (``market.json products[3]``).
    """

    where: str
    item: Item

    def problem(self, name: str, value: object, ja: str, en: str) -> Problem:
        """Return a problem of a field of it."""
        return problem(f"{self.where} {name}".strip(), value, ja, en)


@dataclass(slots=True)
class Parts:
    """
    Hold what could be read of a market; entries with a broken field are left out.

    Parameters
    ----------
    products_named, capacities_named
        Ids of entries that were left out: they are known, and only they are wrong.
    """

    today: dt.date | None = None
    periods: list[Entry[Period]] = field(default_factory=list)
    capacities: list[Entry[Capacity]] = field(default_factory=list)
    products: list[Entry[Product]] = field(default_factory=list)
    segments: list[Entry[Segment]] = field(default_factory=list)
    rules: list[Entry[Rule]] = field(default_factory=list)
    products_named: set[str] = field(default_factory=set)
    capacities_named: set[str] = field(default_factory=set)
    periods_read: int | None = None
    """How many periods the input has, broken ones too; None where nobody can say."""


def check_market(market: Market) -> None:
    """
    Refuse a market that makes no sense.

    Raises
    ------
    InputError
        With every problem found.
    ConflictingRulesError
        If no prices keep all rules; the message names rules of which none can be left out of the conflict.
    """
    problems = list(problems_of(parts_of(market)))
    if problems:
        raise InputError(problems)
    translation = translate(market)
    refuse_conflict(translation, effects_of(translation))


def parts_of(market: Market) -> Parts:
    """Return the parts of a market that was made in memory."""
    return Parts(
        today=market.today,
        periods=_entries("periods", market.periods),
        capacities=_entries("capacities", market.capacities),
        products=_entries("products", market.products),
        segments=_entries("segments", market.segments),
        rules=_entries("rules", market.rules),
        periods_read=len(market.periods),
    )


def _entries(name: str, items: Sequence[Item]) -> list[Entry[Item]]:
    return [Entry(f"{name}[{index}]", item) for index, item in enumerate(items)]


def problems_of(parts: Parts) -> Iterator[Problem]:
    """Yield everything that is wrong between the fields of a market."""
    yield from _sizes(parts)
    yield from _doubles("capacity", parts.capacities)
    yield from _doubles("product", parts.products)
    yield from _doubles("segment", parts.segments)
    yield from _doubles("rule", parts.rules)
    yield from _periods(parts)
    for capacity in parts.capacities:
        yield from _capacity(capacity)
    units = {each.item.id: each.item.units for each in parts.capacities}
    for product in parts.products:
        yield from _product(product, parts, units)
    yield from _rates(parts.products)
    known = {each.item.id for each in parts.products}
    for segment in parts.segments:
        yield from _segment(segment, parts, known)
    for rule in parts.rules:
        yield from _rule(rule, parts, units, known)


def _sizes(parts: Parts) -> Iterator[Problem]:
    for name, found, most in (
        ("products", len(parts.products), MOST_PRODUCTS),
        ("periods", len(parts.periods), MOST_PERIODS),
        ("capacities", len(parts.capacities), MOST_CAPACITIES),
        ("segments", len(parts.segments), MOST_SEGMENTS),
        ("rules", len(parts.rules), MOST_RULES),
    ):
        if found > most:
            yield Problem(name, found, Text(f"{found}件あります。上限は{most}件です", f"{found}: at most {most}"))


def _doubles(
    what: str,
    entries: Sequence[Entry[Capacity]] | Sequence[Entry[Product]] | Sequence[Entry[Segment]] | Sequence[Entry[Rule]],
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for entry in entries:
        name = entry.item.id
        if name in seen:
            yield entry.problem(
                "id",
                name,
                f"id「{name}」が重なっています(先に {seen[name]})。id は重ならないようにしてください",
                f"the {what} id {name!r} is taken by {seen[name]}; each id once",
            )
        seen.setdefault(name, entry.where)


def _periods(parts: Parts) -> Iterator[Problem]:
    expected = parts.today
    for entry in parts.periods:
        period = entry.item
        if period.last < period.first:
            yield entry.problem(
                "last",
                period.last,
                f"最終日 {period.last} が初日 {period.first} より前です",
                f"{period.last} is before the first day {period.first}",
            )
        elif expected is not None and period.first != expected:
            before = "today" if entry is parts.periods[0] else "the day after the period before"
            before_ja = "今日" if entry is parts.periods[0] else "前の期間の翌日"
            yield entry.problem(
                "first",
                period.first,
                f"{period.first} ではなく、{before_ja}({expected})から始めてください(期間は切れ目なく順に)",
                f"{period.first}: must be {before} ({expected}); periods follow each other without holes",
            )
        expected = _day_after(max(period.first, period.last))
    if parts.periods:
        last = parts.periods[-1]
        days = (last.item.last - parts.periods[0].item.first).days + 1
        if days > MOST_DAYS:
            yield last.problem(
                "last",
                last.item.last,
                f"最初の期間の初日から {days:,} 日あります。上限は {MOST_DAYS:,} 日です",
                f"{days:,} days from the first day of the first period; at most {MOST_DAYS:,}",
            )


def _day_after(day: dt.date) -> dt.date | None:
    return None if day == type(day).max else type(day).fromordinal(day.toordinal() + 1)


def _capacity(entry: Entry[Capacity]) -> Iterator[Problem]:
    capacity = entry.item
    if capacity.booked > capacity.units:
        yield entry.problem(
            "booked",
            capacity.booked,
            f"予約済み {capacity.booked} が定員 {capacity.units} を超えています",
            f"{capacity.booked} booked of {capacity.units} units; at most {capacity.units} is accepted",
        )
    if capacity.booked_yen and not capacity.booked:
        yield entry.problem(
            "booked_yen",
            capacity.booked_yen,
            f"予約が0件なのに {capacity.booked_yen:,} 円の売上があります",
            f"¥{capacity.booked_yen:,} from no bookings; give `booked` too",
        )


def _product(entry: Entry[Product], parts: Parts, units: Mapping[str, int]) -> Iterator[Problem]:
    product = entry.item
    yield from _ladder(entry)
    yield from _date(entry, parts)
    for capacity, taken in product.capacities.items():
        if capacity not in units and capacity not in parts.capacities_named:
            yield _unknown(entry, "capacities", capacity, "定員", "capacity", units)
        elif taken > units.get(capacity, taken):
            yield entry.problem(
                "capacities",
                taken,
                f"「{capacity}」の定員は {units[capacity]} ですが、1件で {taken} を使います",
                f"one sale takes {taken} of {capacity!r}, which has {units[capacity]}",
            )


def _ladder(entry: Entry[Product]) -> Iterator[Problem]:
    product = entry.item
    ladder = product.ladder
    if any(high <= low for low, high in pairwise(ladder)):
        yield entry.problem(
            "ladder",
            ladder,
            f"料金表 {_yen(ladder)} は低い順に、重ならないように並べてください",
            f"{_yen(ladder)}: prices must rise from one step to the next",
        )
        return
    if product.current is not None and product.current not in ladder:
        yield entry.problem(
            "current",
            product.current,
            f"今の料金 {product.current:,} 円が料金表 {_yen(ladder)} にありません",
            f"today's price {product.current} is not on the ladder {_yen(ladder)}",
        )
    if ladder[0] < product.cost:
        yield entry.problem(
            "ladder",
            ladder[0],
            f"料金 {ladder[0]:,} 円が費用 {product.cost:,} 円を下回ります",
            f"{ladder[0]} is below the cost of a sale, {product.cost}; prices from the cost up are accepted",
        )


def _date(entry: Entry[Product], parts: Parts) -> Iterator[Problem]:
    date = entry.item.date
    if parts.today is not None and date < parts.today:
        yield entry.problem(
            "date",
            date,
            f"{date} は過去の日付です。今日({parts.today})以降を指定してください",
            f"{date} is in the past; today ({parts.today}) or later is accepted",
        )
    elif parts.periods and len(parts.periods) == parts.periods_read:
        last = max(each.item.last for each in parts.periods)
        if date > last:
            yield entry.problem(
                "date",
                date,
                f"{date} は最後の期間({last}まで)より後です。期間を延ばしてください",
                f"{date} is after the last period, which ends on {last}; lengthen the periods",
            )


def _rates(products: Sequence[Entry[Product]]) -> Iterator[Problem]:
    public: dict[tuple[object, ...], Entry[Product]] = {}
    for entry in products:
        if entry.item.rate == "public":
            held = public.setdefault(slot_of(entry.item), entry)
            if max(entry.item.ladder) > max(held.item.ladder):
                public[slot_of(entry.item)] = entry
    for entry in products:
        other = public.get(slot_of(entry.item))
        if entry.item.rate == "resident" and other is not None and min(entry.item.ladder) > max(other.item.ladder):
            yield entry.problem(
                "ladder",
                entry.item.ladder,
                f"住民料金 {_yen(entry.item.ladder)} が、同じ枠の一般料金 {_yen(other.item.ladder)}"
                f"({other.item.id})よりすべて高くなっています",
                f"every resident price {_yen(entry.item.ladder)} is above every public price "
                f"{_yen(other.item.ladder)} of the same slot ({other.item.id})",
            )


def _segment(entry: Entry[Segment], parts: Parts, known: Collection[str]) -> Iterator[Problem]:
    segment = entry.item
    if parts.periods_read is not None and len(segment.arrivals) != parts.periods_read:
        yield entry.problem(
            "arrivals",
            segment.arrivals,
            f"来客数が {len(segment.arrivals)} 個ありますが、期間は {parts.periods_read} 個です",
            f"{len(segment.arrivals)} figures for {parts.periods_read} periods; one for each is accepted",
        )
    if not segment.appeal:
        yield entry.problem("appeal", None, "検討する商品がありません", "considers no product; at least one is needed")
    for product in segment.appeal:
        if product not in known and product not in parts.products_named:
            yield _unknown(entry, "appeal", product, "商品", "product", known)
    if segment.sensitivity_range is not None:
        low, high = segment.sensitivity_range
        if not 0 < low <= segment.sensitivity <= high < float("inf"):
            yield entry.problem(
                "sensitivity_range",
                segment.sensitivity_range,
                f"範囲 {low:g}〜{high:g} は 0 より大きく、感度 {segment.sensitivity:g} を含むようにしてください",
                f"{low:g} to {high:g}: must be above 0, rise, and hold the sensitivity {segment.sensitivity:g}",
            )


def _rule(entry: Entry[Rule], parts: Parts, units: Mapping[str, int], known: Collection[str]) -> Iterator[Problem]:
    rule = entry.item
    if isinstance(rule, WalkInRule):
        yield from _walk_in(entry, rule, parts, units)
        return
    if rule.products == ():
        yield entry.problem(
            "products",
            (),
            "商品が空です。全商品に適用する場合は、この項目を省いてください",
            "empty; leave it out for all",
        )
    for product in rule.products or ():
        if product not in known and product not in parts.products_named:
            yield _unknown(entry, "products", product, "商品", "product", known)
    if isinstance(rule, RangeRule):
        yield from _range(entry, rule)
    if not isinstance(rule, FrozenRule | OverrideRule):
        return
    covered = None if rule.products is None else frozenset(rule.products)
    for other in parts.products:
        if covered is not None and other.item.id not in covered:
            continue
        if isinstance(rule, FrozenRule) and other.item.current is None:
            yield entry.problem(
                "products",
                other.item.id,
                f"「{other.item.id}」には今の料金がないので、据え置けません",
                f"{other.item.id!r} has no price today that could be left as it is",
            )
        if isinstance(rule, OverrideRule) and rule.price not in other.item.ladder:
            yield entry.problem(
                "price",
                rule.price,
                f"{rule.price:,} 円は「{other.item.id}」の料金表 {_yen(other.item.ladder)} にありません",
                f"{rule.price} is not on the ladder {_yen(other.item.ladder)} of {other.item.id!r}",
            )


def _range(entry: Entry[Rule], rule: RangeRule) -> Iterator[Problem]:
    if rule.floor is None and rule.cap is None:
        yield entry.problem("floor", None, "下限か上限が必要です", "`floor`, `cap` or both are needed")
    elif rule.floor is not None and rule.cap is not None and rule.floor > rule.cap:
        yield entry.problem(
            "floor",
            rule.floor,
            f"下限 {rule.floor:,} 円が上限 {rule.cap:,} 円を超えています",
            f"the floor {rule.floor} is above the cap {rule.cap}",
        )


def _walk_in(entry: Entry[Rule], rule: WalkInRule, parts: Parts, units: Mapping[str, int]) -> Iterator[Problem]:
    if rule.capacities == ():
        yield entry.problem(
            "capacities",
            (),
            "定員が空です。すべてに適用する場合は、この項目を省いてください",
            "empty; leave it out for all",
        )
    for capacity in units if rule.capacities is None else rule.capacities:
        if capacity not in units and capacity not in parts.capacities_named:
            yield _unknown(entry, "capacities", capacity, "定員", "capacity", units)
        elif rule.seats > units.get(capacity, rule.seats):
            yield entry.problem(
                "seats",
                rule.seats,
                f"「{capacity}」の定員は {units[capacity]} なので、{rule.seats} を残すことはできません",
                f"{rule.seats} cannot be kept of {capacity!r}, which has {units[capacity]}",
            )


def _unknown(entry: Entry[Item], name: str, value: str, what_ja: str, what: str, known: Collection[str]) -> Problem:
    # Names by the thousand would be compared for minutes.
    close = difflib.get_close_matches(value, known, n=1) if len(known) <= _MOST_COMPARED else []
    hint_ja = f"。もしかして: {close[0]}" if close else ""
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return entry.problem(name, value, f"知らない{what_ja}です: {value}{hint_ja}", f"unknown {what} {value!r}{hint}")


def _yen(prices: Sequence[int]) -> str:
    return ", ".join(map(str, prices)) if len(prices) <= 8 else f"{prices[0]}, {prices[1]}, … {prices[-1]}"
