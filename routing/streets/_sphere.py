"""Distances on the sphere that OSMnx uses, so that lengths agree with its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Mean radius, as in osmnx.distance.
EARTH_RADIUS_M: Final = 6_371_009.0
METRES_PER_DEGREE: Final = EARTH_RADIUS_M * np.pi / 180.0


def great_circle_m(lon_a: ArrayLike, lat_a: ArrayLike, lon_b: ArrayLike, lat_b: ArrayLike) -> NDArray[np.float64]:
    """
    Return great-circle distances.

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Degrees, EPSG:4326; any shapes that broadcast.

    Returns
    -------
    metres
        Haversine distance, the broadcast shape.
    """
    lon_1, lat_1, lon_2, lat_2 = (np.radians(np.asarray(x, dtype=np.float64)) for x in (lon_a, lat_a, lon_b, lat_b))
    half_chord = np.sin((lat_2 - lat_1) / 2) ** 2 + np.cos(lat_1) * np.cos(lat_2) * np.sin((lon_2 - lon_1) / 2) ** 2
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0)))
    return distance
