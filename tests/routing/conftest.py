"""A small made-up town for the planner, and an independent judge of itineraries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from regional_assets.model import Asset, CombinationRule, Kind, Name, Region, Source, VisitMinutes
from regional_assets.opening import hours_on
from regional_assets.opening.model import WEEKDAYS
from routing.itinerary import Day, Itinerary, Step
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)
SATURDAY = dt.date(2026, 12, 5)

MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]


def _make_asset(asset_id: str, kind: str = "culture", **fields: Any) -> Asset:
    defaults: dict[str, Any] = {
        "name": Name(ja=asset_id, en=asset_id),
        "lon": 136.2,
        "lat": 35.9,
        "opening": {"osm": "09:00-17:00"},
        "visit_minutes": VisitMinutes(min=30, typical=45, max=60),
        "price": {"adult": 0},
        "sources": (Source(name="test"),),
    }
    return Asset(id=asset_id, kind=Kind(kind), **(defaults | fields))


@pytest.fixture(scope="session")
def make_asset() -> MakeAsset:
    """Return a maker of assets: open 9 to 5, free, 45 minutes, in the middle of town unless told otherwise."""
    return _make_asset


@pytest.fixture(scope="session")
def make_region() -> MakeRegion:
    """Return a maker of regions from assets."""

    def make(*assets: Asset, **fields: Any) -> Region:
        return Region(id="town", name=Name(ja="町", en="Town"), assets=assets, **fields)

    return make


@pytest.fixture(scope="session")
def town(make_asset: MakeAsset, make_region: MakeRegion) -> Region:
    """Return a town of 40 places and three inns: with slots, late doors, restaurants, and a combination."""
    extras: dict[int, dict[str, Any]] = {
        1: {"slots": ({"start": "10:00"}, {"start": "13:30"}, {"start": "15:30"})},
        2: {"opening": {"osm": "10:30-16:00"}, "price": {"adult": 800, "child": 300}},
        3: {"meals": ("lunch",), "opening": {"osm": "11:00-14:30,17:00-21:00"}, "price": {"adult": 1200}},
        4: {"opening": None, "price": {"adult": None}},
        7: {"meals": ("lunch", "cafe"), "opening": {"osm": "09:00-18:00"}},
        8: {"opening": {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat"]}]}},
    }
    spots = [
        make_asset(
            f"{kind}-{index}",
            kind,
            lon=136.1 + 0.013 * (index * 7 % 23),
            lat=35.8 + 0.011 * (index * 5 % 19),
            appeal=30 + (index * 13) % 60,
            tags=("washi",) if index % 3 else (),
            **extras.get(index % 20, {}),
        )
        for index, kind in enumerate(["culture", "craft", "nature", "food"] * 10)
    ]
    inns = [
        make_asset(f"inn-{index}", "lodging", lon=136.15 + 0.05 * index, price={"adult": 9000}, appeal=40 + 10 * index)
        for index in range(3)
    ]
    rule = CombinationRule.model_validate(
        {
            "id": "craft-food",
            "left": {"kind": "craft"},
            "right": {"kind": "food"},
            "bonus": 20,
            "reason": {"en": "eat from the bowl you saw made"},
        }
    )
    return make_region(*spots, *inns, combinations=(rule,))


@pytest.fixture(scope="session")
def judge() -> Callable[[Region, TripRequest, Itinerary], None]:
    """Return a check of an itinerary against its region and request that shares no code with the planner."""
    return _judge


def _judge(region: Region, request: TripRequest, trip: Itinerary) -> None:
    assets = {asset.id: asset for asset in region.assets}
    seen: set[str] = set()
    assert [day.date for day in trip.days] == [day.date for day in request.days]
    for index, day in enumerate(trip.days):
        _judge_clock(day, request, index)
        for step in day.steps:
            if step.type not in ("visit", "meal"):
                continue
            assert step.asset is not None
            assert step.asset not in seen, f"{step.asset} twice"
            seen.add(step.asset)
            _judge_visit(assets[step.asset], step, day, request)
        meals = [step for step in day.steps if step.type == "meal"]
        assert len(meals) <= 1
        for kind, most in request.limits.per_kind.items():
            taken = [step for step in day.steps if step.type in ("visit", "meal") and step.kind == kind]
            assert len(taken) <= most
        if request.limits.walk_m_per_day is not None and request.mode == "walk":
            assert sum(step.distance_m or 0 for step in day.steps) <= request.limits.walk_m_per_day
        _judge_totals(day)
    assert not seen & set(request.avoid)
    assert set(request.must) <= seen | {step.asset for day in trip.days for step in day.steps if step.type == "stay"}
    if request.budget_jpy is not None:
        assert trip.totals.cost_jpy <= request.budget_jpy
    for field in ("travel_s", "visit_s", "wait_s", "distance_m", "cost_jpy", "visits", "unknown_prices"):
        assert getattr(trip.totals, field) == sum(getattr(day.totals, field) for day in trip.days), field
    assert abs(sum(trip.terms.values()) - trip.objective) < 1e-6
    listed = {entry.asset for entry in trip.excluded}
    assert not listed & seen
    sights = {asset.id for asset in region.assets if asset.kind not in (Kind.LODGING, Kind.HUB)}
    assert sights <= listed | seen, "a place is neither visited nor explained"


def _judge_clock(day: Day, request: TripRequest, index: int) -> None:
    """Check that steps follow each other without gap inside the window of the day."""
    wished = request.days[index]
    awake = [step for step in day.steps if step.type != "stay"]
    for before, after in zip(day.steps, day.steps[1:], strict=False):
        assert before.depart == after.arrive
    for step in day.steps:
        assert (step.depart - step.arrive).total_seconds() == step.duration_s >= 0
    if awake:
        midnight = dt.datetime.combine(day.date, dt.time())
        if wished.after is not None:
            assert (awake[0].arrive - midnight).total_seconds() >= _seconds(wished.after)
        if wished.before is not None:
            assert (awake[-1].depart - midnight).total_seconds() <= _seconds(wished.before)


def _judge_visit(asset: Asset, step: Step, day: Day, request: TripRequest) -> None:
    """Check a visit against the hours, season, dates, slots and meals of its place."""
    midnight = dt.datetime.combine(day.date, dt.time())
    begin = (step.arrive - midnight).total_seconds()
    end = (step.depart - midnight).total_seconds()
    assert asset.visit_minutes.min * 60 <= end - begin <= asset.visit_minutes.max * 60
    hours = hours_on(asset.opening, day.date)
    assert hours.status != "closed", f"{asset.id} is closed on {day.date}"
    if hours.status == "open":
        assert any(w.open_s <= begin <= w.last_entry_s and end <= w.close_s for w in hours.windows), asset.id
    else:
        assert request.hours_unknown == "assume"
    if asset.dates:
        assert any(span.first <= day.date.isoformat() <= span.last for span in asset.dates)
    pinned = [pin for pin in request.pins if pin.asset == asset.id]
    if asset.slots and not pinned:
        starts = {
            _seconds(slot.start)
            for slot in asset.slots
            if not slot.weekdays or WEEKDAYS[day.date.weekday()] in slot.weekdays
        }
        assert begin in starts
    for pin in pinned:
        assert step.arrive == pin.arrive
    if step.type == "meal":
        assert request.meals.lunch is not None
        earliest, latest = request.meals.lunch.between
        assert "lunch" in asset.meals
        assert _seconds(earliest) <= begin <= end <= _seconds(latest)
    adults, children = request.party.adults, request.party.children
    if asset.price.adult is not None and asset.price.unit == "person" and asset.price.child is not None:
        assert step.cost_jpy == adults * asset.price.adult + children * asset.price.child


def _judge_totals(day: Day) -> None:
    steps = day.steps
    assert day.totals.travel_s == sum(s.duration_s for s in steps if s.type == "travel")
    assert day.totals.visit_s == sum(s.duration_s for s in steps if s.type in ("visit", "meal"))
    assert day.totals.wait_s == sum(s.duration_s for s in steps if s.type == "wait")
    assert day.totals.cost_jpy == sum(s.cost_jpy or 0 for s in steps)
    assert day.totals.distance_m == sum(s.distance_m or 0 for s in steps)


def _seconds(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60
