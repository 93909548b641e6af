"""Hours on a date: OSM syntax, Japanese holidays, closing rules."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from regional_assets.opening import (
    AnnualClosing,
    DatedClosing,
    HolidayClosing,
    MonthlyClosing,
    Opening,
    WeeklyClosing,
    hours_on,
)

HOUR = 3600
DAY = 24 * HOUR


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def spans(osm: str, date: str, **options: Any) -> list[tuple[float, float]]:
    hours = hours_on(Opening(osm=osm), day(date), **options)
    return [(window.open_s / HOUR, window.close_s / HOUR) for window in hours.windows]


@pytest.mark.parametrize(
    ("osm", "date", "expected"),
    [
        ("09:00-17:00", "2026-09-23", [(9, 17)]),
        ("09:00-12:00,13:00-17:00", "2026-09-23", [(9, 12), (13, 17)]),
        ("09:00-13:00,12:00-17:00", "2026-09-23", [(9, 17)]),
        ("24/7", "2026-09-23", [(0, 24)]),
        ("Mo-Fr 09:00-17:00", "2026-09-26", []),
        ("Apr-Nov 09:00-17:00; Dec-Mar 09:00-16:00", "2026-12-01", [(9, 16)]),
        ("Nov 01-Mar 31 09:00-16:00", "2027-01-15", [(9, 16)]),
        ("Nov 01-Mar 31 09:00-16:00", "2027-04-01", []),
        ("Oct 16-Feb 29 08:00-17:00", "2027-02-28", [(8, 17)]),
        ("Oct 16-Feb 29 08:00-17:00", "2027-03-01", []),
        ("Oct 16-Feb 29 08:00-17:00", "2028-02-29", [(8, 17)]),
        ("We[4] 12:00-22:00", "2026-09-23", [(12, 22)]),
        ("We[-1] 12:00-22:00", "2026-09-30", [(12, 22)]),
        ("We[-1] 12:00-22:00", "2026-09-23", []),
        ("09:00-17:00; Su off", "2026-09-27", []),
    ],
)
def test_osm_hours_give_the_windows_of_the_day(osm: str, date: str, expected: list[tuple[float, float]]) -> None:
    """Plain OSM syntax gives the windows that a reader of the specification expects."""
    assert spans(osm, date) == expected


@pytest.mark.parametrize(
    ("osm", "date", "expected"),
    [
        # A citizens' holiday between two others, which the library itself does not know.
        ("09:00-17:00; PH off", "2026-09-22", []),
        ("09:00-17:00; PH off", "2026-09-24", [(9, 17)]),
        ("PH off", "2026-09-24", []),
        ("Mo-Fr 09:00-17:00; PH,Su 10:00-12:00", "2026-09-22", [(10, 12)]),
        ("Mo-Fr 09:00-17:00; PH,Su 10:00-12:00", "2026-09-24", [(9, 17)]),
        ("Mo-Fr 09:00-17:00; PH,Su 10:00-12:00", "2026-09-27", [(10, 12)]),
        ("Mo-Fr,PH 09:00-17:00", "2026-08-11", [(9, 17)]),
        ("Sa,Su,PH 09:00-17:00", "2026-09-24", []),
        ("PH Mo-Fr 09:00-17:00", "2026-09-22", [(9, 17)]),
        ("PH Mo-Fr 09:00-17:00", "2026-05-03", []),
        ("PH Mo-Fr 09:00-17:00", "2026-09-24", []),
        ("PH +1 day 09:00-10:00", "2026-09-24", [(9, 10)]),
        ("PH +1 day 09:00-10:00", "2026-09-25", []),
        ("Jul-Sep PH 08:00-20:00", "2026-09-21", [(8, 20)]),
        ('PH 09:00-17:00 "PH only"', "2026-09-22", [(9, 17)]),
    ],
)
def test_public_holidays_are_those_of_japan(osm: str, date: str, expected: list[tuple[float, float]]) -> None:
    """PH means the holidays of jpholiday in every position of the syntax."""
    assert spans(osm, date) == expected


@pytest.mark.parametrize(
    ("osm", "date", "expected"),
    [
        ("22:00-02:00", "2026-09-23", [(22, 26)]),
        ("22:00-26:00", "2026-09-23", [(22, 26)]),
        ("Fr 22:00-26:00", "2026-09-26", []),
        ("Fr 22:00-26:00", "2026-09-25", [(22, 26)]),
        ("Mo-Th 18:00-25:00; Fr,Sa 18:00-27:00", "2026-09-24", [(18, 25)]),
        ("Mo-Th 18:00-25:00; Fr,Sa 18:00-27:00", "2026-09-25", [(18, 27)]),
        ("Mo-Th 18:00-24:00; Fr,Sa 18:00-27:00", "2026-09-24", [(18, 24)]),
        ("11:00-14:00,17:00-25:00", "2026-09-24", [(11, 14), (17, 25)]),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_begin(
    osm: str, date: str, expected: list[tuple[float, float]]
) -> None:
    """A bar open until two belongs to Friday, and Saturday morning is not open because of it."""
    assert spans(osm, date) == expected


@pytest.mark.parametrize(
    "osm",
    ["nonsense", "10:00-", "Mo-Xx 10:00-12:00", "", '"by appointment"', "unknown", "SH 09:00-17:00", "sunset-02:00"],
)
def test_hours_that_cannot_be_evaluated_are_unknown_with_a_warning(osm: str) -> None:
    """Neither broken syntax nor "ask first" counts as open, and nothing is raised."""
    hours = hours_on(Opening(osm=osm), day("2026-09-23"))
    assert hours.status == "unknown"
    assert hours.warnings
    assert all(warning.ja and warning.en for warning in hours.warnings)


def test_by_appointment_hours_are_unknown() -> None:
    """Hours with "by appointment" are no hours one can walk in at."""
    assert hours_on(Opening(osm='Mo-Fr 09:00-17:00 "by appointment"'), day("2026-09-24")).status == "unknown"
    assert hours_on(Opening(osm='Mo-Fr 09:00-17:00 "要予約"'), day("2026-09-24")).status == "unknown"


def test_sunset_depends_on_place_and_date() -> None:
    """Sunset is computed for the position; without one the middle of Japan is taken and said so."""
    winter = hours_on(Opening(osm="09:00-sunset"), day("2026-12-21"), lon_lat=(136.2, 36.0))
    summer = hours_on(Opening(osm="09:00-sunset"), day("2026-06-21"), lon_lat=(136.2, 36.0))
    assert 16.6 < winter.windows[0].close_s / HOUR < 16.9
    assert 19.1 < summer.windows[0].close_s / HOUR < 19.4
    assert not winter.warnings
    assert "middle of Japan" in hours_on(Opening(osm="09:00-sunset"), day("2026-12-21")).warnings[0].en


def test_an_open_end_is_flagged() -> None:
    """17:00+ has no stated end, which is worth a warning."""
    assert any("closing time" in warning.en for warning in hours_on(Opening(osm="17:00+"), day("2026-09-24")).warnings)


MONDAY = {"weekdays": ("mon",)}


@pytest.mark.parametrize(
    ("if_holiday", "closed", "not_closed"),
    [
        ("closed", ["2026-09-14", "2026-09-21"], ["2026-09-22", "2026-09-24"]),
        ("open", ["2026-09-14"], ["2026-09-21", "2026-09-22", "2026-09-24"]),
        # Respect-for-the-Aged Monday, a citizens' holiday and the equinox: the closing moves three days.
        ("next_weekday", ["2026-09-14", "2026-09-24"], ["2026-09-21", "2026-09-22", "2026-09-23", "2026-09-25"]),
        ("next_day", ["2026-09-14", "2026-09-24"], ["2026-09-21", "2026-09-22", "2026-09-23", "2026-09-25"]),
        # Golden week: Monday 4 May to Wednesday 6 May 2026.
        ("next_weekday", ["2026-05-07"], ["2026-05-04", "2026-05-05", "2026-05-06", "2026-05-08"]),
        # An ordinary holiday Monday.
        ("next_weekday", ["2026-07-21"], ["2026-07-20", "2026-07-22"]),
    ],
)
def test_closing_moves_through_runs_of_holidays(if_holiday: Any, closed: list[str], not_closed: list[str]) -> None:
    """月曜休館、祝日の場合は翌平日: the closing day is found by looking back through the holidays."""
    museum = Opening(osm="09:00-17:00", closed=(WeeklyClosing(weekdays=("mon",), if_holiday=if_holiday),))
    assert [hours_on(museum, day(date)).status for date in closed] == ["closed"] * len(closed)
    assert [hours_on(museum, day(date)).status for date in not_closed] == ["open"] * len(not_closed)


def test_next_weekday_skips_the_weekend_and_next_day_does_not() -> None:
    """A Friday holiday moves to Monday as 翌平日, and to Saturday as 翌日."""
    friday = day("2027-04-30")
    holiday = day("2027-01-01")
    assert (friday.weekday(), holiday.weekday()) == (4, 4)
    weekday = Opening(osm="09:00-17:00", closed=(WeeklyClosing(weekdays=("fri",), if_holiday="next_weekday"),))
    next_day = Opening(osm="09:00-17:00", closed=(WeeklyClosing(weekdays=("fri",), if_holiday="next_day"),))
    assert [hours_on(weekday, day(date)).status for date in ("2027-01-01", "2027-01-02", "2027-01-04")] == [
        "open",
        "open",
        "closed",
    ]
    assert [hours_on(next_day, day(date)).status for date in ("2027-01-01", "2027-01-02", "2027-01-04")] == [
        "open",
        "closed",
        "open",
    ]


def test_the_reason_for_a_moved_closing_names_the_holiday() -> None:
    """Visitors learn why a museum is closed on a Thursday."""
    museum = Opening(osm="09:00-17:00", closed=(WeeklyClosing(weekdays=("mon",), if_holiday="next_weekday"),))
    rule = hours_on(museum, day("2026-09-24")).rule
    assert rule is not None
    assert "9月21日" in rule.ja
    assert "Monday 21 September" in rule.en


@pytest.mark.parametrize(
    ("rule", "closed", "not_closed"),
    [
        (WeeklyClosing(weekdays=("wed",), nth=(2, 4)), ["2026-09-09", "2026-09-23"], ["2026-09-02", "2026-09-16"]),
        (WeeklyClosing(weekdays=("wed",), nth=(5,)), ["2026-09-30"], ["2026-09-23"]),
        (WeeklyClosing(weekdays=("wed",), nth=(-1,)), ["2026-09-30", "2027-02-24"], ["2026-09-23"]),
        (WeeklyClosing(weekdays=("tue",), season=("12-01", "03-31")), ["2026-12-01", "2027-03-30"], ["2026-11-24"]),
        (AnnualClosing(first="12-29", last="01-03"), ["2026-12-29", "2027-01-03"], ["2026-12-28", "2027-01-04"]),
        (AnnualClosing(first="12-01", last="02-29"), ["2027-02-28", "2028-02-29"], ["2027-03-01", "2026-11-30"]),
        (AnnualClosing(first="08-13", last="08-16"), ["2026-08-13", "2026-08-16"], ["2026-08-17"]),
        (
            DatedClosing(first="2026-12-24", last="2027-01-10"),
            ["2026-12-24", "2027-01-10"],
            ["2027-01-11", "2027-12-24"],
        ),
        (MonthlyClosing(days=(15,)), ["2026-09-15"], ["2026-09-14"]),
        (MonthlyClosing(days=(-1,)), ["2027-02-28", "2028-02-29", "2026-09-30"], ["2028-02-28", "2026-09-29"]),
        (HolidayClosing(when="on"), ["2026-09-22", "2027-01-01"], ["2026-09-24"]),
        (HolidayClosing(when="after"), ["2026-09-24", "2026-09-22"], ["2026-09-21", "2026-09-25"]),
    ],
)
def test_each_kind_of_closing_rule(rule: Any, closed: list[str], not_closed: list[str]) -> None:
    """Every kind of rule closes its days, and only those, also over the new year and in leap years."""
    place = Opening(osm="09:00-17:00", closed=(rule,))
    for date in closed:
        hours = hours_on(place, day(date))
        assert (hours.status, hours.windows) == ("closed", ())
        assert hours.rule is not None
    assert {hours_on(place, day(date)).status for date in not_closed} == {"open"}


def test_closing_days_alone_leave_the_other_days_unknown() -> None:
    """Knowing when a place is closed is not knowing that it is open."""
    place = Opening(closed=(WeeklyClosing(weekdays=("mon",)),))
    assert hours_on(place, day("2026-09-14")).status == "closed"
    assert hours_on(place, day("2026-09-15")).status == "unknown"
    assert hours_on(None, day("2026-09-15")).status == "unknown"
    assert hours_on(Opening(), day("2026-09-15")).status == "unknown"


@pytest.mark.parametrize(
    ("fields", "last_entries"),
    [
        ({}, [14, 21]),
        ({"last_admission_minutes": 30}, [13.5, 20.5]),
        ({"last_admission": "20:00"}, [14, 20]),
        ({"last_admission": "20:00", "last_admission_minutes": 90}, [12.5, 19.5]),
        ({"last_admission": "13:00"}, [13]),
    ],
)
def test_last_admission_ends_entry_before_closing(fields: dict[str, Any], last_entries: list[float]) -> None:
    """Entry ends at the strictest rule; a window that nobody may enter is no window."""
    hours = hours_on(Opening(osm="11:00-14:00,17:00-21:00", **fields), day("2026-09-24"))
    assert [window.last_entry_s / HOUR for window in hours.windows] == last_entries


def test_last_admission_after_midnight_is_of_the_same_night() -> None:
    """1:00 at a bar that closes at 2:00 means one hour after midnight."""
    hours = hours_on(Opening(osm="18:00-26:00", last_admission="01:00"), day("2026-09-24"))
    assert hours.windows[0].last_entry_s == 25 * HOUR


def test_a_last_admission_before_opening_makes_the_hours_unknown() -> None:
    """A contradiction is not resolved by guessing."""
    hours = hours_on(Opening(osm="10:00-17:00", last_admission="08:00"), day("2026-09-24"))
    assert hours.status == "unknown"
    assert hours.warnings


def test_unread_parts_and_assumptions_are_warnings_and_notes_are_remarks() -> None:
    """Whatever was not understood or was assumed is told on every date; what the source adds is no assumption."""
    place = Opening(osm="09:00-17:00", unread=("不定休",), notes=("要予約",), assumed=("year_end",))
    hours = hours_on(place, day("2026-09-24"))
    assert len(hours.warnings) == 2
    assert "不定休" in hours.warnings[0].en
    assert "29 December" in hours.warnings[1].en
    assert [remark.ja for remark in hours.remarks] == ["要予約"]
    assert [remark.ja for remark in hours_on(place, day("1900-01-01")).remarks] == ["要予約"]


@pytest.mark.parametrize("date", ["0001-01-01", "1949-12-31", "2100-01-01", "9999-12-31"])
def test_dates_beyond_the_holiday_table_are_unknown(date: str) -> None:
    """Where the holidays are not known, nothing is claimed."""
    assert hours_on(Opening(osm="24/7"), day(date)).status == "unknown"
