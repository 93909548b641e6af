"""
Geographic files made safe for GDAL, which opens more kinds of file than one would think; some name others to read from.

It only gets files whose first bytes we wrote ourselves or that can be but one kind: GeoJSON is written anew, a
GeoPackage is one that holds plain tables, of a zipped Shapefile only its own parts are unpacked.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.regions._bounds import Limits, check_nesting, check_size, target_in
from api.regions.archives import unpack
from api.regions.uploads import Upload
from api.texts import text
from regional_assets.errors import InputError, Problem

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
_CRS_NAME = re.compile(r"(urn:ogc:def:crs:(EPSG|OGC):[0-9.]*:[A-Za-z0-9]{1,12}|EPSG:[0-9]{4,6})")
_RTREE_PARTS = re.compile(r"rtree_.+")
# Longer than what GDAL looks at to tell kinds of files apart.
_HEAD_PADDING = " " * 16_384


def geojson(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
    """Write GeoJSON anew: only features, and a coordinate system where it is named in one of the usual ways."""
    check_size(upload, source)
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
    target = target_in(folder, upload.name)
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
    check_nesting(raw, name)
    try:
        content = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
        # Halves of characters and numbers beyond all bounds pass the parser, and nothing after it.
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(name, None, text("uploads.no_json", reason=str(error)[:200]))]) from None
    if not isinstance(content, dict):
        raise InputError([Problem(name, None, text("uploads.no_features"))])
    return content


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


def geopackage(upload: Upload, source: Path, _folder: Path, limits: Limits) -> Path:
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


def shapefile(archive: zipfile.ZipFile, upload: Upload, folder: Path, limits: Limits) -> Path:
    """Unpack a Shapefile, and nothing else that lies in the archive."""
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


def _no_number(name: str) -> float:
    msg = f"{name} is not a number of JSON"
    raise ValueError(msg)
