"""Arrival functions cut into straight pieces, for models that state them as linear constraints."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solvers.orienteering.arrivals import ArrivalFunctions


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Hold one straight piece: ``arrival + ceil(rise * (time - departure) / run)`` for each ``time`` of ``first .. last``.

    Parameters
    ----------
    first, last
        The departures it is for.
    departure, arrival
        The breakpoint it begins at.
    run, rise
        Its slope, without a common factor.
    """

    first: int
    last: int
    departure: int
    arrival: int
    run: int
    rise: int

    def reached(self, time: int) -> int:
        """Return the arrival of one who leaves at ``time``."""
        return self.arrival - -self.rise * (time - self.departure) // self.run

    def left(self, limit: int) -> int:
        """Return the latest departure that arrives by ``limit``, where the first one does."""
        if self.rise == 0:
            return self.last
        return min(self.last, self.departure + self.run * (limit - self.arrival) // self.rise)


def pieces_of(functions: ArrivalFunctions, pair: int, earliest: int, latest: int) -> list[Piece]:
    """
    Return the pieces of one pair for departures from ``earliest`` to ``latest``; none where nothing leaves.

    Parameters
    ----------
    functions
        Arrival functions.
    pair
        Number of the pair.
    earliest, latest
        Departures that matter.
    """
    points = slice(int(functions.start[pair]), int(functions.start[pair + 1]))
    departures, arrivals = functions.departure[points].tolist(), functions.arrival[points].tolist()
    pieces, first = [], earliest
    for point, (departure, arrival) in enumerate(zip(departures, arrivals, strict=True)):
        if departure < first:
            continue
        last = min(departure, latest)
        if last < first:
            break
        if point == 0:
            pieces.append(Piece(first, last, departure, arrival, 1, 0))
        else:
            run, rise = departure - departures[point - 1], arrival - arrivals[point - 1]
            common = gcd(run, rise)
            before = departures[point - 1], arrivals[point - 1]
            pieces.append(Piece(first, last, *before, run // common, rise // common))
        first = last + 1
    return pieces


def reached(pieces: Sequence[Piece], time: int) -> int:
    """Return the arrival of one who leaves at ``time``, which some piece is for."""
    return next(piece.reached(time) for piece in pieces if time <= piece.last)


def left(pieces: Sequence[Piece], limit: int) -> int:
    """Return the latest departure that arrives by ``limit``, where the first one does."""
    return [piece.left(limit) for piece in pieces if piece.reached(piece.first) <= limit][-1]
