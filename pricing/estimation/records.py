"""
Booking records: one row per booking, read from CSV with every bad row told by its line.

Columns (``docs/demand.md`` has the same): ``booked_on``, ``date``, ``product``, ``price`` are needed; ``booking``,
``quantity``, ``segment``, ``cancelled_on``, ``came``, ``offered``, ``currency`` may be there.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pricing._tables import read_text, table_rows
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEEDED: Final = ("booked_on", "date", "product", "price")
OPTIONAL: Final = ("booking", "quantity", "segment", "cancelled_on", "came", "offered", "currency")

_CURRENCY_SIGNS: Final = {
    "¥": "JPY",
    "￥": "JPY",
    "円": "JPY",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "元": "CNY",
    "₩": "KRW",
}
_AMOUNT: Final = re.compile(r"^(-?)\s*([^\d\s.,-]*)\s*(-?)(\d[\d,]*(?:\.\d+)?)\s*([^\d\s.,-]*)$")
_CAME: Final = {"": None, "yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
_MOST_UNITS: Final = 1_000_000

MOST_PRICE: Final = 100_000_000
"""Of one unit, in the currency of the records."""


@dataclass(frozen=True, slots=True)
class Booking:
    """
    Hold one booking, or one customer who looked and bought nothing.

    Parameters
    ----------
    line
        Where it stands in its file.
    booked_on, date
        When it was made, and when it takes place.
    product
        What was bought; None where somebody looked and bought nothing.
    price
        Of one unit, in the currency of the records.
    cancelled_on
        Day on which it was cancelled; None where it stood.
    came
        Whether the customer came; None where nobody noted it.
    offered
        Price of every product that the customer could choose from, the one bought included; empty where unknown.
    """

    line: int
    booking: str
    booked_on: dt.date
    date: dt.date
    product: str | None
    price: float
    quantity: int = 1
    segment: str | None = None
    cancelled_on: dt.date | None = None
    came: bool | None = None
    offered: tuple[tuple[str, float], ...] = ()

    @property
    def lead_days(self) -> int:
        """Return how many days ahead it was made."""
        return (self.date - self.booked_on).days


@dataclass(frozen=True, slots=True)
class Bookings:
    """
    Hold the bookings of a file, all in one currency.

    Parameters
    ----------
    left_out
        Rows that could not be used, each with its line; never more than were asked to be left out.
    """

    rows: tuple[Booking, ...]
    currency: str
    source: str = ""
    left_out: tuple[Problem, ...] = ()

    @property
    def has_offers(self) -> bool:
        """Return whether every row tells what could be chosen."""
        return bool(self.rows) and all(row.offered for row in self.rows)

    @property
    def has_no_purchases(self) -> bool:
        """Return whether customers who bought nothing are among them."""
        return any(row.product is None for row in self.rows)


def read_bookings(
    path: Path,
    *,
    currency: str = "JPY",
    horizon: tuple[dt.date, dt.date] | None = None,
    is_lenient: bool = False,
) -> Bookings:
    """
    Read booking records.

    Parameters
    ----------
    path
        CSV in UTF-8 with a header; a byte-order mark is dropped.
    currency
        Of all prices that name none.
    horizon
        First and last day on which bookings may have been made or take place; others are refused.
    is_lenient
        Leave rows that cannot be used out, and list them in ``left_out``, instead of refusing the file.

    Raises
    ------
    InputError
        With one problem for each row and column that cannot be used.
    """
    problems: list[Problem] = []
    text = read_text(path, problems)
    if text is None:
        raise InputError(problems)
    return parse_bookings(text, source=path.name, currency=currency, horizon=horizon, is_lenient=is_lenient)


def parse_bookings(
    text: str,
    *,
    source: str = "bookings",
    currency: str = "JPY",
    horizon: tuple[dt.date, dt.date] | None = None,
    is_lenient: bool = False,
) -> Bookings:
    """Read booking records from the text of a CSV file; see `read_bookings`."""
    problems: list[Problem] = []
    table = table_rows(text, source, problems, needed=NEEDED, known=(*NEEDED, *OPTIONAL))
    rows: list[Booking] = []
    lines_of_ids: dict[str, int] = {}
    for line, cells in table:
        reader = _RowReader(source, line, cells, currency)
        row = reader.booking(horizon, lines_of_ids)
        problems += reader.problems
        if row is not None:
            rows.append(row)
    if problems and not is_lenient:
        raise InputError(problems)
    if not rows:
        nothing = Problem(source, 0, Text(ja="使える予約がありません", en="holds no booking that can be used"))
        raise InputError(problems or [nothing])
    return Bookings(tuple(rows), currency, source, tuple(problems))


class _RowReader:
    """Read the cells of one row, and gather what is wrong with them."""

    def __init__(self, source: str, line: int, cells: Mapping[str, str], currency: str) -> None:
        self.source = source
        self.line = line
        self.cells = cells
        self.currency = currency
        self.problems: list[Problem] = []

    def booking(self, horizon: tuple[dt.date, dt.date] | None, lines_of_ids: dict[str, int]) -> Booking | None:
        booked_on = self._day("booked_on")
        date = self._day("date")
        cancelled_on = self._day("cancelled_on") if self._cell("cancelled_on") else None
        identity = self._identity(lines_of_ids)
        offered = self._offers()
        product = self._cell("product") or None
        price = self._price("price", self._cell("price")) if product or self._cell("price") else 0.0
        quantity = self._quantity(is_purchase=product is not None)
        came = self._came()
        self._check_currency()
        if booked_on and date:
            self._check_days(booked_on, date, cancelled_on, horizon)
        self._check_offer(product, price, offered)
        if self.problems or booked_on is None or date is None or price is None or quantity is None:
            return None
        return Booking(
            line=self.line,
            booking=identity,
            booked_on=booked_on,
            date=date,
            product=product,
            price=price,
            quantity=quantity,
            segment=self._cell("segment") or None,
            cancelled_on=cancelled_on,
            came=came,
            offered=offered,
        )

    def _cell(self, column: str) -> str:
        return self.cells.get(column, "")

    def _tell(self, column: str, value: object, ja: str, en: str) -> None:
        self.problems.append(Problem(f"{self.source}:{self.line} {column}", value, Text(ja=ja, en=en)))

    def _identity(self, lines_of_ids: dict[str, int]) -> str:
        identity = self._cell("booking")
        if not identity:
            return str(self.line)
        if identity in lines_of_ids:
            first = lines_of_ids[identity]
            self._tell(
                "booking",
                identity,
                f"予約番号「{identity}」は {first} 行目にもあります",
                f"booking {identity!r} stands in line {first} already",
            )
        lines_of_ids.setdefault(identity, self.line)
        return identity

    def _day(self, column: str) -> dt.date | None:
        value = self._cell(column)
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self._tell(
                column,
                value,
                f"日付ではありません: 「{value}」(例 2026-04-29)",
                f"is no date: {value!r}; write 2026-04-29",
            )
            return None

    def _price(self, column: str, value: str) -> float | None:
        found = _AMOUNT.match(value)
        if found is None:
            self._tell(
                column, value, f"金額ではありません: 「{value}」(例 2400)", f"is no amount: {value!r}; write 2400"
            )
            return None
        before, sign, inside, digits, unit = found.groups()
        named = {_CURRENCY_SIGNS.get(word, word.upper()) for word in (sign, unit) if word}
        if named - {self.currency}:
            self._tell_currency(column, value, ", ".join(sorted(named)))
            return None
        amount = float(digits.replace(",", ""))
        if amount > MOST_PRICE:
            most = f"{MOST_PRICE:,}"
            self._tell(column, value, f"{most} 以下にしてください: {value}", f"is above {most}: {value}")
            return None
        if before or inside:
            self._tell(column, value, f"料金がマイナスです: {value}", f"is negative: {value}; a price is 0 or more")
            return None
        if self.currency == "JPY" and amount != int(amount):
            self._tell(column, value, f"円未満の端数があります: {value}", f"must be whole yen: {value}")
            return None
        return amount

    def _check_currency(self) -> None:
        named = self._cell("currency").upper()
        if named and named != self.currency:
            self._tell_currency("currency", named, named)

    def _tell_currency(self, column: str, value: str, named: str) -> None:
        self._tell(
            column,
            value,
            f"通貨が混ざっています: {named}(この記録は {self.currency})",
            f"mixes currencies: {named}, where these records are in {self.currency}",
        )

    def _quantity(self, *, is_purchase: bool) -> int | None:
        value = self._cell("quantity")
        if not value:
            return 1
        least = 1 if is_purchase else 0
        if not re.fullmatch(r"[0-9]{1,7}", value) or not least <= int(value) <= _MOST_UNITS:
            self._tell(
                "quantity",
                value,
                f"{least} から {_MOST_UNITS:,} までの整数にしてください: 「{value}」",
                f"must be a whole number from {least} on, at most {_MOST_UNITS:,}: {value!r}",
            )
            return None
        return max(1, int(value))

    def _came(self) -> bool | None:
        value = self._cell("came").lower()
        if value not in _CAME:
            accepted = "yes, no, true, false, 1, 0"
            self._tell(
                "came",
                value,
                f"「{value}」は使えません。使えるもの: {accepted} または空欄",
                f"is {value!r}; accepted are {accepted} or nothing",
            )
            return None
        return _CAME[value]

    def _offers(self) -> tuple[tuple[str, float], ...]:
        offers: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in self._cell("offered").split(";"))):
            product, _, amount = part.partition("=")
            price = self._price("offered", amount.strip()) if amount else None
            if not amount or not product.strip():
                self._tell(
                    "offered",
                    part,
                    f"「商品=料金」の形ではありません: 「{part}」",
                    f"is not of the form product=price: {part!r}",
                )
            elif product.strip() in offers:
                self._tell(
                    "offered", part, f"商品「{product.strip()}」が二度あります", f"names {product.strip()!r} twice"
                )
            elif price is not None:
                offers[product.strip()] = price
        return tuple(offers.items())

    def _check_days(
        self,
        booked_on: dt.date,
        date: dt.date,
        cancelled_on: dt.date | None,
        horizon: tuple[dt.date, dt.date] | None,
    ) -> None:
        if booked_on > date:
            self._tell(
                "booked_on", str(booked_on), f"利用日 {date} より後の予約です", f"is after the date {date} itself"
            )
        if cancelled_on and cancelled_on < booked_on:
            self._tell(
                "cancelled_on",
                str(cancelled_on),
                f"予約日 {booked_on} より前の取消です",
                f"is before the booking of {booked_on}",
            )
        if horizon is None:
            return
        first, last = horizon
        for column, day in (("booked_on", booked_on), ("date", date)):
            if not first <= day <= last:
                self._tell(
                    column,
                    str(day),
                    f"期間 {first} から {last} の外です: {day}",
                    f"lies outside the horizon {first} to {last}: {day}",
                )

    def _check_offer(self, product: str | None, price: float | None, offered: tuple[tuple[str, float], ...]) -> None:
        if product is None and not offered and not any(problem.where.endswith("offered") for problem in self.problems):
            self._tell(
                "product",
                "",
                "商品がありません(何も買わなかった人の行には offered が必要です)",
                "is empty; a row of somebody who bought nothing needs `offered`",
            )
        if product is None or not offered or price is None:
            return
        posted = dict(offered).get(product)
        if posted is None:
            self._tell(
                "offered", product, f"買った商品「{product}」が入っていません", f"lacks the product bought, {product!r}"
            )
        elif not math.isclose(posted, price):
            self._tell(
                "price",
                price,
                f"offered にある料金 {posted:g} と違います: {price:g}",
                f"is {price:g}, but `offered` says {posted:g}",
            )
