"""Public holidays of Japan."""

from __future__ import annotations

import datetime
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1950, 2099
"""Years for which hours are evaluated: the holiday law of 1948, and the reach of the equinox formula."""


@lru_cache(maxsize=8192)
def is_holiday(day: datetime.date) -> bool:
    """
    Return whether a day is a public holiday, substitute and in-between holidays included.

    ``jpholiday`` is asked, not the table inside ``opening_hours``: that one misses 17 holidays of 2024 to 2030
    (for example 2026-09-22). A call takes 0.1 ms, hence the cache.
    """
    import jpholiday

    return bool(jpholiday.is_holiday(day))


def is_workday(day: datetime.date) -> bool:
    """Return whether a day is neither a weekend nor a public holiday (平日)."""
    return day.weekday() < 5 and not is_holiday(day)


def day_after_holidays(day: datetime.date, *, skip_weekends: bool) -> datetime.date:
    """Return the first later day that is no public holiday and, if asked, no weekend."""
    after = day + datetime.timedelta(days=1)
    while is_holiday(after) or (skip_weekends and after.weekday() >= 5):
        after += datetime.timedelta(days=1)
    return after
