"""
Uploaded files made safe for readers, in a worker: looked through as a whole, within bounds of memory.

Readers are lenient, and GDAL opens more kinds of file than one would think, some of which name other files or
addresses to read from. It therefore only ever gets files whose first bytes we wrote ourselves or that can be but one
kind: GeoJSON is written anew, a GeoPackage is one that holds plain tables, of a zipped Shapefile only its own parts
are unpacked.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import re
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from api.regions.archives import DAMAGED, UnpackLimits, opened_archive, unpack
from api.regions.uploads import Form, Upload
from api.texts import text
from regional_assets.errors import InputError, Problem

LARGEST_TEXT_BYTES = 64 * 2**20
"""Of a CSV or GeoJSON file: read as a whole, it takes up to twenty times its size in memory."""
LARGEST_TOML_BYTES = 4 * 2**20
LARGEST_TABLE_BYTES = 128 * 2**20
"""Of one table of a timetable."""
TIMETABLE_ROWS = 5
"""A table of a timetable may have so many times the rows of other files: a stop of a trip is a row."""
DEEPEST_JSON = 64
LONGEST_LINE_BYTES = 2**20

_CHUNK_BYTES = 2**20
_MOST_COLUMNS = 1_000
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
_CRS_NAME = re.compile(r"(urn:ogc:def:crs:(EPSG|OGC):[0-9.]*:[A-Za-z0-9]{1,12}|EPSG:[0-9]{4,6})")
_RTREE_PARTS = re.compile(r"rtree_.+")
# Longer than what GDAL looks at to tell kinds of files apart.
_HEAD_PADDING = " " * 16_384
_MARKUP = (b"<!DOCTYPE", b"<!ENTITY")
_BRACKETS = b"[]{}"
# One that never ends counts as well: looked for from each of its quotes, it would take the square of its length.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_MOST_LISTS = 5_000_000
"""Lists and tables in a GeoJSON file; the corners of shapes are lists. Empty ones take thirty times their size."""
# Fields of https://wiki.openstreetmap.org/wiki/PBF_Format
_NUMBER, _BYTES = 0, 2
_DATA_SIZE = 3
_RAW_DATA, _RAW_SIZE = 1, 2
_LONGEST_BLOCK_HEADER = 64 * 1_024
_LONGEST_BLOCK_START = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Say how much a file may hold.

    Parameters
    ----------
    rows
        Rows, features or places.
    unpacked
        What may come out of an archive.
    """

    rows: int
    unpacked: UnpackLimits


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
                problems.append(_too_large(where, member.file_size, LARGEST_TABLE_BYTES))
                continue
            try:
                with archive.open(member) as table:
                    _check_lines(table, where, limits.rows * TIMETABLE_ROWS)
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
            raise InputError([_too_large(where, path.stat().st_size, most)])
        if path.suffix == ".geojson":
            _check_nesting(path.read_bytes(), where)
    elif path.suffix == ".txt":
        if path.stat().st_size > LARGEST_TABLE_BYTES:
            raise InputError([_too_large(where, path.stat().st_size, LARGEST_TABLE_BYTES)])
        with path.open("rb") as stream:
            _check_lines(stream, where, limits.rows * TIMETABLE_ROWS)
    elif path.suffix == ".zip":
        check_timetable(path, where, limits)
    elif path.suffix == ".npz":
        with path.open("rb") as stream, opened_archive(stream, where, limits.unpacked):
            pass


def _table(upload: Upload, source: Path, _folder: Path, limits: Limits) -> Path:
    _check_size(upload, source)
    with source.open("rb") as stream:
        _check_lines(stream, upload.name, limits.rows)
    return source


def _check_lines(stream: Any, name: str, most: int) -> None:
    """Refuse too many lines, lines that are too long, and lines of too many cells."""
    lines = 0
    while line := stream.readline(LONGEST_LINE_BYTES + 1):
        lines += 1
        if len(line) > LONGEST_LINE_BYTES:
            raise InputError([Problem(f"{name}:{lines}", None, text("uploads.long_line", most=LONGEST_LINE_BYTES))])
        if max(line.count(b","), line.count(b"\t"), line.count(b";")) > _MOST_COLUMNS:
            raise InputError([Problem(f"{name}:{lines}", None, text("uploads.wide_line", most=_MOST_COLUMNS))])
        if lines > most + 1:
            raise InputError([Problem(name, None, text("uploads.many_rows", most=f"{most:,}"))])


def _geojson(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
    """Write GeoJSON anew: only features, and a coordinate system where it is named in one of the usual ways."""
    _check_size(upload, source)
    content = _parsed(source.read_bytes(), upload.name)
    if content.get("type") == "Feature":
        content = {"type": "FeatureCollection", "features": [content]}
    features = content.get("features")
    if content.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InputError([Problem(upload.name, None, text("uploads.no_features"))])
    if len(features) > limits.rows:
        raise InputError([Problem(upload.name, len(features), text("uploads.many_rows", most=f"{limits.rows:,}"))])
    broken = next((number for number, one in enumerate(features, start=1) if not _is_feature(one)), None)
    if broken is not None:
        raise InputError([Problem(f"{upload.name} feature {broken}", None, text("uploads.no_feature"))])
    crs = _crs_of(content.get("crs"), upload.name)
    target = _target(folder, upload.name)
    with target.open("w", encoding="utf-8") as stream:
        stream.write(f'{{"type": "FeatureCollection",{_HEAD_PADDING}')
        if crs is not None:
            stream.write(f'"crs": {{"type": "name", "properties": {{"name": "{crs}"}}}},')
        stream.write('"features": [\n')
        for number, feature in enumerate(features):
            kept = {name: feature[name] for name in ("type", "id", "properties", "geometry") if name in feature}
            stream.write((",\n" if number else "") + json.dumps(kept, ensure_ascii=False))
        stream.write("\n]}\n")
    return target


def _parsed(raw: bytes, name: str) -> dict[str, Any]:
    _check_nesting(raw, name)
    try:
        content = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
        # Halves of characters and numbers beyond all bounds pass the parser, and nothing after it.
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(name, None, text("uploads.no_json", reason=str(error)[:200]))]) from None
    if not isinstance(content, dict):
        raise InputError([Problem(name, None, text("uploads.no_features"))])
    return content


def _check_nesting(raw: bytes, name: str) -> None:
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    if len(brackets) > 2 * _MOST_LISTS:
        raise InputError([Problem(name, None, text("uploads.many_lists", most=f"{_MOST_LISTS:,}"))])
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST_JSON:
        raise InputError([Problem(name, None, text("uploads.deep", most=DEEPEST_JSON))])


def _is_feature(feature: object) -> bool:
    return (
        isinstance(feature, dict)
        and feature.get("type") == "Feature"
        and isinstance(feature.get("properties"), dict | None)
        and isinstance(feature.get("geometry"), dict | None)
    )


def _crs_of(crs: object, name: str) -> str | None:
    """Return the name of a coordinate system; a link to one would be followed by GDAL, and is refused."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) and crs.get("type") == "name" else None
    found = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(found, str) or not _CRS_NAME.fullmatch(found):
        raise InputError([Problem(f"{name} crs", found, text("uploads.crs"))])
    return found


def _geopackage(upload: Upload, source: Path, _folder: Path, limits: Limits) -> Path:
    """Look through a GeoPackage: plain tables only, since views and triggers run whatever stands in them."""
    problems: list[Problem] = []
    try:
        with contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("PRAGMA cell_size_check=ON")
            database.set_authorizer(_only_reading)
            entries = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            for kind, name, sql in entries:
                if _is_live(kind, name, sql):
                    problems.append(Problem(f"{upload.name} {name}", kind, text("uploads.live_sql", kind=kind)))
            if not problems:
                problems += _row_problems(database, entries, upload.name, limits)
    except (sqlite3.Error, ValueError, UnicodeError) as error:
        problems = [Problem(upload.name, None, text("uploads.no_geopackage", reason=str(error)[:200]))]
    if problems:
        raise InputError(problems)
    return source


def _is_live(kind: object, name: object, sql: object) -> bool:
    """Whether reading from an entry runs more than a look into a table. Triggers only run when somebody writes."""
    is_virtual = kind == "table" and re.match(r"\s*create\s+virtual", str(sql), re.IGNORECASE) is not None
    return kind == "view" or (is_virtual and not _RTREE_PARTS.match(str(name)))


def _row_problems(
    database: sqlite3.Connection, entries: list[tuple[Any, Any, Any]], file: str, limits: Limits
) -> Iterator[Problem]:
    tables = [str(name) for kind, name, _ in entries if kind == "table"]
    if "gpkg_contents" not in tables:
        yield Problem(file, None, text("uploads.no_geopackage", reason="gpkg_contents"))
        return
    for (table,) in database.execute("SELECT table_name FROM gpkg_contents").fetchall():
        if table not in tables:
            continue
        quoted = str(table).replace('"', '""')
        (rows,) = database.execute(
            f'SELECT count(*) FROM (SELECT 1 FROM "{quoted}" LIMIT {limits.rows + 1})'
        ).fetchone()
        if rows > limits.rows:
            yield Problem(f"{file} {table}", rows, text("uploads.many_rows", most=f"{limits.rows:,}"))


def _only_reading(action: int, *_: object) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _zip(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
    if upload.role == "gtfs":
        check_timetable(source, upload.name, limits)
        return source
    with source.open("rb") as stream, opened_archive(stream, upload.name, limits.unpacked) as archive:
        if upload.role == "region":
            unpack(archive, folder, upload.name)
            return folder
        names = [member.filename for member in archive.infolist() if not member.is_dir()]
        shapes = [name for name in names if name.lower().endswith(".shp") and not name.startswith("__MACOSX/")]
        if len(shapes) != 1:
            raise InputError([Problem(upload.name, len(shapes), text("uploads.one_shapefile", found=len(shapes)))])
        stem = Path(upload.name).stem
        unpack(archive, folder, upload.name, wanted=lambda name: _shapefile_part(name, shapes[0], stem))
    return _checked_shapefile(folder / f"{stem}.shp", upload.name, limits)


def _shapefile_part(name: str, shapes: str, stem: str) -> str | None:
    """Return what to call a part of a Shapefile; None for anything else."""
    start, suffix = shapes[: -len(".shp")], name[len(shapes) - len(".shp") :].lower()
    return f"{stem}{suffix}" if name.startswith(start) and suffix in _SHAPEFILE_PARTS else None


def _checked_shapefile(path: Path, name: str, limits: Limits) -> Path:
    with path.open("rb") as stream:
        if stream.read(4) != _SHAPEFILE_MAGIC:
            raise InputError([Problem(name, None, text("uploads.no_shapefile"))])
    table = path.with_suffix(".dbf")
    if table.exists():
        with table.open("rb") as stream:
            head = stream.read(8)
        rows = struct.unpack("<I", head[4:8])[0] if len(head) == 8 else 0
        if rows > limits.rows:
            raise InputError([Problem(name, rows, text("uploads.many_rows", most=f"{limits.rows:,}"))])
    return path


def _osm_xml(upload: Upload, source: Path, _folder: Path, _limits: Limits) -> Path:
    with source.open("rb") as stream:
        _check_markup(stream, upload.name)
    return source


def _check_markup(stream: BinaryIO, name: str) -> None:
    """Refuse XML that is not what OpenStreetMap writes: other encodings, document types, entities."""
    start = stream.read(_CHUNK_BYTES)
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", start)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise InputError([Problem(name, declared[1].decode("latin-1")[:40], text("uploads.xml_encoding"))])
    tail, chunk = b"", start
    while chunk:
        if any(mark in tail + chunk for mark in _MARKUP):
            raise InputError([Problem(name, None, text("uploads.xml_entities"))])
        tail, chunk = chunk[-max(map(len, _MARKUP)) :], stream.read(_CHUNK_BYTES)


def _osm_packed(open_packed: Callable[[Path], Any]) -> Callable[[Upload, Path, Path, Limits], Path]:
    def prepare_packed(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
        target = _target(folder, Path(upload.name).stem)
        written = 0
        try:
            with open_packed(source) as packed, target.open("wb") as stream:
                while chunk := packed.read(_CHUNK_BYTES):
                    written += len(chunk)
                    if written > limits.unpacked.size:
                        raise InputError([_too_large(upload.name, None, limits.unpacked.size)])
                    stream.write(chunk)
        except (OSError, EOFError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # Of the disk, not of the file.
            raise InputError([Problem(upload.name, None, text("uploads.damaged", file=upload.name))]) from None
        return _osm_xml(upload, target, folder, limits)

    return prepare_packed


def _osm_pbf(upload: Upload, source: Path, _folder: Path, limits: Limits) -> Path:
    """Add up what the blocks of a file say they unpack to; readers refuse a block that does not keep to it."""
    unpacked = 0
    with source.open("rb") as stream:
        try:
            while length := stream.read(4):
                header = _block_header(stream.read(min(int.from_bytes(length, "big"), _LONGEST_BLOCK_HEADER)))
                start, size = stream.tell(), header[_DATA_SIZE]
                unpacked += _unpacked_size(stream.read(_LONGEST_BLOCK_START), size)
                stream.seek(start + size)
        except (KeyError, IndexError, ValueError, OverflowError):
            raise InputError([Problem(upload.name, None, text("uploads.damaged", file=upload.name))]) from None
    if unpacked > limits.unpacked.size:
        raise InputError([_too_large(upload.name, unpacked, limits.unpacked.size)])
    return source


def _block_header(message: bytes) -> dict[int, int]:
    """Return the whole numbers of a header by field; it holds nothing else but texts."""
    found: dict[int, int] = {}
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        value, place = _varint(message, place)
        if tag & 7 == _NUMBER:
            found[tag >> 3] = value
        elif tag & 7 == _BYTES:
            place += value
        else:
            raise ValueError
    return found


def _unpacked_size(start: bytes, size: int) -> int:
    """Return what a block unpacks to, from its first bytes: the size it states, and then the data and nothing else."""
    tag, place = _varint(start, 0)
    value, place = _varint(start, place)
    if tag == _RAW_DATA << 3 | _BYTES:
        stated = value
    elif tag == _RAW_SIZE << 3 | _NUMBER:
        stated = value
        tag, place = _varint(start, place)
        value, place = _varint(start, place)
    else:
        raise ValueError
    # A second statement of the size, behind the data, would be the one that counts.
    if tag & 7 != _BYTES or place + value != size:
        raise ValueError
    return stated


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError


def _check_size(upload: Upload, source: Path) -> None:
    size = source.stat().st_size
    if size > LARGEST_TEXT_BYTES:
        raise InputError([_too_large(upload.name, size, LARGEST_TEXT_BYTES)])


def _too_large(where: str, size: int | None, most: int) -> Problem:
    return Problem(where, size, text("uploads.too_large", most=f"{most:,}"))


def _target(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _no_number(name: str) -> float:
    msg = f"{name} is not a number of JSON"
    raise ValueError(msg)


_PREPARE: Mapping[Form, Callable[[Upload, Path, Path, Limits], Path]] = {
    "table": _table,
    "geojson": _geojson,
    "geopackage": _geopackage,
    "zip": _zip,
    "osm": _osm_xml,
    "osm.bz2": _osm_packed(bz2.open),
    "osm.gz": _osm_packed(gzip.open),
    "osm.pbf": _osm_pbf,
}
