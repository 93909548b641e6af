"""Trips as packing problems, and what their variables stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest

from regional_assets.errors import InputError
from regional_assets.model import Asset, Region
from routing.errors import NothingToChooseError
from routing.packing import PackedTrip, RouteMeaning, StartMeaning, pack_trip
from routing.request import TripRequest

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


def pack(region: Region, days: list[str], model: Literal["routes", "day"] = "routes", **fields: Any) -> PackedTrip:
    request = {"days": days, "solver": {"iterations": 300}} | fields
    return pack_trip(region, TripRequest.model_validate(request), model=model, today=TODAY)


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
    packed = pack(town, [SATURDAY], "day")
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


def test_a_day_model_of_two_days_is_refused(town: Region) -> None:
    """The message names the model and what it takes."""
    with pytest.raises(InputError, match="accepted is a trip of 1 day"):
        pack(town, [SATURDAY, SUNDAY], "day")


@pytest.mark.parametrize("fields", [{"avoid": ["mill", "kiln", "shrine", "fort"]}, {"must": ["mill"], "budget_jpy": 0}])
def test_a_trip_of_which_nothing_can_be_planned_has_no_model(
    make_asset: MakeAsset, make_region: MakeRegion, town: Region, fields: dict[str, Any]
) -> None:
    """What stands in the way is told in both languages."""
    dear = make_region(make_asset("mill", price={"adult": 500}), *town.assets[1:])
    with pytest.raises(NothingToChooseError) as refusal:
        pack(dear, [SATURDAY], **fields)
    assert all(message.ja and message.en for message in refusal.value.messages)
