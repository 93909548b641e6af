"""
Streets: networks from OSM and edge layers, travel times, geometry.

Importing this package loads nothing heavy: estimates need numpy alone, stored networks and their matrices numpy and
``scipy.sparse``; OSMnx, pyosmium and geopandas come in only where a network is built.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing.streets._build_osm import build_from_osm, build_from_place
    from routing.streets._cache import CACHE_VERSION, load_network, network_key, save_network
    from routing.streets._edge_layer import build_from_edges
    from routing.streets._estimate import estimate_matrix
    from routing.streets._matrix import travel_matrix
    from routing.streets._mode import MODES, Mode
    from routing.streets._network import StreetNetwork
    from routing.streets._progress import Progress
    from routing.streets._report import BuildReport, FileReport
    from routing.streets._table import UNREACHABLE, Snapping, TravelTable

__all__ = [
    "CACHE_VERSION",
    "MODES",
    "UNREACHABLE",
    "BuildReport",
    "FileReport",
    "Mode",
    "Progress",
    "Snapping",
    "StreetNetwork",
    "TravelTable",
    "build_from_edges",
    "build_from_osm",
    "build_from_place",
    "estimate_matrix",
    "load_network",
    "network_key",
    "save_network",
    "travel_matrix",
]

_HOME = {
    "CACHE_VERSION": "_cache",
    "MODES": "_mode",
    "UNREACHABLE": "_table",
    "BuildReport": "_report",
    "FileReport": "_report",
    "Mode": "_mode",
    "Progress": "_progress",
    "Snapping": "_table",
    "StreetNetwork": "_network",
    "TravelTable": "_table",
    "build_from_edges": "_edge_layer",
    "build_from_osm": "_build_osm",
    "build_from_place": "_build_osm",
    "estimate_matrix": "_estimate",
    "load_network": "_cache",
    "network_key": "_cache",
    "save_network": "_cache",
    "travel_matrix": "_matrix",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
