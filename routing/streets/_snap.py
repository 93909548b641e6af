"""Find the nearest usable street to each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from routing.streets._network import degrees
from routing.streets._sphere import METRES_PER_DEGREE, great_circle_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.streets._network import StreetNetwork

# Most places stand closer to a street than this; looking near first spares looking far.
_NEAR_M: Final = 80.0


@dataclass(frozen=True, eq=False)
class Footing:
    """
    Say where places stand on the lines of a network.

    Parameters
    ----------
    line
        Shape ``(n,)``: row of the nearest usable line; -1 where the network has none.
    along_m
        Shape ``(n,)``: metres from the line's first point to the place's own point on it.
    line_length_m
        Shape ``(n,)``: length of that line.
    distance_m
        Shape ``(n,)``: straight from the place to its point; infinite where there is no line.
    lon, lat
        Shape ``(n,)``, degrees: the point on the line.
    """

    line: NDArray[np.int64]
    along_m: NDArray[np.float64]
    line_length_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


class SegmentIndex:
    """
    Hold all straight pieces of a network's usable lines, sorted by latitude.

    Parameters
    ----------
    network
        Lines on too small a part of it are no ground to stand on, and left out.
    """

    def __init__(self, network: StreetNetwork) -> None:
        points = degrees(network.line_coordinates)
        counts = np.diff(network.line_start)
        line = np.repeat(np.arange(len(counts)), counts)
        # One piece starts at every point but the last of each line.
        is_start = np.ones(len(points), dtype=np.bool_)
        is_start[network.line_start[1:] - 1] = False
        first = np.flatnonzero(is_start)
        lengths = great_circle_m(*points[first].T, *points[first + 1].T)
        before = np.concatenate([[0.0], np.cumsum(lengths)])
        rank = network.line_start[:-1] - np.arange(len(counts))
        self.line_length_m = before[network.line_start[1:] - 1 - np.arange(len(counts))] - before[rank]
        along = before[:-1] - np.repeat(before[rank], counts - 1)
        is_ground = network.line_component[line[first]] >= 0
        middle = (points[first, 1] + points[first + 1, 1]) / 2
        order = np.flatnonzero(is_ground)
        order = order[np.argsort(middle[order], kind="stable")]
        self.line = line[first][order]
        self.start_lon, self.start_lat = points[first[order]].T.copy()
        self.step_lon, self.step_lat = (points[first[order] + 1] - points[first[order]]).T.copy()
        self.length_m = lengths[order]
        self.along_m = along[order]
        self.middle_lat = middle[order]
        # A few pieces are very long (bridges, tunnels): they are always looked at, or the band would grow with them.
        half = np.maximum(np.abs(self.step_lat), np.abs(self.step_lon)) / 2
        self.usual_half = float(np.quantile(half, 0.999)) if len(half) else 0.0
        self.long = np.flatnonzero(half > self.usual_half)

    def nearest(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Footing:
        """
        Return where each place stands.

        Parameters
        ----------
        lon, lat
            Shape ``(n,)``, degrees.

        Returns
        -------
        footing
            On the nearest line, however far.
        """
        count = len(lon)
        line = np.full(count, -1, dtype=np.int64)
        along, length, distance = np.zeros(count), np.zeros(count), np.full(count, np.inf)
        on_lon, on_lat = lon.copy(), lat.copy()
        for place in range(count if len(self.line) else 0):
            piece, share, distance[place] = self._nearest_one(lon[place], lat[place])
            line[place] = self.line[piece]
            along[place] = self.along_m[piece] + share * self.length_m[piece]
            length[place] = self.line_length_m[line[place]]
            on_lon[place] = self.start_lon[piece] + share * self.step_lon[piece]
            on_lat[place] = self.start_lat[piece] + share * self.step_lat[piece]
        return Footing(line, along, length, distance, on_lon, on_lat)

    def _nearest_one(self, lon: float, lat: float) -> tuple[int, float, float]:
        """Return the nearest piece, the share of it that lies before the nearest point, and the distance."""
        for radius_m in (_NEAR_M, 10 * _NEAR_M):
            pieces = self._around(lon, lat, radius_m)
            if len(pieces):
                found = self._nearest_of(pieces, lon, lat)
                if found[2] <= radius_m:
                    return found
        return self._nearest_of(np.arange(len(self.line)), lon, lat)

    def _around(self, lon: float, lat: float, radius_m: float) -> NDArray[np.int64]:
        """Return all pieces that come within a radius of a place, and some that do not."""
        radius = radius_m / METRES_PER_DEGREE
        reach_lat = radius + self.usual_half
        # A piece starts no farther from its middle than half its length: twice that from end to end.
        reach_lon = radius / np.cos(np.radians(lat)) + 2 * self.usual_half
        low, high = np.searchsorted(self.middle_lat, (lat - reach_lat, lat + reach_lat))
        is_beside = np.abs(self.start_lon[low:high] - lon) <= reach_lon
        return np.concatenate([low + np.flatnonzero(is_beside), self.long])

    def _nearest_of(self, pieces: NDArray[np.int64], lon: float, lat: float) -> tuple[int, float, float]:
        """Return the same as `_nearest_one`, out of some pieces."""
        # On a plane that touches the globe at the place: exact to a millimetre over the distances that count.
        scale = METRES_PER_DEGREE * np.cos(np.radians(lat))
        start_x, step_x = (self.start_lon[pieces] - lon) * scale, self.step_lon[pieces] * scale
        start_y = (self.start_lat[pieces] - lat) * METRES_PER_DEGREE
        step_y = self.step_lat[pieces] * METRES_PER_DEGREE
        squared = np.maximum(step_x**2 + step_y**2, 1e-12)
        share = np.clip(-(start_x * step_x + start_y * step_y) / squared, 0.0, 1.0)
        distance = np.hypot(start_x + share * step_x, start_y + share * step_y)
        best = int(np.argmin(distance))
        return int(pieces[best]), float(share[best]), float(distance[best])
