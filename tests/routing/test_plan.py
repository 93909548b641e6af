"""What a planned trip promises, one behaviour at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from regional_assets.errors import InputError
from regional_assets.model import Asset, CombinationRule, Region
from routing.itinerary import Itinerary
from routing.plan import plan_trip
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)
SATURDAY = "2026-12-05"
SUNDAY = "2026-12-06"
MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]


def plan(region: Region, days: list[Any] | None = None, **fields: Any) -> Itinerary:
    """Plan with few iterations; one Saturday unless told otherwise."""
    request = {"days": days or [SATURDAY], "solver": {"iterations": 500}} | fields
    return plan_trip(region, TripRequest.model_validate(request), today=TODAY)


def visited(trip: Itinerary) -> list[str]:
    return [step.asset or "" for day in trip.days for step in day.steps if step.type in ("visit", "meal")]


def reason(trip: Itinerary, asset_id: str) -> tuple[str | None, bool]:
    entry = next(entry for entry in trip.excluded if entry.asset == asset_id)
    return entry.code, entry.proven


def test_lunch_is_a_visit_to_a_food_place_at_lunch_time(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A restaurant open all day is visited once, from start to end between 11 and 14."""
    soba = make_asset("soba", "food", meals=("lunch",), opening={"osm": "08:00-22:00"})
    trip = plan(make_region(soba, make_asset("museum")))
    meal = next(step for step in trip.days[0].steps if step.type == "meal")
    assert meal.asset == "soba"
    assert dt.time(11) <= meal.arrive.time()
    assert meal.depart.time() <= dt.time(14)


def test_lunch_can_be_switched_off(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Without lunch, a restaurant is left out and told so."""
    soba = make_asset("soba", "food", meals=("lunch",))
    trip = plan(make_region(soba, make_asset("museum")), meals={"lunch": None})
    assert visited(trip) == ["museum"]
    assert reason(trip, "soba") == ("MEAL_NOT_ASKED", True)


def test_a_day_without_a_place_for_lunch_says_so(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Where no food place fits, the plan stands and the gap is flagged."""
    trip = plan(make_region(make_asset("museum")))
    assert trip.status in ("feasible", "optimal")
    assert [fact.field for fact in trip.assumed if fact.field == "lunch"] == ["lunch"]


def test_unknown_hours_are_assumed_and_flagged(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A place of unknown hours is planned in the usual hours of its kind, and the itinerary says so."""
    trip = plan(make_region(make_asset("museum", opening=None)))
    assert visited(trip) == ["museum"]
    assert any(fact.asset == "museum" and fact.field == "opening" for fact in trip.assumed)
    assert next(step for step in trip.days[0].steps if step.type == "visit").closes is None


def test_unknown_hours_can_be_refused(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """On request, unknown hours keep a place out."""
    trip = plan(make_region(make_asset("museum", opening=None)), hours_unknown="refuse")
    assert visited(trip) == []
    assert reason(trip, "museum") == ("HOURS_UNKNOWN", True)


def test_closed_days_are_respected(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A place closed on Saturdays goes to Sunday; one closed on both days is explained."""
    closed_sat = {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat"]}]}
    closed_both = {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat", "sun"]}]}
    region = make_region(make_asset("a", opening=closed_sat), make_asset("b", opening=closed_both))
    trip = plan(region, [SATURDAY, SUNDAY])
    assert [step.asset for step in trip.days[1].steps if step.type == "visit"] == ["a"]
    assert reason(trip, "b") == ("CLOSED_ON_ALL_DAYS", True)


def test_unknown_access_is_not_yes(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """With a wheelchair, unknown access keeps a place out unless the request allows it."""
    region = make_region(make_asset("yes", wheelchair="yes"), make_asset("unknown"), make_asset("no", wheelchair="no"))
    party = {"needs": ["wheelchair"]}
    assert visited(plan(region, party=party)) == ["yes"]
    assert sorted(visited(plan(region, party=party, access_unknown="allow"))) == ["unknown", "yes"]
    assert reason(plan(region, party=party), "unknown")[0] == "ACCESS_NEED"


def test_too_far_is_told_with_proof(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A place that cannot be reached and left again within the day is too far, for certain."""
    start = {"lon": 136.2, "lat": 35.9}
    region = make_region(make_asset("near"), make_asset("far", lon=139.7, lat=35.7))
    trip = plan(region, [{"date": SATURDAY, "start": start, "end": start}])
    assert visited(trip) == ["near"]
    assert reason(trip, "far") == ("TOO_FAR", True)


def test_a_place_that_nearly_fits_is_not_called_too_far(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A place an hour away is not too far; that it was left out is not called proven."""
    start = {"lon": 136.2, "lat": 35.9}
    region = make_region(make_asset("near", appeal=90), make_asset("hour", lon=136.55, lat=35.9, appeal=1))
    trip = plan(region, [{"date": SATURDAY, "start": start, "end": start}])
    assert reason(trip, "hour") == (None, False)


def test_over_budget_alone_is_told(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A door that charges the party more than the whole budget is over it; the limit itself is not."""
    region = make_region(make_asset("dear", price={"adult": 3001}), make_asset("just", price={"adult": 3000}))
    trip = plan(region, budget_jpy=6000)
    assert reason(trip, "dear") == ("OVER_BUDGET", True)
    assert visited(trip) == ["just"]
    assert trip.totals.cost_jpy == 6000


def test_a_wanted_place_that_is_closed_makes_the_request_infeasible(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """The conflict names the place and why."""
    closed = {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat"]}]}
    trip = plan(make_region(make_asset("museum", opening=closed), make_asset("b")), must=["museum"])
    assert trip.status == "infeasible"
    assert [(conflict.code, conflict.assets) for conflict in trip.conflicts] == [("CLOSED_ON_ALL_DAYS", ("museum",))]


def test_a_budget_below_the_wanted_places_is_infeasible(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Two places that fit one by one but not together are told as one conflict with the sum."""
    region = make_region(make_asset("a", price={"adult": 1000}), make_asset("b", price={"adult": 1500}))
    trip = plan(region, must=["a", "b"], budget_jpy=4000)
    assert trip.status == "infeasible"
    assert trip.conflicts[0].code == "OVER_BUDGET"
    assert "5,000" in (trip.conflicts[0].text.en or "")


def test_an_end_that_cannot_be_reached_is_infeasible(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Start and end too far apart for the day are told with the minutes it takes."""
    day = {"date": SATURDAY, "start": {"lon": 136.2, "lat": 35.9}, "end": {"lon": 141.3, "lat": 43.0}}
    trip = plan(make_region(make_asset("a")), [day])
    assert trip.status == "infeasible"
    assert trip.conflicts[0].code == "DAY_TOO_SHORT"


def test_an_end_too_far_to_walk_is_infeasible(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A walking limit shorter than the way from start to end is told as such."""
    day = {"date": SATURDAY, "start": {"lon": 136.2, "lat": 35.9}, "end": {"lon": 136.2, "lat": 35.95}}
    region = make_region(make_asset("a"))
    trip = plan(region, [day], mode="walk", limits={"walk_m_per_day": 5000})
    assert [conflict.code for conflict in trip.conflicts] == ["OVER_WALKING_LIMIT"]
    assert plan(region, [day], mode="walk", limits={"walk_m_per_day": 9000}).status in ("feasible", "optimal")


def test_wanted_places_that_exclude_each_other_are_infeasible(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Two bookings at the same time cannot both be kept; they are named, the third is not, and no plan is returned."""
    region = make_region(*(make_asset(f"a{index}", lon=136.2 + 0.02 * index) for index in range(20)))
    pins = [{"asset": asset, "arrive": f"{SATURDAY}T{time}"} for asset, time in (("a0", "10:00"), ("a9", "10:20"))]
    trip = plan(region, pins=pins, must=["a5"])
    assert trip.status == "infeasible"
    assert [(conflict.code, conflict.assets) for conflict in trip.conflicts] == [("WISHES_TOGETHER", ("a0", "a9"))]
    assert trip.conflicts[0].text.en == "these wanted places cannot all be in one trip: a0, a9"
    assert not trip.days
    later = [pins[0], {"asset": "a9", "arrive": f"{SATURDAY}T12:20"}]
    assert plan(region, pins=later, must=["a5"]).status in ("feasible", "optimal")


def test_a_limit_below_the_wanted_places_is_infeasible(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Three shrines are wanted, two a day allowed: one day is too few, two are enough."""
    shrines = [make_asset(f"shrine{index}", lon=136.2 + 0.01 * index) for index in range(3)]
    region = make_region(*shrines, *(make_asset(f"walk{index}", "nature") for index in range(20)))
    fields: dict[str, Any] = {"must": [asset.id for asset in shrines], "limits": {"per_kind": {"culture": 2}}}
    trip = plan(region, **fields)
    assert trip.status == "infeasible"
    assert trip.conflicts[0].assets == ("shrine0", "shrine1", "shrine2")
    assert plan(region, [SATURDAY, SUNDAY], **fields).status in ("feasible", "optimal")


def test_a_pin_is_kept_to_the_minute(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A booking begins when it was booked."""
    region = make_region(make_asset("a"), make_asset("b", lon=136.25), make_asset("c", lon=136.15))
    trip = plan(region, pins=[{"asset": "b", "arrive": f"{SATURDAY}T13:20"}])
    step = next(step for step in trip.days[0].steps if step.asset == "b" and step.type == "visit")
    assert step.arrive == dt.datetime(2026, 12, 5, 13, 20)


def test_the_given_inn_joins_the_days(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """The first day ends and the second starts at the inn, which is paid once."""
    inn = make_asset("inn", "lodging", price={"adult": 10000}, lon=136.3)
    region = make_region(inn, make_asset("a"), make_asset("b", lon=136.4))
    trip = plan(region, [SATURDAY, SUNDAY], lodging="inn")
    stay = trip.days[0].steps[-1]
    assert (stay.type, stay.asset, stay.cost_jpy) == ("stay", "inn", 20000)
    assert trip.days[1].start == inn.name
    assert stay.depart == trip.days[1].steps[0].arrive


def test_a_stay_makes_combinations_by_itself(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """An inn that serves crab from lacquer earns the combination alone."""
    inn = make_asset("inn", "lodging", serves=("crab",), uses=("lacquer",))
    rule = CombinationRule.model_validate(
        {
            "id": "crab-lacquer",
            "left": {"serves": "crab"},
            "right": {"uses": "lacquer"},
            "single_asset": True,
            "bonus": 12,
            "reason": {"en": "crab from lacquer"},
        }
    )
    region = make_region(inn, make_asset("a"), combinations=(rule,))
    trip = plan(region, [SATURDAY, SUNDAY])
    assert [(made.rule, made.left, made.right) for made in trip.combinations] == [("crab-lacquer", ("inn",), ("inn",))]
    assert trip.terms["combinations"] == 12


def test_what_a_combination_changes_is_measured(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A bonus that draws a farther place in shows it as gained, against a second plan without bonuses."""
    rule = CombinationRule.model_validate(
        {"id": "r", "left": {"asset": "a"}, "right": {"asset": "far"}, "bonus": 60, "reason": {"en": "because"}}
    )
    far = make_asset("far", lon=136.55, appeal=10)
    region = make_region(make_asset("a"), far, combinations=(rule,))
    there = {"lon": 136.2, "lat": 35.9}
    trip = plan(region, [{"date": SATURDAY, "start": there, "end": there}])
    assert trip.combination_effect is not None
    assert trip.combination_effect.gained == ("far",)
    assert trip.combination_effect.points_of_places < trip.combination_effect.points_of_places_without


def test_unknown_prices_are_counted_not_guessed(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A place of unknown price shows none, and the totals say how many there are."""
    trip = plan(make_region(make_asset("a", price={})))
    step = next(step for step in trip.days[0].steps if step.type == "visit")
    assert step.cost_jpy is None
    assert trip.totals.unknown_prices == 1
    assert any(fact.field == "price" for fact in trip.assumed)


def test_estimated_legs_are_flagged(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Without streets every leg is estimated, and the trip says so."""
    trip = plan(make_region(make_asset("a"), make_asset("b", lon=136.3)))
    legs = [step for step in trip.days[0].steps if step.type == "travel"]
    assert legs
    assert all(leg.estimated for leg in legs)
    assert any(fact.field == "travel" for fact in trip.assumed)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"days": ["2026-11-01"]}, "days[0].date"),
        ({"days": [SUNDAY, SATURDAY]}, "days[1].date"),
        ({"days": [{"date": SATURDAY, "after": "18:00", "before": "09:00"}]}, "days[0]"),
        ({"must": ["musem"]}, "must[0]"),
        ({"avoid": ["nothing"]}, "avoid[0]"),
        ({"must": ["museum"], "avoid": ["museum"]}, "avoid"),
        ({"lodging": "museum", "days": [SATURDAY, SUNDAY]}, "lodging[0]"),
        ({"lodging": "inn"}, "lodging"),
        ({"lodging": ["inn", "inn"], "days": [SATURDAY, SUNDAY]}, "lodging"),
        ({"interests": {"crafts": 1}}, "interests.crafts"),
        ({"themes": ["zen"]}, "themes[0]"),
        ({"days": [{"date": SATURDAY, "start": {"asset": "lost"}}]}, "days[0].start"),
        ({"pins": [{"asset": "museum", "arrive": f"{SUNDAY}T10:00"}]}, "pins[0].arrive"),
        ({"pins": [{"asset": "inn", "arrive": f"{SATURDAY}T17:00"}], "days": [SATURDAY, SUNDAY]}, "pins[0].asset"),
        ({"pins": [{"asset": "museum", "arrive": f"{SATURDAY}T{hour}:00"} for hour in (10, 14)]}, "pins[1].asset"),
        ({"pins": [{"asset": "nowhere", "arrive": f"{SATURDAY}T17:00"}]}, "pins[0].asset"),
        ({"lodging": ["museum", "inn"], "days": [SATURDAY, SUNDAY]}, "lodging[0]"),
        ({"meals": {"lunch": {"between": ["14:00", "11:00"]}}}, "meals.lunch.between"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_by_field(
    make_asset: MakeAsset, make_region: MakeRegion, fields: dict[str, Any], where: str
) -> None:
    """Each nonsense raises one problem that names its field, in both languages."""
    region = make_region(make_asset("museum"), make_asset("inn", "lodging"), make_asset("lost", lon=None, lat=None))
    with pytest.raises(InputError) as caught:
        plan(region, **fields)
    assert where in [problem.where for problem in caught.value.problems]
    assert all(problem.message.ja and problem.message.en for problem in caught.value.problems)


@pytest.mark.parametrize("moment", ["10:00:30", "10:00+09:00", "01:00Z"])
def test_a_booking_that_would_be_rounded_or_moved_is_refused(moment: str) -> None:
    """Seconds and time zones are not dropped in silence."""
    fields = {"days": [SATURDAY], "pins": [{"asset": "museum", "arrive": f"{SATURDAY}T{moment}"}]}
    with pytest.raises(ValidationError, match="local time to the minute"):
        TripRequest.model_validate(fields)


def test_all_problems_are_told_at_once(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Three faults in one request give three problems."""
    with pytest.raises(InputError) as caught:
        plan(make_region(make_asset("museum")), ["2020-01-01"], must=["nowhere"], themes=["none"])
    assert len(caught.value.problems) == 3


def test_an_unknown_id_suggests_close_ones(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A misspelt id is answered with what it may have meant."""
    with pytest.raises(InputError, match="close: museum"):
        plan(make_region(make_asset("museum")), must=["musem"])


def test_candidates_beyond_the_limit_are_reported_as_not_searched(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """Places outside the search are named, without any claim of proof; wanted ones always enter."""
    region = make_region(*(make_asset(f"a{index}", appeal=90 - index) for index in range(12)))
    trip = plan(region, max_candidates=5, must=["a11"])
    codes = {entry.asset: (entry.code, entry.proven) for entry in trip.excluded}
    assert "a11" in visited(trip)
    assert sum(code == "NOT_SEARCHED" for code, _ in codes.values()) == 7
    assert not any(proven for code, proven in codes.values() if code == "NOT_SEARCHED")


def test_where_nothing_can_be_visited_no_plan_is_claimed(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Nothing to see is an answer with its reason, not a crash, nor a plan of empty days."""
    for trip in (plan(make_region()), plan(make_region(make_asset("museum")), interests={"culture": 0})):
        assert trip.status == "infeasible"
        assert [conflict.code for conflict in trip.conflicts] == ["NOTHING_TO_VISIT"]
        assert visited(trip) == []


def test_what_must_be_booked_is_said(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Slots and appointments are flagged, since nobody asked whether places are left."""
    region = make_region(
        make_asset("class", "craft", slots=({"start": "10:00"},)),
        make_asset("mill", "craft", tags=("appointment",)),
        make_asset("open", "craft"),
    )
    trip = plan(region)
    assert {fact.asset for fact in trip.assumed if fact.field == "slots"} == {"class", "mill"}


def test_a_proof_bounds_the_plan_or_calls_it_optimal(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """With time for a proof, the bound is never below the plan; here it meets it, and the plan is called optimal."""
    places = (make_asset(f"a{index}", lon=136.1 + 0.03 * index, appeal=40 + 3 * index) for index in range(9))
    trip = plan(make_region(*places), solver={"iterations": 300, "proof_s": 20})
    assert trip.status == "optimal"
    assert trip.bound == trip.objective
    assert trip.gap == 0


def test_every_plan_is_told_how_far_it_can_be_from_the_best(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Without time for a proof there is a bound all the same, and no plan is called optimal that does not meet it."""
    places = [
        make_asset(
            f"a{index}", lon=136.1 + 0.05 * (index % 7), lat=35.7 + 0.03 * (index % 11), appeal=40 + 7 * index % 50
        )
        for index in range(20)
    ]
    trip = plan(make_region(*places))
    assert trip.bound is not None
    assert trip.gap is not None
    assert trip.status == "feasible"
    assert trip.bound > trip.objective
    assert trip.gap == pytest.approx(1 - trip.objective / trip.bound)
    proven = plan(make_region(*places), solver={"iterations": 500, "proof_s": 5})
    assert proven.bound is not None
    assert trip.objective <= proven.bound <= trip.bound


def test_without_a_plan_there_is_no_bound(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Nothing is said of how good a plan could be where there is none."""
    trip = plan(make_region(make_asset("museum")), interests={"culture": 0})
    assert (trip.bound, trip.gap, trip.provenance.limit) == (None, None, "none")
