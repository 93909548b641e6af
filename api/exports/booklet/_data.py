"""What a booklet says, worded in one language: plain JSON types only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from api.assumptions import marks_of, remark_lines
from api.exports._plans import DayPlan, Leg, Stop, day_plans
from api.exports._words import (
    assumed_lines,
    closing_time,
    cost_words,
    dates_words,
    ends_words,
    kind_words,
    listed,
    party_words,
    title_words,
    total_cost_words,
)
from api.exports.booklet._map import DrawnLeg, DrawnStop, Scene, draw
from api.exports.colours import KIND_COLOURS, day_colour
from api.exports.geojson import position_of
from api.texts import say, section
from api.wording import clock, date_words, distance_words, minutes_words, status_words
from regional_assets.model import Kind

if TYPE_CHECKING:
    from api.exports.geojson import Position
    from regional_assets.model import Name, Region
    from regional_assets.text import Language
    from routing.itinerary import DayTotals, Itinerary, MadeCombination
    from routing.request import Mode
    from routing.streets import StreetNetwork

# Millimetres: the width between the margins of an A5 page.
_MAP_OF_DAY: Final = (124.0, 66.0)
_MAP_OF_TRIP: Final = (124.0, 88.0)
_STREET_BYTES: Final = 250_000
_ROADS_OF_TRIP_BYTES: Final = 120_000
# Packed streets count in 1e-5 degree.
_DEGREES: Final = 1e-5
_CHECKED_FIELDS: Final = {
    "opening": "opening",
    "price": "price",
    "slots": "slots",
    "lon": "position",
    "lat": "position",
    "position": "position",
    "wheelchair": "access",
    "stroller": "access",
    "diet": "diet",
}


def booklet_data(
    itinerary: Itinerary,
    region: Region,
    language: Language,
    *,
    networks: Mapping[Mode, StreetNetwork] | None,
    now: dt.datetime | None,
) -> dict[str, Any]:
    """
    Return everything that the pages show.

    Parameters
    ----------
    itinerary, region, language
        The plan, the places, the language of all words.
    networks
        Streets by mode, to be drawn; none are drawn without.
    now
        When the booklet is made; not told where it is ``None``.
    """
    network = (networks or {}).get(itinerary.request.mode)
    return _Writer(itinerary, region, language, network).pages(now)


class _Writer:
    """Word one itinerary."""

    def __init__(self, itinerary: Itinerary, region: Region, language: Language, network: StreetNetwork | None) -> None:
        self.itinerary = itinerary
        self.region = region
        self.language: Language = language
        self.network = network
        self.plans = day_plans(itinerary, region)

    def say(self, key: str, **values: object) -> str:
        return say(f"booklet.{key}", self.language, **values)

    def pages(self, now: dt.datetime | None) -> dict[str, Any]:
        trip, language = self.itinerary, self.language
        other: Language = "en" if language == "ja" else "ja"
        title, beside = title_words(trip, language), title_words(trip, other)
        return {
            "language": language,
            "texts": {key: entry.in_(language) for key, entry in section("booklet").items()},
            "title": title,
            "beside": beside if beside != title else "",
            "dates": dates_words(trip, language),
            "party": party_words(trip, language),
            "mode": say(f"mode.{trip.request.mode}", language),
            "status": status_words(trip, language),
            "notice": trip.notice.in_(language) if trip.notice else "",
            "conflicts": [conflict.text.in_(language) for conflict in trip.conflicts],
            "made": self.say("made_on", date=date_words(now.date(), language)) if now else "",
            "map": self.map(self.plans, _MAP_OF_TRIP, numbered=False, street_bytes=_ROADS_OF_TRIP_BYTES),
            "overview": [self.overview(plan) for plan in self.plans],
            "totals": self.totals(trip.totals),
            "days": [self.day(plan) for plan in self.plans],
            "checks": [check for plan in self.plans for stop in plan.stops if (check := self.check(stop, plan))],
            "assumed": assumed_lines(trip, language),
            "remarks": remark_lines(trip.assumed, language, name_of=lambda asset: listed(trip, [asset], language)),
            "combinations": [self.combination(made) for made in trip.combinations],
            "sources": self.sources(),
            "version": self.say("version", version=trip.provenance.version, seed=trip.provenance.seed),
        }

    def overview(self, plan: DayPlan) -> dict[str, Any]:
        visits = [stop for stop in plan.stops if stop.step.type != "stay"]
        night = next((stop for stop in plan.stops if stop.step.type == "stay"), None)
        return {
            "number": plan.number,
            "colour": day_colour(plan.number),
            "date": date_words(plan.day.date, self.language),
            "places": say("exports.comma", self.language).join(self.name(stop.step.name) for stop in visits),
            "night": self.name(night.step.name) if night else "",
            "cost": total_cost_words(plan.day.totals, self.language),
        }

    def day(self, plan: DayPlan) -> dict[str, Any]:
        return {
            "number": plan.number,
            "colour": day_colour(plan.number),
            "title": say("timetable.day", self.language, number=plan.number),
            "date": date_words(plan.day.date, self.language),
            "ends": ends_words(plan, self.language),
            "totals": self.totals(plan.day.totals),
            "map": self.map([plan], _MAP_OF_DAY, numbered=True, street_bytes=_STREET_BYTES),
            "rows": list(self.rows(plan)),
        }

    def rows(self, plan: DayPlan) -> Iterator[dict[str, Any]]:
        date = plan.day.date
        if plan.parts and isinstance(plan.parts[0], Leg):
            yield self.end(plan.parts[0].begin, plan.day.start, date)
        for part in plan.parts:
            yield self.leg(part) if isinstance(part, Leg) else self.stop(part, plan)
        if plan.parts and isinstance(plan.parts[-1], Leg):
            yield self.end(plan.parts[-1].end, plan.day.end, date)

    def end(self, moment: dt.datetime, name: Name | None, date: dt.date) -> dict[str, Any]:
        return {"type": "end", "time": clock(moment, date), "name": self.name(name), "beside": self.beside(name)}

    def leg(self, leg: Leg) -> dict[str, Any]:
        step = leg.step
        parts = [
            say(f"mode.{step.mode}", self.language) if step.mode else say("timetable.travel", self.language),
            minutes_words(step.duration_s, self.language),
            distance_words(step.distance_m) if step.distance_m is not None else "",
            self.say("estimated") if leg.is_straight else "",
        ]
        return {"type": "leg", "words": " · ".join(part for part in parts if part)}

    def stop(self, stop: Stop, plan: DayPlan) -> dict[str, Any]:
        step, date, language = stop.step, plan.day.date, self.language
        closes = closing_time(stop, plan)
        facts = [
            kind_words(step, language),
            "" if step.type == "stay" else minutes_words(step.duration_s, language),
            say("timetable.closes", language, time=closes) if closes else "",
        ]
        about = stop.asset.description if stop.asset is not None else None
        return {
            "type": "stop",
            "number": str(stop.order),
            "time": clock(stop.begin, date),
            "until": "" if step.type == "stay" else clock(stop.end, date),
            "wait": say("exports.wait", language, time=clock(stop.waits_from, date)) if stop.waits_from else "",
            "name": self.name(step.name),
            "beside": self.beside(step.name),
            "facts": " · ".join(fact for fact in facts if fact),
            "kind_colour": KIND_COLOURS[step.kind or Kind.HUB],
            "cost": cost_words(step, language),
            "flags": [self.say(f"mark_{mark}") for mark in marks_of(stop.facts)],
            "about": about.in_(language) if about else "",
            "address": (stop.asset.address or "") if stop.asset is not None else "",
            "url": stop.web_address or "",
        }

    def check(self, stop: Stop, plan: DayPlan) -> dict[str, Any] | None:
        """Return what to make sure of before going to a place; None where all is known."""
        fields = [_CHECKED_FIELDS[fact.field] for fact in stop.facts if fact.field in _CHECKED_FIELDS]
        if stop.step.cost_jpy is None:
            fields.append("price")
        if not fields:
            return None
        time = clock(stop.begin, plan.day.date)
        return {
            "day": plan.number,
            "colour": day_colour(plan.number),
            "number": str(stop.order),
            "name": self.name(stop.step.name),
            "items": [self.say(f"check_{field}", time=time) for field in dict.fromkeys(fields)],
            "url": stop.web_address or "",
        }

    def totals(self, totals: DayTotals) -> list[list[str]]:
        language = self.language
        return [
            [self.say("travel"), f"{minutes_words(totals.travel_s, language)} · {distance_words(totals.distance_m)}"],
            [self.say("visits"), f"{totals.visits} · {minutes_words(totals.visit_s, language)}"],
            *([[self.say("walk"), distance_words(totals.walk_m)]] if totals.walk_m else []),
            [self.say("costs"), total_cost_words(totals, language)],
        ]

    def combination(self, made: MadeCombination) -> dict[str, str]:
        sides = dict.fromkeys(listed(self.itinerary, ids, self.language) for ids in (made.left, made.right))
        return {"what": " × ".join(sides), "why": made.reason.in_(self.language)}

    def sources(self) -> list[str]:
        credit = ""
        if self.network is not None:
            licence = self.network.licence
            credit = f"{self.network.source} ({licence})" if licence else self.network.source
        return list(dict.fromkeys([*self.itinerary.sources, *([credit] if credit else [])]))

    def map(
        self, plans: Sequence[DayPlan], size: tuple[float, float], *, numbered: bool, street_bytes: int
    ) -> dict[str, Any] | None:
        legs = [
            DrawnLeg(leg.line, day_colour(plan.number), leg.is_straight)
            for plan in plans
            for leg in plan.legs
            if leg.line is not None
        ]
        stops = [
            DrawnStop(stop.position, str(stop.order), day_colour(plan.number))
            for plan in plans
            for stop in plan.stops
            if stop.position is not None and numbered
        ]
        scene = Scene(
            legs, stops, self.streets([leg.line for leg in legs], street_bytes), self.others(), self.landmarks(plans)
        )
        drawing = draw(scene, size)
        if drawing is None:
            return None
        scale = {**drawing.scale, "words": distance_words(int(drawing.scale["metres"]))}
        return {
            "svg": drawing.svg,
            "size": list(size),
            "numbers": drawing.numbers,
            "names": drawing.names,
            "scale": scale,
        }

    def streets(self, lines: Sequence[Sequence[Position]], most_bytes: int) -> list[list[Position]]:
        if self.network is None:
            return []
        from api.exports._page_streets import pack_streets  # numpy is only needed with streets

        packed = pack_streets(self.network, lines, most_bytes=most_bytes)
        return [_unpacked(street) for street in packed]

    def others(self) -> list[Position]:
        return [position for asset in self.region.assets if (position := position_of(asset)) is not None]

    def landmarks(self, plans: Sequence[DayPlan]) -> list[tuple[Position, str]]:
        """Return what people find their way by: where the days begin and end, then stations, the best known first."""
        names: dict[str, Position] = {}
        for plan in plans:
            lines = [leg.line for leg in plan.legs if leg.line is not None]
            ends = [(plan.day.start, lines[0][0]), (plan.day.end, lines[-1][-1])] if lines else []
            names |= {self.name(name): at for name, at in ends if name is not None}
        hubs = sorted((asset for asset in self.region.assets if asset.kind == Kind.HUB), key=lambda hub: -hub.appeal)
        for hub in hubs:
            position = position_of(hub)
            if position is not None:
                names.setdefault(self.name(hub.name), position)
        return [(at, name) for name, at in names.items()]

    def name(self, name: Name | None) -> str:
        return name.in_(self.language) if name is not None else say("place.unnamed", self.language)

    def beside(self, name: Name | None) -> str:
        """Return the name in the other language: Japanese is what stands on the signs, English what can be said."""
        if name is None:
            return ""
        other = name.in_("en" if self.language == "ja" else "ja")
        return other if other != name.in_(self.language) else ""


def _unpacked(street: Sequence[int]) -> list[Position]:
    """Return a street of `pack_streets` in degrees."""
    lons, lats = accumulate(street[::2]), accumulate(street[1::2])
    return [(lon * _DEGREES, lat * _DEGREES) for lon, lat in zip(lons, lats, strict=True)]
