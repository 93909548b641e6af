"""
Files of regions: kept in the database in parts, and on each machine as far as it needs them.

They are in the database, though it is not made for large values, so that several servers need nothing in common but
the database: no shared folder that might be mounted wrongly, and one backup holds everything. Street networks and
timetables are some megabytes and change rarely; each machine reads them once, into ``cache/files`` below its folder of
state, under the name of their SHA-256.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from api.regions.snapshots import file_digest
from api.storage import reading, writing
from api.storage.tables import file_parts, files

_PART_BYTES = 2**20
_PARTS_AT_ONCE = 8
"""Written in one transaction: others must not wait long for their turn."""


class LostFileError(OSError):
    """Tell that the database does not hold a file that it should, or holds it damaged."""


class FileStore:
    """
    Keep files by their SHA-256.

    Parameters
    ----------
    engine
        Database.
    home
        Folder of state of this machine.
    now
        Clock.
    """

    def __init__(self, engine: Engine, home: Path, *, now: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._folder = home / "cache" / "files"
        self._now = now
        self._read_through: set[str] = set()

    def add(self, source: Path | bytes | BinaryIO) -> str:
        """Keep a file, if it is not kept already; return its SHA-256. A stream is read twice, from its start."""
        if isinstance(source, Path):
            with source.open("rb") as stream:
                return self._add(stream)
        return self._add(io.BytesIO(source) if isinstance(source, bytes) else source)

    def place(self, digest: str, target: Path) -> None:
        """
        Put a file of the store to a path that is free; it must not be written to.

        Raises
        ------
        LostFileError
            If the database does not hold it, or holds it damaged.
        OSError
            If it cannot be written.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = self._local(digest)
        try:
            os.link(kept, target)  # Snapshots that share a network share its place on the disk.
        except OSError:
            shutil.copyfile(kept, target)

    def path(self, digest: str) -> Path:
        """
        Return a file on this machine, for reading; it is read through once in the life of a process.

        Raises
        ------
        LostFileError, OSError
            As of `place`.
        """
        path = self._folder / digest[:2] / digest
        if digest not in self._read_through or not path.is_file():
            path = self._local(digest)
            self._read_through.add(digest)
        return path

    def remove_except(self, needed: Collection[str], *, older_than_s: float) -> int:
        """
        Remove files that nothing needs and nobody brought within ``older_than_s`` seconds; return how many.

        They go from the database, and from this machine as well those that others removed from it.
        """
        before = self._now() - dt.timedelta(seconds=older_than_s)
        with reading(self._engine) as connection:
            old = connection.scalars(sa.select(files.c.digest).where(files.c.created_at < before)).all()
        unneeded = [digest for digest in old if digest not in needed]
        for digest in unneeded:
            with writing(self._engine) as connection:
                # Looked at once more: somebody may have brought it again just now.
                connection.execute(sa.delete(files).where(files.c.digest == digest, files.c.created_at < before))
        self._forget(needed, older_than_s)
        return len(unneeded)

    def _add(self, stream: BinaryIO) -> str:
        stream.seek(0)
        sha256 = hashlib.sha256()
        while part := stream.read(_PART_BYTES):
            sha256.update(part)
        digest, size = sha256.hexdigest(), stream.tell()
        if self._is_new(digest, size):
            stream.seek(0)
            number = 0
            while parts := [part for _ in range(_PARTS_AT_ONCE) if (part := stream.read(_PART_BYTES))]:
                self._write_parts(digest, number, parts)
                number += len(parts)
            with writing(self._engine) as connection:
                connection.execute(sa.update(files).where(files.c.digest == digest).values(is_complete=True))
        return digest

    def _is_new(self, digest: str, size: int) -> bool:
        """Note that a file is needed from now on; return whether its parts are still to be written."""
        row = {"digest": digest, "size": size, "is_complete": False, "created_at": self._now()}
        for _ in range(2):
            try:
                with writing(self._engine) as connection:
                    # Also keeps it from being removed as old before its region names it.
                    touched = connection.execute(
                        sa.update(files).where(files.c.digest == digest).values(created_at=row["created_at"])
                    )
                    if touched.rowcount:
                        found = sa.select(files.c.is_complete).where(files.c.digest == digest)
                        return not connection.scalar(found)
                    connection.execute(sa.insert(files), row)
                    return True
            except sa.exc.IntegrityError:
                continue  # Another server began with it in between.
        return True

    def _write_parts(self, digest: str, first: int, parts: list[bytes]) -> None:
        numbers = range(first, first + len(parts))
        for attempt in range(2):
            try:
                with writing(self._engine) as connection:
                    there = sa.select(file_parts.c.number).where(
                        file_parts.c.digest == digest, file_parts.c.number.in_(numbers)
                    )
                    known = set(connection.scalars(there))
                    rows = [
                        {"digest": digest, "number": number, "content": part}
                        for number, part in zip(numbers, parts, strict=True)
                        if number not in known
                    ]
                    if rows:
                        connection.execute(sa.insert(file_parts), rows)
                return
            except sa.exc.IntegrityError:
                # Another server wrote the same parts in between.
                if attempt:
                    raise

    def _local(self, digest: str) -> Path:
        """Return a file on this machine, read from the database where it is missing or damaged."""
        path = self._folder / digest[:2] / digest
        if path.is_file() and file_digest(path) == digest:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as stream:
                found = self._copy(digest, stream)
            if found != digest:
                msg = f"the database does not hold the file {digest}, or holds it damaged"
                raise LostFileError(msg)
            Path(temporary).chmod(0o444)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return path

    def _copy(self, digest: str, target: BinaryIO) -> str:
        """Write a file part by part, none but one in memory; return the SHA-256 of what was written."""
        found = hashlib.sha256()
        part = sa.select(file_parts.c.content).where(file_parts.c.digest == digest)
        number = 0
        while True:
            with reading(self._engine) as connection:
                content = connection.scalar(part.where(file_parts.c.number == number))
            if content is None:
                return found.hexdigest()
            found.update(content)
            target.write(content)
            number += 1

    def _forget(self, needed: Collection[str], older_than_s: float) -> None:
        oldest = self._now().timestamp() - older_than_s
        for path in self._folder.glob("*/*"):
            try:
                if path.name not in needed and path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue
