"""Plans made by hand: every rule that they break is named, and those of the planner break none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from regional_assets.errors import InputError
from regional_assets.model import Asset, Region
from routing import _judge_plan
from routing.itinerary import Itinerary
from routing.judge import HandMadeDay, HandMadeTrip, Judgement, by_hand, judge_trip
from routing.plan import plan_trip
from routing.request import TripRequest
from solvers.orienteering import UNREACHABLE

TODAY = dt.date(2026, 11, 23)
SATURDAY, SUNDAY = "2026-12-05", "2026-12-06"

MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]
Found = tuple[str, str | None, int | None]


def asked(**fields: Any) -> TripRequest:
    return TripRequest.model_validate({"days": [SATURDAY], "meals": {"lunch": None}} | fields)


def verdict(region: Region, plan: list[dict[str, Any]], **fields: Any) -> Judgement:
    """Judge a plan for a Saturday without lunch, unless told otherwise."""
    days = [HandMadeDay.model_validate(day) for day in plan]
    return judge_trip(region, asked(**fields), days, today=TODAY)


def saturday(*stops: Any, **fields: Any) -> list[dict[str, Any]]:
    return [{"date": SATURDAY, "stops": list(stops), **fields}]


def found(judgement: Judgement) -> list[Found]:
    return [(each.code, each.asset, each.amount) for each in judgement.violations]


def warned(judgement: Judgement) -> list[str]:
    return [warning.code for warning in judgement.warnings]


def planned(region: Region, **fields: Any) -> Itinerary:
    request = {"days": [SATURDAY, SUNDAY], "solver": {"iterations": 600}} | fields
    return plan_trip(region, TripRequest.model_validate(request), today=TODAY)


REQUESTS: list[dict[str, Any]] = [
    {},
    {"days": [SATURDAY, SUNDAY, "2026-12-07"], "pace": "busy", "solver": {"iterations": 600, "seed": 4}},
    {"lodging": "none", "mode": "bicycle", "meals": {"lunch": None}},
    {"lodging": "inn-1", "budget_jpy": 60_000, "must": ["craft-1", "food-7"]},
    {"days": [{"date": SATURDAY, "start": {"lon": 136.2, "lat": 35.9}, "end": {"asset": "culture-0"}}]},
    {"mode": "walk", "limits": {"walk_m_per_day": 9_000, "per_kind": {"craft": 1}}, "party": {"children": 1}},
    {"pins": [{"asset": "craft-21", "arrive": f"{SUNDAY}T14:00"}], "avoid": ["nature-2"], "hours_unknown": "refuse"},
    {"interests": {"food": 2, "culture": 0}, "pace": "relaxed", "meals": {"lunch": {"between": ["11:30", "13:00"]}}},
]


@pytest.mark.parametrize("fields", REQUESTS, ids=range(len(REQUESTS)))
def test_plans_of_the_planner_keep_every_rule_and_their_points(town: Region, fields: dict[str, Any]) -> None:
    """Nights, bookings, waits and limits included: nothing is broken, and terms, times and combinations stay."""
    trip = planned(town, **fields)
    assert trip.status in ("feasible", "optimal")
    judgement = judge_trip(town, trip.request, by_hand(trip.request, trip.days).days, today=TODAY)
    assert (judgement.violations, set(warned(judgement)) - {"LUNCH_MISSING"}) == ((), set())
    assert (judgement.terms, judgement.objective) == (trip.terms, trip.objective)
    assert (judgement.days, judgement.totals) == (trip.days, trip.totals)
    assert judgement.combinations == trip.combinations


def test_the_requests_of_this_test_have_nights_waits_and_meals(town: Region) -> None:
    """Otherwise the test above would promise less than it says."""
    trips = [planned(town, **REQUESTS[number]) for number in (0, 6)]
    types = {step.type for trip in trips for day in trip.days for step in day.steps}
    assert types == {"travel", "wait", "visit", "meal", "stay"}


def test_what_is_changed_in_a_good_plan_is_named(town: Region) -> None:
    """Times an hour early, a visit cut short, a place twice, the inn left out: each is told where it happens."""
    trip = planned(town)
    plan = by_hand(trip.request, trip.days)
    first, second = plan.days
    early = first.stops[1].model_copy(update={"arrive": "09:05", "depart": None})
    short = first.stops[2].model_copy(update={"arrive": None, "depart": None})
    again = first.stops[0].model_copy(update={"arrive": None, "depart": None, "lunch": None})
    changed = [
        first.model_copy(update={"stops": (first.stops[0], early, *first.stops[2:]), "stay": None}),
        second.model_copy(update={"stops": (again, *second.stops, short)}),
    ]
    judgement = judge_trip(town, plan.request, changed, today=TODAY)
    told = {(each.code, str(each.date), each.stop) for each in judgement.violations}
    assert ("ARRIVES_LATE", SATURDAY, 1) in told
    assert ("LODGING_MISSING", SATURDAY, None) in told
    assert ("VISITED_TWICE", SUNDAY, 0) in told
    assert ("VISITED_TWICE", SUNDAY, len(second.stops) + 1) in told
    assert not judgement.feasible


FAULTS: list[tuple[str, dict[str, Any], list[dict[str, Any]], dict[str, Any], list[Found]]] = [
    ("unknown", {}, saturday("nowhere", "a"), {}, [("UNKNOWN_ASSET", "nowhere", None)]),
    ("avoided", {}, saturday("a"), {"avoid": ["a"]}, [("AVOIDED", "a", None)]),
    ("no position", {"lon": None, "lat": None}, saturday("a"), {}, [("NO_POSITION", "a", None)]),
    ("access", {}, saturday("a"), {"party": {"needs": ["wheelchair"]}}, [("ACCESS_NEED", "a", None)]),
    ("twice", {}, saturday("a", "a"), {}, [("VISITED_TWICE", "a", None)]),
    (
        "closed",
        {"opening": {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat"]}]}},
        saturday("a"),
        {},
        [("CLOSED", "a", None)],
    ),
    ("season", {"season": ({"first": "04-01", "last": "05-01"},)}, saturday("a"), {}, [("CLOSED", "a", None)]),
    ("hours unknown", {"opening": None}, saturday("a"), {"hours_unknown": "refuse"}, [("HOURS_UNKNOWN", "a", None)]),
    (
        "before it opens",
        {"opening": {"osm": "13:00-17:00"}},
        saturday({"asset": "a", "arrive": "10:00", "depart": "11:00"}),
        {},
        [("OUTSIDE_HOURS", "a", 10_800)],
    ),
    (
        "after last entry",
        {"opening": {"osm": "09:00-17:00", "last_admission": "16:00"}},
        saturday({"asset": "a", "arrive": "16:10", "depart": "16:50"}),
        {},
        [("OUTSIDE_HOURS", "a", 600)],
    ),
    (
        "beyond closing",
        {"opening": {"osm": "09:00-12:00"}},
        saturday({"asset": "a", "arrive": "11:30", "depart": "12:20"}),
        {},
        [("OUTSIDE_HOURS", "a", 1200)],
    ),
    ("too late for today", {"opening": {"osm": "05:00-08:00"}}, saturday("a"), {}, [("OUTSIDE_HOURS", "a", 6300)]),
    (
        "slot",
        {"slots": ({"start": "10:00"}, {"start": "13:30", "weekdays": ["sun"]})},
        saturday({"asset": "a", "arrive": "10:20"}),
        {},
        [("SLOT_MISSED", "a", 1200)],
    ),
    (
        "no slot that day",
        {"slots": ({"start": "13:30", "weekdays": ["sun"]},)},
        saturday("a"),
        {},
        [("SLOT_MISSED", "a", None)],
    ),
    (
        "booking",
        {},
        saturday({"asset": "a", "arrive": "10:20"}),
        {"pins": [{"asset": "a", "arrive": f"{SATURDAY}T10:00"}]},
        [("PIN_MISSED", "a", 1200)],
    ),
    (
        "booking left out",
        {},
        saturday("b"),
        {"pins": [{"asset": "a", "arrive": f"{SATURDAY}T10:00"}]},
        [("PIN_MISSED", "a", None)],
    ),
    (
        "too short",
        {},
        saturday({"asset": "a", "arrive": "10:00", "depart": "10:10"}),
        {},
        [("STAY_TOO_SHORT", "a", 1200)],
    ),
    ("day", {}, saturday({"asset": "a", "arrive": "15:30", "depart": "16:10"}, "b"),
     {"days": [{"date": SATURDAY, "before": "16:30"}]}, [("DAY_TOO_LONG", None, 1500)]),
    ("must", {}, saturday("b"), {"must": ["a"]}, [("MUST_MISSING", "a", None)]),
    ("budget", {"price": {"adult": 900}}, saturday("a"), {"budget_jpy": 1_000}, [("OVER_BUDGET", None, 800)]),
    (
        "kind",
        {},
        saturday("a", "b"),
        {"limits": {"per_kind": {"culture": 1}}},
        [("OVER_KIND_LIMIT", None, 1)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "plan", "request_fields", "expected"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_what_is_broken_is_named_with_its_amount(
    make_asset: MakeAsset,
    make_region: MakeRegion,
    place: dict[str, Any],
    plan: list[dict[str, Any]],
    request_fields: dict[str, Any],
    expected: list[Found],
) -> None:
    """One fault, one violation, in both languages; and nothing else is claimed."""
    judgement = verdict(
        make_region(make_asset("a", **place), make_asset("b", wheelchair="yes")), plan, **request_fields
    )
    assert found(judgement) == expected
    assert not judgement.feasible
    for violation in judgement.violations:
        assert violation.text.ja != violation.text.en
        assert (violation.amount is None) == (violation.unit is None)


def test_times_that_the_way_allows_are_kept_and_others_told(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A place half an hour away cannot be entered ten minutes later; the rest is timed from when one is there."""
    region = make_region(make_asset("near"), make_asset("far", lon=136.5))
    stops = [{"asset": "near", "arrive": "10:00", "depart": "11:00"}, {"asset": "far", "arrive": "11:10"}]
    judgement = verdict(region, saturday(*stops))
    near, way, far = (step for step in judgement.days[0].steps)
    assert (near.arrive.time(), near.depart.time()) == (dt.time(10), dt.time(11))
    late = int((far.arrive - dt.datetime(2026, 12, 5, 11, 10)).total_seconds())
    assert found(judgement) == [("ARRIVES_LATE", "far", late)]
    assert far.arrive == way.depart
    assert verdict(region, saturday(stops[0], {"asset": "far", "arrive": "13:00"})).feasible


def test_everything_wrong_is_told_at_once(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A closed, avoided, inaccessible and dear place on a day too short is told as all of that."""
    closed = {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat"]}]}
    region = make_region(make_asset("a", opening=closed, price={"adult": 900}, wheelchair="no"), make_asset("b"))
    judgement = verdict(
        region,
        saturday("a", "nowhere"),
        avoid=["a"],
        budget_jpy=1_000,
        must=["b"],
        party={"needs": ["wheelchair"]},
        days=[{"date": SATURDAY, "after": "09:00", "before": "09:30"}],
    )
    codes = [code for code, _, _ in found(judgement)]
    assert codes == [
        "AVOIDED",
        "ACCESS_NEED",
        "CLOSED",
        "UNKNOWN_ASSET",
        "DAY_TOO_LONG",
        "MUST_MISSING",
        "OVER_BUDGET",
    ]


def test_nights_are_judged(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """No inn, another than asked for, none at all, a place that is no inn, and an inn where there is no night."""
    region = make_region(make_asset("a"), make_asset("inn", "lodging"), make_asset("other", "lodging"))
    days = [SATURDAY, SUNDAY]

    def nights(first: str | None, second: str | None = None, **fields: Any) -> list[Found]:
        plan = [{"date": SATURDAY, "stops": ["a"], "stay": first}, {"date": SUNDAY, "stay": second}]
        return found(verdict(region, plan, **({"days": days} | fields)))

    assert nights("inn") == []
    assert nights(None) == [("LODGING_MISSING", None, None)]
    assert nights(None, lodging="none") == []
    assert nights("inn", lodging="none") == [("NO_NIGHT", "inn", None)]
    assert nights("other", lodging=["inn"]) == [("WRONG_LODGING", "other", None)]
    assert nights("inn", lodging=["inn"]) == []
    assert nights("a") == [("WRONG_LODGING", "a", None)]
    assert nights("nowhere") == [("UNKNOWN_ASSET", "nowhere", None)]
    assert nights("inn", "inn") == [("NO_NIGHT", "inn", None)]
    assert nights("inn", days=[SATURDAY, "2026-12-06"], avoid=["inn"]) == [("AVOIDED", "inn", None)]
    assert found(verdict(region, saturday("inn"))) == [("NOT_A_VISIT", "inn", None)]
    assert nights("inn", must=["inn"]) == []


def test_a_region_without_inns_asks_for_none(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Where nobody could sleep at an inn, a night without one is an assumption and no violation."""
    judgement = verdict(make_region(make_asset("a")), saturday("a"), days=[SATURDAY, SUNDAY])
    assert judgement.feasible
    assert [fact.field for fact in judgement.assumed if fact.field == "lodging"] == ["lodging"]


def test_ways_that_are_too_long_on_foot_are_told_in_metres(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """The limit of a day on foot counts to the metre."""
    region = make_region(make_asset("a"), make_asset("b", lon=136.23))
    walked = verdict(region, saturday("a", "b"), mode="walk").totals.walk_m
    limits = {"walk_m_per_day": walked}
    assert verdict(region, saturday("a", "b"), mode="walk", limits=limits).feasible
    limits = {"walk_m_per_day": walked - 1}
    broken = verdict(region, saturday("a", "b"), mode="walk", limits=limits)
    assert found(broken) == [("OVER_WALKING_LIMIT", None, 1)]


def test_a_place_without_a_way_is_told_and_counts_no_time(
    make_asset: MakeAsset, make_region: MakeRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its time nor its distance is made up."""
    real = _judge_plan.survey

    def cut_off(*given: Any) -> Any:
        ground = real(*given)
        there = ground.node_of["island"]
        seconds, metres = ground.seconds.copy(), ground.travel.metres.copy()
        for table in (seconds, metres):
            table[:, there] = table[there, :] = UNREACHABLE
        return replace(ground, seconds=seconds, travel=replace(ground.travel, metres=metres))

    monkeypatch.setattr(_judge_plan, "survey", cut_off)
    region = make_region(make_asset("a"), make_asset("island", lon=136.3), make_asset("b"))
    judgement = verdict(region, saturday("a", "island", "b"))
    assert [(each.code, each.stop) for each in judgement.violations] == [("UNREACHABLE", 1), ("UNREACHABLE", 2)]
    assert (judgement.totals.travel_s, judgement.totals.distance_m) == (0, 0)
    assert np.isfinite(judgement.objective)


def test_places_that_the_planner_left_out_are_judged_by_its_own_reasons(
    make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """What a closed place says of itself is what the planner would say; one beyond its search is fine."""
    closed = {"osm": "09:00-17:00", "closed": [{"type": "weekly", "weekdays": ["sat"]}]}
    spots = [make_asset("shut", opening=closed), make_asset("dull", appeal=1), make_asset("best", appeal=99)]
    region = make_region(*spots)
    trip = planned(region, days=[SATURDAY], max_candidates=1, meals={"lunch": None})
    reasons = {place.asset: place for place in trip.excluded}
    assert reasons["dull"].code == "NOT_SEARCHED"
    judgement = verdict(region, saturday("best", "dull", "shut"))
    assert found(judgement) == [("CLOSED", "shut", None)]
    assert reasons["shut"].text.in_("en") in judgement.violations[0].text.in_("en")


def test_habits_are_warnings(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A fourth temple, a ninth visit, no lunch and no interest: told, though nothing is broken."""
    temples = [
        make_asset(f"t{index}", tags=("temple",), visit_minutes={"min": 5, "typical": 5, "max": 5})
        for index in range(9)
    ]
    region = make_region(*temples, make_asset("brew", "food", meals=("dinner",), opening={"osm": "09:00-22:00"}))
    stops = [temple.id for temple in temples]
    judgement = verdict(region, saturday(*stops), meals={}, pace="normal", interests={"culture": 0})
    assert judgement.feasible
    assert set(warned(judgement)) == {"LUNCH_MISSING", "ABOVE_PACE", "MANY_ALIKE", "NO_INTEREST"}
    assert {warning.amount for warning in judgement.warnings if warning.code == "MANY_ALIKE"} == {7}
    assert warned(verdict(region, saturday("brew"))) == ["MEAL_NOT_ASKED"]
    assert "MANY_ALIKE" not in warned(verdict(region, saturday(*stops[:3]), must=stops[:3]))


def test_lunch_is_told_by_the_time_or_by_its_maker(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A restaurant at noon is lunch; a tea room is where one is there at lunch time, or where the plan says so."""
    soba = make_asset("soba", "food", meals=("lunch",), opening={"osm": "10:00-20:00"})
    tea = make_asset("tea", "food", meals=("lunch", "cafe"), opening={"osm": "09:00-20:00"})
    region = make_region(soba, tea, make_asset("a"))

    def meals(*stops: Any) -> list[str | None]:
        steps = verdict(region, saturday(*stops), meals={}).days[0].steps
        return [step.asset for step in steps if step.type == "meal"]

    assert meals("soba") == ["soba"]
    assert meals("tea") == []
    assert meals({"asset": "tea", "arrive": "12:00"}) == ["tea"]
    assert meals({"asset": "tea", "lunch": True}) == ["tea"]
    assert meals("soba", {"asset": "tea", "arrive": "13:00"}) == ["soba"]
    assert meals({"asset": "soba", "arrive": "15:00"}) == []


def test_assumptions_are_flagged_as_in_an_itinerary(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Assumed hours, estimated ways and unknown prices stand beside the judgement."""
    region = make_region(make_asset("a", opening=None, price={}), make_asset("b", lon=136.25))
    judgement = verdict(region, saturday("a", "b"))
    assert judgement.feasible
    assert {(fact.asset, fact.field) for fact in judgement.assumed} >= {
        ("a", "opening"),
        ("a", "price"),
        (None, "travel"),
    }
    assert judgement.totals.unknown_prices == 1


def test_a_plan_for_other_days_is_refused(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Days that are not in the request, days given twice and wishes that make no sense are told together."""
    region = make_region(make_asset("a"))
    plan = [*saturday("a"), *saturday("a"), {"date": SUNDAY}]
    with pytest.raises(InputError) as refused:
        verdict(region, plan, must=["nowhere"])
    where = [problem.where for problem in refused.value.problems]
    assert where == ["request.must[0]", "days[1].date", "days[2].date"]


def test_an_empty_plan_is_judged(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Nothing visited, nothing broken; also where the region holds nothing."""
    for region in (make_region(make_asset("a")), make_region()):
        judgement = verdict(region, [])
        assert (judgement.feasible, judgement.objective, judgement.totals.visits) == (True, 0.0, 0)


def test_a_plan_can_be_written_and_read(town: Region) -> None:
    """A plan by hand survives JSON; an id alone stands for a stop without times."""
    trip = planned(town)
    plan = by_hand(trip.request, trip.days)
    assert HandMadeTrip.model_validate_json(plan.model_dump_json()) == plan
    day = HandMadeDay.model_validate_json(
        f'{{"date": "{SATURDAY}", "stops": ["a", {{"asset": "b", "arrive": "9:30"}}]}}'
    )
    assert [(stop.asset, stop.arrive) for stop in day.stops] == [("a", None), ("b", "9:30")]
    judgement = judge_trip(town, plan.request, plan.days, today=TODAY)
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement
