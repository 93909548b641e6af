"""Faults of a cluster under a real server: it goes away and comes back, its workers die and join, the server dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from own_cluster import Cluster
from real_server import LONG, PATIENCE_S, QUICK, ended, events, job, result, running, server_in, started, when

from benchmarks.service.server import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a scheduler with one worker."""
    pytest.importorskip("distributed", reason="needs Dask: pip install 'meguri[cluster]'")
    cluster = Cluster(tmp_path)
    cluster.start_worker()
    yield cluster
    cluster.close()


def troubles(server: Server) -> str:
    """Return what a server says it lacks."""
    return " ".join(httpx.get(f"{server.url}/readyz", timeout=PATIENCE_S).json()["reasons"])


def stop(server: Server, job_id: str) -> None:
    """Ask a job to stop."""
    assert httpx.delete(f"{server.url}/v1/jobs/{job_id}", timeout=PATIENCE_S).status_code in {200, 202}


def ended_once(server: Server, *job_ids: str) -> None:
    """Hold the jobs to their events: none ended twice."""
    for job_id in job_ids:
        told = Counter(event["type"] for event in events(server, job_id))
        assert told["queued"] == told["finished"] == 1


def test_jobs_outlive_a_scheduler_that_is_killed(tmp_path: Path, cluster: Cluster) -> None:
    """It dies while one job runs and others wait: the server says so, takes more, and finishes all when it is back."""
    with server_in(tmp_path / "server", cluster=cluster.address) as server:
        half, waiting = started(server, LONG), [started(server, QUICK) for _ in range(2)]
        running(server, half)
        cluster.scheduler.kill()
        when(lambda: "no connection to the cluster" in troubles(server))
        waiting.append(started(server, QUICK))
        when(lambda: job(server, half)["state"] == "queued")
        assert job(server, half)["progress"]["objective"] is not None
        cluster.start_scheduler()
        cluster.start_worker()
        when(lambda: job(server, half)["state"] == "running")
        assert not troubles(server)
        stop(server, half)
        assert ended(server, half)["state"] == "stopped"
        assert result(server, half)["status"] == "feasible"
        assert job(server, half)["attempts"] == 2
        assert {ended(server, job_id)["state"] for job_id in waiting} == {"succeeded"}
        ended_once(server, half, *waiting)


def test_workers_that_join_take_work_and_those_that_die_lose_none(tmp_path: Path, cluster: Cluster) -> None:
    """A second worker takes what waits behind the first; when that is killed in mid-solve, its job goes there, too."""
    with server_in(tmp_path / "server", cluster=cluster.address) as server:
        first, second = started(server, LONG), started(server, LONG)
        running(server, first)
        assert job(server, second)["state"] == "queued"
        cluster.start_worker()
        running(server, second)
        assert job(server, first)["state"] == "running"
        stop(server, second)
        assert ended(server, second)["state"] == "stopped"
        assert result(server, second)["days"]
        cluster.workers[0].kill()
        when(lambda: job(server, first)["attempts"] == 2)
        stop(server, first)
        assert ended(server, first)["state"] == "stopped"
        assert result(server, first)["days"]
        assert [event["data"] for event in events(server, first) if event["type"] == "retry"] == [
            {"reason": "worker-lost"}
        ]
        ended_once(server, first, second)
        assert not troubles(server)


def test_jobs_of_a_killed_server_are_finished_on_the_cluster_by_the_next(tmp_path: Path, cluster: Cluster) -> None:
    """What it had begun there does not count; the next server begins it anew, and finishes every job once."""
    with server_in(tmp_path / "server", cluster=cluster.address) as server:
        half, waiting = started(server, LONG), started(server, QUICK)
        running(server, half)
        server.kill()
    # The place of the first one is free again when its server has not been heard of for long.
    cluster.start_worker()
    with server_in(tmp_path / "server", cluster=cluster.address) as server:
        when(lambda: job(server, half)["attempts"] == 2)
        stop(server, half)
        assert ended(server, half)["state"] == "stopped"
        assert ended(server, waiting)["state"] == "succeeded"
        ended_once(server, half, waiting)
