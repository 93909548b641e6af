"""Dates, times, distances and money in words."""

from __future__ import annotations

import datetime as dt

import pytest

from api.wording import clock, date_words, distance_words, minutes_words, place_words, status_words, yen_words
from regional_assets.model import Name
from routing.itinerary import Itinerary


def test_dates_name_the_weekday_in_either_language() -> None:
    """The locale of the process has no say."""
    assert date_words(dt.date(2026, 12, 5), "en") == "Sat 5 Dec 2026"
    assert date_words(dt.date(2026, 12, 5), "ja") == "2026年12月5日（土）"


def test_small_hours_belong_to_the_day_before() -> None:
    """Half past one in the night of the trip is 25:30."""
    assert clock(dt.datetime(2026, 12, 6, 1, 30), dt.date(2026, 12, 5)) == "25:30"


@pytest.mark.parametrize(
    ("seconds", "en", "ja"),
    [(0, "0 min", "0分"), (20, "1 min", "1分"), (3600, "1 h", "1時間"), (3900, "1 h 05 min", "1時間05分")],
)
def test_lengths_of_time_are_whole_minutes(seconds: int, en: str, ja: str) -> None:
    """Some time is never no time."""
    assert minutes_words(seconds, "en") == en
    assert minutes_words(seconds, "ja") == ja


@pytest.mark.parametrize(("metres", "words"), [(84, "80 m"), (994, "990 m"), (996, "1.0 km"), (12_340, "12.3 km")])
def test_distances_change_unit_at_a_kilometre(metres: int, words: str) -> None:
    """No distance reads 1000 m."""
    assert distance_words(metres) == words


def test_unknown_money_is_a_question_mark() -> None:
    """Unknown and free differ."""
    assert yen_words(None, "en") == "?"
    assert yen_words(1200, "en") == "¥1,200"
    assert yen_words(1200, "ja") == "1,200円"


def test_english_shows_the_name_on_the_sign_beside() -> None:
    """The Japanese name helps to find the place; it is not repeated where it is the only one."""
    assert place_words(Name(ja="永平寺", en="Eiheiji"), "en") == "Eiheiji 永平寺"
    assert place_words(Name(ja="永平寺"), "en") == "永平寺"
    assert place_words(Name(ja="永平寺", en="Eiheiji"), "ja") == "永平寺"


def test_a_proven_gap_is_rounded_up(itinerary: Itinerary) -> None:
    """What is said to be at most so much never says less than was proven."""
    bounded = itinerary.model_copy(update={"status": "feasible", "bound": 100.0, "gap": 0.0121})
    assert "at most 1.3% below" in status_words(bounded, "en")
    assert "1.3%" in status_words(bounded, "ja")
    assert "not proven" in status_words(bounded.model_copy(update={"gap": None}), "en")
