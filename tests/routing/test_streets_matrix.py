"""Travel tables on towns where the answer is known by hand."""

from __future__ import annotations

import math
from functools import cache

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from routing.streets import UNREACHABLE, StreetNetwork, build_from_edges, estimate_matrix, travel_matrix
from routing.streets._sphere import METRES_PER_DEGREE, great_circle_m

WALK = 4.5 / 3.6
LAT = 35.0
# Degrees of 100 metres each way.
EAST = 100 / (METRES_PER_DEGREE * math.cos(math.radians(LAT)))
NORTH = 100 / METRES_PER_DEGREE


def at(x: float, y: float) -> tuple[float, float]:
    """Return lon and lat of a point ``100 x`` metres east and ``100 y`` metres north of the town's corner."""
    return 135 + x * EAST, LAT + y * NORTH


def layer(*streets: list[tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    """Return a layer of streets given in blocks of 100 metres."""
    lines = [LineString([at(*point) for point in street]) for street in streets]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=4326)


def grid(blocks: int) -> gpd.GeoDataFrame:
    """Return a town of square blocks."""
    across = [[(x, y), (x + 1, y)] for x in range(blocks) for y in range(blocks + 1)]
    up = [[(x, y), (x, y + 1)] for x in range(blocks + 1) for y in range(blocks)]
    return layer(*across, *up)


@cache
def grid_town() -> StreetNetwork:
    """Return a grid town of eight by eight blocks for walkers."""
    return build_from_edges(grid(8), "walk")


@pytest.fixture(scope="module")
def town() -> StreetNetwork:
    """Return the grid town."""
    return grid_town()


def places(*points: tuple[float, float]) -> tuple[list[float], list[float]]:
    """Return lons and lats of points given in blocks."""
    lon, lat = zip(*(at(*point) for point in points), strict=True)
    return list(lon), list(lat)


def line_length(line: np.ndarray) -> float:
    """Return the length of a drawn line in metres."""
    return float(great_circle_m(*line[:-1].T, *line[1:].T).sum())


def test_grid_town_gives_manhattan_distances(town: StreetNetwork) -> None:
    """On a grid the way between crossings is the sum of blocks across and up."""
    points = [(0, 0), (8, 8), (3, 5), (7, 1)]
    table = travel_matrix(town, *places(*points))
    blocks = np.array([[abs(a - c) + abs(b - d) for c, d in points] for a, b in points])
    np.testing.assert_allclose(table.metres, 100 * blocks, atol=1)
    np.testing.assert_allclose(table.seconds, 100 * blocks / WALK, atol=2)
    assert not table.estimated.any()
    assert table.snapped.all()


def test_places_between_crossings_go_the_nearer_way_round(town: StreetNetwork) -> None:
    """A door in the middle of a block reaches the parallel street by whichever end is nearer."""
    table = travel_matrix(town, *places((2.3, 4), (2.4, 5)))
    # 30 m back to the crossing, 100 m up, 40 m on; the other way would be 70 + 100 + 60.
    assert table.metres[0, 1] == 170
    assert line_length(table.path(0, 1)) == pytest.approx(170, abs=1)


def test_places_on_the_same_street_do_not_leave_it(town: StreetNetwork) -> None:
    """Two doors in one block are as far apart as they stand."""
    table = travel_matrix(town, *places((2.2, 4), (2.9, 4)))
    assert table.metres.tolist() == [[0, 70], [70, 0]]
    assert table.path(1, 0) == pytest.approx(np.array([at(2.9, 4), at(2.2, 4)]), abs=1e-6)


def test_walk_from_door_to_street_counts_at_both_ends(town: StreetNetwork) -> None:
    """Doors 20 and 30 metres off the street add 50 metres."""
    table = travel_matrix(town, *places((2.5, 4.2), (5.5, 4.3)))
    assert table.metres[0, 1] == 350
    assert table.seconds[0, 1] == pytest.approx(350 / WALK, abs=2)
    np.testing.assert_allclose(table.snapping.distance_m, [20, 30], atol=0.5)
    assert line_length(table.path(0, 1)) == pytest.approx(350, abs=2)


def test_place_far_from_streets_travels_by_the_estimate(town: StreetNetwork) -> None:
    """What does not snap is reported with its distance, estimated, and drawn straight."""
    lon, lat = places((0, 0), (4, 4), (20, 0))
    table = travel_matrix(town, lon, lat, max_snap_m=300)
    assert table.snapped.tolist() == [True, True, False]
    assert table.snapping.distance_m[2] == pytest.approx(1200, abs=1)
    assert table.estimated.tolist() == [[False, False, True], [False, False, True], [True, True, False]]
    guess = estimate_matrix(lon, lat, "walk")
    assert table.seconds[0, 2] == guess.seconds[0, 2]
    assert table.path(0, 2).tolist() == [list(at(0, 0)), list(at(20, 0))]


def test_parts_without_a_way_between_them_are_estimated() -> None:
    """Two towns without a road between them: real ways inside, estimates across, and no zero or infinite times."""
    towns = gpd.GeoDataFrame(geometry=[*grid(2).geometry, *grid(2).translate(50 * EAST).geometry], crs=4326)
    table = travel_matrix(build_from_edges(towns, "walk"), *places((0, 0), (2, 2), (50, 0), (51, 0)))
    assert table.estimated[:2, 2:].all()
    assert table.estimated[2:, :2].all()
    assert not table.estimated[:2, :2].any()
    assert not table.estimated[2:, 2:].any()
    assert table.seconds[0, 2] == math.ceil(5000 * 1.35 / WALK)
    assert table.snapping.in_largest.sum() == 2


def test_stray_bit_of_street_is_no_ground_to_stand_on(town: StreetNetwork) -> None:
    """A short loose street beside a door does not cut that door off from the town."""
    streets = gpd.GeoDataFrame(geometry=[*grid(8).geometry, *layer([(3.2, 3.5), (3.4, 3.5)]).geometry], crs=4326)
    table = travel_matrix(build_from_edges(streets, "walk"), *places((3.3, 3.5), (8, 8)))
    assert not table.estimated.any()
    assert table.snapping.distance_m[0] == pytest.approx(30, abs=0.5)


def test_limit_marks_far_pairs_unreachable_and_leaves_near_ones_alone(town: StreetNetwork) -> None:
    """A pair beyond the limit is unreachable, not estimated; near pairs are as without a limit."""
    where = places((0, 0), (1, 0), (8, 8))
    free, limited = travel_matrix(town, *where), travel_matrix(town, *where, limit_s=200)
    assert limited.seconds[0].tolist() == [0, free.seconds[0, 1], UNREACHABLE]
    assert limited.metres[0, 2] == UNREACHABLE
    assert not limited.estimated.any()


def test_parallel_streets_keep_the_fastest() -> None:
    """Of two streets between the same crossings the shorter is taken, and never their sum or the later one."""
    straight, bow = [(0, 0), (1, 0)], [(0, 0), (0.5, 1), (1, 0)]
    for streets in ((straight, bow), (bow, straight)):
        network = build_from_edges(layer(*streets, [(1, 0), (2, 0)]), "walk")
        table = travel_matrix(network, *places((0, 0), (2, 0)))
        assert table.metres[0, 1] == 200
        assert network.report.parallel_edges == 2
    # Who lives on the slower street still stands on it.
    assert travel_matrix(network, *places((0.5, 1), (0, 0))).metres[0, 1] == pytest.approx(112, abs=1)


def test_one_way_street_sends_cars_round_and_lets_walkers_through() -> None:
    """A car goes round the block against a one-way street; a walker does not mind."""
    streets = [[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 1)], [(0, 1), (0, 0)]]
    signed = layer(*streets, oneway=["yes", "no", "no", "no"], highway=["residential"] * 4)
    car = travel_matrix(build_from_edges(signed, "car"), *places((0, 0), (1, 0)))
    walk = travel_matrix(build_from_edges(signed, "walk"), *places((0, 0), (1, 0)))
    assert car.metres.tolist() == [[0, 100], [300, 0]]
    assert walk.metres.tolist() == [[0, 100], [100, 0]]


def test_one_way_street_between_two_doors_on_it() -> None:
    """Back along one's own one-way street means all the way round."""
    streets = [[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 1)], [(0, 1), (0, 0)]]
    signed = layer(*streets, oneway=["yes", "no", "no", "no"], highway=["residential"] * 4)
    table = travel_matrix(build_from_edges(signed, "car"), *places((0.2, 0), (0.7, 0)))
    assert table.metres.tolist() == [[0, 50], [350, 0]]
    assert line_length(table.path(1, 0)) == pytest.approx(350, abs=1)


def test_stairs_are_slow_and_closed_to_wheelchairs() -> None:
    """Stairs take their time on foot; a wheelchair goes round them."""
    streets = [[(0, 0), (0, 1)], [(0, 0), (3, 0)], [(3, 0), (3, 1)], [(3, 1), (0, 1)]]
    town = build_from_edges(layer(*streets, highway=["steps", "footway", "footway", "footway"]), "walk")
    where = places((0, 0), (0, 1))
    assert travel_matrix(town, *where).seconds[0, 1] == pytest.approx(100 / 0.5, abs=1)
    wheels = travel_matrix(town, *where, wheelchair=True)
    assert wheels.metres[0, 1] == 700
    assert not wheels.estimated.any()


def test_town_of_stairs_leaves_a_wheelchair_with_estimates() -> None:
    """Where nothing is step-free nothing snaps, and every leg is flagged."""
    town = build_from_edges(layer([(0, 0), (1, 0)], highway=["steps"]), "walk")
    table = travel_matrix(town, *places((0, 0), (1, 0)), wheelchair=True)
    assert not table.snapped.any()
    assert table.estimated.tolist() == [[False, True], [True, False]]


def test_no_places_and_one_place_give_empty_tables(town: StreetNetwork) -> None:
    """Tables of no and of one place have their shape and no way."""
    assert travel_matrix(town, [], []).seconds.shape == (0, 0)
    assert travel_matrix(town, *places((1, 1))).seconds.tolist() == [[0]]


@pytest.mark.parametrize(
    ("lon", "lat", "named"),
    [([1.0], [1.0, 2.0], "shapes"), ([float("nan")], [1.0], "place 0"), ([1.0, 200.0], [1.0, 1.0], "place 1")],
)
def test_senseless_places_are_refused(town: StreetNetwork, lon: list[float], lat: list[float], named: str) -> None:
    """Lists of unequal length and places off the globe are named."""
    with pytest.raises(ValueError, match=named):
        travel_matrix(town, lon, lat)
    with pytest.raises(ValueError, match=named):
        estimate_matrix(lon, lat, "walk")


@pytest.mark.parametrize("limits", [{"limit_s": 0}, {"max_snap_m": -1}])
def test_limits_that_are_not_positive_are_refused(town: StreetNetwork, limits: dict[str, float]) -> None:
    """A limit of nothing is a slip."""
    with pytest.raises(ValueError, match=next(iter(limits))):
        travel_matrix(town, [135.0], [35.0], **limits)


_COORDINATE = st.floats(0, 8, allow_nan=False, width=32)


@settings(max_examples=40, deadline=None)
@given(points=st.lists(st.tuples(_COORDINATE, _COORDINATE), min_size=3, max_size=9))
def test_going_by_a_third_place_is_never_faster(points: list[tuple[float, float]]) -> None:
    """The table keeps the triangle inequality, to the second it is rounded to."""
    table = travel_matrix(grid_town(), *places(*points))
    by_third = (table.seconds[:, :, None] + table.seconds[None, :, :]).min(axis=1)
    assert (table.seconds <= by_third + 1).all()


@settings(max_examples=40, deadline=None)
@given(points=st.lists(st.tuples(_COORDINATE, _COORDINATE), min_size=2, max_size=4))
def test_drawn_line_is_as_long_as_reported(points: list[tuple[float, float]]) -> None:
    """The line of every leg starts and ends at the doors and has the metres of the table."""
    lon, lat = places(*points)
    table = travel_matrix(grid_town(), lon, lat)
    for origin in range(len(points)):
        for destination in set(range(len(points))) - {origin}:
            line = table.path(origin, destination)
            assert line[0].tolist() == [lon[origin], lat[origin]]
            assert line[-1].tolist() == [lon[destination], lat[destination]]
            assert line_length(line) == pytest.approx(table.metres[origin, destination], abs=1)


@pytest.mark.parametrize(("mode", "minutes"), [("walk", 180.0), ("bicycle", 810 / 13), ("car", 810 / 43.5)])
def test_estimate_stretches_the_crow_flight(mode: str, minutes: float) -> None:
    """Ten kilometres as the crow flies are 13.5 on the road; a car makes 30 + 15 * 13.5 / 15 km/h there."""
    table = estimate_matrix([135, 135], [35, 35 + 10_000 / METRES_PER_DEGREE], mode)
    assert table.metres[0, 1] == 13_500
    assert table.seconds[0, 1] == pytest.approx(minutes * 60, abs=1)
    assert table.estimated.tolist() == [[False, True], [True, False]]
    assert not table.snapped.any()


def test_estimated_car_never_takes_longer_for_a_shorter_way() -> None:
    """Speed rises with distance, time still rises too."""
    table = estimate_matrix(np.full(400, 135.0), 35 + np.linspace(0, 0.4, 400), "car")
    assert (np.diff(table.seconds[0]) >= 0).all()


def crooked_town(seed: int) -> gpd.GeoDataFrame:
    """Return a town with one-way streets, parallel streets, loops and blind alleys, at random."""
    rng = np.random.default_rng(seed)
    crossings = rng.uniform(0, 6, (60, 2))
    near = [np.argsort(np.hypot(*(crossings - here).T))[1:4] for here in crossings]
    pairs = [(here, there) for here, others in enumerate(near) for there in others.tolist()]
    lines = [[tuple(crossings[u]), tuple(rng.uniform(0, 6, 2)), tuple(crossings[v])] for u, v in pairs]
    one_way = rng.choice(["yes", "no", "-1"], len(pairs), p=[0.2, 0.6, 0.2]).tolist()
    return layer(*lines, oneway=one_way, highway=["residential"] * len(pairs))


@pytest.mark.parametrize("seed", range(5))
def test_table_agrees_with_networkx(seed: int) -> None:
    """Between crossings our times are those of networkx on the same edges, whatever we leave out of the search."""
    network = build_from_edges(crooked_town(seed), "car")
    graph = nx.MultiDiGraph()
    seconds = network.edge_seconds.tolist()
    graph.add_weighted_edges_from(zip(network.edge_from.tolist(), network.edge_to.tolist(), seconds, strict=True))
    nodes = np.flatnonzero(network.component == 0)[::5]
    table = travel_matrix(network, network.node_lon[nodes], network.node_lat[nodes])
    for row, origin in enumerate(nodes.tolist()):
        reached = nx.single_source_dijkstra_path_length(graph, origin)
        np.testing.assert_allclose(table.seconds[row], [reached[node] for node in nodes.tolist()], atol=1.5)
    for origin, destination in [(0, 1), (1, 0), (2, 3)]:
        length = line_length(table.path(origin, destination))
        assert length == pytest.approx(table.metres[origin, destination], abs=1.5)


@pytest.mark.parametrize("seed", range(3))
def test_place_stands_on_the_nearest_street_of_all(seed: int) -> None:
    """The index finds the same distance as looking at every street."""
    streets = crooked_town(seed)
    network = build_from_edges(streets, "walk")
    points = np.random.default_rng(seed).uniform(-1, 7, (40, 2))
    lon, lat = places(*map(tuple, points))
    table = travel_matrix(network, lon, lat)
    in_blocks = [[((x - 135) / EAST, (y - LAT) / NORTH) for x, y in line.coords] for line in streets.geometry]
    plane = gpd.GeoSeries([LineString(line) for line in in_blocks])
    nearest = [100 * plane.distance(Point(point)).min() for point in points]
    np.testing.assert_allclose(table.snapping.distance_m, nearest, atol=0.5)
