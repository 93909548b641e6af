"""Faults of a real server: killed servers and workers, a locked database, floods, clients that leave."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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

from api.jobs.store import JobStore
from api.service_settings import read_service_settings
from api.storage import open_database
from benchmarks.service.server import Server

pytestmark = pytest.mark.slow

QUEUE_LIMIT = 1_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of state of the server that tests share."""
    return tmp_path_factory.mktemp("faults") / "home"


@pytest.fixture(scope="module")
def shared_server(home: Path) -> Iterator[Server]:
    """Return a server that outlives the faults of the tests that share it, as it should."""
    unlimited = dict.fromkeys(("rate_limit", "expensive_rate_limit"), "100000/second")
    with server_in(home, queue_limit=QUEUE_LIMIT, streams_limit=2, **unlimited) as server:
        yield server


def test_jobs_of_a_killed_server_are_finished_once_by_the_next(tmp_path: Path) -> None:
    """A server is killed while jobs run and wait; started again, it finishes each of them exactly once."""
    with server_in(tmp_path / "home") as first:
        done = started(first, QUICK)
        assert ended(first, done)["state"] == "succeeded"
        half = started(first, LONG)
        waiting = [started(first, QUICK) for _ in range(3)]
        running(first, half)
        orphans = workers_of(first)
        assert orphans
        first.kill()
    when(lambda: not any(is_alive(pid) for pid in orphans))
    with server_in(tmp_path / "home") as second:
        # Its progress is still that of the first attempt.
        when(lambda: job(second, half)["attempts"] == 2)
        stopped(second, half)
        states = {job_id: ended(second, job_id)["state"] for job_id in (done, half, *waiting)}
        assert states == {done: "succeeded", half: "stopped", **dict.fromkeys(waiting, "succeeded")}
        for job_id in states:
            told = Counter(event["type"] for event in events(second, job_id))
            assert told["queued"] == told["finished"] == 1
        assert job(second, half)["attempts"] == 2
        assert result(second, half)["status"] == "feasible"


def test_a_killed_worker_costs_an_attempt_and_not_the_job(shared_server: Server) -> None:
    """The solving process is killed in mid-solve; the job is begun again, and answered."""
    server = shared_server
    trip = started(server, {"time_limit_s": 2})
    running(server, trip)
    workers = workers_of(server)
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert ended(server, trip)["state"] == "succeeded"
    assert job(server, trip)["attempts"] == 2
    assert "retry" in [event["type"] for event in events(server, trip)]
    assert httpx.get(f"{server.url}/readyz").status_code == httpx.codes.OK


def test_a_locked_database_delays_a_result_and_loses_nothing(shared_server: Server, home: Path) -> None:
    """Another program holds the database while a job ends: requests meanwhile are told so, the job has its result."""
    server = shared_server
    trip = started(server, {"time_limit_s": 2})
    running(server, trip)
    with ExitStack() as stack:
        other = sqlite3.connect(home / "meguri.db", isolation_level=None)
        stack.callback(other.close)
        other.execute("BEGIN EXCLUSIVE")
        stack.callback(other.execute, "ROLLBACK")
        # It is answered when the wait for the lock is over, and the search before that.
        refused = plan(server, QUICK)
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE, f"{refused.text}\n{server.log()[-4000:]}"
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) >= 1
    assert ended(server, trip)["state"] == "succeeded"
    assert [event["type"] for event in events(server, trip)].count("finished") == 1


def test_a_thousand_queued_jobs_are_kept_and_one_more_is_refused(shared_server: Server, home: Path) -> None:
    """The queue takes what it promises; what it took can be listed, stopped and finished."""
    server = shared_server
    blocking = started(server, LONG)
    running(server, blocking)
    before = _put_in_queue(home, blocking, QUEUE_LIMIT - 50)
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        body = {"days": [DAY], "compare_combinations": False, "solver": QUICK}
        taken = []
        while (response := client.post("/v1/regions/echizen/trips", json=body)).status_code == httpx.codes.ACCEPTED:
            taken.append(response.json()["id"])
        assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(response.headers["retry-after"]) >= 1
        assert len(taken) == QUEUE_LIMIT - len(before)
        listed, page = Counter[str](), "/v1/jobs?state=queued&limit=100"
        while page:
            answer = client.get(page).json()
            listed.update(each["id"] for each in answer["items"])
            page = answer["next"]
        assert listed == Counter([*before, *taken])
        kept = taken[-5:]
        for job_id in taken[:-5]:
            assert client.delete(f"/v1/jobs/{job_id}").json()["state"] == "stopped"
        _stop(home, before)
        stopped(server, blocking)
        assert {ended(server, job_id)["state"] for job_id in kept} == {"succeeded"}


def test_stopping_works_at_every_stage(shared_server: Server) -> None:
    """A job is stopped while it waits, while it runs, twice, and after its end: each has a clear state."""
    server = shared_server
    first, second = started(server, LONG), started(server, LONG)
    running(server, first)
    assert httpx.delete(f"{server.url}/v1/trips/{second}").json()["state"] == "stopped"
    assert result(server, second) is None
    for _ in range(2):
        stopped(server, first)
    assert ended(server, first)["state"] == "stopped"
    assert result(server, first)["status"] == "feasible"
    third = started(server, QUICK)
    assert ended(server, third)["state"] == "succeeded"
    assert httpx.delete(f"{server.url}/v1/trips/{third}").json()["state"] == "succeeded"
    assert [event["type"] for event in events(server, first)].count("finished") == 1


def test_clients_that_leave_a_stream_take_nothing_with_them(shared_server: Server) -> None:
    """Streams are left again and again: their places are free again, and the job goes on."""
    server = shared_server
    trip = started(server, LONG)
    running(server, trip)
    for _ in range(6):
        with httpx.stream("GET", f"{server.url}/v1/trips/{trip}/events", timeout=PATIENCE_S) as stream:
            assert stream.status_code == httpx.codes.OK
            assert next(stream.iter_lines())
    stopped(server, trip)
    assert ended(server, trip)["state"] == "stopped"


def test_two_servers_share_the_jobs_of_one_database(tmp_path: Path, postgres_url: str) -> None:
    """Both servers work on jobs that one of them was asked for, none is done twice, and either answers for all."""
    with (
        server_in(tmp_path / "one", database=postgres_url) as one,
        server_in(tmp_path / "two", database=postgres_url) as two,
    ):
        trips = [started(one, {"time_limit_s": 0.2}) for _ in range(10)]
        for trip in trips:
            assert ended(two, trip)["state"] == "succeeded"
            told = Counter(event["type"] for event in events(two, trip))
            assert told["started"] == told["finished"] == 1
        solved = [_solved(server) for server in (one, two)]
        assert sum(solved) == len(trips)
        assert min(solved) > 0


def stopped(server: Server, job_id: str) -> None:
    """Ask a job to stop."""
    assert httpx.delete(f"{server.url}/v1/jobs/{job_id}").status_code in {200, 202}


@contextmanager
def _store(home: Path) -> Iterator[JobStore]:
    """Open the jobs of a server from outside, as another server on its database does."""
    engine = open_database(f"sqlite:///{home / 'meguri.db'}")
    yield JobStore(engine, read_service_settings(home=home, queue_limit=QUEUE_LIMIT))
    engine.dispose()


def _put_in_queue(home: Path, like: str, number: int) -> list[str]:
    """Add jobs that are like another one, and return their ids: over HTTP it takes many times as long."""
    with _store(home) as store:
        found = store.get(like)
        assert found is not None
        facts = {"owner": "local", "region": found.region, "data_version": found.data_version}
        whole = {**facts, "time_limit_s": 60.0, "request_id": "many", "idempotency": None}
        return [store.enqueue(found.kind, store.payload(like), **whole)[0].id for _ in range(number)]


def _stop(home: Path, job_ids: list[str]) -> None:
    with _store(home) as store:
        for job_id in job_ids:
            stopped_one = store.request_stop(job_id)
            assert stopped_one is not None
            assert stopped_one.state == "stopped"


def _solved(server: Server) -> int:
    """Return how many trips a server says it has solved."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    counts = [line for line in lines if line.startswith("meguri_solve_seconds_count") and 'kind="trip"' in line]
    return sum(int(float(line.split()[-1])) for line in counts)
