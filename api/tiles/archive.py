"""
Read the tiles of a region: one MBTiles file, a SQLite database of two plain tables.

A file may come from anywhere. It is read only if its schema is to the letter the one that `api.tiles.writing` makes
(and GDAL 3): nothing in it then runs, whatever stands there. It is opened as one that nobody writes to, for each
answer anew: that takes a fraction of a millisecond, and needs neither locks nor somebody to close it.

Format: https://github.com/mapbox/mbtiles-spec/blob/master/1.3/spec.md. Needs no library of maps.
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

HIGHEST_ZOOM: Final = 22
LARGEST_TILE_BYTES: Final = 512 * 2**10
"""Of a tile as it is stored, packed; those that Meguri draws stay far below."""
LARGEST_UNPACKED_BYTES: Final = 8 * 2**20
LARGEST_FILE_BYTES: Final = 512 * 2**20

SCHEMA: Final[Mapping[str, str]] = {
    "metadata": "CREATE TABLE metadata (name text, value text)",
    "tiles": "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob, "
    "UNIQUE (zoom_level, tile_column, tile_row))",
}
_INDEX: Final = ("index", "sqlite_autoindex_tiles_1", "tiles", None)
_LONGEST_TEXT: Final = 100_000
_MOST_ENTRIES: Final = 100

Zoom = Annotated[int, Field(ge=0, le=HIGHEST_ZOOM)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Box = tuple[Longitude, Latitude, Longitude, Latitude]


class BrokenTilesError(ValueError):
    """
    Refuse a file that is no archive of tiles, or not one that is read here.

    Parameters
    ----------
    reason
        What is wrong, for people who know the format.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class TileLayer(BaseModel):
    """
    Describe a layer of the tiles.

    Parameters
    ----------
    id
        Its name in the tiles.
    description
        What it shows.
    minzoom, maxzoom
        Zooms at which it is there.
    fields
        Attributes of its shapes, each with its type or values.
    """

    id: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    minzoom: Zoom
    maxzoom: Zoom
    fields: dict[str, str] = Field(max_length=100)


class _Layers(BaseModel):
    vector_layers: list[TileLayer] = Field(min_length=1, max_length=100)


class TileInfo(BaseModel):
    """
    Say what an archive of tiles holds.

    Parameters
    ----------
    name
        Of the region.
    attribution
        Who made the data, and its licence; plain text.
    minzoom, maxzoom
        First and last zoom for which there are tiles.
    bounds
        West, south, east, north of everything drawn, in degrees.
    layers
        In the order in which they are drawn.
    """

    name: str
    attribution: str = ""
    minzoom: Zoom
    maxzoom: Zoom
    bounds: Box
    layers: list[TileLayer]


_BOX: TypeAdapter[Box] = TypeAdapter(Box)


def read_info(path: Path) -> TileInfo:
    """
    Return what an archive holds.

    Raises
    ------
    BrokenTilesError
        If it is none.
    """
    with _opened(path) as database:
        return _info(database)


def read_tile(path: Path, zoom: int, column: int, row: int) -> bytes | None:
    """
    Return a tile as it is stored, packed by gzip; None where nothing is drawn.

    Parameters
    ----------
    path
        Archive.
    zoom, column, row
        Address of the tile, rows counted from the north.

    Raises
    ------
    BrokenTilesError
        If the archive, or the tile, is none.
    """
    statement = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    with _opened(path) as database:
        # The format counts rows from the south.
        found = database.execute(statement, (zoom, column, 2**zoom - 1 - row)).fetchone()
    if found is not None and not isinstance(found[0], bytes):
        raise BrokenTilesError(f"tile {zoom}/{column}/{row} is no blob")
    return None if found is None else found[0]


def tiles_of(path: Path) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    """
    Yield every tile with its address (zoom, column, row from the north), unpacked.

    Raises
    ------
    BrokenTilesError
        If the archive, or a tile of it, is none.
    """
    with _opened(path) as database:
        yield from tiles_in(database)


def tiles_in(database: sqlite3.Connection) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    """Yield the tiles of an archive that is open already; see `tiles_of`."""
    rows = database.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles ORDER BY 1, 2, 3")
    for zoom, column, row, packed in rows:
        address = (zoom, column, row)
        if not all(isinstance(number, int) for number in address) or not isinstance(packed, bytes):
            raise BrokenTilesError(f"tile {address} is no tile")
        if not (0 <= zoom <= HIGHEST_ZOOM and 0 <= column < 2**zoom and 0 <= row < 2**zoom):
            raise BrokenTilesError(f"tile {address} has no such place")
        yield (zoom, column, 2**zoom - 1 - row), unpacked(packed)


def check_archive(path: Path) -> None:
    """
    Refuse an archive that cannot be served: read through as a whole, every tile unpacked.

    Raises
    ------
    BrokenTilesError
        With the first thing that is wrong.
    """
    if path.is_file() and (size := path.stat().st_size) > LARGEST_FILE_BYTES:
        raise BrokenTilesError(f"{size:,} bytes; at most {LARGEST_FILE_BYTES:,}")
    info = read_info(path)
    for (zoom, _, _), _ in tiles_of(path):
        if not info.minzoom <= zoom <= info.maxzoom:
            raise BrokenTilesError(f"a tile at zoom {zoom}; metadata say {info.minzoom} to {info.maxzoom}")


def unpacked(packed: bytes) -> bytes:
    """
    Return the content of a stored tile.

    Raises
    ------
    BrokenTilesError
        If it is not packed by gzip, damaged, or larger than any tile should be.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            content = stream.read(LARGEST_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenTilesError(f"a tile is not packed by gzip, or damaged ({error})") from None
    if len(content) > LARGEST_UNPACKED_BYTES:
        raise BrokenTilesError(f"a tile unpacks to more than {LARGEST_UNPACKED_BYTES:,} bytes")
    return content


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an archive for reading, once it is known to hold two plain tables and nothing else."""
    if not path.is_file():
        raise BrokenTilesError("no file")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_TILE_BYTES)
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("PRAGMA cell_size_check=ON")
            entries = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchmany(_MOST_ENTRIES)
            expected = {*(("table", name, name, sql) for name, sql in SCHEMA.items()), _INDEX}
            for entry in {*entries} ^ expected:
                raise BrokenTilesError(f"the {entry[0]} {str(entry[1])[:80]!r} is not as Meguri and GDAL write it")
            yield database
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        raise BrokenTilesError(str(error)[:200]) from None


def _info(database: sqlite3.Connection) -> TileInfo:
    rows = database.execute(
        "SELECT name, value FROM metadata WHERE length(name) < 100 AND length(value) < ?", (_LONGEST_TEXT,)
    ).fetchmany(_MOST_ENTRIES)
    known = {name: value for name, value in rows if isinstance(name, str) and isinstance(value, str)}
    try:
        if known.get("format") != "pbf":
            raise BrokenTilesError(f"metadata: format {known.get('format')!r}; only pbf is read")
        west, south, east, north = _BOX.validate_python(known["bounds"].split(","))
        info = TileInfo(
            name=known["name"],
            attribution=known.get("attribution", ""),
            minzoom=known["minzoom"],
            maxzoom=known["maxzoom"],
            bounds=(west, south, east, north),
            layers=_Layers.model_validate_json(known["json"]).vector_layers,
        )
    except KeyError as error:
        raise BrokenTilesError(f"metadata: no {error.args[0]}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise BrokenTilesError(f"metadata: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if info.minzoom > info.maxzoom or west > east or south > north:
        raise BrokenTilesError("metadata: zooms or bounds the wrong way round")
    return info
