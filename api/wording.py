"""How dates, lengths of time, distances and money are written for people, in Japanese and English."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from api.texts import say

if TYPE_CHECKING:
    from regional_assets.model import Name
    from regional_assets.opening import DayHours
    from regional_assets.text import Language
    from routing.itinerary import Itinerary

WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_words(date: dt.date, language: Language) -> str:
    """Return ``2026年12月5日（土）`` or ``Sat 5 Dec 2026``, whatever the locale of the process."""
    weekday = WEEKDAYS[language][date.weekday()]
    if language == "ja":
        return f"{date.year}年{date.month}月{date.day}日（{weekday}）"
    return f"{weekday} {date.day} {MONTHS[date.month - 1]} {date.year}"


def clock(moment: dt.datetime, day: dt.date) -> str:
    """Return the time of day; times after midnight of the day they belong to count on (``25:30``)."""
    hours = moment.hour + 24 * (moment.date() - day).days
    return f"{hours:02d}:{moment.minute:02d}"


def clock_of(seconds: int) -> str:
    """Return seconds after midnight as ``HH:MM``."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def minutes_words(seconds: int, language: Language) -> str:
    """Return a length of time to the minute: ``1時間05分``, ``1 h 05 min``; some time is never ``0 min``."""
    minutes = max(round(seconds / 60), 1 if seconds > 0 else 0)
    hours, rest = divmod(minutes, 60)
    if language == "ja":
        return f"{hours}時間{rest:02d}分" if hours and rest else f"{hours}時間" if hours else f"{rest}分"
    return f"{hours} h {rest:02d} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def distance_words(metres: int) -> str:
    """Return a distance: metres to the next ten below a kilometre, else kilometres."""
    if 0 < metres < 5:
        return "< 10 m"
    return f"{round(metres, -1)} m" if metres < 995 else f"{metres / 1000:.1f} km"


def yen_words(amount: int | None, language: Language) -> str:
    """Return ``1,200円`` or ``¥1,200``; ``?`` where it is unknown."""
    if amount is None:
        return "?"
    return f"{amount:,}円" if language == "ja" else f"¥{amount:,}"


def place_words(name: Name | None, language: Language) -> str:
    """Return a name; in English with the Japanese one, which is what stands on the signs, beside it."""
    if name is None:
        return say("place.unnamed", language)
    first = name.in_(language)
    beside = name.ja if language == "en" and name.ja and name.ja != first else None
    return f"{first} {beside}" if beside else first


def status_words(itinerary: Itinerary, language: Language) -> str:
    """Return what is known of the plan as a whole; a proven gap is rounded up, so that it stays true."""
    if itinerary.status == "feasible" and itinerary.gap is not None:
        return say("status.bounded", language, gap=f"{math.ceil(itinerary.gap * 1000) / 10:.1f}%")
    return say(f"status.{itinerary.status}", language)


def hours_words(hours: DayHours, language: Language) -> str:
    """Return the hours of one date: windows, closed, or unknown."""
    if hours.status == "open":
        return ", ".join(f"{clock_of(window.open_s)}–{clock_of(window.close_s)}" for window in hours.windows)
    if hours.status == "closed":
        return say("hours.closed", language)
    return say("hours.unknown", language)
