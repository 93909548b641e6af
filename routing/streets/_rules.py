"""
Which ways of OpenStreetMap a mode may use, how fast, and in which direction.

One table, `RULES`, holds what differs between the modes. Keys and values follow the OSM wiki:

- classes: https://wiki.openstreetmap.org/wiki/Key:highway
- access, most specific key first: https://wiki.openstreetmap.org/wiki/Key:access
- defaults where no access is tagged: https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions
- direction: https://wiki.openstreetmap.org/wiki/Key:oneway
- speed: https://wiki.openstreetmap.org/wiki/Key:maxspeed

Not modelled: turn restrictions, barriers on single nodes, conditional access (times of day), surface and slope.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from routing.streets._mode import BICYCLE_KMH, STEPS_KMH, WALK_KMH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.streets._mode import Mode

Direction = Literal["both", "forward", "backward"]
Refusal = Literal["not in use", "closed to the mode", "private", "area"]

# Values that open a way. "permit" is the gate where everyone who asks (or pays) is let in: temple precincts have it.
_OPEN: Final = frozenset(
    {"yes", "designated", "permissive", "official", "public", "destination", "customers", "permit", "dismount"}
)
# Values that say nothing. Everything else (no, private, forestry, military, a local invention) closes the way.
_SILENT: Final = frozenset({"", "unknown", "fixme"})

# Ways that are not there (yet, any more), or are no streets.
_NOT_IN_USE: Final = frozenset(
    {"abandoned", "construction", "demolished", "disused", "no", "planned", "proposed", "raceway", "razed"}
    | {"rest_area", "services", "emergency_bay", "escape", "bus_stop", "traffic_island"}
)

# The legal limits where no sign stands are 100 km/h on motorways and 60 elsewhere (道路交通法施行令 27条, 11条), 30 on
# roads without a centre line (11条 as amended, in force 2026-09-01). Signs in towns mostly say 40 or 50.
_CAR_LIMIT_KMH: Final[Mapping[str, float]] = {
    "motorway": 100.0,
    "motorway_link": 50.0,
    "trunk": 50.0,
    "trunk_link": 40.0,
    "primary": 50.0,
    "primary_link": 40.0,
    "secondary": 40.0,
    "secondary_link": 40.0,
    "tertiary": 40.0,
    "tertiary_link": 40.0,
    "unclassified": 30.0,
    "residential": 30.0,
    "road": 30.0,
    "living_street": 15.0,
    "service": 15.0,
}
# Share of the limit that a car keeps up between signals and bends, as OSRM's car profile takes it (speed_reduction):
# https://github.com/Project-OSRM/osrm-backend/blob/master/profiles/car.lua
CAR_SHARE_OF_LIMIT: Final = 0.8

_ROADS: Final = tuple(name for name in _CAR_LIMIT_KMH if not name.startswith("motorway"))


@dataclass(frozen=True, slots=True)
class ModeRules:
    """
    Hold what one mode may use.

    Parameters
    ----------
    access_keys
        Tags that open or close a way, most specific first.
    speed_kmh
        Classes usable unless a tag closes them, and the speed kept up there.
    on_request_kmh
        Classes usable only where a tag opens them, and the speed there.
    takes_areas
        Whether the outline of a square (``area=yes``) serves as a street.
    """

    access_keys: tuple[str, ...]
    speed_kmh: Mapping[str, float]
    on_request_kmh: Mapping[str, float]
    takes_areas: bool


RULES: Final[Mapping[Mode, ModeRules]] = {
    "walk": ModeRules(
        access_keys=("foot", "access"),
        speed_kmh={
            **dict.fromkeys(_ROADS, WALK_KMH),
            **dict.fromkeys(("footway", "path", "pedestrian", "track", "bridleway", "corridor", "elevator"), WALK_KMH),
            "steps": STEPS_KMH,
        },
        # A 自転車道 is for bicycles unless a sign lets walkers in; a platform is behind the ticket gate.
        on_request_kmh=dict.fromkeys(("cycleway", "platform", "busway", "bus_guideway"), WALK_KMH),
        takes_areas=True,
    ),
    "bicycle": ModeRules(
        access_keys=("bicycle", "vehicle", "access"),
        speed_kmh={**dict.fromkeys((*_ROADS, "cycleway"), BICYCLE_KMH), "track": 10.0},
        # OSM lets bicycles onto any path; in Japan most are mountain trails, so here a tag has to say so.
        on_request_kmh=dict.fromkeys(("path", "footway", "pedestrian", "bridleway", "busway"), 8.0),
        takes_areas=False,
    ),
    "car": ModeRules(
        access_keys=("motorcar", "motor_vehicle", "vehicle", "access"),
        speed_kmh={name: limit * CAR_SHARE_OF_LIMIT for name, limit in _CAR_LIMIT_KMH.items()},
        on_request_kmh=dict.fromkeys(("track", "pedestrian", "path", "footway", "busway"), 8.0),
        takes_areas=False,
    ),
}

# Every tag that `way_use` looks at; readers keep these and no others.
TAG_KEYS: Final = frozenset(
    {"highway", "area", "motorroad", "junction", "maxspeed", "conveying", "wheelchair"}
    | {"oneway", "oneway:foot", "oneway:bicycle"}
    | {"cycleway", "cycleway:left", "cycleway:right", "cycleway:both"}
    | {key for rules in RULES.values() for key in rules.access_keys}
)


@dataclass(frozen=True, slots=True)
class WayUse:
    """
    Say how a mode uses a way.

    Parameters
    ----------
    speed_kmh
        Speed kept up on it.
    direction
        Along the way's own node order, against it, or both.
    is_step_free
        Whether a wheelchair may try it: no flight of stairs, and no ``wheelchair=no``.
    """

    speed_kmh: float
    direction: Direction
    is_step_free: bool


def way_use(tags: Mapping[str, str], mode: Mode) -> WayUse | Refusal:
    """
    Return how a mode uses a way, or why it may not.

    Parameters
    ----------
    tags
        The way's OSM tags.
    mode
        Who wants to use it.

    Returns
    -------
    use
        Speed, direction and steps; or the reason of the refusal in a word or two.
    """
    rules = RULES[mode]
    highway = tags.get("highway", "")
    if not highway or highway in _NOT_IN_USE:
        return "not in use"
    if tags.get("area") == "yes" and not rules.takes_areas:
        return "area"
    key, value = _access(tags, rules.access_keys)
    if key and value not in _OPEN:
        # A way closed to this very mode is no private ground.
        return "private" if key == "access" and value != "no" else "closed to the mode"
    if mode != "car" and tags.get("motorroad") == "yes":
        return "closed to the mode"
    is_opened = key not in {"", "access"}
    speed_kmh = rules.speed_kmh.get(highway) or (rules.on_request_kmh.get(highway) if is_opened else None)
    if speed_kmh is None:
        return "closed to the mode"
    if value == "dismount" and mode == "bicycle":
        speed_kmh = WALK_KMH
    if mode == "car":
        speed_kmh = _car_speed_kmh(tags.get("maxspeed", ""), speed_kmh)
    is_step_free = highway != "steps" and tags.get("wheelchair") != "no"
    return WayUse(speed_kmh, _direction(tags, mode), is_step_free)


def _access(tags: Mapping[str, str], keys: tuple[str, ...]) -> tuple[str, str]:
    """Return the most specific access tag that says something, as key and value; two blanks if none does."""
    for key in keys:
        value = tags.get(key, "").strip()
        if value not in _SILENT:
            return key, value
    return "", ""


def _car_speed_kmh(maxspeed: str, class_speed_kmh: float) -> float:
    """Return the speed of a car where ``maxspeed`` is signed, else that of the road class."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*(mph)?", maxspeed)
    if found is None or float(found[1]) == 0.0:
        return class_speed_kmh
    return float(found[1]) * (1.609344 if found[2] else 1.0) * CAR_SHARE_OF_LIMIT


def _direction(tags: Mapping[str, str], mode: Mode) -> Direction:
    """Return the direction in which a mode may use a way."""
    if mode == "walk":
        # A walker minds no one-way street, only moving stairs and the rare sign meant for walkers.
        return _oneway(tags.get("oneway:foot", "")) or _oneway(tags.get("conveying", "")) or "both"
    if mode == "bicycle":
        if "oneway:bicycle" in tags:
            return _oneway(tags["oneway:bicycle"]) or "both"
        if any(tags.get(key, "").startswith("opposite") for key in tags if key.startswith("cycleway")):
            return "both"
    signed = tags.get("oneway", "")
    if signed:
        return _oneway(signed) or "both"
    is_implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    return "forward" if is_implied else "both"


def _oneway(value: str) -> Direction | None:
    """Return the direction a one-way value stands for, None where it stands for no restriction."""
    if value in {"yes", "true", "1", "forward"}:
        return "forward"
    if value in {"-1", "reverse", "backward"}:
        return "backward"
    return None
