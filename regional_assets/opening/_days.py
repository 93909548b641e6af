"""Days of the week in Japanese: 平日, 土日祝, 月～金, 第2・第4水曜日."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DAY = "[月火水木金土日]"
# 月曜、祝日の翌日 and 月曜、祝日の場合は翌日 do not name the holiday itself.
_HOLIDAY = (
    r"(?:(?:国民の祝日|祝祭日|祝・?休日|祝日|祭日|祝(?![日祭])|祭(?![り日]))"
    r"(?!の(?:翌日|場合|時|とき)|に(?:当|あ)たる|と重なる))"
)
_ITEM = rf"(?:{_DAY}曜日?|{_HOLIDAY}|休日|平日|週末|{_DAY}(?!曜))"
_SEPARATOR = r"\s*(?:[・、,~/と]|及び|および|または|から)?\s*"
WEEKDAY_LIST = re.compile(rf"毎日(?!曜)|全日|(?:毎週|毎(?={_DAY}曜))?{_ITEM}(?:{_SEPARATOR}{_ITEM})*(?:\s*まで)?")
NTH = re.compile(
    rf"(?:毎月|毎週)?\s*(?:第\s*[1-5一二三四五](?:\s*[・、,.と&]\s*第?\s*[1-5一二三四五](?![\d:時]))*|最終)\s*"
    rf"(?:週の?\s*)?(?:{_DAY}曜日?)(?:\s*[・、,]\s*{_DAY}曜日?)*"
)
HOLIDAY = 7
"""Public holidays, as the eighth day beside Monday (0) to Sunday (6)."""
ALL_DAYS = frozenset(range(8))
_INDEX = {name: index for index, name in enumerate("月火水木金土日")}
_KANJI_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}


@dataclass(frozen=True, slots=True)
class Days:
    """
    Hold a set of days of the week.

    Parameters
    ----------
    members
        0 for Monday to 6 for Sunday, 7 for public holidays.
    nth
        Which of them in the month; empty means every one. -1 is the last.
    but_holidays
        The text says 平日: a holiday on one of these weekdays does not count.
    after_holiday
        The text says 祝日の翌日; ``members`` is then empty.
    """

    members: frozenset[int]
    nth: tuple[int, ...] = ()
    but_holidays: bool = False
    after_holiday: bool = False


def is_weekday_list(text: str, match: re.Match[str]) -> bool:
    """
    Return whether a match of ``WEEKDAY_LIST`` is about weekdays at all.

    月 is also "month", 日 "day" and 土 "earth": a lone sign counts only between blanks, marks or brackets, and no list
    counts right after a number (3日).
    """
    before, after = text[: match.start()], text[match.end() :]
    if re.search(r"\d\s*$", before) and not match[0].startswith(("毎", "平", "祝")):
        is_after_time = re.search(r":\d\d\s*$", before) is not None
        if not is_after_time or (len(match[0]) == 1 and not before.endswith(" ")):
            return False
    if re.search(rf"曜|平日|週末|毎日|全日|休日|{_HOLIDAY}", match[0]):
        return not (match[0] in ("祝", "祭") and re.match(r"[一-龥ぁ-ん]", after))
    if len(re.findall(_DAY, match[0])) > 1:
        return not re.match(r"[一-龥](?<![は休定営])", after) or bool(re.match(r"定休|休|営業|開館", after))
    return (
        re.search(r"(?:^|[\s(【、,・/※。\n])$", before) is not None
        and re.match(r"\s*[:/】)]|\d(?!\d?回)|\s+\d|\s*$", after) is not None
    )


def read_weekdays(raw: str) -> Days:
    """Return the days of a match of ``WEEKDAY_LIST``."""
    if raw in ("毎日", "全日"):
        return Days(ALL_DAYS)
    members: set[int] = set()
    pieces = re.findall(rf"({_ITEM})|(~|から)", raw)
    previous: int | None = None
    in_range = False
    for item, tilde in pieces:
        if tilde:
            in_range = True
            continue
        index = _INDEX.get(item[0]) if item not in ("平日", "週末", "休日") else None
        if index is None:
            members |= _named(item, alone=len(pieces) == 1)
        elif in_range and previous is not None:
            members |= {(previous + step) % 7 for step in range((index - previous) % 7 + 1)}
        else:
            members.add(index)
        previous, in_range = index, False
    return Days(frozenset(members), but_holidays="平日" in raw and HOLIDAY not in members)


def _named(item: str, *, alone: bool) -> set[int]:
    if item == "平日":
        return {0, 1, 2, 3, 4}
    if item == "週末":
        return {5, 6}
    if item == "休日":
        return {5, 6, HOLIDAY} if alone else {6, HOLIDAY}
    return {HOLIDAY}


def read_nth(raw: str) -> Days:
    """Return the days of a match of ``NTH``, or of 祝日の翌日."""
    if "翌日" in raw:
        return Days(frozenset(), after_holiday=True)
    head = re.split(rf"{_DAY}曜", raw, maxsplit=1)[0]
    numbers = tuple(_KANJI_DIGITS.get(sign) or int(sign) for sign in re.findall(r"[1-5一二三四五]", head))
    members = frozenset(_INDEX[sign] for sign in re.findall(rf"({_DAY})曜", raw))
    return Days(members, nth=numbers or (-1,))
