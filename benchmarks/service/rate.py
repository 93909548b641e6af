"""Guests at a steady rate, a little below what two cores can plan."""

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.load import TITLES, Answered, at_rate, by_clients
from benchmarks.service.section import CANDIDATES, SOLVE_S, Given, trip_requests
from benchmarks.service.server import serving

RATE: Final = 20.0
TARGET_MS: Final = 250.0
_SECONDS: Final = 60
_QUICK_SECONDS: Final = 3
_WARM_UP: Final = 40


def run(given: Given) -> Section:
    """Measure plans, times and failures at `RATE` requests a second, without and with the comparison plan."""
    count = int(RATE * (_QUICK_SECONDS if given.is_quick else _SECONDS))
    rows: list[list[str]] = []
    runs: dict[str, Answered] = {}
    with serving(workers=2) as server:
        asyncio.run(by_clients(server.url, trip_requests(_WARM_UP, seed=given.seed), clients=2))
        for name, compares in (("plan alone", False), ("with the comparison without bonuses", True)):
            requests = trip_requests(count, seed=given.seed + 1, compare_combinations=compares)
            answered = asyncio.run(at_rate(server.url, requests, per_second=RATE))
            rows.append([name, *answered.cells()])
            runs[name] = answered
    alone = runs["plan alone"]
    promise = f"at {RATE:g} requests a second, 95 % of plans come within {TARGET_MS:g} ms, and none is refused"
    is_kept = alone.percentile_ms(95) <= TARGET_MS and alone.is_whole
    table = markdown_table(["request", *TITLES], rows)
    title = f"{RATE:g} requests a second: day trips over {CANDIDATES} places, {SOLVE_S * 1000:g} ms of search each"
    return Section(
        title, {"rate": {name: answered.figures() for name, answered in runs.items()}}, table, {promise: is_kept}
    )
