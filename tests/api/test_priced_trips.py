"""Trips and prices together: against every trip of a tiny town written out, and over the bundled region."""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from api.priced_trips import PricedTrips, VisitorGroup, price_trips
from regional_assets.errors import InputError
from regional_assets.model import Asset, Kind, Name, Region, Source, VisitMinutes
from regional_assets.region import bundled_region_folder, load_region
from routing.prizes import RATE_STEPS, UNITS_PER_YEN, PrizedTrip, prized_trip
from routing.request import TripRequest
from solvers.orienteering import solve
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import TripSolution

TODAY = dt.date(2026, 11, 23)
DAY = "2026-12-05"


def asset(name: str, *, lon: float, yen: int, appeal: int, starts: tuple[tuple[str, int], ...] = ()) -> Asset:
    """Return a place with or without slots."""
    return Asset(
        id=name, kind=Kind("craft"), name=Name(en=name), lon=lon, lat=35.9, opening={"osm": "09:00-17:00"},
        visit_minutes=VisitMinutes(min=60, typical=60, max=60), price={"adult": yen}, appeal=appeal,
        slots=tuple({"start": start, "capacity": places} for start, places in starts), sources=(Source(name="test"),),
    )  # fmt: skip


def town() -> Region:
    """Return a town with two workshops of few places and two museums."""
    return Region(
        id="town",
        name=Name(en="Town"),
        assets=(
            asset("paper", lon=136.20, yen=1200, appeal=70, starts=(("10:00", 10), ("13:00", 6))),
            asset("lacquer", lon=136.23, yen=1500, appeal=65, starts=(("10:00", 8),)),
            asset("museum", lon=136.21, yen=300, appeal=60),
            asset("garden", lon=136.26, yen=0, appeal=50),
        ),
    )


def group(name: str, parties: float, **fields: Any) -> VisitorGroup:
    """Return a group that has from nine to two for the town."""
    contentment = fields.pop("contentment", 0.75)
    request = {"days": [{"date": DAY, "after": "09:00", "before": "14:10"}], "lodging": "none"} | fields
    return VisitorGroup(
        id=name, name=Name(en=name), parties=parties, contentment=contentment,
        request=TripRequest.model_validate(request),
    )  # fmt: skip


def every_trip(trip: PrizedTrip) -> list[tuple[tuple[int, ...], float]]:
    """Return every plan of one day that keeps all rules, with its points."""
    count = trip.problem.options
    plans = []
    for size in range(count + 1):
        for route in permutations(range(count), size):
            points = trip.points_of(TripSolution((route,)))
            if points is not None:
                plans.append((route, points))
    return plans


def optimum(region: Region, groups: list[VisitorGroup]) -> float:
    """Return the best revenue over every content trip of every group, by one linear programme."""
    places: dict[tuple[str, int], int] = {}
    columns: list[tuple[float, dict[tuple[str, int], int], int]] = []
    for row, each in enumerate(groups):
        trip = prized_trip(region, each.request, today=TODAY)
        plans = every_trip(trip)
        floor = each.contentment * max(points for _, points in plans)
        for route, points in plans:
            if points < floor - 1e-9:
                continue
            use: dict[tuple[str, int], int] = {}
            for stop in (trip.stops[option] for option in route):
                if stop.places is not None and stop.slot_s is not None:
                    places[stop.asset, stop.slot_s] = stop.places
                    use[stop.asset, stop.slot_s] = trip.people
            columns.append((float(sum(trip.stops[option].yen or 0 for option in route)), use, row))
    answer = linprog(
        [-fare for fare, _, _ in columns],
        A_ub=[
            *([use.get(slot, 0) for _, use, _ in columns] for slot in places),
            *([float(row == each) for _, _, row in columns] for each in range(len(groups))),
        ],
        b_ub=[*places.values(), *(each.parties for each in groups)],
    )
    return -float(answer.fun)


GROUPS = [
    [group("pairs", 9)],
    [group("pairs", 9, contentment=1.0)],
    [group("pairs", 9, contentment=0.0)],
    [group("pairs", 6), group("solo", 8, party={"adults": 1}, contentment=0.6)],
    [group("pairs", 2)],
]


@pytest.mark.parametrize("groups", GROUPS, ids=["usual", "only the best", "anything", "two groups", "few"])
def test_the_best_spread_over_every_trip_of_a_tiny_town_is_found(groups: list[VisitorGroup]) -> None:
    """Revenue equals the programme over all trips written out; the bound is never below it."""
    found = price_trips(town(), groups, today=TODAY, iterations=500)
    best = optimum(town(), groups)
    assert found.plan.revenue_yen == pytest.approx(best)
    assert found.plan.bound_yen is not None
    assert found.plan.bound_yen >= best - 1e-6
    for slot in found.plan.slots:
        assert slot.expected <= slot.units + 1e-6
        assert slot.congestion_yen == pytest.approx(0, abs=1e-3) or slot.expected == pytest.approx(slot.units)


def test_every_trip_on_offer_is_content_enough() -> None:
    """Each trip of the plan has at least the promised share of the points of the best."""
    region, groups = town(), [group("pairs", 9)]
    found = price_trips(region, groups, today=TODAY, iterations=500)
    best, floor = found.contentment["pairs"]
    trip = prized_trip(region, groups[0].request, today=TODAY)
    points = dict(every_trip(trip))
    assert best == pytest.approx(max(points.values()))
    assert floor == pytest.approx(0.75 * best)
    of_stops: dict[tuple[str, ...], float] = {}
    for route, each in points.items():
        names = tuple(
            f"{trip.stops[option].asset}/{DAY}"
            + ("" if (start := trip.stops[option].slot_s) is None else f"/{start // 3600:02d}:{start % 3600 // 60:02d}")
            for option in route
        )
        of_stops[names] = max(each, of_stops.get(names, -np.inf))
    assert found.plan.trips
    assert all(of_stops[each.stops] >= floor - 1e-6 for each in found.plan.trips)


@pytest.mark.parametrize("rate", [0, 5, 400])
def test_a_problem_with_prizes_counts_prizes_and_the_partys_own_points(rate: int) -> None:
    """For every plan of the tiny town: objective = prizes + rate x points, also where prizes are negative."""
    trip = prized_trip(town(), group("pairs", 1).request, today=TODAY)
    prizes = np.array([900.0, -700.0, 0.0, 1300.0, 250.0, -40.0, 10.0, 80.0])[: len(trip.stops)]
    problem = trip.with_prizes(prizes, rate)
    for route, points in every_trip(trip):
        judged = evaluate(problem, TripSolution((route,)))
        assert judged.feasible
        expected = sum(prizes[list(route)]) + rate / RATE_STEPS * points
        assert judged.objective / UNITS_PER_YEN == pytest.approx(expected, abs=1e-6)


def test_nights_carry_prizes_too() -> None:
    """A trip of two days: an inn with a prize is a stop, and counts like one."""
    inns = tuple(
        asset(name, lon=136.2, yen=8000, appeal=50).model_copy(update={"kind": Kind.LODGING}) for name in ("inn", "hut")
    )
    region = town().model_copy(update={"assets": (*town().assets, *inns)})
    days = [{"date": DAY}, {"date": "2026-12-06"}]
    trip = prized_trip(region, TripRequest.model_validate({"days": days}), today=TODAY)
    names = [stop.asset for stop in trip.stops]
    prizes = np.array([5000.0 if name == "hut" else 100.0 for name in names])
    problem = trip.with_prizes(prizes, 2)
    plan = solve(problem, iterations=300, seed=1).solution
    stops = trip.stops_of(plan)
    assert "hut" in {names[stop] for stop in stops}
    assert "inn" not in {names[stop] for stop in stops}
    points = trip.points_of(plan)
    assert points is not None
    expected = prizes[list(stops)].sum() + 2 / RATE_STEPS * points
    assert evaluate(problem, plan).objective / UNITS_PER_YEN == pytest.approx(expected)
    found = price_trips(
        region, [group("pairs", 30, days=days, lodging="choose")], today=TODAY, iterations=300, rounds=3
    )
    assert any("hut" in stop or "inn" in stop for each in found.plan.trips for stop in each.stops)
    assert found.plan.bound_yen is not None
    assert found.plan.bound_yen >= found.plan.revenue_yen - 1e-6


def test_the_bundled_region_shows_where_it_is_crowded() -> None:
    """Craft lovers on a Saturday in late autumn: the paper workshop fills, other hours take them in."""
    region = load_region(bundled_region_folder())
    day = {"date": "2026-11-28", "start": {"asset": "sabae-station"}, "end": {"asset": "sabae-station"}}
    request = TripRequest.model_validate(
        {"days": [day], "lodging": "none", "interests": {"craft": 2.0}, "max_candidates": 25}
    )
    visitors = [VisitorGroup(id="craft", name=Name(ja="工芸好き"), parties=40, request=request)]
    found = price_trips(region, visitors, today=TODAY, iterations=300, rounds=4)
    full = [slot for slot in found.plan.slots if slot.congestion_yen > 0]
    assert full
    assert all(slot.expected == pytest.approx(slot.units) for slot in full)
    assert any((slot.wanted or 0) > slot.units for slot in found.plan.slots)
    assert len(found.plan.trips) > 1
    assert found.plan.bound_yen is not None
    assert found.plan.bound_yen >= found.plan.revenue_yen - 1e-6
    assert {reason.code for reason in found.assumed} == {"PRICE_UNKNOWN"}
    again = price_trips(region, visitors, today=TODAY, iterations=300, rounds=4)
    assert _without_time(again) == _without_time(found)


def _without_time(found: PricedTrips) -> dict[str, Any]:
    raw = found.model_dump()
    raw["plan"].pop("seconds")
    return raw


def test_senseless_questions_are_refused_with_the_group_named() -> None:
    """No group, one twice, a wish for an unknown place, and a region without slots."""
    with pytest.raises(InputError, match="at least one group"):
        price_trips(town(), [], today=TODAY)
    with pytest.raises(InputError, match="'pairs' stands twice"):
        price_trips(town(), [group("pairs", 1), group("pairs", 2)], today=TODAY)
    with pytest.raises(InputError, match="groups pairs"):
        price_trips(town(), [group("pairs", 1, must=["nowhere"])], today=TODAY)
    bare = Region(id="bare", name=Name(en="Bare"), assets=(asset("museum", lon=136.2, yen=300, appeal=60),))
    with pytest.raises(InputError, match="no place has slots"):
        price_trips(bare, [group("pairs", 1)], today=TODAY)
