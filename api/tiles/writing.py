"""Write tiles into an archive (MBTiles); the same tiles always make the same bytes."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from api.tiles.archive import SCHEMA

if TYPE_CHECKING:
    from api.tiles.archive import TileInfo

Address = tuple[int, int, int]
"""Zoom, column, and row counted from the north."""


def write_archive(path: Path, tiles: Mapping[Address, bytes], info: TileInfo) -> None:
    """
    Write an archive; whoever reads meanwhile sees the old file or the new one.

    Parameters
    ----------
    path
        Where; its folder is made as needed.
    tiles
        Unpacked tiles by address.
    info
        What to say of them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / path.name
        with closing(sqlite3.connect(draft)) as database, database:
            for statement in SCHEMA.values():
                database.execute(statement)
            database.executemany("INSERT INTO metadata VALUES (?, ?)", _metadata(info).items())
            database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", map(_row, sorted(tiles.items())))
        draft.replace(path)


def _row(tile: tuple[Address, bytes]) -> tuple[int, int, int, bytes]:
    (zoom, column, row), content = tile
    # The format counts rows from the south. No time stands in what is packed.
    return zoom, column, 2**zoom - 1 - row, gzip.compress(content, mtime=0)


def _metadata(info: TileInfo) -> dict[str, str]:
    west, south, east, north = info.bounds
    layers = [layer.model_dump(mode="json") for layer in info.layers]
    return {
        "name": info.name,
        "format": "pbf",
        "type": "overlay",
        "version": "1",
        "minzoom": str(info.minzoom),
        "maxzoom": str(info.maxzoom),
        "bounds": ",".join(f"{degrees:.7f}" for degrees in info.bounds),
        "center": f"{(west + east) / 2:.7f},{(south + north) / 2:.7f},{(info.minzoom + info.maxzoom) // 2}",
        "attribution": info.attribution,
        "json": json.dumps({"vector_layers": layers}, ensure_ascii=False),
    }
