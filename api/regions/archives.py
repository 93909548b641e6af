"""Zip files from outside: looked at before anything is unpacked, and unpacked under limits."""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from api.regions.file_names import is_device_name
from api.texts import text
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

_CHUNK_BYTES = 2**20
_MOST_RATIO = 300
"""Text packs 20:1, tables with many equal rows 100:1; bombs a thousandfold."""
_RATIO_COUNTS_FROM_BYTES = 10 * 2**20
_LONGEST_NAME = 500
_ENTRY = b"PK\x01\x02"
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, IndexError)
"""What reading a broken archive may raise."""


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """
    Say how much may come out of one archive.

    Parameters
    ----------
    size
        Bytes of all files together.
    files
        Number of files.
    """

    size: int
    files: int


@contextmanager
def opened_archive(stream: BinaryIO, name: str, limits: UnpackLimits) -> Iterator[zipfile.ZipFile]:
    """
    Open a zip file after looking through its directory.

    Parameters
    ----------
    stream
        The file; stays open.
    name
        What problems call it.
    limits
        How much may come out of it.

    Raises
    ------
    InputError
        With all that is wrong: no zip file, encrypted, too many files, too large, packed too densely, entries that are
        no plain files, or whose names lead out of the archive or are none on some system.
    """
    if _entries(stream) > limits.files:
        raise InputError([Problem(name, None, text("uploads.many_files", most=limits.files))])
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGED as error:
        raise InputError([Problem(name, None, text("uploads.no_zip", reason=str(error)))]) from None
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        stream.seek(0, 2)
        problems = [*_size_problems(members, stream.tell(), name, limits), *_member_problems(members, name)]
        if problems:
            raise InputError(problems)
        yield archive


def unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, name: str) -> None:
    """
    Write one file of an archive.

    Raises
    ------
    InputError
        If it is damaged. It cannot be larger than the directory says: reading ends there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(member) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, _CHUNK_BYTES)
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # Of the disk, not of the archive.
        raise InputError([Problem(name, member.filename, _damaged(member))]) from None


def unpack(
    archive: zipfile.ZipFile, folder: Path, name: str, *, wanted: Callable[[str], str | None] = lambda path: path
) -> None:
    """
    Unpack an archive of `opened_archive`.

    Parameters
    ----------
    folder
        Empty; every file lies in it afterwards.
    name
        What problems call the archive.
    wanted
        From the path in the archive to that in the folder; None for what is not wanted.

    Raises
    ------
    InputError
        If a file is damaged.
    """
    for member in archive.infolist():
        path = None if member.is_dir() else wanted(member.filename)
        if path is not None:
            unpack_member(archive, member, folder / path, name)


def _entries(stream: BinaryIO) -> int:
    """Return at least the number of entries in the directory, which is not read before it is known to be short."""
    stream.seek(0)
    found, tail = 0, b""
    while chunk := stream.read(_CHUNK_BYTES):
        found += (tail + chunk).count(_ENTRY)
        tail = chunk[-len(_ENTRY) + 1 :]
    return found


def _size_problems(members: Sequence[zipfile.ZipInfo], size: int, name: str, limits: UnpackLimits) -> Iterator[Problem]:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > limits.size:
        yield Problem(name, unpacked, text("uploads.unpacks_to", size=f"{unpacked:,}", most=f"{limits.size:,}"))
    elif unpacked > _RATIO_COUNTS_FROM_BYTES and unpacked > _MOST_RATIO * max(packed, 1):
        ratio = unpacked // max(packed, 1)
        yield Problem(name, unpacked, text("uploads.too_dense", ratio=f"{ratio:,}", most=_MOST_RATIO))
    if packed > size:
        # The same bytes would be unpacked several times.
        yield Problem(name, packed, text("uploads.overlapping"))


def _member_problems(members: Sequence[zipfile.ZipInfo], name: str) -> Iterator[Problem]:
    if any(member.flag_bits & 0x1 for member in members):
        yield Problem(name, None, text("uploads.encrypted"))
    for member in members:
        shown = member.filename[:80]
        if not _is_inside(member.filename):
            yield Problem(name, shown, text("uploads.leads_out", file=shown))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            yield Problem(name, shown, text("uploads.no_plain_file", file=shown))
        if member.compress_type not in _PACKINGS:
            yield Problem(name, shown, text("uploads.packing", file=shown))
    names = Counter(member.filename.casefold() for member in members)
    # A file may not be a folder at the same time, either.
    names.update(
        {"/".join(parts[:depth]) for parts in map(_parts, names) for depth in range(1, len(parts))} & set(names)
    )
    for twice in [found for found, number in names.items() if number > 1][:5]:
        yield Problem(name, twice[:80], text("uploads.twice", file=twice[:80]))


def _is_inside(path: str) -> bool:
    """Whether a path stays in its folder, on every system, and may be one there."""
    parts = re.split(r"[/\\]", path)
    return (
        len(path) <= _LONGEST_NAME
        and "\\" not in path
        and ":" not in path
        and path.isprintable()
        and all(part not in ("", ".", "..") and not is_device_name(part) and len(part) <= 200 for part in parts)
    )


def _parts(path: str) -> list[str]:
    return path.split("/")


def _damaged(member: zipfile.ZipInfo) -> Text:
    return text("uploads.damaged", file=member.filename[:80])
