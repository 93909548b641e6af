"""Each reason for leaving a place out: given where it is true, refused where it is almost true."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from regional_assets.errors import InputError
from regional_assets.model import Asset, Region, VisitMinutes
from routing._scoring import PARKING_S
from routing.explain import explain_trip, with_reasons
from routing.itinerary import Excluded, Itinerary
from routing.plan import plan_trip
from routing.request import TripRequest
from routing.streets import estimate_matrix

MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]

NATURE = {"kind": "nature"}
TODAY = dt.date(2026, 11, 23)
SATURDAY = "2026-12-05"
SUNDAY = "2026-12-06"
SHORT = [{"date": SATURDAY, "after": "10:00", "before": "11:00"}]


def plan(region: Region, days: list[Any] | None = None, **fields: Any) -> Itinerary:
    """Plan with few iterations; one Saturday unless told otherwise."""
    request = {"days": days or [SATURDAY], "solver": {"iterations": 500}} | fields
    return plan_trip(region, TripRequest.model_validate(request), today=TODAY)


def visited(trip: Itinerary) -> list[str]:
    return [step.asset or "" for day in trip.days for step in day.steps if step.type in ("visit", "meal")]


def reason(trip: Itinerary, asset_id: str) -> tuple[str | None, bool]:
    entry = next(entry for entry in trip.excluded if entry.asset == asset_id)
    return entry.code, entry.proven


def closed(*weekdays: str) -> dict[str, Any]:
    return {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": list(weekdays)}]}


def explain(region: Region, trip: Itinerary, *ids: str) -> tuple[Excluded, ...]:
    return explain_trip(region, trip, ids, today=TODAY)


@pytest.mark.parametrize(
    ("code", "true", "almost", "request_fields"),
    [
        ("CLOSED_ON_ALL_DAYS", {"opening": closed("sat", "sun")}, {"opening": closed("sat")}, {}),
        ("CLOSED_ON_ALL_DAYS", {"opening": {"osm": "06:00-09:44"}}, {"opening": {"osm": "06:00-09:45"}}, {}),
        ("NO_SLOT_LEFT", {"slots": ({"start": "16:16"},)}, {"slots": ({"start": "16:15"},)}, {}),
        (
            "NO_SLOT_LEFT",
            {"slots": ({"start": "10:00", "weekdays": ["mon"]},)},
            {"slots": ({"start": "10:00", "weekdays": ["mon", "sun"]},)},
            {},
        ),
        ("HOURS_UNKNOWN", {"opening": None}, {}, {"hours_unknown": "refuse"}),
        ("MEAL_NOT_ASKED", {"kind": "food", "meals": ("dinner",)}, {"kind": "food", "meals": ("lunch", "dinner")}, {}),
        ("MEAL_NOT_ASKED", {"kind": "food", "meals": ("lunch",)}, {"kind": "food"}, {"meals": {"lunch": None}}),
        ("NO_POSITION", {"lon": None, "lat": None}, {}, {}),
        ("NO_INTEREST", NATURE, {**NATURE, "tags": ("gorge",)}, {"interests": {"nature": 0, "gorge": 1}}),
        ("AVOIDED", {"id": "shunned"}, {"id": "shun"}, {"avoid": ["shunned"]}),
        ("OVER_BUDGET", {"price": {"adult": 501}}, {"price": {"adult": 500}}, {"budget_jpy": 1000}),
        ("ACCESS_NEED", {"wheelchair": "no"}, {"wheelchair": "yes"}, {"party": {"needs": ["wheelchair"]}}),
    ],
)  # fmt: skip
def test_a_reason_is_given_only_where_it_is_true(
    make_asset: MakeAsset,
    make_region: MakeRegion,
    code: str,
    true: dict[str, Any],
    almost: dict[str, Any],
    request_fields: dict[str, Any],
) -> None:
    """One place meets the reason and is told so, with proof; its twin misses it by a minute, a yen or a word."""
    left_out = _made(make_asset, "left-out", true)
    twin = _made(make_asset, "twin", almost)
    others = [make_asset("shunned"), make_asset("free", wheelchair="yes")]
    region = make_region(left_out, twin, *(other for other in others if other.id != left_out.id))
    trip = plan(region, [SATURDAY, SUNDAY], **request_fields)
    assert reason(trip, left_out.id) == (code, True)
    assert twin.id in visited(trip)


def _made(make_asset: MakeAsset, asset_id: str, fields: dict[str, Any]) -> Asset:
    known = {"id": asset_id, "kind": "culture"} | fields
    return make_asset(known.pop("id"), known.pop("kind"), **known)


def test_the_walking_limit_counts_to_the_metre(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """There and back is over the limit by a metre, or just within it."""
    start = {"lon": 136.2, "lat": 35.9}
    region = make_region(make_asset("here"), make_asset("there", lon=136.21))
    table = estimate_matrix([136.2, 136.21], [35.9, 35.9], "walk")
    metres = int(table.metres[0, 1] + table.metres[1, 0])
    day = {"date": SATURDAY, "start": start, "end": start}
    over = plan(region, [day], mode="walk", limits={"walk_m_per_day": metres - 1})
    within = plan(region, [day], mode="walk", limits={"walk_m_per_day": metres})
    assert reason(over, "there") == ("OVER_WALKING_LIMIT", True)
    assert "there" in visited(within)


def test_too_far_counts_to_the_minute(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """There, three quarters of an hour, and back: the day ends a minute too early, or just late enough."""
    start = {"lon": 136.2, "lat": 35.9}
    region = make_region(make_asset("here"), make_asset("there", lon=136.5))
    table = estimate_matrix([136.2, 136.5], [35.9, 35.9], "car")
    seconds = int(table.seconds[0, 1] + table.seconds[1, 0]) + 2 * PARKING_S["car"] + 45 * 60
    # Opening at nine, the place is reached no earlier.
    minutes = 9 * 60 + math.ceil((seconds - int(table.seconds[0, 1]) - PARKING_S["car"]) / 60)
    for late, expected in ((minutes - 1, ("TOO_FAR", True)), (minutes, None)):
        day = {"date": SATURDAY, "after": "07:00", "before": f"{late // 60:02d}:{late % 60:02d}"}
        trip = plan(region, [{**day, "start": start, "end": start}], must=["here"], meals={"lunch": None})
        found = next(((entry.code, entry.proven) for entry in trip.excluded if entry.asset == "there"), (None, False))
        assert found == (expected or (None, False))


def test_not_searched_is_said_only_of_what_the_limit_left_out(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Of nine places eight may enter the search: the least promising is not searched; with nine, all are."""
    region = make_region(*(make_asset(f"a{index}", appeal=90 - 5 * index) for index in range(9)))
    assert reason(plan(region, max_candidates=8), "a8") == ("NOT_SEARCHED", False)
    assert all(entry.code != "NOT_SEARCHED" for entry in plan(region, max_candidates=9).excluded)


def test_a_displaced_place_tells_what_it_would_push_out(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """There is an hour and each visit takes 45 minutes: the lesser place would push out the better one."""
    region = make_region(make_asset("better", appeal=80), make_asset("lesser", appeal=40))
    trip = plan(region, SHORT, meals={"lunch": None})
    assert reason(trip, "lesser") == (None, False)
    (why,) = explain(region, trip, "lesser")
    alone = plan(region, SHORT, meals={"lunch": None}, avoid=["better"])
    assert (why.code, why.displaces, why.would_take) == ("DISPLACED", ("better",), ())
    assert why.costs_points is not None
    assert why.costs_points == pytest.approx(trip.objective - alone.objective)
    # So small a trip is solved exactly, so both the loss and its amount are certain.
    assert why.proven
    assert why.text.en == f"would push out better, and cost {why.costs_points:.1f} points (proven)"
    assert "betterが外れ" in (why.text.ja or "")


def test_many_names_are_counted_in_the_sentence_and_listed_beside_it(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """A visit that takes the whole day would push out eight places: five are named, the rest counted."""
    small = [make_asset(f"a{index}", appeal=80 - index) for index in range(8)]
    whole_day = make_asset("class", "craft", visit_minutes=VisitMinutes(min=480, typical=480, max=480), appeal=90)
    region = make_region(*small, whole_day)
    trip = plan(region, [{"date": SATURDAY, "after": "09:00", "before": "17:00"}], meals={"lunch": None})
    (why,) = explain(region, trip, "class")
    assert why.code == "DISPLACED"
    assert set(why.displaces) == {asset.id for asset in small}
    assert "push out a0, a1, a2, a3, a4 and 3 more, and cost" in (why.text.en or "")
    assert "a4ほか3か所が外れ" in (why.text.ja or "")


def test_a_place_that_fits_beside_the_others_is_not_displaced(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A dull place an hour away would fit; it pushes nothing out and is just not worth the way."""
    start = {"lon": 136.2, "lat": 35.9}
    region = make_region(make_asset("near", appeal=90), make_asset("hour", lon=136.55, appeal=1))
    trip = plan(region, [{"date": SATURDAY, "start": start, "end": start}])
    (why,) = explain(region, trip, "hour")
    assert (why.code, why.proven, why.displaces) == (None, False, ())
    assert why.costs_points is not None
    assert why.costs_points > 0
    assert "not worth it" in (why.text.en or "")


def test_a_place_that_adds_and_costs_nothing_is_not_called_displaced(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """A place next door without any appeal would fit for nothing, and no other is said to keep it out."""
    region = make_region(make_asset("museum"), make_asset("blank", appeal=0))
    trip = plan(region, avoid=["blank"])
    request = trip.request.model_copy(update={"avoid": ()})
    (why,) = explain(region, trip.model_copy(update={"request": request, "excluded": ()}), "blank")
    assert (why.code, why.displaces, why.costs_points) == (None, (), 0)
    assert why.text.en == "would fit beside the others and change the points by nothing"


def test_a_better_plan_is_told_not_hidden(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Where the itinerary took the lesser place, asking for the better one says that the plan would gain."""
    region = make_region(make_asset("better", appeal=80), make_asset("lesser", appeal=40))
    poor = plan(region, SHORT, meals={"lunch": None}, avoid=["better"])
    request = poor.request.model_copy(update={"avoid": ()})
    (why,) = explain(region, poor.model_copy(update={"request": request, "excluded": ()}), "better")
    assert (why.code, why.proven) == (None, False)
    assert why.costs_points is not None
    assert why.costs_points < 0
    assert "points more" in (why.text.en or "")


def test_a_place_that_cannot_stand_beside_the_wanted_one_is_not_called_displaced(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """With the other place wanted, no plan holds this one; nothing is said to be pushed out."""
    region = make_region(make_asset("wanted", appeal=40), make_asset("other", appeal=80))
    trip = plan(region, SHORT, meals={"lunch": None}, must=["wanted"])
    (why,) = explain(region, trip, "other")
    assert (why.code, why.displaces, why.costs_points) == (None, (), None)
    assert "wanted places" in (why.text.en or "")


def test_an_inn_left_out_is_explained(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """An inn that was not chosen would push out the one that was."""
    inns = [make_asset(name, "lodging", opening=None, appeal=appeal) for name, appeal in (("good", 80), ("plain", 20))]
    region = make_region(make_asset("museum"), make_asset("temple"), *inns)
    trip = plan(region, [SATURDAY, SUNDAY])
    (why,) = explain(region, trip, "plain")
    assert (why.code, why.displaces) == ("DISPLACED", ("good",))


def test_reasons_decided_alone_stay_and_places_in_the_trip_have_none(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """A closed place keeps its reason, a hub was not searched, a visited place is passed over."""
    region = make_region(make_asset("museum"), make_asset("shut", opening=closed("sat")), make_asset("station", "hub"))
    trip = plan(region)
    reasons = explain(region, trip, "museum", "station", "shut")
    assert [(why.asset, why.code) for why in reasons] == [("station", "NOT_SEARCHED"), ("shut", "CLOSED_ON_ALL_DAYS")]
    merged = with_reasons(trip, reasons)
    assert [why.asset for why in merged.excluded] == ["shut", "station"]


def test_an_unknown_id_or_no_plan_is_refused(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A misspelt id is answered with what it may have meant; where there is no plan, that is said."""
    region = make_region(make_asset("museum"), make_asset("temple", appeal=10))
    trip = plan(region, SHORT, meals={"lunch": None})
    with pytest.raises(InputError, match="close: museum"):
        explain(region, trip, "musem")
    nothing = trip.model_copy(update={"days": ()})
    with pytest.raises(InputError, match="no plan"):
        explain(region, nothing, "temple")
    moved = make_region(make_asset("museum", opening=closed("sat")), make_asset("temple", appeal=10))
    with pytest.raises(InputError, match="plan again"):
        explain(moved, trip, "temple")


def test_a_trip_of_several_days_is_read_back_as_it_was(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Meals, nights, slots and waits: the loss is counted from exactly the objective of the itinerary."""
    places = [make_asset(f"a{index}", lon=136.2 + 0.03 * index, appeal=90 - 5 * index) for index in range(9)]
    region = make_region(
        *places,
        make_asset("soba", "food", meals=("lunch",)),
        make_asset("class", "craft", slots=({"start": "13:30"},)),
        make_asset("inn", "lodging", opening=None, price={"adult": 9000}),
    )
    days = [{"date": SATURDAY, "before": "13:00"}, {"date": SUNDAY, "before": "14:30"}]
    trip = plan(region, days, pace="relaxed")
    left_out = [place.asset for place in trip.excluded if place.code is None]
    assert left_out
    for why in explain(region, trip, *left_out[:3]):
        if why.costs_points is not None:
            with_it = plan(region, days, pace="relaxed", must=[why.asset])
            assert trip.objective - why.costs_points <= max(trip.objective, with_it.objective) + 1e-6
        assert set(why.displaces) <= set(visited(trip)) | {"inn"}


def test_alternatives_differ_and_keep_every_rule(
    make_asset: MakeAsset, make_region: MakeRegion, judge: Callable[[Region, TripRequest, Itinerary], None]
) -> None:
    """Each further plan is a sound trip, tells what sets it apart, and shares few places with all the others."""
    region = make_region(
        *(make_asset(f"a{index}", lon=136.2 + 0.01 * index, appeal=90 - 2 * index) for index in range(16))
    )
    fields: dict[str, Any] = {"days": [SATURDAY], "alternatives": 2, "solver": {"iterations": 500}}
    request = TripRequest.model_validate(fields)
    shares: list[float] = []
    trip = plan_trip(region, request, today=TODAY, on_progress=shares.append)
    assert len(trip.alternatives) == 2
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    trips = [trip]
    for other in trip.alternatives:
        places = {step.asset for day in other.days for step in day.steps if step.type == "visit"}
        assert places - set(visited(trip)) == set(other.gained)
        assert set(visited(trip)) - places == set(other.lost)
        assert other.objective <= trip.objective
        assert other.distance >= 0.4
        trips.append(trip.model_copy(update={"days": other.days, "totals": other.totals}))
    for first, second in combinations(trips, 2):
        mine, its = set(visited(first)), set(visited(second))
        assert 1 - len(mine & its) / len(mine | its) >= 0.4
    again = plan_trip(region, request, today=TODAY)
    assert again.alternatives == trip.alternatives


def test_fewer_alternatives_come_back_where_there_are_no_more(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """One place to see: there is no second plan, and none is made up."""
    assert plan(make_region(make_asset("museum")), alternatives=3).alternatives == ()
