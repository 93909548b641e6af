"""Requests sent at a rate, or by so many clients at once, and how they were answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import numpy as np

from benchmarks.service.section import REGION

TITLES: Final = ("plans/s", "p50 ms", "p95 ms", "p99 ms", "without a plan")
"""Of `Answered.cells`."""

_SHARES: Final = (50, 95, 99)
_PATIENCE_S: Final = 60
_HEADERS: Final = {"Prefer": f"wait={_PATIENCE_S}"}


@dataclass(slots=True)
class Answered:
    """
    Hold how requests were answered.

    Parameters
    ----------
    seconds
        From sending to the whole answer, of those that were answered with a plan (200).
    statuses
        How many of each; 0 where the connection failed.
    took_s
        From the first to the last.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Return plans per second."""
        return len(self.seconds) / self.took_s if self.took_s else 0.0

    @property
    def is_whole(self) -> bool:
        """Whether there were requests, and all of them got a plan."""
        return bool(self.seconds) and len(self.seconds) == self.statuses.total()

    def figures(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        times = {f"p{share}_ms": self.percentile_ms(share) for share in _SHARES}
        return {"per_second": self.per_second, **times, "statuses": dict(self.statuses)}

    def cells(self) -> list[str]:
        """Return the figures for a table, under `TITLES`."""
        times = (f"{self.percentile_ms(share):.0f}" for share in _SHARES)
        return [f"{self.per_second:.1f}", *times, str(self.statuses.total() - len(self.seconds))]

    def percentile_ms(self, share: float) -> float:
        """Return the time in milliseconds within which a share of the plans came; NaN without any."""
        return float(np.percentile(self.seconds, share) * 1000) if self.seconds else float("nan")


async def at_rate(url: str, requests: Sequence[dict[str, Any]], *, per_second: float) -> Answered:
    """
    Send requests on the beat, whether or not earlier ones were answered: guests do not wait for each other.

    Times count from the beat, so that a client that falls behind cannot hide what the server owes.
    """
    answered = Answered()
    async with _client(url) as client, asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for number, request in enumerate(requests):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_plan(client, request, answered, due))
    answered.took_s = time.perf_counter() - began
    return answered


async def by_clients(url: str, requests: Sequence[dict[str, Any]], *, clients: int) -> Answered:
    """Send requests from so many clients, each its next one as soon as it has an answer."""
    answered, waiting = Answered(), iter(requests)

    async def send(client: httpx.AsyncClient) -> None:
        for request in waiting:
            await _plan(client, request, answered, time.perf_counter())

    async with _client(url) as client:
        began = time.perf_counter()
        await asyncio.gather(*(send(client) for _ in range(clients)))
    answered.took_s = time.perf_counter() - began
    return answered


def _client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    return httpx.AsyncClient(base_url=url, headers=_HEADERS, timeout=2 * _PATIENCE_S, limits=limits)


async def _plan(client: httpx.AsyncClient, request: dict[str, Any], answered: Answered, due: float) -> None:
    try:
        response = await client.post(f"/v1/regions/{REGION}/trips", json=request)
    except httpx.TransportError:
        answered.statuses[0] += 1
        return
    answered.statuses[response.status_code] += 1
    if response.status_code == httpx.codes.OK:
        answered.seconds.append(time.perf_counter() - due)
