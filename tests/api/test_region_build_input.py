"""`meguri region build` on files that are broken, empty, of the wrong kind or of unknown licence."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from regional_assets.model import Region
from regional_assets.region import load_region

PLACES = "name,latitude,longitude\nA寺,35.9,136.2\nB社,35.91,136.21\n"
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Test,https://example.org,Asia/Tokyo\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,駅,35.9,136.2\nB,里,35.95,136.25\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,1,赤,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,W,T1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,08:00:00,08:00:00,A,1\nT1,08:20:00,08:20:00,B,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "W,1,1,1,1,1,1,1,20260401,20270331\n",
}
STREETS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"highway": "residential"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line in ([[136.2, 35.9], [136.21, 35.9]], [[136.21, 35.9], [136.21, 35.91]])
    ],
}


def build(tmp_path: Path, *words: object, name: str = "town") -> Result:
    return CliRunner().invoke(app, ["region", "build", name, *map(str, words)])


def folder_of(tmp_path: Path, name: str = "town") -> Path:
    return tmp_path / "home" / "regions" / name


@pytest.fixture
def places(tmp_path: Path) -> Path:
    file = tmp_path / "places.csv"
    file.write_text(PLACES, encoding="utf-8")
    return file


def feed(tmp_path: Path, **changes: str | None) -> Path:
    file = tmp_path / "feed.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in {**FEED, **{f"{key}.txt": value for key, value in changes.items()}}.items():
            if text is not None:
                archive.writestr(name, text)
    return file


def test_a_timetable_is_read_checked_and_kept(tmp_path: Path, places: Path) -> None:
    """What its publisher should repair is told, in the report and to people."""
    trips = FEED["trips.txt"] + "R,W,T2\n"
    result = build(tmp_path, "--csv", places, "--gtfs", feed(tmp_path, trips=trips))
    assert result.exit_code == 0, result.output
    assert "Timetable feed.zip: 2 stops, 1 routes, 2 trips, valid 2026-04-01 to 2027-03-31" in result.stdout
    assert "trips without stop times" in result.stdout
    report: dict[str, Any] = json.loads((folder_of(tmp_path) / "build-report.json").read_text(encoding="utf-8"))
    (timetable,) = report["timetables"]
    assert timetable["counts"]["stops"] == 2
    assert "trip_without_stops" in {finding["code"] for finding in timetable["findings"]}
    assert load_region(folder_of(tmp_path)).timetables == ("timetables/feed.zip",)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"calendar": None}, "calendar"),
        ({"stops": "stop_id,stop_name\nA,駅\n"}, "stop_lat"),
        ({"stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"}, "holds no trip"),
        ({"stops": ""}, "holds no trip"),
        ({"../../evil": "x"}, "leads out"),
    ],
)
def test_a_broken_timetable_is_refused(tmp_path: Path, places: Path, changes: dict[str, str | None], word: str) -> None:
    """Nothing is kept that could not be read: no calendar, no positions, no times, paths that lead out."""
    result = build(tmp_path, "--csv", places, "--gtfs", feed(tmp_path, **changes))
    assert result.exit_code == 2, result.output
    assert word in result.stderr
    assert "Traceback" not in result.output
    assert not folder_of(tmp_path).exists()
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_archive_is_no_timetable(tmp_path: Path, places: Path, content: bytes) -> None:
    """Empty, text and cut-off files are one line each."""
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    result = build(tmp_path, "--csv", places, "--gtfs", file)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "x.zip" in result.stderr


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (
            "データセット_ID,データセット_タイトル,データセット_概要,データセット_URL\n1,観光,観光の一覧,https://example.org\n",
            "data set",
        ),
        ("name,latitude,longitude\n", "holds no place"),
        ("name,latitude,longitude\n,35,136\n,36,136\n", "has no name"),
    ],
)
def test_files_without_a_single_place_make_no_region(tmp_path: Path, content: str, word: str) -> None:
    """A list of data sets, a header alone or nameless rows are refused with the commonest reason."""
    file = tmp_path / "list.csv"
    file.write_text(content, encoding="utf-8")
    result = build(tmp_path, "--csv", file)
    assert result.exit_code == 2, result.output
    assert "list.csv" in result.stderr
    assert word in result.stderr
    assert not folder_of(tmp_path).exists()


def test_wrong_modes_and_missing_files_are_told_together(tmp_path: Path) -> None:
    """One run tells all: mode, street layer, places and timetable."""
    missing = {option: tmp_path / f"missing-{option}" for option in ("csv", "gtfs", "edges")}
    result = build(
        tmp_path, *(word for option, path in missing.items() for word in (f"--{option}", path)), "--mode", "rocket"
    )
    assert result.exit_code == 2
    for word in ("rocket", *(str(path) for path in missing.values())):
        assert word in result.stderr


def test_a_bundled_region_is_hidden_only_when_told(tmp_path: Path, places: Path) -> None:
    """A region of its name would stand in front of it."""
    result = build(tmp_path, "--csv", places, name="echizen")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert build(tmp_path, "--csv", places, "--force", name="echizen").exit_code == 0


@pytest.mark.parametrize("name", ["", "..", "../x", "a b", "奈良", "a" * 65, "A"])
def test_a_name_that_is_no_folder_name_is_refused(tmp_path: Path, places: Path, name: str) -> None:
    """Nothing is written outside the folder of regions, nor under names that other systems cannot hold."""
    result = build(tmp_path, "--csv", places, name=name)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("error: NAME")
    assert not (tmp_path / "home" / "regions").exists()


def test_licences_stay_with_the_data(tmp_path: Path, places: Path) -> None:
    """What the board says of its files stands with every place and with the streets."""
    layer = tmp_path / "streets.geojson"
    layer.write_text(json.dumps(STREETS), encoding="utf-8")
    words = ("--edges", layer, "--mode", "walk", "--licence", "ODbL-1.0", "--csv-licence", "CC BY 4.0")
    result = build(tmp_path, "--csv", places, *words)
    assert result.exit_code == 0, result.output
    region = load_region(folder_of(tmp_path))
    assert {source.licence for asset in region.assets for source in asset.sources} == {"CC BY 4.0"}
    assert [entry.source.licence for entry in region.streets] == ["ODbL-1.0"]
    assert "streets.geojson (ODbL-1.0)" in result.stdout


def test_streets_are_added_with_their_licence(stored_region: Region, tmp_path: Path) -> None:
    """A layer says nothing of its licence; the board does."""
    layer = tmp_path / "streets.geojson"
    layer.write_text(json.dumps(STREETS), encoding="utf-8")
    words = ["region", "streets", stored_region.id, "--edges", str(layer), "--mode", "walk", "--licence", "ODbL-1.0"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "ODbL-1.0" in result.stdout


def test_warnings_of_one_sort_stand_together(tmp_path: Path) -> None:
    """Many rows with the same fault are one entry with their number, in either language."""
    file = tmp_path / "places.csv"
    rows = "".join(f"場所{number},,\n" for number in range(20))
    file.write_text(PLACES + rows, encoding="utf-8")
    printed = build(tmp_path, "--csv", file)
    assert "has no position (kept, but cannot be planned) (20)" in printed.stdout
    assert "line 4" in printed.stdout
    assert "and 17 more" in printed.stdout
    again = build(tmp_path, "--csv", file, "--force", "--lang", "ja")
    assert "(20)" in again.stdout
    assert "4 行目" in again.stdout
