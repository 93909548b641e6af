"""
What regions of a server refuse; each carries its facts.

::

    RegionStoreError
    ├── UnknownAssetError (also LookupError)   no such asset
    ├── AssetExistsError                       an asset of that id is there
    ├── RegionExistsError                      a region of that id is there, and was not to be replaced
    ├── RegionsFullError                       as many regions as are allowed
    ├── AssetsFullError                        as many assets as are allowed
    └── StaleError                             changed since the caller looked
"""

from __future__ import annotations


class RegionStoreError(Exception):
    """Base of what a store of regions refuses."""


class UnknownAssetError(RegionStoreError, LookupError):
    """Refuse an asset that is not there."""

    def __init__(self, region_id: str, asset_id: str) -> None:
        self.region_id, self.asset_id = region_id, asset_id
        super().__init__(f"no asset {asset_id} in {region_id}")


class AssetExistsError(RegionStoreError):
    """Refuse to create an asset that is there."""

    def __init__(self, region_id: str, asset_id: str) -> None:
        self.region_id, self.asset_id = region_id, asset_id
        super().__init__(f"{region_id} has an asset {asset_id}")


class RegionExistsError(RegionStoreError):
    """Refuse to put a region where there is one."""

    def __init__(self, region_id: str) -> None:
        self.region_id = region_id
        super().__init__(f"there is a region {region_id}")


class RegionsFullError(RegionStoreError):
    """Refuse one region too many."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"at most {most} regions")


class AssetsFullError(RegionStoreError):
    """Refuse one asset too many."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"at most {most} assets in a region")


class StaleError(RegionStoreError):
    """Refuse a change of what is no longer as the caller saw it; ``etag`` is how it is now."""

    def __init__(self, etag: str) -> None:
        self.etag = etag
        super().__init__(f"it is {etag} now")
