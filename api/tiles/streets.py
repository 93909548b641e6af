"""The streets of a region as lines to draw: each once, whatever number of networks it is in, sorted by importance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.streets import StreetNetwork

StreetClass = Literal["major", "minor", "path"]
STREET_CLASSES: Final[tuple[StreetClass, ...]] = ("major", "minor", "path")

_MAJOR_KMH: Final = 30.0
"""Cars keep up 32 km/h on a road with a limit of 40, the lowest usual one of through roads in Japan, 24 at 30."""
_UNIT: Final = 1e-7


def street_lines(networks: Sequence[StreetNetwork]) -> dict[StreetClass, NDArray[Any]]:
    """
    Return all streets as lines, joined where nothing branches off.

    Parameters
    ----------
    networks
        One for each mode at most.

    Returns
    -------
    lines
        Arrays of ``shapely.LineString`` in EPSG:4326 by class. ``major`` are streets on which cars keep up 30 km/h,
        ``minor`` other streets for cars, ``path`` what is not for cars. Without a network for cars nothing is known
        of that: all streets are minor then.
    """
    import shapely

    has_cars = any(network.mode == "car" for network in networks)
    parts = [_segments(network, has_cars=has_cars) for network in networks]
    ends = np.concatenate([ends for ends, _ in parts]) if parts else np.empty((0, 2, 2), dtype=np.int32)
    classes = np.concatenate([classes for _, classes in parts]) if parts else np.empty(0, dtype=np.int64)
    rows = _first_of_each(ends, classes)
    return {
        name: shapely.get_parts(
            shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends[rows[classes[rows] == code]] * _UNIT)))
        )
        for code, name in enumerate(STREET_CLASSES)
    }


def _segments(network: StreetNetwork, *, has_cars: bool) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the pieces of all lines: both ends, shape ``(n, 2, 2)``, in 1e-7 degree; and the class of each."""
    points, start = network.line_coordinates, network.line_start
    line = np.repeat(np.arange(len(start) - 1), np.diff(start))
    is_within = line[1:] == line[:-1]
    ends = np.stack([points[:-1], points[1:]], axis=1)[is_within]
    return ends, _classes(network, has_cars=has_cars)[line[:-1][is_within]]


def _classes(network: StreetNetwork, *, has_cars: bool) -> NDArray[np.int64]:
    """Return the class of each line, as a number."""
    lines = len(network.line_start) - 1
    if network.mode != "car":
        return np.full(lines, STREET_CLASSES.index("path" if has_cars else "minor"))
    kmh = 3.6 * network.edge_length_m / np.maximum(network.edge_seconds, 1e-6)
    is_major = np.zeros(lines, dtype=np.bool_)
    is_major[network.edge_line[kmh >= _MAJOR_KMH]] = True
    return np.where(is_major, STREET_CLASSES.index("major"), STREET_CLASSES.index("minor"))


def _first_of_each(ends: NDArray[np.int32], classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one row of each piece, that of the most important class: networks share most of their streets."""
    packed = (ends[..., 0].astype(np.int64) << 32) + ends[..., 1]
    places, numbers = np.unique(packed, return_inverse=True)
    numbers = np.sort(numbers.reshape(packed.shape), axis=1)
    keys = numbers[:, 0] * max(len(places), 1) + numbers[:, 1]
    order = np.argsort(classes, kind="stable")
    order = order[numbers[order, 0] != numbers[order, 1]]
    _, first = np.unique(keys[order], return_index=True)
    return np.sort(order[first])
