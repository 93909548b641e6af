"""Trips over slots in names and yen: prices of congestion with their reasons, and input that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from pricing.itineraries import CongestionPlan, TripMarket, price_itineraries
from solvers.revenue.itinerary_columns import Found, Itinerary


def market(**changes: Any) -> TripMarket:
    """Return a workshop of ten places in the morning and ten in the afternoon, a museum, and a bus of eight seats."""
    raw: dict[str, Any] = {
        "capacities": [
            {"id": "am", "name": {"ja": "午前", "en": "Morning"}, "units": 12, "booked": 2},
            {"id": "pm", "name": {"en": "Afternoon"}, "units": 10},
            {"id": "bus", "name": {"en": "Bus"}, "units": 8},
        ],
        "groups": [{"id": "pairs", "name": {"en": "Pairs"}, "parties": 12, "people": 2}],
        "stops": [
            {"id": "workshop-am", "name": {"en": "W"}, "capacities": {"am": 1}, "fares": {"pairs": 3000}},
            {"id": "workshop-pm", "name": {"en": "W"}, "capacities": {"pm": 1}, "fares": {"pairs": 3000}},
            {"id": "museum", "name": {"en": "M"}, "fares": {"pairs": 1000}},
        ],
        "legs": [{"id": "bus-1", "name": {"en": "B"}, "capacities": {"bus": 1}, "fares": {"pairs": 800}}],
    }
    return TripMarket.model_validate(raw | changes)


TRIPS = (Itinerary((0,), ()), Itinerary((1,), ()), Itinerary((2,), ()), Itinerary((0, 2), (0,)))
"""Either slot alone, the museum alone, or the morning and then the museum by bus."""


def oracle(
    segment: int, stop_prize: NDArray[np.float64], leg_prize: NDArray[np.float64], aside: Sequence[Itinerary]
) -> Found:
    """Return the best of the four trips."""
    prizes = [float(stop_prize[list(trip.stops)].sum() + leg_prize[list(trip.legs)].sum()) for trip in TRIPS]
    return Found((TRIPS[int(np.argmax(prizes))],), max(prizes))


def test_slots_and_departures_are_priced_where_they_are_full() -> None:
    """Five pairs each morning and afternoon, four of them on by bus, two at the museum: 39,200 yen by hand."""
    plan = price_itineraries(market(), oracle, favourites=(TRIPS[0],))
    assert plan.status == "optimal"
    assert plan.revenue_yen == pytest.approx(5 * 3000 + 4 * 1800 + 5 * 3000 + 2 * 1000)
    assert plan.bound_yen == pytest.approx(plan.revenue_yen)
    slots = {slot.capacity: slot for slot in plan.slots}
    # A pair in place of one at the museum: 2,000 more for two places; by bus 1,800 more for two seats.
    assert slots["am"].congestion_yen == pytest.approx(1000)
    assert slots["pm"].congestion_yen == pytest.approx(1000)
    assert slots["bus"].congestion_yen == pytest.approx(900)
    assert {slot.reason.code for slot in plan.slots} == {"FULL"}
    assert slots["am"].units == 10
    assert slots["am"].wanted == pytest.approx(24)
    assert "24 would like to come" in (slots["am"].reason.text.en or "")
    assert sum(trip.parties for trip in plan.trips) == pytest.approx(12)
    (group,) = plan.groups
    assert group.placed == pytest.approx(12)
    assert group.worth_yen == pytest.approx(1000)
    assert CongestionPlan.model_validate_json(plan.model_dump_json()) == plan


def test_room_left_has_no_price_and_says_so() -> None:
    """With few visitors nothing is full; without favourites nothing is said of what is wanted."""
    few = market(groups=[{"id": "pairs", "name": {"en": "Pairs"}, "parties": 2, "people": 2}])
    plan = price_itineraries(few, oracle)
    assert {slot.reason.code for slot in plan.slots} == {"ROOM_LEFT"}
    assert all(slot.congestion_yen == 0 and slot.wanted is None for slot in plan.slots)
    assert all(slot.reason.text.ja and slot.reason.text.en for slot in plan.slots)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"groups": [{"id": "g", "name": {"en": "g"}, "parties": 1}] * 2}, "stands 2 times"),
        ({"groups": [{"id": "other", "name": {"en": "g"}, "parties": 1}]}, "no group 'pairs'"),
        ({"stops": [{"id": "s", "name": {"en": "s"}, "capacities": {"x": 1}, "fares": {}}]}, "no capacity 'x'"),
        ({"stops": [{"id": "s", "name": {"en": "s"}, "fares": {"pairs": -1}}]}, "greater than or equal to 0"),
        ({"capacities": [{"id": "am", "name": {"en": "a"}, "units": 1, "booked": 3}]}, "3 booked of 1"),
    ],
)
def test_names_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    """Doubles, strangers, negative fares and overbooked slots."""
    with pytest.raises(ValidationError, match=message):
        market(**changes)
