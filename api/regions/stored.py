"""Regions and assets as a server keeps them: with revision, data version and entity tag."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from regional_assets.model import Asset, Name, Region

Origin = Literal["bundled", "folder", "import"]
"""Where a region came from: with the package, a folder below the folder of state, or an import over HTTP."""


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """Hold an asset with its canonical JSON."""

    asset: Asset
    body: str

    @property
    def etag(self) -> str:
        """Return the entity tag: it changes with the content, and only with it."""
        return f'"{hashlib.sha256(self.body.encode()).hexdigest()[:32]}"'


@dataclass(frozen=True)
class StoredRegion:
    """
    Hold a region as it is now.

    Parameters
    ----------
    region
        Without a folder: `api.regions.store.RegionStore.snapshot` gives one.
    revision
        Grows with every change.
    data_version
        SHA-256, in hexadecimal, over the content.
    origin
        Where it came from.
    origin_digest
        What tells one coming from another: data version of the folder, or id of the job that imported it.
    files
        SHA-256 of each attached file, by relative path.
    bodies
        Canonical JSON of each asset by id, in the order of the region.
    updated_at
        When it last changed.
    """

    region: Region
    revision: int
    data_version: str
    origin: Origin
    origin_digest: str | None
    files: Mapping[str, str] = field(repr=False)
    bodies: Mapping[str, str] = field(repr=False)
    updated_at: dt.datetime

    @property
    def etag(self) -> str:
        """Return the entity tag of the region."""
        return _etag(self.revision, self.data_version)

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """Return the assets by id."""
        return {asset.id: asset for asset in self.region.assets}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Return the place of each asset in the region, by id."""
        return {asset.id: place for place, asset in enumerate(self.region.assets)}

    def asset(self, asset_id: str) -> StoredAsset | None:
        """Return an asset, if there is one of that id."""
        asset = self.assets.get(asset_id)
        return None if asset is None else StoredAsset(asset, self.bodies[asset_id])


@dataclass(frozen=True, slots=True)
class RegionSummary:
    """
    Say what a region is; its assets are counted, not read.

    Parameters
    ----------
    id, name, notice
        As of the region.
    modes
        Ways of travel for which it has streets.
    timetables
        Number of timetables.
    has_tiles
        Whether it has a file of vector tiles.
    revision, data_version, origin, updated_at
        As of `StoredRegion`.
    kinds
        Number of assets by kind.
    bbox
        West, south, east, north of its assets; None where none has a position.
    folder_differs
        Whether the folder it came from was changed after the region was edited here: the folder is not in use then.
    """

    id: str
    name: Name
    notice: Name | None
    modes: tuple[str, ...]
    timetables: int
    has_tiles: bool
    revision: int
    data_version: str
    origin: Origin
    updated_at: dt.datetime
    kinds: Mapping[str, int]
    bbox: tuple[float, float, float, float] | None
    folder_differs: bool

    @property
    def etag(self) -> str:
        """Return the entity tag of the region."""
        return _etag(self.revision, self.data_version)


def _etag(revision: int, data_version: str) -> str:
    # The revision alone would begin anew with a region that was removed and came back.
    return f'"{revision}-{data_version[:16]}"'
