"""An itinerary as GeoJSON (RFC 7946): stops as points, legs as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from api.assumptions import REMARK
from api.exports.alternative import chosen_plan

if TYPE_CHECKING:
    from regional_assets.model import Asset, Name
    from routing.itinerary import Day, Itinerary, Step

Position = tuple[float, float]


def itinerary_geojson(itinerary: Itinerary, alternative: int | None = None) -> dict[str, Any]:
    """
    Return a FeatureCollection of the stops and legs of a trip, in the order of travel.

    Parameters
    ----------
    itinerary
        What to export.
    alternative
        Number of the alternative to export, from 1; by default the plan itself.

    Returns
    -------
    collection
        ``role`` tells features apart: ``start`` and ``end`` of a day, ``stop`` (visit, meal, stay) and ``leg``.
        Times are local with offset, costs yen for the party (``null`` unknown), distances metres, durations seconds.
        A leg without a known line has a straight one, and ``estimated: true``; geometry is ``null`` only where a
        position is unknown. Notice, sources and everything assumed stand beside the features.

    Raises
    ------
    InputError
        If there is no such alternative.
    """
    itinerary = chosen_plan(itinerary, alternative)
    features = [
        feature for number, day in enumerate(itinerary.days, start=1) for feature in _day(itinerary, day, number)
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "region": itinerary.region,
        "status": itinerary.status,
        "time_zone": itinerary.time_zone,
        "notice": _plain(itinerary.notice),
        "assumed": [fact.model_dump(mode="json", exclude_none=True) for fact in itinerary.assumed],
        "sources": list(itinerary.sources),
    }


def position_of(place: Step | Asset) -> Position | None:
    """Return where a place or a step is, or where a step leads; ``None`` where nobody knows."""
    return (place.lon, place.lat) if place.lon is not None and place.lat is not None else None


def leg_line(step: Step, origin: Position | None) -> tuple[Position, ...] | None:
    """
    Return the line of a travel step as at least two positions, ``None`` where no end is known.

    Parameters
    ----------
    step
        A step of type ``travel``.
    origin
        Where the step begins, for steps that carry no line.
    """
    line = tuple(step.geometry or ())
    if len(line) >= 2:
        return line
    ends = [point for point in (line[0] if line else origin, position_of(step)) if point is not None]
    return (ends[0], ends[-1]) if ends else None


def day_origin(day: Day) -> Position | None:
    """Return where a day starts: the beginning of its first line, or else its first place."""
    for step in day.steps:
        if step.geometry:
            return step.geometry[0]
        position = position_of(step)
        if step.type != "travel" and position is not None:
            return position
    return None


def _day(itinerary: Itinerary, day: Day, number: int) -> Iterator[dict[str, Any]]:
    common = {"day": number, "date": day.date.isoformat()}
    here = day_origin(day)
    yield _feature("Point", here, {"role": "start", **common, "name": _plain(day.start)})
    order = 0
    for step in day.steps:
        if step.type == "travel":
            yield _feature("LineString", leg_line(step, here), {"role": "leg", **common, **_leg(step)})
        elif step.type != "wait":
            order += 1
            facts = [fact for fact in itinerary.assumed if fact.asset is not None and fact.asset == step.asset]
            flags = [fact.field for fact in facts if fact.field != REMARK]
            yield _feature(
                "Point", position_of(step) or here, {"role": "stop", **common, "order": order, **_stop(step, flags)}
            )
        here = position_of(step) or here
    yield _feature("Point", here, {"role": "end", **common, "name": _plain(day.end)})


def _leg(step: Step) -> dict[str, Any]:
    return {
        "mode": step.mode,
        "depart": step.arrive.isoformat(),
        "arrive": step.depart.isoformat(),
        "duration_s": step.duration_s,
        "distance_m": step.distance_m,
        "estimated": bool(step.estimated),
        "cost_jpy": step.cost_jpy,
    }


def _stop(step: Step, flags: list[str]) -> dict[str, Any]:
    return {
        "type": step.type,
        "asset": step.asset,
        "name": _plain(step.name),
        "kind": step.kind,
        "arrive": step.arrive.isoformat(),
        "depart": step.depart.isoformat(),
        "duration_s": step.duration_s,
        "closes": step.closes.isoformat() if step.closes else None,
        "cost_jpy": step.cost_jpy,
        "assumed": flags,
    }


def _plain(name: Name | None) -> dict[str, Any] | None:
    return None if name is None else name.model_dump(exclude_none=True)


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = None
    if coordinates is not None:
        line = [list(point) for point in coordinates] if kind == "LineString" else list(coordinates)
        geometry = {"type": kind, "coordinates": line}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
