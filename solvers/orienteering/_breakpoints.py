"""Breakpoints of arrival functions, from what timetables and measurements say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.problem import UNREACHABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER: Final = 2**40
"""Arrival where there is no way."""

# Pair, departure and arrival of each breakpoint, in order of pair and departure.
Breakpoints = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]


def capped(
    pair: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    ticks: NDArray[np.int64],
    cap: NDArray[np.int64],
) -> Breakpoints:
    """
    Return breakpoints of ``min(departure + ticks, cap)`` on each stretch of departures.

    Parameters
    ----------
    pair
        Shape ``(K,)``, the pair that each stretch belongs to; stretches in order of pair and departure.
    first, last
        Shape ``(K,)``, first and last departure of each stretch.
    ticks
        Shape ``(K,)``, travel on the stretch; `UNREACHABLE` where only the cap is left.
    cap
        Shape ``(K,)``, arrival by waiting for something later; `NEVER` where nothing follows.
    """
    own = np.where(ticks >= UNREACHABLE, NEVER, ticks)
    # From the corner on, waiting is at least as good; both are integers, so that the corner is exact.
    corner = np.clip(cap - own, first, last)
    departure = np.stack((first, corner, last), axis=1)
    arrival = np.minimum(departure + own[:, None], cap[:, None])
    return tidied(np.repeat(pair, 3), departure.ravel(), arrival.ravel())


def between_samples(pair: NDArray[np.int64], departures: NDArray[np.int64], ticks: NDArray[np.int64]) -> Breakpoints:
    """
    Return breakpoints of straight lines between samples, lowered to what waiting for a later departure gives.

    Parameters
    ----------
    pair
        Shape ``(K,)``.
    departures
        Shape ``(S,)``.
    ticks
        Shape ``(K, S)``, travel at each sample; `UNREACHABLE` where there is no way.
    """
    arrival = np.where(ticks >= UNREACHABLE, NEVER, departures + ticks)
    lowest = np.minimum.accumulate(arrival[:, ::-1], axis=1)[:, ::-1]
    here, later, before, after = arrival[:, :-1], arrival[:, 1:], departures[:-1], departures[1:]
    cap = lowest[:, 1:]
    rises = (here < cap) & (later < NEVER)
    run, rise = after - before, np.where(rises, later - here, 1)
    # The line meets the cap between two ticks: up to the one before the line counts, from the next one the cap.
    corner = np.where(rises, before + np.where(rises, cap - here, 0) * run // rise, before)
    corner = np.minimum(corner, after)
    on_line = np.where(rises, here + -(-rise * (corner - before) // run), lowest[:, :-1])
    beyond = np.minimum(corner + 1, after)
    reached = np.where(beyond == corner, on_line, cap)
    start = np.broadcast_to(before, here.shape)
    departure = np.stack((start, corner, beyond), axis=2).reshape(len(pair), -1)
    arrivals = np.stack((lowest[:, :-1], on_line, reached), axis=2).reshape(len(pair), -1)
    departure = np.concatenate((departure, np.broadcast_to(departures[-1], (len(pair), 1))), axis=1)
    arrivals = np.concatenate((arrivals, lowest[:, -1:]), axis=1)
    return tidied(np.repeat(pair, departure.shape[1]), departure.ravel(), arrivals.ravel())


def tidied(pair: NDArray[np.int64], departure: NDArray[np.int64], arrival: NDArray[np.int64]) -> Breakpoints:
    """Leave out breakpoints without arrival, repeated ones, and those on the straight line between their neighbours."""
    kept = arrival < NEVER
    kept[1:] &= (pair[1:] != pair[:-1]) | (departure[1:] != departure[:-1])
    pair, departure, arrival = pair[kept], departure[kept], arrival[kept]
    run, rise, same = np.diff(departure), np.diff(arrival), np.diff(pair) == 0
    kept = np.ones(pair.size, np.bool_)
    kept[1:-1] = ~(same[:-1] & same[1:] & (rise[:-1] * run[1:] == rise[1:] * run[:-1]))
    return pair[kept], departure[kept], arrival[kept]
