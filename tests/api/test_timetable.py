"""The readable timetable."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from api.timetable import timetable
from regional_assets.model import Name, Region
from regional_assets.text import Language
from routing.itinerary import AlternativePlan, AssumedFact, Conflict, Itinerary


def _printed(itinerary: Itinerary, region: Region, language: Language, *, show_all: bool = False) -> str:
    console = Console(file=io.StringIO(), width=110)
    for part in timetable(itinerary, region, language, show_all=show_all):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            (
                "Day 1",
                "Sat 5 Dec 2026",
                "09:00–10:00",
                "Lacquerware Hall うるしの里会館",
                "by car ~6.4 km",
                "wait until it opens",
                "closes 17:00",
                "lunch",
                "¥2,200",
                "night",
                "15:02",
                "arrive",
                "(and 1 of unknown price)",
                "The data is unchecked.",
                "eat from the bowl you saw made",
                "gained Takefu Knife Village; lost Tojinbo Cliffs",
                "closed on every day of the trip",
                "others fitted better (not proven)",
                "Test sheet (CC BY 4.0)",
                "seed 1",
            ),
        ),
        (
            "ja",
            (
                "1日目",
                "2026年12月5日（土）",
                "うるしの里会館",
                "車 ~6.4 km",
                "開くまで待つ",
                "昼食",
                "2,200円",
                "宿泊",
                "データは未確認です。",
                "作られた器で食べる",
                "旅のどの日も休み",
                "出典:",
            ),
        ),
    ],
)
def test_a_plan_is_told_in_full(
    itinerary: Itinerary, region: Region, language: Language, expected: tuple[str, ...]
) -> None:
    """Times, travel, waiting, costs, reasons, assumptions and sources all appear, in either language."""
    printed = _printed(itinerary, region, language)
    for words in expected:
        assert words in printed, words


def test_columns_line_up_whatever_the_script(itinerary: Itinerary, region: Region) -> None:
    """Names in wide characters do not push the columns beside them."""
    lines = [line for line in _printed(itinerary, region, "en").splitlines() if "closes" in line]
    edges = {cell_len(line[: line.index("closes")]) for line in lines[:4]}
    assert len(lines) == 7
    assert len(edges) == 1


def test_an_unknown_price_is_a_question_mark(itinerary: Itinerary, region: Region) -> None:
    """Unknown is not free."""
    line = next(line for line in _printed(itinerary, region, "en").splitlines() if "Sauce Cutlet" in line)
    assert "?" in line
    assert "free" not in line


def test_assumptions_are_marked_where_they_matter_and_told_once(itinerary: Itinerary, region: Region) -> None:
    """Hours and prices get a letter in the row; the list says each thing once, with its places."""
    printed = _printed(itinerary, region, "en")
    row = next(line for line in printed.splitlines() if "10:40–11:30" in line)
    assert "[hp]" in row
    assert "[h] opening hours: assumed the usual hours of places to stay (Awara Inn)" in printed


def test_lesser_assumptions_are_counted_not_listed(itinerary: Itinerary, region: Region) -> None:
    """Two hundred visit lengths do not make two hundred lines."""
    facts = tuple(
        AssumedFact(asset=asset.id, field="visit_minutes", text=Name(ja="目安", en="usual for its kind"))
        for asset in region.assets
    )
    printed = _printed(itinerary.model_copy(update={"assumed": facts}), region, "en")
    assert f"length of visit: usual for its kind ({len(facts)})" in printed


def test_places_left_out_are_shortened_unless_all_are_wanted(itinerary: Itinerary, region: Region) -> None:
    """`--all` gives each place with its own reason."""
    assert "not held on 5 and 6 December" not in _printed(itinerary, region, "en")
    assert "not held on 5 and 6 December" in _printed(itinerary, region, "en", show_all=True)


def test_other_plans_are_shown_with_what_differs(itinerary: Itinerary, region: Region) -> None:
    """Points, distance, what is gained and lost; and how many were asked for."""
    other = AlternativePlan(
        objective=itinerary.objective - 12,
        distance=0.5,
        gained=("cliff",),
        lost=("lacquer",),
        days=itinerary.days,
        totals=itinerary.totals,
    )
    asked = itinerary.request.model_copy(update={"alternatives": 3})
    printed = _printed(itinerary.model_copy(update={"alternatives": (other,), "request": asked}), region, "en")
    assert "1 of 3 asked for" in printed
    assert "(-12), 50% different: gains Tojinbo Cliffs" in printed
    assert "Other plans" not in _printed(itinerary, region, "en")


def test_a_conflict_is_told_where_no_plan_exists(itinerary: Itinerary, region: Region) -> None:
    """An infeasible request ends with its reason instead of an empty table."""
    conflict = Conflict(code="MUST_CLOSED", assets=("fair",), text=Name(ja="休みです", en="the fair is closed"))
    nothing = itinerary.model_copy(
        update={"status": "infeasible", "days": (), "conflicts": (conflict,), "combination_effect": None}
    )
    printed = _printed(nothing, region, "en")
    assert "No plan can meet these conditions." in printed
    assert "the fair is closed" in printed
    assert "Day 1" not in printed


def test_names_are_not_read_as_markup(itinerary: Itinerary, region: Region) -> None:
    """A name in square brackets stands as it is."""
    step = itinerary.days[0].steps[2].model_copy(update={"name": Name(en="[bold]Hall[/bold]")})
    day = itinerary.days[0].model_copy(
        update={"steps": (*itinerary.days[0].steps[:2], step, *itinerary.days[0].steps[3:])}
    )
    assert "[bold]Hall[/bold]" in _printed(itinerary.model_copy(update={"days": (day,)}), region, "en")
