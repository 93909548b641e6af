"""Trips in the bundled region, put together from day-routes by the default sampler: of two days."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from benchmarks.qubo.answered import LIMIT_S, PROMISED, SAMPLER, is_promise_kept, summary, summary_table
from benchmarks.qubo.section import Given
from benchmarks.sections import Section
from benchmarks.trip_requests import problem_of, random_long_request
from regional_assets.region import bundled_region_folder, load_region
from solvers.qubo.trips import SampledTrip, solve_trip

REQUESTS: Final = 100
QUICK_REQUESTS: Final = 3
DAYS: Final = 2
CANDIDATES: Final = 100
SEARCH_ITERATIONS: Final = 2_000
"""Of the classical search whose day-routes are put together."""

PROOF_EFFORT: Final = 10.0
"""For the optimum of a packing problem, in about seconds; not counted as the sampler's."""


def run(given: Given) -> Section:
    """Plan trips of two days, on which the packing problem is the trip itself."""
    section = planned(given, QUICK_REQUESTS if given.is_quick else REQUESTS, DAYS)
    return replace(
        section,
        is_met={f"{PROMISED:.0%} of proven optima reached within {LIMIT_S:g} s": is_promise_kept(section.figures)},
    )


def planned(given: Given, requests: int, days: int) -> Section:
    """Plan trips with a choice of inns, lunch every day and a budget; those without any plan are replaced and told."""
    trips, without = _trips(requests, days, given)
    packings = [trip.packing for trip in trips if trip.packing is not None]
    figures = summary(packings)
    figures["without_plan"] = without
    figures["as_good_as_search"] = sum(
        trip.sampled_objective is not None and trip.sampled_objective >= (trip.known_objective or 0) for trip in trips
    )
    figures["better_than_search"] = sum(
        trip.sampled_objective is not None
        and trip.known_objective is not None
        and trip.sampled_objective > trip.known_objective
        for trip in trips
    )
    told = (
        f"{figures['as_good_as_search']} of {len(trips)} plans of the sampler are at least as good, by the judge, as "
        f"that of the search of {SEARCH_ITERATIONS:,} iterations which made the day-routes, "
        f"{figures['better_than_search']} are better; {without} requests have no plan and were replaced."
    )
    return Section(
        f"Real trips: {len(trips)} requests for {days} days in the bundled region",
        figures,
        f"{summary_table(figures)}\n\n{told}",
        {},
    )


def _trips(wanted: int, days: int, given: Given) -> tuple[list[SampledTrip], int]:
    """Return so many trips that a sampler had a say in, and how many requests had none."""
    region = load_region(bundled_region_folder())
    rng = np.random.default_rng(given.seed)
    trips: list[SampledTrip] = []
    without = 0
    while len(trips) < wanted:
        problem = problem_of(region, random_long_request(region, rng, CANDIDATES, days))
        trip = None
        if problem is not None:
            trip = solve_trip(
                problem,
                sampler=SAMPLER,
                reads=given.reads,
                seed=given.seed,
                iterations=SEARCH_ITERATIONS,
                proof_effort=PROOF_EFFORT,
            )
        if trip is None or trip.packing is None:
            without += 1
        else:
            trips.append(trip)
    return trips, without
