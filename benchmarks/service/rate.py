"""Guests at a steady rate, a little below what two cores can plan."""

from __future__ import annotations

import asyncio
import time
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
    """
    Measure plans, times and failures at `RATE` requests a second, without and with the comparison plan.

    The last columns are milliseconds on the processor for each request: of the server, of the solving processes, and of
    this process, which sends the requests on the same cores.
    """
    count = int(RATE * (_QUICK_SECONDS if given.is_quick else _SECONDS))
    rows: list[list[str]] = []
    runs: dict[str, Answered] = {}
    work_ms: dict[str, dict[str, float]] = {}
    with serving(workers=2) as server:
        asyncio.run(by_clients(server.url, trip_requests(_WARM_UP, seed=given.seed), clients=2))
        for name, compares in (("plan alone", False), ("with the comparison without bonuses", True)):
            requests = trip_requests(count, seed=given.seed + 1, compare_combinations=compares)
            before = (*server.processor_s(), time.process_time())
            answered = asyncio.run(at_rate(server.url, requests, per_second=RATE))
            after = (*server.processor_s(), time.process_time())
            work = [1000 * (end - begin) / count for begin, end in zip(before, after, strict=True)]
            rows.append([name, *answered.cells(), *(f"{each:.0f}" for each in work)])
            runs[name] = answered
            work_ms[name] = dict(zip(("server", "workers", "client"), work, strict=True))
    alone = runs["plan alone"]
    promise = f"at {RATE:g} requests a second, 95 % of plans come within {TARGET_MS:g} ms, and none is refused"
    is_kept = alone.percentile_ms(95) <= TARGET_MS and alone.is_whole
    table = markdown_table(["request", *TITLES, "server ms", "workers ms", "client ms"], rows)
    figures = {"rate": {name: {**answered.figures(), "work_ms": work_ms[name]} for name, answered in runs.items()}}
    title = f"{RATE:g} requests a second: day trips over {CANDIDATES} places, {SOLVE_S * 1000:g} ms of search each"
    return Section(title, figures, table, {promise: is_kept})
