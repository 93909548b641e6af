"""Promises about hours that hold for any input."""

from __future__ import annotations

import datetime
import subprocess
import sys
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regional_assets.opening import (
    WEEKDAYS,
    AnnualClosing,
    DatedClosing,
    HolidayClosing,
    MonthlyClosing,
    Opening,
    WeeklyClosing,
    describe,
    hours_on,
    read_hours,
    understood,
)

DAYS = st.dates(datetime.date(2024, 1, 1), datetime.date(2030, 12, 31))
MONTH_DAYS = DAYS.map(lambda day: f"{day:%m-%d}")
CLOCKS = st.builds(
    lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 29), st.sampled_from((0, 15, 30, 45))
)
WEEKDAY_SETS = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days)))

OSM_DAYS = st.sampled_from(
    ("", "Mo-Fr ", "Sa,Su,PH ", "PH ", "PH,Su ", "We[2,4] ", "Su[-1] ", "PH Mo-Fr ", "PH +1 day ")
)
OSM_SEASONS = st.sampled_from(("", "Apr-Nov ", "Nov 01-Mar 31 ", "Oct 16-Feb 29 ", "Dec 31 ", "Jan-Mar,Oct "))
OSM_HOURS = st.one_of(
    st.lists(st.tuples(CLOCKS, CLOCKS), min_size=1, max_size=3).map(lambda s: ",".join(f"{a}-{b}" for a, b in s)),
    st.sampled_from(("off", "sunrise-sunset", "09:00-sunset", '"by appointment"', "10:00+", "unknown")),
)
OSM = st.one_of(
    st.lists(st.builds("{}{}{}".format, OSM_SEASONS, OSM_DAYS, OSM_HOURS), min_size=1, max_size=4).map("; ".join),
    st.just("24/7"),
    st.text(max_size=20),
)
RULES: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        WeeklyClosing,
        weekdays=WEEKDAY_SETS,
        nth=st.sampled_from(((), (1,), (2, 4), (-1,), (5,))),
        if_holiday=st.sampled_from(("closed", "open", "next_weekday", "next_day")),
        season=st.none() | st.tuples(MONTH_DAYS, MONTH_DAYS),
    ),
    st.builds(AnnualClosing, first=MONTH_DAYS, last=MONTH_DAYS),
    st.builds(DatedClosing, first=DAYS.map(str), last=DAYS.map(str)),
    st.builds(MonthlyClosing, days=st.sampled_from(((1,), (15,), (-1,), (31,)))),
    st.builds(HolidayClosing, when=st.sampled_from(("on", "after"))),
)
OPENINGS = st.builds(
    Opening,
    osm=st.none() | OSM,
    closed=st.lists(RULES, max_size=3).map(tuple),
    last_admission=st.none() | CLOCKS,
    last_admission_minutes=st.none() | st.integers(0, 600),
    unread=st.lists(st.text(max_size=5), max_size=1).map(tuple),
)
PIECES = st.sampled_from(
    [
        "9時00分～17時00分",
        "（入館は16時30分まで）",
        "平日",
        "土日祝",
        "月曜日",
        "第2・第4水曜",
        "休館日",
        "定休",
        "4月～11月",
        "12/29～1/3",
        "冬季",
        "※",
        "、",
        "・",
        "（",
        "）",
        "【",
        "】",
        "年末年始",
        "祝日の場合は翌日",
        "を除く",
        "のみ",
        "10:00",
        "～",
        "まで",
        "から",
        "翌2:00",
        "レストラン",
        "見学",
        "年中無休",
        "24時間",
        "チェックイン15時",
        "30分前",
        "不定休",
        "7月下旬",
        "令和5年",
        "日",
        "月",
        "3",
        "L.O.",
        "毎月15日",
        "日没",
        "要予約",
        "無休",
        "冬期休業",
        "祝日以外の",
        "GW",
        "お盆",
        "13/45",
        "99時",
        "\n",
        " ",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=9).map("".join)
FEW = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(OPENINGS, DAYS)
def test_windows_are_in_order_apart_and_enterable(opening: Opening, day: datetime.date) -> None:
    """Any hours on any day give ordered, separate windows that can be entered, or a clear other answer."""
    hours = hours_on(opening, day)
    assert (hours.status == "open") == bool(hours.windows)
    assert (hours.status == "closed") == (hours.rule is not None)
    for window in hours.windows:
        assert 0 <= window.open_s <= window.last_entry_s <= window.close_s
        assert window.open_s < 86_400
    for earlier, later in zip(hours.windows, hours.windows[1:], strict=False):
        assert earlier.close_s < later.open_s


@FEW
@given(OPENINGS, RULES, DAYS)
def test_a_closing_rule_always_wins(opening: Opening, rule: Any, day: datetime.date) -> None:
    """A day that a rule closes by itself is closed whatever the hours and the other rules say."""
    alone = hours_on(Opening(closed=(rule,)), day)
    together = hours_on(opening.model_copy(update={"closed": (*opening.closed, rule)}), day)
    if alone.status == "closed":
        assert together.status == "closed"
    else:
        assert together == hours_on(opening, day)


@FEW
@given(OPENINGS, st.sampled_from(("ja", "en")))
def test_any_hours_can_be_described(opening: Opening, language: Any) -> None:
    """There is always one line to show."""
    line = describe(opening, language)
    assert line
    assert "\n" not in line


@settings(FEW, max_examples=400)
@given(TEXTS, st.none() | TEXTS, DAYS)
def test_no_text_breaks_the_reader_or_is_lost(text: str, closed_text: str | None, day: datetime.date) -> None:
    """Any text is read without an error, keeps its wording, and gives hours that can be evaluated."""
    opening = read_hours(text, closed_text=closed_text)
    kept = [part for part in (text, closed_text) if part and part.strip()]
    assert opening.text == ("\n".join(kept) or None)
    assert understood(opening) in (True, False)
    hours = hours_on(opening, day)
    assert not any("cannot read" in warning.en for warning in hours.warnings)
    assert Opening.model_validate_json(opening.model_dump_json()) == opening


@FEW
@given(TEXTS)
def test_what_was_read_is_said(text: str) -> None:
    """A text that was passed over in part, or gave nothing, never counts as understood."""
    opening = read_hours(text)
    if opening.unread or not text.strip():
        assert not understood(opening)


def test_the_public_door_loads_nothing_heavy() -> None:
    """Importing the package, its model and the reader loads neither the evaluator nor the holiday table."""
    code = (
        "import sys, regional_assets.opening as o; o.read_hours('9:00～17:00'); "
        "print([m for m in ('opening_hours', 'jpholiday', 'pandas', 'geopandas') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
