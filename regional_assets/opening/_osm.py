"""Windows of an OSM ``opening_hours`` expression on one day, with the holidays of Japan."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from regional_assets.opening._holidays import is_holiday
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from opening_hours import OpeningHours

DAY_S = 86_400
_OSM_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_TOKYO = "Asia/Tokyo"
_MIDDLE_OF_JAPAN = (36.0, 137.0)
"""Latitude and longitude where the sun rises and sets for places whose position is not given."""

_SPAN = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?![\d:])")
_QUOTED = re.compile(r'"[^"]*"')
_SUN = re.compile(r"\b(sunrise|sunset|dawn|dusk)\b")
_SUN_OVER_MIDNIGHT = re.compile(r"\b(?:sunset|dusk)\)?\s*-\s*(?:0?\d:|2[4-9]:|sunrise|dawn|\(\s*(?:sunrise|dawn))")
_OPEN_END = re.compile(r"\d{1,2}:\d{2}\s*\+")
_HOLIDAY_ON_WEEKDAYS = re.compile(r"\bPH\s+((?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\s*[-,]\s*(?:Mo|Tu|We|Th|Fr|Sa|Su))*)\b")
_HOLIDAY_OFFSET = re.compile(r"\bPH\s+([+-]\d{1,2})\s+days?\b")
_HOLIDAY = re.compile(r"\bPH\b")
_SCHOOL_HOLIDAY = re.compile(r"\bSH\b")
_ASK_FIRST = re.compile(r"appointment|reserv|request|arrange|call|ask|予約|要相談|問い?合わ?せ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    Hold what an expression says about one day.

    Parameters
    ----------
    spans
        ``(open_s, close_s)`` in seconds after local midnight, in order, apart from each other; they begin on the day
        and may end after 24 h.
    is_known
        ``False`` where the expression cannot be evaluated or says only "ask first".
    warnings
        What the reader of the hours must know.
    """

    spans: tuple[tuple[int, int], ...]
    is_known: bool
    warnings: tuple[Text, ...] = ()


def _unknown(ja: str, en: str) -> Evaluation:
    return Evaluation((), False, (Text(ja, en),))


def evaluate(expression: str, day: datetime.date, lon_lat: tuple[float, float] | None) -> Evaluation:
    """
    Return what an OSM expression says about one day.

    Parameters
    ----------
    expression
        Hours in OSM syntax.
    day
        Local date.
    lon_lat
        Position of the place in degrees, for sunrise and sunset; without it the middle of Japan is taken, and said so.
    """
    # Most places say the same few things: only the sun tells them apart.
    return _evaluated(expression, day, lon_lat if _SUN.search(expression) else None)


@lru_cache(maxsize=65_536)
def _evaluated(expression: str, day: datetime.date, lon_lat: tuple[float, float] | None) -> Evaluation:
    # Cached here because parsed expressions cannot be pickled, plain tuples can.
    # The library's own type stubs leave its errors out.
    from opening_hours import InvalidCoordinatesError, ParserError  # type: ignore[attr-defined]

    unquoted = _QUOTED.sub('""', expression)
    if _SCHOOL_HOLIDAY.search(unquoted):
        return _unknown("学校休業日（SH）は判定できない", "school holidays (SH) cannot be evaluated")
    if _SUN_OVER_MIDNIGHT.search(unquoted):
        return _unknown("日没から翌朝までの時間は判定できない", "hours from sunset into the night cannot be evaluated")
    warnings = []
    if _SUN.search(unquoted) and lon_lat is None:
        warnings.append(
            Text("日の出・日の入りは本州中央の時刻で概算", "sunrise and sunset are those of the middle of Japan")
        )
    if _OPEN_END.search(unquoted):
        warnings.append(Text("終了時刻の記載なし", "the closing time is not stated"))
    try:
        dated = _outside_quotes(expression, lambda part: _replace_holidays(part, day))
        pieces, closes_s = _pieces(dated, day, lon_lat if _SUN.search(unquoted) else None)
    except (ParserError, InvalidCoordinatesError) as problem:
        return _unknown(
            f"営業時間の書式を読めない：{expression}", f"cannot read the hours {expression!r}: {_first_line(problem)}"
        )
    return _judge(pieces, closes_s, tuple(warnings))


def _first_line(problem: BaseException) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return lines[-1].removeprefix("= ") if lines else type(problem).__name__


def _outside_quotes(expression: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to the parts of an expression that are not quoted comments."""
    parts = re.split(r'("[^"]*")', expression)
    return "".join(part if part.startswith('"') else change(part) for part in parts)


def _replace_holidays(part: str, day: datetime.date) -> str:
    """
    Write the weekday of ``day`` for ``PH`` where that day is a holiday, and another weekday where it is not.

    Only the one day is asked about, so that this says the same as the full list of holidays would.
    """

    def on_offset(match: re.Match[str]) -> str:
        origin = day - datetime.timedelta(days=int(match[1]))
        return _matching(day, hit=is_holiday(origin))

    def on_weekdays(match: re.Match[str]) -> str:
        return match[1] if is_holiday(day) else _matching(day, hit=False)

    part = _HOLIDAY_OFFSET.sub(on_offset, part)
    part = _HOLIDAY_ON_WEEKDAYS.sub(on_weekdays, part)
    return _HOLIDAY.sub(_matching(day, hit=is_holiday(day)), part)


def _matching(day: datetime.date, *, hit: bool) -> str:
    return _OSM_WEEKDAYS[day.weekday() if hit else (day.weekday() + 3) % 7]


@dataclass(frozen=True, slots=True)
class _Piece:
    open_s: int
    close_s: int
    is_sure: bool
    comment: str


def _pieces(expression: str, day: datetime.date, lon_lat: tuple[float, float] | None) -> tuple[tuple[_Piece, ...], int]:
    """
    Return the pieces of the day that are not closed, cut at midnight, and when the last one ends.

    The library counts the small hours after 22:00-26:00 to the next day. Every span over midnight is therefore cut at
    24:00 before asking; which of them was in force is found by cutting all others one minute earlier.
    """
    ends = {end for end in _ends_after_midnight(expression) if end > DAY_S}
    pieces = _ask(_cut(expression, keep=None), day, lon_lat)
    if not ends or not pieces or pieces[-1].close_s < DAY_S:
        return pieces, DAY_S
    in_force = [end for end in ends if _touches_midnight(_ask(_cut(expression, keep=end), day, lon_lat))]
    by_itself = _touches_midnight(_ask(_cut(expression, keep=0), day, lon_lat))
    return pieces, DAY_S if by_itself or not in_force else max(in_force)


def _touches_midnight(pieces: tuple[_Piece, ...]) -> bool:
    return bool(pieces) and pieces[-1].close_s == DAY_S


def _end_s(match: re.Match[str]) -> int:
    start, end = (int(match[i]) * 3600 + int(match[i + 1]) * 60 for i in (1, 3))
    return end if end > start else end + DAY_S


def _ends_after_midnight(expression: str) -> list[int]:
    return [_end_s(match) for match in _SPAN.finditer(_QUOTED.sub('""', expression))]


def _cut(expression: str, *, keep: int | None) -> str:
    def shorten(match: re.Match[str]) -> str:
        end = _end_s(match)
        if end <= DAY_S:
            return match[0]
        return f"{match[1]}:{match[2]}-" + ("24:00" if keep in (None, end) else "23:59")

    return _outside_quotes(expression, lambda part: _SPAN.sub(shorten, part))


def _ask(expression: str, day: datetime.date, lon_lat: tuple[float, float] | None) -> tuple[_Piece, ...]:
    """Ask the library for the day, midnight to midnight."""
    from opening_hours import State

    parsed = _parse(expression, lon_lat) if _SUN.search(expression) else _parse(expression, None)
    midnight = datetime.datetime.combine(day, datetime.time())
    pieces = []
    for start, end, state, comment in parsed.intervals(midnight, midnight + datetime.timedelta(days=1)):
        if state == State.CLOSED:
            continue
        open_s, close_s = (int((moment.replace(tzinfo=None) - midnight).total_seconds()) for moment in (start, end))
        pieces.append(_Piece(open_s, close_s, state == State.OPEN, comment))
    return tuple(pieces)


@lru_cache(maxsize=8192)
def _parse(expression: str, lon_lat: tuple[float, float] | None) -> OpeningHours:
    from opening_hours import OpeningHours

    if not _SUN.search(expression):
        return OpeningHours(expression, auto_country=False, auto_timezone=False)
    coords = (lon_lat[1], lon_lat[0]) if lon_lat else _MIDDLE_OF_JAPAN
    return OpeningHours(expression, timezone=ZoneInfo(_TOKYO), coords=coords)


def _judge(pieces: tuple[_Piece, ...], last_close_s: int, warnings: tuple[Text, ...]) -> Evaluation:
    spans: list[tuple[int, int]] = []
    unsure = False
    for piece in pieces:
        whole_day = piece.open_s == 0 and piece.close_s == DAY_S
        if piece.comment:
            warnings += (Text(f"注記：{piece.comment}", f"note: {piece.comment}"),)
        if not piece.is_sure or (piece.comment and (whole_day or _ASK_FIRST.search(piece.comment))):
            unsure = True
            continue
        close_s = last_close_s if piece.close_s == DAY_S else piece.close_s
        if spans and spans[-1][1] == piece.open_s:
            spans[-1] = (spans[-1][0], close_s)
        else:
            spans.append((piece.open_s, close_s))
    if unsure:
        warnings += (Text("開いているか事前に確認が必要", "ask beforehand whether it is open"),)
    return Evaluation(tuple(spans), bool(spans) or not unsure, warnings)
