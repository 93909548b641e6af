"""An itinerary as KML 2.2, for globes and GIS: a folder a day, stops as points and legs as lines, with times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from api.exports._plans import Leg, day_plans
from api.exports._words import (
    day_words,
    ends_words,
    heading_words,
    leg_title,
    leg_words,
    stop_lines,
    totals_words,
    trip_lines,
)
from api.exports._xml import xml_text
from api.exports.alternative import chosen_plan
from api.exports.colours import DAY_COLOURS, KIND_COLOURS
from api.wording import place_words

if TYPE_CHECKING:
    from api.exports._plans import DayPlan, Stop
    from api.exports.geojson import Position
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import Itinerary

_NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
_PRECISION = 6


def kml_of(
    itinerary: Itinerary, language: Language, alternative: int | None = None, *, region: Region | None = None
) -> str:
    """
    Return a trip as KML 2.2.

    Parameters
    ----------
    itinerary, language, alternative, region
        As for `api.exports.gpx.gpx_of`.

    Returns
    -------
    text
        One XML document without a document type. Descriptions are HTML in which names are escaped; the same facts stand
        as plain values in ``ExtendedData``. No picture is fetched from anywhere: points show the reader's own pin,
        coloured by kind; lines are coloured by day, thin and pale where a leg is estimated.

    Raises
    ------
    InputError
        If there is no such alternative.
    """
    itinerary = chosen_plan(itinerary, alternative)
    # Prefixes would be made up otherwise; registering them would change all of the process.
    root = ET.Element("kml", {"xmlns": _NAMESPACE})
    document = _child(root, "Document")
    _child(document, "name", heading_words(itinerary, language))
    _describe(document, trip_lines(itinerary, language))
    _add_styles(document)
    for plan in day_plans(itinerary, region):
        _add_day(document, plan, language)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_styles(document: ET.Element) -> None:
    for kind, colour in KIND_COLOURS.items():
        style = _child(document, "Style", id=f"kind-{kind}")
        _child(_child(style, "IconStyle"), "color", _kml_colour(colour))
    for number, colour in enumerate(DAY_COLOURS):
        for suffix, opacity, width in (("", 0xE6, "4"), ("-estimated", 0x99, "2")):
            line = _child(_child(document, "Style", id=f"day-{number}{suffix}"), "LineStyle")
            _child(line, "color", _kml_colour(colour, opacity))
            _child(line, "width", width)


def _add_day(document: ET.Element, plan: DayPlan, language: Language) -> None:
    folder = _child(document, "Folder")
    _child(folder, "name", day_words(plan, language))
    _describe(folder, [ends_words(plan, language), totals_words(plan.day.totals, language)])
    for part in plan.parts:
        if isinstance(part, Leg):
            _add_leg(folder, part, plan, language)
        else:
            _add_stop(folder, part, plan, language)


def _add_stop(folder: ET.Element, stop: Stop, plan: DayPlan, language: Language) -> None:
    step = stop.step
    mark = _child(folder, "Placemark")
    _child(mark, "name", f"{plan.number}-{stop.order} {place_words(step.name, language)}")
    _describe(mark, stop_lines(stop, plan, language), link=stop.web_address)
    _set_times(mark, stop.begin, stop.end)
    _child(mark, "styleUrl", f"#kind-{step.kind or 'hub'}")
    _set_data(
        mark,
        {
            "role": step.type,
            "asset": step.asset,
            "kind": step.kind,
            "arrive": stop.begin.isoformat(),
            "depart": stop.end.isoformat(),
            "cost_jpy": step.cost_jpy,
            "assumed": ",".join(dict.fromkeys(fact.field for fact in stop.facts)) or None,
        },
    )
    if stop.position is not None:
        _child(_child(mark, "Point"), "coordinates", _coordinates([stop.position]))


def _add_leg(folder: ET.Element, leg: Leg, plan: DayPlan, language: Language) -> None:
    mark = _child(folder, "Placemark")
    _child(mark, "name", leg_title(leg, language))
    _describe(mark, [leg_words(leg, plan.day.date, language)])
    _set_times(mark, leg.begin, leg.end)
    colour = (plan.number - 1) % len(DAY_COLOURS)
    _child(mark, "styleUrl", f"#day-{colour}{'-estimated' if leg.is_straight else ''}")
    _set_data(
        mark,
        {
            "role": "travel",
            "asset": leg.step.asset,
            "mode": leg.step.mode,
            "depart": leg.begin.isoformat(),
            "arrive": leg.end.isoformat(),
            "distance_m": leg.step.distance_m,
            "estimated": str(leg.is_straight).lower(),
        },
    )
    if leg.line is not None:
        line = _child(mark, "LineString")
        _child(line, "tessellate", "1")
        _child(line, "coordinates", _coordinates(leg.line))


def _describe(parent: ET.Element, lines: Iterable[str], link: str | None = None) -> None:
    # Readers take a description for HTML: a name must not become an element of it.
    shown = [escape(line) for line in lines if line]
    if link:
        shown.append(f'<a href="{escape(link)}">{escape(link)}</a>')
    _child(parent, "description", "<br>".join(shown))


def _set_times(mark: ET.Element, begin: dt.datetime, end: dt.datetime) -> None:
    span = _child(mark, "TimeSpan")
    _child(span, "begin", begin.isoformat())
    _child(span, "end", end.isoformat())


def _set_data(mark: ET.Element, values: Mapping[str, object]) -> None:
    """Add the values that are known; an unknown price is no value."""
    data = _child(mark, "ExtendedData")
    for name, value in values.items():
        if value is not None:
            _child(_child(data, "Data", name=name), "value", str(value))


def _coordinates(points: Iterable[Position]) -> str:
    return " ".join(f"{round(lon, _PRECISION)},{round(lat, _PRECISION)}" for lon, lat in points)


def _kml_colour(colour: str, opacity: int = 0xFF) -> str:
    """Return ``#rrggbb`` in the order of KML: opacity, blue, green, red."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{opacity:02x}{blue}{green}{red}"


def _child(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, tag, attributes)
    child.text = None if text is None else xml_text(text)
    return child
