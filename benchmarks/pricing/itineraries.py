"""Routes and prices: against every itinerary of small towns, and over the bundled region with the trip planner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from api.priced_trips import PricedTrips, VisitorGroup, price_trips
from benchmarks.pricing.section import Given, Section
from benchmarks.timing import timed
from regional_assets.model import Name
from regional_assets.region import bundled_region_folder, load_region
from routing.request import TripRequest
from solvers.revenue.itinerary_columns import Found, Itinerary, ItineraryProblem, solve_itineraries

_PLACES = 5
_TOLERANCE = 1e-6


def run(given: Given) -> Section:
    """Measure both."""
    towns = 5 if given.is_quick else 40
    differences = [_difference(np.random.default_rng([given.seed, town])) for town in range(towns)]
    worst = max(difference for difference, _, _ in differences)
    columns, every = sum(each[1] for each in differences), sum(each[2] for each in differences)
    region = timed(lambda: _echizen(is_quick=given.is_quick, seed=given.seed))
    found = region.answer
    plan = found.plan
    bound = plan.bound_yen or np.inf
    figures = {
        "towns": {"count": towns, "largest_difference": worst, "itineraries": every, "looked_at": columns},
        "echizen": {"seconds": region.seconds, **found.model_dump(mode="json")},
    }
    slack = [slot for slot in plan.slots if slot.congestion_yen > 0.5 and slot.expected < slot.units - 1e-3]
    met = {
        "column generation equals the programme over every itinerary (1e-6)": worst <= _TOLERANCE,
        "no slot holds more people than places": all(slot.expected <= slot.units + 1e-6 for slot in plan.slots),
        "only full slots have a price": not slack,
        "the bound is not below the plan": bound >= plan.revenue_yen - 1e-6,
    }
    return Section("Routes and prices", figures, _table(found, region.seconds, towns, worst, (columns, every)), met)


def _difference(rng: np.random.Generator) -> tuple[float, int, int]:
    """Return how far column generation is from a town's optimum, as a share, and columns looked at and in all."""
    rides = {pair: ride for ride, pair in enumerate(permutations(range(_PLACES), 2))}
    segments, resources = 3, _PLACES + 4
    stop_use, leg_use = np.zeros((segments, resources, _PLACES)), np.zeros((segments, resources, len(rides)))
    stop_use[:, np.arange(_PLACES), np.arange(_PLACES)] = rng.integers(1, 4, (segments, 1))
    leg_use[:, _PLACES + np.arange(4), rng.choice(len(rides), 4, replace=False)] = 1
    problem = ItineraryProblem(
        capacity=rng.integers(5, 60, resources).astype(float),
        arrivals=rng.uniform(5, 40, segments),
        stop_fare=rng.integers(0, 40, (segments, _PLACES)).astype(float) * 100,
        stop_use=stop_use,
        leg_fare=np.full((segments, len(rides)), 300.0),
        leg_use=leg_use,
    )
    likes = rng.uniform(0.2, 1.5, (segments, _PLACES))
    every = [
        [
            Itinerary(order, tuple(rides[pair] for pair in pairwise(order)))
            for size in range(1, _PLACES + 1)
            for order in permutations(range(_PLACES), size)
            if likes[segment, list(order)].sum() - 0.3 * (size - 1) >= 1.0 and size <= 4
        ]
        for segment in range(segments)
    ]

    def oracle(
        segment: int, stop_prize: NDArray[np.float64], leg_prize: NDArray[np.float64], aside: Sequence[Itinerary]
    ) -> Found:
        if not every[segment]:
            return Found((), -np.inf)
        prizes = [float(stop_prize[list(way.stops)].sum() + leg_prize[list(way.legs)].sum()) for way in every[segment]]
        return Found((every[segment][int(np.argmax(prizes))],), max(prizes))

    result = solve_itineraries(problem, oracle, rounds=500)
    best = _over_every_itinerary(problem, every)
    revenue = result.revenue or 0.0
    difference = max(abs(revenue - best), abs(result.bound - best)) / max(1.0, best)
    return difference, result.columns, sum(len(ways) for ways in every)


def _over_every_itinerary(problem: ItineraryProblem, every: Sequence[Sequence[Itinerary]]) -> float:
    fares, uses, owners = [], [], []
    for segment, ways in enumerate(every):
        for way in ways:
            stops, legs = list(way.stops), list(way.legs)
            fares.append(problem.stop_fare[segment, stops].sum() + problem.leg_fare[segment, legs].sum())
            uses.append(problem.stop_use[segment][:, stops].sum(1) + problem.leg_use[segment][:, legs].sum(1))
            owners.append(segment)
    if not fares:
        return 0.0
    of_segment = np.equal.outer(np.arange(problem.segments), owners).astype(float)
    answer = linprog(
        -np.array(fares),
        A_ub=np.vstack((np.array(uses).T, of_segment)),
        b_ub=np.concatenate((problem.capacity, problem.arrivals)),
    )
    return -float(answer.fun)


def _echizen(*, is_quick: bool, seed: int) -> PricedTrips:
    """Price a Saturday in the bundled region for three groups."""
    date = "2026-11-28"
    day = {"date": date, "start": {"asset": "sabae-station"}, "end": {"asset": "sabae-station"}}

    def group(name: str, ja: str, parties: float, **fields: object) -> VisitorGroup:
        request = {"days": [day], "lodging": "none", "max_candidates": 25 if is_quick else 40} | fields
        return VisitorGroup(
            id=name, name=Name(ja=ja, en=name), parties=parties, request=TripRequest.model_validate(request)
        )

    return price_trips(
        load_region(bundled_region_folder()),
        [
            group("craft", "工芸好き", 40, interests={"craft": 2.0}),
            group("culture", "文化好き", 40, interests={"culture": 1.5, "craft": 0.8}),
            group("families", "家族", 25, party={"adults": 2, "children": 2}, interests={"craft": 1.2, "nature": 1.0}),
        ],
        today=dt.date(2026, 11, 23),
        iterations=500 if is_quick else 1_500,
        rounds=5 if is_quick else 20,
        proof_s=None if is_quick else 3.0,
        seed=seed,
    )


def _table(found: PricedTrips, seconds: float, towns: int, worst: float, counts: tuple[int, int]) -> str:
    plan = found.plan
    gap = "unknown" if plan.gap is None else f"{plan.gap:.1%}"
    bound = "unknown" if plan.bound_yen is None else f"¥{plan.bound_yen:,.0f}"
    rows = [
        f"Column generation on {towns} towns of {_PLACES} places and 4 buses, 3 segments: largest difference to the "
        f"programme over every itinerary {worst:.1e}; {counts[0]} of {counts[1]} itineraries looked at.",
        "",
        f"Bundled region, a Saturday, three groups: ¥{plan.revenue_yen:,.0f} left at the doors, bound {bound} "
        f"(gap {gap}), {plan.rounds} rounds, {plan.trips_seen} trips, {seconds:.1f} s.",
        "",
        "| slot | places | would like | expected | congestion price |",
        "|---|--:|--:|--:|--:|",
    ]
    rows += [
        f"| {slot.name.en} | {slot.units:.0f} | {slot.wanted or 0:.0f} | {slot.expected:.0f} | "
        f"¥{slot.congestion_yen:,.0f} |"
        for slot in plan.slots
        if slot.wanted or slot.expected > 0.5
    ]
    return "\n".join(rows)
