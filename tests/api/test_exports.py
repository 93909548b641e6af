"""Itineraries as GPX, iCalendar, KML and JSON-LD, read back by other programs."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import gpxpy
import icalendar
import pandas as pd
import pyogrio
import pytest
import rdflib
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.namespace import RDF

from api.exports.alternative import chosen_plan
from api.exports.colours import DAY_COLOURS, KIND_COLOURS
from api.exports.gpx import LEG_NAMESPACE, gpx_of
from api.exports.ics import ics_of
from api.exports.jsonld import jsonld_of
from api.exports.kml import kml_of
from regional_assets.errors import InputError
from regional_assets.model import Name, Region
from regional_assets.text import Language
from routing.itinerary import AlternativePlan, AssumedFact, Itinerary, Step

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = dt.datetime(2026, 11, 23, 3, 4, 5, tzinfo=dt.UTC)
GPX = "{http://www.topografix.com/GPX/1/1}"
KML = "{http://www.opengis.net/kml/2.2}"
SCHEMA = rdflib.Namespace("https://schema.org/")
CALENDAR_PROPERTIES = {
    *("BEGIN", "END", "VERSION", "PRODID", "METHOD", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE", "DTSTART", "DTEND"),
    *("TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "COMMENT", "UID", "DTSTAMP", "SEQUENCE", "TRANSP"),
    *("SUMMARY", "DESCRIPTION", "LOCATION", "GEO", "URL"),
}
HOSTILE = (
    "</name></wpt><x a='1'/>&amp;&lol; \"quoted\" ]]>",
    '=HYPERLINK("http://evil")',
    "one\ntwo\r\nBEGIN:VALARM\r\nthree;four,five\\six",
    "\u202eright to left \u05d0\u05d1 \u0627\u0644",
    "🍜🏯👨‍👩‍👧 \U00020bb7野家",
    "null\x00 bell\x07 escape\x1b nonchar\ufffe",
    '#eval("1") $x$ *bold* `code` @label <label> // ほげ',
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "長い名前" * 60,
)


def write_ics(itinerary: Itinerary, language: Language, alternative: int | None = None, **values: Any) -> str:
    return ics_of(itinerary, language, alternative, now=NOW, **values).decode()


def write_jsonld(itinerary: Itinerary, language: Language, alternative: int | None = None, **values: Any) -> str:
    return json.dumps(jsonld_of(itinerary, language, alternative, **values), ensure_ascii=False, allow_nan=False)


WRITERS: dict[str, Callable[..., str]] = {"gpx": gpx_of, "ics": write_ics, "kml": kml_of, "jsonld": write_jsonld}


def steps_of(itinerary: Itinerary) -> Iterator[Step]:
    for day in itinerary.days:
        yield from day.steps


def stops_of(itinerary: Itinerary) -> list[Step]:
    return [step for step in steps_of(itinerary) if step.type in ("visit", "meal", "stay")]


def renamed(itinerary: Itinerary, name: Name) -> Itinerary:
    """Return the itinerary with one name for all its places, its region, and all that is said of it."""
    days = tuple(
        day.model_copy(
            update={
                "start": name,
                "end": name,
                "steps": tuple(step.model_copy(update={"name": name}) for step in day.steps),
            }
        )
        for day in itinerary.days
    )
    facts = tuple(AssumedFact(asset=fact.asset, field=fact.field, text=name) for fact in itinerary.assumed)
    sources = tuple(f"{source} {name.ja}" for source in itinerary.sources)
    changes = {"days": days, "region_name": name, "notice": name, "assumed": facts, "sources": sources}
    return itinerary.model_copy(update=changes)


def shown(name: str) -> str:
    """Return a name as XML can hold it: without control characters, white space as one blank."""
    kept = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", name)
    return " ".join(kept.split())


def plain(words: str) -> str:
    return " ".join(words.split())


def events_of(file: str | bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(file).walk("VEVENT"))


def layers(text: str) -> dict[str, pd.DataFrame]:
    """Return every layer that GDAL finds in a file."""
    content = text.encode()
    names = [name for name, _ in pyogrio.list_layers(content)]
    return {name: pyogrio.read_dataframe(content, layer=name) for name in names}


@pytest.fixture
def two_plans(itinerary: Itinerary) -> Itinerary:
    """Return the itinerary with an alternative without the second day's first place, which assumes other facts."""
    second = itinerary.days[1]
    kept = tuple(step for step in second.steps if step.asset != "castle")
    days = (itinerary.days[0], second.model_copy(update={"steps": kept}))
    other = AlternativePlan(
        objective=470.0,
        distance=0.5,
        gained=(),
        lost=("castle",),
        days=days,
        totals=itinerary.totals,
        assumed=(AssumedFact(asset="ruins", field="price", text=Name(en="only of the other plan")),),
    )
    return itinerary.model_copy(update={"alternatives": (other,), "bound": 600.0, "gap": 0.15})


@pytest.fixture
def known_region(region: Region) -> Region:
    """Return the region with a web site, an address and a description of its first craft."""
    facts = {
        "url": 'https://example.org/urushi?a=1&b="2"',
        "address": "福井県鯖江市西袋町40-1-2",
        "description": Name(ja="漆器の館", en="House of lacquer"),
        "tags": ("museum",),
    }
    assets = tuple(
        asset.model_copy(update=facts)
        if asset.id == "lacquer"
        else asset.model_copy(update={"url": "javascript:alert(1)"})
        if asset.id == "paper"
        else asset
        for asset in region.assets
    )
    return region.model_copy(update={"assets": assets})


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("form", WRITERS)
def test_every_place_time_notice_and_assumption_is_in_every_format(
    form: str, language: Language, itinerary: Itinerary, region: Region
) -> None:
    """Nothing that a traveller must know is lost on the way into a file."""
    text = WRITERS[form](itinerary, language, region=region)
    unfolded = text.replace("\r\n ", "").replace("\\,", ",").replace("\\;", ";")
    for stop in stops_of(itinerary):
        assert stop.name is not None
        assert stop.name.in_(language) in unfolded
        for moment in (stop.arrive, stop.depart):
            local = moment.astimezone(TOKYO)
            assert f"{local:%Y%m%dT%H%M%S}" in unfolded or local.isoformat() in unfolded
    for leg in steps_of(itinerary):
        if leg.type == "travel":
            assert f"{leg.arrive:%H:%M}–{leg.depart:%H:%M}" in unfolded
    assert itinerary.notice is not None
    assert itinerary.notice.in_(language) in unfolded
    assert itinerary.sources[0] in unfolded
    for fact in itinerary.assumed:
        assert fact.text.in_(language) in unfolded


@pytest.mark.parametrize("form", WRITERS)
def test_an_alternative_is_written_instead(form: str, two_plans: Itinerary) -> None:
    """The file holds the other plan: its places, and what was assumed for it."""
    text = WRITERS[form](two_plans, "en", 1).replace("\r\n ", "")
    assert "Maruoka Castle" in WRITERS[form](two_plans, "en").replace("\r\n ", "")
    assert "Maruoka Castle" not in text
    assert "only of the other plan" in text
    assert "usual hours of eating places" not in text


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("number", [0, 2, -1])
def test_an_alternative_that_is_not_there_is_refused(form: str, number: int, two_plans: Itinerary) -> None:
    """The number is named, and how many there are."""
    with pytest.raises(InputError, match="has 1") as refusal:
        WRITERS[form](two_plans, "en", number)
    assert refusal.value.problems[0].where == "alternative"
    assert refusal.value.problems[0].value == number


def test_an_alternative_is_not_called_proven(two_plans: Itinerary) -> None:
    """The bound holds for it too, and its gap is its own; what was made for the first plan is gone."""
    other = chosen_plan(two_plans.model_copy(update={"status": "optimal"}), 1)
    assert other.status == "feasible"
    assert other.gap == pytest.approx((600 - 470) / 600)
    assert other.combinations == ()
    assert other.excluded == ()


@pytest.mark.parametrize("form", WRITERS)
def test_files_are_the_same_every_time(form: str, itinerary: Itinerary, region: Region) -> None:
    """No clock, no chance."""
    first, second = (WRITERS[form](itinerary, "ja", region=region) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", WRITERS)
def test_a_trip_without_a_plan_is_a_valid_file(form: str, itinerary: Itinerary) -> None:
    """An infeasible itinerary has no days, and still says so."""
    bare = itinerary.model_copy(update={"days": (), "status": "infeasible", "assumed": ()})
    text = WRITERS[form](bare, "en")
    if form in ("gpx", "kml"):
        ET.fromstring(text)
        assert "No plan can meet these conditions" in text
    elif form == "ics":
        assert events_of(text) == []
    else:
        assert json.loads(text)["subTrip"] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_xml(name: str, itinerary: Itinerary) -> None:
    """Markup, quotes and control characters neither break a document nor add anything to it."""
    hostile, usual = renamed(itinerary, Name(ja=name, en=name)), renamed(itinerary, Name(ja="x", en="x"))
    for write, label in ((gpx_of, f"{GPX}wpt/{GPX}name"), (kml_of, f".//{KML}Placemark/{KML}name")):
        document = ET.fromstring(write(hostile, "ja"))
        assert [part.tag for part in document.iter()] == [part.tag for part in ET.fromstring(write(usual, "ja")).iter()]
        assert all(shown(name) in plain(part.text or "") for part in document.findall(label))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_calendars(name: str, itinerary: Itinerary) -> None:
    """A name cannot begin a property or a component of its own."""
    file = write_ics(renamed(itinerary, Name(ja=name, en=name)), "ja")
    events = events_of(file)
    assert len(events) == len(events_of(write_ics(itinerary, "ja")))
    assert {component.name for component in icalendar.Calendar.from_ical(file).walk()} == {
        "VCALENDAR",
        "VTIMEZONE",
        "STANDARD",
        "VEVENT",
    }
    assert all(shown(name) in plain(str(event["SUMMARY"])) for event in events if event["TRANSP"] == "OPAQUE")
    lines = file.replace("\r\n ", "").split("\r\n")
    assert {re.split("[:;]", line)[0] for line in lines if line} <= CALENDAR_PROPERTIES


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_survive_in_json(name: str, itinerary: Itinerary) -> None:
    """JSON holds every name as it is."""
    document = json.loads(write_jsonld(renamed(itinerary, Name(ja=name, en=name)), "ja"))
    place = document["subTrip"][0]["itinerary"]["itemListElement"][0]["item"]
    assert [label["@value"] for label in place["name"]] == [name, name]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=120).filter(str.strip))
def test_any_name_can_be_written(name: str, itinerary: Itinerary) -> None:
    """Whatever a place is called, every file can be read, and the name is in it."""
    stripped = Name(ja=name).ja or ""
    odd = renamed(itinerary, Name(ja=name))
    gpx = ET.fromstring(gpx_of(odd, "en"))
    assert shown(stripped) in plain(gpx.findtext(f"{GPX}wpt/{GPX}name") or "")
    kml = ET.fromstring(kml_of(odd, "en"))
    assert shown(stripped) in plain(kml.findtext(f".//{KML}Placemark/{KML}name") or "")
    file = ics_of(odd, "en", now=NOW)
    assert any(shown(stripped) in plain(str(event["SUMMARY"])) for event in events_of(file))
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))


def test_gpx_is_read_by_gdal(itinerary: Itinerary, known_region: Region) -> None:
    """Waypoints are the stops in order at their arrival in UTC; a track a day holds a line per leg."""
    found = layers(gpx_of(itinerary, "ja", region=known_region))
    stops = stops_of(itinerary)
    points = found["waypoints"]
    assert [(point.x, point.y) for point in points.geometry] == [(stop.lon, stop.lat) for stop in stops]
    assert [time.to_pydatetime() for time in points["time"]] == [stop.arrive.astimezone(dt.UTC) for stop in stops]
    assert points["link1_href"][0] == 'https://example.org/urushi?a=1&b="2"'
    assert "javascript" not in gpx_of(itinerary, "ja", region=known_region)
    legs = [[step for step in day.steps if step.type == "travel"] for day in itinerary.days]
    assert [len(track.geoms) for track in found["tracks"].geometry] == [len(of_day) for of_day in legs]
    first = [(round(x, 6), round(y, 6)) for x, y in found["tracks"].geometry[0].geoms[0].coords]
    assert first == [(136.1873, 35.9437), (136.2432, 35.9482)]


def test_gpx_keeps_the_order_that_its_schema_demands(itinerary: Itinerary) -> None:
    """GPX 1.1 is a sequence: metadata, waypoints, tracks; and in a waypoint time before name before description."""
    root = ET.fromstring(gpx_of(itinerary, "en"))
    assert root.tag == f"{GPX}gpx"
    assert root.attrib["version"] == "1.1"
    tags = [part.tag.removeprefix(GPX) for part in root]
    assert tags == ["metadata"] + ["wpt"] * 9 + ["trk"] * 2
    order = ["ele", "time", "name", "cmt", "desc", "src", "link", "sym", "type", "extensions"]
    for waypoint in root.iter(f"{GPX}wpt"):
        parts = [order.index(part.tag.removeprefix(GPX)) for part in waypoint]
        assert parts == sorted(parts)
    metadata = [part.tag.removeprefix(GPX) for part in root.find(f"{GPX}metadata") or ()]
    assert metadata == ["name", "desc", "copyright"]
    for segment in root.iter(f"{GPX}trkseg"):
        assert [part.tag.removeprefix(GPX) for part in segment][-1] == "extensions"


def test_gpx_flags_estimated_legs(itinerary: Itinerary) -> None:
    """A segment says how it was travelled, and whether its line is a guess; its ends have the times of the leg."""
    day = itinerary.days[0]
    line = ((136.1873, 35.9437), (136.2, 35.945), (136.2432, 35.9482))
    known = day.steps[0].model_copy(update={"estimated": False, "geometry": line})
    trip = itinerary.model_copy(update={"days": (day.model_copy(update={"steps": (known, *day.steps[1:])}),)})
    segments = gpxpy.parse(gpx_of(trip, "en")).tracks[0].segments
    facts = [segment.extensions[0].attrib for segment in segments]
    assert segments[0].extensions[0].tag == f"{{{LEG_NAMESPACE}}}leg"
    assert [fact["estimated"] for fact in facts] == ["false", "true", "true", "true", "true"]
    assert facts[0] == {"mode": "car", "estimated": "false", "distance_m": "6400", "duration_s": "900", "to": "lacquer"}
    assert [point.time is None for point in segments[0].points] == [False, True, False]
    assert segments[0].points[0].time == known.arrive


def test_calendars_are_read_by_vobject(itinerary: Itinerary) -> None:
    """Visits, meals and nights are busy, legs and the trip as a whole are free; all times are those of the plan."""
    calendar = vobject.readOne(write_ics(itinerary, "en"))
    events = list(calendar.vevent_list)
    busy = [event for event in events if event.transp.value == "OPAQUE"]
    assert [(event.dtstart.value, event.dtend.value) for event in busy] == [
        (stop.arrive, stop.depart) for stop in stops_of(itinerary)
    ]
    assert calendar.vtimezone.tzid.value == "Asia/Tokyo"
    assert len({event.uid.value for event in events}) == len(events)
    whole = next(event for event in events if "VALUE" in event.dtstart.params)
    assert (whole.dtstart.value, whole.dtend.value) == (dt.date(2026, 12, 5), dt.date(2026, 12, 7))
    assert "Test sheet (CC BY 4.0)" in whole.description.value


def test_calendars_come_back_as_they_were(itinerary: Itinerary, known_region: Region) -> None:
    """Zone, place, address, position, web site and a night over midnight."""
    file = ics_of(itinerary, "ja", now=NOW, region=known_region)
    assert icalendar.Calendar.from_ical(file).to_ical() == file
    events = {str(event["UID"]).split("-", 1)[1]: event for event in events_of(file)}
    lacquer = events["2026-12-05-visit-lacquer@meguri"]
    assert lacquer["DTSTART"].params["TZID"] == "Asia/Tokyo"
    assert str(lacquer["LOCATION"]) == "うるしの里会館, 福井県鯖江市西袋町40-1-2"
    assert (lacquer["GEO"].latitude, lacquer["GEO"].longitude) == (35.9482, 136.2432)
    assert str(lacquer["URL"]) == 'https://example.org/urushi?a=1&b="2"'
    assert "漆器の館" in str(lacquer["DESCRIPTION"])
    assert "08:55から開くまで待つ" in str(lacquer["DESCRIPTION"])
    assert "URL" not in events["2026-12-05-visit-paper@meguri"]
    night = events["2026-12-05-stay-inn@meguri"]
    assert night.start.date() == dt.date(2026, 12, 5)
    assert night.end == dt.datetime(2026, 12, 6, 6, 28, tzinfo=TOKYO)
    assert "料金不明" in str(events["2026-12-06-meal-cutlet@meguri"]["DESCRIPTION"])


def test_events_keep_their_uid(itinerary: Itinerary) -> None:
    """The same trip gives the same UIDs, another one others; stamp and revision are those given."""

    def uids(**values: Any) -> list[str]:
        return [str(event["UID"]) for event in events_of(write_ics(itinerary, "en", **values))]

    assert uids() == uids(sequence=3)
    assert not set(uids(uid="trip-1")) & set(uids(uid="trip-2"))
    assert uids(uid="trip-1")[0] == "trip-1-trip@meguri"
    for event in events_of(write_ics(itinerary, "en", sequence=3)):
        assert event["SEQUENCE"] == 3
        assert event["DTSTAMP"].dt == NOW


def test_lines_are_folded_at_75_octets_between_letters(itinerary: Itinerary) -> None:
    """Japanese letters take three octets each and are never cut."""
    file = ics_of(renamed(itinerary, Name(ja="越前和紙" * 40)), "ja", now=NOW)
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()


def test_local_times_without_offset_are_those_of_the_region(itinerary: Itinerary) -> None:
    """Itineraries hold local times without an offset; files say which zone it is."""
    first = itinerary.days[0]
    steps = tuple(
        step.model_copy(update={"arrive": step.arrive.replace(tzinfo=None), "depart": step.depart.replace(tzinfo=None)})
        for step in first.steps
    )
    naive = itinerary.model_copy(update={"days": (first.model_copy(update={"steps": steps}),)})
    aware = itinerary.model_copy(update={"days": (first,)})
    assert all(write(naive, "en") == write(aware, "en") for write in WRITERS.values())


def test_a_night_when_the_clock_changes_keeps_its_hours(itinerary: Itinerary) -> None:
    """Berlin goes back an hour in the night to 25 October 2026; both of its offsets are in the file."""
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = dt.datetime(2026, 10, 24, 18), dt.datetime(2026, 10, 25, 9)
    first = itinerary.days[0]
    night = first.steps[-1].model_copy(update={"arrive": begin, "depart": end, "duration_s": 16 * 3600})
    day = first.model_copy(update={"date": begin.date(), "steps": (night,)})
    trip = itinerary.model_copy(update={"days": (day,), "time_zone": "Europe/Berlin"})
    event = next(event for event in events_of(write_ics(trip, "en")) if event["TRANSP"] == "OPAQUE")
    assert event.end.timestamp() - event.start.timestamp() == 16 * 3600
    assert event.start == begin.replace(tzinfo=berlin)
    document = json.loads(write_jsonld(trip, "en"))["subTrip"][0]["subjectOf"][0]
    assert (document["startDate"], document["endDate"]) == ("2026-10-24T18:00:00+02:00", "2026-10-25T09:00:00+01:00")


def test_kml_is_read_by_gdal(itinerary: Itinerary, known_region: Region) -> None:
    """A folder a day, stops as points and legs as lines, with times, prices and what was assumed as plain values."""
    text = kml_of(itinerary, "en", region=known_region)
    found = layers(text)
    assert list(found) == ["Day 1 Sat 5 Dec 2026", "Day 2 Sun 6 Dec 2026"]
    day = found["Day 2 Sun 6 Dec 2026"]
    assert list(day.geometry.geom_type) == ["LineString", "Point"] * 4 + ["LineString"]
    cutlet = day[day["asset"] == "cutlet"].iloc[1]
    assert cutlet["assumed"] == "opening,price"
    assert pd.isna(cutlet["cost_jpy"])
    assert cutlet["Name"] == "2-2 Sauce Cutlet House ソースカツ丼の店"
    assert pd.Timestamp(cutlet["begin"]) == pd.Timestamp("2026-12-06T10:40:00+09:00")
    ruins = day[day["asset"] == "ruins"].iloc[1]
    assert (ruins.geometry.x, ruins.geometry.y) == (136.2960, 35.9990)
    assert ruins["cost_jpy"] == "660"


def test_kml_styles_exist_and_fetch_nothing(itinerary: Itinerary) -> None:
    """Every style that is used is defined; nothing in the file makes a reader load a picture."""
    root = ET.fromstring(kml_of(itinerary, "en"))
    defined = {f"#{style.get('id')}" for style in root.iter(f"{KML}Style")}
    used = {part.text for part in root.iter(f"{KML}styleUrl")}
    assert used <= defined
    assert "#day-0-estimated" in used
    assert "#kind-craft" in used
    assert not [part for part in root.iter() if part.tag in (f"{KML}href", f"{KML}Icon", f"{KML}NetworkLink")]


@pytest.mark.parametrize("name", HOSTILE)
def test_kml_descriptions_hold_no_markup_of_names(name: str, itinerary: Itinerary) -> None:
    """Readers take a description for HTML: the only elements in it are line breaks."""
    root = ET.fromstring(kml_of(renamed(itinerary, Name(ja=name)), "ja"))
    for part in root.iter(f"{KML}description"):
        assert set(re.findall(r"<[^>]*>", part.text or "")) <= {"<br>"}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_json_ld_says_what_it_means(itinerary: Itinerary, known_region: Region) -> None:
    """Read as triples: a trip with a sub-trip a day, its places with type, position, hours; events with times."""
    graph = rdflib.Graph().parse(data=write_jsonld(itinerary, "en", region=known_region), format="json-ld")
    place = rdflib.URIRef("urn:meguri:testland:lacquer")
    assert (place, RDF.type, SCHEMA.Museum) in graph
    assert set(graph.objects(place, SCHEMA.name)) == {
        rdflib.Literal("うるしの里会館", lang="ja"),
        rdflib.Literal("Lacquerware Hall", lang="en"),
    }
    position = graph.value(place, SCHEMA.geo)
    assert graph.value(position, SCHEMA.latitude).toPython() == 35.9482
    hours = graph.value(place, SCHEMA.openingHoursSpecification)
    assert str(graph.value(hours, SCHEMA.opens)) == "09:00:00"
    assert str(graph.value(hours, SCHEMA.validFrom)) == "2026-12-05"
    trips = set(graph.subjects(RDF.type, SCHEMA.TouristTrip))
    whole = next(trip for trip in trips if (None, SCHEMA.subTrip, trip) not in graph)
    assert len(trips) == 3
    assert set(graph.objects(whole, SCHEMA.subTrip)) == trips - {whole}
    assert str(graph.value(graph.value(whole, SCHEMA.subjectOf), SCHEMA.inLanguage)) == "en"
    visits = set(graph.subjects(SCHEMA.location, place))
    assert {str(graph.value(visit, SCHEMA.startDate)) for visit in visits} == {"2026-12-05T09:00:00+09:00"}
    inn = rdflib.URIRef("urn:meguri:testland:inn")
    assert (inn, RDF.type, SCHEMA.LodgingBusiness) in graph


def test_json_ld_offers_only_known_prices_and_states_only_known_hours(itinerary: Itinerary, region: Region) -> None:
    """What is unknown is left out, not made up; what is free is said to be."""
    document = jsonld_of(itinerary, "en", region=region)
    events = {event["name"].split(" ")[0]: event for day in document["subTrip"] for event in day["subjectOf"]}
    assert events["Echizen"]["offers"]["price"] == 2200
    assert events["Lacquerware"]["isAccessibleForFree"] is True
    assert "offers" not in events["Sauce"]
    assert "isAccessibleForFree" not in events["Sauce"]
    places = [item["item"] for day in document["subTrip"] for item in day["itinerary"]["itemListElement"]]
    cutlet = next(place for place in places if place["@id"].endswith(":cutlet"))
    assert "openingHoursSpecification" not in cutlet


def test_json_ld_needs_no_network(itinerary: Itinerary) -> None:
    """The context stands in the document."""
    assert jsonld_of(itinerary, "en")["@context"] == {"@vocab": "https://schema.org/"}


def test_gpx_reads_the_same_from_a_file(itinerary: Itinerary) -> None:
    """What gpxpy reads is what was written."""
    text = gpx_of(itinerary, "ja")
    again = gpxpy.parse(io.StringIO(text))
    assert again.name == "越前をめぐる旅 2026年12月5日（土） – 2026年12月6日（日）"
    assert again.copyright_author == "Test sheet (CC BY 4.0)"
    assert [point.name for point in again.waypoints][:2] == ["1-1 うるしの里会館", "1-2 越前和紙の里"]


def test_colours_are_those_of_the_map_page() -> None:
    """A day, and a kind, looks the same on the page and in every file."""
    page = resources.files("api.exports") / "page"
    styles, script = ((page / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    assert re.findall(r"--day-\d: (#[0-9a-f]{6})", styles)[: len(DAY_COLOURS)] == list(DAY_COLOURS)
    (kinds,) = re.findall(r"const KINDS = \{(.*?)\}", script)
    assert dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', kinds)) == KIND_COLOURS
