"""Trip problems whose travel depends on the time of departure: slots, rush hours and timetables by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
from solvers.orienteering.problem import UNREACHABLE, TripProblem

_SLOT = 10


def timed(problem: TripProblem, seed: int, *, kind: str = "mixed") -> TripProblem:
    """Give a problem travel that is sometimes longer than its own, by slots, samples, a timetable or all of these."""
    rng = np.random.default_rng(seed)
    last = int(problem.day_latest.max()) + 20
    parts = [maker(problem.travel, last, rng) for name, maker in _KINDS.items() if kind in ("mixed", name)]
    chosen = rng.integers(len(parts), size=len(parts[0].start) - 1)
    points = [_points(parts[choice], pair) for pair, choice in enumerate(chosen.tolist())]
    start = np.concatenate(([0], np.cumsum([len(departure) for departure, _ in points]))).astype(np.int64)
    departure, arrival = (np.concatenate(column) for column in zip(*points, strict=True))
    return with_arrivals(problem, ArrivalFunctions(start, departure, arrival))


def _points(functions: ArrivalFunctions, pair: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    points = slice(functions.start[pair], functions.start[pair + 1])
    return functions.departure[points], functions.arrival[points]


def _changing(travel: NDArray[np.int64], moments: int, rng: np.random.Generator) -> NDArray[np.int64]:
    factor = rng.integers(1, 4, size=(*travel.shape, moments))
    ticks = np.where(travel[..., None] < UNREACHABLE, travel[..., None] * factor, UNREACHABLE)
    return np.asarray(np.where(rng.random(ticks.shape) < 0.05, UNREACHABLE, ticks), np.int64)


def _slots(travel: NDArray[np.int64], last: int, rng: np.random.Generator) -> ArrivalFunctions:
    begins = np.arange(0, last, _SLOT)
    return ArrivalFunctions.from_slots(begins, last, _changing(travel, begins.size, rng))


def _samples(travel: NDArray[np.int64], last: int, rng: np.random.Generator) -> ArrivalFunctions:
    departures = np.arange(0, last + _SLOT, _SLOT)
    return ArrivalFunctions.from_samples(departures, _changing(travel, departures.size, rng))


def _timetable(travel: NDArray[np.int64], last: int, rng: np.random.Generator) -> ArrivalFunctions:
    trips = [
        (table, here, there, leaves, leaves + int(travel[table, here, there]))
        for table, here, there in np.ndindex(*travel.shape)
        if here != there and travel[table, here, there] < UNREACHABLE
        for leaves in sorted(rng.choice(last, size=int(rng.integers(0, 8)), replace=False).tolist())
    ]
    walk = np.where((travel < UNREACHABLE) & (rng.random(travel.shape) < 0.5), 4 * travel, UNREACHABLE)
    return ArrivalFunctions.from_timetable(np.array(trips, np.int64).reshape(-1, 5), walk, 0, last)


_KINDS = {"slots": _slots, "samples": _samples, "timetable": _timetable}
