"""What a place says about its hours: OSM syntax, and the closing rules of Japan that it cannot express."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from regional_assets._validation import FieldError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _is_a_day(value: str) -> str:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        raise FieldError(f"{value} という日はありません", f"there is no day {value}") from None
    return value


def _form(pattern: str) -> StringConstraints:
    """Return a form of text that is refused with blanks around it, also where those of other texts are cut off."""
    return StringConstraints(pattern=pattern, strip_whitespace=False)


IsoDate = Annotated[
    str,
    _form(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_is_a_day),
    Field(json_schema_extra={"format": "date"}),
]
"""A day, ``YYYY-MM-DD``."""

MonthDay = Annotated[str, _form(r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""Day of every year, ``MM-DD``."""

ClockTime = Annotated[str, _form(r"^([01]?[0-9]|2[0-9]):[0-5][0-9]$")]
"""Time of day, ``HH:MM``; up to 29:59 for the small hours after midnight."""


Assumption = Literal[
    "year_end",
    "new_year",
    "bon",
    "golden_week",
    "winter",
    "summer",
    "part_of_month",
    "every_year",
    "holiday_as_sunday",
    "about",
    "until_sunset",
    "first_facility",
]
"""What a reader filled in itself; ``describe`` and ``hours_on`` put it into words."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeeklyClosing(_Frozen):
    """
    Close on weekdays, as in 「月曜休館、月曜が祝日なら翌平日休館」 or 「第2・第4水曜休」.

    Parameters
    ----------
    weekdays
        Days of the week on which the place is closed.
    nth
        Which of these in the month (1 to 5, -1 for the last); empty means every week.
    if_holiday
        What happens when such a day is a public holiday: ``closed`` all the same; ``open`` with no day instead;
        ``next_weekday`` closes the next day that is neither a weekend nor a holiday; ``next_day`` closes the very next
        day that is not a holiday.
    season
        First and last day of the year on which the rule holds; may wrap over the new year.
    """

    type: Literal["weekly"] = "weekly"
    weekdays: tuple[Weekday, ...] = Field(min_length=1)
    nth: tuple[Literal[-1, 1, 2, 3, 4, 5], ...] = ()
    if_holiday: Literal["closed", "open", "next_weekday", "next_day"] = "closed"
    season: tuple[MonthDay, MonthDay] | None = None


class AnnualClosing(_Frozen):
    """Close every year from ``first`` to ``last`` (both included); may wrap over the new year."""

    type: Literal["annual"] = "annual"
    first: MonthDay
    last: MonthDay


class DatedClosing(_Frozen):
    """Close from one date to another (both included), ISO 8601."""

    type: Literal["dates"] = "dates"
    first: IsoDate
    last: IsoDate


class MonthlyClosing(_Frozen):
    """Close on days of the month (1 to 31; -1 is the last day of the month)."""

    type: Literal["monthly"] = "monthly"
    days: tuple[Literal[-1] | Annotated[int, Field(ge=1, le=31)], ...] = Field(min_length=1)


class HolidayClosing(_Frozen):
    """Close on public holidays (``when="on"``) or on the day after one (``when="after"``)."""

    type: Literal["holiday"] = "holiday"
    when: Literal["on", "after"] = "on"


ClosingRule = Annotated[
    WeeklyClosing | AnnualClosing | DatedClosing | MonthlyClosing | HolidayClosing, Field(discriminator="type")
]


class Opening(_Frozen):
    """
    Hold the hours of one place.

    Parameters
    ----------
    osm
        Hours in OSM ``opening_hours`` syntax; ``None`` when no hours are known (closing rules may still be).
    closed
        Closing rules on top of ``osm``: on a day that any of them names, the place is closed.
    last_admission
        Latest time of entry on any day.
    last_admission_minutes
        Latest entry this many minutes before each closing time.
    text
        The original wording, always kept.
    unread
        Parts of ``text`` that were not understood; shown as warnings.
    check_in, check_out
        Earliest check-in and latest check-out of a lodging; these are no opening hours.
    no_closing_days
        The source says that the place has no closing days (「年中無休」); ``False`` means that it does not say so.
    best_season
        First and last days of the weeks that the source recommends (見頃, 開花時期); says nothing of hours.
    notes
        Parts of ``text`` understood as remarks: reservation needed, hours of a restaurant inside, "may change".
    assumed
        What the reader filled in where the text is vague (year-end closing taken as 29 December to 3 January).
    """

    osm: str | None = None
    closed: tuple[ClosingRule, ...] = ()
    last_admission: ClockTime | None = None
    last_admission_minutes: int | None = Field(default=None, ge=0, le=600)
    text: str | None = None
    unread: tuple[str, ...] = ()
    check_in: ClockTime | None = None
    check_out: ClockTime | None = None
    no_closing_days: bool = False
    best_season: tuple[tuple[MonthDay, MonthDay], ...] = ()
    notes: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()
