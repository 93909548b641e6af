"""
Snapshots: one state of a region as a folder that solvers read, named by the fingerprint of all that is in it.

A snapshot lies in ``cache/snapshots/<data version>`` below the folder of state, is written elsewhere and moved there
when it is whole, and is never changed afterwards. ``manifest.json`` in it lists every file with its size and SHA-256:
a snapshot that does not agree with it is damaged, and as good as absent. Nothing is lost with a snapshot: it is made
anew from the database, or sent once more by the server (`pack` and `unpack`).

Needs the standard library only, so that workers start fast.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST_FILE = "manifest.json"
_DATA_VERSION = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 2**20
_HALF_WRITTEN = ".writing-"
_STALE_AFTER_S = 3_600.0
"""A folder that is still being written after so long was left behind by a process that died."""

# Folders whose files were compared with their fingerprints by this process: they are not read through again.
_verified: dict[Path, int] = {}


class DamagedSnapshotError(ValueError):
    """Refuse bytes that are no snapshot, or not the one they claim to be."""


@dataclass(frozen=True, slots=True)
class SnapshotRef:
    """
    Point to one state of a region on this machine.

    Parameters
    ----------
    region_id
        Whose state it is.
    data_version
        SHA-256, in hexadecimal, over the content.
    folder
        A region folder, as `regional_assets.region.load_region` reads it; not to be written to.
    """

    region_id: str
    data_version: str
    folder: Path


def snapshots_folder(home: Path) -> Path:
    """Return where the snapshots of an installation lie."""
    return home / "cache" / "snapshots"


def passing_folder(home: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder for files soon done with; where a process dies over it, `prune_snapshots` takes it away."""
    snapshots_folder(home).mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=snapshots_folder(home), prefix=_HALF_WRITTEN)


def find_snapshot(home: Path, region_id: str, data_version: str) -> SnapshotRef | None:
    """
    Return a snapshot where this machine has it, whole and undamaged.

    Every file is read through once in the life of a process; afterwards sizes are compared.
    """
    folder = _folder(home, data_version)
    return SnapshotRef(region_id, data_version, folder) if _is_whole(folder, region_id, data_version) else None


def data_version_of(folder: Path | None) -> str | None:
    """Return the state of a region that a folder is a snapshot of; None where it is none."""
    if folder is None or not _DATA_VERSION.fullmatch(folder.name) or not (folder / MANIFEST_FILE).is_file():
        return None
    return folder.name


def materialise(home: Path, region_id: str, data_version: str, write: Callable[[Path], None]) -> SnapshotRef:
    """
    Return a snapshot; where this machine has none, or a damaged one, have it written.

    Parameters
    ----------
    home
        Folder of state.
    region_id, data_version
        What is wanted.
    write
        Fills an empty folder.

    Raises
    ------
    OSError
        If it cannot be written (disk full, no rights); nothing is left behind.
    """
    found = find_snapshot(home, region_id, data_version)
    if found is not None:
        # Told to `prune`, which takes away what nobody asked for in a long time.
        os.utime(found.folder)
        return found
    folder = _folder(home, data_version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_HALF_WRITTEN))
    try:
        write(draft)
        _write_manifest(draft, region_id, data_version)
        _put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return SnapshotRef(region_id, data_version, folder)


def pack(ref: SnapshotRef) -> bytes:
    """Return a snapshot as bytes, for a machine that does not have it."""
    stream = io.BytesIO()
    # Timetables and streets are compressed already: only the rest would gain, and little.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(ref.folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(ref.folder).as_posix())
    return stream.getvalue()


def unpack(packed: bytes, home: Path) -> SnapshotRef:
    """
    Put a packed snapshot among those of this machine.

    Raises
    ------
    DamagedSnapshotError
        If the bytes are no snapshot, or a file in them is not the one the manifest names.
    OSError
        If it cannot be written.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(packed))
        manifest = json.loads(archive.read(MANIFEST_FILE))
        region_id, data_version = str(manifest["region_id"]), str(manifest["data_version"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        msg = f"no snapshot ({error})"
        raise DamagedSnapshotError(msg) from None

    def write(folder: Path) -> None:
        for name, (_, digest) in manifest["files"].items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                msg = f"{name} leads out of the snapshot"
                raise DamagedSnapshotError(msg)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, _CHUNK_BYTES)
            if file_digest(path) != digest:
                msg = f"{name} is not what the manifest says"
                raise DamagedSnapshotError(msg)

    try:
        with archive:
            return materialise(home, region_id, data_version, write)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise DamagedSnapshotError(str(error)) from None


def prune_snapshots(home: Path, keep: Collection[str], *, unused_s: float) -> list[str]:
    """
    Take away snapshots that nobody asked for in a while, and what dead processes left half written.

    Parameters
    ----------
    home
        Folder of state.
    keep
        Data versions that stay whatever their age: of the regions as they are, and of waiting and running jobs.
    unused_s
        How long a snapshot stays after it was last asked for, in seconds.

    Returns
    -------
    pruned
        Data versions taken away.
    """
    pruned = []
    now = time.time()
    for folder in _subfolders(snapshots_folder(home)):
        age_s = now - _modified(folder)
        if folder.name.startswith(_HALF_WRITTEN) and age_s > _STALE_AFTER_S:
            shutil.rmtree(folder, ignore_errors=True)
        elif _DATA_VERSION.fullmatch(folder.name) and folder.name not in keep and age_s > unused_s:
            # Renamed first: nobody may find half of it.
            gone = folder.with_name(f"{_HALF_WRITTEN}{folder.name}")
            _verified.pop(folder, None)
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
            pruned.append(folder.name)
    return pruned


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder(home: Path, data_version: str) -> Path:
    if not _DATA_VERSION.fullmatch(data_version):
        msg = f"{data_version!r} is no data version"
        raise DamagedSnapshotError(msg)
    return snapshots_folder(home) / data_version


def _is_whole(folder: Path, region_id: str, data_version: str) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        stamp = (folder / MANIFEST_FILE).stat().st_mtime_ns
        names_it = (manifest["region_id"], manifest["data_version"]) == (region_id, data_version)
        if not names_it or not all((folder / name).stat().st_size == size for name, size, _ in _entries(manifest)):
            return False
        if _verified.get(folder) != stamp:
            if not all(file_digest(folder / name) == digest for name, _, digest in _entries(manifest)):
                return False
            _verified[folder] = stamp
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def _entries(manifest: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    for name, (size, digest) in manifest["files"].items():
        yield name, size, digest


def _write_manifest(folder: Path, region_id: str, data_version: str) -> None:
    files = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, file_digest(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {"region_id": region_id, "data_version": data_version, "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def _put_in_place(draft: Path, folder: Path) -> None:
    draft.chmod(0o755)  # mkdtemp makes folders for the owner alone
    if folder.exists():
        # Damaged, or another process was faster; both hold the same content, and ours is whole.
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_HALF_WRITTEN))
        try:
            folder.rename(old / "old")
        except FileNotFoundError:
            pass
        finally:
            shutil.rmtree(old, ignore_errors=True)
    try:
        draft.rename(folder)
    except OSError:
        # Another process put the same there in between.
        if not (folder / MANIFEST_FILE).is_file():
            raise


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
