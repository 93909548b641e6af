"""Timetables: what real feeds contain is accepted, what is wrong in them is told."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path

import pytest

from regional_assets.errors import InputError
from regional_assets.findings import SEVERITIES
from regional_assets.readers.gtfs import MISSING_S, check_gtfs, read_gtfs

DAY = datetime.date(2026, 12, 5)
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Test,https://example.org,Asia/Tokyo\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon,location_type\nA,駅,35.9,136.2,\nB,里,35.95,136.25,\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,1,赤,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,W,T1\nR,W,T2\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,8:00:00,8:00:00,A,1\nT1,08:20:00,08:20:00,B,2\nT2,23:50:00,23:50:00,A,1\nT2,24:10:00,24:10:00,B,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "W,1,1,1,1,1,1,1,20260401,20270331\n",
}


def write_feed(folder: Path, **changes: str | None) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in {**FEED, **{f"{key}.txt": value for key, value in changes.items()}}.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def codes(folder: Path, today: datetime.date = DAY) -> dict[str, str]:
    return {finding.code: finding.severity for finding in check_gtfs(read_gtfs(folder), today=today)}


def test_times_are_seconds_after_midnight(tmp_path: Path) -> None:
    """One-digit hours and hours past midnight are read."""
    feed = read_gtfs(write_feed(tmp_path / "feed"))
    assert feed["stop_times"]["arrival_s"].to_list() == [28_800, 30_000, 85_800, 87_000]
    assert feed.validity == (datetime.date(2026, 4, 1), datetime.date(2027, 3, 31))
    assert codes(tmp_path / "feed") == {"short_times": "note", "past_midnight": "note"}


def test_folder_and_zip_read_alike(tmp_path: Path) -> None:
    """A folder, a zip of the files and a zip of the folder give the same tables; byte-order marks are told."""
    folder = write_feed(tmp_path / "feed")
    (folder / "stops.txt").write_bytes(b"\xef\xbb\xbf" + (folder / "stops.txt").read_bytes())
    flat, deep = tmp_path / "flat.zip", tmp_path / "deep.zip"
    with zipfile.ZipFile(flat, "w") as one, zipfile.ZipFile(deep, "w") as other:
        for file in folder.iterdir():
            one.write(file, file.name)
            other.write(file, f"feed/{file.name}")
    feeds = [read_gtfs(path) for path in (folder, flat, deep)]
    assert feeds[0].counts == feeds[1].counts == feeds[2].counts
    assert feeds[0].counts["stops"] == 2
    assert feeds[1].marked_files == ("stops.txt",)
    assert "byte_order_mark" in {finding.code for finding in check_gtfs(feeds[1], today=DAY)}


def test_unsorted_stop_times_are_sorted(tmp_path: Path) -> None:
    """Rows out of order are read in order, and counted."""
    text = (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "T1,08:20:00,08:20:00,B,10\nT1,08:00:00,08:00:00,A,9\nT2,09:00:00,09:00:00,A,1\nT2,,,B,2\nT2,09:30:00,09:30:00,A,3\n"
    )
    feed = read_gtfs(write_feed(tmp_path / "feed", stop_times=text))
    assert feed["stop_times"]["stop_id"].to_list() == ["A", "B", "A", "B", "A"]
    assert feed["stop_times"]["arrival_s"].to_list()[3] == MISSING_S
    assert feed.unsorted_rows == 1
    assert codes(tmp_path / "feed") == {"unsorted": "note"}


@pytest.mark.parametrize(
    ("table", "text", "code", "severity"),
    [
        ("trips", "route_id,service_id,trip_id\nX,W,T1\nR,W,T2\n", "lost_reference", "error"),
        ("trips", "route_id,service_id,trip_id\nR,X,T1\nR,W,T2\n", "lost_reference", "error"),
        ("trips", "route_id,service_id,trip_id\nR,W,T1\nR,W,T2\nR,W,T3\n", "trip_without_stops", "warning"),
        ("trips", "route_id,service_id,trip_id\nR,W,T1\nR,W,T2\nR,W,T2\n", "id_twice", "error"),
        ("stops", "stop_id,stop_name,stop_lat,stop_lon\nA,a,35.9,136.2\nB,b,,\n", "stop_without_position", "error"),
        ("stops", "stop_id,stop_name,stop_lat,stop_lon\nA,a,35.9,136.2\nB,b,0,0\n", "stop_without_position", "error"),
        (
            "stops",
            "stop_id,stop_name,stop_lat,stop_lon\nA,a,35.9,136.2\nB,b,35.9,136.3\nC,c,26.2,127.7\n",
            "stop_far_away",
            "warning",
        ),
        ("calendar_dates", "service_id,date,exception_type\nW,20261332,1\n", "date_unread", "error"),
        (
            "frequencies",
            "trip_id,start_time,end_time,headway_secs\nT1,08:00:00,09:00:00,0\n",
            "frequency_unread",
            "error",
        ),
        ("feed_info", "feed_start_date,feed_end_date\n20190101,20191231\n", "expired", "warning"),
        ("feed_info", "feed_start_date,feed_end_date\n20280101,20281231\n", "not_yet_valid", "note"),
    ],
)
def test_faults_are_found(tmp_path: Path, table: str, text: str, code: str, severity: str) -> None:
    """Each kind of fault has its finding, with its severity."""
    assert codes(write_feed(tmp_path / "feed", **{table: text}))[code] == severity


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("T1,08:30:00,08:30:00,B,2", None),
        ("T1,07:30:00,07:30:00,B,2", "time_backwards"),
        ("T1,8時,8時,B,2", "time_unread"),
        ("T1,,,B,2", "end_without_time"),
        ("T1,08:30:00,08:30:00,B,1", "sequence_twice"),
        ("T1,08:30:00,08:30:00,Z,2", "lost_reference"),
        ("T9,08:30:00,08:30:00,B,2", "trip_of_one_stop"),
    ],
)
def test_faults_of_stop_times_are_found(tmp_path: Path, row: str, code: str | None) -> None:
    """Unreadable, backward and missing times are told; good ones are not."""
    head = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    folder = write_feed(
        tmp_path / "feed",
        stop_times=f"{head}T1,08:00:00,08:00:00,A,1\n{row}\n",
        trips="route_id,service_id,trip_id\nR,W,T1\n",
    )
    found = codes(folder)
    assert (code in found) if code else found == {}


def test_service_without_days_is_found(tmp_path: Path) -> None:
    """A service that runs on no day and is added on none never runs."""
    calendar = FEED["calendar.txt"].replace("W,1,1,1,1,1,1,1", "W,0,0,0,0,0,0,0")
    assert codes(write_feed(tmp_path / "a", calendar=calendar))["service_never_runs"] == "warning"
    added = "service_id,date,exception_type\nW,20260505,1\n"
    assert "service_never_runs" not in codes(write_feed(tmp_path / "b", calendar=calendar, calendar_dates=added))


def test_calendar_dates_alone_are_enough(tmp_path: Path) -> None:
    """A feed may list its days one by one."""
    folder = write_feed(
        tmp_path / "feed", calendar=None, calendar_dates="service_id,date,exception_type\nW,20261205,1\n"
    )
    assert read_gtfs(folder).validity == (DAY, DAY)
    assert "lost_reference" not in codes(folder)


def test_unusable_feeds_are_one_clear_error(tmp_path: Path) -> None:
    """Missing files and columns, foreign text and broken archives are named, all at once."""
    folder = write_feed(tmp_path / "feed", routes=None, calendar=None, trips="route_id,trip_id\nR,T1\n")
    (folder / "stops.txt").write_bytes("stop_id,stop_name,stop_lat,stop_lon\nA,駅,1,2\n".encode("cp932"))
    with pytest.raises(InputError) as caught:
        read_gtfs(folder)
    said = str(caught.value)
    assert "routes.txt, calendar.txt / calendar_dates.txt" in said
    assert "columns are missing: service_id" in said
    assert "is not UTF-8" in said
    assert all(problem.message.ja for problem in caught.value.problems)
    with pytest.raises(InputError, match="no such file"):
        read_gtfs(tmp_path / "none.zip")
    (tmp_path / "broken.zip").write_bytes(b"PK broken")
    with pytest.raises(InputError, match="cannot be read as a zip file"):
        read_gtfs(tmp_path / "broken.zip")


def test_dangerous_and_damaged_archives_are_refused(tmp_path: Path) -> None:
    """Paths that lead out, bombs and damaged members do no harm."""
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../stops.txt", "x")
        archive.writestr("/etc/stops.txt", "x")
    with pytest.raises(InputError) as caught:
        read_gtfs(tmp_path / "slip.zip")
    assert len(caught.value.problems) == 2
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", b"0" * 30_000_000)
    with pytest.raises(InputError, match="unpacks to too much"):
        read_gtfs(tmp_path / "bomb.zip")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", "stop_id\n" * 1000)
    damaged = bytearray((tmp_path / "bad.zip").read_bytes())
    damaged[45:50] = b"XXXXX"
    (tmp_path / "bad.zip").write_bytes(damaged)
    with pytest.raises(InputError, match="is damaged"):
        read_gtfs(tmp_path / "bad.zip")


def sources_table(shared: Path) -> dict[str, list[str]]:
    """Return file to cells of the table of feeds in SOURCES.md."""
    rows = {}
    for line in (shared / "data/SOURCES.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].endswith(".zip") and len(cells) == 10:
            rows[cells[0]] = cells
    return rows


@pytest.mark.slow
@pytest.mark.shared_data
def test_all_real_feeds_have_the_counts_on_record(shared: Path) -> None:
    """Eighteen feeds of Japan: stops, routes, trips, stop times, fare rules and validity as SOURCES.md says."""
    table = sources_table(shared)
    assert len(table) == 18
    for file, cells in table.items():
        feed = read_gtfs(shared / "data" / file)
        counted = [feed.counts[name] for name in ("stops", "routes", "trips", "stop_times", "fare_rules")]
        assert counted == [int(cell) for cell in cells[3:8]], file
        span = feed.validity
        assert span is not None
        if re.fullmatch(r"\d{8}-\d{8}", cells[-1]):
            assert cells[-1] == f"{span[0]:%Y%m%d}-{span[1]:%Y%m%d}", file
        findings = check_gtfs(feed, today=DAY)
        assert [SEVERITIES.index(finding.severity) for finding in findings] == sorted(
            SEVERITIES.index(finding.severity) for finding in findings
        )
        expired = "expired" in {finding.code for finding in findings}
        assert expired == ("sabae" not in file and "yamanashi" not in file), file


@pytest.mark.shared_data
def test_traits_of_real_feeds_are_noticed(shared: Path) -> None:
    """Sabae's short times, Wakayama's unsorted rows and Toyama's byte-order marks are told."""
    sabae = check_gtfs(read_gtfs(shared / "data/fukui/gtfs/sabae_tsutsujibus_gtfs_2023.zip"), today=DAY)
    assert "short_times" in {finding.code for finding in sabae}
    wakayama = read_gtfs(shared / "data/wakayama/gtfs/wakayama_bus_gtfs_2019.zip")
    assert wakayama.unsorted_rows == 50_503
    toyama = read_gtfs(shared / "data/toyama-west/gtfs/nanto_city_bus_2019.zip")
    assert toyama.marked_files
