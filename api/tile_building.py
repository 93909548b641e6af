"""Give a region vector tiles of its streets and outlines."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.texts import text
from api.tiles.archive import BrokenTilesError, TileInfo, read_info, tiles_of
from api.tiles.layers import layers_of
from regional_assets.model import Region

if TYPE_CHECKING:
    from api.tiles.drawing import DrawnTiles
    from regional_assets.text import Text
    from routing.request import Mode
    from routing.streets import StreetNetwork

TILES_FILE: Final = "tiles/streets.mbtiles"
_OSM: Final = "© OpenStreetMap contributors (ODbL-1.0)"
_SEPARATOR: Final = "; "

Tell = Callable[["Text", float], None]
"""Told what is being done, and the share of it done."""


@dataclass(frozen=True, slots=True)
class TileReport:
    """
    Say what was drawn.

    Parameters
    ----------
    file
        In the region folder.
    size_bytes, tiles
        Size of the file, and number of tiles in it.
    minzoom, maxzoom
        First and last zoom.
    layers
        Number of shapes in each layer; lines of streets are joined where nothing branches off.
    left_out
        Number of elements whose shape could not be drawn, by layer: cut off at the edge of an extract, or broken.
    attribution
        Who made the data, and its licence.
    """

    file: str
    size_bytes: int
    tiles: int
    minzoom: int
    maxzoom: int
    layers: Mapping[str, int]
    left_out: Mapping[str, int]
    attribution: str

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON types."""
        return asdict(self)


def add_tiles(
    region: Region, networks: Mapping[Mode, StreetNetwork], osm: Sequence[Path], tell: Tell
) -> tuple[Region, TileReport | None]:
    """
    Draw the tiles of a region into its folder; return the region that names them, not yet saved.

    Parameters
    ----------
    region
        With its folder, and the names of all networks in it.
    networks
        Those that are at hand; others of the region are read from its folder.
    osm
        Files from which outlines are read. Without any, the outlines of the tiles that the region has stay.
    tell
        Told how far the work is.

    Returns
    -------
    region, report
        As it was and None, where there is nothing to draw.

    Raises
    ------
    InputError
        If an OSM file cannot be read.
    """
    from api.tiles.drawing import draw_tiles
    from api.tiles.streets import street_lines
    from api.tiles.writing import write_archive
    from regional_assets.readers.outlines import Outlines, read_outlines

    assert region.folder is not None, "a region has a folder by the time its tiles are drawn"
    path = region.folder / TILES_FILE
    outlines = Outlines()
    if osm:
        tell(text("tiles.reading"), 0.0)
        outlines = read_outlines(osm, progress=lambda share: tell(text("tiles.reading"), share))
    all_networks = _all_networks(region, networks)
    tell(text("tiles.drawing"), 0.0)
    with tempfile.TemporaryDirectory(dir=region.folder, prefix=".tiles.") as scratch:
        drawn = draw_tiles(
            street_lines(list(all_networks.values())),
            outlines.found,
            scratch=Path(scratch),
            tell=lambda share: tell(text("tiles.drawing"), share),
        )
    if drawn is None:
        return region, None
    makers = [_credit(network) for network in all_networks.values()] + [_OSM] * bool(osm)
    if not osm and region.tiles is not None:
        drawn, more_makers = _with_old_outlines(drawn, region.folder / region.tiles)
        makers += more_makers
    attribution = _SEPARATOR.join(dict.fromkeys(makers))
    info = drawn.info.model_copy(update={"name": region.name.in_("en"), "attribution": attribution})
    write_archive(path, drawn.tiles, info)
    report = TileReport(
        file=TILES_FILE,
        size_bytes=path.stat().st_size,
        tiles=len(drawn.tiles),
        minzoom=info.minzoom,
        maxzoom=info.maxzoom,
        layers=drawn.shapes,
        left_out=dict(Counter(outlines.left_out) + Counter(drawn.too_wide)),
        attribution=attribution,
    )
    return region.model_copy(update={"tiles": TILES_FILE}), report


def _all_networks(region: Region, at_hand: Mapping[Mode, StreetNetwork]) -> dict[Mode, StreetNetwork]:
    """Return the networks of all modes of a region; one whose file is damaged is not drawn, as it is not used."""
    from routing.errors import NetworkCacheError
    from routing.streets import load_network

    assert region.folder is not None
    networks = dict(at_hand)
    for entry in region.streets:
        if entry.mode not in networks:
            try:
                networks[entry.mode] = load_network(region.folder / entry.file)
            except NetworkCacheError:
                continue
    return networks


def _credit(network: StreetNetwork) -> str:
    is_known = network.licence not in ("", "unknown")
    return f"{network.source} ({network.licence})" if is_known else network.source


def _with_old_outlines(drawn: DrawnTiles, old: Path) -> tuple[DrawnTiles, list[str]]:
    """Put the outlines of tiles that were drawn before under new streets; return who made them as well."""
    from api.tiles.drawing import STREETS

    try:
        before = read_info(old)
        outlines = [layer for layer in before.layers if layer.id != STREETS]
        tiles = dict(drawn.tiles)
        for address, tile in tiles_of(old) if outlines else ():
            kept = b"".join(layer for name, layer in layers_of(tile) if name != STREETS)
            if kept:
                tiles[address] = kept + tiles.get(address, b"")
    except BrokenTilesError:
        outlines = []
    if not outlines:
        return drawn, []
    boxes = drawn.info.bounds, before.bounds
    west, south = (min(box[place] for box in boxes) for place in (0, 1))
    east, north = (max(box[place] for box in boxes) for place in (2, 3))
    info = TileInfo(
        name="",
        minzoom=min(drawn.info.minzoom, before.minzoom),
        maxzoom=max(drawn.info.maxzoom, before.maxzoom),
        bounds=(west, south, east, north),
        layers=[*outlines, *drawn.info.layers],
    )
    return replace(drawn, tiles=tiles, info=info), before.attribution.split(_SEPARATOR)
