"""Routes and prices together: which itineraries to send whom on, and what a full slot is worth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue.result import RevenueResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_TOLERANCE: Final = 1e-7
"""Of a margin, as a share of the largest fare: what is nearer to the price of a visitor does not better the plan."""


@dataclass(frozen=True, slots=True, eq=False)
class ItineraryProblem:
    """
    Describe visitors who buy whole itineraries over stops and legs of limited capacity.

    A stop is one visit option (a slot of a workshop, an open museum), a leg one ride (a departure from stop to stop).
    Every segment is offered itineraries of its own.

    Parameters
    ----------
    capacity
        Shape ``(R,)``, float64, not negative.
    arrivals
        Shape ``(L,)``, float64, not negative: expected visitors (parties) of each segment.
    stop_fare, leg_fare
        Shape ``(L, K)`` and ``(L, E)``, float64: yen that a segment leaves at a stop and pays for a leg.
    stop_use, leg_use
        Shape ``(L, R, K)`` and ``(L, R, E)``, float64, not negative: units that a segment takes up.
    """

    capacity: NDArray[np.float64]
    arrivals: NDArray[np.float64]
    stop_fare: NDArray[np.float64]
    stop_use: NDArray[np.float64]
    leg_fare: NDArray[np.float64]
    leg_use: NDArray[np.float64]

    @property
    def segments(self) -> int:
        """Return L."""
        return len(self.arrivals)

    @property
    def resources(self) -> int:
        """Return R."""
        return len(self.capacity)


@dataclass(frozen=True, slots=True)
class Itinerary:
    """
    Hold one itinerary of a segment.

    Parameters
    ----------
    stops, legs
        Indices, in the order of the trip.
    attraction
        How it draws visitors against 1 for staying away: of those who are offered it at most this many come for each
        one who stays away. Infinite where they go where they are sent.
    """

    stops: tuple[int, ...]
    legs: tuple[int, ...] = ()
    attraction: float = np.inf


@dataclass(frozen=True, slots=True)
class Found:
    """
    Hold what an oracle found.

    Parameters
    ----------
    itineraries
        Itineraries, the more prize the better; they need not be new.
    bound
        No itinerary of the segment, those set aside left out, has a higher prize; infinite where nothing is known,
        minus infinity where there is none at all.
    """

    itineraries: tuple[Itinerary, ...]
    bound: float = np.inf


class Oracle(Protocol):
    """Find itineraries of much prize."""

    def __call__(
        self,
        segment: int,
        stop_prize: NDArray[np.float64],
        leg_prize: NDArray[np.float64],
        aside: Sequence[Itinerary],
    ) -> Found:
        """
        Return itineraries of a segment that collect much prize, and a bound on the most that any collects.

        Parameters
        ----------
        segment
            Which.
        stop_prize, leg_prize
            Shape ``(K,)`` and ``(E,)``, float64: fare less the price of what is taken up; may be negative.
        aside
            Itineraries of limited attraction that are in the plan already: others are sought. Empty where visitors go
            where they are sent.
        """


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ItineraryResult(RevenueResult):
    """
    Hold itineraries with their visitors.

    Parameters
    ----------
    itineraries
        Of each segment, those that visitors are sent on.
    visitors
        Of each segment, how many, in the order of its itineraries.
    margins
        Shape ``(L,)``, float64: worth of one more visitor of each segment, in yen.
    rounds, columns
        Rounds of looking for itineraries, and how many were found.
    is_converged
        Whether the oracle knew none that would have bettered the plan.
    """

    itineraries: tuple[tuple[Itinerary, ...], ...]
    visitors: tuple[tuple[float, ...], ...]
    margins: NDArray[np.float64]
    rounds: int
    columns: int
    is_converged: bool


def solve_itineraries(
    problem: ItineraryProblem,
    oracle: Oracle,
    *,
    rounds: int = 50,
    start: Sequence[Sequence[Itinerary]] = (),
) -> ItineraryResult:
    """
    Choose itineraries and how many visitors take each, so that nothing is over its capacity and most is earned.

    Column generation on the sales-based model of targeted segments: of segment l, ``x[j]`` visitors take itinerary j
    and ``x0`` stay away, ``sum(x) + x0 = arrivals[l]`` and ``x[j] <= attraction[j] * x0``. At prices ``pi`` of the
    capacities, an itinerary betters the plan exactly if its fares less the prices of what it takes up exceed ``z[l]``,
    the worth of one more visitor: the search for it is an orienteering problem with prizes ``fare - pi``, and belongs
    to the caller.

    Parameters
    ----------
    problem
        Capacities, visitors, fares.
    oracle
        Finds itineraries; called for each segment in each round.
    rounds
        Most rounds.
    start
        Itineraries of each segment to begin with.

    Returns
    -------
    result
        Revenue where visitors come as expected, to the person; ``bound`` holds for all itineraries as far as the
        oracle's bounds do, and for chance as well; ``duals`` are prices of congestion, above 0 only where nothing is
        left.

    Raises
    ------
    ProblemError
        If the arrays do not fit together, with every fault, or an itinerary names a stop or leg that does not exist.

    References
    ----------
    Gallego, Ratliff & Shebalov (2015), https://doi.org/10.1287/opre.2014.1328. Bounds from prices at any time:
    Lübbecke & Desrosiers (2005), https://doi.org/10.1287/opre.1050.0234.
    """
    began = time.perf_counter()
    _check(problem)
    master = _Master(problem)
    for segment, itineraries in enumerate(start):
        for itinerary in itineraries:
            if master.is_new(segment, itinerary):
                master.add(segment, itinerary)
    bound, converged, done = np.inf, False, 0
    answer = master.solve()
    while not converged and done < rounds:
        done += 1
        grown, most = _ask(problem, oracle, master, answer)
        # No visitor is worth more than this at these prices, whichever itineraries there are: weak duality.
        worth = np.maximum(answer.margins, most)
        bound = min(bound, float(answer.duals @ problem.capacity + problem.arrivals @ worth))
        converged = not grown
        answer = master.solve() if grown else answer
    # The programme's own optimum and a bound from its prices meet up to rounding.
    bound = max(bound, answer.revenue)
    tolerance = 1e-6 * max(1.0, abs(bound)) if np.isfinite(bound) else 0.0
    return ItineraryResult(
        engine="itineraries",
        status="optimal" if bound - answer.revenue <= tolerance else "feasible",
        revenue=answer.revenue,
        bound=bound,
        duals=answer.duals,
        seconds=time.perf_counter() - began,
        itineraries=tuple(
            tuple(itinerary for itinerary, count in zip(master.columns[segment], counts, strict=True) if count > 0)
            for segment, counts in enumerate(answer.visitors)
        ),
        visitors=tuple(tuple(count for count in counts if count > 0) for counts in answer.visitors),
        margins=answer.margins,
        rounds=done,
        columns=sum(len(columns) for columns in master.columns),
        is_converged=converged,
    )


def _ask(
    problem: ItineraryProblem, oracle: Oracle, master: _Master, answer: _Answer
) -> tuple[bool, NDArray[np.float64]]:
    """Ask for itineraries of each segment; return whether one betters the plan, and the most prize of each segment."""
    grown, most = False, np.full(problem.segments, -np.inf)
    for segment in range(problem.segments):
        if not problem.arrivals[segment]:
            continue
        stop_prize = problem.stop_fare[segment] - answer.duals @ problem.stop_use[segment]
        leg_prize = problem.leg_fare[segment] - answer.duals @ problem.leg_use[segment]
        aside = [way for way in master.columns[segment] if np.isfinite(way.attraction)]
        found = oracle(segment, stop_prize, leg_prize, aside)
        most[segment] = found.bound
        for way in found.itineraries:
            if not master.is_new(segment, way):
                continue
            prize = float(stop_prize[list(way.stops)].sum() + leg_prize[list(way.legs)].sum())
            # A bound below what was found would be a fault of the oracle; what was found is the fact.
            most[segment] = max(most[segment], prize)
            if prize > answer.margins[segment] + _TOLERANCE * master.scale:
                master.add(segment, way)
                grown = True
    return grown, most


@dataclass(frozen=True, slots=True)
class _Answer:
    revenue: float
    visitors: tuple[tuple[float, ...], ...]
    duals: NDArray[np.float64]
    margins: NDArray[np.float64]


class _Master:
    """The linear programme over the itineraries known so far."""

    def __init__(self, problem: ItineraryProblem) -> None:
        self._problem = problem
        self.columns: list[list[Itinerary]] = [[] for _ in range(problem.segments)]
        self._known: set[tuple[int, tuple[int, ...], tuple[int, ...]]] = set()
        largest = (float(np.abs(fares).max(initial=0.0)) for fares in (problem.stop_fare, problem.leg_fare))
        self.scale = max(1.0, *largest)

    def is_new(self, segment: int, itinerary: Itinerary) -> bool:
        """Whether an itinerary is not here yet; stops and legs that do not exist are refused."""
        faults = [
            f"segment {segment}: an itinerary has {name} {index}; accepted is 0 to {size - 1}"
            for name, indices, size in (
                ("stop", itinerary.stops, self._problem.stop_fare.shape[1]),
                ("leg", itinerary.legs, self._problem.leg_fare.shape[1]),
            )
            for index in indices
            if not 0 <= index < size
        ]
        if not itinerary.attraction > 0:
            faults.append(f"segment {segment}: an itinerary has attraction {itinerary.attraction}; above 0 is accepted")
        if faults:
            raise ProblemError(tuple(faults))
        return (segment, itinerary.stops, itinerary.legs) not in self._known

    def add(self, segment: int, itinerary: Itinerary) -> None:
        """Take a new itinerary in."""
        self._known.add((segment, itinerary.stops, itinerary.legs))
        self.columns[segment].append(itinerary)

    def solve(self) -> _Answer:
        """Solve the programme; segment by segment, first those who stay away, then each itinerary."""
        # Imported here: scipy's optimisers are heavy.
        from scipy.optimize import linprog
        from scipy.sparse import coo_array

        problem = self._problem
        owner = np.concatenate([[segment] * (1 + len(ways)) for segment, ways in enumerate(self.columns)]).astype(int)
        stay = np.flatnonzero(np.diff(owner, prepend=-1))
        fares = np.zeros(len(owner))
        use = np.zeros((problem.resources, len(owner)))
        limits: list[tuple[int, int, float]] = []
        for segment, ways in enumerate(self.columns):
            for index, way in enumerate(ways, stay[segment] + 1):
                stops, legs = list(way.stops), list(way.legs)
                fares[index] = problem.stop_fare[segment, stops].sum() + problem.leg_fare[segment, legs].sum()
                use[:, index] = problem.stop_use[segment][:, stops].sum(1) + problem.leg_use[segment][:, legs].sum(1)
                if np.isfinite(way.attraction):
                    limits.append((index, int(stay[segment]), way.attraction))
        rows = np.arange(len(limits))
        chosen = coo_array(
            (
                np.concatenate((np.ones(len(limits)), [-attraction for _, _, attraction in limits])),
                (np.concatenate((rows, rows)), np.array([i for i, _, _ in limits] + [s for _, s, _ in limits], int)),
            ),
            shape=(len(limits), len(owner)),
        )
        balance = coo_array((np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(len(stay), len(owner)))
        answer = linprog(
            -fares / self.scale,
            A_ub=np.vstack((use, chosen.toarray())),
            b_ub=np.concatenate((problem.capacity, np.zeros(len(limits)))),
            A_eq=balance.tocsr(),
            b_eq=problem.arrivals,
            method="highs",
        )
        counts = np.maximum(answer.x, 0.0)
        # Duals of a maximum: scipy tells how the minimum falls as a limit grows.
        duals = np.maximum(0.0, -answer.ineqlin.marginals[: problem.resources]) * self.scale
        prizes = fares - duals @ use
        margins = np.array(
            [
                _margin(prizes[begin + 1 : end], np.array([way.attraction for way in ways]))
                for begin, end, ways in zip(stay, [*stay[1:], len(owner)], self.columns, strict=True)
            ]
        )
        ends = [*stay[1:].tolist(), len(owner)]
        visitors = tuple(
            tuple(counts[begin + 1 : end].tolist()) for begin, end in zip(stay.tolist(), ends, strict=True)
        )
        return _Answer(float(fares @ counts), visitors, duals, margins)


def _margin(prizes: NDArray[np.float64], attractions: NDArray[np.float64]) -> float:
    """
    Return the worth of one more visitor who is offered itineraries of these prizes.

    It is the least z >= 0 with ``z >= sum(attraction * max(0, prize - z))``: computed from the prices of capacities
    alone, so that the bound holds to rounding, whatever the tolerance of the programme.
    """
    worth = float(max(0.0, *prizes[np.isinf(attractions)], 0.0))
    is_finite = np.isfinite(attractions) & (prizes > 0)
    order = np.argsort(-prizes[is_finite])
    attraction = attractions[is_finite][order]
    offered = np.cumsum(attraction * prizes[is_finite][order]) / (1 + np.cumsum(attraction))
    return max(worth, float(offered.max(initial=0.0)))


def _check(problem: ItineraryProblem) -> None:
    faults = []
    segments, resources = len(problem.arrivals), len(problem.capacity)
    stops, legs = problem.stop_fare.shape[-1], problem.leg_fare.shape[-1]
    for name, array, shape in (
        ("capacity", problem.capacity, (resources,)),
        ("arrivals", problem.arrivals, (segments,)),
        ("stop_fare", problem.stop_fare, (segments, stops)),
        ("leg_fare", problem.leg_fare, (segments, legs)),
        ("stop_use", problem.stop_use, (segments, resources, stops)),
        ("leg_use", problem.leg_use, (segments, resources, legs)),
    ):
        if array.shape != shape:
            faults.append(f"{name} has shape {array.shape}; {shape} is needed")
        elif not np.isfinite(array).all() or ("fare" not in name and (array < 0).any()):
            low = "finite numbers" if "fare" in name else "finite numbers that are not negative"
            faults.append(f"{name} holds {array[~np.isfinite(array) | (array < 0)].flat[0]}; {low} are accepted")
    if not segments:
        faults.append("arrivals is empty; at least one segment is needed")
    if faults:
        raise ProblemError(tuple(faults))
