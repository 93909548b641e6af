"""Faults of a real server: killed servers and workers, a locked database, floods, clients that leave."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from real_server import (
    DAY,
    LONG,
    PATIENCE_S,
    QUICK,
    ended,
    events,
    is_alive,
    job,
    plan,
    result,
    running,
    server_in,
    started,
    when,
    workers_of,
)

from benchmarks.service.server import Server

pytestmark = pytest.mark.slow


def test_jobs_of_a_killed_server_are_finished_once_by_the_next(tmp_path: Path) -> None:
    """A server is killed while jobs run and wait; started again, it finishes each of them exactly once."""
    with server_in(tmp_path / "home") as first:
        done = started(first, QUICK)
        assert ended(first, done)["state"] == "succeeded"
        half = started(first, LONG)
        waiting = [started(first, QUICK) for _ in range(5)]
        running(first, half)
        orphans = workers_of(first)
        assert orphans
        first.kill()
    when(lambda: not any(is_alive(pid) for pid in orphans))
    with server_in(tmp_path / "home") as second:
        running(second, half)
        assert httpx.delete(f"{second.url}/v1/jobs/{half}").status_code in {200, 202}
        states = {job_id: ended(second, job_id)["state"] for job_id in (done, half, *waiting)}
        assert states == {done: "succeeded", half: "stopped", **dict.fromkeys(waiting, "succeeded")}
        for job_id in states:
            told = Counter(event["type"] for event in events(second, job_id))
            assert told["queued"] == told["finished"] == 1
        assert job(second, half)["attempts"] == 2
        assert result(second, half)["status"] == "feasible"


def test_a_killed_worker_costs_an_attempt_and_not_the_job(tmp_path: Path) -> None:
    """The solving process is killed in mid-solve; the job is begun again, and answered."""
    with server_in(tmp_path / "home") as server:
        trip = started(server, {"time_limit_s": 3})
        running(server, trip)
        for pid in workers_of(server):
            os.kill(pid, signal.SIGKILL)
        assert ended(server, trip)["state"] == "succeeded"
        assert job(server, trip)["attempts"] == 2
        assert "retry" in [event["type"] for event in events(server, trip)]
        assert httpx.get(f"{server.url}/readyz").status_code == httpx.codes.OK


def test_a_locked_database_delays_a_result_and_loses_nothing(tmp_path: Path) -> None:
    """Another program holds the database while a job ends: requests meanwhile are told so, the job has its result."""
    with server_in(tmp_path / "home") as server:
        trip = started(server, {"time_limit_s": 2})
        running(server, trip)
        with ExitStack() as stack:
            other = sqlite3.connect(tmp_path / "home" / "meguri.db", isolation_level=None)
            stack.callback(other.close)
            other.execute("BEGIN EXCLUSIVE")
            stack.callback(other.execute, "ROLLBACK")
            refused = plan(server, QUICK)
            time.sleep(3)
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) >= 1
        assert ended(server, trip)["state"] == "succeeded"
        assert [event["type"] for event in events(server, trip)].count("finished") == 1


def test_a_thousand_queued_jobs_are_kept_and_one_more_is_refused(tmp_path: Path) -> None:
    """The queue takes what it promises; what it took can be listed, stopped and finished."""
    with server_in(tmp_path / "home", queue_limit=1_000, rate_limit="100000/second",
                   expensive_rate_limit="100000/second") as server:  # fmt: skip
        blocking = started(server, LONG)
        running(server, blocking)
        with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
            body = {"days": [DAY], "compare_combinations": False, "solver": QUICK}
            taken = []
            while (response := client.post("/v1/regions/echizen/trips", json=body)).status_code == httpx.codes.ACCEPTED:
                taken.append(response.json()["id"])
            assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert int(response.headers["retry-after"]) >= 1
            assert len(taken) == 1_000
            kept, stopped = taken[:20], taken[20:]
            for job_id in stopped:
                assert client.delete(f"/v1/jobs/{job_id}").status_code in {200, 202}
            client.delete(f"/v1/jobs/{blocking}")
            listed, page = Counter[str](), "/v1/jobs?limit=100"
            when(lambda: job(server, kept[-1])["state"] == "succeeded")
            while page:
                answer = client.get(page).json()
                listed.update(each["state"] for each in answer["items"])
                page = answer["next"]
            assert listed == {"succeeded": len(kept), "stopped": len(stopped) + 1}


def test_stopping_works_at_every_stage(tmp_path: Path) -> None:
    """A job is stopped while it waits, while it runs, twice, and after its end: each has a clear state."""
    with server_in(tmp_path / "home") as server:
        first, second = started(server, LONG), started(server, LONG)
        running(server, first)
        assert httpx.delete(f"{server.url}/v1/trips/{second}").json()["state"] == "stopped"
        assert result(server, second) is None
        for _ in range(2):
            assert httpx.delete(f"{server.url}/v1/trips/{first}").status_code in {200, 202}
        assert ended(server, first)["state"] == "stopped"
        assert result(server, first)["status"] == "feasible"
        third = started(server, QUICK)
        assert ended(server, third)["state"] == "succeeded"
        assert httpx.delete(f"{server.url}/v1/trips/{third}").json()["state"] == "succeeded"
        assert [event["type"] for event in events(server, first)].count("finished") == 1


def test_clients_that_leave_a_stream_take_nothing_with_them(tmp_path: Path) -> None:
    """Streams are left again and again: their places are free again, and the job goes on."""
    with server_in(tmp_path / "home", streams_limit=2) as server:
        trip = started(server, LONG)
        running(server, trip)
        for _ in range(6):
            with httpx.stream("GET", f"{server.url}/v1/trips/{trip}/events", timeout=PATIENCE_S) as stream:
                assert stream.status_code == httpx.codes.OK
                assert next(stream.iter_lines())
        httpx.delete(f"{server.url}/v1/trips/{trip}")
        assert ended(server, trip)["state"] == "stopped"


def test_two_servers_share_the_jobs_of_one_database(tmp_path: Path, postgres_url: str) -> None:
    """Both servers work on jobs that one of them was asked for, none is done twice, and either answers for all."""
    with (
        server_in(tmp_path / "one", database=postgres_url) as one,
        server_in(tmp_path / "two", database=postgres_url) as two,
    ):
        trips = [started(one, {"time_limit_s": 0.3}) for _ in range(20)]
        for trip in trips:
            assert ended(two, trip)["state"] == "succeeded"
            told = Counter(event["type"] for event in events(two, trip))
            assert told["started"] == told["finished"] == 1
        solved = [_solved(server) for server in (one, two)]
        assert sum(solved) == len(trips)
        assert min(solved) > 0


def _solved(server: Server) -> int:
    """Return how many trips a server says it has solved."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    counts = [line for line in lines if line.startswith("meguri_solve_seconds_count") and 'kind="trip"' in line]
    return sum(int(float(line.split()[-1])) for line in counts)
