"""Limits for zip files from elsewhere: no paths that lead out, no bombs."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from pathlib import Path

MOST_UNPACKED_BYTES = 2 * 1024**3
"""Far above the largest feed or street layer met so far (a dbf of 106 MB)."""
MOST_MEMBERS = 10_000
MOST_RATIO = 300
"""Text packs 20:1, tables with many equal rows 100:1; bombs a thousandfold."""
_RATIO_COUNTS_FROM_BYTES = 10 * 1024**2


def open_archive(path: Path) -> zipfile.ZipFile:
    """
    Open a zip file after checking its directory.

    Raises
    ------
    InputError
        If it is no zip file, is encrypted, unpacks to too much, or holds paths that lead out of it.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        message = Text(ja=f"zip ファイルとして読めません({error})", en=f"cannot be read as a zip file ({error})")
        raise InputError([Problem(str(path), None, message)]) from None
    problems = _problems(archive, path)
    if problems:
        archive.close()
        raise InputError(problems)
    return archive


def read_member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """
    Return one file of an archive.

    Raises
    ------
    InputError
        If it is damaged, or larger than the directory says.
    """
    try:
        # zipfile stops at the size that the directory states, and checks the sum.
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        message = Text(ja=f"壊れています({error})", en=f"is damaged ({error})")
    except Exception as error:  # zlib.error is no subclass of any of these
        if type(error).__module__ not in ("zlib", "lzma", "_lzma"):
            raise
        message = Text(ja=f"壊れています({error})", en=f"is damaged ({error})")
    raise InputError([Problem(f"{path} {name}", None, message)])


def _problems(archive: zipfile.ZipFile, path: Path) -> list[Problem]:
    members = archive.infolist()
    problems = [
        Problem(
            f"{path} {member.filename}",
            member.filename,
            Text(ja="外に出るパスです", en="the path leads out of the archive"),
        )
        for member in members
        if _leads_out(member.filename)
    ]
    if any(member.flag_bits & 0x1 for member in members):
        problems.append(Problem(str(path), None, Text(ja="暗号化されています", en="is encrypted")))
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    too_dense = unpacked > _RATIO_COUNTS_FROM_BYTES and unpacked / packed > MOST_RATIO
    if unpacked > MOST_UNPACKED_BYTES or len(members) > MOST_MEMBERS or too_dense:
        message = Text(
            ja=f"展開すると大きすぎます({len(members)} ファイル、{unpacked:,} バイト、圧縮率 {unpacked // packed} 倍)",
            en=f"unpacks to too much ({len(members)} files, {unpacked:,} bytes, {unpacked // packed} times its size)",
        )
        problems.append(Problem(str(path), unpacked, message))
    return problems


def _leads_out(name: str) -> bool:
    return bool(re.match(r"^([/\\]|[A-Za-z]:)", name)) or ".." in re.split(r"[/\\]", name)
