"""Give a region the street networks of one or several modes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.texts import text
from api.tile_building import Tell, TileReport, add_tiles
from regional_assets.errors import InputError, Problem
from regional_assets.model import Region, Source, StreetSource

if TYPE_CHECKING:
    from routing.request import Mode
    from routing.streets import StreetNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetFiles:
    """
    Name what streets are built from: OSM files, or else an edge layer, or else a place looked up online.

    ``licence`` is that of the edge layer; the others are OpenStreetMap's.
    """

    osm: Sequence[Path] = ()
    edges: Path | None = None
    place: str | None = None
    licence: str | None = None

    def __bool__(self) -> bool:
        return bool(self.osm or self.edges or self.place)


def check_one_input(files: StreetFiles) -> None:
    """
    Refuse anything but exactly one kind of input.

    Raises
    ------
    InputError
        If there is none, or more than one.
    """
    if (bool(files.osm) + (files.edges is not None) + (files.place is not None)) != 1:
        raise InputError([Problem("", None, text("streets.one_input"))])


def build_networks(
    files: StreetFiles, modes: Sequence[Mode], *, all_needed: bool, tell: Tell
) -> tuple[dict[Mode, StreetNetwork], list[Problem]]:
    """
    Build the street network of each mode.

    Parameters
    ----------
    files
        Where the streets come from. An edge layer goes before OSM files, and those before a place.
    modes
        One network each.
    all_needed
        Whether a mode without usable streets is refused; else it is returned as a note.
    tell
        Told how far the work is.

    Returns
    -------
    networks, notes
        At least one network unless the files were given for their places too (OSM); modes without streets.

    Raises
    ------
    InputError
        With the problems of all modes.
    OfflineError
        If a place could not be looked up.
    """
    networks: dict[Mode, StreetNetwork] = {}
    problems: list[Problem] = []
    for mode in modes:
        try:
            networks[mode] = _build(files, mode, tell)
        except InputError as error:
            # Each mode tells the same about a broken file.
            problems += [problem for problem in error.problems if problem not in problems]
    # OSM files may be given for their places alone; a street layer is given for its streets.
    if problems and (all_needed or (files.edges is not None and not networks)):
        raise InputError(problems)
    return networks, problems


def store_networks(region: Region, networks: Mapping[Mode, StreetNetwork]) -> Region:
    """
    Write networks into the folder of a region; return the region that names them, not yet saved.

    Raises
    ------
    ValueError
        If the region has no folder.
    """
    from routing.streets import save_network

    if region.folder is None:
        msg = "the region has no folder to keep streets in"
        raise ValueError(msg)
    entries = {entry.mode: entry for entry in region.streets}
    sources = list(region.sources)
    for mode, network in networks.items():
        file = f"streets/{mode}.npz"
        save_network(network, region.folder / file)
        source = Source(name=network.source, licence=network.licence or None)
        entries[mode] = StreetSource(mode=mode, file=file, source=source)
        if not any(_same_publisher(known.name, source.name) for known in sources):
            sources.append(source)
    return region.model_copy(update={"streets": tuple(entries.values()), "sources": tuple(sources)})


def add_streets(
    region: Region, networks: Mapping[Mode, StreetNetwork], own_regions: Path, *, osm: Sequence[Path], tell: Tell
) -> tuple[Region, TileReport | None]:
    """
    Store networks in a region, draw its tiles anew and save it; a bundled region is first copied to the user's own.

    Parameters
    ----------
    region
        Loaded from a folder.
    networks
        By mode; those of other modes stay.
    own_regions
        Folder of the user's own regions.
    osm
        Files from which outlines are drawn as well.
    tell
        Told how far the work is.

    Returns
    -------
    region, report
        As saved, and what was drawn.
    """
    from regional_assets.region import load_region, save_region

    if region.folder is None or _is_bundled(region):
        save_region(region, own_regions / region.id)
        region = load_region(own_regions / region.id)
    region, report = add_tiles(store_networks(region, networks), networks, osm, tell)
    if region.folder is not None:
        save_region(region, region.folder)
    return region, report


def _same_publisher(one: str, other: str) -> bool:
    """Whether two sources are one, whether or not a copyright sign stands in front."""
    return one.removeprefix("©").strip() == other.removeprefix("©").strip()


def _is_bundled(region: Region) -> bool:
    from regional_assets.region import bundled_region_folder

    try:
        return region.folder == bundled_region_folder(region.id)
    except InputError:
        return False


def _build(files: StreetFiles, mode: Mode, tell: Tell) -> StreetNetwork:
    from routing import streets

    if files.edges is not None:
        network = streets.build_from_edges(files.edges, mode, progress=tell)
        return replace(network, licence=files.licence) if files.licence else network
    if files.osm:
        return streets.build_from_osm(list(files.osm), mode, progress=tell)
    if files.place:
        return streets.build_from_place(files.place, mode, progress=tell)
    raise InputError([Problem("", None, text("streets.one_input"))])
