"""Geographic files of others: columns found, positions turned, nothing dropped silently."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path

import geopandas
import pytest
import shapely

from regional_assets.errors import InputError
from regional_assets.frames import write_assets
from regional_assets.model import Asset, Kind, Name, Source, VisitMinutes
from regional_assets.readers.geofile import read_geofile
from regional_assets.report import ReadResult

PLACES = {
    "名称": ["紙の文化博物館", "そば処", None],
    "種別": ["文化", "飲食店", "自然"],
    "住所": ["越前市新在家町", None, None],
    "営業時間": ["9:30～17:00", "11:00-14:00", None],
    "休館日": ["火曜", None, None],
    "料金": ["大人300円", None, None],
    "備忘": ["x", "y", "z"],
}
POINTS = [shapely.Point(136.25, 35.9), shapely.Point(136.2, 35.95), shapely.Point(136.1, 35.8)]


def frame(crs: str | None = "EPSG:4326") -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(PLACES, geometry=POINTS, crs=crs)


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return target


def assert_counts(result: ReadResult) -> None:
    assert result.rows == len(result.assets) + len(result.refused)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_columns_are_guessed_and_guesses_shown(tmp_path: Path, suffix: str) -> None:
    """Japanese column names are understood in every format, and each guess is a warning."""
    path = tmp_path / f"places{suffix}"
    table = frame()
    table.to_parquet(path) if suffix == ".parquet" else table.to_file(path)
    result = read_geofile(path, licence="CC BY 4.0")
    assert_counts(result)
    assert (result.rows, len(result.assets)) == (3, 2)
    museum, soba = result.assets
    assert (museum.kind, museum.name.ja, museum.address) == (Kind.CULTURE, "紙の文化博物館", "越前市新在家町")
    assert (museum.lon, museum.lat) == (136.25, 35.9)
    assert museum.price.adult == 300
    assert museum.opening is not None
    assert museum.opening.osm is not None
    assert "火曜" in (museum.opening.text or "")
    assert (soba.kind, soba.opening.osm if soba.opening else None) == (Kind.FOOD, "11:00-14:00")
    assert museum.sources == (Source(name=path.name, licence="CC BY 4.0", row=f"{path.name}:1"),)
    assert {item.field for item in museum.assumed} == {"visit_minutes", "appeal"}
    assert result.refused[0].where == f"{path.name}:3 name"
    said = " | ".join(problem.message.en for problem in result.warnings)
    assert "'名称' was taken as name_ja" in said
    assert "columns not used: 備忘" in said


def test_given_columns_and_kind_win(tmp_path: Path) -> None:
    """What the caller says is taken over what could be guessed."""
    path = tmp_path / "places.geojson"
    frame().to_file(path)
    result = read_geofile(path, columns={"name_ja": "備忘"}, kind=Kind.CRAFT)
    assert [(asset.kind, asset.name.ja) for asset in result.assets] == [
        (Kind.CRAFT, "x"),
        (Kind.CRAFT, "y"),
        (Kind.CRAFT, "z"),
    ]


def test_other_coordinate_systems_and_shapes_become_points_in_degrees(tmp_path: Path) -> None:
    """A polygon in metres gives a point inside it, in degrees."""
    path = tmp_path / "park.gpkg"
    ring = shapely.Point(136.25, 35.9).buffer(0.001)
    table = geopandas.GeoDataFrame({"name": ["Park"]}, geometry=[ring], crs=4326).to_crs(6674)
    table.to_file(path)
    asset = read_geofile(path, kind=Kind.NATURE).assets[0]
    assert ring.contains(shapely.Point(asset.lon, asset.lat))


def test_missing_coordinate_system_is_flagged_or_refused(tmp_path: Path) -> None:
    """Degrees without a system are taken as such and flagged; metres without one are refused."""
    folder = tmp_path / "a"
    folder.mkdir()
    degrees = geopandas.GeoDataFrame({"name": ["A"]}, geometry=[POINTS[0]], crs=4326)
    degrees.to_file(folder / "a.shp")
    (folder / "a.prj").unlink()
    result = read_geofile(folder / "a.shp", kind=Kind.NATURE)
    assert any("no coordinate system" in problem.message.en for problem in result.warnings)
    degrees.to_crs(6674).to_file(folder / "b.shp")
    (folder / "b.prj").unlink()
    with pytest.raises(InputError, match="no coordinate system"):
        read_geofile(folder / "b.shp", kind=Kind.NATURE)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_shapefile_without_stated_encoding_is_readable(tmp_path: Path, encoding: str) -> None:
    """Japanese in a Shapefile that states no encoding is not turned into nonsense, zipped or not."""
    folder = tmp_path / "shp"
    folder.mkdir()
    table = geopandas.GeoDataFrame({"name": ["越前和紙の里", "永平寺"]}, geometry=POINTS[:2], crs=4326)
    table.to_file(folder / "a.shp", encoding=encoding)
    (folder / "a.cpg").unlink()
    dbf = bytearray((folder / "a.dbf").read_bytes())
    dbf[29] = 0
    (folder / "a.dbf").write_bytes(dbf)
    for path in (folder / "a.shp", zipped(folder, tmp_path / "a.zip")):
        result = read_geofile(path, kind=Kind.CULTURE)
        assert [asset.name.ja for asset in result.assets] == ["越前和紙の里", "永平寺"]
        assert any(encoding in problem.message.en for problem in result.warnings)


def test_own_files_are_restored_exactly(tmp_path: Path) -> None:
    """A file that we wrote comes back as it was, with no guess."""
    asset = Asset(
        id="a",
        kind=Kind.FOOD,
        name=Name(ja="そば"),
        lon=136.2,
        lat=35.9,
        visit_minutes=VisitMinutes(min=1, typical=2, max=3),
        appeal=77,
        sources=(Source(name="test", row="12"),),
    )
    for suffix in (".geojson", ".gpkg", ".parquet"):
        write_assets([asset], tmp_path / f"a{suffix}")
        result = read_geofile(tmp_path / f"a{suffix}")
        assert (result.assets, result.dataset, result.warnings) == ((asset,), "assets", ())


def test_rows_without_position_are_kept_and_flagged(tmp_path: Path) -> None:
    """An empty geometry is no reason to lose a row; columns of degrees are used where there are any."""
    path = tmp_path / "a.geojson"
    table = geopandas.GeoDataFrame(
        {"name": ["A", "B"], "緯度": [None, 35.5], "経度": [None, 136.5]}, geometry=[None, None], crs=4326
    )
    table.to_file(path)
    result = read_geofile(path, kind=Kind.NATURE)
    assert [(asset.lon, asset.lat) for asset in result.assets] == [(None, None), (136.5, 35.5)]
    assert [problem.where for problem in result.warnings if problem.message.en == "has no position"] == ["a.geojson:1"]


def test_ids_are_taken_where_usable_and_made_where_not(tmp_path: Path) -> None:
    """Usable ids stay, doubled and Japanese ones are replaced by file and row."""
    path = tmp_path / "場所.geojson"
    table = geopandas.GeoDataFrame({"name": ["A", "B", "C"], "id": ["x1", "x1", "三"]}, geometry=POINTS, crs=4326)
    table.to_file(path)
    ids = [asset.id for asset in read_geofile(path, kind=Kind.NATURE).assets]
    assert ids[0] == "x1"
    assert len(set(ids)) == 3
    assert all(asset_id.isascii() for asset_id in ids)


def test_unusable_input_is_one_clear_error(tmp_path: Path) -> None:
    """Wrong type, missing, broken, no names, no kind, unknown columns, several layers, bad archives."""
    with pytest.raises(InputError, match="accepted types"):
        read_geofile(tmp_path / "a.kml")
    with pytest.raises(InputError, match="no such file"):
        read_geofile(tmp_path / "a.gpkg")
    for name in ("b.geojson", "b.gpkg", "b.parquet", "b.shp", "b.zip"):
        (tmp_path / name).write_bytes(b"broken")
        with pytest.raises(InputError, match="cannot be read"):
            read_geofile(tmp_path / name)
    path = tmp_path / "c.gpkg"
    geopandas.GeoDataFrame({"foo": [1]}, geometry=POINTS[:1], crs=4326).to_file(path, layer="one")
    with pytest.raises(InputError) as caught:
        read_geofile(path)
    assert [problem.where.rsplit(" ", 1)[1] for problem in caught.value.problems] == ["name_ja", "kind"]
    with pytest.raises(InputError) as caught:
        read_geofile(path, columns={"colour": "foo", "name_ja": "bar"})
    assert len(caught.value.problems) == 2
    geopandas.GeoDataFrame({"name": ["A"]}, geometry=POINTS[:1], crs=4326).to_file(path, layer="two")
    with pytest.raises(InputError, match="name a layer; there are: one, two"):
        read_geofile(path)
    assert len(read_geofile(path, layer="two", kind=Kind.NATURE).assets) == 1


def test_archives_that_lead_out_or_explode_are_refused(tmp_path: Path) -> None:
    """Neither zip-slip nor zip bombs reach the reader."""
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../../a.shp", b"")
    with pytest.raises(InputError, match="leads out"):
        read_geofile(tmp_path / "slip.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 30_000_000)
    with pytest.raises(InputError, match="unpacks to too much"):
        read_geofile(tmp_path / "bomb.zip")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", b"hello")
    with pytest.raises(InputError, match="no Shapefile"):
        read_geofile(tmp_path / "none.zip")


def test_unknown_kinds_are_refused_row_by_row(tmp_path: Path) -> None:
    """A word that names no kind refuses its row, with what would be accepted."""
    path = tmp_path / "a.geojson"
    geopandas.GeoDataFrame({"name": ["A", "B"], "種別": ["自然", "謎"]}, geometry=POINTS[:2], crs=4326).to_file(path)
    result = read_geofile(path)
    assert_counts(result)
    assert result.refused[0].value == "謎"
    assert "nature" in result.refused[0].message.en


@pytest.mark.shared_data
def test_zipped_shapefile_of_ube_reads_whole(shared: Path) -> None:
    """A large real zipped Shapefile in another datum reads; each edge is a row."""
    path = shared / "data/yamaguchi-ube/osm/ube_roads_osmnx_walk_shp.zip"
    result = read_geofile(path, kind=Kind.CULTURE, columns={"name_ja": "name", "id": "osmid"})
    assert_counts(result)
    assert result.rows == 30_750
    assert all(131 < (asset.lon or 0) < 132 for asset in result.assets)


@pytest.mark.parametrize("position", [(34.6, 135.8), (15_100_000.0, 4_100_000.0)])
def test_positions_that_are_no_degrees_are_told_as_such(tmp_path: Path, position: tuple[float, float]) -> None:
    """Latitude first, or metres in a file that must hold degrees: kept without a position, with the numbers found."""
    path = tmp_path / "places.geojson"
    geometry = json.dumps({"type": "Point", "coordinates": position})
    feature = f'{{"type": "Feature", "properties": {{"name": "寺", "kind": "culture"}}, "geometry": {geometry}}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', encoding="utf-8")
    result = read_geofile(path)
    assert not result.assets[0].has_position
    assert any("outside the range of degrees" in warning.message.en for warning in result.warnings)


@pytest.mark.parametrize("name", ["broken.gpkg", "broken.shp", "broken.parquet", "broken.geojson", "empty.geojson"])
def test_a_broken_file_is_one_line_without_advice_to_programmers(tmp_path: Path, name: str) -> None:
    """What GDAL adds for those who call it is left out, and nothing is printed beside the error."""
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else b"SQLite format 3\0" + bytes(500))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as refusal:
            read_geofile(path)
    (problem,) = refusal.value.problems
    assert "It might help" not in problem.message.en
    assert problem.where == str(path)


def test_a_file_without_features_is_refused(tmp_path: Path) -> None:
    """Nothing in it is the reason, not its columns."""
    path = tmp_path / "places.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(InputError, match="holds no feature"):
        read_geofile(path)


def test_lists_in_cells_and_shapes_that_are_none_cost_nothing_else(tmp_path: Path) -> None:
    """A list is read as its entries; a broken shape costs its row the position, with a warning, not the file."""
    path = tmp_path / "places.geojson"
    ring = {"type": "Polygon", "coordinates": [[[136.2, 35.9], [136.3, 35.9]]]}
    features = [
        {
            "type": "Feature",
            "properties": {"name": "工房", "kind": "craft", "tags": ["washi", "paper"]},
            "geometry": ring,
        },
        {"type": "Feature", "properties": {"name": "里", "kind": "craft", "tags": None}, "geometry": None},
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    result = read_geofile(path)
    assert [asset.tags for asset in result.assets] == [("washi", "paper"), ()]
    assert not any(asset.has_position for asset in result.assets)
    assert sum("position" in warning.message.en for warning in result.warnings) == 2
