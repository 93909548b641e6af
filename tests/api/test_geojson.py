"""Itineraries as GeoJSON."""

from __future__ import annotations

import json
from itertools import pairwise

from api.exports.geojson import itinerary_geojson
from routing.itinerary import Itinerary


def test_features_follow_the_trip_and_the_standard(itinerary: Itinerary) -> None:
    """Points and lines of finite lon, lat; stops in order; legs that join them; plain JSON."""
    collection = json.loads(json.dumps(itinerary_geojson(itinerary), allow_nan=False))
    features = collection["features"]
    assert collection["type"] == "FeatureCollection"
    assert {feature["type"] for feature in features} == {"Feature"}
    for feature in features:
        geometry, role = feature["geometry"], feature["properties"]["role"]
        assert geometry["type"] == ("LineString" if role == "leg" else "Point")
        points = geometry["coordinates"] if role == "leg" else [geometry["coordinates"]]
        assert len(points) >= (2 if role == "leg" else 1)
        assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in points)
    first = [f["properties"] for f in features if f["properties"]["role"] == "stop" and f["properties"]["day"] == 1]
    assert [stop["order"] for stop in first] == [1, 2, 3, 4, 5]
    assert [stop["type"] for stop in first] == ["visit", "visit", "meal", "visit", "stay"]


def test_legs_join_the_stops(itinerary: Itinerary) -> None:
    """Each leg begins where the one before ended."""
    features = itinerary_geojson(itinerary)["features"]
    legs = [f["geometry"]["coordinates"] for f in features if f["properties"]["role"] == "leg"]
    assert all(one[-1] == other[0] for one, other in pairwise(legs))


def test_a_leg_without_a_line_is_straight(itinerary: Itinerary) -> None:
    """An estimated leg that carries no line goes from the place before to the next one."""
    day = itinerary.days[0]
    steps = tuple(
        step.model_copy(update={"geometry": None}) if step.type == "travel" and index else step
        for index, step in enumerate(day.steps)
    )
    bare = itinerary.model_copy(update={"days": (day.model_copy(update={"steps": steps}),)})
    legs = [f for f in itinerary_geojson(bare)["features"] if f["properties"]["role"] == "leg"]
    assert legs[1]["geometry"]["coordinates"] == [[136.2432, 35.9482], [136.2494, 35.9051]]
    assert legs[1]["properties"]["estimated"] is True


def test_unknown_prices_and_assumptions_stay_visible(itinerary: Itinerary) -> None:
    """Unknown is null, and what was assumed is named."""
    stops = [f["properties"] for f in itinerary_geojson(itinerary)["features"] if f["properties"]["role"] == "stop"]
    cutlet = next(stop for stop in stops if stop["asset"] == "cutlet")
    assert cutlet["cost_jpy"] is None
    assert cutlet["assumed"] == ["opening", "price"]
    assert itinerary_geojson(itinerary)["notice"] == {"ja": "データは未確認です。", "en": "The data is unchecked."}
