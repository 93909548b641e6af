"""Promises that hold for every region and every request, checked on made-up towns."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regional_assets.model import Asset, CombinationRule, Kind, Name, Region, Source, VisitMinutes
from routing.itinerary import Itinerary
from routing.judge import HandMadeDay, HandMadeStop, Judgement, by_hand, judge_trip
from routing.plan import plan_trip
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)
Judge = Callable[[Region, TripRequest, Itinerary], None]

HOURS = (
    None,
    {"osm": "09:00-17:00"},
    {"osm": "10:00-12:00,13:00-16:00"},
    {"osm": "09:00-17:00", "last_admission_minutes": 60},
    {"osm": "11:00-14:00,17:00-21:00", "closed": [{"type": "weekly", "weekdays": ["sun"], "if_holiday": "closed"}]},
    {
        "osm": "Sa-Su 09:30-16:30",
        "closed": [{"type": "weekly", "weekdays": ["sat"], "nth": [1], "if_holiday": "closed"}],
    },
    {"osm": "00:00-24:00"},
    {"osm": "09:00-17:00", "closed": [{"type": "annual", "first": "12-01", "last": "12-31"}]},
)


@st.composite
def assets(draw: st.DrawFn, index: int) -> Asset:
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.HUB]))
    least, typical, most = sorted(draw(st.tuples(*[st.integers(5, 120)] * 3)))
    adult = draw(st.sampled_from([None, 0, 500, 2000, 9000]))
    fields: dict[str, Any] = {
        "opening": draw(st.sampled_from(HOURS)),
        "visit_minutes": VisitMinutes(min=least, typical=typical, max=most),
        "price": {"adult": adult, "child": None if adult is None else adult // 2},
        "appeal": draw(st.integers(0, 100)),
        "tags": draw(st.sampled_from([(), ("washi",), ("soba",), ("washi", "soba")])),
        "serves": draw(st.sampled_from([(), ("soba",)])),
    }
    if kind is Kind.FOOD:
        fields["meals"] = draw(st.sampled_from([(), ("lunch",), ("cafe",), ("lunch", "dinner"), ("dinner",)]))
    if kind is Kind.EVENT:
        fields["dates"] = draw(st.sampled_from([(), ({"first": "2026-12-06", "last": "2026-12-06"},)]))
    if draw(st.booleans()) and kind is Kind.CRAFT:
        fields["slots"] = ({"start": "10:00", "capacity": 8}, {"start": "13:30", "weekdays": ["sat"]})
    if draw(st.integers(0, 9)) > 0:
        fields["lon"], fields["lat"] = draw(st.floats(136.0, 136.4)), draw(st.floats(35.8, 36.1))
    return Asset(
        id=f"{kind.value}-{index}", kind=kind, name=Name(en=f"{kind} {index}"), sources=(Source(name="test"),), **fields
    )


@st.composite
def regions(draw: st.DrawFn) -> Region:
    count = draw(st.integers(0, 14))
    rules = (
        CombinationRule.model_validate(
            {
                "id": "craft-food",
                "left": {"kind": "craft"},
                "right": {"kind": "food"},
                "bonus": 20,
                "same_day": draw(st.booleans()),
                "reason": {"en": "eat from the bowl you saw made"},
            }
        ),
        CombinationRule.model_validate(
            {
                "id": "washi-soba",
                "left": {"tag": "washi"},
                "right": {"serves": "soba"},
                "bonus": 10,
                "single_asset": draw(st.booleans()),
                "reason": {"en": "paper and noodles"},
            }
        ),
    )
    return Region(
        id="town",
        name=Name(en="Town"),
        assets=tuple(draw(assets(index)) for index in range(count)),
        combinations=rules,
    )


@st.composite
def trips(draw: st.DrawFn) -> tuple[Region, TripRequest]:
    region = draw(regions())
    first = dt.date(2026, 12, 4) + dt.timedelta(days=draw(st.integers(0, 3)))
    days = [
        {
            "date": first + dt.timedelta(days=offset),
            "after": draw(st.sampled_from(["08:00", "09:00", "12:30"])),
            "before": draw(st.sampled_from(["16:00", "18:00", "20:00"])),
        }
        for offset in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        days[0]["start"] = {"lon": 136.2, "lat": 35.95}
        days[-1]["end"] = {"lon": 136.1, "lat": 35.9}
    ids = [asset.id for asset in region.assets if asset.kind is not Kind.LODGING]
    return region, TripRequest.model_validate(
        {
            "days": days,
            "mode": draw(st.sampled_from(["car", "bicycle", "walk"])),
            "pace": draw(st.sampled_from(["relaxed", "normal", "busy"])),
            "party": {"adults": draw(st.integers(1, 3)), "children": draw(st.integers(0, 2))},
            "lodging": draw(st.sampled_from(["choose", "none"])),
            "budget_jpy": draw(st.sampled_from([None, 0, 5000, 40000])),
            "must": draw(st.lists(st.sampled_from(ids), max_size=1)) if ids else [],
            "limits": draw(st.sampled_from([{}, {"per_kind": {"culture": 1, "food": 1}}, {"walk_m_per_day": 8000}])),
            "meals": draw(st.sampled_from([{}, {"lunch": None}, {"lunch": {"between": ["11:30", "13:30"]}}])),
            "hours_unknown": draw(st.sampled_from(["assume", "refuse"])),
            "interests": draw(st.sampled_from([{}, {"craft": 1.0, "food": 0.4}])),
            "solver": {"iterations": 300, "seed": draw(st.integers(0, 3))},
        }
    )


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(trips())
def test_every_itinerary_keeps_hours_clock_money_and_limits(judge: Judge, trip: tuple[Region, TripRequest]) -> None:
    """No visit lies outside its hours, twice, or after the day's end; sums recomputed equal sums reported."""
    region, request = trip
    answer = plan_trip(region, request, today=TODAY)
    if answer.status in ("infeasible", "unsolved"):
        assert answer.conflicts
        assert not answer.days
        if {conflict.code for conflict in answer.conflicts} == {"NOTHING_TO_VISIT"}:
            sights = {asset.id for asset in region.assets if asset.kind not in (Kind.LODGING, Kind.HUB)}
            assert {entry.asset for entry in answer.excluded if entry.proven} == sights
        else:
            assert request.must or request.limits.walk_m_per_day is not None
        return
    judge(region, request, answer)


SEEN_BY_BOTH = {
    *("AVOIDED", "VISITED_TWICE", "CLOSED", "HOURS_UNKNOWN", "OUTSIDE_HOURS", "SLOT_MISSED", "STAY_TOO_SHORT"),
    *("DAY_TOO_LONG", "MUST_MISSING", "OVER_BUDGET", "OVER_WALKING_LIMIT", "OVER_KIND_LIMIT"),
}
"""Violations that the independent judge of these tests would find as well."""


@st.composite
def plans_by_hand(draw: st.DrawFn) -> tuple[Region, TripRequest, list[HandMadeDay]]:
    """Draw a trip, and a plan of it that nobody thought about."""
    region, request = draw(trips())
    if draw(st.integers(0, 2)):
        # Wishes that nobody thought of keep nearly every such plan from being a good one.
        request = request.model_copy(update={"budget_jpy": None, "must": (), "hours_unknown": "assume"})
    inns = [asset.id for asset in region.assets if asset.kind is Kind.LODGING]
    sights = [asset.id for asset in region.assets if asset.kind is not Kind.LODGING and asset.has_position]
    places = draw(st.lists(st.sampled_from(sights), unique=draw(st.integers(0, 4)) > 0, max_size=5)) if sights else []
    times = st.sampled_from([*[None] * 6, "09:30", "11:00", "12:00", "13:30", "15:15"])
    days, last = [], len(request.days) - 1
    for index, day in enumerate(request.days):
        count = min(3, len(places)) if index == last else draw(st.integers(0, min(3, len(places))))
        stops = tuple(HandMadeStop(asset=asset, arrive=draw(times)) for asset in places[:count])
        stay = draw(st.sampled_from(inns or [None])) if index < last and draw(st.integers(0, 4)) else None
        days.append(HandMadeDay(date=day.date, stops=stops, stay=stay))
        places = places[count:]
    return region, request, days


def seen_by_the_other_judge(judge: Judge, region: Region, request: TripRequest, judgement: Judgement) -> bool:
    """Return whether the independent judge finds a fault in the days that came of a plan."""
    visited = {step.asset for day in judgement.days for step in day.steps}
    left_out = [SimpleNamespace(asset=asset.id) for asset in region.assets if asset.id not in visited]
    shown = {name: getattr(judgement, name) for name in ("days", "totals", "terms", "objective")}
    try:
        judge(region, request, SimpleNamespace(**shown, excluded=left_out))  # type: ignore[arg-type]
    except AssertionError:
        return True
    return False


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plans_by_hand())
def test_both_judges_of_a_plan_by_hand_agree(judge: Judge, plan: tuple[Region, TripRequest, list[HandMadeDay]]) -> None:
    """Whatever is planned, what is called free of violations is so to an independent judge, and the other way round."""
    region, request, days = plan
    judgement = judge_trip(region, request, days, today=TODAY)
    assert judgement.feasible == (judgement.violations == ())
    codes = {violation.code for violation in judgement.violations}
    if judgement.feasible or codes <= SEEN_BY_BOTH:
        assert seen_by_the_other_judge(judge, region, request, judgement) == bool(codes)
    named = {day.date: day for day in days}
    for finding in (*judgement.violations, *judgement.warnings):
        assert (finding.amount is None) == (finding.unit is None)
        assert finding.amount is None or finding.amount > 0
        if finding.stop is not None:
            assert finding.date is not None
            assert named[finding.date].stops[finding.stop].asset == finding.asset


def test_both_judges_agree_on_good_plans_too(judge: Judge, town: Region) -> None:
    """Short random plans of a friendlier town: many break no rule, and an independent judge says so as well."""
    request = TripRequest.model_validate({"days": ["2026-12-05", "2026-12-06"], "meals": {"lunch": None}})
    sights = [asset.id for asset in town.assets if asset.kind is not Kind.LODGING]
    dice, good = random.Random(5), 0
    for _ in range(60):
        places = iter(dice.sample(sights, 4))
        days = [
            HandMadeDay(
                date=day.date,
                stops=tuple(HandMadeStop(asset=next(places), arrive=dice.choice([None, "11:30"])) for _ in range(2)),
                stay="inn-1" if day is request.days[0] else None,
            )
            for day in request.days
        ]
        judgement = judge_trip(town, request, days, today=TODAY)
        good += judgement.feasible
        if judgement.feasible or {violation.code for violation in judgement.violations} <= SEEN_BY_BOTH:
            assert seen_by_the_other_judge(judge, town, request, judgement) != judgement.feasible
    assert good > 10


def without_times(stop: HandMadeStop) -> HandMadeStop:
    return stop.model_copy(update={"arrive": None, "depart": None})


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(trips())
def test_plans_of_the_planner_are_judged_free_of_violations(trip: tuple[Region, TripRequest]) -> None:
    """Handed back by hand, a plan keeps every rule and its points; without its times, it still keeps every rule."""
    region, request = trip
    answer = plan_trip(region, request, today=TODAY)
    if not answer.days:
        return
    plan = by_hand(request, answer.days)
    judgement = judge_trip(region, request, plan.days, today=TODAY)
    assert (judgement.violations, judgement.feasible) == ((), True)
    assert {warning.code for warning in judgement.warnings} <= {"LUNCH_MISSING"}
    assert judgement.terms == answer.terms
    assert judgement.objective == answer.objective
    assert judgement.days == answer.days
    assert (judgement.totals, judgement.combinations) == (answer.totals, answer.combinations)
    assert judgement.assumed == tuple(fact for fact in answer.assumed if fact.field != "lunch")
    untimed = [day.model_copy(update={"stops": tuple(map(without_times, day.stops))}) for day in plan.days]
    assert judge_trip(region, request, untimed, today=TODAY).violations == ()


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(trips())
def test_same_seed_and_iterations_give_the_same_plan(trip: tuple[Region, TripRequest]) -> None:
    """A run limited by iterations reproduces exactly."""
    region, request = trip
    first, second = (plan_trip(region, request, today=TODAY).to_json() for _ in range(2))
    for answer in (first, second):
        del answer["provenance"]["seconds"]
    assert first == second
