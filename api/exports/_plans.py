"""The days of an itinerary as stops and legs, with everything that is known of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from api.exports.geojson import Position, day_origin, leg_line, position_of
from regional_assets.model import Asset, Name

if TYPE_CHECKING:
    from regional_assets.model import Region
    from routing.itinerary import AssumedFact, Day, Itinerary, Step


@dataclass(frozen=True, slots=True)
class Stop:
    """
    Hold one stop of a day: a visit, a meal or a night.

    Parameters
    ----------
    order
        1, 2, … within the day.
    step
        The stop itself.
    begin, end
        When it begins and ends, in the region's zone.
    waits_from
        Since when the party waits for the door to open; ``None`` where it need not.
    position
        Degrees ``lon, lat``; ``None`` where no position of the day is known.
    asset
        What the region knows of the place; ``None`` without a region.
    facts
        What was assumed or is remarked of the place.
    """

    order: int
    step: Step
    begin: dt.datetime
    end: dt.datetime
    waits_from: dt.datetime | None
    position: Position | None
    asset: Asset | None
    facts: tuple[AssumedFact, ...]

    @property
    def web_address(self) -> str | None:
        """Return the address of the place on the web, unless it is one that a reader would run."""
        return web_address(self.asset)


@dataclass(frozen=True, slots=True)
class Leg:
    """
    Hold one leg of a day.

    Parameters
    ----------
    step
        The travel step.
    begin, end
        Departure and arrival, in the region's zone.
    origin
        Name of the place it leaves, where there is one.
    line
        At least two positions ``lon, lat``; ``None`` where no end is known.
    """

    step: Step
    begin: dt.datetime
    end: dt.datetime
    origin: Name | None
    line: tuple[Position, ...] | None

    @property
    def is_straight(self) -> bool:
        """Whether time and line are estimated without a street network."""
        return bool(self.step.estimated)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Hold one day: its number from 1, and its stops and legs in the order of travel."""

    number: int
    day: Day
    parts: tuple[Stop | Leg, ...]

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Return the stops alone."""
        return tuple(part for part in self.parts if isinstance(part, Stop))

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Return the legs alone."""
        return tuple(part for part in self.parts if isinstance(part, Leg))


def day_plans(itinerary: Itinerary, region: Region | None) -> list[DayPlan]:
    """
    Return the days of an itinerary as stops and legs; waiting is told by the stop that is waited for.

    Parameters
    ----------
    itinerary
        The plan.
    region
        Tells more of the places; nothing more is told without it.
    """
    assets = {} if region is None else {asset.id: asset for asset in region.assets}
    zone = ZoneInfo(itinerary.time_zone)
    return [
        DayPlan(number, day, tuple(_parts(itinerary, day, assets, zone)))
        for number, day in enumerate(itinerary.days, start=1)
    ]


def web_address(asset: Asset | None) -> str | None:
    """Return the web address of an asset, unless it is one that a reader would run."""
    if asset is None or not asset.url:
        return None
    try:
        parts = urlsplit(asset.url)
    except ValueError:
        return None
    return asset.url if parts.scheme in ("http", "https") and parts.netloc else None


def in_zone(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return a time of an itinerary in its zone; times without an offset are local already."""
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _parts(itinerary: Itinerary, day: Day, assets: dict[str, Asset], zone: ZoneInfo) -> Iterator[Stop | Leg]:
    here, name = day_origin(day), day.start
    waits_from: dt.datetime | None = None
    order = 0
    for step in day.steps:
        begin, end = in_zone(step.arrive, zone), in_zone(step.depart, zone)
        position = position_of(step) or here
        if step.type == "wait":
            waits_from = begin
        elif step.type == "travel":
            # Zero metres is no travel: the place is where the traveller stands.
            if step.duration_s or step.distance_m:
                yield Leg(step, begin, end, name, leg_line(step, here))
        else:
            order += 1
            facts = tuple(fact for fact in itinerary.assumed if fact.asset is not None and fact.asset == step.asset)
            yield Stop(order, step, begin, end, waits_from, position, assets.get(step.asset or ""), facts)
            waits_from = None
        here, name = position, step.name or name
