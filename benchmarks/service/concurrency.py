"""More and more clients at once."""

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.load import TITLES, Answered, by_clients
from benchmarks.service.section import SOLVE_S, Given, trip_requests
from benchmarks.service.server import serving

CLIENTS: Final = (1, 2, 4, 8, 16, 32, 64)
_QUICK_CLIENTS: Final = (1, 4)
_REQUESTS: Final = 300
_QUICK_REQUESTS: Final = 12
_WARM_UP: Final = 40
_QUICK_WARM_UP: Final = 4


def run(given: Given) -> Section:
    """Measure plans a second and their times as the number of clients grows."""
    count = _QUICK_REQUESTS if given.is_quick else _REQUESTS
    warm_up = _QUICK_WARM_UP if given.is_quick else _WARM_UP
    rows: list[list[str]] = []
    runs: dict[int, Answered] = {}
    with serving(workers=2) as server:
        asyncio.run(by_clients(server.url, trip_requests(warm_up, seed=given.seed), clients=2))
        for clients in _QUICK_CLIENTS if given.is_quick else CLIENTS:
            requests = trip_requests(max(count, 4 * clients), seed=given.seed + clients)
            answered = asyncio.run(by_clients(server.url, requests, clients=clients))
            rows.append([str(clients), *answered.cells()])
            runs[clients] = answered
    table = markdown_table(["clients", *TITLES], rows, left=0)
    is_whole = all(answered.is_whole for answered in runs.values())
    figures = {"concurrency": [{"clients": clients, **answered.figures()} for clients, answered in runs.items()]}
    title = f"Clients at once, {SOLVE_S * 1000:g} ms of search each, two solving processes"
    return Section(title, figures, table, {"every request of every client gets its plan": is_whole})
