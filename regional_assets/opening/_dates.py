"""Parts of the year in Japanese: 4月～11月, 12/29～1/3, 7月中旬, 1,2月."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regional_assets.opening.model import Assumption

MONTH_ENDS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Last days of the months; 29 in February closes the month in every year."""

_YEAR = r"(?:(?:20\d{2}|令和\s*(?:\d{1,2}|元)|平成\s*\d{1,2})\s*年度?の?\s*)"
_WEEKDAY_NOTE = r"(?:\s*\([月火水木金土日](?:曜日?)?(?:[・,]?祝)?\))?"
_MONTH_DAY = rf"\d{{1,2}}\s*月\s*\d{{1,2}}\s*日(?!間){_WEEKDAY_NOTE}(?:頃|ごろ|前後)?"
_SLASHED = r"(?<![\d:/.])\d{1,2}\s?/\s?(?:\d{1,2}|末)(?![\d:時]|/\d)"
_MONTH_PART = r"\d{1,2}\s*月(?!\s*\d{1,2}\s*日)\s*(?:上旬|初旬|中旬|下旬|初め|末日?|頭)?(?:頃|ごろ|前後)?"
_POINT = rf"(?:{_YEAR}?(?:翌年?の?\s*)?(?:{_MONTH_DAY}|{_SLASHED}|{_MONTH_PART}|GW|ゴールデンウィーク))"
_BARE_DAY = rf"\d{{1,2}}(?:日{_WEEKDAY_NOTE}|(?![\d:時月分/名円人部回部台年]))"
_END = rf"(?:{_POINT}|{_BARE_DAY}|上旬|中旬|下旬)"
_RANGE = rf"(?:{_POINT}\s*(?:~|から|より)\s*{_END}|(?<![\d:/])\d{{1,2}}\s*~\s*{_MONTH_PART})(?:まで)?"
_DAYS_OF_MONTH = r"\d{1,2}月\s*\d{1,2}日?~\d{1,2}日"
_LIST = r"(?:(?<![\d:/])\d{1,2}\s*[・、,.]\s*)+\d{1,2}\s*月(?!\s*\d)"
_DAY_LIST = rf"(?:{_SLASHED})(?:[.,・]\d{{1,2}}(?![\d:/月]))+"
_ATOM = rf"(?:{_DAYS_OF_MONTH}|{_RANGE}|{_LIST}|{_DAY_LIST}|{_POINT})"
SEASON = re.compile(rf"(?:毎年|例年)?{_ATOM}(?:\s*[・、,]\s*{_ATOM})*(?:\s*(?P<since>~|から|より)|まで)?")

_READ_POINT = re.compile(
    r"(?P<y>(?:20\d{2}|令和\s*(?:\d{1,2}|元)|平成\s*\d{1,2})\s*年)?度?の?\s*(?:翌年?の?\s*)?"
    r"(?:(?P<m>\d{1,2})\s*月\s*(?:(?P<d>\d{1,2})\s*日|(?P<part>上旬|初旬|中旬|下旬|初め|末日?|頭))?"
    r"|(?P<sm>\d{1,2})\s?/\s?(?P<sd>\d{1,2}|末)|(?P<gw>GW|ゴールデンウィーク))"
)
_PARTS = {"上旬": (1, 10), "初旬": (1, 10), "初め": (1, 10), "頭": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}


@dataclass(frozen=True, slots=True)
class Season:
    """
    Hold parts of the year.

    Parameters
    ----------
    spans
        First and last days, ``MM-DD``; may wrap over the new year.
    assumed
        What had to be assumed to read them.
    years
        First and last dates where the text names a year, ISO 8601.
    is_readable
        ``False`` for impossible dates and open beginnings.
    """

    spans: tuple[tuple[str, str], ...]
    assumed: frozenset[Assumption] = frozenset()
    years: tuple[str, str] | None = None
    is_readable: bool = True

    def osm(self) -> str:
        """Return the season in OSM syntax."""
        return ",".join(_osm_span(first, last) for first, last in self.spans)

    def holds(self, other: Season) -> bool:
        """Return whether every span of ``other`` begins within this season."""
        return all(any(_holds(span, first) for span in self.spans) for first, _ in other.spans)

    def rest_of_year(self) -> tuple[tuple[str, str], ...]:
        """Return the spans of the year outside the season; empty for a season that fills it."""
        ordered = sorted(self.spans)
        gaps = []
        for index, (_, last) in enumerate(ordered):
            after, before = _day_after(last), _day_before(ordered[(index + 1) % len(ordered)][0])
            if after != _day_after(before):
                gaps.append((after, before))
        return tuple(gaps)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _osm_span(first: str, last: str) -> str:
    from_month, from_day, to_month, to_day = (int(part) for day in (first, last) for part in day.split("-"))
    if from_day == 1 and to_day == MONTH_ENDS[to_month - 1]:
        names = (_MONTHS[from_month - 1], _MONTHS[to_month - 1])
        return names[0] if from_month == to_month else "-".join(names)
    begin, end = f"{_MONTHS[from_month - 1]} {from_day:02d}", f"{_MONTHS[to_month - 1]} {to_day:02d}"
    return begin if first == last else f"{begin}-{end}"


def _day_after(day: str) -> str:
    month, number = int(day[:2]), int(day[3:])
    if number < MONTH_ENDS[month - 1]:
        return f"{month:02d}-{number + 1:02d}"
    return f"{month % 12 + 1:02d}-01"


def _day_before(day: str) -> str:
    month, number = int(day[:2]), int(day[3:])
    if number > 1:
        return f"{month:02d}-{number - 1:02d}"
    previous = (month - 2) % 12 + 1
    return f"{previous:02d}-{MONTH_ENDS[previous - 1]:02d}"


def read_season(raw: str) -> Season:
    """Return the season of a match of ``SEASON``."""
    is_until = raw.endswith("まで") and not re.search(r"~|から|より", raw)
    if is_until or re.search(r"(?:~|から|より)\s*$", raw):
        return Season((), is_readable=False)
    spans: list[tuple[str, str]] = []
    assumed: set[Assumption] = set()
    years: list[tuple[str, str]] = []
    for atom in re.finditer(_ATOM, raw):
        if not _read_atom(atom[0], spans, assumed, years):
            return Season((), is_readable=False)
    merged = _join_months(spans)
    if any(_overlap(one, other) for index, one in enumerate(merged) for other in merged[:index]):
        return Season((), is_readable=False)
    return Season(tuple(merged), frozenset(assumed), years[0] if years else None)


def _read_atom(atom: str, spans: list[tuple[str, str]], assumed: set[Assumption], years: list[tuple[str, str]]) -> bool:
    """Add what one atom says; return whether its dates exist."""
    if re.fullmatch(_LIST, atom):
        months = [int(number) for number in re.findall(r"\d+", atom)]
        spans.extend((f"{month:02d}-01", _month_end(month)) for month in months if 1 <= month <= 12)
        return all(1 <= month <= 12 for month in months)
    if re.fullmatch(_DAYS_OF_MONTH, atom):
        month, first_day, last_day = (int(number) for number in re.findall(r"\d+", atom))
        spans.append((f"{month:02d}-{first_day:02d}", f"{month:02d}-{last_day:02d}"))
        return _exists(month, first_day) and _exists(month, last_day)
    if re.fullmatch(_DAY_LIST, atom):
        month, *days = (int(number) for number in re.findall(r"\d+", atom))
        spans.extend((f"{month:02d}-{day:02d}",) * 2 for day in days)
        return all(_exists(month, day) for day in days)
    ends = [part.strip() for part in re.split(r"~|から|より", re.sub(r"まで$", "", atom.strip()))]
    first, last = ends[0], ends[-1]
    if len(ends) == 2 and re.fullmatch(r"\d{1,2}", first):
        first += "月"
    start = _read_end(first, is_end=False, assumed=assumed)
    if len(ends) == 2 and last in _PARTS and start is not None:
        last = f"{int(start[0][:2])}月{last}"
    if len(ends) == 2 and not _READ_POINT.search(last):
        number = re.search(r"\d{1,2}", last)
        stop: tuple[str, int | None] | None = (
            (f"{start[0][:2]}-{int(number[0]):02d}", None) if start and number else None
        )
    else:
        stop = _read_end(last, is_end=True, assumed=assumed)
    if start is None or stop is None or not _exists(int(stop[0][:2]), int(stop[0][3:])):
        return False
    spans.append((start[0], stop[0]))
    if start[1] is not None:
        last_year = stop[1] or (start[1] if stop[0] >= start[0] else start[1] + 1)
        years.append((f"{start[1]}-{start[0]}", f"{last_year}-{stop[0]}"))
    return True


def _read_end(raw: str, *, is_end: bool, assumed: set[Assumption]) -> tuple[str, int | None] | None:
    """Return one end of a season as ``MM-DD``, and its year if it has one."""
    match = _READ_POINT.search(raw)
    if match is None:
        return None
    if match["gw"]:
        assumed.add("golden_week")
        return ("05-05" if is_end else "04-29"), None
    month = int(match["m"] or match["sm"])
    if not 1 <= month <= 12:
        return None
    day = match["d"] or match["sd"]
    if day and day != "末":
        number = int(day)
    else:
        number = _day_of_part(match["part"] or day or "", month, is_end=is_end, assumed=assumed)
    if not _exists(month, number):
        return None
    return f"{month:02d}-{number:02d}", _year(match["y"])


def _day_of_part(part: str, month: int, *, is_end: bool, assumed: set[Assumption]) -> int:
    last_day = MONTH_ENDS[month - 1]
    if part in _PARTS:
        assumed.add("part_of_month")
        return min(_PARTS[part][int(is_end)], last_day)
    if part.startswith("末") and not is_end:
        assumed.add("part_of_month")
        return 25
    return last_day if is_end else 1


def _year(raw: str | None) -> int | None:
    if not raw:
        return None
    number = 1 if "元" in raw else int(re.findall(r"\d+", raw)[0])
    return number + 2018 if raw.startswith("令和") else number + 1988 if raw.startswith("平成") else number


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return _holds(one, other[0]) or _holds(other, one[0])


def _holds(span: tuple[str, str], day: str) -> bool:
    first, last = span
    return first <= day <= last if first <= last else day >= first or day <= last


def _exists(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= MONTH_ENDS[month - 1]


def _month_end(month: int) -> str:
    return f"{month:02d}-{MONTH_ENDS[month - 1]:02d}"


def _join_months(spans: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join spans that follow one another: 12月、1月、2月 is one season."""
    joined: list[tuple[str, str]] = []
    for first, last in spans:
        if joined and _day_after(joined[-1][1]) == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
