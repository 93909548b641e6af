"""Regions made of uploaded files: the report, the region, and everything that is not let in."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from inline_executor import serving_inline
from serving import serving

from api.http.app import create_app
from api.service import Service, build_service
from api.service_settings import ServiceSettings
from regional_assets.model import Region
from regional_assets.region import bundled_region_folder, load_region, save_region

PLACES = "name,latitude,longitude\nA寺,35.9,136.2\nB社,35.91,136.21\n名無し,,\n"
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Test,https://example.org,Asia/Tokyo\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,駅,35.9,136.2\nB,里,35.95,136.25\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,1,赤,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,W,T1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,08:00:00,08:00:00,A,1\nT1,08:20:00,08:20:00,B,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "W,1,1,1,1,1,1,1,20260401,20280331\n",
}
OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
 <node id="1" version="1" lat="35.9" lon="136.2"><tag k="tourism" v="museum"/><tag k="name" v="紙の博物館"/></node>
 <node id="2" version="1" lat="35.901" lon="136.2"/><node id="3" version="1" lat="35.902" lon="136.201"/>
 <way id="4" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
</osm>
"""
Answer = dict[str, Any]
ROWS = 3_000
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Service]]:
    """Return a client of a server with low limits, and the service behind it."""
    limits = {"rows_limit": ROWS, "unpacked_limit_bytes": 3_000_000, "unpacked_files": 60}
    with serving_inline(tmp_path_factory, **limits, upload_limit_bytes=4_000_000) as served:
        yield served


@pytest.fixture
def client(server: tuple[httpx.Client, Service]) -> httpx.Client:
    return server[0]


@pytest.fixture
def name() -> str:
    return f"town-{next(_NUMBERS)}"


def send(
    client: httpx.Client, name: str, *files: tuple[str, str, bytes | str], **fields: str | list[str]
) -> httpx.Response:
    """Import files, each given as role, file name and content, and wait for the end."""
    parts = [
        (role, (file, content.encode() if isinstance(content, str) else content, "application/octet-stream"))
        for role, file, content in files
    ]
    # As a part like the files: without any file, the form would be of another media type.
    parts.append(("id", (None, str(fields.pop("id", name)).encode(), None)))
    return client.post("/v1/regions:import", data=fields, files=parts, headers={"Prefer": "wait=60"})


def packed(members: dict[str, str | bytes], **changes: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            info = zipfile.ZipInfo(path)
            info.compress_type = zipfile.ZIP_DEFLATED
            for field, value in changes.items():
                setattr(info, field, value)
            archive.writestr(info, content)
    return stream.getvalue()


def geojson(*features: dict[str, Any], **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}, ensure_ascii=False)


def place(name: str = "里", **properties: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [136.2, 35.9]}
    return {"type": "Feature", "properties": {"name": name, "kind": "craft", **properties}, "geometry": point}


def refusal(answer: httpx.Response, pointer: str, words: str) -> None:
    """Check that an answer is a refusal that names a file by its field, and says what is wrong with it."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json()["errors"]
    assert any(error["pointer"] == pointer and words in error["detail"] for error in errors), errors


def test_a_csv_file_becomes_a_region_with_a_report_on_every_row(client: httpx.Client, name: str) -> None:
    """Rows add up, refused ones are told with their line, and the region is there to be read."""
    answer = send(client, name, ("csv", "places.csv", PLACES), name_ja="町", licence="CC BY 4.0")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    report = body["result"]
    [read] = report["inputs"]
    assert (body["kind"], body["state"], body["region"]) == ("region-import", "succeeded", name)
    assert (read["source"], read["rows"]) == ("places.csv", 3)
    assert read["accepted"] + len(read["refused"]) == 3
    assert report["assets"] == read["accepted"]
    region = client.get(report["links"]["self"]).json()
    assert report["links"]["self"] == f"{client.base_url}/v1/regions/{name}"
    assert (body["data_version"], report["data_version"]) == (None, region["data_version"])
    assert (region["name"], region["origin"], region["assets"]) == (
        {"ja": "町", "en": None},
        "import",
        report["assets"],
    )
    items = client.get(report["links"]["items"]).json()
    assert items["features"][0]["properties"]["sources"][0]["licence"] == "CC BY 4.0"
    assert "/tmp" not in answer.text


def test_all_kinds_of_files_go_into_one_region(client: httpx.Client, name: str) -> None:
    """Places are merged, streets are built, timetables are kept with the region."""
    answer = send(
        client,
        name,
        ("csv", "places.csv", PLACES),
        ("geofile", "more.geojson", geojson(place())),
        ("osm", "map.osm", OSM),
        ("gtfs", "バス.zip", packed(FEED)),
        modes=["walk", "car"],
        name_en="Town",
    )
    assert answer.status_code == 200, answer.text
    report = answer.json()["result"]
    assert {read["dataset"] for read in report["inputs"]} >= {"geofile", "osm"}
    assert set(report["streets"]) == {"walk", "car"}
    assert report["timetables"][0]["file"] == "バス.zip"
    region = client.get(report["links"]["self"]).json()
    assert (sorted(region["streets"]), region["timetables"]) == (["car", "walk"], 1)
    check = client.get(report["links"]["check"]).json()["result"]
    assert "timetable_unusable" not in check["counts"]
    assert "streets_unusable" not in check["counts"]


def test_a_region_folder_is_taken_over_whole(client: httpx.Client, name: str) -> None:
    """The bundled region, zipped with a folder around it, comes back with every asset, rule and timetable."""
    folder = bundled_region_folder()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, f"mine/{path.relative_to(folder)}")
    answer = send(client, name, ("region", "mine.zip", stream.getvalue()))
    assert answer.status_code == 200, answer.text
    report, known = answer.json()["result"], load_region(folder)
    assert report["assets"] == len(known.assets)
    assert len(report["timetables"]) == 2
    region = client.get(report["links"]["self"]).json()
    assert (region["name"], region["timetables"]) == (known.name.model_dump(), 2)


def test_what_is_downloaded_can_be_imported_again(client: httpx.Client, name: str, server: tuple[Any, Service]) -> None:
    """GeoJSON from the API makes the same assets in another region."""
    answer = send(
        client, name, ("geofile", "echizen.geojson", client.get("/v1/regions/echizen/assets.geojson").content)
    )
    assert answer.status_code == 200, answer.text
    here, there = server[1].regions.stored(name), server[1].regions.stored("echizen")
    assert here is not None
    assert there is not None
    assert here.bodies == there.bodies


def test_a_region_that_is_there_is_replaced_only_on_request(client: httpx.Client, name: str) -> None:
    """409 without `replace`; with it the whole region changes at once."""
    assert send(client, name, ("csv", "a.csv", PLACES)).status_code == 200
    again = send(client, name, ("geofile", "b.geojson", geojson(place())))
    assert again.status_code == 409
    assert again.json()["errors"][0]["pointer"] == "/id"
    replaced = send(client, name, ("geofile", "b.geojson", geojson(place())), replace="true")
    assert replaced.status_code == 200
    region = client.get(f"/v1/regions/{name}").json()
    assert (region["assets"], region["revision"]) == (1, 2)


def test_an_import_sent_twice_with_one_key_is_done_once(client: httpx.Client, name: str) -> None:
    """Same key and files: the same job, though the region is there by then. Same key and other files: refused."""
    headers = {"Prefer": "wait=60", "Idempotency-Key": f"key-{name}"}

    def post(content: str) -> httpx.Response:
        files = {"csv": ("a.csv", content.encode(), "text/csv")}
        return client.post("/v1/regions:import", data={"id": name}, files=files, headers=headers)

    first, second = post(PLACES), post(PLACES)
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["idempotency-replayed"] == "true"
    assert post(PLACES + "C,35.9,136.3\n").status_code == 409


@pytest.mark.parametrize(
    ("files", "fields", "pointer"),
    [
        ([], {}, ""),
        ([("gtfs", "a.zip", packed(FEED))], {}, ""),
        ([("csv", "a.csv", PLACES)], {"prefecture": "福井"}, "/prefecture"),
        ([("region", "a.zip", packed({"a": ""})), ("csv", "a.csv", PLACES)], {}, "/region"),
        ([("heritage", "a.csv", PLACES), ("heritage", "b.csv", PLACES)], {}, "/heritage"),
        ([("csv", "a.csv", PLACES)], {"place": "Sabae, Japan"}, "/place"),
        ([("csv", "a.csv", PLACES)], {"modes": "train"}, "/modes/0"),
        ([("csv", "a.csv", PLACES)], {"name_ja": "長" * 201}, "/name_ja"),
        ([("csv", "a.csv", PLACES)], {"replace": "perhaps"}, "/replace"),
        ([("csv", "a.csv", PLACES)], {"id": "Über Town"}, "/id"),
    ],
)
def test_forms_that_make_no_sense_are_refused(
    client: httpx.Client, name: str, files: list[Any], fields: dict[str, str], pointer: str
) -> None:
    """Each field is checked before anything is kept; a place name, which would be looked up, is not a field at all."""
    answer = send(client, name, *files, **fields)
    assert answer.status_code == 422
    assert pointer in [error.get("pointer") for error in answer.json()["errors"]], answer.text


def test_all_that_is_wrong_with_a_form_is_told_at_once(client: httpx.Client, name: str) -> None:
    """Fields that are not known, files of another kind, and what does not go together."""
    answer = send(client, name, ("csv", "a.csv", b""), place="Sabae", prefecture="福井")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/place", "/csv/0", "/prefecture"]


@pytest.mark.parametrize(
    ("role", "content"),
    [
        ("csv", b""),
        ("csv", b"PK\x03\x04not really"),
        ("csv", b"a,b\0c\n"),
        ("csv", gzip.compress(PLACES.encode())),
        ("csv", b"<osm/>"),
        ("geofile", b"<OGRVRTDataSource><OGRVRTLayer name='passwd'/></OGRVRTDataSource>"),
        ("geofile", b"/vsicurl/http://127.0.0.1/x"),
        ("geofile", b"PAR1"),
        ("osm", b"name,lat,lon\n"),
        ("gtfs", b"stop_id,stop_name\n"),
        ("region", b"id = 'x'"),
        ("heritage", b"{}"),
        ("edges", b"\x1f\x8b\x08\0\0\0\0\0"),
    ],
)
def test_files_of_another_kind_are_turned_away_at_the_door(
    client: httpx.Client, name: str, role: str, content: bytes
) -> None:
    """The content says what a file is, whatever it is called."""
    refusal(send(client, name, (role, "data.geojson", content)), f"/{role}/0", "not accepted")


@pytest.mark.parametrize("member", ["../x", "/etc/x", "C:/x", "a/../../x", "a\\..\\x", "CON", "aux.txt", "a\nb", "x:y"])
@pytest.mark.parametrize("role", ["gtfs", "region", "geofile"])
def test_names_in_archives_that_lead_out_are_refused(client: httpx.Client, name: str, role: str, member: str) -> None:
    """On any system: parent folders, roots, drives, devices, control characters."""
    content = packed({member: "x", "stops.txt": ""})
    files = [(role, "a.zip", content), *([("csv", "a.csv", PLACES)] if role == "gtfs" else [])]
    answer = send(client, name, *files)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{role}/0"
    assert client.get(f"/v1/regions/{name}").status_code == 404


def test_links_encrypted_doubled_and_oddly_packed_members_are_refused(client: httpx.Client, name: str) -> None:
    """An archive holds plain files, each once, that can be read."""
    link = packed({"stops.txt": "/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16, create_system=3)
    refusal(send(client, name, ("region", "a.zip", link)), "/region/0", "no plain file")
    encrypted = bytearray(packed({"stops.txt": "x"}))
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    refusal(send(client, name, ("region", "a.zip", bytes(encrypted))), "/region/0", "ncrypted")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a/b.txt", "1")
        archive.writestr("A/B.TXT", "2")
    refusal(send(client, name, ("region", "a.zip", stream.getvalue())), "/region/0", "twice")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", "1")
    refusal(send(client, name, ("region", "a.zip", stream.getvalue())), "/region/0", "packed in a way")
    refusal(send(client, name, ("region", "a.zip", packed({"a": "1", "a/b": "2"}))), "/region/0", "twice")


def test_bombs_are_refused_before_they_are_unpacked(client: httpx.Client, name: str) -> None:
    """By stated size, by number of files, by overlapping entries, and by a lie about the size."""
    refusal(send(client, name, ("region", "a.zip", packed({"a": bytes(4_000_000)}))), "/region/0", "unpacks to")
    many = packed({f"{number}.txt": "x" for number in range(61)})
    refusal(send(client, name, ("region", "a.zip", many)), "/region/0", "at most 60 files")
    lying = bytearray(packed({"region.toml": bytes(2_000_000)}))
    for magic, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", lying, lying.rindex(magic) + place, 10)
    refusal(send(client, name, ("region", "a.zip", bytes(lying))), "/region/0", "damaged")
    overlapping = bytearray(packed({f"{number}.txt": f"{number}" * 5_000 for number in range(20)}))
    starts = [place for place in range(len(overlapping)) if overlapping.startswith(b"PK\x01\x02", place)]
    for start in starts:
        struct.pack_into("<I", overlapping, start + 20, 2_000)
    refusal(send(client, name, ("region", "a.zip", bytes(overlapping))), "/region/0", "overlap")


def test_packed_map_data_is_unpacked_within_limits_only(client: httpx.Client, name: str) -> None:
    """A bomb in gzip is stopped on its way; sound data in gzip is read."""
    refusal(send(client, name, ("osm", "a.osm.gz", gzip.compress(bytes(4_000_000)))), "/osm/0", "too large")
    answer = send(client, name, ("osm", "a.osm.gz", gzip.compress(OSM.encode())))
    assert answer.status_code == 200, answer.text
    broken = gzip.compress(OSM.encode())[:-12]
    refusal(send(client, f"{name}-b", ("osm", "a.osm.gz", broken)), "/osm/0", "damaged")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE osm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE osm SYSTEM "http://127.0.0.1/x.dtd">',
        "<!--" + " " * 2_000_000 + '--><!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_in_map_data_are_refused(client: httpx.Client, name: str, head: str) -> None:
    """No document type is let in, wherever it stands: entities expand, or name files and addresses."""
    refusal(send(client, name, ("osm", "a.osm", f"<?xml version='1.0'?>{head}<osm/>")), "/osm/0", "document type")
    utf16 = f"<?xml version='1.0' encoding='UTF-7'?>{head[:60]}<osm/>"
    refusal(send(client, name, ("osm", "a.osm", utf16)), "/osm/0", "UTF-8")


def test_geojson_never_makes_gdal_read_something_else(client: httpx.Client, name: str) -> None:
    """A file that is GeoJSON and at once a pipeline, a virtual layer or a link to a coordinate system stays GeoJSON."""
    wild = geojson(
        place("<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"),
        gdalVersion="3.12",
        command_line="gdal vector read /etc/passwd",
        note='"type": "gdal_streamed_alg"',
    )
    answer = send(client, name, ("geofile", "a.geojson", wild))
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["assets"] == 1
    link = geojson(place(), crs={"type": "link", "properties": {"href": "http://127.0.0.1/x", "type": "proj4"}})
    refusal(send(client, f"{name}-b", ("geofile", "a.geojson", link)), "/geofile/0", "coordinate system")
    address = geojson(place(), crs={"type": "name", "properties": {"name": "http://127.0.0.1/x"}})
    refusal(send(client, f"{name}-b", ("geofile", "a.geojson", address)), "/geofile/0", "coordinate system")
    japanese = geojson(place(), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::6668"}})
    assert send(client, f"{name}-b", ("geofile", "a.geojson", japanese)).status_code == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "not JSON"),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": "\\ud800"}}]}',
            "not JSON",
        ),
        ('{"type": "Topology"}', "no GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": [1]}', "no GeoJSON Feature"),
        ('{"type": "FeatureCollection", "features": ' + "[" * 100 + "]" * 100 + "}", "nested too deeply"),
        ('{"a": ' + "9" * 5_000 + "}", "not JSON"),
        (geojson(*[place()] * (ROWS + 1)), f"at most {ROWS:,}"),
        (geojson(), "no feature"),
    ],
)
def test_geojson_beyond_bounds_is_refused(client: httpx.Client, name: str, content: str, words: str) -> None:
    """Depth, number of features, numbers and characters that nothing can keep."""
    refusal(send(client, name, ("geofile", "a.geojson", content)), "/geofile/0", words)


def test_tables_beyond_bounds_are_refused(client: httpx.Client, name: str) -> None:
    """Rows, the length of a line and the number of its cells are bounded before a reader sees them."""
    refusal(send(client, name, ("csv", "a.csv", PLACES + "A,35,136\n" * ROWS)), "/csv/0", f"at most {ROWS:,}")
    refusal(send(client, name, ("csv", "a.csv", "name," + "x" * 1_100_000)), "/csv/0", "too long")
    refusal(send(client, name, ("csv", "a.csv", "name" + "," * 2_000)), "/csv/0", "too many cells")
    long = {**FEED, "stop_times.txt": FEED["stop_times.txt"] + "T1,09:00:00,09:00:00,A,1\n" * (5 * ROWS + 1)}
    files = [("csv", "a.csv", PLACES), ("gtfs", "a.zip", packed(long))]
    refusal(send(client, name, *files), "/gtfs/0", f"at most {5 * ROWS:,}")


def test_too_large_a_body_is_refused_while_it_arrives(client: httpx.Client, name: str) -> None:
    """413, also where nobody said how large it would be."""

    def parts() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="csv"; filename="a.csv"\r\n\r\n'
        for _ in range(80):
            yield b"a" * 65_536

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/v1/regions:import", content=parts(), headers=headers).status_code == 413


def test_a_geopackage_holds_plain_tables_only(client: httpx.Client, name: str, tmp_path: Path) -> None:
    """A view, which runs what stands in it, is refused; the layer alone is read."""
    import geopandas
    import shapely

    file = tmp_path / "a.gpkg"
    frame = geopandas.GeoDataFrame(
        {"name": ["里"], "kind": ["craft"]}, geometry=[shapely.Point(136.2, 35.9)], crs="EPSG:4326"
    )
    frame.to_file(file, layer="places", driver="GPKG", engine="pyogrio")
    assert send(client, name, ("geofile", "a.gpkg", file.read_bytes())).status_code == 200
    with sqlite3.connect(file) as database:
        database.execute("CREATE VIEW evil AS SELECT ogr_geocode('Tokyo')")
    database.close()
    refusal(send(client, f"{name}-b", ("geofile", "a.gpkg", file.read_bytes())), "/geofile/0", "view")
    refusal(send(client, f"{name}-b", ("geofile", "a.gpkg", file.read_bytes()[:5_000])), "/geofile/0", "GeoPackage")


def test_a_shapefile_comes_zipped_with_its_own_parts_only(client: httpx.Client, name: str, tmp_path: Path) -> None:
    """Other members are left where they are; two Shapefiles, or something that only has the name, are refused."""
    import geopandas
    import shapely

    frame = geopandas.GeoDataFrame(
        {"name": ["里"], "kind": ["craft"]}, geometry=[shapely.Point(136.2, 35.9)], crs="EPSG:4326"
    )
    frame.to_file(tmp_path / "a.shp", engine="pyogrio")
    parts = {f"data/{path.name}": path.read_bytes() for path in tmp_path.glob("a.*")}
    extra = {"data/inner.zip": packed({"x": "y"}), "data/a.vrt": "<OGRVRTDataSource/>"}
    answer = send(client, name, ("geofile", "形.zip", packed({**parts, **extra})))
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["inputs"][0]["source"] == "形.shp"
    two = {**parts, "b.shp": parts["data/a.shp"]}
    refusal(send(client, f"{name}-b", ("geofile", "a.zip", packed(two))), "/geofile/0", "exactly one")
    fake = {"a.shp": "<OGRVRTDataSource/>", "a.dbf": parts["data/a.dbf"]}
    refusal(send(client, f"{name}-b", ("geofile", "a.zip", packed(fake))), "/geofile/0", "no Shapefile")


def test_map_data_in_blocks_is_added_up_before_it_is_unpacked(client: httpx.Client, name: str) -> None:
    """A small file of blocks that claim to unpack to much is refused, as is one that states its size twice."""
    head = b"\0\0\0\x0d\x0a\x09OSMHeader\x18"
    block = b"\x10\x80\x80\x80\x10\x1a\x02xx"  # raw_size 32 MiB, then two bytes of data
    refusal(send(client, name, ("osm", "a.pbf", head + bytes([len(block)]) + block)), "/osm/0", "too large")
    twice = block + b"\x10\x05"
    refusal(send(client, name, ("osm", "a.pbf", head + bytes([len(twice)]) + twice)), "/osm/0", "damaged")


def test_file_names_are_for_people_only(client: httpx.Client, name: str) -> None:
    """Folders, drives and control characters in a name go nowhere, and two files of one name are told apart."""
    answer = send(
        client,
        name,
        ("csv", "../../etc/passwd", PLACES),
        ("csv", "C:\\temp\\places.csv", PLACES.replace("A寺", "C寺")),
        ("csv", "places.csv", PLACES.replace("A寺", "D寺")),
        ("csv", "con.csv", PLACES.replace("A寺", "E寺")),
    )
    assert answer.status_code == 200, answer.text
    sources = {read["source"] for read in answer.json()["result"]["inputs"]}
    assert sources == {"passwd.csv", "places.csv", "places-2.csv", "_con.csv"}


def test_reports_call_files_what_the_caller_called_them(client: httpx.Client, name: str) -> None:
    """Endings of the kind stay, dots inside as well; any other name gets an ending that readers know."""
    answer = send(
        client,
        name,
        ("csv", "places.v2.TXT", PLACES),
        ("csv", "list.dat", PLACES.replace("A寺", "C寺")),
        ("geofile", "spots.json", geojson(place())),
    )
    assert answer.status_code == 200, answer.text
    assert [read["source"] for read in answer.json()["result"]["inputs"]] == [
        "spots.json",
        "places.v2.txt",
        "list.dat.csv",
    ]
    refused = send(client, f"{name}-b", ("geofile", "spots.json", geojson({"type": "Point"})))
    refusal(refused, "/geofile/0", "spots.json feature 1")


def test_geoparquet_is_refused_in_so_many_words(client: httpx.Client, name: str) -> None:
    """The command reads it, so that whoever sends it deserves to hear why the server does not."""
    refusal(send(client, name, ("geofile", "a.parquet", b"PAR1\0\0PAR1")), "/geofile/0", "a.parquet: GeoParquet")


def test_a_region_folder_with_faults_is_refused_with_all_of_them(
    client: httpx.Client, name: str, region: Region, tmp_path: Path
) -> None:
    """Broken assets, missing timetables and networks that are none are told together, and nothing is stored."""
    from regional_assets.model import Source, StreetSource

    streets = StreetSource(mode="walk", file="streets/walk.npz", source=Source(name="OSM"))
    faulty = region.model_copy(update={"streets": (streets,), "timetables": ("timetables/bus.zip",)})
    save_region(faulty, tmp_path / "r")
    (tmp_path / "r/streets").mkdir()
    (tmp_path / "r/streets/walk.npz").write_bytes(packed({"header.npy": b"\x93NUMPY"}))
    members = {path.relative_to(tmp_path / "r").as_posix(): path.read_bytes() for path in (tmp_path / "r").rglob("*.*")}
    answer = send(client, name, ("region", "r.zip", packed(members)))
    refusal(answer, "/region/0", "street network")
    refusal(answer, "/region/0", "no such file")
    members["assets.geojson"] = b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}}]}'
    refusal(send(client, name, ("region", "r.zip", packed(members))), "/region/0", "assets.geojson")
    refusal(send(client, name, ("region", "r.zip", packed({"a.txt": "x"}))), "/region/0", "region.toml")
    two = packed({f"{folder}/region.toml": "x" for folder in "ab"})
    refusal(send(client, name, ("region", "r.zip", two)), "/region/0", "one region folder")
    assert client.get(f"/v1/regions/{name}").status_code == 404


def test_a_region_that_appeared_in_the_meantime_is_not_overwritten(
    client: httpx.Client, server: tuple[Any, Service], name: str, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer of the work is settled under the same rule as the request, and refused as bad input."""
    from api.jobs import imports

    real = imports.build_region

    def slow(*args: Any, **options: Any) -> Any:
        built = real(*args, **options)
        server[1].regions.put(region.model_copy(update={"id": name}))
        return built

    monkeypatch.setattr(imports, "build_region", slow)
    refusal(send(client, name, ("csv", "a.csv", PLACES)), "/id", "already")
    assert client.get(f"/v1/regions/{name}").json()["assets"] == len(region.assets)


def test_a_worker_of_a_cluster_makes_a_region_without_disk_or_database_of_the_server(
    cluster_address: str, tmp_path: Path
) -> None:
    """Files go there with the task, and the region comes back with its answer."""
    settings = ServiceSettings(home=tmp_path / "server", cluster=cluster_address)
    with serving(create_app(build_service(settings))) as client:
        answer = send(client, "faraway", ("csv", "places.csv", PLACES), ("gtfs", "bus.zip", packed(FEED)))
        assert answer.status_code == 200, answer.text
        region = client.get("/v1/regions/faraway").json()
    assert (region["assets"], region["timetables"]) == (answer.json()["result"]["assets"], 1)
