"""
Bookings in the form of the public hotel demand data (one row per booking, no choice sets).

Antonio, de Almeida & Nunes (2019), Hotel booking demand datasets, https://doi.org/10.1016/j.dib.2018.11.126
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING, Final

from pricing._tables import read_text, table_rows
from pricing.estimation.records import Booking, Bookings
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COLUMNS: Final = (
    "hotel",
    "is_canceled",
    "lead_time",
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_day_of_month",
    "market_segment",
    "reserved_room_type",
    "adr",
    "reservation_status",
    "reservation_status_date",
)

_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_name) if name}


def read_hotel_bookings(path: Path, *, currency: str = "EUR") -> Bookings:
    """
    Read bookings of hotels: a product is a hotel and room type, the price the average daily rate.

    Rows that cannot be used are listed in ``left_out``, each with its line.

    Raises
    ------
    InputError
        If the file or a column is missing, or no row can be used.
    """
    problems: list[Problem] = []
    text = read_text(path, problems)
    if text is None:
        raise InputError(problems)
    return parse_hotel_bookings(text, source=path.name, currency=currency)


def parse_hotel_bookings(text: str, *, source: str = "bookings", currency: str = "EUR") -> Bookings:
    """Read bookings of hotels from the text of a CSV file; see `read_hotel_bookings`."""
    rows: list[Booking] = []
    left_out: list[Problem] = []
    for line, cells in table_rows(text, source, left_out, needed=COLUMNS):
        try:
            rows.append(_booking(line, cells))
        except (ValueError, OverflowError) as error:
            message = Text(ja=f"使えない行です: {error}", en=f"cannot be used: {error}")
            left_out.append(Problem(f"{source}:{line}", str(error), message))
    if not rows:
        raise InputError(left_out or [Problem(source, 0, Text(ja="行がありません", en="holds no rows"))])
    return Bookings(tuple(rows), currency, source, tuple(left_out))


def _booking(line: int, cells: Mapping[str, str]) -> Booking:
    month = _MONTHS.get(cells["arrival_date_month"])
    if month is None:
        msg = f"no month {cells['arrival_date_month']!r}"
        raise ValueError(msg)
    arrival = dt.date(int(cells["arrival_date_year"]), month, int(cells["arrival_date_day_of_month"]))
    lead_days, price = int(cells["lead_time"]), float(cells["adr"])
    if lead_days < 0 or not 0 <= price < float("inf"):
        msg = f"lead_time {cells['lead_time']}, adr {cells['adr']}"
        raise ValueError(msg)
    status = cells["reservation_status"]
    if status not in ("Canceled", "Check-Out", "No-Show"):
        msg = f"reservation_status {status!r}"
        raise ValueError(msg)
    return Booking(
        line=line,
        booking=str(line),
        booked_on=arrival - dt.timedelta(days=lead_days),
        date=arrival,
        product=f"{cells['hotel']} {cells['reserved_room_type']}",
        price=price,
        segment=cells["market_segment"],
        cancelled_on=_american_day(cells["reservation_status_date"]) if status == "Canceled" else None,
        came={"Check-Out": True, "No-Show": False}.get(status),
    )


def _american_day(cell: str) -> dt.date:
    """Read ``7/31/2015``, or ISO as in the authors' own file."""
    if "/" not in cell:
        return dt.date.fromisoformat(cell)
    month, day, year = (int(part) for part in cell.split("/"))
    return dt.date(year, month, day)
