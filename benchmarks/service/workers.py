"""What a second worker brings: processes of the server, and workers of a Dask cluster."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Final

from benchmarks.report import markdown_table
from benchmarks.sections import Section
from benchmarks.service.load import Answered, by_clients
from benchmarks.service.section import Given, trip_requests
from benchmarks.service.server import clustered, serving

SOLVE_S: Final = 0.2
_REQUESTS: Final = 150
_QUICK_REQUESTS: Final = 8
_CLIENTS: Final = 8
_LEAST_GAIN: Final = 1.5


def run(given: Given) -> Section:
    """Measure plans a second with one and two workers of either kind."""
    count = _QUICK_REQUESTS if given.is_quick else _REQUESTS
    kinds = ["processes", *(["Dask workers"] if find_spec("distributed") else [])]
    rows, figures, promises = [], {}, {}
    for kind in kinds:
        one, two = (_throughput(kind, workers, count, given.seed) for workers in (1, 2))
        gain = two.per_second / one.per_second
        rows.append([kind, f"{one.per_second:.2f}", f"{two.per_second:.2f}", f"{gain:.2f}"])
        figures[kind] = {"one": one.per_second, "two": two.per_second, "gain": gain}
        promises[f"a second of the {kind} brings at least {_LEAST_GAIN - 1:.0%} more"] = gain >= _LEAST_GAIN
    table = markdown_table(["plans/s on", "1", "2", "gain"], rows)
    title = f"One worker and two, {SOLVE_S * 1000:g} ms of search each, {_CLIENTS} clients"
    return Section(title, {"workers": figures}, table, {} if given.is_quick else promises)


def _throughput(kind: str, workers: int, count: int, seed: int) -> Answered:
    with ExitStack() as stack:
        settings = {"workers": workers} if kind == "processes" else {"cluster": stack.enter_context(clustered(workers))}
        server = stack.enter_context(serving(**settings))
        asyncio.run(by_clients(server.url, trip_requests(4 * workers, seed=seed, solve_s=SOLVE_S), clients=workers))
        return asyncio.run(
            by_clients(server.url, trip_requests(count, seed=seed + 1, solve_s=SOLVE_S), clients=_CLIENTS)
        )
