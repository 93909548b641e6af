"""
Trips and prices together: which slots of a region are congested, what that is worth, and how visitors spread.

The planner of `routing` finds trips, `pricing` spreads visitors over them; this is the one place that knows both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from pricing.itineraries import CongestionPlan, TripGroup, TripMarket, TripStop, price_itineraries
from pricing.model import Capacity, Id
from pricing.proposal import Reason
from regional_assets.errors import InputError, Problem
from regional_assets.model import Name, Region
from regional_assets.text import Text
from routing.prizes import RATE_STEPS, UNITS_PER_YEN, PrizedTrip, Stop, prized_trip
from routing.request import Mode, TripRequest
from routing.streets import StreetNetwork
from solvers.orienteering import TripSolution, solve
from solvers.revenue.itinerary_columns import Found, Itinerary

_MOST_RATE: Final = 3_000 * RATE_STEPS
"""Highest rate for a point of the party: 3,000 yen; beyond, prizes hardly count."""

_PROBES: Final = 4
"""Rates tried in each search, beside none at all."""

_OFFERED: Final = 5
"""Trips handed back by each search, the best at its prices."""


class VisitorGroup(BaseModel):
    """
    Hold visitors who would send the same request.

    Parameters
    ----------
    parties
        Expected number of parties on these days.
    request
        Who they are, when they come, and what they wish.
    contentment
        Share of the points of the trip they like best that any other trip must have for them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    name: Name
    parties: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
    request: TripRequest
    contentment: Annotated[float, Field(ge=0, le=1)] = 0.85


class PricedTrips(BaseModel):
    """
    Hold slots with their congestion prices, trips, and what was assumed.

    Parameters
    ----------
    contentment
        Points of the best trip of each group, and the least points of the trips that it is offered.
    limit
        What ended each search; only iterations reproduce exactly.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    plan: CongestionPlan
    contentment: dict[str, tuple[float, float]]
    assumed: tuple[Reason, ...]
    seed: int
    limit: Literal["iterations", "seconds"]


@dataclass(frozen=True, slots=True)
class _Known:
    """A trip that a group is content with, and its points."""

    plan: TripSolution
    points: float


@dataclass(slots=True)
class _Group:
    """A group with its arrays, where its stops stand in the market, and the content trips found so far, by stops."""

    visitors: VisitorGroup
    trip: PrizedTrip
    best: TripSolution
    best_points: float
    known: dict[tuple[int, ...], _Known]
    stops: tuple[int, ...] = ()

    @property
    def floor(self) -> float:
        """Least points of a trip; travel may cost even the best trip more points than it brings."""
        return self.best_points - (1 - self.visitors.contentment) * abs(self.best_points)


def price_trips(
    region: Region,
    groups: Sequence[VisitorGroup],
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    rounds: int = 20,
    iterations: int | None = None,
    proof_s: float | None = None,
    seed: int = 1,
) -> PricedTrips:
    """
    Price the slots of a region by what visitors of several kinds would do.

    Every group is offered trips that keep all its wishes and are nearly as good as the one it likes best. Among those,
    visitors are spread so that most is spent at the doors and no slot holds more people than it has places; the dual of
    a full slot is its price of congestion.

    Parameters
    ----------
    region, today, networks
        As for `routing.plan.plan_trip`.
    groups
        Who comes; their days may differ.
    rounds
        Most rounds of looking for trips.
    iterations
        Of each search for a trip; by default those of the planner.
    proof_s
        Seconds for a tighter bound in each search; such runs do not repeat exactly.
    seed
        Of the searches.

    Raises
    ------
    InputError
        If no group or two of one id are given, a request makes no sense, or no place of the region has slots with a
        known number of places on these days.
    """
    _check(groups)
    members = [_group(region, each, today, networks, iterations, seed) for each in groups]
    market = _market(members)

    def oracle(
        segment: int,
        stop_prize: NDArray[np.float64],
        leg_prize: NDArray[np.float64],
        aside: Sequence[Itinerary],
    ) -> Found:
        return _ask(members[segment], stop_prize, iterations=iterations, proof_s=proof_s, seed=seed)

    favourites = [_itinerary(member, member.trip.stops_of(member.best)) for member in members]
    plan = price_itineraries(market, oracle, favourites=favourites, rounds=rounds)
    return PricedTrips(
        region=region.id,
        plan=plan,
        contentment={each.visitors.id: (each.best_points, each.floor) for each in members},
        assumed=tuple(_assumed(members)),
        seed=seed,
        limit="iterations" if proof_s is None else "seconds",
    )


def _check(groups: Sequence[VisitorGroup]) -> None:
    ids = [group.id for group in groups]
    problems = [
        Problem("groups", name, Text(ja=f"id「{name}」が二度あります", en=f"the id {name!r} stands twice"))
        for name in sorted({name for name in ids if ids.count(name) > 1})
    ]
    if not groups:
        problems.append(Problem("groups", 0, Text(ja="客層が1つ以上必要です", en="at least one group is needed")))
    if problems:
        raise InputError(problems)


def _group(
    region: Region,
    visitors: VisitorGroup,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None,
    iterations: int | None,
    seed: int,
) -> _Group:
    """Return a group with the trip it likes best."""
    try:
        trip = prized_trip(region, visitors.request, today=today, networks=networks)
    except InputError as error:
        raise InputError(
            [Problem(f"groups {visitors.id} {each.where}".strip(), each.value, each.message) for each in error.problems]
        ) from error
    best = solve(trip.problem, iterations=iterations, seed=seed).solution
    points = trip.points_of(best)
    if points is None:
        text = Text(ja="希望をすべて満たす旅が見つかりません", en="no trip was found that meets all wishes")
        raise InputError([Problem(f"groups {visitors.id}", None, text)])
    return _Group(visitors, trip, best, points, {trip.stops_of(best): _Known(best, points)})


def _market(members: Sequence[_Group]) -> TripMarket:
    """Put the stops of all groups into one list: the same slot is one stop, whoever comes."""
    capacities: dict[str, Capacity] = {}
    places: dict[str, int] = {}
    fares: dict[str, dict[str, int]] = {}
    shown: dict[str, Stop] = {}
    for member in members:
        indices = []
        for stop in member.trip.stops:
            name = _stop_id(stop)
            places.setdefault(name, len(places))
            shown.setdefault(name, stop)
            fares.setdefault(name, {})[member.visitors.id] = stop.yen or 0
            indices.append(places[name])
            if stop.places is not None:
                capacities.setdefault(name, _capacity(name, stop))
        member.stops = tuple(indices)
    if not capacities:
        text = Text(
            ja="この日程に、定員の分かる予約枠のある場所がありません",
            en="no place has slots with a known number of places on these days",
        )
        raise InputError([Problem("groups", None, text)])
    return TripMarket(
        # A slot that takes nobody is one that nobody can be sent to.
        capacities=tuple(capacities.values()),
        groups=tuple(
            TripGroup(
                id=each.visitors.id, name=each.visitors.name, parties=each.visitors.parties, people=each.trip.people
            )
            for each in members
        ),
        stops=tuple(
            TripStop(
                id=name,
                name=shown[name].name,
                asset=shown[name].asset,
                capacities={name: 1} if name in capacities else {},
                fares=fares[name],
            )
            for name in places
        ),
    )


def _stop_id(stop: Stop) -> str:
    clock = "" if stop.slot_s is None else f"/{_clock(stop.slot_s)}"
    return f"{stop.asset}/{stop.date.isoformat()}{clock}"


def _capacity(name: str, stop: Stop) -> Capacity:
    day, clock = f"{stop.date.month}/{stop.date.day}", _clock(stop.slot_s or 0)
    text = Name(ja=f"{stop.name.in_('ja')} {day} {clock}", en=f"{stop.name.in_('en')}, {stop.date.isoformat()} {clock}")
    # A capacity has at least one unit; a slot without places is one that is booked up.
    units = max(1, stop.places or 0)
    return Capacity(id=name, name=text, units=units, booked=units - (stop.places or 0))


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def _itinerary(member: _Group, stops: tuple[int, ...]) -> Itinerary:
    return Itinerary(tuple(member.stops[stop] for stop in stops))


@dataclass(frozen=True, slots=True)
class _Searched:
    """
    Hold a plan for prizes at a rate per point of the party.

    Parameters
    ----------
    prize, points
        Of the plan.
    reached
        What a bound at this rate cannot be below.
    bound
        The prize of no content trip is higher.
    """

    rate: int
    plan: TripSolution
    prize: float
    points: float
    reached: float
    bound: float


def _ask(
    member: _Group, stop_prize: NDArray[np.float64], *, iterations: int | None, proof_s: float | None, seed: int
) -> Found:
    """
    Look for trips of much prize that the group is content with.

    The floor of points is priced: whatever a point counts, the best trip of all is worth no less than the best content
    one, so that each rate gives a bound, ``best - rate * floor``. The rate is moved to where a content trip and a
    dearer, discontent one are worth the same: that is where the bound can be lowest.
    """
    prizes = stop_prize[list(member.stops)]
    content = max((_worth(prizes, stops), known.points) for stops, known in member.known.items())
    searches: list[_Searched] = []
    rate = 0
    while len(searches) <= _PROBES:
        found = _search(member, prizes, rate, iterations, seed)
        searches.append(found)
        if found.points >= member.floor:
            member.known[member.trip.stops_of(found.plan)] = _Known(found.plan, found.points)
            content = max(content, (found.prize, found.points))
        dearer = [each for each in searches if each.points < member.floor and each.prize > content[0]]
        if not dearer:
            break
        # The line of each plan over the rate is its prize and points; they cross where both are worth the same.
        crossing = max((each.prize - content[0]) / (content[1] - each.points) for each in dearer)
        rate = min(_MOST_RATE, max(1, round(RATE_STEPS * crossing)))
        if any(each.rate == rate for each in searches):
            break
    bound = min(each.bound for each in searches)
    if proof_s is not None:
        # Of all rates, the one at which a perfect proof would tell most.
        bound = min(bound, _proven(member, prizes, min(searches, key=lambda each: each.reached), proof_s))
    # Trips found at other prices may be the best at these.
    ranked = sorted(member.known, key=lambda stops: -_worth(prizes, stops))
    return Found(tuple(_itinerary(member, stops) for stops in ranked[:_OFFERED]), bound)


def _worth(prizes: NDArray[np.float64], stops: tuple[int, ...]) -> float:
    return float(prizes[list(stops)].sum())


def _search(member: _Group, prizes: NDArray[np.float64], rate: int, iterations: int | None, seed: int) -> _Searched:
    from solvers.orienteering.linear_bound import linear_bound

    problem = member.trip.with_prizes(prizes, rate)
    result = solve(problem, iterations=iterations, seed=seed, warm_start=member.best)
    most = linear_bound(problem)
    if result.bound is not None:
        most = min(most, result.bound)
    # A plan that breaks a rule is none that anybody is content with.
    points = member.trip.points_of(result.solution)
    return _Searched(
        rate=rate,
        plan=result.solution,
        prize=_worth(prizes, member.trip.stops_of(result.solution)),
        points=-np.inf if points is None else points,
        reached=_floor_priced(member, rate, result.objective),
        bound=_floor_priced(member, rate, most),
    )


def _proven(member: _Group, prizes: NDArray[np.float64], searched: _Searched, seconds: float) -> float:
    """Return a tighter bound of a search."""
    from solvers.orienteering.bounding import upper_bound

    problem = member.trip.with_prizes(prizes, searched.rate)
    proof = upper_bound(problem, incumbent=searched.plan, seconds=seconds)
    return _floor_priced(member, searched.rate, proof.bound)


def _floor_priced(member: _Group, rate: int, most: int) -> float:
    """Return a bound on prizes alone: content trips have at least the floor of points, each counted at the rate."""
    return most / UNITS_PER_YEN - rate / RATE_STEPS * member.floor


def _assumed(members: Sequence[_Group]) -> list[Reason]:
    """Say which prices and places were unknown."""
    unpriced = {stop.asset: stop.name for member in members for stop in member.trip.stops if stop.yen is None}
    unlimited = {
        stop.asset: stop.name
        for member in members
        for stop in member.trip.stops
        if stop.slot_s is not None and stop.places is None
    }
    reasons = []
    for names, code, ja, en in (
        (unpriced, "PRICE_UNKNOWN", "料金不明のため0円で計算", "price unknown, counted as ¥0"),
        (unlimited, "PLACES_UNKNOWN", "定員不明のため混雑の値段は出ない", "places unknown: no price of congestion"),
    ):
        if names:
            listed_ja = "、".join(name.in_("ja") for name in names.values())
            listed_en = ", ".join(name.in_("en") for name in names.values())
            reasons.append(Reason(code=code, text=Name(ja=f"{ja}: {listed_ja}", en=f"{en}: {listed_en}")))
    return reasons
