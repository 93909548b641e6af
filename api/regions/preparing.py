"""
Uploaded files made safe for readers, in a worker: looked through as a whole, within bounds of memory.

Readers are lenient: what they are given was looked at here, each kind of file in a module of its own.
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

from api.regions._bounds import LARGEST_TEXT_BYTES, Limits, check_lines, check_nesting, check_size, too_large
from api.regions._geofiles import geojson, geopackage, shapefile
from api.regions._osm_files import osm_packed, osm_pbf, osm_xml
from api.regions.archives import DAMAGED, opened_archive, unpack
from api.regions.uploads import Form, Upload
from api.texts import text
from regional_assets.errors import InputError, Problem

__all__ = ["Limits", "check_region_folder", "check_timetable", "prepare"]

LARGEST_TOML_BYTES = 4 * 2**20
LARGEST_TABLE_BYTES = 128 * 2**20
"""Of one table of a timetable."""
TIMETABLE_ROWS = 5
"""A table of a timetable may have so many times the rows of other files: a stop of a trip is a row."""


def prepare(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
    """
    Return a path that a reader may be given.

    Parameters
    ----------
    upload
        What the file is.
    source
        Where it lies; not written to.
    folder
        Empty, for what has to be written.
    limits
        How much it may hold.

    Raises
    ------
    InputError
        With what is wrong with it.
    """
    return _PREPARE[upload.form](upload, source, folder, limits)


def check_timetable(source: Path, name: str, limits: Limits) -> None:
    """
    Refuse a zipped timetable that is too large to be read.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    problems: list[Problem] = []
    with source.open("rb") as stream, opened_archive(stream, name, limits.unpacked) as archive:
        for member in archive.infolist():
            if not member.filename.endswith(".txt"):
                continue
            where = f"{name} {member.filename}"
            if member.file_size > LARGEST_TABLE_BYTES:
                problems.append(too_large(where, member.file_size, LARGEST_TABLE_BYTES))
                continue
            try:
                with archive.open(member) as table:
                    check_lines(table, where, limits.rows * TIMETABLE_ROWS)
            except InputError as error:
                problems += error.problems
            except DAMAGED:
                problems.append(Problem(where, None, text("uploads.damaged", file=member.filename[:80])))
    if problems:
        raise InputError(problems)


def check_region_folder(folder: Path, name: str, limits: Limits) -> None:
    """
    Refuse an unpacked region folder whose files are too large, or too wild, to be read.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if path.is_file():
            try:
                _check_region_file(path, f"{name} {inside}", limits)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)


def _check_region_file(path: Path, where: str, limits: Limits) -> None:
    if path.suffix in (".toml", ".geojson"):
        most = LARGEST_TEXT_BYTES if path.suffix == ".geojson" else LARGEST_TOML_BYTES
        if path.stat().st_size > most:
            raise InputError([too_large(where, path.stat().st_size, most)])
        if path.suffix == ".geojson":
            check_nesting(path.read_bytes(), where)
    elif path.suffix == ".txt":
        if path.stat().st_size > LARGEST_TABLE_BYTES:
            raise InputError([too_large(where, path.stat().st_size, LARGEST_TABLE_BYTES)])
        with path.open("rb") as stream:
            check_lines(stream, where, limits.rows * TIMETABLE_ROWS)
    elif path.suffix == ".zip":
        check_timetable(path, where, limits)
    elif path.suffix == ".npz":
        with path.open("rb") as stream, opened_archive(stream, where, limits.unpacked):
            pass


def _table(upload: Upload, source: Path, _folder: Path, limits: Limits) -> Path:
    check_size(upload, source)
    with source.open("rb") as stream:
        check_lines(stream, upload.name, limits.rows)
    return source


def _zip(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
    if upload.role == "gtfs":
        check_timetable(source, upload.name, limits)
        return source
    with source.open("rb") as stream, opened_archive(stream, upload.name, limits.unpacked) as archive:
        if upload.role == "region":
            unpack(archive, folder, upload.name)
            return folder
        return shapefile(archive, upload, folder, limits)


_PREPARE: Mapping[Form, Callable[[Upload, Path, Path, Limits], Path]] = {
    "table": _table,
    "geojson": geojson,
    "geopackage": geopackage,
    "zip": _zip,
    "osm": osm_xml,
    "osm.bz2": osm_packed(bz2.open),
    "osm.gz": osm_packed(gzip.open),
    "osm.pbf": osm_pbf,
}
