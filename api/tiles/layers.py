"""
Take a vector tile apart into its layers, without reading what is in them.

A tile is a protobuf message of layers, each a field of number 3; the name of a layer is its field 1. See
https://github.com/mapbox/vector-tile-spec/blob/master/2.1/vector_tile.proto.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.tiles.archive import BrokenTilesError

_LAYER, _NAME = 3, 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED_64: 8, _FIXED_32: 4}
_LONGEST_VARINT = 10


def layers_of(tile: bytes) -> Iterator[tuple[str, bytes]]:
    """
    Yield the name of each layer of an unpacked tile, and the bytes that make a tile of this layer alone.

    Raises
    ------
    BrokenTilesError
        If it is no tile.
    """
    for number, start, content, end in _fields(tile, 0, len(tile)):
        if number != _LAYER:
            continue
        names = [tile[inside:after] for field, _, inside, after in _fields(tile, content, end) if field == _NAME]
        try:
            (name,) = names
            yield name.decode(), tile[start:end]
        except ValueError:
            raise BrokenTilesError("a layer of a tile has no name, or several") from None


def _fields(message: bytes, place: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, start, start of content and end of each field of a message."""
    while place < end:
        start = place
        tag, place = _varint(message, place, end)
        content = place
        kind = tag & 7
        if kind == _VARINT:
            _, place = _varint(message, place, end)
        elif kind == _BYTES:
            length, content = _varint(message, place, end)
            place = content + length
        else:
            place += _FIXED_BYTES.get(kind, end)
        if place > end:
            raise BrokenTilesError("a tile is cut off, or none")
        yield tag >> 3, start, content, place


def _varint(message: bytes, place: int, end: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(message[place : min(place + _LONGEST_VARINT, end)]):
        value |= (byte & 0x7F) << (7 * number)
        if byte < 0x80:
            return value, place + number + 1
    raise BrokenTilesError("a tile is cut off, or none")
