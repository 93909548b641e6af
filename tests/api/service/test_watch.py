"""Those who wait for a job are woken by what this server does, and find what others did."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.jobs.model import JobProgress
from api.jobs.store import Claimed, Ending, Happening, JobStore, Report
from api.jobs.watch import JobWatch
from api.service_settings import ServiceSettings
from api.storage import open_database
from api.storage.tables import METADATA

LONG_S = 60.0
NEVER_S = 3_600.0
"""Between looks at the database: what is found sooner was heard of."""


@pytest.fixture
def make(database_url: str, tmp_path: Path) -> Iterator[Callable[[], JobStore]]:
    """Return a maker of stores on one database, each as a server of its own."""
    engine = open_database(database_url)
    METADATA.create_all(engine)
    yield lambda: JobStore(engine, ServiceSettings(home=tmp_path))
    engine.dispose()


@pytest.fixture
def store(make: Callable[[], JobStore]) -> JobStore:
    return make()


def ask(store: JobStore) -> str:
    job, _ = store.enqueue("trip", b"{}", owner="me", region=None, data_version=None, time_limit_s=60, request_id="r")
    return job.id


def claim(store: JobStore) -> Claimed:
    (claimed,) = store.claim("a", 1)
    return claimed


@pytest.fixture
def watch_over(make: Callable[[], JobStore]) -> Iterator[Callable[..., JobWatch]]:
    """Return a maker of watches that are closed before the database is."""
    watches = []

    def watch_over(store: JobStore, poll_s: float = NEVER_S) -> JobWatch:
        watches.append(JobWatch(store, poll_s))
        return watches[-1]

    yield watch_over
    for watch in watches:
        watch.close()


async def once_waiting(watch: JobWatch, waits: Awaitable[bool], act: Callable[[], Any]) -> bool:
    """Begin to wait, then act in another thread; return what the wait said."""
    waiting = asyncio.ensure_future(waits)
    while not watch._waiters:
        await asyncio.sleep(0)
    await asyncio.to_thread(act)
    return await waiting


def test_a_change_of_this_process_wakes_at_once(store: JobStore, watch_over: Callable[..., JobWatch]) -> None:
    """Nobody looks at the database here."""
    watch = watch_over(store)
    job_id = ask(store)
    assert asyncio.run(once_waiting(watch, watch.changed(job_id, 1, LONG_S), lambda: claim(store)))


def test_who_waits_for_the_end_is_woken_by_nothing_else(store: JobStore, watch_over: Callable[..., JobWatch]) -> None:
    """Not by the start of work; also where the end came before the wait."""
    watch = watch_over(store)
    job_id = ask(store)
    assert not asyncio.run(once_waiting(watch, watch.changed(job_id, 1, 0.1, only_end=True), lambda: claim(store)))
    store.request_stop(job_id)
    assert not asyncio.run(watch.changed(job_id, 1, 0.1, only_end=True))
    other = ask(store)
    end = watch.changed(other, 1, LONG_S, only_end=True)
    assert asyncio.run(once_waiting(watch, end, lambda: store.request_stop(other)))
    assert asyncio.run(watch.changed(other, 1, LONG_S, only_end=True))


def test_what_happened_before_the_wait_began_is_not_missed(
    store: JobStore, watch_over: Callable[..., JobWatch]
) -> None:
    """A job may change between a look at it and the wait for more."""
    watch = watch_over(store)
    job_id = ask(store)
    claim(store)
    assert asyncio.run(watch.changed(job_id, 1, LONG_S))


def test_a_wait_for_nothing_new_ends_in_time(store: JobStore, watch_over: Callable[..., JobWatch]) -> None:
    """Other jobs wake nobody, nor does what is known already."""
    watch = watch_over(store, poll_s=0.01)
    job_id = ask(store)
    assert not asyncio.run(once_waiting(watch, watch.changed(job_id, 1, 0.1), lambda: ask(store)))


def test_changes_by_another_server_are_found(make: Callable[[], JobStore], watch_over: Callable[..., JobWatch]) -> None:
    """In the database, by looking."""
    here, there = make(), make()
    watch = watch_over(here, poll_s=0.01)
    job_id = ask(there)
    assert asyncio.run(once_waiting(watch, watch.changed(job_id, 1, LONG_S), lambda: claim(there)))


def test_many_wait_for_one_job(store: JobStore, watch_over: Callable[..., JobWatch]) -> None:
    """All of them are woken by its end, those who know more are not by what they know."""
    watch = watch_over(store)
    job_id = ask(store)
    claimed = claim(store)
    happenings = (Happening("progress", {}), Happening("progress", {}))

    async def wait() -> list[bool]:
        waits = asyncio.gather(*(watch.changed(job_id, after, LONG_S) for after in (2, 3, 4)))
        while len(watch._waiters.get(job_id, ())) < 3:
            await asyncio.sleep(0)
        store.report(claimed, Report(JobProgress(), None, happenings))
        await asyncio.sleep(0.05)
        assert len(watch._waiters[job_id]) == 1
        store.finish(claimed, Ending("succeeded", b"1"))
        return await waits

    assert asyncio.run(wait()) == [True, True, True]


def test_nothing_is_left_of_those_who_went_away(
    make: Callable[[], JobStore], watch_over: Callable[..., JobWatch]
) -> None:
    """A client that closes its stream leaves no waiter, and nobody looks at the database for it any more."""
    watch = watch_over(make(), poll_s=0.01)

    async def leave() -> None:
        waiting = asyncio.ensure_future(watch.changed("x", 0, LONG_S))
        await asyncio.sleep(0.03)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(leave())
    assert not watch._waiters
    deadline = time.monotonic() + LONG_S
    while watch._poller is not None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_database_that_is_away_is_looked_at_again(
    make: Callable[[], JobStore], monkeypatch: pytest.MonkeyPatch, watch_over: Callable[..., JobWatch]
) -> None:
    """The change is found when it is back."""
    here, there = make(), make()
    watch = watch_over(here, poll_s=0.01)
    job_id = ask(there)
    look, tries = here.news, list[int]()

    def fail_at_first(job_ids: list[str]) -> Any:
        tries.append(1)
        if len(tries) < 4:
            raise sa.exc.OperationalError("SELECT 1", None, OSError("away"))
        return look(job_ids)

    monkeypatch.setattr(here, "news", fail_at_first)
    assert asyncio.run(once_waiting(watch, watch.changed(job_id, 1, LONG_S), lambda: claim(there)))
    assert len(tries) >= 4


def test_what_is_remembered_of_jobs_stays_bounded(
    store: JobStore, monkeypatch: pytest.MonkeyPatch, watch_over: Callable[..., JobWatch]
) -> None:
    """A server that runs for months does not grow by it."""
    monkeypatch.setattr("api.jobs.watch._REMEMBERED", 3)
    watch = watch_over(store)
    ids = [ask(store) for _ in range(5)]
    assert [*watch._latest] == ids[2:]
