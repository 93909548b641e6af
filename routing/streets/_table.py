"""The answer every travel question gets: seconds, metres, what was estimated, and the line to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.streets._mode import Mode

# The largest 32-bit integer, as the solvers write "no way".
UNREACHABLE: Final = 2**31 - 1


class PathFinder(Protocol):
    """Finds the line of a leg along real streets."""

    def path(self, origin: int, destination: int) -> NDArray[np.float64]:
        """Return lon and lat along the leg, shape ``(k, 2)``."""
        ...


@dataclass(frozen=True, eq=False)
class Snapping:
    """
    Say where each place meets the streets.

    Parameters
    ----------
    distance_m
        Shape ``(n,)``, metres in a straight line to the nearest usable street, also where that is too far to snap;
        NaN where there is no network at all.
    snapped
        Shape ``(n,)``; False where the nearest usable street is too far away, so that all legs are estimates.
    in_largest
        Shape ``(n,)``; whether the place stands on the largest connected part of the network.
    lon, lat
        Shape ``(n,)``, degrees: the point on the street; the place itself where it does not snap.
    """

    distance_m: NDArray[np.float64]
    snapped: NDArray[np.bool_]
    in_largest: NDArray[np.bool_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class TravelTable:
    """
    Hold travel between all pairs of places by one mode.

    Parameters
    ----------
    mode
        Walk, bicycle or car.
    lon, lat
        Shape ``(n,)``, degrees, EPSG:4326: the places.
    seconds
        Shape ``(n, n)``, int64; row is origin, column destination; zero diagonal, not symmetric; rounded up to whole
        seconds; ``UNREACHABLE`` only where a limit was asked for and the pair lies beyond it.
    metres
        Shape ``(n, n)``, int64: length of the fastest way, the walks from door to street included; ``UNREACHABLE``
        where ``seconds`` is.
    estimated
        Shape ``(n, n)``: True where no street way is known, and distance as the crow flies was stretched instead.
    snapping
        Where each place meets the streets.
    finder
        Draws legs along streets; None where there is no network.
    """

    mode: Mode
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    seconds: NDArray[np.int64]
    metres: NDArray[np.int64]
    estimated: NDArray[np.bool_]
    snapping: Snapping
    finder: PathFinder | None = None

    def __repr__(self) -> str:
        return f"<TravelTable {self.mode}: {len(self)} places, {int(self.estimated.sum())} legs estimated>"

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def snapped(self) -> NDArray[np.bool_]:
        """Whether each place stands on the network, shape ``(n,)``."""
        return self.snapping.snapped

    def path(self, origin: int, destination: int) -> NDArray[np.float64]:
        """
        Return the line of a leg.

        Parameters
        ----------
        origin, destination
            Row and column of the table.

        Returns
        -------
        line
            Shape ``(k, 2)``, k at least 2, lon and lat in degrees, from door to door: along the streets of the fastest
            way, or straight where the leg is an estimate, goes nowhere, or lies beyond the limit.
        """
        is_straight = self.estimated[origin, destination] or self.seconds[origin, destination] == UNREACHABLE
        if self.finder is None or is_straight or origin == destination:
            ends = [origin, destination]
            return np.column_stack([self.lon[ends], self.lat[ends]])
        return self.finder.path(origin, destination)
