"""Bounds that hold for every kind of uploaded file, and what looks whether a file keeps to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from api.regions.archives import UnpackLimits
from api.regions.uploads import Upload
from api.texts import text
from regional_assets.errors import InputError, Problem

LARGEST_TEXT_BYTES = 64 * 2**20
"""Of a CSV or GeoJSON file: read as a whole, it takes up to twenty times its size in memory."""
DEEPEST_JSON = 64
LONGEST_LINE_BYTES = 2**20
CHUNK_BYTES = 2**20

_MOST_COLUMNS = 1_000
_MOST_LISTS = 5_000_000
"""Lists and tables in a GeoJSON file; the corners of shapes are lists. Empty ones take thirty times their size."""
_BRACKETS = b"[]{}"
# One that never ends counts as well: looked for from each of its quotes, it would take the square of its length.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


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


def check_lines(stream: Any, name: str, most: int) -> None:
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


def check_nesting(raw: bytes, name: str) -> None:
    """Refuse JSON with too many lists and tables, or with too many in each other, before it is parsed."""
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    if len(brackets) > 2 * _MOST_LISTS:
        raise InputError([Problem(name, None, text("uploads.many_lists", most=f"{_MOST_LISTS:,}"))])
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST_JSON:
        raise InputError([Problem(name, None, text("uploads.deep", most=DEEPEST_JSON))])


def check_size(upload: Upload, source: Path) -> None:
    """Refuse a file that is too large to be read as a whole."""
    size = source.stat().st_size
    if size > LARGEST_TEXT_BYTES:
        raise InputError([too_large(upload.name, size, LARGEST_TEXT_BYTES)])


def too_large(where: str, size: int | None, most: int) -> Problem:
    """Return what is told of a file of more bytes than are accepted."""
    return Problem(where, size, text("uploads.too_large", most=f"{most:,}"))


def target_in(folder: Path, name: str) -> Path:
    """Return a path in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name
