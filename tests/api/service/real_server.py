"""A real server in a process of its own, asked over HTTP and looked at from outside."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.service.server import Server

DAY = (dt.date.today() + dt.timedelta(days=30)).isoformat()
QUICK = {"iterations": 200}
LONG = {"time_limit_s": 60}
"""Goes on until it is stopped."""

PATIENCE_S = 90.0


@contextmanager
def server_in(home: Path, **settings: object) -> Iterator[Server]:
    """Run a server on a folder of state; it may be killed inside the block."""
    home.mkdir(exist_ok=True)
    quick = {"workers": 1, "lease_s": 2, "shutdown_s": 1, "log_format": "json"}
    server = Server(home, **{**quick, **settings})
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.end()


def plan(server: Server, solver: dict[str, Any], **headers: str) -> httpx.Response:
    """Ask for a day trip."""
    body = {"days": [DAY], "compare_combinations": False, "solver": solver}
    return httpx.post(f"{server.url}/v1/regions/echizen/trips", json=body, headers=headers, timeout=PATIENCE_S)


def started(server: Server, solver: dict[str, Any]) -> str:
    """Ask for a trip, and return its id."""
    response = plan(server, solver)
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    return str(response.json()["id"])


def job(server: Server, job_id: str) -> dict[str, Any]:
    """Return a job as it stands; a server that is busy with a fault is asked again."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        response = httpx.get(f"{server.url}/v1/jobs/{job_id}", timeout=PATIENCE_S)
        if response.status_code == httpx.codes.OK:
            found: dict[str, Any] = response.json()
            return found
        assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, response.text
        time.sleep(0.1)
    raise AssertionError("the server did not recover")


def when(is_so: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.05)


def ended(server: Server, job_id: str) -> dict[str, Any]:
    """Return a job once it has ended."""
    when(lambda: job(server, job_id)["state"] not in {"queued", "running"})
    return job(server, job_id)


def running(server: Server, job_id: str) -> None:
    """Wait until a job runs and has a plan."""
    when(lambda: job(server, job_id)["progress"]["objective"] is not None)


def events(server: Server, job_id: str) -> list[dict[str, Any]]:
    """Return all events of a job that has ended: the stream ends by itself."""
    told = httpx.get(f"{server.url}/v1/jobs/{job_id}/events", timeout=PATIENCE_S).text
    blocks = [dict(line.split(": ", 1) for line in block.splitlines() if ": " in line) for block in told.split("\n\n")]
    return [
        {**json.loads(block["data"]), "type": block["event"], "seq": block["id"]}
        for block in blocks
        if "event" in block
    ]


def result(server: Server, job_id: str) -> dict[str, Any]:
    """Return the itinerary of a trip."""
    found: dict[str, Any] = httpx.get(f"{server.url}/v1/trips/{job_id}", timeout=PATIENCE_S).json()["result"]
    return found


def workers_of(server: Server) -> list[int]:
    """Return the solving processes of a server."""
    found = []
    for child in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if any("executors._worker" in part for part in child.cmdline()):
                found.append(child.pid)
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
