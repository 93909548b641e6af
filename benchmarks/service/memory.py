"""Memory over many requests."""

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.load import by_clients
from benchmarks.service.section import Given, trip_requests
from benchmarks.service.server import serving

REQUESTS: Final = 10_000
_QUICK_REQUESTS: Final = 200
_PARTS: Final = 10
_CLIENTS: Final = 4
_MOST_GROWTH: Final = 1.1
"""Resident memory at the end by that after a fifth: allocators settle before, and breathe a little ever after."""


def run(given: Given) -> Section:
    """Send `REQUESTS` requests with hardly any search, and look at the resident memory after each tenth of them."""
    part = (_QUICK_REQUESTS if given.is_quick else REQUESTS) // _PARTS
    rows, figures, is_whole = [], [], True
    with serving(workers=2) as server:
        for number in range(1, _PARTS + 1):
            requests = trip_requests(part, seed=given.seed + number, solve_s=None)
            answered = asyncio.run(by_clients(server.url, requests, clients=_CLIENTS))
            own, children = server.resident_mb()
            is_whole &= answered.is_whole
            rows.append([str(number * part), f"{own:.0f}", f"{children:.0f}", f"{answered.per_second:.0f}"])
            figures.append({"requests": number * part, "server_mb": own, "workers_mb": children})
    settled, last = figures[_PARTS // 5 - 1], figures[-1]
    growth = max(last[who] / settled[who] for who in ("server_mb", "workers_mb"))
    table = markdown_table(["requests", "server MB", "its processes MB", "plans/s"], rows, left=0)
    promises = {
        f"memory is flat: after {last['requests']:,} requests at most {_MOST_GROWTH - 1:.0%} above that after "
        f"{settled['requests']:,} (found: {growth - 1:+.1%})": growth <= _MOST_GROWTH,
        "every request gets its plan": is_whole,
    }
    return Section("Memory over many requests", {"memory": figures, "growth": growth}, table, promises)
