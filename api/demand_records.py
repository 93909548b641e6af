"""Read records of whatever form: bookings, daily sums, the public form of hotel bookings."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, overload

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from pricing.estimation import Bookings, SalesRecords

Form = Literal["bookings", "daily-sums", "hotel-bookings"]
FORMS: Final[tuple[Form, ...]] = ("bookings", "daily-sums", "hotel-bookings")

BUNDLED: Final = "echizen-workshops"
"""Name of the simulated bookings that come with the package."""


@dataclass(frozen=True, slots=True)
class Columns:
    """
    Hold what the columns of daily sums are called.

    Parameters
    ----------
    revenue
        Where it is given, the price is revenue by quantity.
    last
        Last day whose sales are complete; later rows are not used.
    """

    date: str = "date"
    quantity: str = "quantity"
    price: str | None = None
    revenue: str | None = None
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """
    Hold what things are called where somebody asks.

    Parameters
    ----------
    records
        The argument or field with the records.
    columns
        What names the columns ``date``, ``quantity``, ``price`` and ``revenue``.
    """

    records: str
    columns: Mapping[str, str]


@overload
def parse_records(
    content: str, *, source: str, form: Literal["bookings"], wording: Wording, is_lenient: bool
) -> Bookings: ...


@overload
def parse_records(
    content: str, *, source: str, form: Form | None, wording: Wording, columns: Columns | None = None, is_lenient: bool
) -> Bookings | SalesRecords: ...


def parse_records(
    content: str,
    *,
    source: str,
    form: Form | None,
    wording: Wording,
    columns: Columns | None = None,
    is_lenient: bool,
) -> Bookings | SalesRecords:
    """
    Return the records of a CSV text; their form is told by the header where it is not given.

    Raises
    ------
    InputError
        With every row that cannot be used.
    """
    import jpholiday

    from pricing.estimation import parse_bookings, parse_hotel_bookings, parse_sales

    columns = columns or Columns()
    header = _header_of(content)
    form = form or _form_of(header)
    if form == "bookings":
        return parse_bookings(content, source=source, is_lenient=is_lenient)
    if form == "hotel-bookings":
        return parse_hotel_bookings(content, source=source)
    _check_columns(source, header, columns, wording)
    return parse_sales(
        content,
        source=source,
        date=columns.date,
        quantity=columns.quantity,
        price=columns.price or "price",
        revenue=columns.revenue,
        is_holiday=jpholiday.is_holiday,
        last=columns.last,
    )


def bundled_bookings() -> tuple[str, str]:
    """Return the text of the bundled bookings, which are simulated, and the name of their file."""
    from pricing.workshops import BOOKINGS_FILE, workshops_folder

    return (workshops_folder() / BOOKINGS_FILE).read_text(encoding="utf-8"), BOOKINGS_FILE


def _header_of(content: str) -> list[str]:
    lines = csv.reader(io.StringIO(content.lstrip("\ufeff"), newline=""))
    try:
        return [cell.strip() for cell in next(lines, [])]
    except csv.Error:
        # Whoever reads the rows tells.
        return []


def _form_of(header: Sequence[str]) -> Form:
    if "booked_on" in header:
        return "bookings"
    return "hotel-bookings" if {"adr", "lead_time"} <= set(header) else "daily-sums"


def _check_columns(source: str, header: Sequence[str], columns: Columns, wording: Wording) -> None:
    """Refuse daily sums that lack a column, and say which columns there are and what names others."""
    names = wording.columns
    wanted = {names["date"]: columns.date, names["quantity"]: columns.quantity}
    if columns.revenue is not None:
        wanted[names["revenue"]] = columns.revenue
    else:
        wanted[names["price"]] = columns.price or "price"
    missing = {option: column for option, column in wanted.items() if column not in header}
    if not missing:
        return
    options = [*missing, *([names["revenue"]] if columns.price is None and names["price"] in missing else [])]
    message = text(
        "estimate.no_columns",
        missing=", ".join(missing.values()),
        found=", ".join(cell for cell in header if cell) or "–",
        options=", ".join(options),
    )
    raise InputError([Problem(wording.records, source, message)])
