"""Vector tiles over HTTP: what a map is told, what it fetches, and what an import does not let in."""

from __future__ import annotations

import gzip
import io
import itertools
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from inline_executor import address_of_its_own

from api.client import MeguriClient, ServiceError
from api.service import Service
from api.tile_building import TILES_FILE
from api.tiles.archive import TileInfo, TileLayer, read_info, tiles_of
from api.tiles.layers import layers_of
from api.tiles.writing import write_archive
from regional_assets.model import Region
from regional_assets.region import save_region

TILE = b"\x1a\x03\x0a\x01a"
LAYER = TileLayer(id="a", minzoom=8, maxzoom=9, fields={})
INFO = TileInfo(
    name="x", attribution="<b>A & B</b>", minzoom=8, maxzoom=9, bounds=(136.0, 35.0, 137.0, 36.0), layers=[LAYER]
)
ADDRESS = (8, 224, 101)
OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
 <node id="1" version="1" lat="35.9" lon="136.2"><tag k="tourism" v="museum"/><tag k="name" v="紙の博物館"/></node>
 <node id="2" version="1" lat="35.901" lon="136.2"/><node id="3" version="1" lat="35.902" lon="136.201"/>
 <node id="4" version="1" lat="35.902" lon="136.202"/>
 <way id="5" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
 <way id="6" version="1"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="leisure" v="park"/></way>
</osm>
"""
_NUMBERS = itertools.count()


@pytest.fixture
def name() -> str:
    return f"town-{next(_NUMBERS)}"


@pytest.fixture
def folder(tmp_path: Path, region: Region) -> Path:
    """Return the folder of a region with one tile."""
    save_region(region.model_copy(update={"tiles": TILES_FILE}), tmp_path / "testland")
    write_archive(tmp_path / "testland" / TILES_FILE, {ADDRESS: TILE}, INFO)
    return tmp_path / "testland"


@pytest.fixture
def home(server: tuple[httpx.Client, Service], folder: Path, region: Region) -> str:
    """Return the address of that region, as its operator put it into a server."""
    return address_of_its_own(server[1], region.model_copy(update={"tiles": TILES_FILE, "folder": folder}))


def send(client: httpx.Client, name: str, role: str, file: str, content: bytes) -> httpx.Response:
    """Import a file, and wait for the end."""
    parts: Any = [(role, (file, content)), ("id", (None, name))]
    return client.post("/v1/regions:import", files=parts, headers={"Prefer": "wait=60"})


def packed(folder: Path, links: tuple[str, ...] = ()) -> bytes:
    """Return a region folder as a zip file; of ``links``, what they lead to is their content."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
        for link in links:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


def test_an_imported_region_has_the_tiles_that_its_tilejson_names(
    client: httpx.Client, name: str, server: tuple[Any, Service]
) -> None:
    """Streets and outlines of the file; every tile comes as it is stored, under an address of its own for ever."""
    answer = send(client, name, "osm", "town.osm", OSM.encode())
    report = answer.json()["result"]["tiles"]
    assert report["layers"] == {"green": 1, "streets": 1}
    body = client.get(f"/v1/regions/{name}").json()
    assert body["tiles"] is True
    (link,) = [link["href"] for link in body["links"] if link["rel"] == "tiles"]
    told = client.get(link, headers={"Accept-Language": "ja"})
    tilejson = told.json()
    assert (tilejson["tilejson"], tilejson["scheme"]) == ("3.0.0", "xyz")
    assert (tilejson["minzoom"], tilejson["maxzoom"]) == (8, 14)
    assert tilejson["bounds"] == pytest.approx([136.2, 35.901, 136.202, 35.902])
    assert tilejson["attribution"] == "© OpenStreetMap contributors (ODbL-1.0)"
    assert [layer["id"] for layer in tilejson["vector_layers"]] == ["green", "streets"]
    (address,) = tilejson["tiles"]
    assert address.startswith(f"{link}/{{z}}/{{x}}/{{y}}.mvt?v=")
    found = server[1].regions.tiles(name)
    assert found is not None
    stored = dict(tiles_of(found[1]))
    assert len(stored) == report["tiles"]
    for (z, x, y), content in stored.items():
        tile = client.get(address.format(z=z, x=x, y=y))
        assert tile.content == content
        assert tile.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        assert tile.headers["content-encoding"] == "gzip"
        assert tile.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert {layer for z, _, _ in stored for layer, _ in layers_of(stored[max(stored)])} == {"green", "streets"}


def test_tiles_are_kept_by_their_tag(client: httpx.Client, home: str) -> None:
    """Without the mark of the file a tile is asked for anew, and answered in short where it is the same."""
    tile = client.get(f"{home}/tiles/8/224/101.mvt")
    assert (tile.status_code, tile.content, tile.headers["cache-control"]) == (200, TILE, "private, no-cache")
    known = {"If-None-Match": tile.headers["etag"]}
    assert client.get(f"{home}/tiles/8/224/101.mvt", headers=known).status_code == 304
    assert client.get(f"{home}/tiles/8/224/101.mvt?v={'0' * 16}").headers["cache-control"] == "private, no-cache"
    plain = client.get(f"{home}/tiles/8/224/101.mvt", headers={"Accept-Encoding": "br, gzip;q=0"})
    assert (plain.content, plain.headers.get("content-encoding")) == (TILE, None)
    assert plain.headers["etag"] != tile.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]
    head = client.head(f"{home}/tiles/8/224/101.mvt")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tile.headers["etag"])


def test_where_nothing_is_drawn_there_is_nothing(client: httpx.Client, home: str) -> None:
    """An empty answer within the zooms, wherever it is; it is kept like a tile."""
    for address in ("8/0/0", "8/224/154", "9/448/202"):
        empty = client.get(f"{home}/tiles/{address}.mvt")
        assert (empty.status_code, empty.content) == (204, b"")
        assert "content-type" not in empty.headers
        assert empty.headers["etag"] == client.get(f"{home}/tiles/8/224/101.mvt").headers["etag"]


@pytest.mark.parametrize(
    "address",
    [
        *("7/112/50", "10/896/404", "8/256/0", "8/0/256", "8/-1/0", "8/1.0/0", "08/224/101", "8/+1/0", "8/1_0/1"),
        *("8/１/1", "8/0x1/1", "8/999999999/1", "8/9999999999/1", "999999999/0/0", "8/a/b", "8/../1", "8//1", "8/ 1/1"),
    ],
)
def test_places_that_no_map_has_are_not_found(client: httpx.Client, home: str, address: str) -> None:
    """Other zooms, tiles beyond the world, and what is no whole number as people write it."""
    answer = client.get(f"{home}/tiles/{address}.mvt")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_marks_that_make_no_sense_are_refused(client: httpx.Client, home: str) -> None:
    """Before anything is looked for."""
    for mark in ("x", "0" * 15, "0" * 17, "G" * 16, "..", ""):
        assert client.get(f"{home}/tiles/8/224/101.mvt", params={"v": mark}).status_code == 422


def test_a_region_without_tiles_says_so(client: httpx.Client) -> None:
    """As one that is not there does."""
    body = client.get("/v1/regions/echizen").json()
    assert body["tiles"] is False
    assert "tiles" not in {link["rel"] for link in body["links"]}
    for address in ("tiles", "tiles/8/224/101.mvt"):
        answer = client.get(f"/v1/regions/echizen/{address}")
        assert (answer.status_code, "no map tiles" in answer.json()["detail"]) == (404, True)
        assert client.get(f"/v1/regions/nowhere/{address}").status_code == 404


def test_a_file_that_is_not_there_is_not_promised(
    server: tuple[httpx.Client, Service], folder: Path, region: Region
) -> None:
    """A region may name it in any way that its folder understands."""
    for name, is_there in ((f"./{TILES_FILE}", True), ("tiles/others.mbtiles", False)):
        home = address_of_its_own(server[1], region.model_copy(update={"tiles": name, "folder": folder}))
        assert server[0].get(home).json()["tiles"] is is_there
        assert server[0].get(f"{home}/tiles").status_code == (200 if is_there else 404)


def test_attribution_is_text_wherever_it_came_from(client: httpx.Client, home: str) -> None:
    """Maps show it as HTML."""
    assert client.get(f"{home}/tiles").json()["attribution"] == "&lt;b&gt;A &amp; B&lt;/b&gt;"


def test_edits_of_places_leave_tiles_where_they_are(client: httpx.Client, home: str) -> None:
    """Their address stays, so that browsers keep them; the data version changes."""
    before, version = client.get(f"{home}/tiles").json(), client.get(home).json()["data_version"]
    asset = client.get(f"{home}/collections/assets/items").json()["features"][0]["id"]
    edit = {"properties": {"appeal": 1}}
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert client.patch(f"{home}/collections/assets/items/{asset}", json=edit, headers=headers).status_code == 200
    assert client.get(home).json()["data_version"] != version
    assert client.get(f"{home}/tiles").json() == before


def test_a_region_folder_brings_its_tiles_along(client: httpx.Client, folder: Path, name: str) -> None:
    """As they are."""
    answer = send(client, name, "region", "testland.zip", packed(folder))
    assert answer.json()["state"] == "succeeded", answer.text
    assert answer.json()["result"]["tiles"] is None
    assert client.get(f"/v1/regions/{name}/tiles/8/224/101.mvt").content == TILE


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (["DROP TABLE tiles", "CREATE VIEW tiles AS SELECT * FROM metadata"], "not as Meguri and GDAL write it"),
        (["UPDATE tiles SET tile_data = randomblob(600000)"], "too big"),
        (["UPDATE tiles SET tile_data = 'text'"], "no tile"),
        (["UPDATE metadata SET value = 'png' WHERE name = 'format'"], "only pbf is read"),
    ],
)
def test_hostile_tiles_are_refused(client: httpx.Client, folder: Path, name: str, spoil: list[str], words: str) -> None:
    """With the file and what is wrong with it, in so many words; there is no region then."""
    with closing(sqlite3.connect(folder / TILES_FILE)) as database, database:
        for statement in spoil:
            database.execute(statement)
    refusal(send(client, name, "region", "testland.zip", packed(folder)), words)
    assert client.get(f"/v1/regions/{name}").status_code == 404


def test_what_is_no_archive_of_tiles_is_refused(client: httpx.Client, folder: Path, name: str) -> None:
    """Text, a bomb, another file of the region, a folder, a link, nothing."""
    path = folder / TILES_FILE
    path.write_text("tiles", encoding="utf-8")
    refusal(send(client, name, "region", "testland.zip", packed(folder)), "file is not a database")
    write_archive(path, {ADDRESS: bytes(20_000_000)}, INFO)
    refusal(send(client, name, "region", "testland.zip", packed(folder)), "unpacks to more than")
    path.unlink()
    refusal(send(client, name, "region", "testland.zip", packed(folder)), "no such file")
    refusal(send(client, name, "region", "testland.zip", packed(folder, links=(TILES_FILE,))), "is no plain file")
    path.mkdir()
    (path / "x").touch()
    refusal(send(client, name, "region", "testland.zip", packed(folder)), "no file")
    head = (folder / "region.toml").read_text(encoding="utf-8")
    for other in ("assets.geojson", "region.toml"):
        (folder / "region.toml").write_text(head.replace(TILES_FILE, other), encoding="utf-8")
        refusal(send(client, name, "region", "testland.zip", packed(folder)), "file is not a database", other)


def refusal(answer: httpx.Response, words: str, file: str = TILES_FILE) -> None:
    """Check that an answer is a refusal that says what is wrong."""
    assert answer.status_code == 422, answer.text
    details = [error["detail"] for error in answer.json()["errors"]]
    assert any(file in detail and words in detail for detail in details), details


def test_a_broken_file_of_the_operator_is_no_fault_of_the_server(
    server: tuple[httpx.Client, Service], folder: Path, region: Region
) -> None:
    """Everything else of the region is there; of its tiles is told why they are not."""
    client, service = server
    for content in (b"", b"tiles", gzip.compress(b"x"), (folder / TILES_FILE).read_bytes()[:5_000]):
        (folder / TILES_FILE).write_bytes(content)
        home = address_of_its_own(service, region.model_copy(update={"tiles": TILES_FILE, "folder": folder}))
        assert client.get(home).json()["tiles"] is True
        for address in ("tiles", "tiles/8/224/101.mvt"):
            answer = client.get(f"{home}/{address}")
            assert answer.status_code == 404, answer.text
            assert "cannot be used as map tiles" in answer.json()["detail"]


def test_the_client_fetches_tiles(client: httpx.Client, home: str) -> None:
    """Described as the server does, and unpacked; empty where nothing is drawn."""
    asking = MeguriClient(str(client.base_url), http=client)
    region = home.rpartition("/")[2]
    described = asking.tiles(region)
    assert (described.minzoom, described.vector_layers) == (8, [LAYER])
    assert asking.tile(region, *ADDRESS) == TILE
    assert asking.tile(region, 8, 0, 0) == b""
    with pytest.raises(ServiceError):
        asking.tile(region, 3, 0, 0)


def test_stored_tiles_are_those_of_the_folder(server: tuple[httpx.Client, Service], home: str) -> None:
    """Kept by their content, so that regions share them; a state handed to workers holds them, too."""
    service = server[1]
    region_id = home.rpartition("/")[2]
    found, snapshot = service.regions.tiles(region_id), service.regions.snapshot(region_id)
    assert found is not None
    assert snapshot is not None
    assert read_info(found[1]) == read_info(snapshot.folder / TILES_FILE) == INFO
