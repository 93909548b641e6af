"""Whatever order servers act in, and wherever they die: a job ends once, and its events tell how without gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import sqlalchemy as sa
from hypothesis import settings as search
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from api.jobs._records import Pen
from api.jobs.model import JobProgress
from api.jobs.store import Claimed, Ending, Happening, JobStore, Report
from api.service_settings import ServiceSettings
from api.storage import open_database
from api.storage.tables import METADATA

ATTEMPTS = 3
LEASE_S = 10.0


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.time = dt.datetime(2026, 12, 5, 9, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += dt.timedelta(seconds=seconds)


def ask(store: JobStore) -> str:
    """Ask for a job, with a key that is the same every time."""
    job, _ = store.enqueue(
        "trip",
        b"{}",
        owner="me",
        region=None,
        data_version=None,
        time_limit_s=60,
        request_id="r",
        idempotency=("key", "digest"),
    )
    return job.id


# Where a server dies


class KilledError(BaseException):
    """The end of a server."""


class Dying(JobStore):
    """A server that dies at its n-th write, just before or just after it is committed."""

    writes_left = 0
    moment: Literal["before", "after"] = "before"

    @contextmanager
    def _pen(self) -> Iterator[Pen]:
        self.writes_left -= 1
        with super()._pen() as pen:
            yield pen
            if self.writes_left == 0 and self.moment == "before":
                raise KilledError
        if self.writes_left == 0:
            raise KilledError


def live(store: JobStore) -> None:
    """Do everything that is done with a job: it loses a worker first."""
    ask(store)
    (first,) = store.claim("dying", 1)
    store.report(first, Report(JobProgress(share=0.5), b"[1]", (Happening("improvement", {"objective": 1}),)))
    store.renew("dying", {first.job_id})
    store.lose(first)
    (second,) = store.claim("dying", 1)
    store.finish(second, Ending("succeeded", b"dying"))


WRITES = 7


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Return a database with all tables."""
    engine = open_database(database_url)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_a_server_may_die_at_any_write(
    engine: sa.Engine, tmp_path: Path, write: int, moment: Literal["before", "after"]
) -> None:
    """The caller asks again with the same key, another server goes on: there is one job, and it ended once."""
    settings = ServiceSettings(home=tmp_path, lease_s=LEASE_S, attempts=ATTEMPTS)
    clock = Clock()
    dying = Dying(engine, settings, clock)
    dying.writes_left, dying.moment = write, moment
    with pytest.raises(KilledError):
        live(dying)

    other = JobStore(engine, settings, clock)
    job_id = ask(other)
    clock.advance(LEASE_S + 1)
    other.take_back_expired()
    for claimed in other.claim("other", 5):
        assert other.finish(claimed, Ending("succeeded", b"other"))

    (job,) = other.list()
    assert (job.id, job.state) == (job_id, "succeeded")
    was_finished = write == WRITES and moment == "after"
    assert other.result(job_id) == (b"dying" if was_finished else b"other")
    events = other.events(job_id)
    assert [event.seq for event in events] == list(range(1, job.last_seq + 1))
    assert [event.type for event in events].count("finished") == 1
    assert events[-1].type == "finished"


def test_all_writes_of_a_job_were_tried(engine: sa.Engine, tmp_path: Path) -> None:
    """The test above dies at each of them."""
    store = Dying(engine, ServiceSettings(home=tmp_path), Clock())
    live(store)
    assert store.writes_left == -WRITES


# In which order servers act


@dataclass
class Expected:
    """What a job must be by now."""

    state: str = "queued"
    attempts: int = 0
    losses: int = 0
    holder: tuple[str, int] | None = None
    lease_until: dt.datetime | None = None
    stop_requested: bool = False
    result: bytes | None = None

    def set_down(self, *, is_loss: bool) -> str:
        self.losses += is_loss
        self.holder = None
        if self.stop_requested:
            self.state = "stopped"
        else:
            self.state = "failed" if self.losses >= ATTEMPTS else "queued"
        return self.state


SERVERS = st.sampled_from(["a", "b"])


class Servers(RuleBasedStateMachine):
    """
    Let two servers, asleep at times, work on two jobs at a time.

    Claims are never forgotten by those who have them: everything may be said again at any later time, and must not
    count unless the claim still holds.
    """

    engine: sa.Engine
    settings: ServiceSettings
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        with self.engine.begin() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())
        self.clock = Clock()
        self.store = JobStore(self.engine, self.settings, self.clock)
        self.jobs: dict[str, Expected] = {}

    @rule()
    def ask_for_a_job(self) -> None:
        if sum(job.state in ("queued", "running") for job in self.jobs.values()) < 2:
            self.clock.advance(0.001)
            job, _ = self.store.enqueue(
                "trip", b"{}", owner="me", region=None, data_version=None, time_limit_s=60, request_id="r"
            )
            self.jobs[job.id] = Expected()

    @rule(target=claims, server=SERVERS, free=st.integers(1, 3))
    def claim(self, server: str, free: int) -> Any:
        waiting = [job_id for job_id, job in sorted(self.jobs.items()) if job.state == "queued"]
        claimed = self.store.claim(server, free)
        assert [claim.job_id for claim in claimed] == waiting[:free]
        for claim in claimed:
            job = self.jobs[claim.job_id]
            job.attempts += 1
            assert claim.attempt == job.attempts
            assert claim.has_result == (job.result is not None)
            job.state, job.holder = "running", (server, claim.attempt)
            job.lease_until = self.clock.time + dt.timedelta(seconds=LEASE_S)
        return multiple(*claimed)

    @rule(claimed=claims, answer=st.one_of(st.none(), st.binary(min_size=1, max_size=2)))
    def report(self, claimed: Claimed, answer: bytes | None) -> None:
        happenings = (Happening("progress", {}), Happening("improvement", {}))
        counts = self.store.report(claimed, Report(JobProgress(share=0.5), answer, happenings))
        assert counts == self.holds(claimed)
        if counts and answer:
            self.jobs[claimed.job_id].result = answer

    @rule(claimed=claims, state=st.sampled_from(["succeeded", "stopped", "failed"]), answer=st.binary(max_size=2))
    def finish(self, claimed: Claimed, state: Any, answer: bytes) -> None:
        counts = self.store.finish(claimed, Ending(state, answer or None))
        assert counts == self.holds(claimed)
        if counts:
            job = self.jobs[claimed.job_id]
            job.state, job.holder, job.result = state, None, answer or job.result

    @rule(claimed=claims, is_loss=st.booleans())
    def set_down(self, claimed: Claimed, is_loss: bool) -> None:
        holds = self.holds(claimed)
        state = (self.store.lose if is_loss else self.store.give_back)(claimed)
        assert state == (self.jobs[claimed.job_id].set_down(is_loss=is_loss) if holds else None)

    @rule(server=SERVERS)
    def renew(self, server: str) -> None:
        held = {job_id: job for job_id, job in self.jobs.items() if job.holder and job.holder[0] == server}
        renewed = self.store.renew(server, set(self.jobs))
        expected = {(job_id, job.attempts, job.stop_requested) for job_id, job in held.items()}
        assert {(item.job_id, item.attempt, item.stop_requested) for item in renewed} == expected
        for job in held.values():
            job.lease_until = self.clock.time + dt.timedelta(seconds=LEASE_S)

    @rule(seconds=st.sampled_from([1.0, LEASE_S / 2, LEASE_S + 1]))
    def let_time_go_by(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def take_back_expired(self) -> None:
        expired = {
            job_id: job.set_down(is_loss=True)
            for job_id, job in self.jobs.items()
            if job.holder and job.lease_until is not None and job.lease_until < self.clock.time
        }
        assert dict(self.store.take_back_expired()) == expired

    @rule(data=st.data())
    def request_stop(self, data: st.DataObject) -> None:
        if not self.jobs:
            return
        job_id = data.draw(st.sampled_from(sorted(self.jobs)))
        job = self.jobs[job_id]
        if job.state in ("queued", "running"):
            job.stop_requested = True
        if job.state == "queued":
            job.state = "stopped"
        stopped = self.store.request_stop(job_id)
        assert stopped is not None
        assert (stopped.state, stopped.stop_requested) == (job.state, job.stop_requested)

    @invariant()
    def everything_is_as_expected(self) -> None:
        for job_id, expected in getattr(self, "jobs", {}).items():
            found = self.store.answer(job_id)
            assert found is not None
            job, result = found
            assert (job.state, job.attempts, result) == (expected.state, expected.attempts, expected.result)
            events = self.store.events(job_id, limit=1_000)
            assert [event.seq for event in events] == list(range(1, job.last_seq + 1))
            ends = [event for event in events if event.type == "finished"]
            assert len(ends) == job.has_ended
            assert not ends or (events[-1] is ends[0] and ends[0].data["state"] == job.state)
            assert [event.type for event in events].count("started") == job.attempts

    def holds(self, claimed: Claimed) -> bool:
        """Whether a claim still counts."""
        return self.jobs[claimed.job_id].holder == (claimed.server, claimed.attempt)


def test_servers_in_any_order_end_each_job_once(tmp_path: Path) -> None:
    """Whatever two servers do, and say again too late, agrees with a simple model of what must come of it."""
    from hypothesis.stateful import run_state_machine_as_test

    Servers.engine = open_database(f"sqlite:///{tmp_path / 'meguri.db'}")
    Servers.settings = ServiceSettings(home=tmp_path, lease_s=LEASE_S, attempts=ATTEMPTS)
    METADATA.create_all(Servers.engine)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Servers,
        settings=search(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, database=None),
    )
    Servers.engine.dispose()
