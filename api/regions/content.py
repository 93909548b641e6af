"""What a region consists of, in one canonical form, and its fingerprint: the data version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from api.regions.snapshots import file_digest
from regional_assets.errors import InputError
from regional_assets.model import Asset, Region
from regional_assets.region import asset_feature, load_region
from regional_assets.validation import problems_from


def head_of(region: Region) -> str:
    """Return a region without its assets as canonical JSON."""
    return _canonical(region.model_dump(mode="json", exclude_none=True, exclude={"assets", "folder"}))


def body_of(asset: Asset) -> str:
    """
    Return an asset as a GeoJSON feature in canonical JSON.

    Raises
    ------
    UnicodeEncodeError
        If a text holds half a character.
    """
    body = _canonical(asset_feature(asset))
    body.encode()
    return body


def asset_of(body: str) -> Asset:
    """
    Return the asset that `body_of` wrote.

    Raises
    ------
    InputError
        If it was written by a version of Meguri that allowed more.
    """
    feature = json.loads(body)
    lon, lat = (feature["geometry"] or {"coordinates": (None, None)})["coordinates"]
    try:
        return Asset.model_validate({**feature["properties"], "lon": lon, "lat": lat})
    except ValidationError as error:
        raise InputError(problems_from(error, str(feature["properties"].get("id")))) from None


def region_of(head: str, assets: Iterable[Asset]) -> Region:
    """
    Return the region of a head and its assets, without a folder.

    Raises
    ------
    InputError
        If the head was written by a version of Meguri that allowed more.
    """
    try:
        region = Region.model_validate_json(head)
    except ValidationError as error:
        raise InputError(problems_from(error, "region")) from None
    return region.model_copy(update={"assets": tuple(assets)})


def version_of(head: str, bodies: Iterable[str], files: Mapping[str, str]) -> str:
    """
    Return the data version: SHA-256, in hexadecimal, over everything that may change an answer.

    Files that change no plan (tiles) count as well: what lies in the folder of a snapshot, whose name it is, and what
    tells whether a folder of a region has changed, must be all that the region has.

    Parameters
    ----------
    head
        Of `head_of`.
    bodies
        Of `body_of`, in the order of the region: it settles ties.
    files
        Relative path of every attached file to its SHA-256.
    """
    digest = hashlib.sha256()
    for part in (head, *bodies, *(f"{path}\0{files[path]}" for path in sorted(files))):
        content = part.encode()
        # Lengths keep the parts apart, whatever is in them.
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def attached_files(region: Region) -> dict[str, Path]:
    """Return the files that a region names and its folder holds: streets, timetables and tiles, by relative path."""
    if region.folder is None:
        return {}
    return {path.relative_to(region.folder).as_posix(): path for path in _files_in(region.folder, region.attachments)}


def attached_name(file: str) -> str:
    """Return how `attached_files` calls a file that a region may name otherwise: ``./tiles//x`` is ``tiles/x``."""
    return PurePosixPath(file).as_posix()


def read_folder(folder: Path) -> tuple[Region, dict[str, Path]]:
    """
    Return the region of a folder, and its attached files by relative path.

    Raises
    ------
    InputError
        If it is no region folder, or a broken one.
    """
    region = load_region(folder)
    return region, attached_files(region)


def version_of_folder(region: Region, attached: Mapping[str, Path]) -> str:
    """Return the data version that a region and its attached files will have once they are stored."""
    files = {name: file_digest(path) for name, path in attached.items()}
    return version_of(head_of(region), map(body_of, region.assets), files)


def _files_in(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    for name in dict.fromkeys(names):
        path = folder / name
        if path.is_dir():
            yield from (inner for inner in sorted(path.rglob("*")) if inner.is_file())
        elif path.is_file():
            yield path


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
