"""Positions in municipal tables: read, put right where they are plainly swapped, doubted where they look wrong."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING

from regional_assets.errors import Problem
from regional_assets.readers.municipal._cells import fact, number
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regional_assets.model import Asset

JAPAN = (20.0, 46.5, 122.0, 154.5)
"""South, north, west, east of Japan with its outer islands, degrees."""

_DEGREE_KM = 111.2
_FAR_KM = 12.0
_FAR_SPREADS = 5.0
_FEWEST_FOR_MEDIAN = 5
_SAME_SPOT = 5
MISSING = Text(
    ja="位置がありません(地図に載らず、計画に使えません)", en="has no position (kept, but cannot be planned)"
)


def position_of(lat_cell: str | None, lon_cell: str | None) -> tuple[float | None, float | None, Text | None]:
    """
    Return longitude, latitude and the doubt about them; both ``None`` where missing or impossible.

    Swapped coordinates are put right, and told. Nothing is made up.
    """
    if not fact(lat_cell) and not fact(lon_cell):
        return None, None, MISSING
    given = f"{fact(lat_cell)}, {fact(lon_cell)}"
    lat, lon = number(lat_cell), number(lon_cell)
    if lat is None or lon is None:
        return None, None, _doubt(given, "が数ではありません", "is no pair of numbers")
    south, north, west, east = JAPAN
    doubt = None
    if south <= lon <= north and west <= lat <= east:
        doubt = _doubt(given, "は緯度と経度が逆なので入れ替えました", "has latitude and longitude swapped; put right")
        lat, lon = lon, lat
    if not (south <= lat <= north and west <= lon <= east):
        return None, None, _doubt(given, "は日本の外なので使いません", "lies outside Japan, and is not used")
    return lon, lat, doubt


def position_warnings(assets: Iterable[Asset], file: str) -> list[Problem]:
    """Return warnings of positions far from the rest of their municipality, and of spots that many addresses share."""
    groups: dict[str, list[tuple[Asset, float, float]]] = defaultdict(list)
    spots: dict[tuple[float, float], list[Asset]] = defaultdict(list)
    for asset in assets:
        if asset.lon is not None and asset.lat is not None:
            groups[asset.municipality or ""].append((asset, asset.lon, asset.lat))
            spots[asset.lon, asset.lat].append(asset)
    warnings: list[Problem] = []
    for municipality, group in groups.items():
        if municipality and len(group) >= _FEWEST_FOR_MEDIAN:
            warnings += _far_ones(municipality, group)
    for (lon, lat), sharing in spots.items():
        if len(sharing) >= _SAME_SPOT and len({asset.address for asset in sharing}) > 1:
            warnings.append(_shared(file, lon, lat, sharing))
    return warnings


def _far_ones(municipality: str, group: list[tuple[Asset, float, float]]) -> Iterator[Problem]:
    lon0 = statistics.median(lon for _, lon, _ in group)
    lat0 = statistics.median(lat for _, _, lat in group)
    squeeze = math.cos(math.radians(lat0))
    distances = [math.hypot((lon - lon0) * squeeze, lat - lat0) * _DEGREE_KM for _, lon, lat in group]
    limit = max(_FAR_KM, _FAR_SPREADS * statistics.median(distances))
    for (asset, lon, lat), distance in zip(group, distances, strict=True):
        if distance > limit:
            message = Text(
                ja=f"{asset.name.in_('ja')}: {municipality}の他の場所から {distance:.0f} km 離れています",
                en=f"{asset.name.in_('en')}: lies {distance:.0f} km from the other places of {municipality}",
            )
            yield Problem(f"{asset.sources[0].row} lat", f"{lat}, {lon}", message)


def _shared(file: str, lon: float, lat: float, sharing: list[Asset]) -> Problem:
    lines = ", ".join(str(asset.sources[0].row).rpartition(":")[2] for asset in sharing)
    message = Text(
        ja=f"住所の違う {len(sharing)} 件が同じ位置({lat}, {lon})です。町の代表点かもしれません(行 {lines})",
        en=f"{len(sharing)} entries with different addresses share one position ({lat}, {lon}),"
        f" perhaps the middle of a town (lines {lines})",
    )
    return Problem(file, f"{lat}, {lon}", message)


def _doubt(given: str, ja: str, en: str) -> Text:
    return Text(ja=f"位置({given}){ja}", en=f"the position ({given}) {en}")
