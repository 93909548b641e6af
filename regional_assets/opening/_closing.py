"""Closing rules on a date: which of them closes the place, and how to say so."""

from __future__ import annotations

import calendar
import datetime
from typing import TYPE_CHECKING

from regional_assets.opening._holidays import day_after_holidays, is_holiday
from regional_assets.opening.model import (
    WEEKDAYS,
    AnnualClosing,
    DatedClosing,
    HolidayClosing,
    MonthlyClosing,
    WeeklyClosing,
)
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regional_assets.opening.model import ClosingRule

_LOOK_BACK_DAYS = 14
"""Longest run of holidays and weekends to look back through; the ten days of May 2019 were the longest so far."""

WEEKDAY_NAMES = {
    "mon": Text("月", "Monday"),
    "tue": Text("火", "Tuesday"),
    "wed": Text("水", "Wednesday"),
    "thu": Text("木", "Thursday"),
    "fri": Text("金", "Friday"),
    "sat": Text("土", "Saturday"),
    "sun": Text("日", "Sunday"),
}
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def closing_reason(rules: Iterable[ClosingRule], day: datetime.date) -> Text | None:
    """Return why the place is closed on ``day``, or ``None`` when no rule closes it."""
    for rule in rules:
        reason = _reason(rule, day)
        if reason is not None:
            return reason
    return None


def in_season(day: datetime.date, first: str, last: str) -> bool:
    """Return whether ``day`` lies from ``first`` to ``last`` (``MM-DD``, both included, may wrap over the new year)."""
    today = f"{day:%m-%d}"
    return first <= today <= last if first <= last else today >= first or today <= last


def _reason(rule: ClosingRule, day: datetime.date) -> Text | None:
    if isinstance(rule, WeeklyClosing):
        return _weekly_reason(rule, day)
    if isinstance(rule, AnnualClosing):
        closed = in_season(day, rule.first, rule.last)
    elif isinstance(rule, DatedClosing):
        closed = rule.first <= day.isoformat() <= rule.last
    elif isinstance(rule, MonthlyClosing):
        last_day = calendar.monthrange(day.year, day.month)[1]
        closed = day.day in rule.days or (-1 in rule.days and day.day == last_day)
    else:
        asked = day if rule.when == "on" else day - datetime.timedelta(days=1)
        closed = is_holiday(asked)
    return describe_rule(rule) if closed else None


def _weekly_reason(rule: WeeklyClosing, day: datetime.date) -> Text | None:
    if _is_scheduled(rule, day) and (rule.if_holiday == "closed" or not is_holiday(day)):
        return describe_rule(rule)
    origin = _shifted_from(rule, day)
    if origin is None:
        return None
    said = describe_rule(rule)
    return Text(
        f"{said.ja}（{origin.month}月{origin.day}日が祝日のため振替）",
        f"{said.en} (moved from {origin:%A} {origin.day} {origin:%B}, a public holiday)",
    )


def _is_scheduled(rule: WeeklyClosing, day: datetime.date) -> bool:
    if WEEKDAYS[day.weekday()] not in rule.weekdays:
        return False
    if rule.season and not in_season(day, *rule.season):
        return False
    if not rule.nth:
        return True
    is_last = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
    return (day.day - 1) // 7 + 1 in rule.nth or (is_last and -1 in rule.nth)


def _shifted_from(rule: WeeklyClosing, day: datetime.date) -> datetime.date | None:
    """Return the holiday whose closing has moved to ``day``: look back through the run of holidays before it."""
    if rule.if_holiday not in ("next_weekday", "next_day") or is_holiday(day):
        return None
    for back in range(1, _LOOK_BACK_DAYS + 1):
        origin = day - datetime.timedelta(days=back)
        if not _is_scheduled(rule, origin) or not is_holiday(origin):
            continue
        if day_after_holidays(origin, skip_weekends=rule.if_holiday == "next_weekday") == day:
            return origin
    return None


def describe_rule(rule: ClosingRule) -> Text:
    """Return a closing rule in words."""
    if isinstance(rule, WeeklyClosing):
        return _describe_weekly(rule)
    if isinstance(rule, AnnualClosing):
        return Text(f"{span_ja(rule.first, rule.last)}休み", f"closed {span_en(rule.first, rule.last)} every year")
    if isinstance(rule, DatedClosing):
        return Text(f"{rule.first}〜{rule.last}休み", f"closed from {rule.first} to {rule.last}")
    if isinstance(rule, MonthlyClosing):
        days_ja = "・".join("末日" if number == -1 else f"{number}日" for number in rule.days)
        days_en = ", ".join("the last day" if number == -1 else str(number) for number in rule.days)
        return Text(f"毎月{days_ja}休み", f"closed every month on: {days_en}")
    return _describe_holiday(rule)


def _describe_holiday(rule: HolidayClosing) -> Text:
    if rule.when == "on":
        return Text("祝日休み", "closed on public holidays")
    return Text("祝日の翌日休み", "closed on the day after a public holiday")


def _describe_weekly(rule: WeeklyClosing) -> Text:
    names = [WEEKDAY_NAMES[weekday] for weekday in rule.weekdays]
    ja = "・".join(name.ja for name in names) + "曜休み"
    en = " and ".join(name.en + ("" if rule.nth else "s") for name in names)
    if rule.nth:
        ja = "・".join("最終" if n == -1 else f"第{n}" for n in rule.nth) + ja
        en = "the " + " and ".join(_ORDINALS[n] for n in rule.nth) + f" {en} of the month"
    on_holiday = {
        "closed": Text("", ""),
        "open": Text("（祝日は営業）", " (open if a public holiday)"),
        "next_weekday": Text("（祝日の場合は翌平日）", " (if a public holiday, the next weekday instead)"),
        "next_day": Text("（祝日の場合は翌日）", " (if a public holiday, the next day instead)"),
    }[rule.if_holiday]
    season = Text("", "")
    if rule.season:
        season = Text(f"{span_ja(*rule.season)}は", f", {span_en(*rule.season)}")
    return Text(season.ja + ja + on_holiday.ja, f"closed on {en}{on_holiday.en}{season.en}")


def span_ja(first: str, last: str) -> str:
    """Return a span of days of the year as 12月29日〜1月3日."""
    words = [f"{int(day[:2])}月{int(day[3:])}日" for day in (first, last)]
    return words[0] if first == last else "〜".join(words)


def span_en(first: str, last: str) -> str:
    """Return a span of days of the year as 29 Dec to 3 Jan."""
    words = [f"{int(day[3:])} {calendar.month_abbr[int(day[:2])]}" for day in (first, last)]
    return words[0] if first == last else " to ".join(words)
