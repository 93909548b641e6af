"""From words of the command line to a trip request."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from api.cli._trip_options import TripWords, read_days, read_request, read_request_file
from regional_assets.errors import InputError

DAY = dt.date(2026, 12, 5)


@pytest.mark.parametrize(
    ("words", "count"),
    [(["2026-12-05"], 1), (["2026-12-05..2026-12-07"], 3), (["2026-12-05, 2026-12-07"], 2), (["2026-12-05"] * 2, 2)],
)
def test_days_may_be_single_ranges_or_lists(words: list[str], count: int) -> None:
    """Each way of writing days gives them in order, the first one first."""
    days = read_days(words)
    assert len(days) == count
    assert days[0] == DAY


@pytest.mark.parametrize("words", ["2026-13-05", "2026-12-07..2026-12-05", "2026-01-01..2026-12-31", "", "tomorrow"])
def test_days_that_are_none_are_refused(words: str) -> None:
    """No date, a range backwards and a range without end are one clear problem."""
    with pytest.raises(InputError) as refusal:
        read_request(TripWords(days=[words]), {})
    assert [problem.where for problem in refusal.value.problems] == ["--days"]


def test_every_option_reaches_the_request() -> None:
    """What is typed is what is asked for."""
    request = read_request(
        TripWords(
            days=["2026-12-05..2026-12-06"],
            mode="bicycle",
            start="station",
            end="136.2, 35.9",
            after="08:30",
            before="18:00",
            lodging=["inn"],
            must=["paper"],
            avoid=["cliff"],
            budget=50_000,
            interest=["craft=1.5", "soba"],
            theme=["zen"],
            pace="relaxed",
            adults=1,
            children=2,
            resident=True,
            needs=["stroller,vegetarian"],
            limit=["food=2"],
            walk_limit=5000,
            lunch="11:30-13:30",
            pin=["paper=2026-12-05T10:00"],
            hours_unknown="refuse",
            access_unknown="allow",
            seed=7,
            iterations=100,
        ),
        {},
    )
    first, last = request.days
    assert first.start is not None
    assert first.start.asset == "station"
    assert last.end is not None
    assert (last.end.lon, last.end.lat) == (136.2, 35.9)
    assert (first.after, last.before) == ("08:30", "18:00")
    assert request.interests == {"craft": 1.5, "soba": 1.0}
    assert request.limits.per_kind == {"food": 2}
    assert request.limits.walk_m_per_day == 5000
    assert request.meals.lunch is not None
    assert request.meals.lunch.between == ("11:30", "13:30")
    assert request.pins[0].arrive == dt.datetime(2026, 12, 5, 10, 0)
    assert request.party.needs == ("stroller", "vegetarian")
    assert (request.lodging, request.must, request.avoid) == (("inn",), ("paper",), ("cliff",))
    assert (request.solver.seed, request.solver.iterations) == (7, 100)


def test_lunch_can_be_switched_off() -> None:
    """`none` is no lunch; silence is the usual one."""
    assert read_request(TripWords(days=["2026-12-05"], lunch="none"), {}).meals.lunch is None
    assert read_request(TripWords(days=["2026-12-05"]), {}).meals.lunch is not None


def test_all_problems_come_at_once() -> None:
    """Options and fields of the request are refused together."""
    words = TripWords(days=["2026-12-05"], lunch="noon", interest=["craft=much"], limit=["food"], pin=["x"], budget=-1)
    with pytest.raises(InputError) as refusal:
        read_request(words, {})
    places = {problem.where for problem in refusal.value.problems}
    assert places == {"--lunch", "--interest", "--limit", "--pin", "budget_jpy"}


def test_options_win_over_the_file() -> None:
    """A file is a start; its other fields stay."""
    base = {"days": ["2026-12-05"], "mode": "car", "party": {"adults": 3}, "solver": {"iterations": 5, "seed": 9}}
    request = read_request(TripWords(mode="walk", after="10:00", children=1, seconds=2.0), base)
    assert (request.mode, request.days[0].date, request.days[0].after) == ("walk", DAY, "10:00")
    assert (request.party.adults, request.party.children) == (3, 1)
    assert (request.solver.time_limit_s, request.solver.iterations, request.solver.seed) == (2.0, None, 9)


def test_days_are_needed() -> None:
    """A trip without a day is refused by name."""
    with pytest.raises(InputError, match="--days"):
        read_request(TripWords(), {})


@pytest.mark.parametrize("content", ["{", "[]", '"text"'])
def test_a_broken_request_file_is_refused(tmp_path: Path, content: str) -> None:
    """The message names the file."""
    file = tmp_path / "request.json"
    file.write_text(content)
    with pytest.raises(InputError, match=r"request\.json"):
        read_request_file(file)


def test_a_missing_request_file_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(InputError, match=r"nothing\.json"):
        read_request_file(tmp_path / "nothing.json")
