"""Street networks out of layers of lines: ends, directions, classes, coordinate systems, bad layers."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, MultiLineString, Point

from regional_assets.errors import InputError
from routing.streets import build_from_edges, travel_matrix

A, B, C, D = (135.0, 35.0), (135.001, 35.0), (135.001, 35.001), (135.0, 35.001)


def frame(lines: list[object], crs: int | None = 4326, **columns: list[object]) -> gpd.GeoDataFrame:
    """Return a layer of lines with columns."""
    return gpd.GeoDataFrame(columns, geometry=lines, crs=crs)


def square(**columns: list[object]) -> gpd.GeoDataFrame:
    """Return three sides of a block."""
    return frame([LineString([A, B]), LineString([B, C]), LineString([C, D])], **columns)


def test_line_ends_make_the_nodes_where_no_column_names_them() -> None:
    """Ends within a tenth of a metre are one crossing; each street serves both directions."""
    nearly_b = (B[0] + 2e-7, B[1] - 2e-7)
    layer = frame([LineString([A, B]), LineString([nearly_b, C])])
    network = build_from_edges(layer, "walk")
    assert (network.node_count, network.edge_count) == (3, 4)
    assert not travel_matrix(network, [A[0], C[0]], [A[1], C[1]]).estimated.any()


def test_columns_name_the_nodes_where_they_are_given() -> None:
    """A bridge over a street shares its point but not its name, so there is no turning there."""
    cross = [LineString([A, C]), LineString([B, D])]
    assert build_from_edges(frame(cross, u=[1.0, 3.0], v=[2.0, 4.0]), "walk").report.components == 2
    renamed = frame(cross, start=["a", "c"], end=["b", "d"])
    assert build_from_edges(renamed, "walk", u="start", v="end").node_count == 4


def test_rows_in_both_directions_are_not_doubled() -> None:
    """Where the layer holds both directions of a street as rows, no third and fourth are made up."""
    both = frame([LineString([A, B]), LineString([B, A]), LineString([B, C])], u=[1, 2, 2], v=[2, 1, 3])
    network = build_from_edges(both, "walk")
    assert (network.report.files[0].nodes, network.report.files[0].edges) == (3, 3)
    assert network.edge_count == 4
    assert len(network.line_start) - 1 == 2


def test_one_way_column_is_read_in_every_spelling() -> None:
    """True, 1 and yes close a street in one direction for cars; -1 the other."""
    for value in (True, 1, "yes"):
        assert build_from_edges(square(oneway=[value] * 3), "car").edge_count == 3
        assert build_from_edges(square(oneway=[value] * 3), "walk").edge_count == 6
    for value in (False, 0, "no", None):
        assert build_from_edges(square(oneway=[value] * 3), "car").edge_count == 6
    backward = build_from_edges(frame([LineString([A, B])], oneway=["-1"]), "car")
    assert backward.node_lon[backward.edge_from].tolist() == [B[0]]


def test_merged_street_takes_its_mean_pace_and_its_strictest_access() -> None:
    """OSMnx lists the classes of a merged street: stairs slow it down, and bar wheelchairs."""
    network = build_from_edges(square(highway=["footway", "['footway', 'steps']", "footway,path"]), "walk")
    speed_kmh = 3.6 * network.edge_length_m / network.edge_seconds
    assert sorted(set(np.round(speed_kmh, 2).tolist())) == pytest.approx([2 / (1 / 4.5 + 1 / 1.8), 4.5], abs=0.01)
    assert network.edge_is_step_free.sum() == 4


def test_layer_without_classes_says_what_was_assumed() -> None:
    """Where nobody tells the class, every street is taken as open, and the report says so."""
    report = build_from_edges(square(), "car").report
    assert "highway" in report.assumed[0].ja
    assert "highway" in report.assumed[0].en


def test_line_cut_short_of_its_node_is_drawn_on() -> None:
    """A clipped line reaches the crossing its column names, and the report counts it."""
    short = (135.0007, 35.0)
    layer = frame(
        [LineString([A, B]), LineString([B, A]), LineString([B, C]), LineString([D, short])],
        u=[1, 2, 2, 4],
        v=[2, 1, 3, 2],
    )
    network = build_from_edges(layer, "walk")
    assert network.report.assumed[-1].en.startswith("1 lines")
    table = travel_matrix(network, [D[0], C[0]], [D[1], C[1]])
    line = table.path(0, 1)
    assert np.isclose(line, B, atol=1e-7).all(axis=1).any()


def test_layer_in_another_coordinate_system_is_brought_over(tmp_path: Path) -> None:
    """JGD2011, plane or not, in a zipped Shapefile or a GeoPackage, lands where it belongs."""
    for crs in (6668, 6674):
        layer = square(u=[1, 2, 3], v=[2, 3, 4]).to_crs(crs)
        layer.to_file(tmp_path / "roads.shp")
        with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
            for part in tmp_path.glob("roads.*"):
                if part.suffix != ".zip":
                    archive.write(part, part.name)
        layer.to_file(tmp_path / f"roads{crs}.gpkg")
        layer.to_crs(4326).to_file(tmp_path / f"roads{crs}.geojson")
        for name in ("roads.shp", "roads.zip", f"roads{crs}.gpkg", f"roads{crs}.geojson"):
            network = build_from_edges(tmp_path / name, "walk")
            assert (network.node_count, network.edge_count) == (4, 6)
            assert network.node_lon.max() == pytest.approx(135.001, abs=1e-6)


def test_line_in_two_pieces_is_one_street() -> None:
    """Pieces that meet are merged in order."""
    pieces = MultiLineString([[(135.0005, 35.0), B], [A, (135.0005, 35.0)]])
    network = build_from_edges(frame([pieces, LineString([B, C])]), "walk")
    assert travel_matrix(network, [A[0], B[0]], [A[1], B[1]]).metres[0, 1] == pytest.approx(91, abs=1)


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (frame([LineString([A, B])], crs=None), "CRS"),
        (frame([Point(A), LineString([A, B])]), "1 of 2 rows"),
        (frame([]), "no street"),
        (frame([LineString([A, B])], u=[None], v=[1.0]), "blank in 1"),
        (frame([LineString([A, B])], highway=["motorway"]), "closed to the mode 1"),
    ],
)
def test_unusable_layer_is_refused_with_the_reason(layer: gpd.GeoDataFrame, named: str) -> None:
    """A layer without CRS, of points, without rows, names or usable streets is refused in words."""
    with pytest.raises(InputError, match=named):
        build_from_edges(layer, "walk")


def test_missing_columns_asked_for_are_all_named() -> None:
    """Both missing columns are named at once."""
    with pytest.raises(InputError) as caught:
        build_from_edges(square(), "walk", u="from", v="to")
    assert [problem.value for problem in caught.value.problems] == ["from", "to"]


@pytest.mark.parametrize("name", ["missing.gpkg", "broken.zip", "broken.gpkg", "broken.geojson", "roads.csv"])
def test_bad_layer_file_is_one_error(tmp_path: Path, name: str) -> None:
    """Missing, broken and foreign files are bad input, named in both languages."""
    if name != "missing.gpkg":
        (tmp_path / name).write_bytes(b"PK\x03\x04 no layer at all")
    with pytest.raises(InputError) as caught:
        build_from_edges(tmp_path / name, "walk")
    (problem,) = caught.value.problems
    assert name in problem.where
    assert problem.message.ja != problem.message.en


def test_lines_off_the_globe_point_at_the_crs() -> None:
    """Metres labelled as degrees are noticed before they become streets."""
    metres = frame([LineString([(50_000, -20_000), (50_100, -20_000)])])
    with pytest.raises(InputError, match="CRS"):
        build_from_edges(metres, "walk")


def test_layer_of_lines_is_found_beside_a_layer_of_nodes(tmp_path: Path) -> None:
    """A GeoPackage with nodes and edges, as OSMnx writes, is read by its edges; two layers of lines are refused."""
    path = tmp_path / "graph.gpkg"
    frame([Point(A), Point(B)]).to_file(path, layer="nodes")
    square(u=[1, 2, 3], v=[2, 3, 4]).to_file(path, layer="edges")
    assert build_from_edges(path, "walk").edge_count == 6
    square().to_file(path, layer="more")
    with pytest.raises(InputError, match="edges, more"):
        build_from_edges(path, "walk")


def test_lists_in_cells_are_read_as_osmnx_writes_them_elsewhere(tmp_path: Path) -> None:
    """GeoJSON keeps lists as such; a shape that is none is told of, not fatal."""
    path = tmp_path / "roads.geojson"
    line = {"type": "LineString", "coordinates": [[136.2, 35.9], [136.21, 35.9]]}
    dot = {"type": "LineString", "coordinates": [[136.2, 35.9]]}
    road = {"type": "Feature", "properties": {"highway": ["residential", "tertiary"]}, "geometry": line}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [road]}))
    assert build_from_edges(path, "car").edge_count == 2
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [road, {**road, "geometry": dot}]}))
    with pytest.raises(InputError, match="1 of 2 rows are no lines"):
        build_from_edges(path, "car")
