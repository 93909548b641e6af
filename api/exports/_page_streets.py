"""The part of a street network that lies near a trip, packed small enough for a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from api.exports.geojson import Position

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.streets import StreetNetwork

_MOST_BYTES = 1_500_000
# Streets up to this far around the box of a leg are drawn: some 500 m.
_MARGIN_DEGREES = 0.005
# Networks count in 1e-7 degree; a page needs no more than 1e-5, about a metre.
_COARSER = 100


def pack_streets(
    network: StreetNetwork, legs: Iterable[Sequence[Position]], *, most_bytes: int = _MOST_BYTES
) -> list[list[int]]:
    """
    Return the streets around the legs of a trip.

    Parameters
    ----------
    network
        Streets of one mode.
    legs
        Lines of the trip as ``lon, lat`` in degrees.
    most_bytes
        Most that the result may take as JSON text, about; the streets farthest from the trip are left out first.

    Returns
    -------
    lines
        One list per street: lon and lat of its first point in 1e-5 degree, then the differences from point to point.
    """
    lines = [np.asarray(leg, dtype=np.float64) for leg in legs]
    if not lines or len(network.line_start) < 2:
        return []
    points = np.asarray(network.line_coordinates, dtype=np.int64) // _COARSER
    rows = _rows_near(points, network.line_start, lines)
    packed = [_packed(points[network.line_start[row] : network.line_start[row + 1]]) for row in rows]
    sizes = np.array([len(str(line)) for line in packed], dtype=np.int64)
    if sizes.sum() > most_bytes:
        middle = points[(network.line_start[rows] + network.line_start[rows + 1]) // 2] / 1e5
        nearest_first = np.argsort(_distance(middle, np.concatenate(lines)), kind="stable")
        kept = nearest_first[np.cumsum(sizes[nearest_first]) <= most_bytes]
        packed = [packed[index] for index in np.sort(kept)]
    return [line for line in packed if len(line) >= 4]


def _rows_near(
    points: NDArray[np.int64], line_start: NDArray[np.int64], legs: list[NDArray[np.float64]]
) -> NDArray[np.int64]:
    low = np.minimum.reduceat(points, line_start[:-1]) / 1e5
    high = np.maximum.reduceat(points, line_start[:-1]) / 1e5
    is_near = np.zeros(len(low), dtype=np.bool_)
    for leg in legs:
        box_low, box_high = leg.min(axis=0) - _MARGIN_DEGREES, leg.max(axis=0) + _MARGIN_DEGREES
        is_near |= ((high >= box_low) & (low <= box_high)).all(axis=1)
    return np.flatnonzero(is_near)


def _packed(line: NDArray[np.int64]) -> list[int]:
    steps = np.diff(line, axis=0)
    # Points that fall together on the coarser grid say nothing.
    steps = steps[(steps != 0).any(axis=1)]
    return [int(number) for number in (*line[0], *steps.ravel())]


def _distance(points: NDArray[np.float64], route: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial import cKDTree  # only large networks come here

    # Degrees of longitude are shorter; the mean latitude of the trip is near enough for ranking.
    scale = np.array([np.cos(np.radians(route[:, 1].mean())), 1.0])
    distance, _ = cKDTree(route * scale).query(points * scale)
    return np.asarray(distance, dtype=np.float64)
