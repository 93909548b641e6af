"""Vector tiles of a region: what is drawn of streets and outlines, how it is kept, and what is not read."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray

from api.regions.content import attached_files, read_folder, version_of_folder
from api.street_building import StreetFiles, add_streets, build_networks
from api.tile_building import TILES_FILE, TileReport
from api.tiles.archive import (
    LARGEST_TILE_BYTES,
    LARGEST_UNPACKED_BYTES,
    BrokenTilesError,
    TileInfo,
    TileLayer,
    check_archive,
    read_info,
    read_tile,
    tiles_of,
    unpacked,
)
from api.tiles.drawing import LARGEST_LAYER_BYTES, DrawnTiles, draw_tiles
from api.tiles.layers import layers_of
from api.tiles.streets import street_lines
from api.tiles.writing import write_archive
from regional_assets.model import Region
from regional_assets.readers.outlines import Outline, read_outlines
from regional_assets.region import load_region, save_region

LAYER = TileLayer(id="streets", minzoom=8, maxzoom=14, fields={"class": "minor"})
INFO = TileInfo(
    name="町", attribution="© A <b>", minzoom=8, maxzoom=14, bounds=(136.0, 35.0, 136.5, 36.0), layers=[LAYER]
)

# A block of streets: a through road in the south, lanes round it, a footpath across; a pond with an island, a wood that
# lacks a member, a park whose line lacks a node, a house, a railway, a tunnel, the shore, a brook.
OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
 <node id="1" version="1" lat="35.900" lon="136.200"/><node id="2" version="1" lat="35.900" lon="136.210"/>
 <node id="3" version="1" lat="35.905" lon="136.200"/><node id="4" version="1" lat="35.905" lon="136.210"/>
 <node id="5" version="1" lat="35.900" lon="136.205"/><node id="6" version="1" lat="35.905" lon="136.205"/>
 <node id="7" version="1" lat="35.900" lon="136.215"/>
 <node id="11" version="1" lat="35.910" lon="136.200"/><node id="12" version="1" lat="35.910" lon="136.210"/>
 <node id="13" version="1" lat="35.920" lon="136.210"/><node id="14" version="1" lat="35.920" lon="136.200"/>
 <node id="15" version="1" lat="35.913" lon="136.203"/><node id="16" version="1" lat="35.913" lon="136.206"/>
 <node id="17" version="1" lat="35.916" lon="136.206"/><node id="18" version="1" lat="35.916" lon="136.203"/>
 <node id="21" version="1" lat="35.901" lon="136.201"/><node id="22" version="1" lat="35.901" lon="136.2012"/>
 <node id="23" version="1" lat="35.9012" lon="136.2012"/>
 <way id="1" version="1"><nd ref="1"/><nd ref="5"/><nd ref="2"/><tag k="highway" v="primary"/></way>
 <way id="2" version="1"><nd ref="3"/><nd ref="6"/><nd ref="4"/><tag k="highway" v="residential"/></way>
 <way id="3" version="1"><nd ref="5"/><nd ref="6"/><tag k="highway" v="footway"/></way>
 <way id="4" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
 <way id="5" version="1"><nd ref="2"/><nd ref="7"/><tag k="highway" v="residential"/></way>
 <way id="11" version="1"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="14"/><nd ref="11"/></way>
 <way id="12" version="1"><nd ref="15"/><nd ref="16"/><nd ref="17"/><nd ref="18"/><nd ref="15"/></way>
 <way id="21" version="1"><nd ref="21"/><nd ref="22"/><nd ref="23"/><nd ref="21"/><tag k="building" v="yes"/></way>
 <way id="22" version="1"><nd ref="1"/><nd ref="13"/><tag k="railway" v="rail"/></way>
 <way id="23" version="1"><nd ref="2"/><nd ref="14"/><tag k="natural" v="coastline"/></way>
 <way id="24" version="1"><nd ref="3"/><nd ref="12"/><tag k="waterway" v="stream"/></way>
 <way id="25" version="1"><nd ref="3"/><nd ref="13"/><tag k="railway" v="subway"/><tag k="tunnel" v="yes"/></way>
 <way id="26" version="1"><nd ref="21"/><nd ref="99"/><nd ref="23"/><nd ref="21"/><tag k="leisure" v="park"/></way>
 <relation id="31" version="1"><member type="way" ref="11" role="outer"/><member type="way" ref="12" role="inner"/>
  <tag k="type" v="multipolygon"/><tag k="natural" v="water"/></relation>
 <relation id="32" version="1"><member type="way" ref="98" role="outer"/>
  <tag k="type" v="multipolygon"/><tag k="natural" v="wood"/></relation>
</osm>
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Return an OSM file of a few streets and outlines."""
    path = tmp_path / "town.osm"
    path.write_text(OSM, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, region: Region) -> Path:
    """Return the folder of a region without streets."""
    save_region(region, tmp_path / "testland")
    return tmp_path / "testland"


def with_streets(folder: Path, files: StreetFiles, *modes: Any) -> tuple[Region, TileReport]:
    """Give a region streets, as the command does."""
    networks, _ = build_networks(files, modes, all_needed=True, tell=lambda *_: None)
    region, report = add_streets(load_region(folder), networks, folder.parent, osm=files.osm, tell=lambda *_: None)
    assert report is not None
    return region, report


def lines(*points: list[tuple[float, float]]) -> NDArray[Any]:
    return np.array([shapely.LineString(line) for line in points], dtype=object)


def drawn(path: Path, layer: str, zoom: int) -> geopandas.GeoDataFrame:
    """Return what GDAL sees in a layer at a zoom, in degrees."""
    return pyogrio.read_dataframe(path, layer=layer, ZOOM_LEVEL=zoom).to_crs("EPSG:4326")


def draw(tmp_path: Path, streets: dict[Any, Any], *outlines: Outline) -> DrawnTiles:
    found = draw_tiles(streets, outlines, scratch=tmp_path)
    assert found is not None
    return found


def sizes(tiles: DrawnTiles, zoom: int) -> list[int]:
    return [len(gzip.compress(content)) for (z, _, _), content in tiles.tiles.items() if z == zoom]


def test_a_region_built_with_streets_has_tiles_of_all_that_its_file_shows(folder: Path, town: Path) -> None:
    """Each street once and at its place, by class; outlines with their holes; what cannot be drawn is counted."""
    region, report = with_streets(folder, StreetFiles(osm=[town]), "walk", "car")
    assert region.tiles == TILES_FILE
    path = folder / TILES_FILE
    assert load_region(folder).tiles == TILES_FILE
    assert report.layers == {"water": 3, "building": 1, "rail": 1, "streets": 3}
    assert report.left_out == {"green": 2}
    assert report.attribution == "© OpenStreetMap contributors (ODbL-1.0)"
    assert report.size_bytes == path.stat().st_size
    streets = drawn(path, "streets", 14)
    for kind, expected in {
        "major": shapely.LineString([(136.2, 35.9), (136.21, 35.9)]),
        "minor": shapely.LineString([(136.2, 35.905), (136.21, 35.905), (136.21, 35.9), (136.215, 35.9)]),
        "path": shapely.LineString([(136.205, 35.9), (136.205, 35.905)]),
    }.items():
        shape = streets[streets["class"] == kind].union_all()
        # A grid of half a metre.
        assert shapely.hausdorff_distance(shape, expected) < 2e-5, kind
    water = drawn(path, "water", 14)
    assert set(water["class"]) == {"area", "coast", "stream"}
    pond = water[water["class"] == "area"].union_all()
    assert not pond.contains(shapely.Point(136.2045, 35.9145))
    assert pond.area == pytest.approx(0.01 * 0.01 - 0.003 * 0.003, rel=0.01)
    assert len(drawn(path, "building", 14)) == 1


def test_from_far_off_only_streets_that_matter_are_drawn(folder: Path, town: Path) -> None:
    """Major ones at zoom 11, with minor ones at 12, with paths at 13; buildings at 14 alone."""
    with_streets(folder, StreetFiles(osm=[town]), "walk", "car")
    path = folder / TILES_FILE
    classes = [set(drawn(path, "streets", zoom)["class"]) for zoom in (8, 11, 12, 13)]
    assert classes == [{"major"}, {"major"}, {"major", "minor"}, {"major", "minor", "path"}]
    info = read_info(path)
    assert {layer.id: (layer.minzoom, layer.maxzoom) for layer in info.layers} == {
        "water": (8, 14),
        "building": (14, 14),
        "rail": (8, 14),
        "streets": (8, 14),
    }
    assert (info.minzoom, info.maxzoom) == (8, 14)
    assert info.bounds == pytest.approx((136.2, 35.9, 136.215, 35.92))


def test_without_cars_nothing_is_known_of_importance(folder: Path, town: Path) -> None:
    """All streets are minor then, and the longest stand for them from far off."""
    with_streets(folder, StreetFiles(osm=[town]), "walk")
    assert set(drawn(folder / TILES_FILE, "streets", 8)["class"]) == {"minor"}


def test_outlines_stay_when_streets_come_from_another_file(folder: Path, town: Path, tmp_path: Path) -> None:
    """A street layer has none of its own; both publishers are named, and streets of other modes are drawn on."""
    with_streets(folder, StreetFiles(osm=[town]), "walk")
    layer = tmp_path / "roads.geojson"
    road = geopandas.GeoDataFrame({"highway": ["primary"]}, geometry=lines([(136.3, 35.9), (136.31, 35.9)]), crs=4326)
    pyogrio.write_dataframe(road, layer)
    _, report = with_streets(folder, StreetFiles(edges=layer, licence="CC BY 4.0"), "car")
    assert report.attribution == "roads.geojson (CC BY 4.0); © OpenStreetMap contributors (ODbL-1.0)"
    path = folder / TILES_FILE
    check_archive(path)
    assert [layer.id for layer in read_info(path).layers] == ["water", "building", "rail", "streets"]
    assert read_info(path).bounds == pytest.approx((136.2, 35.9, 136.31, 35.92))
    assert len(drawn(path, "building", 14)) == 1
    assert set(drawn(path, "streets", 14)["class"]) == {"major", "path"}


def test_the_same_region_has_the_same_tiles(folder: Path, town: Path) -> None:
    """To the byte, so that building anew changes no data version; other tiles do."""
    with_streets(folder, StreetFiles(osm=[town]), "walk")
    region, attached = read_folder(folder)
    assert TILES_FILE in attached
    before = version_of_folder(region, attached)
    with_streets(folder, StreetFiles(osm=[town]), "walk")
    assert version_of_folder(*read_folder(folder)) == before
    content = dict(tiles_of(folder / TILES_FILE))
    content.popitem()
    write_archive(folder / TILES_FILE, content, read_info(folder / TILES_FILE))
    assert version_of_folder(*read_folder(folder)) != before


def test_tiles_go_where_their_region_goes(folder: Path, town: Path, tmp_path: Path) -> None:
    """A copy of a region has them, and they lie inside its folder."""
    with_streets(folder, StreetFiles(osm=[town]), "walk")
    save_region(load_region(folder), tmp_path / "copy")
    assert (tmp_path / "copy" / TILES_FILE).read_bytes() == (folder / TILES_FILE).read_bytes()
    for leading_out in ("../tiles.mbtiles", "/etc/passwd", "C:\\tiles"):
        with pytest.raises(ValueError, match="inside its folder"):
            Region.model_validate({"id": "x", "name": {"en": "x"}, "tiles": leading_out})
    shutil.rmtree(tmp_path / "copy" / "tiles")
    assert TILES_FILE not in attached_files(load_region(tmp_path / "copy"))


def test_a_region_without_anything_to_draw_has_no_tiles(tmp_path: Path) -> None:
    """Nor do empty networks make any."""
    assert draw_tiles(street_lines([]), [], scratch=tmp_path) is None


def test_crowded_tiles_stay_small(tmp_path: Path) -> None:
    """Twenty thousand pieces of streets within a kilometre take less than the limit."""
    rows = np.linspace(35.70, 35.71, 300)
    columns = np.linspace(136.20, 136.21, 300)
    across = [[(lon, lat) for lon in columns] for lat in rows]
    along = [[(lon, lat) for lat in rows] for lon in columns]
    cells = shapely.get_parts(shapely.node(shapely.multilinestrings(lines(*across, *along))))
    assert len(cells) > 170_000
    tiles = draw(tmp_path, {"minor": cells[::9]})
    for zoom in range(8, 15):
        assert max(sizes(tiles, zoom)) < 1.1 * LARGEST_LAYER_BYTES


def test_what_is_too_wide_or_too_small_is_left_out(tmp_path: Path) -> None:
    """A shape around the world would fill hundreds of millions of tiles; a shed is less than a dot from far off."""
    world = Outline("green", "", shapely.box(-179, -80, 179, 80))
    wood = Outline("green", "", shapely.box(136.2, 35.9, 136.25, 35.95))
    shed = Outline("green", "", shapely.box(136.3, 35.9, 136.30005, 35.90005))
    tiles = draw(tmp_path, {}, world, wood, shed)
    assert (tiles.shapes, tiles.too_wide) == ({"green": 2}, {"green": 1})
    path = tmp_path / "t.mbtiles"
    write_archive(path, tiles.tiles, tiles.info.model_copy(update={"name": "x"}))
    assert [len(drawn(path, "green", zoom).dissolve().explode()) for zoom in (11, 14)] == [1, 2]
    # Nothing of it lies anywhere near the world's ends.
    assert tiles.info.bounds == pytest.approx((136.2, 35.9, 136.30005, 35.95))


def test_a_poor_machine_draws_fewer_zooms_of_very_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a number of pieces the highest zooms are left out, and the metadata say so."""
    monkeypatch.setattr("api.tiles.drawing._MOST_PIECES", 40)
    tiles = draw(tmp_path, {}, Outline("green", "", shapely.box(136.2, 35.9, 136.4, 36.1)))
    assert max(zoom for zoom, _, _ in tiles.tiles) == tiles.info.maxzoom < 14
    houses = [Outline("building", "", shapely.box(136.2, 35.9, 136.201 + n / 1e4, 35.901)) for n in range(50)]
    assert draw_tiles({}, houses, scratch=tmp_path) is None
    assert draw(tmp_path, {"minor": lines([(136.2, 35.9), (136.3, 36.0)])}, *houses).shapes == {"streets": 1}


def test_shapes_at_the_poles_do_no_harm(tmp_path: Path) -> None:
    """Maps end at 85 degrees."""
    tiles = draw(tmp_path, {"minor": lines([(10.0, 89.0), (10.01, 89.9)], [(136.2, 35.9), (136.21, 35.9)])})
    assert -85 <= tiles.info.bounds[1] <= tiles.info.bounds[3] <= 85
    assert tiles.tiles


def test_a_file_of_very_much_is_drawn_in_part(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end; what is left out is counted."""
    whole = read_outlines([town])
    monkeypatch.setattr("regional_assets.readers.outlines._MOST_SHAPES", 2)
    part = read_outlines([town])
    assert len(part.found) == 2
    assert sum(part.left_out.values()) == sum(whole.left_out.values()) + len(whole.found) - 2


def test_elements_of_several_files_count_once(town: Path, tmp_path: Path) -> None:
    """What is broken in one file may be whole in another."""
    whole = tmp_path / "whole.osm"
    whole.write_text(OSM.replace('ref="99"', 'ref="22"'), encoding="utf-8")
    both = read_outlines([town, whole])
    assert len(both.found) == len(read_outlines([town]).found) + 1
    assert both.left_out == {"green": 1}


def test_a_tile_is_found_by_its_address(tmp_path: Path) -> None:
    """Rows count from the north; where nothing is drawn there is none."""
    path = tmp_path / "deep" / "t.mbtiles"
    write_archive(path, {(8, 224, 101): b"\x1a\x03\x0a\x01a"}, INFO)
    assert gzip.decompress(read_tile(path, 8, 224, 101) or b"") == b"\x1a\x03\x0a\x01a"
    assert read_tile(path, 8, 224, 154) is None
    assert read_info(path) == INFO
    check_archive(path)
    assert [file.name for file in path.parent.iterdir()] == ["t.mbtiles"]


def test_layers_of_a_tile_are_told_apart() -> None:
    """By their names, wherever in the layer these stand; what is no tile is refused."""
    one, two = b"\x1a\x05\x78\x02\x0a\x01a", b"\x1a\x04\x0a\x02bc"
    assert list(layers_of(one + two)) == [("a", one), ("bc", two)]
    assert list(layers_of(b"\x08\x01" + two)) == [("bc", two)]
    for broken in (
        b"\x1a",
        b"\x1a\x7f\x0a",
        b"\x1a\x02\x78\x02",
        b"\x1a\x06\x0a\x01a\x0a\x01b",
        b"\xff" * 20,
        b"\x1b\x00",
    ):
        with pytest.raises(BrokenTilesError):
            list(layers_of(broken))


def hostile(path: Path, *statements: str, **metadata: str | None) -> Path:
    """Write an archive, then spoil it."""
    write_archive(path, {(8, 224, 101): b"\x1a\x03\x0a\x01a"}, INFO)
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
        for name, value in metadata.items():
            database.execute("UPDATE metadata SET value = ? WHERE name = ?", (value, name))
    return path


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["DROP TABLE tiles", "CREATE VIEW tiles AS SELECT 8 zoom_level"], "is not as Meguri and GDAL write it"),
        (["CREATE VIEW more AS SELECT 1"], "the view 'more'"),
        (["CREATE TRIGGER t AFTER INSERT ON tiles BEGIN DELETE FROM tiles; END"], "the trigger 't'"),
        (["CREATE INDEX slow ON tiles (hex(tile_data))"], "the index 'slow'"),
        (["CREATE VIRTUAL TABLE v USING fts5(x)"], "'v"),
        (["DROP TABLE metadata"], "the table 'metadata'"),
        (["ALTER TABLE tiles ADD COLUMN x AS (hex(tile_data))"], "the table 'tiles'"),
        ([f"UPDATE tiles SET tile_data = zeroblob({LARGEST_TILE_BYTES + 1})"], "too big"),
        (["UPDATE tiles SET tile_data = 'text'"], "is no tile"),
        (["UPDATE tiles SET tile_data = NULL"], "is no tile"),
        (["UPDATE tiles SET tile_data = x'1a030a0161'"], "not packed by gzip"),
        (["UPDATE tiles SET tile_row = 256"], "has no such place"),
        (["UPDATE tiles SET tile_column = -1"], "has no such place"),
        (["UPDATE tiles SET zoom_level = 60"], "has no such place"),
        (["UPDATE tiles SET zoom_level = 'x'"], "is no tile"),
        (["DELETE FROM metadata WHERE name = 'bounds'"], "metadata: no bounds"),
    ],
)
def test_hostile_archives_are_refused(tmp_path: Path, statements: list[str], reason: str) -> None:
    """Whatever is in them besides two plain tables; nothing in them runs."""
    path = hostile(tmp_path / "t.mbtiles", *statements)
    with pytest.raises(BrokenTilesError) as refused:
        check_archive(path)
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"format": "png"}, "only pbf"),
        ({"bounds": "1,2,3"}, "metadata: 3"),
        ({"bounds": "nan,1,2,3"}, "metadata"),
        ({"bounds": "9,1,2,3"}, "wrong way round"),
        ({"minzoom": "-1"}, "metadata: minzoom"),
        ({"maxzoom": "31"}, "metadata: maxzoom"),
        ({"minzoom": "12", "maxzoom": "9"}, "wrong way round"),
        ({"json": "{"}, "metadata"),
        ({"json": '{"vector_layers": []}'}, "metadata: vector_layers"),
        ({"json": "[" * 100_000}, "metadata: no json"),
        ({"name": None}, "metadata: no name"),
        ({"minzoom": "9", "maxzoom": "9"}, "a tile at zoom 8"),
    ],
)
def test_metadata_that_make_no_sense_are_refused(tmp_path: Path, metadata: dict[str, str | None], reason: str) -> None:
    """By what is wrong with them."""
    with pytest.raises(BrokenTilesError) as refused:
        check_archive(hostile(tmp_path / "t.mbtiles", **metadata))
    assert reason in refused.value.reason


def test_files_that_are_no_archives_are_refused(tmp_path: Path) -> None:
    """Other files, other databases, folders, half a file, none at all."""
    (tmp_path / "text").write_text("tiles", encoding="utf-8")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    whole = hostile(tmp_path / "whole").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "noise").write_bytes(whole[:100] + bytes(range(256)) * (len(whole) // 256))
    with closing(sqlite3.connect(tmp_path / "other")) as database, database:
        database.execute("CREATE TABLE secrets (x)")
    for name in ("text", "empty", "folder", "half", "noise", "other", "absent"):
        with pytest.raises(BrokenTilesError):
            check_archive(tmp_path / name)
    assert not (tmp_path / "absent").exists()


def test_a_bomb_is_not_unpacked() -> None:
    """A tile that unpacks to more than any tile should is refused while it is unpacked."""
    bomb = gzip.compress(bytes(LARGEST_UNPACKED_BYTES * 4))
    assert len(bomb) < LARGEST_TILE_BYTES
    with pytest.raises(BrokenTilesError, match="unpacks to more"):
        unpacked(bomb)
