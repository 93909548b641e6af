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
from solvers.orienteering import TripProblem, TripSolution, default_iterations, evaluate, solve
from solvers.revenue.itinerary_columns import Found, Itinerary

_MOST_RATE: Final = 3_000 * RATE_STEPS
"""Highest rate for a point of the party: 3,000 yen; beyond, prizes hardly count."""

_PROBES: Final = 4
"""Rates tried in each search, beside none at all."""

_POOLED: Final = 200
"""Trips looked at after each search, beside the best."""

_OFFERED: Final = 5
"""Trips handed back for each group in each round, the best at the round's prices."""


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


@dataclass(slots=True)
class _Group:
    """A group with its arrays, where its stops stand in the market, and points of the content trips found so far."""

    visitors: VisitorGroup
    trip: PrizedTrip
    best: TripSolution
    best_points: float
    known: dict[tuple[int, ...], float]
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
    return _Group(visitors, trip, best, points, {trip.stops_of(best): points})


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
    seen
        Points of the plan and of others met on the way, by their stops.
    reached
        What a bound at this rate cannot be below.
    bound
        The prize of no content trip is higher.
    """

    rate: int
    plan: TripSolution
    seen: dict[tuple[int, ...], float]
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
    searches: list[_Searched] = []
    rate: int | None = 0
    while rate is not None and len(searches) <= _PROBES:
        found = _search(member, prizes, rate, iterations, seed)
        searches.append(found)
        member.known |= {stops: points for stops, points in found.seen.items() if points >= member.floor}
        rate = _next_rate(member, prizes, searches)
    bound = min(each.bound for each in searches)
    if proof_s is not None:
        # Of all rates, the one at which a perfect proof would tell most.
        bound = min(bound, _proven(member, prizes, min(searches, key=lambda each: each.reached), proof_s))
    # Trips found at other prices may be the best at these.
    ranked = sorted(member.known, key=lambda stops: -_worth(prizes, stops))
    return Found(tuple(_itinerary(member, stops) for stops in ranked[:_OFFERED]), bound)


def _next_rate(member: _Group, prizes: NDArray[np.float64], searches: Sequence[_Searched]) -> int | None:
    """
    Return the rate at which the bound would be lowest if no more trips were found; None where it was tried.

    Over the rate, what a trip is worth beyond the floor is a line: prize plus rate times spare points. The highest of
    all lines is what a perfect bound would be. It falls as long as a discontent trip is on top, and then rises.
    """
    seen = member.known | {stops: points for search in searches for stops, points in search.seen.items()}
    prize = np.array([_worth(prizes, stops) for stops in seen])
    spare = np.array([*seen.values()]) - member.floor
    low, high = 0, _MOST_RATE
    while low < high:
        rate = (low + high) // 2
        is_discontent = spare[int(np.argmax(prize + spare * rate / RATE_STEPS))] < 0
        low, high = (rate + 1, high) if is_discontent else (low, rate)
    return None if any(search.rate == low for search in searches) else low


def _worth(prizes: NDArray[np.float64], stops: tuple[int, ...]) -> float:
    return float(prizes[list(stops)].sum())


def _search(member: _Group, prizes: NDArray[np.float64], rate: int, iterations: int | None, seed: int) -> _Searched:
    from solvers.orienteering.linear_bound import linear_bound

    problem = member.trip.with_prizes(prizes, rate)
    plan, plans = _plans(problem, member.best, iterations, seed)
    seen = {member.trip.stops_of(each): member.trip.points_of(each) for each in plans}
    return _Searched(
        rate=rate,
        plan=plan,
        seen={stops: points for stops, points in seen.items() if points is not None},
        reached=_floor_priced(member, rate, evaluate(problem, plan).objective),
        bound=_floor_priced(member, rate, linear_bound(problem)),
    )


def _plans(
    problem: TripProblem, start: TripSolution, iterations: int | None, seed: int
) -> tuple[TripSolution, list[TripSolution]]:
    """Return the best plan found, and good ones: on one day, every good route that the search met is a plan."""
    if problem.days > 1:
        plan = solve(problem, iterations=iterations, seed=seed, warm_start=start).solution
        return plan, [plan]
    from solvers.orienteering.multi_start import MultiStart

    total = iterations or default_iterations(problem)
    search = MultiStart(problem, threads=1, seed=seed, warm_start=start)
    search.run(total, total=total)
    return search.solution, [search.solution, *(TripSolution((route.options,)) for route in search.pool(_POOLED))]


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
