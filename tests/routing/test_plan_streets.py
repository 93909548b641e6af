"""Plans on street networks: legs follow streets, and wheels avoid steps."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point
from shapely.ops import unary_union

from regional_assets.errors import InputError
from regional_assets.model import Asset, Name, Region, Source, StreetSource
from regional_assets.readers import read_osm
from routing.itinerary import Itinerary, Step
from routing.plan import load_streets, plan_trip
from routing.request import TripRequest
from routing.streets import StreetNetwork, build_from_edges, build_from_osm, save_network

TODAY = dt.date(2026, 11, 23)
LAT = 35.0
EAST = 100 / (111_195 * math.cos(math.radians(LAT)))
NORTH = 100 / 111_195

MakeAsset = Callable[..., Asset]
MakeRegion = Callable[..., Region]


def at(x: float, y: float) -> tuple[float, float]:
    """Return lon and lat of a point in blocks of 100 metres."""
    return 135 + x * EAST, LAT + y * NORTH


def town() -> StreetNetwork:
    """Return a street of steps straight from A to B, and a detour around it without steps."""
    lines = [LineString([at(0, 0), at(4, 0)]), LineString([at(0, 0), at(0, 3), at(4, 3), at(4, 0)])]
    return build_from_edges(gpd.GeoDataFrame({"highway": ["steps", "footway"]}, geometry=lines, crs=4326), "walk")


def walk(region: Region, network: StreetNetwork | None, **party: object) -> Itinerary:
    request = TripRequest.model_validate(
        {
            "days": ["2026-12-05"],
            "mode": "walk",
            "meals": {"lunch": None},
            "party": party,
            "access_unknown": "allow",
            "solver": {"iterations": 300},
        }
    )
    return plan_trip(region, request, today=TODAY, networks={} if network is None else {"walk": network})


def legs(trip: Itinerary) -> list[Step]:
    return [step for day in trip.days for step in day.steps if step.type == "travel"]


@pytest.fixture
def two_ends(make_asset: MakeAsset, make_region: MakeRegion) -> Region:
    """Return a region with one sight at each end of the steps."""
    ends = {"a": at(0, 0), "b": at(4, 0)}
    return make_region(*(make_asset(name, lon=lon, lat=lat) for name, (lon, lat) in ends.items()))


def test_walkers_take_the_steps(two_ends: Region) -> None:
    """On foot the leg is the straight street of steps, on streets, not estimated."""
    (leg,) = legs(walk(two_ends, town()))
    assert leg.estimated is False
    assert leg.distance_m == pytest.approx(400, abs=3)


@pytest.mark.parametrize("need", ["wheelchair", "stroller"])
def test_wheels_go_around_the_steps(two_ends: Region, need: str) -> None:
    """With a wheelchair or a stroller the leg is the detour, and its line follows it."""
    (leg,) = legs(walk(two_ends, town(), needs=[need]))
    assert leg.distance_m == pytest.approx(1000, abs=5)
    assert leg.geometry is not None
    assert max(lat for _, lat in leg.geometry) == pytest.approx(at(0, 3)[1], abs=1e-5)


def test_a_place_off_the_streets_is_reached_by_an_estimate(make_asset: MakeAsset, make_region: MakeRegion) -> None:
    """A sight two kilometres from the nearest street still enters the plan, and its leg is flagged."""
    lon, lat = at(0, -20)
    region = make_region(make_asset("a", lon=135.0, lat=LAT), make_asset("far", lon=lon, lat=lat))
    (leg,) = legs(walk(region, town()))
    assert leg.estimated is True


def test_a_damaged_street_file_says_how_to_mend_it(tmp_path: Path, two_ends: Region) -> None:
    """A network that cannot be read is an error with the command that builds it again, never an empty answer."""
    region = two_ends.model_copy(
        update={
            "folder": tmp_path,
            "streets": (StreetSource(mode="walk", file="walk.npz", source=Source(name="test")),),
        }
    )
    save_network(town(), tmp_path / "walk.npz")
    loaded = load_streets(region, "walk")
    assert loaded is not None
    assert loaded.edge_count == town().edge_count
    (tmp_path / "walk.npz").write_bytes(b"not a network")
    with pytest.raises(InputError, match="meguri region streets town"):
        load_streets(region, "walk")
    assert load_streets(region, "car") is None


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "files",
    [
        ("nara/osm/Todaiji.osm", "nara/osm/Kofukuji.osm"),
        ("wakayama/osm/WakayamaCastle.osm",),
        ("kamakura/osm/TsurugaokaHachimanGu.osm", "kamakura/osm/Kenchoji.osm"),
        ("islands/osm/KozuShima.osm",),
    ],
)
def test_real_days_follow_real_streets(shared: Path, files: tuple[str, ...]) -> None:
    """On real extracts every street leg's line lies on the streets of the network, and its length is the one told."""
    paths = [shared / "data" / file for file in files]
    network = build_from_osm(paths, "walk")
    region = Region(id="real", name=Name(en="Real"), assets=read_osm(paths).assets)
    trip = walk(region, network)
    streets = unary_union(
        [
            LineString(network.line_coordinates[begin:end] * 1e-7)
            for begin, end in zip(network.line_start[:-1], network.line_start[1:], strict=True)
        ]
    ).buffer(3e-6)
    on_streets = [leg for leg in legs(trip) if not leg.estimated and leg.distance_m]
    assert len(on_streets) >= 3
    for leg in on_streets:
        assert leg.geometry is not None
        # The first and last stretch lead from the door to the street.
        inner = [Point(point) for point in leg.geometry[1:-1]]
        assert all(streets.covers(point) for point in inner)
        assert _length_m(leg.geometry) == pytest.approx(leg.distance_m, rel=0.01, abs=3)


def _length_m(line: tuple[tuple[float, float], ...]) -> float:
    total = 0.0
    for (lon1, lat1), (lon2, lat2) in itertools.pairwise(line):
        x = math.radians(lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
        total += 6_371_009 * math.hypot(x, math.radians(lat2 - lat1))
    return total
