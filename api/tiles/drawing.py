"""
Draw streets and outlines as vector tiles, with GDAL's writer of MBTiles.

GDAL writes one layer of one range of zooms at a time; its tiles are then put one behind the other, which by the format
makes a tile of all their layers. So each layer is generalised on its own: what would be smaller than a dot is left out,
and from far off only the streets that matter are drawn.

Tiles go up to zoom 14, where their grid is half a metre: maps draw those larger at closer zooms. Drawing the zooms
beyond would take four times the room for each and show nothing more.

Formats: https://github.com/mapbox/vector-tile-spec/tree/master/2.1, https://gdal.org/drivers/vector/mbtiles.html
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from api.tiles.archive import TileInfo, TileLayer, tiles_in
from api.tiles.streets import STREET_CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from api.tiles.streets import StreetClass
    from api.tiles.writing import Address
    from regional_assets.readers.outlines import Outline

LOWEST_ZOOM: Final = 8
HIGHEST_ZOOM: Final = 14
LARGEST_LAYER_BYTES: Final = 100_000
"""Of one layer in one tile, packed. Beyond it GDAL coarsens the grid, then leaves out the smallest shapes."""

STREETS: Final = "streets"
LAYERS: Final[Mapping[str, str]] = {
    "green": "Woods, parks and meadows",
    "water": "Sea shore, lakes and rivers",
    "building": "Buildings",
    "rail": "Railways",
    STREETS: "Streets and paths",
}
"""In the order in which they are drawn."""
KINDS: Final[Mapping[str, str]] = {
    STREETS: "major, minor or path",
    "water": "area, coast (land on its left), river or stream",
}
"""Of layers whose shapes have the attribute ``class``: its values."""

_OVERVIEW: Final = (LOWEST_ZOOM, 11)
_TOWN: Final = (12, 12)
_QUARTER: Final = (13, HIGHEST_ZOOM)
_STREET_ZOOMS: Final[Mapping[tuple[int, int], tuple[StreetClass, ...]]] = {
    _OVERVIEW: ("major",),
    _TOWN: ("major", "minor"),
    _QUARTER: STREET_CLASSES,
}
_LONGEST_STREETS: Final = 3_000
"""Drawn from far off where no street is known to matter more than others."""
_OUTLINE_ZOOMS: Final[Mapping[str, Sequence[tuple[int, int]]]] = {
    "area": (_OVERVIEW, (12, 13), (14, 14)),
    "coast": (_OVERVIEW, (12, 14)),
    "river": (_OVERVIEW, (12, 14)),
    "stream": (_QUARTER,),
    "green": (_OVERVIEW, (12, 13), (14, 14)),
    "rail": (_OVERVIEW, (12, 14)),
    "building": ((14, 14),),
}

_TILE_DOTS: Final = 512
_MERCATOR_END: Final = 85.0
"""Degrees north and south beyond which tiles hold nothing."""
_WIDEST_TILES: Final = 30_000
"""Tiles of the highest zoom in the box of one shape: some 300 km squared. Larger ones are slips, or a trap."""
_MOST_PIECES: Final = 3_000_000
"""Shapes times tiles that they lie in, at most; else the highest zooms are left out."""
_SIMPLIFICATION: Final = 4
"""In units of the grid of a tile, 4096 across: half a dot."""


@dataclass(frozen=True, slots=True)
class DrawnTiles:
    """
    Hold tiles and what they show.

    Parameters
    ----------
    tiles
        Unpacked tiles by address.
    info
        What to say of them; name and attribution are for the caller.
    shapes
        How many shapes each layer holds, at the zoom that shows most.
    too_wide
        How many were left out of each, because they are wider than any region.
    """

    tiles: dict[Address, bytes]
    info: TileInfo
    shapes: dict[str, int]
    too_wide: dict[str, int]


@dataclass(slots=True)
class _Sheet:
    """Hold what is drawn of one layer within one range of zooms."""

    layer: str
    zooms: tuple[int, int]
    shapes: NDArray[Any]
    kinds: NDArray[Any]
    pieces: float = field(init=False)

    def __post_init__(self) -> None:
        self.pieces = float(_tiles_under(self.shapes, self.zooms[1]).sum())


def draw_tiles(
    streets: Mapping[StreetClass, NDArray[Any]],
    outlines: Sequence[Outline],
    *,
    scratch: Path,
    tell: Callable[[float], None] = lambda share: None,
) -> DrawnTiles | None:
    """
    Draw the tiles of a region.

    Parameters
    ----------
    streets
        Of `api.tiles.streets.street_lines`.
    outlines
        What else to draw.
    scratch
        Folder for files soon done with.
    tell
        Told the share done.

    Returns
    -------
    drawn
        None where there is nothing to draw.
    """
    layers = {STREETS: _of_streets(streets), **_of_outlines(outlines)}
    too_wide = {}
    for name, (shapes, kinds) in layers.items():
        fits = _tiles_under(shapes, HIGHEST_ZOOM) <= _WIDEST_TILES
        if not fits.all():
            too_wide[name] = int((~fits).sum())
        layers[name] = shapes[fits], kinds[fits]
    sheets = _affordable([sheet for name in LAYERS if name in layers for sheet in _sheets(name, *layers[name])])
    if not sheets:
        return None
    tiles: dict[Address, bytes] = {}
    done, whole = 0.0, sum(sheet.pieces for sheet in sheets)
    for number, sheet in enumerate(sheets):
        for address, content in _drawn(sheet, scratch / f"{number}.mbtiles"):
            tiles[address] = tiles.get(address, b"") + content
        done += sheet.pieces
        tell(done / max(whole, 1.0))
    shown = {sheet.layer: layers[sheet.layer][0] for sheet in sheets}
    return DrawnTiles(tiles, _info(shown, sheets), {name: len(shapes) for name, shapes in shown.items()}, too_wide)


def _of_streets(streets: Mapping[StreetClass, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    known = [(name, streets[name]) for name in STREET_CLASSES if name in streets]
    shapes = np.concatenate([np.empty(0, dtype=object), *(lines for _, lines in known)])
    kinds = np.concatenate([np.empty(0, dtype=object), *(np.full(len(lines), name, object) for name, lines in known)])
    return shapes, kinds


def _of_outlines(outlines: Sequence[Outline]) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    found = {}
    for name in LAYERS:
        mine = [outline for outline in outlines if outline.subject == name]
        if mine:
            shapes = np.empty(len(mine), dtype=object)
            shapes[:] = [outline.shape for outline in mine]
            found[name] = shapes, np.array([outline.kind for outline in mine], dtype=object)
    return found


def _sheets(layer: str, shapes: NDArray[Any], kinds: NDArray[Any]) -> Iterator[_Sheet]:
    if not len(shapes):
        return
    if layer == STREETS:
        present = [name for name in STREET_CLASSES if name in kinds]
        for zooms, wanted in _STREET_ZOOMS.items():
            shown = [name for name in wanted if name in present] or present[:1]
            rows = np.flatnonzero(np.isin(kinds, shown))
            if zooms == _OVERVIEW and shown != ["major"]:
                rows = rows[_longest(shapes[rows])]
            yield _Sheet(layer, zooms, shapes[rows], kinds[rows])
        return
    # Layers may not occur twice in a tile: kinds that share zooms go together.
    plans = {kind: _OUTLINE_ZOOMS[kind or layer] for kind in dict.fromkeys(kinds)}
    breaks = sorted({edge for ranges in plans.values() for low, high in ranges for edge in (low, high + 1)})
    for low, after in itertools.pairwise(breaks):
        zooms = low, after - 1
        here = [kind for kind, ranges in plans.items() if any(first <= low <= last for first, last in ranges)]
        rows = np.flatnonzero(np.isin(kinds, here))
        rows = rows[_is_visible(shapes[rows], zooms[1])]
        if len(rows):
            yield _Sheet(layer, zooms, shapes[rows], kinds[rows])


def _longest(lines: NDArray[Any]) -> NDArray[np.int64]:
    import shapely

    return np.sort(np.argsort(-shapely.length(lines), kind="stable")[:_LONGEST_STREETS])


def _is_visible(shapes: NDArray[Any], zoom: int) -> NDArray[np.bool_]:
    """Whether shapes are a dot wide or high at a zoom."""
    width, height = _extents(shapes, zoom)
    return np.maximum(width, height) * _TILE_DOTS >= 1.0


def _tiles_under(shapes: NDArray[Any], zoom: int) -> NDArray[np.float64]:
    """Return in how many tiles of a zoom each shape may lie: those of the box around it."""
    width, height = _extents(shapes, zoom)
    return np.ceil(width + 1e-9) * np.ceil(height + 1e-9)


def _extents(shapes: NDArray[Any], zoom: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return width and height of each shape, in tiles of a zoom."""
    import shapely

    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    return (east - west) / 360 * 2**zoom, (_down(south) - _down(north)) * 2**zoom


def _down(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far down a map of the world in Web Mercator latitudes are, 0 to 1."""
    angle = np.radians(np.clip(lat, -_MERCATOR_END, _MERCATOR_END))
    return 0.5 - np.arcsinh(np.tan(angle)) / (2 * np.pi)


def _affordable(sheets: list[_Sheet]) -> list[_Sheet]:
    """Leave out the highest zooms as long as there would be too much to draw."""
    while sum(sheet.pieces for sheet in sheets) > _MOST_PIECES:
        highest = max(sheet.zooms[1] for sheet in sheets)
        if highest == LOWEST_ZOOM:
            break
        lower = [_Sheet(s.layer, (s.zooms[0], min(s.zooms[1], highest - 1)), s.shapes, s.kinds) for s in sheets]
        sheets = [sheet for sheet in lower if sheet.zooms[0] <= sheet.zooms[1]]
    return sheets


def _drawn(sheet: _Sheet, path: Path) -> Iterator[tuple[Address, bytes]]:
    """Have GDAL draw one layer within one range of zooms."""
    import geopandas
    import pyogrio

    columns = {"class": sheet.kinds} if sheet.layer in KINDS else {}
    frame = geopandas.GeoDataFrame(columns, geometry=sheet.shapes, crs="EPSG:4326")
    first, last = sheet.zooms
    options = {
        "MINZOOM": first,
        "MAXZOOM": last,
        "MAX_SIZE": LARGEST_LAYER_BYTES,
        "SIMPLIFICATION": _SIMPLIFICATION,
        # At the highest zoom everything is drawn as it is.
        "SIMPLIFICATION_MAX_ZOOM": 1 if last == HIGHEST_ZOOM else _SIMPLIFICATION,
    }
    with _one_thread():
        pyogrio.write_dataframe(frame, path, layer=sheet.layer, driver="MBTiles", dataset_options=options)
    # Our own: opened whatever its tables look like, which is up to the version of GDAL.
    with closing(sqlite3.connect(path)) as database:
        yield from tiles_in(database)
    path.unlink()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep GDAL from starting a thread for each core: that gains nothing here, and a server has other things to do."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("GDAL_NUM_THREADS")
    pyogrio.set_gdal_config_options({"GDAL_NUM_THREADS": 1})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"GDAL_NUM_THREADS": before})


def _info(shown: Mapping[str, NDArray[Any]], sheets: Sequence[_Sheet]) -> TileInfo:
    import shapely

    bounds = np.array([shapely.total_bounds(shapes) for shapes in shown.values()])
    west, south = np.clip(bounds[:, :2].min(axis=0), (-180.0, -_MERCATOR_END), (180.0, _MERCATOR_END))
    east, north = np.clip(bounds[:, 2:].max(axis=0), (-180.0, -_MERCATOR_END), (180.0, _MERCATOR_END))
    zooms = {name: [zoom for sheet in sheets if sheet.layer == name for zoom in sheet.zooms] for name in shown}
    described = [
        TileLayer(
            id=name,
            description=LAYERS[name],
            minzoom=min(zooms[name]),
            maxzoom=max(zooms[name]),
            fields={"class": KINDS[name]} if name in KINDS else {},
        )
        for name in shown
    ]
    return TileInfo(
        name="",
        minzoom=min(layer.minzoom for layer in described),
        maxzoom=max(layer.maxzoom for layer in described),
        bounds=(float(west), float(south), float(east), float(north)),
        layers=described,
    )
