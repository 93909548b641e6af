"""Times and spans of a day in Japanese: 9時半, 午後5時, 翌2:00, 日没."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_CLOCK = (
    r"(?:翌日?の?朝?\s*)?(?:午前|午後|朝|夜|夕方|AM|PM|am|pm)?\s*\d{1,2}\s*"
    r"(?::\s*\d{2}|時(?![間期刻短点])\s*(?:半|\d{1,2}\s*分|\d{2}(?![\d月年日時:/]))?)(?:\s*(?:AM|PM|am|pm)(?![A-Za-z]))?"
)
_SUN = r"日の出|日の入り?|日没"
TIME = rf"(?:{_CLOCK}|正午|{_SUN})"
_ABOUT = r"(?:頃|ごろ|過ぎ)?"
# 9~17時: the first hour may leave its unit to the second.
WINDOW = (
    rf"(?P<w1>{TIME}|(?<![\d:/月])\d{{1,2}}(?=\s*~\s*\d{{1,2}}時)){_ABOUT}\s*(?:~|から|より)\s*"
    rf"(?P<w2>{TIME})(?!\s*~|\d{{1,2}}分\s*~|半\s*~){_ABOUT}(?:\s*(?:まで|迄)(?:の間)?)?"
)

_PARTS = re.compile(
    r"(?P<next>翌)?(?:日?の?朝?\s*)(?P<half>午前|午後|朝|夜|夕方|AM|PM|am|pm)?\s*(?P<h>\d{1,2})\s*"
    r"(?::\s*(?P<m>\d{2})|時\s*(?P<jm>半|\d{1,2})?)?.*?(?P<suffix>AM|PM|am|pm)?$",
    re.DOTALL,
)
DAY_MINUTES = 24 * 60
LAST_MINUTE = 30 * 60
"""Latest end of a window: six in the morning after."""


@dataclass(frozen=True, slots=True)
class Moment:
    """
    Hold a time of day.

    Parameters
    ----------
    minute
        Minutes after midnight, more than 1,440 for 翌; ``None`` for the sun.
    sun
        ``sunrise`` or ``sunset`` where the text says so.
    is_about
        The text says 頃.
    """

    minute: int | None
    sun: Literal["sunrise", "sunset"] | None = None
    is_about: bool = False

    def osm(self) -> str:
        """Return the time in OSM syntax."""
        return self.sun or clock(self.minute or 0)


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a span from one time to another."""

    start: Moment
    end: Moment

    def osm(self) -> str:
        """Return the span in OSM syntax."""
        return f"{self.start.osm()}-{self.end.osm()}"

    def is_possible(self) -> bool:
        """Return whether it ends after it begins, and not later than the morning after."""
        if self.start.minute is None or self.end.minute is None:
            return (self.start.sun, self.end.sun) != ("sunset", "sunrise") and self.start.sun != "sunset"
        return self.start.minute < self.end.minute <= LAST_MINUTE and self.start.minute < DAY_MINUTES

    def goes_overnight(self) -> bool:
        """Return whether it ends on the next day."""
        return self.end.minute is not None and self.end.minute > DAY_MINUTES


def clock(minute: int) -> str:
    """Return minutes after midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_time(match: re.Match[str]) -> Moment:
    """Return the time at the start of a match of ``TIME``."""
    return _moment(match[0])


def read_window(match: re.Match[str]) -> Span:
    """Return the span of a match of ``WINDOW``."""
    is_about = bool(re.search(r"頃|ごろ|過ぎ", match[0]))
    start, end = _moment(match["w1"]), _moment(match["w2"])
    if is_about:
        end = Moment(end.minute, end.sun, is_about=True)
    return Span(start, end)


def _moment(raw: str) -> Moment:
    raw = raw.removeprefix("~").strip()
    if raw.startswith("正午"):
        return Moment(12 * 60)
    if raw.startswith("日"):
        return Moment(None, "sunrise" if raw.startswith("日の出") else "sunset")
    is_about = bool(re.search(r"頃|ごろ", raw))
    raw = re.sub(r"\s*(?:頃|ごろ|まで|迄|閉店|閉館|終了|~|から|より)", "", raw).strip()
    parts = _PARTS.match(raw)
    assert parts is not None, raw
    hour = int(parts["h"])
    minute = 30 if parts["jm"] == "半" else int(parts["m"] or parts["jm"] or 0)
    half = (parts["half"] or parts["suffix"] or "").upper()
    if half in ("午後", "PM", "夜", "夕方") and hour < 12:
        hour += 12
    if parts["next"]:
        hour += 24
    # 9:75 is no time: far beyond LAST_MINUTE it makes every span impossible.
    return Moment(hour * 60 + minute if minute < 60 else 99 * 60, is_about=is_about)
