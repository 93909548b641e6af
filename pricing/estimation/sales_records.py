"""Sums of sales by day (and product): date, price, quantity, and what else was known of the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from pricing._dated_ids import offer_and_day
from pricing._tables import read_text, table_rows
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pricing.estimation.records import Bookings

Control = Literal["product", "weekday", "holiday", "month", "each-month", "trend"]
"""
What a regression can hold fixed: products, days of the week, public holidays and their eves, months of the year, every
month of its own, and a straight trend. All other known columns (``also``) are held fixed always.
"""

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FEWEST_WEEKS: Final = 30
"""Errors go by week where there are at least so many, else by day."""


@dataclass(frozen=True, slots=True, eq=False)
class SalesRecords:
    """
    Hold sales by day.

    Parameters
    ----------
    dates
        One for each row; a day may have a row for each product.
    price
        Shape ``(N,)``, above 0.
    quantity
        Shape ``(N,)``, not negative.
    product
        One for each row, or empty.
    is_holiday
        Shape ``(N,)`` or empty: public holidays.
    is_eve
        Shape ``(N,)`` or empty: days before one.
    also
        Columns of shape ``(N,)`` that regressions hold fixed: events, size of the party.
    instruments
        Columns of shape ``(N,)`` that move the price and nothing else: costs, days of a price test.
    later
        Rows of the file that were not used, for their day was not over.
    """

    dates: tuple[dt.date, ...]
    price: NDArray[np.float64]
    quantity: NDArray[np.float64]
    product: tuple[str, ...] = ()
    is_holiday: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    is_eve: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    also: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    instruments: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    source: str = ""
    later: int = 0

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise InputError(problems)

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def weekday(self) -> NDArray[np.int64]:
        """Return the day of the week of each row, Monday being 0."""
        return np.array([day.weekday() for day in self.dates], np.int64)

    @property
    def cluster(self) -> NDArray[np.int64]:
        """Return the week of each row, or its day where there are few weeks: what happens then happens to all of it."""
        days = np.array([day.toordinal() for day in self.dates], np.int64)
        weeks = (days - 1) // 7
        return weeks if len(np.unique(weeks)) >= FEWEST_WEEKS else days

    def rows(self, which: NDArray[np.int64]) -> SalesRecords:
        """Return some of the rows, in the order asked for."""
        return SalesRecords(
            dates=tuple(self.dates[row] for row in which),
            price=self.price[which],
            quantity=self.quantity[which],
            product=tuple(self.product[row] for row in which) if self.product else (),
            is_holiday=self.is_holiday[which] if len(self.is_holiday) else self.is_holiday,
            is_eve=self.is_eve[which] if len(self.is_eve) else self.is_eve,
            also={name: column[which] for name, column in self.also.items()},
            instruments={name: column[which] for name, column in self.instruments.items()},
            source=self.source,
            later=self.later,
        )


def read_sales(
    path: Path,
    *,
    date: str = "date",
    quantity: str = "quantity",
    price: str | None = "price",
    revenue: str | None = None,
    also: Mapping[str, tuple[str, str]] | None = None,
    is_holiday: Callable[[dt.date], bool] | None = None,
    last: dt.date | None = None,
) -> SalesRecords:
    """
    Read sales by day from a CSV file; see `parse_sales`.

    Raises
    ------
    InputError
        If the file cannot be read, and as `parse_sales` does.
    """
    problems: list[Problem] = []
    text = read_text(path, problems)
    if text is None:
        raise InputError(problems)
    return parse_sales(
        text,
        source=path.name,
        date=date,
        quantity=quantity,
        price=price,
        revenue=revenue,
        also=also,
        is_holiday=is_holiday,
        last=last,
    )


def parse_sales(
    text: str,
    *,
    source: str = "sales",
    date: str = "date",
    quantity: str = "quantity",
    price: str | None = "price",
    revenue: str | None = None,
    also: Mapping[str, tuple[str, str]] | None = None,
    is_holiday: Callable[[dt.date], bool] | None = None,
    last: dt.date | None = None,
) -> SalesRecords:
    """
    Read sales by day from the text of a CSV file.

    Parameters
    ----------
    source
        Name of the file, for problems.
    date, quantity, price
        Names of columns.
    revenue
        Column of revenue; the price is then revenue by quantity, and ``price`` is not read.
    also
        Columns to hold fixed: a name, and the two columns whose quotient it is (people by room).
    is_holiday
        Tells public holidays; without it none are known.
    last
        Last day whose sales are complete; later rows are checked, counted in ``later`` and not used.

    Raises
    ------
    InputError
        With one problem for each cell that cannot be used, by line.
    """
    amount = revenue or price
    if amount is None:
        message = Text(ja="price か revenue の列名が必要です", en="name a column of prices, or of revenue")
        raise InputError([Problem("price", None, message)])
    wanted = dict.fromkeys([date, quantity, amount, *(name for pair in (also or {}).values() for name in pair)])
    problems: list[Problem] = []
    found: list[dict[str, float]] = []
    days: list[dt.date] = []
    for line, cells in table_rows(text, source, problems, needed=tuple(wanted)):
        where = f"{source}:{line}"
        day = _day(where, date, cells[date], problems)
        numbers = {name: _number(where, name, cells[name], problems) for name in wanted if name != date}
        if numbers[amount] <= 0:
            message = Text(ja="0 より大きい金額が必要です", en="must be above 0")
            problems.append(Problem(f"{where} {amount}", cells[amount], message))
        if numbers[quantity] < 0 or (revenue and numbers[quantity] == 0):
            message = Text(
                ja="0 以上の数量が必要です(売上から料金を求めるには 1 以上)",
                en="must not be negative, nor 0 beside a revenue",
            )
            problems.append(Problem(f"{where} {quantity}", cells[quantity], message))
        days.append(day)
        found.append(numbers)
    if problems:
        raise InputError(problems)
    complete = [row for row, day in enumerate(days) if last is None or day <= last]
    later = len(days) - len(complete)
    days, found = [days[row] for row in complete], [found[row] for row in complete]
    column = {name: np.array([row[name] for row in found]) for name in wanted if name != date}
    marks = _holidays(days, is_holiday)
    return SalesRecords(
        dates=tuple(days),
        price=column[amount] / column[quantity] if revenue else column[amount],
        quantity=column[quantity],
        is_holiday=marks[0],
        is_eve=marks[1],
        also={name: column[over] / column[under] for name, (over, under) in (also or {}).items()},
        source=source,
        later=later,
    )


def sales_of(bookings: Bookings, *, is_holiday: Callable[[dt.date], bool] | None = None) -> SalesRecords:
    """
    Return the units sold of each product (and segment) on each date, at their mean price.

    Cancelled and free bookings are left out, and a product and date without a sale has no row: nothing tells its price.
    Products that take place on one date only are taken for dates of one offer, if a date stands in their ids
    (``washi-2026-04-29-am`` is ``washi-am``). The mean of the days ahead is held fixed by regressions.

    Raises
    ------
    InputError
        If no paid booking stood.
    """
    offers = _offers_of(bookings)
    units: dict[tuple[str, dt.date], float] = {}
    paid: dict[tuple[str, dt.date], float] = {}
    ahead: dict[tuple[str, dt.date], float] = {}
    for row in bookings.rows:
        if row.product is None or row.cancelled_on is not None or row.price <= 0:
            continue
        offer = offers[row.product]
        key = (f"{offer} / {row.segment}" if row.segment else offer, row.date)
        units[key] = units.get(key, 0.0) + row.quantity
        paid[key] = paid.get(key, 0.0) + row.quantity * row.price
        ahead[key] = ahead.get(key, 0.0) + row.quantity * row.lead_days
    if not units:
        message = Text(ja="有料で取り消されなかった予約がありません", en="holds no paid booking that stood")
        raise InputError([Problem(bookings.source, 0, message)])
    keys = sorted(units, key=lambda key: (key[1], key[0]))
    days = [day for _, day in keys]
    marks = _holidays(days, is_holiday)
    days_ahead = np.array([ahead[key] / units[key] for key in keys])
    return SalesRecords(
        dates=tuple(days),
        price=np.array([paid[key] / units[key] for key in keys]),
        quantity=np.array([units[key] for key in keys]),
        product=tuple(product for product, _ in keys),
        is_holiday=marks[0],
        is_eve=marks[1],
        also={"days ahead": days_ahead} if np.ptp(days_ahead) > 0 else {},
        source=bookings.source,
    )


def _offers_of(bookings: Bookings) -> dict[str, str]:
    """Return the offer that each product is a date of; itself where products come on several dates."""
    dates: dict[str, set[dt.date]] = {}
    for row in bookings.rows:
        if row.product is not None:
            dates.setdefault(row.product, set()).add(row.date)
    if any(len(days) > 1 for days in dates.values()):
        return {product: product for product in dates}
    return {product: offer_and_day(product)[0] for product in dates}


def control_columns(records: SalesRecords, controls: Sequence[Control]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return columns that hold something fixed, with a constant first; shapes ``(N, K)`` and ``(K,)``."""
    columns, names = [np.ones(len(records))], ["constant"]
    for control in controls:
        for name, column in _columns_of(records, control):
            columns.append(column)
            names.append(name)
    for name, column in records.also.items():
        columns.append(column)
        names.append(name)
    return np.stack(columns, axis=1), tuple(names)


def _columns_of(records: SalesRecords, control: Control) -> list[tuple[str, NDArray[np.float64]]]:
    days = records.dates
    if control == "trend":
        ordinal = np.array([day.toordinal() for day in days], np.float64)
        return [("trend (years)", (ordinal - ordinal.mean()) / 365.25)]
    if control == "holiday":
        marks = (("holiday", records.is_holiday), ("eve of a holiday", records.is_eve))
        return [(name, mark.astype(np.float64)) for name, mark in marks if len(mark) and mark.any() and not mark.all()]
    labels = {
        "product": records.product,
        "weekday": tuple(WEEKDAYS[day.weekday()] for day in days),
        "month": tuple(f"month {day.month}" for day in days),
        "each-month": tuple(f"{day:%Y-%m}" for day in days),
    }[control]
    # The first level stands in the constant.
    return [(level, np.array([label == level for label in labels], np.float64)) for level in sorted(set(labels))[1:]]


def _holidays(
    days: Sequence[dt.date], is_holiday: Callable[[dt.date], bool] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if is_holiday is None:
        return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
    return (
        np.array([is_holiday(day) for day in days], np.bool_),
        np.array([is_holiday(day + dt.timedelta(days=1)) for day in days], np.bool_),
    )


def _day(where: str, column: str, cell: str, problems: list[Problem]) -> dt.date:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        message = Text(
            ja=f"日付ではありません: 「{cell}」(例 2026-04-29)", en=f"is no date: {cell!r}; write 2026-04-29"
        )
        problems.append(Problem(f"{where} {column}", cell, message))
        return dt.date.min


def _number(where: str, column: str, cell: str, problems: list[Problem]) -> float:
    try:
        number = float(cell.replace(",", ""))
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        message = Text(ja=f"数ではありません: 「{cell}」", en=f"is no number: {cell!r}")
        problems.append(Problem(f"{where} {column}", cell, message))
        return 1.0
    return number


def _problems(records: SalesRecords) -> list[Problem]:
    size = len(records.dates)
    columns = {"price": records.price, "quantity": records.quantity, **records.also, **records.instruments}
    optional = {"product": records.product, "is_holiday": records.is_holiday, "is_eve": records.is_eve}
    wrong = [name for name, column in columns.items() if np.shape(column) != (size,)]
    wrong += [name for name, column in optional.items() if len(column) not in (0, size)]
    if wrong or not size:
        names = ", ".join(wrong) or "dates"
        message = Text(
            ja=f"行数が合いません: {names}", en=f"needs one value for each of {size} rows, at least one: {names}"
        )
        return [Problem(names, size, message)]
    checks = [
        ("price", records.price > 0, Text(ja="0 より大きい料金が必要です", en="must be above 0")),
        ("quantity", records.quantity >= 0, Text(ja="0 以上の数量が必要です", en="must not be negative")),
        *(
            (name, np.isfinite(column), Text(ja="有限の数が必要です", en="must be finite"))
            for name, column in columns.items()
        ),
    ]
    return [
        Problem(f"{name}[{row}]", float(columns[name][row]), message)
        for name, holds, message in checks
        for row in np.flatnonzero(~holds)[:20]
    ]
