"""Jobs are handed out, followed, stopped in time, and brought back whatever happens to workers and database."""

from __future__ import annotations

import datetime as dt
import errno
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from api.jobs.dispatcher import Dispatcher
from api.jobs.executors import Listener
from api.jobs.model import StoredJob
from api.jobs.store import JobStore
from api.jobs.work import Crashed, DiskFull, Finished, Improvement, Outcome, Progress, Refused, Task, WorkerLost
from api.regions.snapshots import SnapshotRef
from api.service_settings import ServiceSettings
from api.storage import open_database, storage_problem
from api.storage.tables import METADATA
from regional_assets.errors import Problem
from regional_assets.text import Text

LIMIT_S = 60.0
GRACE_S = 10.0
DEADLINE_S = 60.0


class Clock:
    """One clock for database and dispatcher, that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 12, 5, 9, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)


class ByHand:
    """An executor whose tasks do what the test says."""

    def __init__(self, slots: int = 2) -> None:
        self.slots = slots
        self.tasks: dict[tuple[str, int], Task] = {}
        self.listener: Listener | None = None
        self.stopped: list[str] = []
        self.killed: list[str] = []
        self.kills = True

    def start(self) -> None: ...

    def close(self, grace_s: float) -> None: ...

    def health(self) -> str | None:
        return None

    def room(self) -> int:
        return self.slots - len(self.tasks)

    def submit(self, task: Task, listener: Listener) -> None:
        self.tasks[task.job_id, task.attempt] = task
        self.listener = listener

    def stop(self, job_id: str, attempt: int) -> None:
        assert (job_id, attempt) in self.tasks
        self.stopped.append(job_id)

    def kill(self, job_id: str, attempt: int) -> None:
        self.killed.append(job_id)
        if self.kills and (job_id, attempt) in self.tasks:
            self.end(WorkerLost("killed", is_killed=True), job_id)

    def tell(self, message: Progress | Improvement, job_id: str | None = None) -> None:
        """Let a task, the only one or a named one, say something."""
        assert self.listener is not None
        self.listener.told(*self._name(job_id), message)

    def end(self, outcome: Outcome, job_id: str | None = None) -> None:
        """Let a task end."""
        assert self.listener is not None
        name = self._name(job_id)
        del self.tasks[name]
        self.listener.ended(*name, outcome)

    def _name(self, job_id: str | None) -> tuple[str, int]:
        (name,) = [name for name in self.tasks if job_id in (None, name[0])]
        return name


class Counted:
    """Metrics that remember what they were told."""

    def __init__(self) -> None:
        self.finished: list[tuple[str, str, float, float | None]] = []
        self.retried: list[str] = []

    def job_finished(self, kind: str, state: str, seconds: float, gap: float | None = None) -> None:
        self.finished.append((kind, state, seconds, gap))

    def job_retried(self, reason: str) -> None:
        self.retried.append(reason)


class Failing(JobStore):
    """A store whose database fails when the test says so."""

    failure: Exception | None = None
    fails_once: Exception | None = None

    def _pen(self) -> Any:
        if self.fails_once is not None:
            failure, self.fails_once = self.fails_once, None
            raise failure
        if self.failure is not None:
            raise self.failure
        return super()._pen()


AWAY = sa.exc.OperationalError("SELECT 1", None, OSError("the server closed the connection"))


class Bench:
    """A server by hand: store, executor, dispatcher, and a clock."""

    def __init__(self, engine: sa.Engine, home: Path, clock: Clock, server: str, **given: Any) -> None:
        self.settings = ServiceSettings(home=home, **{"lease_s": 15.0, "attempts": 3, **given})
        self.clock = clock
        self.store = Failing(engine, self.settings, clock.now)
        self.executor = ByHand()
        self.metrics = Counted()
        self.regions: dict[tuple[str, str], SnapshotRef | Exception] = {}
        self.settle_failure: Exception | None = None
        self.dispatcher = Dispatcher(
            self.store,
            self.executor,
            self.settings,
            metrics=self.metrics,
            locate=self.locate,
            settle={"settled": self.settle},
            server=server,
            clock=clock,
            grace_s=GRACE_S,
        )

    def locate(self, region: str, data_version: str) -> SnapshotRef | None:
        found = self.regions.get((region, data_version))
        if isinstance(found, Exception):
            raise found
        return found

    def settle(self, job_id: str, result: bytes) -> bytes:
        if self.settle_failure is not None:
            raise self.settle_failure
        return b"settled " + result

    def hear(self) -> None:
        """Wait until something is heard, and do what is due."""
        self.dispatcher.step(DEADLINE_S)

    def ask(self, **given: Any) -> StoredJob:
        common: dict[str, Any] = {"region": None, "data_version": None, "time_limit_s": LIMIT_S}
        job, _ = self.store.enqueue(given.pop("kind", "trip"), b"{}", owner="me", request_id="r", **{**common, **given})
        return job

    def after(self, seconds: float) -> None:
        """Let time go by, and the dispatcher do what is due."""
        self.clock.seconds += seconds
        self.dispatcher.step()

    def begun(self, **given: Any) -> str:
        """Return the id of a job that has been begun."""
        job = self.ask(**given)
        self.after(1)
        assert job.id in {job_id for job_id, _ in self.executor.tasks}
        return job.id

    def job(self, job_id: str) -> StoredJob:
        job = self.store.get(job_id)
        assert job is not None
        return job

    def types(self, job_id: str) -> list[str]:
        return [event.type for event in self.store.events(job_id, limit=1_000)]


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Return a database with all tables."""
    engine = open_database(database_url)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def make(engine: sa.Engine, tmp_path: Path) -> Callable[..., Bench]:
    """Return a maker of servers on one database, under one clock."""
    clock = Clock()

    def make(server: str = "a", **given: Any) -> Bench:
        return Bench(engine, tmp_path, clock, server, **given)

    return make


@pytest.fixture
def bench(make: Callable[..., Bench]) -> Bench:
    return make()


# The usual way


def test_a_job_is_begun_and_its_answer_kept(bench: Bench) -> None:
    """What the executor gets is what was asked for; what it gives is what the caller finds."""
    bench.regions["echizen", "v1"] = SnapshotRef("echizen", "v1", Path("somewhere"))
    job_id = bench.begun(kind="trip", region="echizen", data_version="v1")
    assert [*bench.executor.tasks.values()] == [
        Task(job_id, 1, "trip", b"{}", bench.regions["echizen", "v1"], LIMIT_S),  # type: ignore[arg-type]
    ]
    assert bench.dispatcher.running() == 1
    bench.executor.end(Finished(b'{"days": []}'))
    bench.after(2)
    job = bench.job(job_id)
    assert (job.state, job.progress.share, job.problem) == ("succeeded", 1.0, None)
    assert bench.store.result(job_id) == b'{"days": []}'
    assert bench.types(job_id) == ["queued", "started", "finished"]
    assert bench.metrics.finished == [("trip", "succeeded", 2.0, None)]
    assert bench.dispatcher.running() == 0


def test_no_more_is_claimed_than_there_is_room_for(bench: Bench) -> None:
    """Jobs that would only wait in this server are left to others; what ends makes room at once."""
    jobs = [bench.ask() for _ in range(3)]
    bench.after(1)
    assert bench.store.counts() == {"queued": 1, "running": 2}
    bench.executor.end(Finished(b"1"), next(iter(bench.executor.tasks))[0])
    bench.dispatcher.step()
    assert bench.store.counts() == {"queued": 0, "running": 2}
    assert {bench.job(job.id).state for job in jobs} == {"succeeded", "running"}


def test_nothing_is_claimed_while_the_executor_has_no_room(bench: Bench) -> None:
    """While a cluster is away jobs wait; they begin when it is back."""
    bench.executor.slots = 0
    job = bench.ask()
    bench.after(100)
    assert bench.job(job.id).state == "queued"
    bench.executor.slots = 1
    bench.after(1)
    assert bench.job(job.id).state == "running"


# What is told on the way


def test_improvements_are_all_kept_and_progress_is_thinned_out(bench: Bench) -> None:
    """Of 100 words in a second at most four are written, all 20 improvements among them, and the last one counts."""
    job_id = bench.begun()
    for step in range(100):
        bench.executor.tell(Progress(share=step / 100, stage="searching"))
        if step % 5 == 0:
            facts = {"objective": float(step), "bound": 100.0, "gap": 1 - step / 100}
            bench.executor.tell(Improvement(str(step).encode(), facts))
        bench.after(0.01)
    bench.after(0.25)
    events = bench.store.events(job_id, limit=1_000)
    told = Counter(event.type for event in events)
    assert told["improvement"] == 20
    assert [event.data["objective"] for event in events if event.type == "improvement"] == [*range(0, 100, 5)]
    assert 4 <= told["progress"] <= 5
    assert [event.seq for event in events] == [*range(1, len(events) + 1)]
    assert bench.store.result(job_id) == b"95"
    progress = bench.job(job_id).progress
    assert (progress.share, progress.stage, progress.objective, progress.bound) == (0.99, "searching", 95, 100)


def test_a_quick_job_is_written_once(bench: Bench) -> None:
    """What it told comes with its end, in order."""
    job_id = bench.begun()
    for value in (1.0, 2.0):
        bench.executor.tell(Improvement(b"[%d]" % value, {"objective": value}))
        bench.executor.tell(Progress(0.5, None))
        bench.after(0.01)
    assert bench.types(job_id) == ["queued", "started"]
    bench.executor.end(Finished(b"[3]"))
    bench.after(0.01)
    assert bench.types(job_id) == ["queued", "started", "improvement", "improvement", "finished"]
    assert bench.job(job_id).progress.objective == 2.0
    assert bench.store.result(job_id) == b"[3]"


def test_numbers_that_are_none_do_no_harm(bench: Bench) -> None:
    """A bound of infinity is no bound yet; a share beyond the end is the end."""
    job_id = bench.begun()
    bench.executor.tell(Improvement(b"1", {"objective": 1.0, "bound": float("inf"), "gap": float("nan")}))
    bench.executor.tell(Progress(1.7, None))
    bench.after(1)
    progress = bench.job(job_id).progress
    assert (progress.share, progress.objective, progress.bound, progress.gap) == (1.0, 1.0, None, None)


# Stopping


def test_a_stop_is_passed_on_and_the_best_so_far_kept(bench: Bench) -> None:
    """The work is told once, and ends with what it has."""
    job_id = bench.begun()
    bench.store.request_stop(job_id)
    bench.dispatcher.step()
    bench.after(1)
    assert bench.executor.stopped == [job_id]
    bench.executor.end(Finished(b"best", stopped=True))
    bench.after(0)
    assert bench.job(job_id).state == "stopped"
    assert bench.store.result(job_id) == b"best"


def test_a_stop_that_another_server_took_is_passed_on(make: Callable[..., Bench]) -> None:
    """The server that holds the job finds the request in the database."""
    here, other = make("a"), make("b")
    job_id = here.begun()
    other.store.request_stop(job_id)
    other.after(0)
    here.after(0.5)
    assert here.executor.stopped == [job_id]


def test_work_that_finishes_although_asked_to_stop_has_succeeded(bench: Bench) -> None:
    """It was done before it heard of it."""
    job_id = bench.begun()
    bench.store.request_stop(job_id)
    bench.after(1)
    bench.executor.end(Finished(b"done"))
    bench.after(0)
    assert bench.job(job_id).state == "succeeded"


@pytest.mark.parametrize("best", [None, b"[1]"])
def test_work_that_does_not_stop_is_killed(bench: Bench, best: bytes | None) -> None:
    """After some grace; the job is stopped, with the best answer so far where there is one."""
    job_id = bench.begun()
    if best:
        bench.executor.tell(Improvement(best, {}))
    bench.store.request_stop(job_id)
    bench.after(1)
    bench.after(GRACE_S - 1)
    assert bench.executor.killed == []
    bench.after(1)
    bench.after(0)
    assert bench.executor.killed == [job_id]
    assert bench.job(job_id).state == "stopped"
    assert bench.store.result(job_id) == best


def test_a_worker_lost_while_stopping_is_no_loss(bench: Bench) -> None:
    """The job is not begun anew: nobody wants it any more."""
    job_id = bench.begun()
    bench.store.request_stop(job_id)
    bench.after(1)
    bench.executor.end(WorkerLost("out of memory"))
    bench.after(0)
    assert bench.job(job_id).state == "stopped"


# Time limits


def test_work_is_stopped_when_its_time_is_up(bench: Bench) -> None:
    """It ends by itself with the best it has."""
    job_id = bench.begun()
    bench.after(LIMIT_S - 1)
    assert bench.executor.stopped == []
    bench.after(1)
    assert bench.executor.stopped == [job_id]
    bench.executor.end(Finished(b"best", stopped=True))
    bench.after(0)
    job = bench.job(job_id)
    assert (job.state, job.result_is_final) == ("stopped", True)
    assert bench.store.result(job_id) == b"best"


@pytest.mark.parametrize("best", [None, b"[1]"])
def test_work_that_ignores_its_limit_is_killed(bench: Bench, best: bytes | None) -> None:
    """With an answer so far the job is stopped; without any it has failed, and says for which time it was given."""
    job_id = bench.begun()
    if best:
        bench.executor.tell(Improvement(best, {}))
    bench.after(LIMIT_S)
    bench.after(GRACE_S)
    bench.after(0)
    assert (bench.executor.stopped, bench.executor.killed) == ([job_id], [job_id])
    job = bench.job(job_id)
    assert bench.store.result(job_id) == best
    if best:
        assert (job.state, job.problem) == ("stopped", None)
    else:
        assert job.state == "failed"
        assert job.problem is not None
        assert (job.problem.code, job.problem.status) == ("time-limit", 503)
        assert "60 s" in job.problem.detail.en
    assert bench.dispatcher.running() == 0


def test_an_executor_that_is_silent_about_a_killed_task_holds_up_nothing(bench: Bench) -> None:
    """After some time the task counts as ended; what is heard later does not count."""
    bench.executor.kills = False
    job_id = bench.begun()
    for seconds in (LIMIT_S, GRACE_S, GRACE_S - 1):
        bench.after(seconds)
    assert bench.job(job_id).state == "running"
    bench.after(1)
    bench.after(0)
    assert bench.job(job_id).state == "failed"
    bench.executor.end(Finished(b"late"))
    bench.after(1)
    assert bench.store.result(job_id) is None


# Faults of input, program and workers


def test_refused_input_is_told_in_full(bench: Bench) -> None:
    """Every problem found, with status 422."""
    job_id = bench.begun()
    problems = tuple(Problem(f"days[{day}]", day, Text(ja="だめ", en="no")) for day in range(2))
    bench.executor.end(Refused(problems))
    bench.after(0)
    job = bench.job(job_id)
    assert job.state == "failed"
    assert job.problem is not None
    assert (job.problem.status, job.problem.code, job.problem.problems) == (422, "invalid-input", problems)


def test_a_fault_of_the_program_is_told_without_its_inside(bench: Bench) -> None:
    """The reason is for the log alone."""
    job_id = bench.begun()
    bench.executor.end(Crashed("ZeroDivisionError in /srv/secret.py"))
    bench.after(0)
    job = bench.job(job_id)
    assert job.state == "failed"
    assert job.problem is not None
    assert (job.problem.status, job.problem.code) == (500, "internal-error")
    assert "secret" not in str(job.problem)


def test_a_lost_worker_costs_a_retry_not_the_job(bench: Bench) -> None:
    """The second attempt succeeds."""
    job_id = bench.begun()
    bench.executor.end(WorkerLost("out of memory"))
    bench.after(0)
    assert [*bench.executor.tasks] == [(job_id, 2)]
    bench.executor.end(Finished(b"done"))
    bench.after(0)
    assert (bench.job(job_id).state, bench.job(job_id).attempts) == ("succeeded", 2)
    assert bench.types(job_id) == ["queued", "started", "retry", "started", "finished"]
    assert bench.metrics.retried == ["worker-lost"]


def test_a_job_that_loses_every_worker_fails(bench: Bench) -> None:
    """After as many attempts as the settings allow."""
    job_id = bench.begun()
    for _ in range(3):
        bench.executor.end(WorkerLost("out of memory"))
        bench.after(0)
    job = bench.job(job_id)
    assert (job.state, job.attempts) == ("failed", 3)
    assert job.problem is not None
    assert (job.problem.status, job.problem.code) == (500, "worker-lost")
    assert [state for _, state, _, _ in bench.metrics.finished] == ["failed"]


def test_an_executor_that_refuses_a_task_costs_a_retry(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when it fails instead of saying so."""

    def fail(_task: Task, _listener: Listener) -> None:
        raise RuntimeError("the pool is broken")

    job = bench.ask()
    with monkeypatch.context() as broken:
        broken.setattr(bench.executor, "submit", fail)
        bench.after(1)
    bench.after(1)
    bench.after(1)
    assert [*bench.executor.tasks] == [(job.id, 2)]


def test_a_region_that_is_gone_fails_the_job(bench: Bench) -> None:
    """It was removed while the job waited."""
    job = bench.ask(region="noto", data_version="v9")
    bench.after(1)
    bench.after(0)
    failed = bench.job(job.id)
    assert failed.problem is not None
    assert (failed.state, failed.problem.status, failed.problem.code) == ("failed", 404, "not-found")
    assert "noto" in failed.problem.detail.en


@pytest.mark.parametrize(
    ("fault", "code"),
    [(OSError(errno.ENOSPC, "no space"), "storage-unavailable"), (LookupError("?"), "internal-error")],
)
def test_a_region_that_cannot_be_prepared_fails_the_job(bench: Bench, fault: Exception, code: str) -> None:
    """A full disk is told as such; others are faults of the program. Other jobs go on."""
    bench.regions["echizen", "v1"] = fault
    job, other = bench.ask(region="echizen", data_version="v1"), bench.ask()
    bench.after(1)
    bench.after(0)
    failed = bench.job(job.id)
    assert failed.problem is not None
    assert (failed.state, failed.problem.code) == ("failed", code)
    assert bench.job(other.id).state == "running"


def test_a_full_disk_fails_the_job_and_says_so(bench: Bench) -> None:
    """The work had no room for its files: that passes, and is nobody's fault."""
    job_id = bench.begun()
    bench.executor.end(DiskFull("no space left"))
    bench.after(1)
    problem = bench.job(job_id).problem
    assert problem is not None
    assert (bench.job(job_id).state, problem.status, problem.code) == ("failed", 503, "storage-unavailable")


# What is settled here


def test_what_a_worker_returned_is_settled_before_the_job_ends(bench: Bench) -> None:
    """The answer of the job is what settling gives."""
    job_id = bench.begun(kind="settled")
    bench.executor.end(Finished(b"x"))
    bench.after(0)
    bench.hear()
    assert bench.job(job_id).state == "succeeded"
    assert bench.store.result(job_id) == b"settled x"
    assert bench.types(job_id) == ["queued", "started", "finished"]


def test_what_is_to_be_settled_waits_for_the_database_as_results_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it is away, the work counts; its place is kept, as what it returned may be large."""
    monkeypatch.setattr("api.jobs._setbacks.PAUSES_S", (0.001, 0.001))
    bench.settle_failure = AWAY
    bench.executor.slots = 1
    job_id = bench.begun(kind="settled")
    bench.executor.end(Finished(b"x"))
    bench.after(0)
    waiting = bench.ask()
    for _ in range(20):
        bench.after(LIMIT_S / 5)
    bench.store.request_stop(job_id)
    bench.after(1)
    assert bench.job(job_id).state == "running"
    assert bench.job(waiting.id).state == "queued"
    assert bench.executor.killed == bench.executor.stopped == []
    bench.settle_failure = None
    bench.hear()
    bench.after(1)
    assert (bench.job(job_id).state, bench.job(job_id).attempts) == ("succeeded", 1)
    assert bench.store.result(job_id) == b"settled x"
    assert bench.job(waiting.id).state == "running"


def test_closing_hands_back_what_is_not_settled(bench: Bench) -> None:
    """The next server does the work anew, and nothing of the answer that was not settled is shown."""
    bench.settle_failure = AWAY
    job_id = bench.begun(kind="settled")
    bench.executor.end(Finished(b"x"))
    bench.after(0)
    bench.dispatcher.close(0)
    bench.after(1)
    assert (bench.job(job_id).state, bench.store.result(job_id)) == ("queued", None)
    assert bench.metrics.retried == ["shutdown"]


# Leases


def test_leases_are_renewed_while_files_of_a_region_are_prepared(
    make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A region may be large and its disk slow: no other server takes what is about to begin."""
    bench = make(lease_s=0.03)
    renewed = threading.Semaphore(0)
    renew = bench.store.renew
    monkeypatch.setattr(bench.store, "renew", lambda *given: (renew(*given), renewed.release())[0])

    def locate(region: str, data_version: str) -> None:
        for _ in range(4):
            assert renewed.acquire(timeout=DEADLINE_S)

    monkeypatch.setattr(bench.dispatcher, "_locate", locate)
    job = bench.ask(region="echizen", data_version="v1")
    bench.after(1)
    bench.after(0)
    assert bench.job(job.id).state == "failed"


def test_leases_are_renewed_for_as_long_as_the_work_takes(make: Callable[..., Bench]) -> None:
    """Another server finds nothing to take up in 50 seconds with leases of 15."""
    here, other = make("a"), make("b")
    job_id = here.begun()
    for _ in range(25):
        here.after(2)
        other.after(0)
    assert [*here.executor.tasks] == [(job_id, 1)]
    assert not other.executor.tasks


def test_jobs_of_a_dead_server_are_taken_up(make: Callable[..., Bench]) -> None:
    """When their leases end, once."""
    dead, alive = make("a"), make("b")
    job_id = dead.begun()
    alive.after(14)
    assert not alive.executor.tasks
    alive.after(3)
    assert [*alive.executor.tasks] == [(job_id, 2)]
    assert alive.metrics.retried == ["server-lost"]
    alive.executor.end(Finished(b"alive"))
    alive.after(0)
    assert alive.store.result(job_id) == b"alive"


def test_a_server_that_was_given_up_kills_its_work_and_says_nothing(make: Callable[..., Bench]) -> None:
    """It was asleep for longer than its lease; the job is another's by now."""
    asleep, awake = make("a"), make("b")
    job_id = asleep.begun()
    awake.after(20)
    assert [*awake.executor.tasks] == [(job_id, 2)]
    asleep.executor.tell(Improvement(b"late", {}))
    asleep.after(0)
    asleep.after(0)
    assert asleep.executor.killed == [job_id]
    assert asleep.dispatcher.running() == 0
    assert awake.store.result(job_id) is None
    awake.executor.end(Finished(b"awake"))
    awake.after(0)
    assert awake.store.result(job_id) == b"awake"
    assert awake.types(job_id) == ["queued", "started", "retry", "started", "finished"]


def test_a_given_up_task_is_not_waited_for_for_ever(make: Callable[..., Bench]) -> None:
    """The executor says nothing of the task that it was told to kill."""
    asleep, awake = make("a"), make("b")
    asleep.executor.kills = False
    job_id = asleep.begun()
    awake.after(20)
    asleep.after(0)
    assert asleep.executor.killed == [job_id]
    asleep.after(GRACE_S - 1)
    assert asleep.dispatcher.running() == 1
    asleep.after(1)
    assert asleep.dispatcher.running() == 0
    assert awake.job(job_id).state == "running"


def test_a_late_end_of_a_server_that_was_given_up_does_not_count(make: Callable[..., Bench]) -> None:
    """Its work ended before it noticed."""
    asleep, awake = make("a"), make("b")
    job_id = asleep.begun()
    awake.after(20)
    asleep.executor.end(Finished(b"late"))
    asleep.after(0)
    assert awake.job(job_id).state == "running"
    assert asleep.metrics.finished == []
    assert asleep.dispatcher.running() == 0


# The database


def test_results_wait_in_memory_while_the_database_is_away(bench: Bench) -> None:
    """Everything is written when it is back, although the lease was over by then."""
    job_id = bench.begun()
    bench.store.failure = AWAY
    bench.executor.tell(Improvement(b"[1]", {"objective": 1.0}))
    bench.after(1)
    bench.executor.end(Finished(b"done"))
    for _ in range(20):
        bench.after(2)
    assert bench.dispatcher.running() == 1
    bench.store.failure = None
    assert bench.job(job_id).state == "running"
    bench.after(5)
    assert bench.store.result(job_id) == b"done"
    assert bench.types(job_id) == ["queued", "started", "improvement", "finished"]


def test_work_goes_on_after_the_database_was_away_for_longer_than_a_lease(bench: Bench) -> None:
    """Leases are renewed before those that are over are taken back: this server's are not."""
    job_id = bench.begun()
    bench.store.failure = AWAY
    for _ in range(10):
        bench.after(4)
    bench.store.failure = None
    bench.after(5)
    bench.after(5)
    assert [*bench.executor.tasks] == [(job_id, 1)]
    assert bench.job(job_id).attempts == 1


def test_time_limits_are_kept_while_the_database_is_away(bench: Bench) -> None:
    """Stopping and killing need no database."""
    job_id = bench.begun()
    bench.store.failure = AWAY
    bench.after(LIMIT_S)
    assert bench.executor.stopped == [job_id]
    bench.after(GRACE_S)
    assert bench.executor.killed == [job_id]


def test_the_database_is_left_alone_between_tries(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses grow up to five seconds: some 30 tries in two minutes, not thousands."""
    bench.begun()
    bench.store.failure = AWAY
    bench.executor.end(Finished(b"done"))
    tries = Counter[str]()
    finish = bench.store.finish

    def count(*given: Any) -> bool:
        tries["finish"] += 1
        return finish(*given)

    monkeypatch.setattr(bench.store, "finish", count)
    for _ in range(1_200):
        bench.after(0.1)
    assert 20 <= tries["finish"] <= 40


def test_a_fault_that_stays_is_shown_once_and_tried_less_and_less(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the tables are gone: one traceback, then short lines with growing pauses; another fault is shown anew."""
    fault: list[Exception] = [RuntimeError("no such table: jobs\n[SQL: SELECT ...]")]

    def fail(*_given: object) -> None:
        raise fault[0]

    monkeypatch.setattr(bench.store, "claim", fail)
    with capture_logs() as lines:
        for _ in range(600):
            bench.after(0.1)
        fault[0] = KeyError("another")
        bench.after(6)
    assert ["exc_info" in line for line in lines] == [True, *[False] * (len(lines) - 2), True]
    assert {line["reason"] for line in lines[1:-1]} == {"RuntimeError: no such table: jobs"}
    assert 15 <= len(lines) <= 25


def test_an_answer_that_cannot_be_written_fails_its_job_alone(bench: Bench) -> None:
    """Not for want of a database: the job ends as a fault of the program, others are not held up."""
    broken, other = bench.ask(), bench.ask()
    bench.after(1)
    bench.executor.end(Finished(b"done"), broken.id)
    bench.store.fails_once = ValueError("the answer does not fit")
    bench.after(0)
    bench.executor.end(Finished(b"done"), other.id)
    bench.after(0)
    assert (bench.job(broken.id).state, bench.job(other.id).state) == ("failed", "succeeded")


def test_progress_that_cannot_be_written_is_dropped(bench: Bench) -> None:
    """The answer counts for more."""
    job_id = bench.begun()
    bench.executor.tell(Progress(0.5, None))
    bench.store.fails_once = ValueError("the stage does not fit")
    bench.after(1)
    bench.executor.end(Finished(b"done"))
    bench.after(0)
    assert bench.job(job_id).state == "succeeded"


def test_what_makes_no_sense_is_dropped(bench: Bench) -> None:
    """An objective that is no number; the work goes on, and its answer counts."""
    job_id = bench.begun()
    bench.executor.tell(Improvement(b"1", {"objective": "high"}))
    bench.after(1)
    bench.executor.end(Finished(b"done"))
    bench.after(0)
    assert bench.job(job_id).state == "succeeded"


def test_an_executor_that_does_not_obey_holds_up_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can neither stop nor kill; the job ends nevertheless, and others begin."""

    def fail(*_name: object) -> None:
        raise RuntimeError("no connection")

    monkeypatch.setattr(bench.executor, "stop", fail)
    monkeypatch.setattr(bench.executor, "kill", fail)
    job_id = bench.begun()
    for seconds in (LIMIT_S, GRACE_S, GRACE_S, 0):
        bench.after(seconds)
    assert bench.job(job_id).state == "failed"
    other = bench.ask()
    bench.after(1)
    assert bench.job(other.id).state == "running"


def test_old_jobs_are_removed_now_and_then(make: Callable[..., Bench]) -> None:
    """After the days that the settings say."""
    bench = make(keep_days=1)
    job_id = bench.begun()
    bench.executor.end(Finished(b"done"))
    bench.after(0)
    bench.after(3_600)
    assert bench.store.get(job_id) is not None
    bench.after(86_400)
    assert bench.store.get(job_id) is None


# Closing, with the real thread


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


class InThreads(ByHand):
    """An executor that does its tasks in threads, as quickly as it can."""

    def __init__(self, slots: int, work: Callable[[Task, Listener], Outcome]) -> None:
        super().__init__(slots)
        self._work = work
        self._lock = threading.Lock()

    def submit(self, task: Task, listener: Listener) -> None:
        with self._lock:
            self.tasks[task.job_id, task.attempt] = task
        threading.Thread(target=self._do, args=(task, listener), daemon=True).start()

    def kill(self, job_id: str, attempt: int) -> None:
        self.killed.append(job_id)

    def _do(self, task: Task, listener: Listener) -> None:
        outcome = self._work(task, listener)
        with self._lock:
            del self.tasks[task.job_id, task.attempt]
        listener.ended(task.job_id, task.attempt, outcome)


@pytest.fixture
def serve(engine: sa.Engine, tmp_path: Path) -> Iterator[Callable[..., tuple[JobStore, Dispatcher, InThreads]]]:
    """Return a maker of servers that run."""
    started: list[Dispatcher] = []

    def serve(work: Callable[[Task, Listener], Outcome], slots: int = 2, **given: Any) -> Any:
        settings = ServiceSettings(home=tmp_path, **given)
        store, executor = JobStore(engine, settings), InThreads(slots, work)
        dispatcher = Dispatcher(store, executor, settings, metrics=Counted(), locate=lambda *_: None)
        dispatcher.start()
        started.append(dispatcher)
        return store, dispatcher, executor

    yield serve
    for dispatcher in started:
        dispatcher.close(0)


def _ask(store: JobStore) -> str:
    job, _ = store.enqueue(
        "trip", b"{}", owner="me", region=None, data_version=None, time_limit_s=LIMIT_S, request_id="r"
    )
    return job.id


def test_two_servers_share_200_jobs_and_do_none_twice(serve: Callable[..., Any]) -> None:
    """Both do some, all are done, each exactly once."""
    done: list[str] = []

    def work(task: Task, _listener: Listener) -> Outcome:
        done.append(task.job_id)
        return Finished(task.job_id.encode())

    servers = [serve(work, slots=4) for _ in range(2)]
    store = servers[0][0]
    ids = [_ask(servers[number % 2][0]) for number in range(200)]
    _wait_for(lambda: store.counts() == {"queued": 0, "running": 0})
    assert sorted(done) == sorted(ids)
    assert all(store.result(job_id) == job_id.encode() for job_id in ids)
    assert {len(store.events(job_id)) for job_id in ids} == {3}


def test_a_server_that_throws_connections_out_loses_nothing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again and again, in whatever anybody is doing: each job ends once, and every caller may ask again."""
    monkeypatch.setattr("api.jobs.dispatcher._TAKE_BACK_EVERY_S", 0.1)
    engine = open_database(postgres_url)
    METADATA.create_all(engine)
    settings = ServiceSettings(home=tmp_path, lease_s=1, attempts=10)
    store = JobStore(engine, settings)
    executor = InThreads(4, lambda task, _listener: Finished(task.job_id.encode()))
    dispatcher = Dispatcher(store, executor, settings, metrics=Counted(), locate=lambda *_: None)
    dispatcher.start()
    refusals = Counter[str]()
    for number in range(60):
        if number % 6 == 0:
            _throw_all_out(postgres_url)
        _wait_for(partial(_ask_by_key, store, str(number), refusals))
    _wait_for(lambda: _tried(store.counts) == {"queued": 0, "running": 0})
    ended = store.list()
    assert [store.result(job.id) for job in ended] == [job.id.encode() for job in ended]
    assert len(ended) == 60
    for job in ended:
        assert [event.type for event in store.events(job.id)].count("finished") == 1
    assert set(refusals) <= {"away"}
    dispatcher.close(0)
    engine.dispose()


def _throw_all_out(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _ask_by_key(store: JobStore, key: str, refusals: Counter[str]) -> bool:
    """Ask for a job; False where the database did not serve."""
    try:
        store.enqueue(
            "trip",
            b"{}",
            owner="me",
            region=None,
            data_version=None,
            time_limit_s=LIMIT_S,
            request_id="r",
            idempotency=(key, "digest"),
        )
    except sa.exc.DBAPIError as error:
        refusals[str(storage_problem(error))] += 1
        return False
    return True


def _tried(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except sa.exc.DBAPIError:
        return None


def test_a_job_of_this_process_does_not_wait_for_the_next_look(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is heard of: here nobody would look for an hour."""
    monkeypatch.setattr("api.jobs.dispatcher.POLL_S", 3_600.0)
    store, _, _ = serve(lambda task, _listener: Finished(b"done"), slots=1)
    ids = [_ask(store) for _ in range(5)]
    _wait_for(lambda: all(store.result(job_id) for job_id in ids))


def test_closing_lets_running_jobs_end_and_leaves_waiting_ones(serve: Callable[..., Any]) -> None:
    """Within the time given nothing is lost."""
    go_on = threading.Event()

    def work(_task: Task, _listener: Listener) -> Outcome:
        assert go_on.wait(DEADLINE_S)
        return Finished(b"done")

    store, dispatcher, _ = serve(work, slots=1)
    running, waiting = _ask(store), _ask(store)
    _wait_for(lambda: store.counts()["running"] == 1)
    threading.Timer(0.05, go_on.set).start()
    dispatcher.close(DEADLINE_S)
    states = {job_id: cast("StoredJob", store.get(job_id)).state for job_id in (running, waiting)}
    assert sorted(states.values()) == ["queued", "succeeded"]


def test_closing_hands_back_what_does_not_end(serve: Callable[..., Any]) -> None:
    """The job waits again at once, with its best answer so far, and no loss is counted."""
    go_on = threading.Event()

    def work(task: Task, listener: Listener) -> Outcome:
        listener.told(task.job_id, task.attempt, Improvement(b"[1]", {"objective": 1}))
        go_on.wait(DEADLINE_S)
        return Finished(b"late")

    store, dispatcher, executor = serve(work, slots=1, attempts=1)
    job_id = _ask(store)
    _wait_for(lambda: store.result(job_id) == b"[1]")
    dispatcher.close(0)
    assert executor.killed == [job_id]
    assert store.get(job_id).state == "queued"
    assert store.result(job_id) == b"[1]"
    assert [event.data for event in store.events(job_id) if event.type == "retry"] == [{"reason": "shutdown"}]
    go_on.set()
    (again,) = store.claim("another", 1)
    assert (again.job_id, again.attempt, again.has_result) == (job_id, 2, True)


def test_closing_without_a_database_ends_nevertheless(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs that cannot be handed back are left to their leases."""
    monkeypatch.setattr("api.jobs.dispatcher._LAST_WRITES_S", 0.1)
    settings = ServiceSettings(home=tmp_path)
    store, executor = Failing(engine, settings), ByHand()
    dispatcher = Dispatcher(store, executor, settings, metrics=Counted(), locate=lambda *_: None)
    dispatcher.start()
    job_id = _ask(store)
    _wait_for(lambda: executor.tasks)
    store.failure = AWAY
    dispatcher.close(0)
    assert store.get(job_id).state == "running"  # type: ignore[union-attr]


def test_a_dispatcher_that_never_began_closes(bench: Bench) -> None:
    """Closing is safe at any time."""
    bench.dispatcher.close(0)
