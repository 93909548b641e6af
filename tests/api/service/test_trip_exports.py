"""Trips as files over HTTP: every form, in both languages, of the plan and of an alternative."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
import sys
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import gpxpy
import httpx
import icalendar
import numpy as np
import pytest
from pypdf import PdfReader

from api.exports.booklet._fonts import booklet_fonts
from api.http.routes import exports
from api.regions.snapshots import materialise
from regional_assets.model import Name, Region, Source, StreetSource
from regional_assets.region import save_region
from routing.request import TripRequest
from routing.streets import StreetNetwork, save_network


def _saturday() -> dt.date:
    today = dt.date.today()
    return today + dt.timedelta(days=(5 - today.weekday()) % 7 + 7)


@pytest.fixture(scope="module")
def trip(planning_server: httpx.Client) -> dict[str, Any]:
    """Return a finished trip of two days with an alternative."""
    days = [(_saturday() + dt.timedelta(days=days)).isoformat() for days in (0, 1)]
    body = {"days": days, "alternatives": 1, "solver": {"iterations": 300}, "compare_combinations": False}
    answer = planning_server.post("/v1/regions/echizen/trips", json=body, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["result"]["alternatives"]) == 1
    return dict(answer.json())


def _geojson(content: bytes) -> int:
    features = json.loads(content)["features"]
    return sum(feature["properties"]["role"] == "stop" for feature in features)


def _gpx(content: bytes) -> int:
    return len(gpxpy.parse(content.decode()).waypoints)


def _ics(content: bytes) -> int:
    # One for the whole trip, legs, and a stop each: legs leave the time free.
    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return sum(event.get("TRANSP") != "TRANSPARENT" for event in events)


def _kml(content: bytes) -> int:
    return len(ET.fromstring(content).findall(".//{*}Placemark/{*}Point"))


def _jsonld(content: bytes) -> int:
    return sum(len(part["itinerary"]["itemListElement"]) for part in json.loads(content)["subTrip"])


def _pdf(content: bytes) -> int:
    return len(PdfReader(io.BytesIO(content)).pages)


FORMS: dict[str, tuple[str, Callable[[bytes], int]]] = {
    "geojson": ("application/geo+json", _geojson),
    "gpx": ("application/gpx+xml", _gpx),
    "ics": ("text/calendar; charset=utf-8", _ics),
    "kml": ("application/vnd.google-earth.kml+xml", _kml),
    "jsonld": ("application/ld+json", _jsonld),
    "pdf": ("application/pdf", _pdf),
}


def _stops(plan: dict[str, Any]) -> int:
    return sum(step["type"] in ("visit", "meal", "stay") for day in plan["days"] for step in day["steps"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("alternative", [None, 1])
def test_each_form_holds_the_plan_that_is_asked_for(
    planning_server: httpx.Client, trip: dict[str, Any], form: str, alternative: int | None
) -> None:
    """Every file is of its kind, and has the stops of the plan, or of the alternative."""
    media_type, stops_in = FORMS[form]
    query = {} if alternative is None else {"alternative": alternative}
    answer = planning_server.get(f"/v1/trips/{trip['id']}.{form}", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    plan = trip["result"] if alternative is None else trip["result"]["alternatives"][alternative - 1]
    if form in ("geojson", "gpx", "kml"):
        assert stops_in(answer.content) == _stops(plan)
    else:
        assert stops_in(answer.content) > 0


@pytest.mark.parametrize("form", FORMS)
def test_files_have_names_that_every_system_takes(
    planning_server: httpx.Client, trip: dict[str, Any], form: str
) -> None:
    """The name is told in plain letters and in those of the language, and ends as its kind does."""
    answer = planning_server.get(f"/v1/trips/{trip['id']}.{form}", params={"lang": "ja"})
    named = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9._-]+)\"; filename\*=UTF-8''([A-Za-z0-9._%-]+)",
        answer.headers["content-disposition"],
    )
    assert named is not None
    day = _saturday().isoformat()
    assert named[1] == f"echizen-{day}.{form}"
    assert urllib.parse.unquote(named[2]) == f"{trip['result']['region_name']['ja']}-{day}.{form}"
    assert answer.headers["content-language"] == "ja"


def test_words_are_of_the_language_that_is_asked_for(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """The parameter wins over the header, and the header over the language of the server."""
    address = f"/v1/trips/{trip['id']}.gpx"
    plain = planning_server.get(address).text
    japanese = planning_server.get(address, headers={"Accept-Language": "ja"}).text
    assert planning_server.get(address, params={"lang": "ja"}).text == japanese
    assert planning_server.get(address, params={"lang": "en"}, headers={"Accept-Language": "ja"}).text == plain
    assert plain != japanese


def test_a_calendar_knows_its_events_again(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """The same trip taken in twice has the same events, named by the trip."""
    uids = [
        [str(event["UID"]) for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")]
        for answer in (planning_server.get(f"/v1/trips/{trip['id']}.ics") for _ in range(2))
    ]
    assert uids[0] == uids[1]
    assert all(uid.startswith(trip["id"]) for uid in uids[0])


@pytest.mark.parametrize(
    ("query", "status"),
    [("alternative=2", 404), ("alternative=0", 422), ("alternative=x", 422), ("lang=fr", 422), ("colour=red", 422)],
)
def test_plans_and_languages_that_are_not_there(
    planning_server: httpx.Client, trip: dict[str, Any], query: str, status: int
) -> None:
    """The refusal names the parameter."""
    answer = planning_server.get(f"/v1/trips/{trip['id']}.kml?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert [flaw["parameter"] for flaw in answer.json()["errors"]] == [query.partition("=")[0]]


def test_booklets_need_an_extra(
    planning_server: httpx.Client, trip: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without it says so, and how to get it, and does not fail."""
    booklet_fonts.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    answer = planning_server.get(f"/v1/trips/{trip['id']}.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (501, "application/problem+json")
    assert "meguri[pdf]" in answer.json()["detail"]


def test_booklets_draw_the_streets_of_the_planned_region(tmp_path: Path) -> None:
    """Those of the version that the trip was planned on; none where this machine has it no longer."""
    source = Source(name="roads", licence="CC BY 4.0")
    streets = (StreetSource(mode="car", file="streets/car.npz", source=source),)
    region = Region(id="town", name=Name(en="Town"), streets=streets, sources=(source,))
    network = StreetNetwork(
        mode="car",
        node_lon=np.array([136.1, 136.2]),
        node_lat=np.array([35.9, 35.9]),
        edge_from=np.array([0], dtype=np.int32),
        edge_to=np.array([1], dtype=np.int32),
        edge_length_m=np.array([100.0], dtype=np.float32),
        edge_seconds=np.array([10.0], dtype=np.float32),
        edge_is_step_free=np.array([True]),
        edge_line=np.array([0], dtype=np.int32),
        edge_is_forward=np.array([True]),
        line_start=np.array([0, 2], dtype=np.int64),
        line_coordinates=np.array([[1361000000, 359000000], [1362000000, 359000000]], dtype=np.int32),
        component=np.zeros(2, dtype=np.int32),
    )

    def write(folder: Path) -> None:
        (folder / "streets").mkdir()
        save_network(network, folder / "streets" / "car.npz")
        save_region(region.model_copy(update={"folder": folder}), folder)

    versions = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("there", "gone")}
    materialise(tmp_path, "town", versions["there"], write)
    request = TripRequest.model_validate({"days": ["2026-12-05"]})

    def drawn(version: str, asked: TripRequest = request, known: Region | None = region) -> set[str]:
        itinerary = SimpleNamespace(request=asked)
        trip = SimpleNamespace(data_version=versions[version])
        export = exports.Export(trip, itinerary, known, "en", None)  # type: ignore[arg-type]
        return set(exports._streets(tmp_path, export))

    assert drawn("there") == {"car"}
    assert drawn("gone") == set()
    assert drawn("there", request.model_copy(update={"mode": "walk"})) == set()
    assert drawn("there", known=None) == set()
    renewed = (streets[0].model_copy(update={"file": "streets/new.npz"}),)
    assert drawn("there", known=region.model_copy(update={"streets": renewed})) == set()


def test_names_cannot_break_out_of_the_header() -> None:
    """Whatever a region is called, its name adds no line, quote or folder to the header."""
    name = Name(en='a"\r\nSet-Cookie: b/../\\c\x00')
    itinerary = SimpleNamespace(region="r", region_name=name, days=[SimpleNamespace(date=dt.date(2026, 12, 5))])
    export = SimpleNamespace(itinerary=itinerary, language="en", alternative=2)
    header = exports._disposition(export, "gpx")  # type: ignore[arg-type]
    assert header == "attachment; filename=\"r-2026-12-05-2.gpx\"; filename*=UTF-8''aSet-Cookie%20b..c-2026-12-05-2.gpx"
