"""Read streets out of OpenStreetMap files (XML, bz2, gz, pbf) through pyosmium, and join files that adjoin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing.streets._progress import silent
from routing.streets._rules import TAG_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from routing.streets._progress import Progress

OSM_SUFFIXES: Final = (".osm", ".osm.bz2", ".osm.gz", ".osm.pbf", ".pbf")
_HIGHEST_QUICK_ID: Final = 2**40
"""Eighty times the highest node id of OpenStreetMap in 2026."""


@dataclass(frozen=True, slots=True)
class OsmWay:
    """
    Hold one way with a ``highway`` tag.

    Parameters
    ----------
    nodes
        OSM ids of its nodes in order.
    tags
        The tags that decide who may use it.
    """

    nodes: tuple[int, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OsmStreets:
    """
    Hold the streets of one or more OSM files.

    Parameters
    ----------
    name
        File name.
    nodes
        Lon and lat in degrees by OSM id; only nodes on streets.
    ways
        Ways by OSM id.
    """

    name: str
    nodes: Mapping[int, tuple[float, float]]
    ways: Mapping[int, OsmWay]


def read_osm_files(paths: Sequence[Path], progress: Progress = silent) -> list[OsmStreets]:
    """
    Read the streets of several OSM files.

    Parameters
    ----------
    paths
        ``.osm``, ``.osm.bz2``, ``.osm.gz`` or ``.osm.pbf``.
    progress
        Told after each file.

    Returns
    -------
    streets
        One entry per file, in the same order.

    Raises
    ------
    InputError
        If any file is missing, of another kind, broken, or without streets; every such file is named.
    """
    problems: list[Problem] = []
    read: list[OsmStreets] = []
    if not paths:
        problems.append(
            Problem("osm", None, Text("OSMファイルを1つ以上指定してください。", "give at least one OSM file."))
        )
    for position, path in enumerate(paths):
        progress(Text(f"{path.name} を読み込み中", f"Reading {path.name}"), position / len(paths))
        found = _read_checked(path)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            read.append(found)
    if problems:
        raise InputError(problems)
    return read


def _read_checked(path: Path) -> OsmStreets | Problem:
    """Return the streets of one file, or what is wrong with it."""
    if not path.name.lower().endswith(OSM_SUFFIXES):
        known = ", ".join(OSM_SUFFIXES)
        return _problem(
            path,
            f"この形式は読めません。使える拡張子: {known}。",
            f"is not a kind of file that can be read; accepted: {known}.",
        )
    if not path.is_file():
        return _problem(path, "ファイルが見つかりません。", "there is no such file.")
    try:
        streets = _read_file(path)
    except RuntimeError as error:
        # pyosmium reports broken XML, entities (refused, never expanded), cut-off archives and bad blocks this way.
        return _problem(
            path,
            f"OSMデータとして読めません（壊れているか途中で切れています）: {error}",
            f"cannot be read as OSM data (broken or cut off): {error}",
        )
    if not streets.ways:
        return _problem(
            path,
            "道路（highway タグの付いた線）が1本もありません。道路を含むOSMデータを指定してください。",
            "holds no street (no way with a highway tag); give an OSM file that holds streets.",
        )
    return streets


def _problem(path: Path, ja: str, en: str) -> Problem:
    return Problem(str(path), path.name, Text(ja, en))


def _read_file(path: Path) -> OsmStreets:
    """Return ways with a highway tag and the nodes on them."""
    import osmium

    ways: dict[int, OsmWay] = {}
    wanted: set[int] = set()
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
        assert isinstance(way, osmium.osm.Way)  # nothing else was asked for
        nodes = tuple(node.ref for node in way.nodes)
        wanted.update(nodes)
        ways[way.id] = OsmWay(nodes, {tag.k: tag.v for tag in way.tags if tag.k in TAG_KEYS})
    positions: dict[int, tuple[float, float]] = {}
    if wanted:
        reader = osmium.FileProcessor(str(path), osmium.osm.NODE)
        # The quick filter cannot take ids below zero, which editors give to what is not uploaded yet; and it reserves
        # memory up to the highest id, gigabytes for one that is nonsense.
        if min(wanted) >= 0 and max(wanted) < _HIGHEST_QUICK_ID:
            reader = reader.with_filter(osmium.filter.IdFilter(wanted))
        for node in reader:
            assert isinstance(node, osmium.osm.Node)  # nothing else was asked for
            if node.id in wanted and node.location.valid():
                positions[node.id] = (node.location.lon, node.location.lat)
    return OsmStreets(path.name, positions, ways)


@dataclass(frozen=True, slots=True)
class Joined:
    """
    Hold the streets of several files as one.

    Parameters
    ----------
    streets
        All of them.
    shared_nodes, shared_ways
        How many nodes and ways were found in more than one file.
    """

    streets: OsmStreets
    shared_nodes: int
    shared_ways: int


def join_streets(parts: Sequence[OsmStreets]) -> Joined:
    """
    Join files by the ids of nodes and ways, which OSM gives out once for the whole world.

    A way found twice is kept once; where the copies differ (one was cut at the edge of its extract, or edited in
    between) the one with more nodes is kept.

    Parameters
    ----------
    parts
        One entry per file.

    Returns
    -------
    joined
        The whole, and how much of it was found in more than one file.
    """
    nodes: dict[int, tuple[float, float]] = {}
    ways: dict[int, OsmWay] = {}
    again_nodes: set[int] = set()
    again_ways: set[int] = set()
    for part in parts:
        again_nodes |= nodes.keys() & part.nodes.keys()
        again_ways |= ways.keys() & part.ways.keys()
        nodes.update(part.nodes)
        for way_id, way in part.ways.items():
            if way_id not in ways or len(way.nodes) > len(ways[way_id].nodes):
                ways[way_id] = way
    name = " + ".join(part.name for part in parts)
    return Joined(OsmStreets(name, nodes, ways), len(again_nodes), len(again_ways))
