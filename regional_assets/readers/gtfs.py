"""
Read and check timetables in GTFS and GTFS-JP: a zip file or a folder of text files.

Format: https://gtfs.org/documentation/schedule/reference/
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.readers._archive import open_archive, read_member
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    import pandas as pd

    from regional_assets.findings import Finding

MISSING_S = -1
"""Stands for a blank time: a stop between two timed ones."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "agency": ("agency_name",),
    "stops": ("stop_id", "stop_name", "stop_lat", "stop_lon"),
    "routes": ("route_id",),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"),
    "calendar": (
        "service_id",
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        "start_date",
        "end_date",
    ),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
    "fare_attributes": ("fare_id", "price"),
    "fare_rules": ("fare_id",),
    "feed_info": (),
    "transfers": ("from_stop_id", "to_stop_id"),
    "shapes": ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
    "translations": (),
}
"""Tables that are read, with the columns that each must have."""

_REQUIRED = ("agency", "stops", "routes", "trips", "stop_times")


@dataclass(frozen=True)
class Feed:
    """
    Hold one timetable.

    Parameters
    ----------
    source
        File or folder name.
    tables
        Every table of `COLUMNS`, without ``.txt``; all values as text, blank where empty; without rows where the file
        is absent. ``stop_times`` is sorted by trip and sequence and has further integer columns ``arrival_s`` and
        ``departure_s`` (seconds after the service day's midnight, may exceed 86,400; `MISSING_S` where blank or
        unreadable) and ``sequence``.
    unsorted_rows
        Rows of stop_times that came after a higher sequence of the same trip.
    marked_files
        Files that began with a byte-order mark.
    """

    source: str
    tables: Mapping[str, pd.DataFrame]
    unsorted_rows: int
    marked_files: tuple[str, ...]

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        return {name: len(table) for name, table in self.tables.items()}

    @property
    def validity(self) -> tuple[datetime.date, datetime.date] | None:
        """First and last date of validity: of ``feed_info``, else of the calendars; ``None`` if neither states any."""
        from regional_assets.readers._gtfs_check import validity_of

        return validity_of(self)


def read_gtfs(path: str | Path) -> Feed:
    """
    Read a timetable.

    Byte-order marks, spaces around values, ``8:00:00``, blank ``location_type`` and unsorted stop times are accepted.

    Parameters
    ----------
    path
        A zip file, or a folder; the text files may lie in one folder inside.

    Raises
    ------
    InputError
        With every problem: no such file, a damaged or dangerous archive, missing files or columns, text that is not
        UTF-8, no calendar.
    """
    path = Path(path)
    contents = _folder_contents(path) if path.is_dir() else _archive_contents(path)
    problems: list[Problem] = []
    tables: dict[str, pd.DataFrame] = {}
    marked: list[str] = []
    for name, columns in COLUMNS.items():
        content = contents.get(f"{name}.txt")
        if content is not None and content.startswith(b"\xef\xbb\xbf"):
            marked.append(f"{name}.txt")
        try:
            tables[name] = _table(content, columns, f"{path} {name}.txt")
        except InputError as error:
            problems += error.problems
    problems += _missing_files(contents, path)
    if problems:
        raise InputError(problems)
    tables["stop_times"], unsorted_rows = _prepare_stop_times(tables["stop_times"])
    return Feed(path.name, tables, unsorted_rows, tuple(marked))


def check_gtfs(feed: Feed, *, today: datetime.date | None = None) -> tuple[Finding, ...]:
    """
    Return everything in a timetable that its publisher should repair, worst first.

    References between tables, ids that occur twice, positions of stops, times (unreadable, running backwards, missing
    at the ends), calendars, frequencies, validity.

    Parameters
    ----------
    feed
        What `read_gtfs` returned.
    today
        Date by which a feed has expired; ``None`` for the present day.
    """
    from regional_assets.readers._gtfs_check import findings_of

    return findings_of(feed, today=today)


def _archive_contents(path: Path) -> dict[str, bytes]:
    if not path.is_file():
        raise InputError([Problem(str(path), str(path), Text(ja="ファイルがありません", en="no such file"))])
    with open_archive(path) as archive:
        wanted = {f"{name}.txt" for name in COLUMNS}
        # Some publishers zip the folder, not its files; of two files of one name the outer one counts.
        names = sorted(archive.namelist(), key=lambda name: -name.count("/"))
        found = {name.rsplit("/", 1)[-1]: name for name in names if not name.startswith("__MACOSX")}
        return {short: read_member(archive, name, path) for short, name in found.items() if short in wanted}


def _folder_contents(path: Path) -> dict[str, bytes]:
    files = {f"{name}.txt": path / f"{name}.txt" for name in COLUMNS}
    return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


def _missing_files(contents: Mapping[str, bytes], path: Path) -> list[Problem]:
    missing = [f"{name}.txt" for name in _REQUIRED if f"{name}.txt" not in contents]
    if not {"calendar.txt", "calendar_dates.txt"} & set(contents):
        missing.append("calendar.txt / calendar_dates.txt")
    if not missing:
        return []
    message = Text(
        ja=f"GTFS に必要なファイルがありません: {', '.join(missing)}",
        en=f"files that GTFS requires are missing: {', '.join(missing)}",
    )
    return [Problem(str(path), None, message)]


def _table(content: bytes | None, columns: tuple[str, ...], where: str) -> pd.DataFrame:
    import pandas as pd

    if content is None or not content.strip(b"\xef\xbb\xbf \r\n\t"):
        return pd.DataFrame({column: pd.Series(dtype="str") for column in columns})
    try:
        text = content.decode("utf-8-sig")
        # Everything stays text: ids such as 0012 are no numbers, and NA is a name.
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=True)
    except UnicodeDecodeError as error:
        message = Text(ja=f"UTF-8 ではありません({error.start} バイト目)", en=f"is not UTF-8 (at byte {error.start})")
        raise InputError([Problem(where, None, message)]) from None
    except (pd.errors.ParserError, ValueError) as error:
        message = Text(ja=f"CSV として読めません({error})", en=f"cannot be read as CSV ({error})")
        raise InputError([Problem(where, None, message)]) from None
    table.columns = pd.Index([str(column).strip() for column in table.columns])
    missing = [column for column in columns if column not in table.columns]
    if missing:
        message = Text(ja=f"列がありません: {', '.join(missing)}", en=f"columns are missing: {', '.join(missing)}")
        raise InputError([Problem(where, None, message)])
    # Short rows leave gaps even so.
    table = table.fillna("")
    for column in table.columns:
        table[column] = table[column].str.strip()
    return table


def _prepare_stop_times(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    import pandas as pd

    sequence = pd.to_numeric(table["stop_sequence"], errors="coerce").fillna(-1).astype("int64")
    earlier_highest = sequence.groupby(table["trip_id"]).cummax()
    unsorted_rows = int((sequence < earlier_highest).sum())
    prepared = table.assign(
        arrival_s=seconds_of(table["arrival_time"]), departure_s=seconds_of(table["departure_time"]), sequence=sequence
    )
    return prepared.sort_values(["trip_id", "sequence"], kind="stable", ignore_index=True), unsorted_rows


def seconds_of(times: pd.Series[str]) -> pd.Series[int]:
    """
    Return times of day as seconds after midnight; `MISSING_S` where blank or unreadable.

    Hours may have one digit, and may exceed 24 for trips past midnight.
    """
    import pandas as pd

    # Each time of day is read once: a feed has them many times over.
    codes, distinct = pd.factorize(times, use_na_sentinel=False)
    parts = pd.Series(distinct).str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$").astype("float64")
    seconds = (parts[0] * 3600 + parts[1] * 60 + parts[2]).fillna(MISSING_S).astype("int64")
    return pd.Series(seconds.to_numpy()[codes], index=times.index)
