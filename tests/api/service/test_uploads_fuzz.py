"""
Uploads of any content: each becomes a region with a report, or is refused as bad input.

Files are broken in two ways: sound ones are changed in places, and made of random bytes behind a sound beginning. They
go the way of every upload: past the door, through the checks, to the readers.
"""

from __future__ import annotations

import io
import json
import os
import resource
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.jobs.imports import run
from api.jobs.work import Workplace
from api.regions.archives import UnpackLimits
from api.regions.importing import RETURNED_FILE, ImportReport, ImportTask, ReturnedImport, links_of
from api.regions.uploads import Role, check_upload
from regional_assets.errors import InputError
from regional_assets.model import Name, Region
from regional_assets.region import load_region

EXAMPLES = int(os.environ.get("MEGURI_TEST_FUZZ_EXAMPLES", "25"))
MOST_MEMORY_KIB = 4 * 2**20
LIMITS = UnpackLimits(size=2_000_000, files=50)

fuzz = settings(
    max_examples=EXAMPLES,
    derandomize="MEGURI_TEST_FUZZ_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)

CSV = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_英語,POIコード,住所,方書,緯度,経度,利用可能曜日,開始時間,終了時間,"
    "利用可能日時特記事項,料金(基本),料金(詳細),説明,電話番号,URL,備考\n"
    "170003,1,石川県,金沢市,兼六園,ケンロクエン,Kenrokuen,1304,石川県金沢市丸の内1,,36.5625,136.6625,月火水木金土日,07:00,18:00,"
    "12月29日〜1月3日休園、水曜定休(祝日の場合は翌日),大人320円、小人100円,65歳以上無料,庭園,076-234-3800,https://example.org,\n"
    '170003,2,石川県,七尾市,"能登島\n水族館",,Aquarium,,石川県七尾市,,37.1,137.0,,9:00,17:00,,1890円,,,,,\n'
)
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Test,https://example.org,Asia/Tokyo\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,駅,35.9,136.2\nB,里,35.95,136.25\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,1,赤,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,W,T1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,08:00:00,08:00:00,A,1\nT1,08:20:00,08:20:00,B,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "W,1,1,1,1,1,1,1,20260401,20280331\n",
    "calendar_dates.txt": "service_id,date,exception_type\nW,20261231,2\n",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nT1,08:00:00,20:00:00,600\n",
    "feed_info.txt": "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date\n"
    "Test,https://example.org,ja,20260401,20280331\n",
}
OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="test">
 <bounds minlat="35.8" minlon="136.1" maxlat="36.0" maxlon="136.3"/>
 <node id="1" version="1" lat="35.9" lon="136.2"><tag k="tourism" v="museum"/><tag k="name" v="紙の博物館"/>
  <tag k="opening_hours" v="Tu-Su 09:00-16:00"/><tag k="fee" v="yes"/><tag k="charge" v="500 JPY"/></node>
 <node id="2" version="1" lat="35.901" lon="136.2"/><node id="3" version="1" lat="35.902" lon="136.201"/>
 <node id="5" version="2" lat="35.903" lon="136.203"/>
 <way id="4" version="1"><nd ref="2"/><nd ref="3"/><nd ref="5"/><tag k="highway" v="residential"/></way>
 <way id="6" version="1"><nd ref="2"/><nd ref="3"/><nd ref="5"/><nd ref="2"/><tag k="leisure" v="park"/>
  <tag k="name" v="公園"/></way>
 <relation id="7" version="1"><member type="way" ref="6" role="outer"/><tag k="type" v="multipolygon"/>
  <tag k="tourism" v="attraction"/><tag k="name" v="庭"/></relation>
</osm>
"""
PLACES: dict[str, Any] = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    "features": [
        {
            "type": "Feature",
            "id": 1,
            "properties": {
                "name": "工房",
                "kind": "craft",
                "hours": "9:00〜17:00(月曜休)",
                "price": "大人500円",
                "visit_minutes": 40,
                "tags": "washi;hands-on",
            },
            "geometry": {"type": "Point", "coordinates": [136.2, 35.9]},
        },
        {
            "type": "Feature",
            "properties": {"name": "道", "kind": "nature", "nested": {"a": [1, None, "x"]}},
            "geometry": {"type": "LineString", "coordinates": [[136.2, 35.9], [136.3, 35.95, 12.0]]},
        },
        {
            "type": "Feature",
            "properties": {"name": "池", "kind": "nature"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[136.2, 35.9], [136.3, 35.9], [136.3, 36], [136.2, 35.9]]],
            },
        },
    ],
}
# What tends to upset readers of numbers, dates, texts and markup.
ODD = [
    *(
        "",
        " ",
        "\0",
        "\ufeff",
        "\u202e",
        "𠮷",
        "\x85",
        '"',
        "'",
        ",",
        "\r",
        "\n",
        "\t",
        ";",
        "\\",
        "<",
        "&",
        "&#0;",
        "]]>",
    ),
    *("nan", "inf", "-0", "1e400", "9" * 400, "-1", "1.5", "99:99", "24:00:01", "20261301", "00000000", "٣", "１２"),
    *("=1+1", "../..", "%s%n", "{0}", "(" * 200, "〜" * 200, "、" * 200, "月" * 200, "9:00〜" * 100, "円" * 200),
    *(
        "true",
        "null",
        "None",
        "[]",
        "{}",
        "東京都" * 50,
        "a" * 5_000,
        "1,000円〜2,000円〜",
        "第1・第3月曜、祝日の翌日" * 20,
    ),
]


@st.composite
def changed_text(draw: st.DrawFn, sound: str) -> bytes:
    """Return a sound text with a few places cut out, doubled, or replaced by something odd."""
    text = sound
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 3, 12, 60])))
        new = draw(st.sampled_from(ODD) | st.just(text[start:end] * 3) | st.text(max_size=8))
        text = text[:start] + new + text[end:]
    encoding = draw(st.sampled_from(["utf-8"] * 6 + ["cp932", "utf-16", "utf-8-sig"]))
    content = bytearray(text.encode(encoding, "replace"))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        if content:
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


def json_values() -> st.SearchStrategy[Any]:
    plain = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=9)
    )
    return st.recursive(
        plain | st.sampled_from(ODD),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=8,
    )


@st.composite
def changed_json(draw: st.DrawFn, sound: Any) -> bytes:
    """Return a sound document with some of its values replaced by any others, or taken away."""
    document = json.loads(json.dumps(sound))
    for _ in range(draw(st.integers(1, 5))):
        places = list(_places(document))
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()) or isinstance(holder, list):
            holder[key] = draw(json_values())
        else:
            del holder[key]
        if not isinstance(document, dict) or not document:
            break
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "replace")


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


@st.composite
def changed_feed(draw: st.DrawFn) -> bytes:
    """Return a feed whose tables, member names or archive are changed."""
    members = {name: text.encode() for name, text in FEED.items()}
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(sorted(FEED)))
        action = draw(st.sampled_from(["change", "change", "change", "drop", "rename", "random"]))
        if action == "change":
            members[name] = draw(changed_text(FEED[name]))
        elif action == "drop":
            members.pop(name, None)
        elif action == "rename" and name in members:
            members[draw(st.sampled_from(ODD) | st.text(max_size=9)) or "x"] = members.pop(name)
        else:
            members[name] = draw(st.binary(max_size=200))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("\0", "0") or "x", content)
    packed = bytearray(stream.getvalue())
    for _ in range(draw(st.sampled_from([0, 0, 1, 4]))):
        packed[draw(st.integers(0, len(packed) - 1))] = draw(st.integers(0, 255))
    cut = draw(st.sampled_from([0, 0, 0, 0, 1, 30, 500]))
    return bytes(packed[: len(packed) - cut])


def behind(start: bytes) -> st.SearchStrategy[bytes]:
    """Return random bytes, most of them behind the beginning of a sound file."""
    return st.tuples(st.sampled_from([b"", start, start]), st.binary(max_size=2_000)).map(b"".join)


def outcome(role: Role, content: bytes, *, beside: bytes | None = None) -> ReturnedImport | InputError:
    """Let a file in, make a region of it, and return what came of it; every other error passes."""
    parts: list[tuple[Role, bytes]] = [(role, content)] if beside is None else [("csv", beside), (role, content)]
    with TemporaryDirectory(prefix="meguri-fuzz-") as name:
        try:
            packed = _imported(parts, Path(name))
        except InputError as error:
            refused = error
        else:
            return _checked(packed, Path(name))
    assert refused.problems
    lines = [problem.line(language) for problem in refused.problems for language in ("ja", "en")]
    assert not [line for line in lines if name in line]
    "".join(lines).encode()
    return refused


def _imported(parts: list[tuple[Role, bytes]], folder: Path) -> bytes:
    uploads = []
    for role, content in parts:
        upload = check_upload(role, "data", io.BytesIO(content), limits=LIMITS)
        (folder / "draft" / upload.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "draft" / upload.path).write_bytes(content)
        uploads.append(upload)
    task = ImportTask(
        region_id="fuzz",
        uploads=tuple(uploads),
        links=links_of("/v1/regions/fuzz"),
        rows_limit=500,
        unpacked_limit_bytes=LIMITS.size,
        unpacked_files=LIMITS.files,
    )
    draft = Region(id="fuzz", name=Name(en="Fuzz"), folder=folder / "draft")
    return run(task.model_dump_json().encode(), draft, _Silent(), Workplace(folder, folder / "scratch"))


def _checked(packed: bytes, folder: Path) -> ReturnedImport:
    """Return what a worker brought back, once it is whole: a region that can be read, and rows that add up."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder / "back")
    assert load_region(folder / "back").id == "fuzz"
    returned = ReturnedImport.model_validate_json((folder / "back" / RETURNED_FILE).read_bytes())
    report = ImportReport.model_validate({**returned.report, "data_version": "ab" * 32})
    assert all(read.accepted + len(read.refused) == read.rows for read in report.inputs)
    assert str(folder) not in returned.model_dump_json()
    return returned


class _Silent:
    def tell(self, share: float | None = None, stage: str | None = None) -> None:
        """Say nothing."""

    def offer(self, answer: bytes, **facts: Any) -> None:
        """Offer nothing."""

    def stop_requested(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def bounded_memory() -> Any:
    """Fail where the process grew beyond what any of these small files can need."""
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MOST_MEMORY_KIB


@pytest.mark.parametrize(
    ("role", "content"),
    [("csv", CSV), ("geofile", json.dumps(PLACES)), ("osm", OSM)],
)
def test_the_sound_files_are_accepted(role: Role, content: str) -> None:
    """What is broken below is sound to begin with."""
    found = outcome(role, content.encode())
    assert isinstance(found, ReturnedImport)
    assert found.report["assets"] >= 2


@fuzz
@given(changed_text(CSV) | behind(CSV[:200].encode()))
def test_any_table(content: bytes) -> None:
    """A changed CSV file is read or refused."""
    outcome("csv", content)


@fuzz
@given(
    changed_json(PLACES)
    | changed_text(json.dumps(PLACES, ensure_ascii=False))
    | behind(b'{"type":"FeatureCollection",')
)
def test_any_geojson(content: bytes) -> None:
    """A changed GeoJSON file is read or refused."""
    outcome("geofile", content)


@fuzz
@given(changed_feed() | behind(b"PK\x03\x04"))
def test_any_timetable(content: bytes) -> None:
    """A changed timetable, beside sound places, is kept or refused."""
    outcome("gtfs", content, beside=CSV.encode())


@fuzz
@given(changed_text(OSM) | behind(b"<?xml version='1.0'?><osm>") | behind(b"\0\0\0\x0d\x0a\x09OSMHeader\x18"))
def test_any_map_data(content: bytes) -> None:
    """A changed OpenStreetMap file is read or refused, and streets are built or not."""
    outcome("osm", content)
