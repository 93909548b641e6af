"""Trips by a sampler: told apart from the search, asked once, and refused before anything is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

import dimod
import numpy as np
import pytest
from pydantic import ValidationError

from regional_assets.errors import InputError
from regional_assets.model import Asset, CombinationRule, Region, VisitMinutes
from routing.explain import explain_trip
from routing.itinerary import Itinerary
from routing.plan import plan_trip
from routing.request import SolverChoice, TripRequest
from solvers.errors import SamplerError

TODAY = dt.date(2026, 11, 23)
WEEKEND = ["2026-12-05", "2026-12-06"]
MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]


class Counting(dimod.Sampler):
    """Return reads without any variable, and count how often that was asked for."""

    parameters: ClassVar[dict[str, Any]] = {"num_reads": []}
    properties: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.calls = 0

    def sample(self, bqm: dimod.BinaryQuadraticModel, num_reads: int = 1, **_: Any) -> dimod.SampleSet:
        self.calls += 1
        return dimod.SampleSet.from_samples_bqm((np.zeros((num_reads, len(bqm)), np.int8), list(bqm.variables)), bqm)


class Away(Counting):
    """Say that models leave the machine."""

    is_remote = True


@pytest.fixture
def region(make_asset: MakeAsset, make_region: MakeRegion) -> Region:
    """Return a town with more sights than two days hold, an inn, and a combination."""
    rule = CombinationRule.model_validate(
        {"id": "r", "left": {"asset": "a0"}, "right": {"asset": "a1"}, "bonus": 30, "reason": {"en": "because"}}
    )
    hours = VisitMinutes(min=120, typical=120, max=120)
    return make_region(
        *(make_asset(f"a{n}", lon=136.2 + 0.02 * n, appeal=90 - n, visit_minutes=hours) for n in range(9)),
        make_asset("soba", "food", meals=("lunch",)),
        make_asset("inn", "lodging", opening=None, price={"adult": 9000}),
        combinations=(rule,),
    )


def request(days: list[str] | None = None, **fields: Any) -> TripRequest:
    solver = {"name": "qubo", "iterations": 300, "reads": 20, **fields.pop("solver", {})}
    return TripRequest.model_validate({"days": days or WEEKEND, "solver": solver} | fields)


def test_the_itinerary_tells_what_sampler_and_repair_did(region: Region) -> None:
    """On two days the model's points are the trip's, the optimum is proven, and the same seed gives the same trip."""
    trip = plan_trip(region, request(), today=TODAY)
    told = trip.sampling
    assert told is not None
    assert trip.provenance.solver == "qubo"
    assert (told.sampler, told.model, told.reads, told.seed, told.is_reproducible) == ("sa", "routes", 20, 1, True)
    assert told.is_exact
    assert told.best_points is not None
    assert told.points == pytest.approx(told.best_points)
    assert trip.objective >= max(told.search_points, told.points or 0) - 1e-9
    assert trip.days == plan_trip(region, request(), today=TODAY).days
    assert Itinerary.model_validate_json(trip.model_dump_json()) == trip


def test_one_day_may_be_planned_by_starts(region: Region) -> None:
    """The other model answers in the same shape, and its points are an estimate; two days are refused."""
    trip = plan_trip(region, request(WEEKEND[:1], solver={"model": "day"}), today=TODAY)
    assert trip.sampling is not None
    assert trip.sampling.model == "day"
    assert not trip.sampling.is_exact
    with pytest.raises(InputError, match="day is for trips of one day"):
        plan_trip(region, request(solver={"model": "day"}), today=TODAY)


def test_a_sampler_handed_in_is_asked_once(region: Region) -> None:
    """Alternatives, the plan without bonuses and reasons are searched for; reads that are no plan are never shown."""
    sampler = Counting()
    trip = plan_trip(region, request(alternatives=1, solver={"reads": 1}), today=TODAY, sampler=sampler)
    assert sampler.calls == 1
    assert trip.sampling is not None
    assert trip.sampling.sampler == "Counting"
    assert trip.sampling.source in ("repair", "fallback")
    assert trip.sampling.raw_points is None or trip.sampling.raw_points < trip.sampling.search_points
    assert trip.combination_effect is not None
    assert len(trip.alternatives) == 1
    left_out = next(place.asset for place in trip.excluded if place.code is None)
    (why,) = explain_trip(region, trip, [left_out], today=TODAY)
    assert why.asset == left_out
    assert sampler.calls == 1


def test_a_better_plan_of_the_search_is_never_hidden(region: Region) -> None:
    """Where the plan shown is not the sampler's, ``source`` says so, and its points stay its own."""
    for seed in range(3):
        trip = plan_trip(
            region, request(solver={"seed": seed, "reads": 1, "iterations": 20}), today=TODAY, sampler=Counting()
        )
        told = trip.sampling
        assert told is not None
        if told.points is None or trip.objective > told.points + 1e-9:
            assert told.source == "fallback"
        else:
            assert told.source == "repair"


def test_samplers_that_cannot_be_used_are_refused(region: Region) -> None:
    """An unknown one, a remote one without permission, and one that a classical solver would never ask."""
    with pytest.raises(SamplerError, match="expected one of"):
        plan_trip(region, request(solver={"sampler": "dice"}), today=TODAY)
    away = Away()
    with pytest.raises(SamplerError, match="allow_remote"):
        plan_trip(region, request(), today=TODAY, sampler=away)
    assert away.calls == 0
    plan_trip(region, request(), today=TODAY, sampler=away, allow_remote=True)
    assert away.calls > 0
    classical = TripRequest.model_validate({"days": WEEKEND})
    for words in ({"sampler": away}, {"allow_remote": True}):
        with pytest.raises(InputError, match=r"solver\.name"):
            plan_trip(region, classical, today=TODAY, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [("sampler", "tabu"), ("reads", 5), ("model", "day")])
def test_a_classical_solver_takes_no_sampler(field: str, value: object) -> None:
    """What only a sampler knows is refused with other solvers, but a request read back with all defaults is not."""
    with pytest.raises(ValidationError, match=r"only with the solver\.name qubo"):
        SolverChoice.model_validate({"name": "cp-sat", field: value})
    assert SolverChoice.model_validate(SolverChoice(name="cp-sat").model_dump()).name == "cp-sat"
