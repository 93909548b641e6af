"""More than the server can do: refused in good order, and fine again afterwards."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx

from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.load import TITLES, at_rate, by_clients
from benchmarks.service.section import Given, trip_requests
from benchmarks.service.server import serving

QUEUE: Final = 20
RATE: Final = 100.0
_SECONDS: Final = 15
_QUICK_SECONDS: Final = 2


def run(given: Given) -> Section:
    """Send five times what can be planned to a server whose queue holds `QUEUE` jobs."""
    count = int(RATE * (_QUICK_SECONDS if given.is_quick else _SECONDS))
    with serving(workers=2, queue_limit=QUEUE) as server:
        asyncio.run(by_clients(server.url, trip_requests(40, seed=given.seed), clients=2))
        flood = asyncio.run(at_rate(server.url, trip_requests(count, seed=given.seed + 1), per_second=RATE))
        after = asyncio.run(by_clients(server.url, trip_requests(20, seed=given.seed + 2), clients=2))
        is_alive = httpx.get(f"{server.url}/readyz").status_code == httpx.codes.OK
    table = markdown_table(["", *TITLES], [["flood", *flood.cells()], ["right after", *after.cells()]])
    promises = {
        "beyond capacity every request is planned or refused with 503, nothing else": set(flood.statuses) == {200, 503},
        "right after, every request gets its plan, and the server is ready": after.is_whole and is_alive,
    }
    figures = {"flood": flood.figures(), "after": after.figures()}
    title = f"Overload: {RATE:g} requests a second, a queue of {QUEUE}"
    return Section(title, figures, table, promises)
