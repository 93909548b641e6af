"""Trips as packing problems, and what their variables stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from regional_assets.errors import InputError
from regional_assets.model import Asset, Region
from routing.errors import NothingToChooseError
from routing.itinerary import Itinerary
from routing.packing import PackedTrip, RouteMeaning, StartMeaning, pack_trip
from routing.plan import plan_from_reads, plan_trip
from routing.request import TripRequest
from solvers.qubo.samplers.registry import sampler_of
from solvers.qubo.submission import draw_reads, submission_of
from solvers.qubo.trips import PENALTY_SCALES_OF

TODAY = dt.date(2026, 11, 23)
SATURDAY, SUNDAY = "2026-12-05", "2026-12-06"
MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]


@pytest.fixture
def town(make_asset: MakeAsset, make_region: MakeRegion) -> Region:
    """Return four places and an inn."""
    places = [
        make_asset(name, lon=136.2 + 0.01 * place) for place, name in enumerate(("mill", "kiln", "shrine", "fort"))
    ]
    return make_region(*places, make_asset("inn", "lodging", opening=None, lon=136.22))


def requested(days: list[str], *, solver: dict[str, Any] | None = None, **fields: Any) -> TripRequest:
    limit = {"iterations": 300} if solver is None else solver
    return TripRequest.model_validate({"days": days, "solver": {"name": "qubo", **limit}, **fields})


def pack(region: Region, days: list[str], **fields: Any) -> PackedTrip:
    return pack_trip(region, requested(days, **fields), today=TODAY)


def test_routes_are_told_with_visits_and_the_inn_of_the_night(town: Region) -> None:
    """Each variable names its day, its places in the order of their starts, and where the night is spent."""
    packed = pack(town, [SATURDAY, SUNDAY])
    assert len(packed.meanings) == packed.problem.items
    assert {group: meaning.date for group, meaning in by_group(packed)} == {
        0: dt.date(2026, 12, 5),
        1: dt.date(2026, 12, 6),
    }
    for _, meaning in by_group(packed):
        starts = [visit.start for visit in meaning.visits]
        assert starts == sorted(starts)
        assert all(start.date() == meaning.date for start in starts)
        assert meaning.inn == ("inn" if meaning.date.day == 5 else None)
        assert (meaning.inn_name is None) == (meaning.inn is None)


def by_group(packed: PackedTrip) -> list[tuple[int, RouteMeaning]]:
    routes = [meaning for meaning in packed.meanings if isinstance(meaning, RouteMeaning)]
    assert len(routes) == len(packed.meanings)
    return list(zip(packed.problem.group.tolist(), routes, strict=True))


def test_starts_of_one_day_are_told_with_their_place(town: Region) -> None:
    """Each variable is a place and a time within its hours; a group is one place."""
    packed = pack(town, [SATURDAY], solver={"iterations": 300, "model": "day"})
    places: dict[int, set[str]] = {}
    for group, meaning in zip(packed.problem.group.tolist(), packed.meanings, strict=True):
        assert isinstance(meaning, StartMeaning)
        assert dt.time(9) <= meaning.start.time() <= dt.time(17)
        places.setdefault(group, set()).add(meaning.asset)
    assert sorted(map(len, places.values())) == [1] * 4


def test_the_same_request_is_packed_the_same_way_each_time(town: Region) -> None:
    """Numbers and meanings are equal, so that samples can be read back later."""
    first, second = pack(town, [SATURDAY, SUNDAY]), pack(town, [SATURDAY, SUNDAY])
    assert first.meanings == second.meanings
    assert np.array_equal(first.problem.value, second.problem.value)


def test_a_search_limited_in_seconds_is_refused(town: Region) -> None:
    """It would make another model each time."""
    with pytest.raises(InputError, match="limited in seconds"):
        pack(town, [SATURDAY], solver={"time_limit_s": 1})


def test_a_classical_request_is_refused(town: Region) -> None:
    """Only qubo has a model."""
    with pytest.raises(InputError, match="only qubo has a model"):
        pack(town, [SATURDAY], solver={"name": "portfolio"})


@pytest.mark.parametrize("model", ["routes", "day"])
def test_reads_drawn_elsewhere_make_the_plan_of_the_request(town: Region, model: str) -> None:
    """Packing, drawing and reading back is planning: every word of the itinerary but how long it took."""
    request = requested([SATURDAY], solver={"iterations": 300, "reads": 6, "seed": 4, "model": model})
    packed = pack_trip(town, request, today=TODAY)
    submission, scales = submission_of(packed.problem, seed=4), PENALTY_SCALES_OF[request.solver.model]
    reads = draw_reads(submission, sampler_of("sa"), reads=6, seed=4, penalty_scales=scales)
    assert timeless(plan_from_reads(packed, reads)) == timeless(plan_trip(town, request, today=TODAY))


def timeless(itinerary: Itinerary) -> dict[str, Any]:
    plain = itinerary.to_json()
    plain["sampling"]["seconds"] = plain["provenance"]["seconds"] = 0
    return plain


@pytest.mark.parametrize("fields", [{"avoid": ["mill", "kiln", "shrine", "fort"]}, {"must": ["mill"], "budget_jpy": 0}])
def test_a_trip_of_which_nothing_can_be_planned_has_no_model(
    make_asset: MakeAsset, make_region: MakeRegion, town: Region, fields: dict[str, Any]
) -> None:
    """What stands in the way is told in both languages."""
    dear = make_region(make_asset("mill", price={"adult": 500}), *town.assets[1:])
    with pytest.raises(NothingToChooseError) as refusal:
        pack(dear, [SATURDAY], **fields)
    assert all(message.ja and message.en for message in refusal.value.messages)
