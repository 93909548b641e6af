"""Hours and closing days in one line for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from regional_assets.opening._closing import describe_rule
from regional_assets.text import Text

if TYPE_CHECKING:
    from regional_assets.opening.model import Opening
    from regional_assets.text import Language

_MONTHS = {
    name: number + 1
    for number, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"))
}
_DAYS_JA = {"Mo": "月", "Tu": "火", "We": "水", "Th": "木", "Fr": "金", "Sa": "土", "Su": "日", "PH": "祝"}
_DAYS_EN = {
    "Mo": "Mon", "Tu": "Tue", "We": "Wed", "Th": "Thu", "Fr": "Fri", "Sa": "Sat", "Su": "Sun", "PH": "holidays",
}  # fmt: skip
_MONTH_DAY = re.compile(r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b(?: (\d\d)\b(?!:))?")
_NTH = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\[([-\d,]+)\]")
_DAY = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH)\b")
_TIME = re.compile(r"\b(\d{2}):(\d{2})\b")


def describe(opening: Opening | None, language: Language) -> str:
    """
    Return hours, last admission, check-in and closing days as one readable line.

    Warnings are not part of it: ``hours_on`` gives them for a date. Where nothing is known, the original wording
    stands in its place, and without any wording the line says that the hours are unknown.

    Parameters
    ----------
    opening
        What the place says about its hours.
    language
        ``ja`` or ``en``.
    """
    parts = [part.in_(language) for part in _parts(opening)] if opening is not None else []
    if parts:
        return " ".join(("。" if language == "ja" else "; ").join(parts).split())
    if opening is not None and opening.text and opening.text.strip():
        return " ".join(opening.text.split())
    return "営業時間不明" if language == "ja" else "hours unknown"


def _parts(opening: Opening) -> list[Text]:
    parts = []
    if opening.osm and opening.osm.strip():
        parts.append(Text(_hours_ja(opening.osm), _hours_en(opening.osm)))
    if opening.last_admission:
        parts.append(Text(f"最終入館{opening.last_admission}", f"last admission {opening.last_admission}"))
    if opening.last_admission_minutes is not None:
        minutes = opening.last_admission_minutes
        parts.append(Text(f"入館は閉館{minutes}分前まで", f"last admission {minutes} minutes before closing"))
    if opening.check_in:
        parts.append(Text(f"チェックイン{opening.check_in}", f"check-in {opening.check_in}"))
    if opening.check_out:
        parts.append(Text(f"チェックアウト{opening.check_out}", f"check-out {opening.check_out}"))
    parts += [describe_rule(rule) for rule in opening.closed]
    if opening.no_closing_days and not opening.closed:
        parts.append(Text("無休", "no closing days"))
    return parts


def _hours_ja(osm: str) -> str:
    if osm == "24/7":
        return "24時間"
    text = re.sub(r"(?<!;) (?=\d\d:\d\d-|sunrise)", "：", osm)
    text = _MONTH_DAY.sub(lambda m: f"{_MONTHS[m[1]]}月" + (f"{int(m[2])}日" if m[2] else ""), text)
    text = _NTH.sub(lambda m: _nth_ja(m[2]) + _DAYS_JA[m[1]], text)
    text = _DAY.sub(lambda m: _DAYS_JA[m[1]], text)
    text = _TIME.sub(lambda m: f"{int(m[1])}:{m[2]}", text)
    text = text.replace("sunrise", "日の出").replace("sunset", "日没").replace(" off", "は休み")
    return text.replace("-", "〜").replace("; ", "、").replace(",", "・").replace("〜1]", "-1]")


def _nth_ja(numbers: str) -> str:
    return "・".join("最終" if number == "-1" else f"第{number}" for number in numbers.split(","))


def _hours_en(osm: str) -> str:
    if osm == "24/7":
        return "open 24 hours"
    text = _NTH.sub(lambda m: _nth_en(m[2]) + " " + _DAYS_EN[m[1]], osm)
    text = _DAY.sub(lambda m: _DAYS_EN[m[1]], text)
    text = _MONTH_DAY.sub(lambda m: (f"{int(m[2])} " if m[2] else "") + m[1], text)
    return text.replace(" off", " closed").replace(",", ", ").replace("-", "–")


def _nth_en(numbers: str) -> str:
    names = {"1": "1st", "2": "2nd", "3": "3rd", "4": "4th", "5": "5th", "-1": "last"}
    return " and ".join(names.get(number, number) for number in numbers.split(","))
