"""Travel without streets: distance as the crow flies, stretched, at the speed of the mode. Needs numpy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from routing.streets._mode import BICYCLE_KMH, MODES, WALK_KMH, metres_per_second
from routing.streets._sphere import great_circle_m
from routing.streets._table import Snapping, TravelTable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from routing.streets._mode import Mode

# Way on streets over distance as the crow flies. Ballou, Rahardja & Sakai 2002 measured 1.41 for Japan between towns
# (https://doi.org/10.1016/S0965-8564(01)00044-1); within towns grids and lanes give 1.2 to 1.4.
CIRCUITY: Final = 1.35

# Door to door a car makes 30 km/h on short ways, and more the longer the way, up to 45 km/h from 15 km on.
CAR_NEAR_KMH: Final = 30.0
CAR_FAR_KMH: Final = 45.0
CAR_FAR_M: Final = 15_000.0


def estimated_travel(crow_m: NDArray[np.float64], mode: Mode) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Return seconds and metres for distances as the crow flies.

    A way of ``d = CIRCUITY * crow_m`` metres takes ``d / v``. On foot and by bicycle ``v`` is constant; a car makes
    ``30 + 15 * min(d / 15 km, 1)`` km/h.

    Parameters
    ----------
    crow_m
        Great-circle distances in metres, any shape.
    mode
        Walk, bicycle or car.

    Returns
    -------
    seconds, metres
        Same shape; seconds rounded up, metres rounded.
    """
    way_m = crow_m * CIRCUITY
    if mode == "car":
        speed_kmh = CAR_NEAR_KMH + (CAR_FAR_KMH - CAR_NEAR_KMH) * np.minimum(way_m / CAR_FAR_M, 1.0)
        seconds = way_m / (speed_kmh / 3.6)
    else:
        seconds = way_m / metres_per_second(WALK_KMH if mode == "walk" else BICYCLE_KMH)
    return np.ceil(seconds).astype(np.int64), np.rint(way_m).astype(np.int64)


def checked_places(lon: ArrayLike, lat: ArrayLike, mode: Mode) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return the places as two float arrays.

    Raises
    ------
    ValueError
        If the arrays differ in length or dimension, hold anything outside the globe, or the mode is unknown.
    """
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if mode not in MODES:
        raise ValueError(f"mode: {mode!r} is none of {', '.join(MODES)}")
    if lons.ndim != 1 or lons.shape != lats.shape:
        raise ValueError(f"lon, lat: shapes {lons.shape} and {lats.shape}, expected two lists of equal length")
    is_bad = ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))
    if is_bad.any():
        place = int(np.argmax(is_bad))
        raise ValueError(f"lon, lat: place {place} at {lons[place]}, {lats[place]} is not on the globe (degrees)")
    return lons, lats


def estimate_matrix(lon: ArrayLike, lat: ArrayLike, mode: Mode) -> TravelTable:
    """
    Estimate travel between all pairs of places where there is no street network.

    Parameters
    ----------
    lon, lat
        Shape ``(n,)``, degrees, EPSG:4326.
    mode
        Walk, bicycle or car.

    Returns
    -------
    table
        Every leg flagged ``estimated``, no place snapped.

    Raises
    ------
    ValueError
        If the places or the mode make no sense.
    """
    lons, lats = checked_places(lon, lat, mode)
    seconds, metres = estimated_travel(great_circle_m(lons[:, None], lats[:, None], lons, lats), mode)
    count = len(lons)
    nowhere = np.zeros(count, dtype=np.bool_)
    snapping = Snapping(np.full(count, np.nan), nowhere, nowhere, lons, lats)
    estimated = ~np.eye(count, dtype=np.bool_)
    return TravelTable(mode, lons, lats, seconds, metres, estimated, snapping)
