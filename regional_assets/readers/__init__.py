"""Readers of regional data: files in, assets out, nothing dropped silently."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regional_assets.readers.geofile import read_geofile
    from regional_assets.readers.gtfs import check_gtfs, read_gtfs
    from regional_assets.readers.heritage import read_heritage
    from regional_assets.readers.municipal import read_municipal
    from regional_assets.readers.osm import read_osm, read_osm_place

__all__ = [
    "check_gtfs",
    "read_geofile",
    "read_gtfs",
    "read_heritage",
    "read_municipal",
    "read_osm",
    "read_osm_place",
]

# Each reader is loaded when it is first used: some bring heavy libraries along.
_HOMES = {
    "check_gtfs": "gtfs",
    "read_geofile": "geofile",
    "read_gtfs": "gtfs",
    "read_heritage": "heritage",
    "read_municipal": "municipal",
    "read_osm": "osm",
    "read_osm_place": "osm",
}


def __getattr__(name: str) -> Any:
    """Load a reader of the public door when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
