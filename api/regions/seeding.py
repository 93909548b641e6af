"""
Take regions from folders into the database when a server starts.

A region that is new is taken in. One whose folder changed since is taken in anew, unless it was edited in the
database: then it stays as it is, and the log and the region itself say that the folder differs. A region that was
removed, or replaced by an import, does not come back by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from api.regions.content import read_folder, version_of_folder
from api.regions.errors import RegionStoreError
from regional_assets.errors import InputError
from regional_assets.region import region_folders

if TYPE_CHECKING:
    from api.regions.store import RegionStore
    from api.regions.stored import Origin


def seed_regions(store: RegionStore, home: Path) -> frozenset[str]:
    """
    Take in the regions that come with the package, and those of ``home/regions``.

    Returns
    -------
    differing
        Regions that were edited and whose folder changed since.
    """
    log = structlog.get_logger(__name__)
    differing = set()
    for region_id, folder in region_folders(home).items():
        try:
            if not _seed(store, region_id, folder, home):
                differing.add(region_id)
                log.warning("region differs from its folder, which is not in use", region=region_id, folder=str(folder))
        except (InputError, RegionStoreError, OSError) as error:
            # One broken folder must not keep a server from starting.
            log.error("cannot take in the folder of a region", region=region_id, folder=str(folder), reason=str(error))
    return frozenset(differing)


def _seed(store: RegionStore, region_id: str, folder: Path, home: Path) -> bool:
    """Take in one folder where that is due; return whether the region is, or may be, unlike its folder on purpose."""
    region, attached = read_folder(folder)
    if region.id != region_id:
        # The folder names the region, as for every command.
        region = region.model_copy(update={"id": region_id})
    digest = version_of_folder(region, attached)
    stored = store.stored(region_id)
    origin: Origin = "folder" if folder.is_relative_to(home) else "bundled"
    if stored is None:
        if store.removed_digest(region_id) != digest:
            store.put(region, attached, origin=origin, origin_digest=digest)
        return True
    if stored.origin == "import" or stored.origin_digest == digest:
        return True
    if stored.data_version != stored.origin_digest:
        return False
    store.put(region, attached, origin=origin, origin_digest=digest, replace=True)
    return True
