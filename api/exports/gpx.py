"""An itinerary as GPX 1.1, for navigation devices and apps: stops as waypoints, a track a day, a segment a leg."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from api.exports._plans import Leg, day_plans
from api.exports._words import (
    day_words,
    ends_words,
    heading_words,
    kind_words,
    leg_title,
    leg_words,
    source_words,
    stop_lines,
    totals_words,
    trip_lines,
)
from api.exports._xml import xml_text
from api.exports.alternative import chosen_plan
from api.wording import place_words

if TYPE_CHECKING:
    from gpxpy.gpx import GPXTrack, GPXTrackSegment, GPXWaypoint

    from api.exports._plans import DayPlan, Stop
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import Itinerary

LEG_NAMESPACE = "urn:meguri:gpx:1"
"""Names what GPX has no element for: ``leg`` of a segment, with ``mode``, ``estimated``, ``distance_m``, …"""


def gpx_of(
    itinerary: Itinerary, language: Language, alternative: int | None = None, *, region: Region | None = None
) -> str:
    """
    Return a trip as GPX 1.1.

    Parameters
    ----------
    itinerary
        What to export.
    language
        Of names and descriptions.
    alternative
        Number of the alternative to export, from 1; by default the plan itself.
    region
        Adds what the region knows of the places: description and web address.

    Returns
    -------
    text
        Times are UTC, as GPX demands. A waypoint has one time, the arrival; arrival and departure stand in its ``cmt``
        as an ISO 8601 interval with offset. Only the ends of a segment have times: nothing is known of those between.
        A segment of an estimated leg is straight, and its extension says ``estimated="true"``.

    Raises
    ------
    InputError
        If there is no such alternative.
    """
    from gpxpy.gpx import GPX

    itinerary = chosen_plan(itinerary, alternative)
    plans = day_plans(itinerary, region)
    gpx = GPX()
    gpx.nsmap["meguri"] = LEG_NAMESPACE
    gpx.creator = f"Meguri {itinerary.provenance.version}"
    gpx.name = xml_text(heading_words(itinerary, language))
    gpx.description = xml_text("\n".join(trip_lines(itinerary, language)))
    if itinerary.sources:
        # This library writes attributes as they are.
        gpx.copyright_author = _attribute(source_words(itinerary))
    for plan in plans:
        gpx.waypoints += [_waypoint(stop, plan, language) for stop in plan.stops if stop.position is not None]
        gpx.tracks.append(_track(plan, language))
    return gpx.to_xml(version="1.1", prettyprint=False)


def _waypoint(stop: Stop, plan: DayPlan, language: Language) -> GPXWaypoint:
    from gpxpy.gpx import GPXWaypoint

    lon, lat = stop.position or (0.0, 0.0)
    waypoint = GPXWaypoint(
        latitude=lat,
        longitude=lon,
        time=stop.begin.astimezone(dt.UTC),
        name=xml_text(f"{plan.number}-{stop.order} {place_words(stop.step.name, language)}"),
        description=xml_text("\n".join(stop_lines(stop, plan, language))),
        comment=f"{stop.begin.isoformat()}/{stop.end.isoformat()}",
        type=xml_text(kind_words(stop.step, language)) or None,
    )
    if stop.web_address:
        setattr(waypoint, "link", _attribute(stop.web_address))  # noqa: B010 - declared as None by its library
    return waypoint


def _track(plan: DayPlan, language: Language) -> GPXTrack:
    from gpxpy.gpx import GPXTrack

    ends = ends_words(plan, language)
    track = GPXTrack(name=xml_text(day_words(plan, language)), description=None)
    track.number = plan.number
    legs = [f"{leg_title(leg, language)}: {leg_words(leg, plan.day.date, language)}" for leg in plan.legs]
    track.description = xml_text("\n".join([*([ends] if ends else []), totals_words(plan.day.totals, language), *legs]))
    track.segments = [_segment(leg) for leg in plan.legs if leg.line is not None]
    return track


def _segment(leg: Leg) -> GPXTrackSegment:
    from gpxpy.gpx import GPXTrackPoint, GPXTrackSegment

    line = leg.line or ()
    points = [GPXTrackPoint(latitude=lat, longitude=lon) for lon, lat in line]
    points[0].time, points[-1].time = leg.begin.astimezone(dt.UTC), leg.end.astimezone(dt.UTC)
    segment = GPXTrackSegment(points)
    facts = {
        "mode": leg.step.mode or "",
        "estimated": str(leg.is_straight).lower(),
        "distance_m": "" if leg.step.distance_m is None else str(leg.step.distance_m),
        "duration_s": str(leg.step.duration_s),
        "to": leg.step.asset or "",
    }
    segment.extensions = [
        ET.Element(f"{{{LEG_NAMESPACE}}}leg", {name: value for name, value in facts.items() if value})
    ]
    return segment


def _attribute(value: str) -> str:
    return escape(xml_text(value), {'"': "&quot;", "\n": " "})
