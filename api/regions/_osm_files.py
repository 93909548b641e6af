"""OpenStreetMap files made safe for readers: as XML, packed, and as PBF."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from api.regions._bounds import CHUNK_BYTES, Limits, target_in, too_large
from api.regions.uploads import Upload
from api.texts import text
from regional_assets.errors import InputError, Problem

_MARKUP = (b"<!DOCTYPE", b"<!ENTITY")
# Fields of https://wiki.openstreetmap.org/wiki/PBF_Format
_NUMBER, _BYTES = 0, 2
_DATA_SIZE = 3
_RAW_DATA, _RAW_SIZE = 1, 2
_LONGEST_BLOCK_HEADER = 64 * 1_024
_LONGEST_BLOCK_START = 32


def osm_xml(upload: Upload, source: Path, _folder: Path, _limits: Limits) -> Path:
    """Look through XML that is to be read as it is."""
    with source.open("rb") as stream:
        _check_markup(stream, upload.name)
    return source


def _check_markup(stream: BinaryIO, name: str) -> None:
    """Refuse XML that is not what OpenStreetMap writes: other encodings, document types, entities."""
    start = stream.read(CHUNK_BYTES)
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", start)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise InputError([Problem(name, declared[1].decode("latin-1")[:40], text("uploads.xml_encoding"))])
    tail, chunk = b"", start
    while chunk:
        if any(mark in tail + chunk for mark in _MARKUP):
            raise InputError([Problem(name, None, text("uploads.xml_entities"))])
        tail, chunk = chunk[-max(map(len, _MARKUP)) :], stream.read(CHUNK_BYTES)


def osm_packed(open_packed: Callable[[Path], Any]) -> Callable[[Upload, Path, Path, Limits], Path]:
    """Return what unpacks XML, as far as the limits go, and looks through it."""

    def prepare_packed(upload: Upload, source: Path, folder: Path, limits: Limits) -> Path:
        target = target_in(folder, Path(upload.name).stem)
        written = 0
        try:
            with open_packed(source) as packed, target.open("wb") as stream:
                while chunk := packed.read(CHUNK_BYTES):
                    written += len(chunk)
                    if written > limits.unpacked.size:
                        raise InputError([too_large(upload.name, None, limits.unpacked.size)])
                    stream.write(chunk)
        except (OSError, EOFError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # Of the disk, not of the file.
            raise InputError([Problem(upload.name, None, text("uploads.damaged", file=upload.name))]) from None
        return osm_xml(upload, target, folder, limits)

    return prepare_packed


def osm_pbf(upload: Upload, source: Path, _folder: Path, limits: Limits) -> Path:
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
        raise InputError([too_large(upload.name, unpacked, limits.unpacked.size)])
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
