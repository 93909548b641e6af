"""Local clock times as seconds after midnight, and back."""

from __future__ import annotations

import datetime as dt


def seconds_of(clock: str) -> int:
    """Return ``HH:MM`` or ``HH:MM:SS`` as seconds after midnight."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return 3600 * hours + 60 * minutes + sum(seconds)


def moment(date: dt.date, seconds: int) -> dt.datetime:
    """Return the local time that many seconds after midnight of ``date``; may fall on the next day."""
    return dt.datetime.combine(date, dt.time()) + dt.timedelta(seconds=seconds)


def clock_of(seconds: int) -> str:
    """Return seconds after midnight as ``HH:MM``."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
