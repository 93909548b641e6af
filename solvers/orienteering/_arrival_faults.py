"""Checks that arrays describe arrival functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import UNREACHABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.orienteering.arrivals import ArrivalFunctions


def size_faults(arrivals: ArrivalFunctions, tables: int, nodes: int) -> list[str]:
    """
    Return one sentence per array of the wrong size or type.

    Parameters
    ----------
    arrivals
        The functions.
    tables, nodes
        M and N of the problem's ``travel``.
    """
    start, faults = arrivals.start, []
    for name in ("start", "departure", "arrival"):
        array = getattr(arrivals, name)
        if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
            faults.append(
                f"arrivals.{name} has shape {array.shape} and holds {array.dtype}; one row of integers is needed"
            )
    if faults:
        return faults
    pairs = tables * nodes * nodes
    if start.shape != (pairs + 1,):
        faults.append(
            f"arrivals.start has shape {start.shape}; {(pairs + 1,)} is needed for the {tables} x {nodes} x {nodes} "
            "pairs of travel"
        )
    if arrivals.departure.size != arrivals.arrival.size:
        faults.append(
            f"arrivals.departure has {arrivals.departure.size} breakpoints and arrivals.arrival "
            f"{arrivals.arrival.size}; as many are needed"
        )
    falls = np.flatnonzero(np.diff(start) < 0)
    if start.size and (start[0] != 0 or start[-1] != arrivals.departure.size):
        faults.append(
            f"arrivals.start goes from {start[0]} to {start[-1]}; it must go from 0 to {arrivals.departure.size}, the "
            "number of breakpoints"
        )
    elif falls.size:
        at = int(falls[0])
        faults.append(f"arrivals.start[{at + 1}] is {start[at + 1]}, below arrivals.start[{at}] = {start[at]}")
    return faults


def content_faults(arrivals: ArrivalFunctions, travel: NDArray[np.int64]) -> list[str]:
    """
    Return one sentence per rule of `ArrivalFunctions` that is broken, naming the first pair that breaks it.

    Parameters
    ----------
    arrivals
        Functions without `size_faults`.
    travel
        Shape ``(M, N, N)``, the problem's ``travel``.
    """
    tables, nodes = travel.shape[:2]
    departure, arrival = arrivals.departure, arrivals.arrival
    pair = np.repeat(np.arange(tables * nodes * nodes), np.diff(arrivals.start))
    follows = pair[1:] == pair[:-1]

    def named(point: int) -> str:
        rest, there = divmod(int(pair[point]), nodes)
        table, here = divmod(rest, nodes)
        return f"(table {table}, from {here}, to {there})"

    faults = []
    for name, ticks in (("departure", departure), ("arrival", arrival)):
        if (wrong := np.flatnonzero((ticks < 0) | (ticks >= UNREACHABLE))).size:
            at = int(wrong[0])
            faults.append(
                f"arrivals.{name}[{at}] of pair {named(at)} is {ticks[at]}; accepted is 0 to {UNREACHABLE - 1} "
                f"({wrong.size} such entries)"
            )
    if (wrong := np.flatnonzero(follows & (departure[1:] <= departure[:-1])) + 1).size:
        at = int(wrong[0])
        faults.append(
            f"arrivals.departure[{at}] of pair {named(at)} is {departure[at]}, not after the one before, "
            f"{departure[at - 1]} ({wrong.size} such entries)"
        )
    if (wrong := np.flatnonzero(arrival < departure)).size:
        at = int(wrong[0])
        faults.append(
            f"arrivals.arrival[{at}] of pair {named(at)} is {arrival[at]}, before its departure {departure[at]}: no "
            f"way leads back in time ({wrong.size} such entries)"
        )
    if (wrong := np.flatnonzero(follows & (arrival[1:] < arrival[:-1])) + 1).size:
        at = int(wrong[0])
        faults.append(
            f"arrivals.arrival[{at}] of pair {named(at)} is {arrival[at]}, before {arrival[at - 1]}, the arrival of an "
            f"earlier departure: who leaves later must not arrive earlier ({wrong.size} such entries)"
        )
    here, there = np.divmod(pair % (nodes * nodes), nodes)
    if (wrong := np.flatnonzero(here == there)).size:
        at = int(wrong[0])
        faults.append(f"arrivals.departure[{at}] is of pair {named(at)}; the diagonal must have no breakpoints")
    return faults or _travel_faults(arrivals, travel)


def _travel_faults(arrivals: ArrivalFunctions, travel: NDArray[np.int64]) -> list[str]:
    fastest = arrivals.fastest(*travel.shape[:2])
    wrong = np.argwhere(travel > fastest)
    if not len(wrong):
        return []
    table, here, there = (int(index) for index in wrong[0])
    return [
        f"travel[{table}, {here}, {there}] is {travel[table, here, there]}, more than {fastest[table, here, there]}, "
        f"the quickest that arrivals know; with_arrivals sets it ({len(wrong)} such entries)"
    ]
