"""The solvers that a request may name: one shape of answer, judged by the same rules, and nothing silently left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from regional_assets.model import Asset, CombinationRule, Region, VisitMinutes
from routing.explain import explain_trip
from routing.itinerary import Itinerary
from routing.plan import plan_trip
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)
SATURDAY = "2026-12-05"
SUNDAY = "2026-12-06"
MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]

LIMITS: dict[str, dict[str, Any]] = {
    "portfolio": {"iterations": 500},
    "ruin-and-recreate": {"iterations": 500},
    "cp-sat": {"time_limit_s": 5},
    "or-tools-routing": {"time_limit_s": 0.3},
    "qubo": {"iterations": 500, "reads": 20},
}


@pytest.fixture
def region(make_asset: MakeAsset, make_region: MakeRegion) -> Region:
    """Return a town with sights, a restaurant, two inns and a combination."""
    rule = CombinationRule.model_validate(
        {"id": "r", "left": {"asset": "a0"}, "right": {"asset": "a1"}, "bonus": 30, "reason": {"en": "because"}}
    )
    return make_region(
        *(make_asset(f"a{index}", lon=136.2 + 0.02 * index, price={"adult": 500}) for index in range(5)),
        make_asset("soba", "food", meals=("lunch",), price={"adult": 1000}),
        make_asset("near", "lodging", opening=None, price={"adult": 9000}),
        make_asset("far", "lodging", opening=None, price={"adult": 9000}, lon=136.6),
        combinations=(rule,),
    )


def plan(region: Region, solver: str, days: list[Any] | None = None, **fields: Any) -> tuple[TripRequest, Itinerary]:
    """Plan two days with one of the solvers."""
    wishes = {"days": days or [SATURDAY, SUNDAY], "solver": {"name": solver, **LIMITS[solver]}} | fields
    request = TripRequest.model_validate(wishes)
    return request, plan_trip(region, request, today=TODAY)


def remarks(trip: Itinerary) -> list[str]:
    return [fact.text.in_("en") for fact in trip.assumed if fact.field == "solver"]


@pytest.mark.parametrize("solver", LIMITS)
def test_every_solver_answers_in_the_same_shape(
    region: Region, judge: Callable[[Region, TripRequest, Itinerary], None], solver: str
) -> None:
    """Lodging, lunch, budget and a wanted place are kept, whoever searches; solver and bound are named."""
    request, trip = plan(region, solver, budget_jpy=30_000, must=["a3"], limits={"per_kind": {"culture": 2}})
    judge(region, request, trip)
    assert trip.status in ("feasible", "optimal")
    assert trip.provenance.solver == solver
    assert trip.days[0].steps[-1].type == "stay"
    assert trip.bound is not None
    assert trip.bound >= trip.objective
    best = plan(region, "portfolio", budget_jpy=30_000, must=["a3"], limits={"per_kind": {"culture": 2}})[1]
    assert trip.bound >= best.objective
    assert trip.objective >= 0.7 * best.objective


def test_what_the_routing_library_does_not_know_is_said(region: Region) -> None:
    """It knows no combinations and chooses no inns: both are told, in both languages; its limit is named."""
    _, trip = plan(region, "or-tools-routing")
    told = [fact for fact in trip.assumed if fact.field == "solver"]
    assert len(told) == 2
    assert "combinations" in remarks(trip)[0]
    assert "inns" in remarks(trip)[1]
    assert all(fact.asset is None and not (fact.text.ja or "").isascii() for fact in told)
    assert trip.combination_effect is None
    assert trip.provenance.limit == "seconds"
    # The nearer of two equal inns.
    assert trip.days[0].steps[-1].asset == "near"


def test_nothing_is_said_where_nothing_was_left_out(
    region: Region, make_asset: MakeAsset, make_region: MakeRegion
) -> None:
    """A day trip without combinations is the whole problem for the routing library; the engine always knows all."""
    bare = make_region(make_asset("a"), make_asset("b", lon=136.3))
    assert remarks(plan(bare, "or-tools-routing", [SATURDAY])[1]) == []
    # One inn, given by the request, is no choice.
    assert all("inns" not in words for words in remarks(plan(region, "or-tools-routing", lodging="far")[1]))
    assert remarks(plan(region, "portfolio")[1]) == []


def test_combinations_are_judged_though_not_searched(region: Region) -> None:
    """A bonus earned by chance counts, and the points add up."""
    _, trip = plan(region, "or-tools-routing")
    assert [made.rule for made in trip.combinations] == ["r"]
    assert sum(trip.terms.values()) == pytest.approx(trip.objective)


@pytest.mark.parametrize("solver", ["cp-sat", "or-tools-routing"])
def test_a_limit_that_a_solver_does_not_know_is_refused(solver: str) -> None:
    """Iterations are not taken in silence by solvers that count none."""
    with pytest.raises(ValidationError, match=f"{solver} knows no iterations \\(given: 500\\)"):
        TripRequest.model_validate({"days": [SATURDAY], "solver": {"name": solver, "iterations": 500}})


@pytest.mark.parametrize("solver", ["ruin-and-recreate", "or-tools-routing"])
def test_alternatives_and_reasons_come_from_the_solver_named(
    make_asset: MakeAsset, make_region: MakeRegion, solver: str
) -> None:
    """Other plans differ, and a place left out is forced in, with any of them."""
    hour = VisitMinutes(min=60, typical=60, max=60)
    region = make_region(*(make_asset(f"a{index}", appeal=90 - index, visit_minutes=hour) for index in range(6)))
    day = {"date": SATURDAY, "after": "10:00", "before": "12:30"}
    fields: dict[str, Any] = {"alternatives": 1, "meals": {"lunch": None}}
    _, trip = plan(region, solver, [day], **fields)
    assert len(trip.alternatives) == 1
    assert trip.alternatives[0].distance >= 0.4
    (why,) = explain_trip(region, trip, ["a5"], today=TODAY)
    assert why.code == "DISPLACED"
    assert len(why.displaces) == 1


def test_wishes_that_cannot_be_kept_together_are_no_plan(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """Two bookings at one time: no solver passes anything off as a plan."""
    region = make_region(make_asset("a"), make_asset("b", lon=136.4))
    pins = [{"asset": asset, "arrive": f"{SATURDAY}T10:00"} for asset in ("a", "b")]
    for solver in LIMITS:
        _, trip = plan(region, solver, [SATURDAY], pins=pins)
        assert trip.status in ("infeasible", "unsolved")
        assert trip.conflicts
        assert not trip.days
