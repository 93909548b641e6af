"""Plans that somebody watches or ends: what is told on the way, and what comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from regional_assets.model import Asset, Region
from routing import _watch
from routing.explain import explain_trip
from routing.itinerary import Excluded, Itinerary
from routing.plan import plan_trip
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)
WEEKEND = ["2026-12-05", "2026-12-06"]
ENDLESS = 10_000_000

MakeAsset = Callable[..., Asset]
Judge = Callable[[Region, TripRequest, Itinerary], None]


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plans be told as soon as they are found: tests are shorter than people are patient."""
    for name in ("_FIRST_S", "_APART_S", "_LEAST_WORK"):
        monkeypatch.setattr(_watch, name, 0)


def request(**fields: Any) -> TripRequest:
    return TripRequest.model_validate({"days": WEEKEND, "solver": {"iterations": 1_000}} | fields)


def explained(trip: Itinerary, region: Region) -> Itinerary:
    """Return a plan with an entry for every place that it leaves out: on the way, nobody is told why."""
    seen = {step.asset for day in trip.days for step in day.steps}
    entries = [
        Excluded(asset=asset.id, name=asset.name, code=None, proven=False, text=asset.name)
        for asset in region.assets
        if asset.id not in seen
    ]
    return trip.model_copy(update={"excluded": tuple(entries)})


def timeless(trip: Itinerary) -> dict[str, Any]:
    plain = trip.to_json()
    del plain["provenance"]["seconds"]
    return plain


@pytest.mark.usefixtures("told_at_once")
def test_watching_changes_no_plan(town: Region) -> None:
    """With listeners and a question that is never answered with yes, the itinerary is the same to the last field."""
    asked = request(alternatives=1)
    alone = plan_trip(town, asked, today=TODAY)
    heard: list[Itinerary] = []
    watched = plan_trip(town, asked, today=TODAY, on_plan=heard.append, should_stop=lambda: False)
    assert timeless(watched) == timeless(alone)
    assert heard


@pytest.mark.usefixtures("told_at_once")
def test_plans_told_get_better_and_keep_every_rule(town: Region, judge: Judge) -> None:
    """Each plan told is a whole one with its bound, worth more than the one before and no more than the last."""
    heard: list[Itinerary] = []
    final = plan_trip(town, request(), today=TODAY, on_plan=heard.append)
    values = [trip.objective for trip in heard]
    assert len(values) > 1
    assert values == sorted(set(values))
    assert values[-1] <= final.objective + 1e-9
    for trip in heard:
        judge(town, request(), explained(trip, town))
        assert trip.bound is not None
        assert trip.bound >= final.objective - 1e-9
        assert trip.gap is not None
        assert (trip.status, trip.provenance.limit, trip.excluded) == ("feasible", "stopped", ())


def test_short_searches_are_not_interrupted(town: Region) -> None:
    """A plan that is made at once is told once: as the answer."""
    heard: list[Itinerary] = []
    plan_trip(town, request(solver={"iterations": 50}), today=TODAY, on_plan=heard.append)
    assert heard == []


@pytest.mark.parametrize("limit", [{"iterations": ENDLESS}, {"time_limit_s": 600}], ids=["iterations", "seconds"])
def test_a_plan_that_is_ended_is_the_best_by_then(town: Region, judge: Judge, limit: dict[str, Any]) -> None:
    """It keeps every rule, says that it was stopped, and compares nothing that did not run to its end."""
    asked = request(solver=limit, alternatives=2)
    asked_times = 0

    def should_stop() -> bool:
        nonlocal asked_times
        asked_times += 1
        return asked_times > 6

    trip = plan_trip(town, asked, today=TODAY, should_stop=should_stop)
    judge(town, asked, trip)
    assert (trip.status, trip.provenance.limit) == ("feasible", "stopped")
    assert trip.bound is not None
    assert (trip.combination_effect, trip.alternatives) == (None, ())
    assert {place.asset for place in trip.excluded}


def test_the_search_for_alternatives_can_be_ended(town: Region) -> None:
    """Once the plan itself is found, its comparison stands and the other plans are left out."""
    done = 0.0

    def hear(share: float) -> None:
        nonlocal done
        done = share

    trip = plan_trip(town, request(alternatives=3), today=TODAY, on_progress=hear, should_stop=lambda: done > 0.25)
    assert trip.provenance.limit == "stopped"
    assert trip.combination_effect is not None
    assert len(trip.alternatives) < 3


@pytest.mark.usefixtures("told_at_once")
def test_a_long_proof_can_be_ended_and_the_plan_is_told_before(town: Region) -> None:
    """Before a proof of ten minutes begins, the plan is told; ended there, it keeps the cheap bound at least."""
    heard: list[Itinerary] = []
    searched = plan_trip(town, request(), today=TODAY)
    trip = plan_trip(
        town,
        request(solver={"iterations": 1_000, "proof_s": 600}),
        today=TODAY,
        on_plan=heard.append,
        should_stop=lambda: bool(heard) and heard[-1].objective >= searched.objective,
    )
    assert trip.provenance.limit == "stopped"
    assert trip.objective >= heard[-1].objective
    assert trip.bound is not None
    assert searched.bound is not None
    assert trip.bound <= searched.bound


@pytest.mark.usefixtures("told_at_once")
def test_no_plan_is_told_twice(town: Region) -> None:
    """Where further plans are looked for, the first is told before, but not again."""
    heard: list[Itinerary] = []
    plan_trip(town, request(alternatives=1), today=TODAY, on_plan=heard.append)
    told = [(trip.objective, trip.bound) for trip in heard]
    assert len(told) == len(set(told))


def test_a_listener_that_fails_ends_the_run(town: Region, told_at_once: None) -> None:
    """What it raises reaches the caller."""

    def fail(_: Itinerary) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        plan_trip(town, request(), today=TODAY, on_plan=fail)


def test_a_sampler_is_not_asked_after_the_end(town: Region) -> None:
    """Ended during the search before, a plan by a sampler is that of the search, and nothing was submitted."""
    asked = request(solver={"name": "qubo", "iterations": ENDLESS})
    trip = plan_trip(town, asked, today=TODAY, should_stop=lambda: True)
    assert (trip.status, trip.provenance.limit, trip.sampling) == ("feasible", "stopped", None)


def test_nothing_is_claimed_where_no_plan_was_found_in_time(make_asset: MakeAsset, make_region: Any) -> None:
    """Ended before any plan kept every wish, the answer is that none was found, not that there is none."""
    early = [make_asset(name, opening={"osm": "09:00-10:00"}) for name in ("one", "other")]
    asked = TripRequest.model_validate({"days": WEEKEND[:1], "must": ["one", "other"]})
    ended = plan_trip(make_region(*early), asked, today=TODAY, should_stop=lambda: True)
    assert (ended.status, ended.provenance.limit) == ("unsolved", "stopped")
    assert plan_trip(make_region(*early), asked, today=TODAY).status == "infeasible"


def test_explanations_found_by_then_come_back(town: Region) -> None:
    """Ended after the first place, its reason is there and the others are not."""
    trip = plan_trip(town, request(), today=TODAY)
    left_out = [place.asset for place in trip.excluded if place.code is None][:3]
    shares: list[float] = []
    reasons = explain_trip(
        town, trip, left_out, today=TODAY, on_progress=shares.append, should_stop=lambda: len(shares) == 1
    )
    assert [reason.asset for reason in reasons] == left_out[:1]
    assert shares == [pytest.approx(1 / 3)]
