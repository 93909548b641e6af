"""The printable booklet, read back by a PDF reader."""

from __future__ import annotations

import datetime as dt
import io
import math
import sys
from itertools import combinations

import numpy as np
import pypdf
import pytest

from api.exports.booklet import _fonts as fonts
from api.exports.booklet import booklet_of, check_booklet
from api.exports.booklet._letters import MISSING_LETTER, Letters
from api.exports.booklet._map import MARKER_RADIUS, DrawnLeg, DrawnStop, Scene, draw
from regional_assets.errors import InputError
from regional_assets.model import Name, Region
from regional_assets.text import Language
from routing.itinerary import AlternativePlan, Itinerary
from routing.streets import StreetNetwork

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
A5_POINTS = (419.5, 595.3)


@pytest.fixture(scope="module", autouse=True)
def _needs_fonts() -> None:
    try:
        check_booklet()
    except InputError as missing:
        pytest.skip(str(missing))


def read(file: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(file))


def text_of(file: bytes) -> str:
    """Return all text of a booklet, without the blanks that depend on where lines break."""
    return "".join("".join(page.extract_text() for page in read(file).pages).split())


def plain(words: str) -> str:
    return "".join(words.split())


def called(itinerary: Itinerary, name: Name) -> Itinerary:
    """Return the itinerary with another name for its region and its first day's places."""
    first = itinerary.days[0]
    steps = tuple(step.model_copy(update={"name": name}) for step in first.steps)
    days = (first.model_copy(update={"steps": steps, "start": name}), *itinerary.days[1:])
    return itinerary.model_copy(update={"days": days, "region_name": name, "notice": name})


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_booklet_holds_everything_to_know_on_the_way(
    language: Language, itinerary: Itinerary, region: Region
) -> None:
    """Every place in both languages, every time, cost, notice, assumption and source, as text that can be copied."""
    file = booklet_of(itinerary, region, language, now=NOW)
    words = text_of(file)
    for day in itinerary.days:
        for step in day.steps:
            if step.type in ("visit", "meal", "stay"):
                assert step.name is not None
                assert plain(step.name.in_("ja")) in words
                assert plain(step.name.in_("en")) in words
                assert f"{step.arrive:%H:%M}" in words
    assert {"ja": "2,200円", "en": "¥2,200"}[language] in words
    assert {"ja": "料金不明", "en": "priceunknown"}[language] in words
    assert itinerary.notice is not None
    assert plain(itinerary.notice.in_(language)) in words
    for fact in itinerary.assumed:
        assert plain(fact.text.in_(language)) in words
    assert plain(itinerary.combinations[0].reason.in_(language)) in words
    assert plain(itinerary.sources[0]) in words
    assert MISSING_LETTER not in words


def test_pages_are_a5_with_a_title_an_outline_and_a_language(itinerary: Itinerary, region: Region) -> None:
    """A reader finds its way: title, language, a bookmark for each day."""
    reader = read(booklet_of(itinerary, region, "ja", now=NOW))
    assert reader.metadata is not None
    assert reader.metadata.title == "越前をめぐる旅 2026年12月5日（土） – 2026年12月6日（日）"
    assert reader.trailer["/Root"]["/Lang"] == "ja"
    assert [part.title for part in reader.outline if not isinstance(part, list)] == ["旅のあらまし", "1日目", "2日目"]
    assert 4 <= len(reader.pages) <= 8
    for page in reader.pages:
        assert tuple(map(float, page.mediabox[2:])) == pytest.approx(A5_POINTS, abs=0.5)


def test_the_same_trip_makes_the_same_file(itinerary: Itinerary, region: Region) -> None:
    """With or without a date, nothing but the arguments is in it."""
    assert booklet_of(itinerary, region, "ja", now=NOW) == booklet_of(itinerary, region, "ja", now=NOW)
    assert booklet_of(itinerary, region, "en") == booklet_of(itinerary, region, "en")


def test_an_alternative_is_printed_instead(itinerary: Itinerary, region: Region) -> None:
    """The days of the other plan, without those of the first."""
    other = AlternativePlan(
        objective=1.0,
        distance=1.0,
        gained=(),
        lost=(),
        days=itinerary.days[:1],
        totals=itinerary.days[0].totals,
    )
    trip = itinerary.model_copy(update={"alternatives": (other,)})
    words = text_of(booklet_of(trip, region, "en", 1))
    assert "LacquerwareHall" in words
    assert "MaruokaCastle" not in words
    with pytest.raises(InputError):
        booklet_of(trip, region, "en", 2)


@pytest.mark.parametrize(
    "name",
    [
        '#panic("no") #sys.inputs #import "x": y',
        "*bold* _x_ $x^2$ `raw` @label <label> [b] {c} // comment /* x */ \\ = heading - item",
        '</svg><script>alert(1)</script> &lt; "quoted"',
        "=1+1 \t tab",
    ],
)
def test_names_are_never_markup(name: str, itinerary: Itinerary, region: Region) -> None:
    """What a place is called is printed as it stands."""
    words = text_of(booklet_of(called(itinerary, Name(ja=name)), region, "ja"))
    assert plain(name) in words.replace("\u200b", "")


def test_letters_that_no_font_has_are_told(itinerary: Itinerary, region: Region) -> None:
    """They become a sign that printers use for that, and the last page says so."""
    words = text_of(booklet_of(called(itinerary, Name(ja="店\U0001f35c\U000e0041")), region, "en"))
    assert f"店{MISSING_LETTER}" in words
    assert plain(f"{MISSING_LETTER} stands for a letter that no font on this machine has.") in words


def test_a_trip_without_a_plan_is_a_page_that_says_so(itinerary: Itinerary, region: Region) -> None:
    """An infeasible itinerary still prints."""
    bare = itinerary.model_copy(update={"days": (), "status": "infeasible", "assumed": (), "combinations": ()})
    assert "Noplancanmeettheseconditions" in text_of(booklet_of(bare, region, "en"))


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that says what to install."""
    fonts.booklet_fonts.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"pip install 'meguri\[pdf\]'"):
        check_booklet()


def test_without_a_japanese_font_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes in the place of names would be worse than no booklet."""
    monkeypatch.setattr(fonts, "JAPANESE_FAMILIES", ("No Such Family",))
    fonts.booklet_fonts.cache_clear()
    try:
        with pytest.raises(InputError, match=r"meguri\[pdf\]"):
            check_booklet()
    finally:
        fonts.booklet_fonts.cache_clear()


def test_streets_are_drawn_where_they_are_known(itinerary: Itinerary, region: Region) -> None:
    """The map follows the network, and its makers are named."""
    line = [(136.19, 35.944), (136.21, 35.946), (136.24, 35.948)]
    network = StreetNetwork(
        mode="car",
        node_lon=np.array([line[0][0], line[-1][0]]),
        node_lat=np.array([line[0][1], line[-1][1]]),
        edge_from=np.array([0], dtype=np.int32),
        edge_to=np.array([1], dtype=np.int32),
        edge_length_m=np.array([100.0], dtype=np.float32),
        edge_seconds=np.array([10.0], dtype=np.float32),
        edge_is_step_free=np.array([True]),
        edge_line=np.array([0], dtype=np.int32),
        edge_is_forward=np.array([True]),
        line_start=np.array([0, 3], dtype=np.int64),
        line_coordinates=np.round(np.array(line) * 1e7).astype(np.int32),
        component=np.zeros(2, dtype=np.int32),
        source="town-roads.shp",
        licence="CC BY 4.0",
    )
    bare = booklet_of(itinerary, region, "en")
    drawn = booklet_of(itinerary, region, "en", networks={"car": network})
    assert "town-roads.shp(CCBY4.0)" in text_of(drawn)
    assert "town-roads" not in text_of(bare)


def test_maps_hold_their_lines_and_keep_markers_apart() -> None:
    """Twelve stops in one village: nobody covers another, all lie on the map."""
    stops = [DrawnStop((136.2 + index % 2 * 1e-6, 35.9), str(index), "#0f62a8") for index in range(12)]
    drawing = draw(
        Scene([DrawnLeg([(136.1, 35.8), (136.3, 36.0)], "#c04a00", is_estimated=True)], stops), (124.0, 66.0)
    )
    assert drawing is not None
    places = [(float(str(mark["x"])), float(str(mark["y"]))) for mark in drawing.numbers]
    assert min(math.dist(one, other) for one, other in combinations(places, 2)) >= 2 * MARKER_RADIUS - 0.2
    assert all(0 < x < 124 and 0 < y < 66 for x, y in places)
    assert "stroke-dasharray" in drawing.svg


def test_maps_show_the_north_above_and_tell_their_scale() -> None:
    """One degree of latitude is 111 km; a place in the north lies nearer to the upper edge."""
    ends = [(136.0, 35.0), (136.0, 36.0)]
    drawing = draw(Scene([], [DrawnStop(ends[0], "1", "#000000"), DrawnStop(ends[1], "2", "#000000")]), (100.0, 118.0))
    assert drawing is not None
    south, north = (float(str(mark["y"])) for mark in drawing.numbers)
    assert south - north == pytest.approx(100, abs=0.1)
    assert drawing.scale == {"metres": 20_000, "mm": pytest.approx(20_000 / 1113.2, abs=0.01)}


def test_a_map_of_nowhere_is_none() -> None:
    """Without any position there is nothing to draw."""
    assert draw(Scene([]), (100.0, 100.0)) is None


def test_long_words_can_be_broken_and_controls_are_gone() -> None:
    """A web address breaks after its parts; what cannot be seen is not printed."""
    letters = Letters({ord(letter) for letter in "abcdefghijklmnopqrstuvwxyz/:."})
    address = "https://example.org/a/very/long/address/of/a/place"
    assert letters.printable(address).replace("\u200b", "") == address
    assert "\u200b" in letters.printable(address)
    assert letters.printable(["a\u202eb\x07\r\nc", {"svg": "漢"}, 1, None]) == ["ab\nc", {"svg": "漢"}, 1, None]
    assert not letters.has_missing
    assert letters.printable("漢") == MISSING_LETTER
    assert letters.has_missing
