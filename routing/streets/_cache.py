"""Street networks on disk: one `.npz` each, trusted only when its own hash agrees."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from routing.errors import NetworkCacheError
from routing.streets._network import StreetNetwork, network_from

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routing.streets._mode import Mode

# Goes up whenever the stored arrays, the rules or the speeds change: older files are then rebuilt.
CACHE_VERSION: Final = 1

_FORMAT: Final = "meguri-streets"
# Files that stand beside a Shapefile and belong to it.
_SHAPEFILE_PARTS: Final = (".dbf", ".shx", ".prj", ".cpg")


def network_key(files: Iterable[Path | str], mode: Mode, version: int = CACHE_VERSION) -> str:
    """
    Return the name under which a network made from these files is stored.

    Parameters
    ----------
    files
        Input files; their content counts, not their names, dates or order.
    mode
        Walk, bicycle or car.
    version
        Version of the stored form and of the rules.

    Returns
    -------
    key
        Mode, a hyphen and 32 hexadecimal digits.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    digests = sorted(_file_digest(part) for file in files for part in _parts_of(Path(file)))
    joined = hashlib.sha256("\n".join([_FORMAT, str(version), mode, *digests]).encode())
    return f"{mode}-{joined.hexdigest()[:32]}"


def save_network(network: StreetNetwork, path: Path | str) -> Path:
    """
    Write a network; whoever reads meanwhile sees the old file or the new one, never half of one.

    Parameters
    ----------
    network
        What to store.
    path
        Where, with the suffix ``.npz``; folders are made as needed.

    Returns
    -------
    path
        The file written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    meta = network.meta() | {"format": _FORMAT, "version": CACHE_VERSION, "hash": network.content_hash}
    header = np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), dtype=np.uint8)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, header=header, **network.arrays())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def load_network(path: Path | str) -> StreetNetwork:
    """
    Read a stored network.

    Parameters
    ----------
    path
        File written by `save_network`.

    Returns
    -------
    network
        Exactly as stored.

    Raises
    ------
    NetworkCacheError
        If the file is missing, damaged, of another version, or something else altogether: build the network anew.
    """
    source = Path(path)
    try:
        # Opened here, because numpy leaves a file open when it cannot make sense of it.
        with source.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            meta = json.loads(stored["header"].tobytes())
            if not isinstance(meta, dict) or meta.get("format") != _FORMAT:
                raise NetworkCacheError(source, "not a street network")
            if meta.get("version") != CACHE_VERSION:
                raise NetworkCacheError(source, f"version {meta.get('version')}, expected {CACHE_VERSION}")
            network = network_from({name: stored[name] for name in stored.files}, meta)
    except NetworkCacheError:
        raise
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        # numpy and zipfile word one broken file in a dozen ways; to the caller they are all one.
        raise NetworkCacheError(source, f"cannot be read ({type(error).__name__}: {error})") from error
    if network.content_hash != meta.get("hash"):
        raise NetworkCacheError(source, "content does not agree with its hash")
    return network


def _parts_of(file: Path) -> list[Path]:
    """Return a file and, for a Shapefile, the files beside it that belong to it."""
    if file.suffix.lower() != ".shp":
        return [file]
    return [file, *(part for suffix in _SHAPEFILE_PARTS if (part := file.with_suffix(suffix)).is_file())]


def _file_digest(file: Path) -> str:
    """Return the hash of a file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
