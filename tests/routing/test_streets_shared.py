"""Real streets: Nara, Wakayama, Kamakura, Kozushima and Ube, counted and walked."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from routing.streets import StreetNetwork, build_from_edges, build_from_osm, travel_matrix
from routing.streets._sphere import great_circle_m

pytestmark = pytest.mark.shared_data

REGIONS = {
    "nara": ["Todaiji", "Kofukuji"],
    "wakayama": ["WakayamaCastle"],
    "kamakura": ["TsurugaokaHachimanGu", "Kenchoji", "Hasedera", "EnoshimaJinja", "Yugyoji"],
    "islands": ["KozuShima"],
}


def stated_counts(shared: Path) -> dict[str, tuple[int, int]]:
    """Return nodes and edges per OSM file as the notes beside the data state them."""
    rows = re.findall(
        r"^\| \S+/(\w[\w-]*\.osm)\b[^|]*\|[^|]*\|[^|]*\|[^|]*\| (\d+)/(\d+) \|",
        (shared / "data" / "SOURCES.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    return {name: (int(nodes), int(edges)) for name, nodes, edges in rows}


@cache
def build(shared: Path, region: str) -> StreetNetwork:
    """Return the walking network of a region's files."""
    return build_from_osm([shared / "data" / region / "osm" / f"{name}.osm" for name in REGIONS[region]], "walk")


@pytest.mark.parametrize("region", REGIONS)
def test_files_have_the_stated_counts(shared: Path, region: str) -> None:
    """Before joining, each file's highway ways make the nodes and edges of the notes, to within two in a hundred."""
    stated = stated_counts(shared)
    for file in build(shared, region).report.files:
        nodes, edges = stated[file.name]
        assert file.nodes == pytest.approx(nodes, rel=0.02)
        assert file.edges == pytest.approx(edges, rel=0.02)


def test_todaiji_and_kofukuji_become_one_town(shared: Path) -> None:
    """One walks from Kofukuji's pagoda in one file to the Great Buddha in the other."""
    network = build(shared, "nara")
    assert network.report.shared_ways > 0
    assert network.report.largest_nodes > 0.95 * network.node_count
    # Five-storied pagoda, Daibutsuden gate.
    lon, lat = [135.8323, 135.8398], [34.6824, 34.6878]
    table = travel_matrix(network, lon, lat)
    assert not table.estimated.any()
    assert 900 < table.metres[0, 1] < 1800
    line = table.path(0, 1)
    assert len(line) > 15
    assert great_circle_m(*line[:-1].T, *line[1:].T).sum() == pytest.approx(table.metres[0, 1], abs=1)


@pytest.mark.parametrize("region", REGIONS)
def test_most_places_among_the_streets_snap_and_walk(shared: Path, region: str) -> None:
    """Crossings picked at random reach each other, longer than the crow flies, by lines as long as reported."""
    network = build(shared, region)
    picked = np.random.default_rng(1).choice(np.flatnonzero(network.component == 0), 12, replace=False)
    lon, lat = network.node_lon[picked], network.node_lat[picked]
    table = travel_matrix(network, lon, lat)
    assert table.snapped.all()
    assert not table.estimated.any()
    assert (table.metres + 1 >= great_circle_m(lon[:, None], lat[:, None], lon, lat)).all()
    line = table.path(0, 1)
    assert great_circle_m(*line[:-1].T, *line[1:].T).sum() == pytest.approx(table.metres[0, 1], abs=1)


def test_kamakura_temples_far_apart_are_estimated_across_the_gap(shared: Path) -> None:
    """Enoshima and Kenchoji lie in files that do not adjoin: ways inside each, an estimate between."""
    network = build(shared, "kamakura")
    table = travel_matrix(network, [139.4800, 139.4785, 139.5550, 139.5560], [35.2995, 35.2990, 35.3315, 35.3300])
    assert table.snapped.all()
    assert table.estimated[:2, 2:].all()
    assert not table.estimated[0, 1]


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_island_serves_every_mode(shared: Path, mode: str) -> None:
    """Kozushima has streets for walkers, bicycles and cars, in one piece for the most part."""
    network = build_from_osm([shared / "data" / "islands" / "osm" / "KozuShima.osm"], mode)
    assert network.report.largest_nodes > 0.7 * network.node_count


def test_ube_layer_has_its_nodes_and_edges(shared: Path) -> None:
    """The real layer loads whole: 10,403 nodes and 30,750 directed edges before anything is left out."""
    layer = shared / "data" / "yamaguchi-ube" / "osm" / "ube_roads_osmnx_walk_shp.zip"
    report = build_from_edges(layer, "walk").report
    assert (report.files[0].nodes, report.files[0].edges) == (10_403, 30_750)
    assert report.files[0].edges - report.edges == sum(report.refused.values())
    assert 0 < report.parallel_edges < 500
    assert report.largest_nodes > 10_300
    # Each street once is half of the 2,049 km of directed edges.
    assert report.street_km == pytest.approx(2049 / 2, rel=0.02)
