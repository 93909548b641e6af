"""Readers of regional data: files in, assets out, nothing dropped silently."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regional_assets.readers.heritage import read_heritage
    from regional_assets.readers.municipal import read_municipal
    from regional_assets.readers.osm import read_osm

__all__ = ["read_heritage", "read_municipal", "read_osm"]

# Each reader is loaded when it is first used: some bring heavy libraries along.
_HOMES = {"read_heritage": "heritage", "read_municipal": "municipal", "read_osm": "osm"}


def __getattr__(name: str) -> Any:
    """Load a reader of the public door when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
