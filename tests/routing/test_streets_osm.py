"""Street networks out of OSM files: who may use what, joining, formats, bad files."""

from __future__ import annotations

import bz2
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
import requests

from regional_assets.errors import InputError
from routing.errors import OfflineError
from routing.streets import build_from_osm, build_from_place, network_key, travel_matrix
from routing.streets._rules import WayUse, way_use

TOWN = Path(__file__).parents[1] / "data" / "streets"
WEST, EAST = TOWN / "west.osm", TOWN / "east.osm"


@pytest.mark.parametrize(
    ("tags", "mode", "speed_kmh"),
    [
        ({"highway": "residential"}, "walk", 4.5),
        ({"highway": "steps"}, "walk", 1.8),
        ({"highway": "trunk"}, "walk", 4.5),
        ({"highway": "footway", "access": "private", "foot": "permissive"}, "walk", 4.5),
        ({"highway": "cycleway", "foot": "yes"}, "walk", 4.5),
        ({"highway": "pedestrian", "area": "yes"}, "walk", 4.5),
        ({"highway": "path", "access": "permit"}, "walk", 4.5),
        ({"highway": "residential"}, "bicycle", 13.0),
        ({"highway": "path", "bicycle": "yes"}, "bicycle", 8.0),
        ({"highway": "pedestrian", "bicycle": "dismount"}, "bicycle", 4.5),
        ({"highway": "residential"}, "car", 24.0),
        ({"highway": "residential", "maxspeed": "50"}, "car", 40.0),
        ({"highway": "primary", "maxspeed": "signals"}, "car", 40.0),
        ({"highway": "motorway"}, "car", 80.0),
        ({"highway": "service", "access": "no", "motor_vehicle": "destination"}, "car", 12.0),
    ],
)
def test_mode_uses_way_at_its_speed(tags: dict[str, str], mode: str, speed_kmh: float) -> None:
    """Open ways are used at the speed of the mode, the class or the sign."""
    use = way_use(tags, mode)
    assert isinstance(use, WayUse)
    assert use.speed_kmh == pytest.approx(speed_kmh)


@pytest.mark.parametrize(
    ("tags", "mode", "reason"),
    [
        ({"highway": "motorway"}, "walk", "closed to the mode"),
        ({"highway": "trunk", "foot": "no"}, "walk", "closed to the mode"),
        ({"highway": "trunk", "motorroad": "yes"}, "walk", "closed to the mode"),
        ({"highway": "cycleway"}, "walk", "closed to the mode"),
        ({"highway": "service", "access": "private"}, "walk", "private"),
        ({"highway": "construction"}, "walk", "not in use"),
        ({"building": "yes"}, "walk", "not in use"),
        ({"highway": "steps"}, "bicycle", "closed to the mode"),
        ({"highway": "path"}, "bicycle", "closed to the mode"),
        ({"highway": "path", "access": "yes"}, "bicycle", "closed to the mode"),
        ({"highway": "footway"}, "car", "closed to the mode"),
        ({"highway": "residential", "motor_vehicle": "no"}, "car", "closed to the mode"),
        ({"highway": "residential", "access": "forestry"}, "car", "private"),
        ({"highway": "service", "area": "yes"}, "car", "area"),
    ],
)
def test_mode_keeps_off_closed_ways(tags: dict[str, str], mode: str, reason: str) -> None:
    """Closed ways are refused with the reason."""
    assert way_use(tags, mode) == reason


@pytest.mark.parametrize(
    ("tags", "mode", "direction"),
    [
        ({"oneway": "yes"}, "car", "forward"),
        ({"oneway": "-1"}, "car", "backward"),
        ({"oneway": "no", "junction": "roundabout"}, "car", "both"),
        ({"junction": "roundabout"}, "bicycle", "forward"),
        ({"oneway": "yes", "oneway:bicycle": "no"}, "bicycle", "both"),
        ({"oneway": "yes", "cycleway": "opposite"}, "bicycle", "both"),
        ({"oneway": "yes"}, "walk", "both"),
        ({"conveying": "forward"}, "walk", "forward"),
    ],
)
def test_mode_minds_the_direction_that_concerns_it(tags: dict[str, str], mode: str, direction: str) -> None:
    """Cars and bicycles keep one-way streets with their exceptions; walkers only moving stairs."""
    use = way_use({"highway": "residential", **tags}, mode)
    assert isinstance(use, WayUse)
    assert use.direction == direction


def test_building_motorway_and_private_way_are_no_streets_for_walkers() -> None:
    """Of eight highway ways in the west six are walked on; the building never was one."""
    report = build_from_osm([WEST], "walk").report
    assert (report.files[0].streets, report.files[0].usable) == (8, 6)
    assert report.refused == {"closed to the mode": 1, "private": 1}


def test_file_report_counts_as_osmnx_does() -> None:
    """The count per file is OSMnx's own over all highway ways, whoever may use them."""
    report = build_from_osm([WEST], "walk").report
    graph = build_counting_graph(WEST)
    assert (report.files[0].nodes, report.files[0].edges) == (graph.number_of_nodes(), graph.number_of_edges())


def build_counting_graph(path: Path) -> nx.MultiDiGraph:
    """Return OSMnx's graph of a file after its buildings are taken out by hand."""
    graph = osmnx.graph_from_xml(path, retain_all=True, simplify=False)
    built = [(u, v, key) for u, v, key, tag in graph.edges(keys=True, data="highway") if tag is None]
    graph.remove_edges_from(built)
    graph.remove_nodes_from([node for node, degree in dict(graph.degree()).items() if degree == 0])
    return osmnx.simplify_graph(graph)


def test_adjoining_files_are_joined_at_shared_nodes() -> None:
    """A walk leads from one file's streets onto the other's, by the street both hold."""
    network = build_from_osm([WEST, EAST], "walk")
    assert (network.report.shared_ways, network.report.shared_nodes) == (1, 2)
    assert network.report.components == 1
    table = travel_matrix(network, [135.0, 135.003], [35.0, 35.0])
    assert not table.estimated.any()
    assert table.metres[0, 1] == pytest.approx(273, abs=1)


def test_way_cut_at_the_edge_of_an_extract_is_reported() -> None:
    """A node that no file holds is counted, and the street there ends."""
    assert build_from_osm([EAST], "walk").report.missing_nodes == 1


def test_car_goes_round_the_one_way_main_street() -> None:
    """From 3 back to 1 a car takes the street with the bend; a walker goes straight."""
    lon, lat = [135.0, 135.002], [35.0, 35.0]
    car = travel_matrix(build_from_osm([WEST], "car"), lon, lat)
    walk = travel_matrix(build_from_osm([WEST], "walk"), lon, lat)
    assert car.metres[0, 1] == walk.metres[1, 0] == 182
    assert car.metres[1, 0] > 400
    assert car.seconds[0, 1] == pytest.approx(182.2 / (40 * 0.8 / 3.6), abs=1)


def test_line_of_a_leg_follows_the_bend_of_the_street() -> None:
    """The drawn line passes OSM's own points between crossings, not straight over the roofs."""
    table = travel_matrix(build_from_osm([WEST], "walk"), [135.0, 135.002], [35.001, 35.001])
    assert np.isclose(table.path(0, 1), (135.0015, 35.0012), atol=1e-7).all(axis=1).any()


def test_stairs_end_at_crossings_of_their_own() -> None:
    """Stairs inside a longer path stay an edge of their own, so that a wheelchair loses the stairs only."""
    network = build_from_osm([WEST], "walk")
    barred = ~network.edge_is_step_free
    assert barred.sum() == 2
    assert network.edge_length_m[barred] == pytest.approx(111.2, abs=0.5)


def test_bz2_gz_and_pbf_hold_the_same_streets(tmp_path: Path) -> None:
    """The form of the file does not change the network."""
    pbf = tmp_path / "west.osm.pbf"
    with osmium.SimpleWriter(str(pbf)) as writer:
        for thing in osmium.FileProcessor(str(WEST)):
            writer.add(thing)
    squeezed = tmp_path / "west.osm.bz2"
    squeezed.write_bytes(bz2.compress(WEST.read_bytes()))
    plain = build_from_osm([WEST], "walk")
    for path in (pbf, squeezed):
        network = build_from_osm([path], "walk")
        for name, array in plain.arrays().items():
            np.testing.assert_array_equal(getattr(network, name), array)


def test_same_files_give_the_same_network_and_key(tmp_path: Path) -> None:
    """Content decides on the key and the hash, not names or order; a changed file or mode changes the key."""
    assert build_from_osm([WEST, EAST], "walk").content_hash == build_from_osm([WEST, EAST], "walk").content_hash
    copy = tmp_path / "copy.osm"
    copy.write_bytes(WEST.read_bytes())
    key = network_key([WEST, EAST], "walk")
    assert network_key([EAST, copy], "walk") == key
    assert network_key([WEST, EAST], "car") != key
    copy.write_bytes(WEST.read_bytes() + b" ")
    assert network_key([EAST, copy], "walk") != key


def bad_files(folder: Path) -> dict[str, bytes]:
    """Return contents by file name, each bad in its own way."""
    west = WEST.read_bytes()
    bomb = b'<!DOCTYPE osm [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><osm version="0.6"/>'
    return {
        "cut.osm": west[: len(west) // 2],
        "cut.osm.bz2": bz2.compress(west)[:-40],
        "junk.osm.pbf": b"no protocol buffer at all",
        "page.osm": b"<html><body>Not found</body></html>",
        "empty.osm": b"",
        "bomb.osm": bomb,
        "houses.osm": b'<osm version="0.6"><node id="1" lat="35" lon="135"/></osm>',
        "streets.txt": west,
    }


def test_every_bad_file_is_named_in_one_error(tmp_path: Path) -> None:
    """Broken, cut, foreign, empty and missing files are refused together, in both languages."""
    files = bad_files(tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    paths = [WEST, *(tmp_path / name for name in files), tmp_path / "missing.osm"]
    with pytest.raises(InputError) as caught:
        build_from_osm(paths, "walk")
    assert [problem.value for problem in caught.value.problems] == [*files, "missing.osm"]
    for problem in caught.value.problems:
        assert problem.message.ja
        assert problem.message.en


def test_entities_are_refused_unexpanded(tmp_path: Path) -> None:
    """A file that declares entities is refused before anything grows."""
    (tmp_path / "bomb.osm").write_bytes(bad_files(tmp_path)["bomb.osm"])
    with pytest.raises(InputError, match="entities"):
        build_from_osm([tmp_path / "bomb.osm"], "walk")


def test_no_files_are_refused() -> None:
    """A region without OSM files gets told, not an empty network."""
    with pytest.raises(InputError, match="at least one"):
        build_from_osm([], "walk")


def test_file_without_a_way_for_the_mode_is_refused_with_the_reasons(tmp_path: Path) -> None:
    """Stairs alone are no ground for cars."""
    file = tmp_path / "stairs.osm"
    file.write_text(
        '<osm version="0.6"><node id="1" lat="35" lon="135"/><node id="2" lat="35.001" lon="135"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="steps"/></way></osm>'
    )
    assert build_from_osm([file], "walk").edge_count == 2
    with pytest.raises(InputError, match="closed to the mode 1"):
        build_from_osm([file], "car")


def test_progress_rises_to_the_end() -> None:
    """Builders tell what they do and end at one."""
    told: list[float] = []
    build_from_osm([WEST, EAST], "walk", lambda stage, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_place_name_offline_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a connection the error names the place and the way out, in both languages."""

    def unplugged(*_: object, **__: object) -> nx.MultiDiGraph:
        raise requests.exceptions.ConnectionError("no route")

    monkeypatch.setattr(osmnx, "graph_from_place", unplugged)
    with pytest.raises(OfflineError) as caught:
        build_from_place("Echizen", "walk")
    assert "Echizen" in caught.value.message.ja
    assert "OSM file" in caught.value.message.en


def test_unknown_place_name_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name the servers do not know is the asker's to mend."""

    def unknown(*_: object, **__: object) -> nx.MultiDiGraph:
        raise TypeError("Nominatim did not geocode query to a geometry of type (Multi)Polygon")

    monkeypatch.setattr(osmnx, "graph_from_place", unknown)
    with pytest.raises(InputError, match="Nowhere"):
        build_from_place("Nowhere", "walk")


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_place_name_gives_the_network_of_its_streets(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """What the servers send goes through the same rules as a file, and OSMnx's settings are left as they were."""
    before = list(osmnx.settings.useful_tags_way), osmnx.settings.all_oneway

    def answer(*_: object, **__: object) -> nx.MultiDiGraph:
        graph = osmnx.graph_from_xml(WEST, simplify=False, retain_all=True)
        graph.remove_edges_from(
            [(u, v, key) for u, v, key, tag in graph.edges(keys=True, data="highway") if tag is None]
        )
        return graph

    monkeypatch.setattr(osmnx, "graph_from_place", answer)
    network, from_file = build_from_place("West", mode), build_from_osm([WEST], mode)
    assert (list(osmnx.settings.useful_tags_way), osmnx.settings.all_oneway) == before
    assert network.edge_count == from_file.edge_count
    assert network.edge_seconds.sum() == pytest.approx(from_file.edge_seconds.sum(), rel=1e-4)


def test_way_whose_nodes_are_all_missing_makes_no_street(tmp_path: Path) -> None:
    """Ways without a single node in the file are refused in words."""
    file = tmp_path / "hollow.osm"
    file.write_text('<osm version="0.6"><way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>')
    with pytest.raises(InputError, match="no street"):
        build_from_osm([file], "walk")


def test_objects_not_yet_uploaded_are_streets_too(tmp_path: Path) -> None:
    """Editors number new objects below zero; they are read like any other."""
    text = WEST.read_text(encoding="utf-8").replace('id="', 'id="-').replace('ref="', 'ref="-')
    file = tmp_path / "drawn.osm"
    file.write_text(text, encoding="utf-8")
    assert build_from_osm([file], "walk").edge_count == build_from_osm([WEST], "walk").edge_count
