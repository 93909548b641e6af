"""
Hours of a place: read them from OSM or Japanese text, evaluate them on a date, say them in one line.

>>> import datetime
>>> from regional_assets.opening import hours_on, read_hours
>>> museum = read_hours("9:00～17:00（入館は16:30まで）", closed_text="月曜休館（祝日の場合は翌平日）")
>>> museum.osm, museum.last_admission
('09:00-17:00', '16:30')
>>> hours_on(museum, datetime.date(2026, 9, 21)).status  # a Monday, but a public holiday
'open'
>>> hours_on(museum, datetime.date(2026, 9, 24)).rule.en
'closed on Mondays (if a public holiday, the next weekday instead) (moved from Monday 21 September, a public holiday)'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regional_assets.opening._holidays import is_holiday
    from regional_assets.opening.calendar import DayHours, Window, hours_on
    from regional_assets.opening.japanese import read_hours, understood
    from regional_assets.opening.model import (
        WEEKDAYS,
        AnnualClosing,
        ClosingRule,
        DatedClosing,
        HolidayClosing,
        MonthlyClosing,
        Opening,
        Weekday,
        WeeklyClosing,
    )
    from regional_assets.opening.wording import describe

__all__ = [
    "WEEKDAYS",
    "AnnualClosing",
    "ClosingRule",
    "DatedClosing",
    "DayHours",
    "HolidayClosing",
    "MonthlyClosing",
    "Opening",
    "Weekday",
    "WeeklyClosing",
    "Window",
    "describe",
    "hours_on",
    "is_holiday",
    "read_hours",
    "understood",
]

_HOMES = {
    "_holidays": ("is_holiday",),
    "calendar": ("DayHours", "Window", "hours_on"),
    "wording": ("describe",),
    "japanese": ("read_hours", "understood"),
}


def __getattr__(name: str) -> Any:
    """Load a name of the public door when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "model")
    return getattr(import_module(f"{__name__}.{home}"), name)
