"""Read records of whatever form, and put what they tell into plain values."""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from pydantic import BaseModel

from api.cli._pricing import BUNDLED
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pricing.estimation import Bookings, Estimation, SalesRecords

Form = Literal["bookings", "daily-sums", "hotel-bookings"]
FORMS: tuple[Form, ...] = ("bookings", "daily-sums", "hotel-bookings")


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


@overload
def read_records(name: str, form: Literal["bookings"], *, is_lenient: bool) -> Bookings: ...


@overload
def read_records(name: str, form: Form | None, columns: Columns, *, is_lenient: bool) -> Bookings | SalesRecords: ...


def read_records(
    name: str, form: Form | None, columns: Columns | None = None, *, is_lenient: bool
) -> Bookings | SalesRecords:
    """
    Return the records of a file, or the bundled ones; their form is told by the header where it is not given.

    Raises
    ------
    InputError
        With every row that cannot be used.
    """
    import jpholiday

    from pricing.estimation import read_bookings, read_hotel_bookings, read_sales
    from pricing.workshops import BOOKINGS_FILE, workshops_folder

    columns = columns or Columns()
    path = workshops_folder() / BOOKINGS_FILE if is_bundled(name) else Path(name)
    if not path.is_file():
        raise InputError([Problem("RECORDS", name, text("estimate.no_records", value=name, bundled=BUNDLED))])
    header = _header_of(path)
    form = form or _form_of(header)
    if form == "bookings":
        return read_bookings(path, is_lenient=is_lenient)
    if form == "hotel-bookings":
        return read_hotel_bookings(path)
    _check_columns(name, header, columns)
    return read_sales(
        path,
        date=columns.date,
        quantity=columns.quantity,
        price=columns.price or "price",
        revenue=columns.revenue,
        is_holiday=jpholiday.is_holiday,
        last=columns.last,
    )


def is_bundled(name: str) -> bool:
    """Return whether records are those that come with the package: made up."""
    return name == BUNDLED


def _header_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return [cell.strip() for cell in next(csv.reader(file), [])]


def _form_of(header: Sequence[str]) -> Form:
    if "booked_on" in header:
        return "bookings"
    return "hotel-bookings" if {"adr", "lead_time"} <= set(header) else "daily-sums"


def _check_columns(name: str, header: Sequence[str], columns: Columns) -> None:
    """Refuse daily sums that lack a column, and say which columns there are and which options name others."""
    wanted = {"--date-column": columns.date, "--quantity-column": columns.quantity}
    if columns.revenue is not None:
        wanted["--revenue-column"] = columns.revenue
    else:
        wanted["--price-column"] = columns.price or "price"
    missing = {option: column for option, column in wanted.items() if column not in header}
    if not missing:
        return
    options = [*missing, *(["--revenue-column"] if columns.price is None and "--price-column" in missing else [])]
    message = text(
        "estimate.no_columns",
        missing=", ".join(missing.values()),
        found=", ".join(cell for cell in header if cell) or "–",
        options=", ".join(options),
    )
    raise InputError([Problem("RECORDS", name, message)])


def plain_estimation(found: Estimation) -> dict[str, Any]:
    """Return an estimation as plain values; what the records do not tell is null."""
    from pricing.estimation import SalesStudy

    answer: dict[str, Any] = {
        "method": found.method,
        "why": plain(found.why),
        "estimates": plain(found.estimates),
        "price_effects": plain(found.price_effects),
        "elasticity": plain(found.elasticity),
        "habits": plain(found.habits),
        "remarks": plain(found.remarks),
    }
    if isinstance(found.fit, SalesStudy):
        answer["weekdays"] = plain(found.fit.weekdays)
        answer["steps"] = plain(found.fit.steps)
    return answer


def plain(value: Any) -> Any:
    """Return the same as values of JSON: records as objects, dates as text, null for what is no number."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
