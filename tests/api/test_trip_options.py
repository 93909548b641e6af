"""From words of the command line to a trip request."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from api.cli import _trip_options
from api.cli._trip_options import TripWords, read_days, read_request_file
from regional_assets.errors import InputError
from regional_assets.model import Asset, Kind, Name, Price, Region, Source, VisitMinutes
from routing.request import TripRequest

DAY = dt.date(2026, 12, 5)
TODAY = dt.date(2026, 12, 1)


def _place(asset_id: str, kind: Kind, *tags: str) -> Asset:
    return Asset(
        id=asset_id,
        kind=kind,
        name=Name(en=asset_id),
        lon=136.2,
        lat=35.9,
        price=Price(),
        tags=tags,
        themes=("zen",),
        sources=(Source(name="Test sheet"),),
        visit_minutes=VisitMinutes(min=20, typical=60, max=90),
    )


LAND = Region(
    id="testland",
    name=Name(en="Testland"),
    assets=(
        _place("station", Kind.HUB),
        _place("paper", Kind.CRAFT),
        _place("cliff", Kind.NATURE),
        _place("noodles", Kind.FOOD, "soba"),
        _place("inn", Kind.LODGING),
    ),
)


def read_request(words: TripWords, base: dict[str, Any]) -> TripRequest:
    return _trip_options.read_request(words, base, region=LAND, today=TODAY)


def problems_of(words: TripWords, base: dict[str, Any] | None = None) -> dict[str, str]:
    with pytest.raises(InputError) as refusal:
        read_request(words, base or {})
    return {problem.where: problem.message.en for problem in refusal.value.problems}


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
            budget="50000",
            interest=["craft=1.5", "soba"],
            theme=["zen"],
            pace="relaxed",
            adults="1",
            children="2",
            resident=True,
            needs=["stroller,vegetarian"],
            limit=["food=2"],
            walk_limit="5000",
            lunch="11:30-13:30",
            pin=["paper=2026-12-05T10:00"],
            hours_unknown="refuse",
            access_unknown="allow",
            seed="7",
            iterations="100",
            alternatives="2",
        ),
        {},
    )
    assert request.alternatives == 2
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
    words = TripWords(
        days=["2026-12-05"], lunch="noon", interest=["craft=much"], limit=["food"], pin=["x"], budget="-1"
    )
    with pytest.raises(InputError) as refusal:
        read_request(words, {})
    places = {problem.where for problem in refusal.value.problems}
    assert places == {"--lunch", "--interest", "--limit", "--pin", "--budget"}


def test_unknown_ids_are_told_together_with_wrong_values() -> None:
    """A number that is none does not hide a misspelt place, nor one field another."""
    words = TripWords(days=["2026-12-05"], must=["papr"], mode="rocket", budget="lots", seed="-1", adults="999")
    problems = problems_of(words, {"colour": "red", "avoid": ["clif"]})
    assert set(problems) == {"--must", "--mode", "--budget", "--seed", "--adults", "colour", "avoid[0]"}
    assert "paper" in problems["--must"]
    assert problems["--budget"] == "a whole number is accepted (lots)"
    assert "walk, bicycle, car" in problems["--mode"]


def test_a_place_to_explain_must_be_known() -> None:
    """A misspelt id, and a number of other plans that is none, are told before any planning."""
    problems = problems_of(TripWords(days=["2026-12-05"], explain=["cliff", "papr"], alternatives="6"))
    assert set(problems) == {"--explain", "--alternatives"}
    assert "paper" in problems["--explain"]


def test_days_that_cannot_be_read_do_not_hide_unknown_ids() -> None:
    """What hangs on the days is not judged without them."""
    problems = problems_of(TripWords(days=["2026-02-30"], must=["nope"], pin=["paper=2026-12-05T10:00"]))
    assert set(problems) == {"--days", "--must"}
    assert set(problems_of(TripWords(must=["nope"], lodging=["inn"]))) == {"--days", "--must"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("budget_jpy", 10**30),
        ("budget_jpy", 2**62),
        ("limits", {"walk_m_per_day": 10**20}),
        ("limits", {"per_kind": {"food": 10**20}}),
        ("limits", {"per_kind": {"dragons": 1}}),
        ("interests", {"craft": float("nan")}),
        ("solver", {"seed": 2**31}),
        ("solver", {"time_limit_s": 0}),
        ("solver", {"time_limit_s": float("inf")}),
        ("solver", {"time_limit_s": 1, "iterations": 1}),
        ("days", [{"date": "2026-02-30"}]),
        ("days", [{"date": "2026-12-05", "start": {"asset": "1,2"}}]),
        ("days", [{"date": "2026-12-05", "start": {"lon": 1}}]),
        ("days", ["2026-12-05"] * 15),
        ("lodging", 5),
        ("party", {"adults": 0}),
        ("pins", [{"asset": "paper", "arrive": "soon"}]),
    ],
)
def test_one_wrong_field_is_one_problem_in_both_languages(field: str, value: object) -> None:
    """Numbers of any size, wrong types and nonsense are told once, by field, without pydantic's own words."""
    with pytest.raises(InputError) as refusal:
        read_request(TripWords(), {"days": ["2026-12-05"], field: value})
    (problem,) = refusal.value.problems
    assert problem.where.startswith(field)
    for word in ("[key]", "literal", "tuple", "constrained", "function"):
        assert word not in problem.where
    assert "Input should" not in problem.message.en
    assert problem.message.ja != problem.message.en
    assert not problem.message.ja.isascii()


@pytest.mark.parametrize("place", ["200,100", "35.9,136.1", "nan,nan", "1,2,3", "inf,0", "", " "])
def test_a_start_that_is_no_place_is_told_how_to_write_one(place: str) -> None:
    """Latitude first is the commonest slip: the message names the order."""
    problems = problems_of(TripWords(days=["2026-12-05"], start=place))
    assert set(problems) == {"--start"}
    assert "longitude first" in problems["--start"]


def test_hours_of_the_day_are_refused_by_their_options() -> None:
    """A day that ends before it begins, and lunch at night."""
    assert set(problems_of(TripWords(days=["2026-12-05"], after="18:00", before="09:00"))) == {"--after"}
    assert set(problems_of(TripWords(days=["2026-12-05"], lunch="25:00-26:00"))) == {"--lunch"}


def test_options_win_over_the_file() -> None:
    """A file is a start; its other fields stay."""
    base = {"days": ["2026-12-05"], "mode": "car", "party": {"adults": 3}, "solver": {"iterations": 5, "seed": 9}}
    request = read_request(TripWords(mode="walk", after="10:00", children="1", seconds="2.0"), base)
    assert (request.mode, request.days[0].date, request.days[0].after) == ("walk", DAY, "10:00")
    assert (request.party.adults, request.party.children) == (3, 1)
    assert (request.solver.time_limit_s, request.solver.iterations, request.solver.seed) == (2.0, None, 9)


def test_days_are_needed() -> None:
    """A trip without a day is refused by name."""
    with pytest.raises(InputError, match="--days"):
        read_request(TripWords(), {})


@pytest.mark.parametrize("content", ["{", "[]", '"text"', "[" * 100_000, '{"days": ' + "9" * 5000 + "}"])
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
