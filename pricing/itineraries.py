"""
What a full slot is worth: groups of visitors, trips over slots and departures, and the price of congestion.

Routes are found elsewhere: whoever asks hands in a search for trips as plain arrays (see
`solvers.revenue.itinerary_columns.Oracle`). Stops and legs keep the order of `TripMarket`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pricing._words import reason
from pricing.model import Capacity, Id, Yen
from pricing.proposal import Reason
from regional_assets.model import Name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from solvers.revenue.itinerary_columns import Itinerary, ItineraryProblem, ItineraryResult, Oracle


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TripGroup(_Frozen):
    """
    Hold visitors who are alike.

    Parameters
    ----------
    parties
        Expected number of parties, each on one trip.
    people
        In a party.
    """

    id: Id
    name: Name
    parties: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
    people: Annotated[int, Field(ge=1)] = 1


class TripStop(_Frozen):
    """
    Hold one way to visit a place, or one ride from place to place.

    Parameters
    ----------
    asset
        Id of the place in its region, where it is one.
    capacities
        Units of each capacity that one person takes up.
    fares
        What a party of each group pays, in yen; groups that are not named do not come here.
    """

    id: Id
    name: Name
    asset: str | None = None
    capacities: dict[Id, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    fares: dict[Id, Yen]


class TripMarket(_Frozen):
    """Hold everything that congestion prices are made from."""

    capacities: Annotated[tuple[Capacity, ...], Field(min_length=1)]
    groups: Annotated[tuple[TripGroup, ...], Field(min_length=1)]
    stops: Annotated[tuple[TripStop, ...], Field(min_length=1)]
    legs: tuple[TripStop, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        faults = [*self._doubles(), *self._strangers()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _doubles(self) -> Iterator[str]:
        for kind, entries in (
            ("capacity", self.capacities),
            ("group", self.groups),
            ("stop or leg", (*self.stops, *self.legs)),
        ):
            counts = Counter(entry.id for entry in entries)
            yield from (f"the {kind} {name!r} stands {count} times" for name, count in counts.items() if count > 1)
        yield from (
            f"capacity {each.id!r}: {each.booked} booked of {each.units}"
            for each in self.capacities
            if each.booked > each.units
        )

    def _strangers(self) -> Iterator[str]:
        capacities, groups = {each.id for each in self.capacities}, {each.id for each in self.groups}
        for stop in (*self.stops, *self.legs):
            yield from (f"{stop.id}: no capacity {name!r}" for name in stop.capacities if name not in capacities)
            yield from (f"{stop.id}: no group {name!r}" for name in stop.fares if name not in groups)


class SlotPlan(_Frozen):
    """
    Hold what becomes of a capacity.

    Parameters
    ----------
    units
        Still open.
    wanted
        Units that would be taken if every party went on the trip it likes best; None where nobody said.
    expected
        Units taken in the plan.
    congestion_yen
        What one more unit would bring: a visitor who takes one should leave at least that much more than elsewhere.
        Above 0 only where nothing is left.
    """

    capacity: str
    name: Name
    units: float
    wanted: float | None
    expected: float
    congestion_yen: float
    reason: Reason


class TripPlan(_Frozen):
    """
    Hold one trip and how many parties of a group go on it.

    Parameters
    ----------
    stops, legs
        Ids in order.
    fare_yen
        What a party pays in all.
    """

    group: str
    stops: tuple[str, ...]
    legs: tuple[str, ...]
    parties: float
    fare_yen: float


class GroupPlan(_Frozen):
    """
    Hold how a group spreads.

    Parameters
    ----------
    placed
        Parties that find a trip; the rest finds none worth its room.
    worth_yen
        What one more party would bring, prices of full slots taken off.
    """

    group: str
    parties: float
    placed: float
    worth_yen: float


class CongestionPlan(_Frozen):
    """
    Hold which slots are congested, what that is worth, and how visitors spread.

    Parameters
    ----------
    revenue_yen
        What visitors leave in the plan, where they come exactly as expected: chance can only lower it.
    bound_yen
        What no plan exceeds in expectation; None where the search for trips proved nothing.
    gap
        Distance of the two as a share of the bound.
    is_converged
        Whether the search for trips knew none that betters the plan.
    """

    status: Literal["optimal", "feasible"]
    slots: tuple[SlotPlan, ...]
    groups: tuple[GroupPlan, ...]
    trips: tuple[TripPlan, ...]
    revenue_yen: float
    bound_yen: float | None
    gap: float | None
    is_converged: bool
    rounds: int
    trips_seen: int
    seconds: float


def price_itineraries(
    market: TripMarket,
    oracle: Oracle,
    *,
    favourites: Sequence[Itinerary] = (),
    rounds: int = 50,
) -> CongestionPlan:
    """
    Spread visitors over trips so that nothing is over its room and most is earned; price what is full.

    Parameters
    ----------
    market
        Slots, departures, groups.
    oracle
        Finds trips of much prize for a group; see `solvers.revenue.itinerary_columns`.
    favourites
        The trip that each group likes best; these begin the search, and tell what would be wanted.
    rounds
        Most rounds of looking for trips.

    Returns
    -------
    plan
        With a reason for each slot.
    """
    from solvers.revenue.itinerary_columns import solve_itineraries

    problem = _problem(market)
    result = solve_itineraries(problem, oracle, rounds=rounds, start=[(each,) for each in favourites])
    wanted = _use(
        problem, [((each,), (group.parties,)) for group, each in zip(market.groups, favourites, strict=False)]
    )
    expected = _use(problem, list(zip(result.itineraries, result.visitors, strict=True)))
    is_known = len(favourites) == len(market.groups)
    bound = result.bound if np.isfinite(result.bound) else None
    return CongestionPlan(
        status="optimal" if result.status == "optimal" else "feasible",
        slots=tuple(
            _slot(
                capacity,
                problem.capacity[row],
                float(wanted[row]) if is_known else None,
                float(expected[row]),
                float(result.duals[row]),
            )
            for row, capacity in enumerate(market.capacities)
        ),
        groups=tuple(
            GroupPlan(
                group=group.id,
                parties=group.parties,
                placed=float(sum(result.visitors[row])),
                worth_yen=float(result.margins[row]),
            )
            for row, group in enumerate(market.groups)
        ),
        trips=tuple(_trips(market, problem, result)),
        revenue_yen=float(result.revenue or 0.0),
        bound_yen=bound,
        gap=result.gap,
        is_converged=result.is_converged,
        rounds=result.rounds,
        trips_seen=result.columns,
        seconds=result.seconds,
    )


def _problem(market: TripMarket) -> ItineraryProblem:
    from solvers.revenue.itinerary_columns import ItineraryProblem

    row = {capacity.id: index for index, capacity in enumerate(market.capacities)}

    def arrays(entries: Sequence[TripStop]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        fare = np.zeros((len(market.groups), len(entries)))
        use = np.zeros((len(market.groups), len(row), len(entries)))
        for column, entry in enumerate(entries):
            for index, group in enumerate(market.groups):
                fare[index, column] = entry.fares.get(group.id, 0)
                for name, units in entry.capacities.items():
                    use[index, row[name], column] = units * group.people
        return fare, use

    stop_fare, stop_use = arrays(market.stops)
    leg_fare, leg_use = arrays(market.legs)
    return ItineraryProblem(
        capacity=np.array([float(each.units - each.booked) for each in market.capacities]),
        arrivals=np.array([group.parties for group in market.groups]),
        stop_fare=stop_fare,
        stop_use=stop_use,
        leg_fare=leg_fare,
        leg_use=leg_use,
    )


def _use(
    problem: ItineraryProblem, trips: Sequence[tuple[Sequence[Itinerary], Sequence[float]]]
) -> NDArray[np.float64]:
    """Return the units of each capacity that the trips of each group take up."""
    use = np.zeros(problem.resources)
    for group, (itineraries, parties) in enumerate(trips):
        for itinerary, count in zip(itineraries, parties, strict=True):
            use += count * problem.stop_use[group][:, list(itinerary.stops)].sum(1)
            use += count * problem.leg_use[group][:, list(itinerary.legs)].sum(1)
    return use


def _trips(market: TripMarket, problem: ItineraryProblem, result: ItineraryResult) -> Iterator[TripPlan]:
    for row, group in enumerate(market.groups):
        trips = zip(result.itineraries[row], result.visitors[row], strict=True)
        for itinerary, parties in sorted(trips, key=lambda each: -each[1]):
            stops, legs = list(itinerary.stops), list(itinerary.legs)
            yield TripPlan(
                group=group.id,
                stops=tuple(market.stops[stop].id for stop in stops),
                legs=tuple(market.legs[leg].id for leg in legs),
                parties=parties,
                fare_yen=float(problem.stop_fare[row, stops].sum() + problem.leg_fare[row, legs].sum()),
            )


def _slot(capacity: Capacity, units: float, wanted: float | None, expected: float, price: float) -> SlotPlan:
    is_full = expected >= units - 1e-6 * max(1.0, units)
    ja, en = ("", "") if wanted is None else (f"希望どおりなら {wanted:.0f} 人。", f"{wanted:.0f} would like to come; ")
    if price >= 0.5 and is_full:
        code = "FULL"
        ja += f"定員 {units:.0f} が埋まります。もう1人分あれば{price:,.0f}円増えます"
        en += f"all {units:.0f} places are taken, and one more would bring ¥{price:,.0f}"
    elif is_full and units > 0:
        code = "FULL_WITHOUT_PRICE"
        ja += f"定員 {units:.0f} が埋まりますが、ほかの旅程でも同じだけ得られるため、混雑料金は付きません"
        en += f"all {units:.0f} places are taken, but other trips bring as much: no price of congestion"
    else:
        code = "ROOM_LEFT"
        ja += f"定員 {units:.0f} のうち {units - expected:.0f} が空きます。混雑料金は付きません"
        en += f"{units - expected:.0f} of {units:.0f} places stay free: no price of congestion"
    return SlotPlan(
        capacity=capacity.id,
        name=capacity.name,
        units=float(units),
        wanted=wanted,
        expected=expected,
        congestion_yen=price,
        reason=reason(code, ja, en),
    )
