"""Read records of whatever form, and put what they tell into plain values."""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from pricing.estimation import Bookings, Estimate, Estimation, SalesRecords

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


def read_records(path: Path, form: Form | None, columns: Columns, *, is_lenient: bool) -> Bookings | SalesRecords:
    """
    Return the records of a file; its form is told by its header where it is not given.

    Raises
    ------
    InputError
        With every row that cannot be used.
    """
    import jpholiday

    from pricing.estimation import read_bookings, read_hotel_bookings, read_sales

    if not path.is_file():
        raise InputError([Problem("RECORDS", str(path), text("estimate.no_records", value=str(path)))])
    form = form or _form_of(path)
    if form == "bookings":
        return read_bookings(path, is_lenient=is_lenient)
    if form == "hotel-bookings":
        return read_hotel_bookings(path)
    return read_sales(
        path,
        date=columns.date,
        quantity=columns.quantity,
        price=columns.price or "price",
        revenue=columns.revenue,
        is_holiday=jpholiday.is_holiday,
        last=columns.last,
    )


def _form_of(path: Path) -> Form:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = {cell.strip() for cell in next(csv.reader(file), [])}
    if "booked_on" in header:
        return "bookings"
    return "hotel-bookings" if {"adr", "lead_time"} <= header else "daily-sums"


def plain_estimation(found: Estimation, *, source: str, rows: int) -> dict[str, Any]:
    """Return an estimation as plain values; what the records do not tell is null."""
    from pricing.estimation import SalesStudy

    plain: dict[str, Any] = {
        "source": source,
        "rows": rows,
        "method": found.method,
        "why": found.why.model_dump(),
        "estimates": [_plain(each) for each in found.estimates],
        "price_effects": [_plain(each) for each in found.price_effects],
        "elasticity": None if found.elasticity is None else _plain(found.elasticity),
        "habits": None if found.habits is None else _finite(asdict(found.habits)),
        "remarks": [each.model_dump() for each in found.remarks],
    }
    if isinstance(found.fit, SalesStudy):
        plain["weekdays"] = _finite([asdict(each) for each in found.fit.weekdays])
        plain["steps"] = _finite([asdict(each) for each in found.fit.steps])
    return plain


def _plain(estimate: Estimate) -> dict[str, Any]:
    return {str(name): value for name, value in _finite(asdict(estimate)).items()}


def _finite(value: Any) -> Any:
    """Return the same values with null for what is no number."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
