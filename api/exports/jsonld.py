"""An itinerary as schema.org JSON-LD, for search engines and assistants: a `TouristTrip` with a `subTrip` a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from api.exports._plans import Leg, day_plans
from api.exports._words import (
    assumed_lines,
    cost_words,
    day_words,
    fact_words,
    leg_title,
    leg_words,
    party_words,
    source_words,
    stop_lines,
    title_words,
    totals_words,
)
from api.exports.alternative import chosen_plan
from api.exports.geojson import position_of
from api.texts import say
from api.wording import place_words, status_words
from regional_assets.model import Asset, Kind, Name

if TYPE_CHECKING:
    from api.exports._plans import DayPlan, Stop
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import Itinerary, Step

Thing = dict[str, Any]

CONTEXT: Final = {"@vocab": "https://schema.org/"}
"""Stands in the document itself, so that nobody has to fetch it."""

_LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")
_MAKER: Final = {"@type": "Organization", "name": "Meguri"}

_TYPES_OF_KINDS: Final = {
    Kind.CULTURE: "TouristAttraction",
    Kind.CRAFT: "TouristAttraction",
    Kind.FOOD: "FoodEstablishment",
    Kind.NATURE: "TouristAttraction",
    Kind.LODGING: "LodgingBusiness",
    # What is held there is an event; where it is held is only a place.
    Kind.EVENT: "Place",
    Kind.HUB: "Place",
}
# Only what a tag states outright.
_TYPES_OF_TAGS: Final = {
    (Kind.CULTURE, "museum"): "Museum",
    (Kind.CULTURE, "art_museum"): "Museum",
    (Kind.CULTURE, "temple"): "BuddhistTemple",
    (Kind.CULTURE, "aquarium"): "Aquarium",
    (Kind.CRAFT, "museum"): "Museum",
    (Kind.CRAFT, "craft_shop"): "Store",
    (Kind.FOOD, "restaurant"): "Restaurant",
    (Kind.FOOD, "cafe"): "CafeOrCoffeeShop",
    (Kind.FOOD, "brewery"): "Brewery",
    (Kind.NATURE, "park"): "Park",
    (Kind.NATURE, "beach"): "Beach",
    (Kind.NATURE, "mountain"): "Mountain",
    (Kind.NATURE, "waterfall"): "Waterfall",
    (Kind.LODGING, "hotel"): "Hotel",
    (Kind.LODGING, "campsite"): "Campground",
    (Kind.HUB, "station"): "TrainStation",
    (Kind.HUB, "bus_stop"): "BusStop",
    (Kind.HUB, "airport"): "Airport",
    (Kind.HUB, "parking"): "ParkingFacility",
}


def jsonld_of(
    itinerary: Itinerary, language: Language, alternative: int | None = None, *, region: Region | None = None
) -> Thing:
    """
    Return a trip as a schema.org ``TouristTrip``.

    Parameters
    ----------
    itinerary
        What to export.
    language
        Of descriptions; names are given in both languages where both are known.
    alternative
        Number of the alternative to export, from 1; by default the plan itself.
    region
        Adds what the region knows of the places: exact type, description, address, opening hours on the day of the
        visit, web address. Hours that are unknown or assumed are not stated.

    Returns
    -------
    document
        Plain JSON types. Each day is a ``subTrip`` with its places as an ``ItemList``; visits, meals and nights are
        ``Event`` with times and, where it is known, the price for the party; legs are ``Trip``.

    Raises
    ------
    InputError
        If there is no such alternative.
    """
    itinerary = chosen_plan(itinerary, alternative)
    plans = day_plans(itinerary, region)
    writer = _Writer(itinerary, language)
    document: Thing = {
        "@context": CONTEXT,
        "@type": "TouristTrip",
        "name": [{"@value": title_words(itinerary, tongue), "@language": tongue} for tongue in _LANGUAGES],
        "description": status_words(itinerary, language),
        "touristType": party_words(itinerary, language),
        "provider": _MAKER,
        "subjectOf": writer.document(),
        **_times([part for plan in plans for part in plan.parts]),
        "itinerary": _item_list([{"item": writer.reference(stop, plan)} for plan in plans for stop in plan.stops]),
        "subTrip": [writer.day(plan) for plan in plans],
    }
    return document


class _Writer:
    """Write the things of one trip; a place is described where it is visited first, and referred to from then on."""

    def __init__(self, itinerary: Itinerary, language: Language) -> None:
        self.itinerary = itinerary
        self.language: Language = language
        self.described: set[str] = set()

    def document(self) -> Thing:
        """Return what holds for the itinerary as a document: notice, what was assumed, sources."""
        trip, language = self.itinerary, self.language
        assumed = assumed_lines(trip, language)
        return {
            "@type": "CreativeWork",
            "name": title_words(trip, language),
            "inLanguage": language,
            "creator": {"@type": "SoftwareApplication", "name": "Meguri", "softwareVersion": trip.provenance.version},
            **({"usageInfo": trip.notice.in_(language)} if trip.notice else {}),
            **({"description": "\n".join([f"{say('timetable.assumed', language)}:", *assumed])} if assumed else {}),
            **({"creditText": source_words(trip)} if trip.sources else {}),
            "isBasedOn": [{"@type": "Dataset", "name": source} for source in trip.sources],
        }

    def day(self, plan: DayPlan) -> Thing:
        language = self.language
        return {
            "@type": "TouristTrip",
            "name": day_words(plan, language),
            "description": totals_words(plan.day.totals, language),
            **_times(plan.parts),
            "itinerary": _item_list(
                [
                    {"item": self.place(stop, plan), "description": "\n".join(stop_lines(stop, plan, language))}
                    for stop in plan.stops
                ]
            ),
            "subjectOf": [self.event(stop, plan) for stop in plan.stops],
            "subTrip": [self.leg(leg, plan) for leg in plan.legs],
        }

    def place(self, stop: Stop, plan: DayPlan) -> Thing:
        reference = self.reference(stop, plan)
        if reference["@id"] in self.described:
            return reference
        self.described.add(reference["@id"])
        step, asset = stop.step, stop.asset
        place = {**reference, "@type": _place_type(step, asset), "name": _names(step.name, self.language)}
        if stop.position is not None:
            lon, lat = stop.position
            place["geo"] = {"@type": "GeoCoordinates", "longitude": lon, "latitude": lat}
        if asset is not None:
            place |= self.known(asset, stop, plan.day.date)
        return place

    def known(self, asset: Asset, stop: Stop, date: dt.date) -> Thing:
        """Return what the region knows of a place."""
        locality = {"addressLocality": asset.municipality} if asset.municipality else {}
        street = {"streetAddress": asset.address} if asset.address else {}
        facts = {
            "description": _names(asset.description, self.language) if asset.description else None,
            "address": {"@type": "PostalAddress", **street, **locality} if street or locality else None,
            "url": stop.web_address,
            "openingHoursSpecification": None if _is_assumed(stop, "opening") else _hours(asset, date),
        }
        return {name: value for name, value in facts.items() if value}

    def event(self, stop: Stop, plan: DayPlan) -> Thing:
        step, language = stop.step, self.language
        event: Thing = {
            "@type": "FoodEvent" if step.type == "meal" else "Event",
            "name": place_words(step.name, language),
            "startDate": stop.begin.isoformat(),
            "endDate": stop.end.isoformat(),
            "location": self.reference(stop, plan),
        }
        if step.cost_jpy == 0:
            event["isAccessibleForFree"] = True
        elif step.cost_jpy is not None:
            assumed = [fact_words(fact, language) for fact in stop.facts if fact.field == "price"]
            words = "\n".join([cost_words(step, language), *assumed])
            event["offers"] = {"@type": "Offer", "price": step.cost_jpy, "priceCurrency": "JPY", "description": words}
        return event

    def leg(self, leg: Leg, plan: DayPlan) -> Thing:
        trip: Thing = {
            "@type": "Trip",
            "name": leg_title(leg, self.language),
            "description": leg_words(leg, plan.day.date, self.language),
            **_times([leg]),
        }
        if leg.step.asset:
            trip["itinerary"] = {"@id": _place_id(self.itinerary, leg.step.asset)}
        return trip

    def reference(self, stop: Stop, plan: DayPlan) -> Thing:
        # A place given by coordinates has no id anywhere else.
        name = stop.step.asset or f"{plan.day.date}:{stop.order}"
        return {"@id": _place_id(self.itinerary, name)}


def _place_id(itinerary: Itinerary, name: str) -> str:
    return f"urn:meguri:{itinerary.region}:{name}"


def _place_type(step: Step, asset: Asset | None) -> str:
    kind = step.kind or Kind.HUB
    tags = asset.tags if asset is not None else ()
    return next((_TYPES_OF_TAGS[kind, tag] for tag in tags if (kind, tag) in _TYPES_OF_TAGS), _TYPES_OF_KINDS[kind])


def _names(name: Name | None, language: Language) -> list[Thing] | str:
    if name is None:
        return say("place.unnamed", language)
    wordings = {"ja": name.ja, "en": name.en}
    return [{"@value": words, "@language": tongue} for tongue, words in wordings.items() if words]


def _is_assumed(stop: Stop, field: str) -> bool:
    return any(fact.field == field for fact in stop.facts)


def _hours(asset: Asset, date: dt.date) -> list[Thing]:
    from regional_assets.opening import hours_on

    return [
        {
            "@type": "OpeningHoursSpecification",
            "opens": _time_of_day(window.open_s),
            "closes": _time_of_day(window.close_s),
            "validFrom": date.isoformat(),
            "validThrough": date.isoformat(),
        }
        for window in hours_on(asset.opening, date, lon_lat=position_of(asset)).windows
    ]


def _time_of_day(seconds: int) -> str:
    """Return seconds after midnight as a time of day; what closes after midnight closes at that hour of the clock."""
    hours, rest = divmod(seconds, 3600)
    # A whole day is written 00:00 to 23:59: https://schema.org/OpeningHoursSpecification
    return "23:59:59" if seconds == 24 * 3600 else f"{hours % 24:02d}:{rest // 60:02d}:{rest % 60:02d}"


def _times(parts: Sequence[Stop | Leg]) -> Thing:
    if not parts:
        return {}
    return {"departureTime": parts[0].begin.isoformat(), "arrivalTime": parts[-1].end.isoformat()}


def _item_list(items: Sequence[Thing]) -> Thing:
    return {
        "@type": "ItemList",
        "itemListOrder": "https://schema.org/ItemListOrderAscending",
        "numberOfItems": len(items),
        "itemListElement": [
            {"@type": "ListItem", "position": position, **item} for position, item in enumerate(items, start=1)
        ],
    }
