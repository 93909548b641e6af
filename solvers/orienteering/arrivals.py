"""Travel that depends on when one leaves: one arrival function per pair of nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError
from solvers.orienteering._breakpoints import NEVER, Breakpoints, between_samples, capped
from solvers.orienteering.problem import UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem

    # Pairs and their ticks, one row each, to breakpoints.
    _RowMaker = Callable[[NDArray[np.int64], NDArray[np.int64]], Breakpoints]


@dataclass(frozen=True, slots=True)
class ArrivalFunctions:
    """
    Hold, for each of M travel tables and each ordered pair of N nodes, when one arrives, given when one leaves.

    Pair ``(table, here, there)`` has the number ``(table * N + here) * N + there`` and the breakpoints
    ``start[pair] : start[pair + 1]``. Leaving before the first breakpoint means waiting for it; between two breakpoints
    arrivals lie on the straight line, rounded up to a tick; after the last one, or without any, there is no way. A
    timetable's steps are two breakpoints one tick apart. A later departure never arrives earlier (FIFO), so the latest
    departure for a given arrival is the inverse and exact in ticks. Pairs on the diagonal have no breakpoints: staying
    takes no time.

    Parameters
    ----------
    start
        Shape ``(M * N * N + 1,)``, int64, non-decreasing, first 0.
    departure
        Shape ``(P,)``, int64, ticks, strictly increasing within a pair.
    arrival
        Shape ``(P,)``, int64, ticks, non-decreasing within a pair, not before ``departure``.
    """

    start: NDArray[np.int64]
    departure: NDArray[np.int64]
    arrival: NDArray[np.int64]

    def fastest(self, tables: int, nodes: int) -> NDArray[np.int64]:
        """
        Return the shortest travel of each pair at any time of day.

        Parameters
        ----------
        tables, nodes
            M and N.

        Returns
        -------
        ticks
            Shape ``(M, N, N)``, int64; `UNREACHABLE` where there is no way, 0 on the diagonal.
        """
        ticks = np.full(tables * nodes * nodes, UNREACHABLE, np.int64)
        used = np.flatnonzero(np.diff(self.start))
        if used.size:
            ticks[used] = np.minimum.reduceat(self.arrival - self.departure, self.start[used])
        table = ticks.reshape(tables, nodes, nodes)
        table[:, np.arange(nodes), np.arange(nodes)] = 0
        return table

    @classmethod
    def from_slots(cls, begins: NDArray[np.int64], latest: int, ticks: NDArray[np.int64]) -> ArrivalFunctions:
        """
        Return arrivals where the slot of the departure says how long one travels.

        Where a later slot is so much quicker that leaving later arrives earlier, one waits for it: the arrival is the
        earliest of all departures from now on. All of it is exact in ticks.

        Parameters
        ----------
        begins
            Shape ``(S,)``, int64, first departure of each slot, strictly increasing. One who leaves before the first
            waits for it.
        latest
            Last departure of the last slot.
        ticks
            Shape ``(M, N, N, S)``, int64, travel by table, origin, destination and slot; `UNREACHABLE` where nothing
            leaves. The diagonal is not read.

        Raises
        ------
        ProblemError
            If shapes disagree, slots do not follow each other, or a number is not between 0 and `UNREACHABLE`.
        """
        _check_table("begins", begins, ticks, latest)
        first, last = begins, np.append(begins[1:] - 1, latest)

        def stretches(pairs: NDArray[np.int64], rows: NDArray[np.int64]) -> Breakpoints:
            arrival = np.where(rows >= UNREACHABLE, NEVER, first + rows)
            lowest = np.minimum.accumulate(arrival[:, ::-1], axis=1)[:, ::-1]
            cap = np.concatenate((lowest[:, 1:], np.full((len(rows), 1), NEVER)), axis=1)
            begin, end = (np.broadcast_to(bound, rows.shape).ravel() for bound in (first, last))
            return capped(np.repeat(pairs, len(first)), begin, end, rows.ravel(), cap.ravel())

        return cls._of_rows(ticks, stretches)

    @classmethod
    def from_samples(cls, departures: NDArray[np.int64], ticks: NDArray[np.int64]) -> ArrivalFunctions:
        """
        Return arrivals on straight lines between sampled departures.

        Arrivals are rounded up to a tick. Where a line falls so steeply that leaving later arrives earlier, one waits:
        the arrival is the earliest of all departures from now on, and a line cut off so is at most one tick later.
        Between a sample without way and another nothing leaves; after the last sample neither.

        Parameters
        ----------
        departures
            Shape ``(S,)``, int64, strictly increasing. One who leaves before the first waits for it.
        ticks
            Shape ``(M, N, N, S)``, int64, travel by table, origin, destination and sample; `UNREACHABLE` where there is
            no way. The diagonal is not read.

        Raises
        ------
        ProblemError
            If shapes disagree, departures do not increase, or a number is not between 0 and `UNREACHABLE`.
        """
        _check_table("departures", departures, ticks, int(departures[-1]) if departures.size else 0)
        return cls._of_rows(ticks, lambda pairs, rows: between_samples(pairs, departures, rows))

    @classmethod
    def from_timetable(
        cls, trips: NDArray[np.int64], walk: NDArray[np.int64], earliest: int, latest: int
    ) -> ArrivalFunctions:
        """
        Return arrivals by the best of waiting for a departure of a timetable and walking at once.

        Parameters
        ----------
        trips
            Shape ``(T, 5)``, int64: table, origin, destination, departure, arrival; in any order.
        walk
            Shape ``(M, N, N)``, int64, ticks on foot; `UNREACHABLE` where nobody walks.
        earliest, latest
            First and last departure on foot; departures of the timetable lie between them.

        Raises
        ------
        ProblemError
            If a trip points nowhere, arrives before it leaves or leaves outside ``earliest .. latest``, or a number is
            not between 0 and `UNREACHABLE`.
        """
        _check_timetable(trips, walk, earliest, latest)
        tables, nodes = walk.shape[:2]
        trips = trips[trips[:, 1] != trips[:, 2]]
        pair = (trips[:, 0] * nodes + trips[:, 1]) * nodes + trips[:, 2]
        # Of trips that leave together the quickest comes first, and the others get an empty stretch.
        order = np.lexsort((trips[:, 4], trips[:, 3], pair))
        pair, departure, arrival = pair[order], trips[order, 3], trips[order, 4]
        # The offset, above any arrival and growing with the pair, keeps the running minimum within each pair.
        offset = pair * (UNREACHABLE + 1)
        cap = np.minimum.accumulate((arrival + offset)[::-1])[::-1] - offset
        every = np.flatnonzero(~np.tile(np.eye(nodes, dtype=np.bool_).ravel(), tables))
        # After its last trip, each pair has its way on foot.
        pair, last = np.append(pair, every), np.append(departure, np.full(every.size, latest))
        cap = np.append(cap, np.full(every.size, NEVER))
        order = np.argsort(pair, kind="stable")
        pair, last, cap = pair[order], last[order], cap[order]
        first = np.full(pair.size, earliest, np.int64)
        first[1:] = np.where(pair[1:] == pair[:-1], last[:-1] + 1, earliest)
        kept = first <= last
        points = capped(pair[kept], first[kept], last[kept], walk.ravel()[pair[kept]], cap[kept])
        return cls._of(tables * nodes * nodes, points)

    @classmethod
    def from_travel(cls, travel: NDArray[np.int64], earliest: int, latest: int) -> ArrivalFunctions:
        """
        Return arrivals after the same travel at any time.

        Parameters
        ----------
        travel
            Shape ``(M, N, N)``, int64, ticks; `UNREACHABLE` where there is no way.
        earliest, latest
            First and last departure.

        Raises
        ------
        ProblemError
            If a number is not between 0 and `UNREACHABLE`.
        """
        return cls.from_slots(np.array([earliest], np.int64), latest, travel[..., None])

    @classmethod
    def _of(cls, pairs: int, points: Breakpoints) -> ArrivalFunctions:
        pair, departure, arrival = points
        start = np.concatenate(([0], np.cumsum(np.bincount(pair, minlength=pairs))))
        return cls(start.astype(np.int64), departure.astype(np.int64), arrival.astype(np.int64))

    @classmethod
    def _of_rows(cls, ticks: NDArray[np.int64], breakpoints: _RowMaker) -> ArrivalFunctions:
        """Make the breakpoints of one origin at a time, which bounds the memory."""
        tables, nodes = ticks.shape[:2]
        parts = [(np.zeros(0, np.int64),) * 3]
        for row in range(tables * nodes):
            table, here = divmod(row, nodes)
            others = np.delete(np.arange(nodes), here)
            if others.size:
                parts.append(breakpoints(row * nodes + others, ticks[table, here, others].astype(np.int64)))
        pair, departure, arrival = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls._of(tables * nodes * nodes, (pair, departure, arrival))


def with_arrivals(problem: TripProblem, arrivals: ArrivalFunctions) -> TripProblem:
    """
    Return the problem with travel that depends on the time of departure, and ``travel`` set to match.

    Parameters
    ----------
    problem
        Its ``travel`` gives the number of nodes.
    arrivals
        For as many nodes, and as many tables as ``day_travel`` points to.

    Raises
    ------
    ProblemError
        If ``arrivals.start`` does not cover whole tables of that many nodes.
    """
    pairs, nodes = len(arrivals.start) - 1, problem.nodes
    if nodes == 0 or pairs <= 0 or pairs % (nodes * nodes):
        raise ProblemError((f"arrivals.start is for {pairs} pairs; tables of {nodes} x {nodes} nodes are needed",))
    return replace(problem, arrivals=arrivals, travel=arrivals.fastest(pairs // (nodes * nodes), nodes))


def _check_table(name: str, departures: NDArray[np.int64], ticks: NDArray[np.int64], latest: int) -> None:
    faults = []
    if (
        ticks.ndim != 4
        or ticks.shape[1] != ticks.shape[2]
        or departures.shape != ticks.shape[3:]
        or not departures.size
    ):
        faults.append(
            f"ticks has shape {ticks.shape} and {name} {departures.shape}; (M, N, N, S) and (S,) are needed, S not 0"
        )
    else:
        if np.any(np.diff(departures) <= 0):
            faults.append(f"{name} is {departures.tolist()}; it must be strictly increasing")
        if latest < departures[-1] or latest >= UNREACHABLE or departures[0] < 0:
            faults.append(f"{name} and latest are {departures.tolist()} and {latest}; they must rise from 0 or more")
        faults += _outside("ticks", ticks)
    if faults:
        raise ProblemError(tuple(faults))


def _check_timetable(trips: NDArray[np.int64], walk: NDArray[np.int64], earliest: int, latest: int) -> None:
    if walk.ndim != 3 or walk.shape[1] != walk.shape[2] or trips.ndim != 2 or trips.shape[1] != 5:
        raise ProblemError(
            (f"trips and walk have shapes {trips.shape} and {walk.shape}; (T, 5) and (M, N, N) are needed",)
        )
    faults = _outside("walk", walk)
    if not 0 <= earliest <= latest < UNREACHABLE:
        faults.append(f"earliest and latest are {earliest} and {latest}; they must rise from 0 or more")
    limits = np.array([walk.shape[0], walk.shape[1], walk.shape[1]])
    wrong = ((trips[:, :3] < 0) | (trips[:, :3] >= limits)).any(axis=1)
    wrong |= (trips[:, 3] < earliest) | (trips[:, 3] > latest) | (trips[:, 4] < trips[:, 3])
    wrong |= trips[:, 4] >= UNREACHABLE
    if wrong.any():
        first = int(np.argmax(wrong))
        faults.append(
            f"trips[{first}] is {trips[first].tolist()}; table, origin and destination must exist, departures lie in "
            f"{earliest} to {latest}, the arrival not before it ({int(wrong.sum())} such trips)"
        )
    if faults:
        raise ProblemError(tuple(faults))


def _outside(name: str, ticks: NDArray[np.int64]) -> list[str]:
    wrong = np.argwhere((ticks < 0) | (ticks > UNREACHABLE))
    if not len(wrong):
        return []
    at = tuple(int(axis) for axis in wrong[0])
    return [f"{name}{list(at)} is {int(ticks[at])}; accepted is 0 to {UNREACHABLE} ({len(wrong)} such entries)"]
