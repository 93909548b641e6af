"""
Hand jobs to an executor, and bring back what becomes of them.

One thread does everything that concerns the database, in small steps; the executor's threads only leave word. It sleeps
until something is to be done: a job was asked for in this process, a task said something or ended, a lease is to be
renewed, time is up. Jobs of other servers are looked for now and then.

While the database is locked or away the thread goes on: running tasks keep running, time limits are kept, results wait
in memory and are written when the database is back. Should the lease of a job be over by then and another server
have it, what is here does not count.
"""

from __future__ import annotations

import datetime as dt
import os
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

import structlog

from api.jobs._attempts import Attempt
from api.jobs._endings import Endings, JobMetrics
from api.jobs._setbacks import Setbacks
from api.jobs.executors.protocol import Executor
from api.jobs.model import JobProblem
from api.jobs.settling import Settle, Settling
from api.jobs.store import Claimed, Ending, Held, JobStore, News
from api.jobs.work import Crashed, Improvement, Message, Outcome, Progress, Task, WorkerLost
from api.service_settings import ServiceSettings
from api.storage import storage_problem
from api.texts import text

if TYPE_CHECKING:
    from api.regions.snapshots import SnapshotRef

_log = structlog.get_logger(__name__)

POLL_S = 0.3
"""How often jobs, and requests to stop, that came by other servers are looked for."""

_GRACE_S = 10.0
"""How long work may go on after it was told to stop; the executor's own word that it killed it is awaited as long."""
_LEASE_PARTS = 3
"""Leases are renewed this often before they would end: one try or two may fail."""
_TAKE_BACK_EVERY_S = 2.0
_PURGE_EVERY_S = 3_600.0
_PURGED_AT_ONCE = 200
_LAST_WRITES_S = 5.0
"""How long a closing dispatcher tries to hand back its jobs to a database that does not answer."""

_Word: TypeAlias = tuple[str, int, Message | Outcome]


class Dispatcher:
    """
    Hand jobs to an executor; see the head of this module.

    Parameters
    ----------
    store
        The jobs.
    executor
        Who works on them; started and closed by the caller.
    settings
        Of these: ``lease_s, keep_days``.
    metrics
        What is told about ends and retries.
    locate
        Gives the region of a job as files: by region and data version; None where they are no longer there.
    settle
        What is to be done here with what the work of some kinds returned; see `api.jobs.settling`.
    server
        Name of this server, unlike that of any other; by default made up.
    clock
        Seconds that only go forward.
    grace_s
        How long work may go on after it was told to stop.
    """

    def __init__(
        self,
        store: JobStore,
        executor: Executor,
        settings: ServiceSettings,
        *,
        metrics: JobMetrics,
        locate: Callable[[str, str], SnapshotRef | None],
        settle: Mapping[str, Settle] = MappingProxyType({}),
        server: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        grace_s: float = _GRACE_S,
    ) -> None:
        self._store = store
        self._executor = executor
        self._keep = dt.timedelta(days=settings.keep_days)
        self._renew_every_s = settings.lease_s / _LEASE_PARTS
        self._endings = Endings(store, metrics, clock)
        self._locate = locate
        self._settling = Settling(settle, self.ended)
        self._server = server or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._clock = clock
        self._grace_s = grace_s
        self._inbox: queue.SimpleQueue[_Word | News | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._close_at = float("inf")
        # What follows belongs to the thread.
        self._attempts: dict[tuple[str, int], Attempt] = {}
        self._unbegun: list[Claimed] = []
        self._setbacks = Setbacks("the dispatcher", clock)
        now = clock()
        self._go_on_at = self._claim_at = self._look_at = self._renew_at = self._take_back_at = now
        # Not at once: a server that starts has other things to do.
        self._purge_at = now + _PURGE_EVERY_S / 60
        store.listen(self._hear)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look for jobs now; not needed for those of this process, which are heard of."""
        self._inbox.put(None)

    def step(self, wait_s: float = 0.0) -> None:
        """
        Do what is due, as the dispatcher's thread does over and over; without that thread, for tests.

        Parameters
        ----------
        wait_s
            How long to wait for something to be heard first.
        """
        self._take_in(wait_s)
        self._keep_time()
        self._use_storage()

    def running(self) -> int:
        """Return how many jobs this server runs."""
        return len(self._attempts)

    def close(self, grace_s: float) -> None:
        """
        Take no more jobs, let those that run go on for ``grace_s`` seconds, and hand back those that remain.

        They wait again at once, and this does not count as a loss. The executor is to be closed afterwards.
        """
        self._close_at = self._clock() + grace_s
        self.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._settling.close()

    def told(self, job_id: str, attempt: int, message: Message) -> None:
        """Hear how far an attempt is, from a thread of the executor."""
        self._inbox.put((job_id, attempt, message))

    def ended(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        """Hear how an attempt ended, from a thread of the executor."""
        self._inbox.put((job_id, attempt, outcome))

    def _hear(self, news: News) -> None:
        """Hear what this process wrote about a job: a new one, or one that was asked to stop."""
        if threading.current_thread() is not self._thread and not self._is_closing():
            self._inbox.put(news)

    def _run(self) -> None:
        while not self._is_done():
            try:
                self.step(max(0.0, min(self._due()) - self._clock()))
            except Exception as error:
                # Whatever it was, other jobs are waiting; not at full speed, should it happen again and again.
                time.sleep(self._setbacks.pause_s(error))
        if left := len(self._attempts) + len(self._unbegun):
            _log.error("closed without handing back all jobs: others take them when their leases end", jobs=left)

    def _is_closing(self) -> bool:
        return self._close_at < float("inf")

    def _is_done(self) -> bool:
        if not self._is_closing():
            return False
        return not (self._attempts or self._unbegun) or self._clock() >= self._close_at + _LAST_WRITES_S

    def _due(self) -> Iterator[float]:
        """Yield when something is to be done, by the clock."""
        now = self._clock()
        yield now + POLL_S
        if self._close_at > now:
            yield self._close_at
        yield from (attempt.acts_at() for attempt in self._attempts.values())
        if self._setbacks.number:
            yield self._go_on_at
            return
        yield self._renew_at
        yield from (attempt.writes_at() for attempt in self._attempts.values())
        if any(attempt.outcome is not None for attempt in self._attempts.values()):
            yield now

    def _take_in(self, wait_s: float) -> None:
        """Take in everything that was left in the inbox; wait for the first."""
        try:
            self._take_in_one(self._inbox.get(timeout=wait_s))
            while True:
                self._take_in_one(self._inbox.get_nowait())
        except queue.Empty:
            return

    def _take_in_one(self, word: _Word | News | None) -> None:
        if word is None or (isinstance(word, News) and word.seq == 1):
            self._claim_at = self._clock()
            return
        if isinstance(word, News):
            self._look_at = self._clock()
            return
        job_id, number, news = word
        attempt = self._attempts.get((job_id, number))
        if attempt is None or attempt.outcome is not None:
            return
        if isinstance(news, Progress | Improvement):
            try:
                attempt.take_in(news)
            except Exception:
                _log.exception("a task told what makes no sense", job_id=job_id)
        elif not attempt.is_settling and self._settling.takes_over(attempt.claimed.kind, attempt.name, news):
            attempt.is_settling = True
        else:
            attempt.outcome = news
            # There is room for another.
            self._claim_at = self._clock()

    def _keep_time(self) -> None:
        """Tell attempts to stop whose time is up, kill those that do not, and wait no longer for those killed."""
        now = self._clock()
        for attempt in self._attempts.values():
            if attempt.acts_at() > now:
                continue
            if attempt.is_killed:
                _log.error("nothing was heard of a task that was killed", job_id=attempt.claimed.job_id)
                attempt.outcome = WorkerLost("killed, but nothing was heard of it", is_killed=True)
            elif attempt.stopped_for is None:
                self._stop(attempt, "time")
            else:
                self._kill(attempt)

    def _stop(self, attempt: Attempt, why: Literal["asked", "time"]) -> None:
        if attempt.ask_to_stop(self._clock(), why):
            self._tell(self._executor.stop, attempt)

    def _kill(self, attempt: Attempt) -> None:
        attempt.is_killed, attempt.kill_at = True, self._clock() + self._grace_s
        self._tell(self._executor.kill, attempt)

    @staticmethod
    def _tell(do: Callable[[str, int], None], attempt: Attempt) -> None:
        try:
            do(*attempt.name)
        except Exception:
            # It will be killed, or given up, in time.
            _log.exception("the executor does not obey", job_id=attempt.claimed.job_id)

    def _use_storage(self) -> None:
        """Do what is due; failures of the database are waited out."""
        if self._setbacks.number and self._clock() < self._go_on_at:
            return
        try:
            self._write_endings()
            self._write_reports()
            self._keep_leases()
            self._take_back()
            if self._is_closing():
                self._hand_back()
            else:
                self._take_up()
                self._purge()
            self._setbacks.over()
        except Exception as error:
            self._go_on_at = self._clock() + self._setbacks.pause_s(error)

    def _write_endings(self) -> None:
        for attempt in [*self._attempts.values()]:
            if attempt.outcome is not None:
                self._write_ending(attempt)

    def _write_ending(self, attempt: Attempt) -> None:
        try:
            self._endings.write(attempt)
        except Exception as error:
            if storage_problem(error) is not None:
                raise
            _log.exception("the end of a job cannot be written", job_id=attempt.claimed.job_id)
            if not isinstance(attempt.outcome, Crashed):
                # Tried once more, without what may be in the way.
                attempt.forget_report(self._clock())
                attempt.outcome = Crashed(f"its end cannot be written: {error}")
                return
        del self._attempts[attempt.name]

    def _write_reports(self) -> None:
        now = self._clock()
        for attempt in self._attempts.values():
            if attempt.writes_at() <= now:
                self._write_report(attempt)

    def _write_report(self, attempt: Attempt) -> None:
        try:
            counts = self._store.report(attempt.claimed, attempt.report())
        except Exception as error:
            if storage_problem(error) is not None:
                raise
            _log.exception("the progress of a job cannot be written", job_id=attempt.claimed.job_id)
            counts = True
        attempt.forget_report(self._clock())
        if not counts:
            self._fence(attempt)

    def _fence(self, attempt: Attempt) -> None:
        """Give up an attempt whose job is no longer this server's."""
        if not attempt.is_fenced:
            _log.warning("another server has the job: its work here is ended", job_id=attempt.claimed.job_id)
            attempt.is_fenced = True
            self._kill(attempt)

    def _keep_leases(self) -> None:
        now = self._clock()
        claims = self._claims()
        if now >= self._renew_at:
            self._renew_at = now + self._renew_every_s
            self._look_at_held(self._store.renew(self._server, {claimed.job_id for claimed in claims}))
        elif now >= self._look_at and claims:
            self._look_at_held(self._store.held(self._server))

    def _claims(self) -> list[Claimed]:
        """Return everything that this server holds, begun or not."""
        return [*(attempt.claimed for attempt in self._attempts.values()), *self._unbegun]

    def _look_at_held(self, held: list[Held]) -> None:
        """Stop attempts that somebody asked to stop, and give up those that are no longer this server's."""
        self._look_at = self._clock() + POLL_S
        stop_requested = {(item.job_id, item.attempt): item.stop_requested for item in held}
        self._unbegun = [claimed for claimed in self._unbegun if (claimed.job_id, claimed.attempt) in stop_requested]
        for attempt in self._attempts.values():
            if attempt.is_over:
                continue
            if attempt.name not in stop_requested:
                self._fence(attempt)
            elif stop_requested[attempt.name]:
                self._stop(attempt, "asked")

    def _take_back(self) -> None:
        # After leases were renewed: those of this server may have been over while the database was away.
        if self._clock() >= self._take_back_at:
            self._take_back_at = self._clock() + _TAKE_BACK_EVERY_S
            self._endings.take_back()

    def _take_up(self) -> None:
        """Claim as many jobs as the executor has room for, and begin them."""
        if self._clock() >= self._claim_at:
            settling = sum(attempt.is_settling for attempt in self._attempts.values())
            free = self._executor.room() - len(self._unbegun) - settling
            self._unbegun += self._store.claim(self._server, free)
            self._claim_at = self._clock() + POLL_S
        if self._unbegun:
            with self._leases_kept():
                self._begin_all()

    @contextmanager
    def _leases_kept(self) -> Iterator[None]:
        """Renew leases from another thread, while this one may be busy with the files of a large region."""
        job_ids = {claimed.job_id for claimed in self._claims()}
        is_over = threading.Event()

        def renew() -> None:
            while not is_over.wait(self._renew_every_s):
                try:
                    self._store.renew(self._server, job_ids)
                except Exception as error:
                    _log.warning("leases are not renewed", reason=str(error))

        keeper = threading.Thread(target=renew, name="leases", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            is_over.set()
            keeper.join()

    def _begin_all(self) -> None:
        while self._unbegun:
            self._begin(self._unbegun[0])
            del self._unbegun[0]

    def _begin(self, claimed: Claimed) -> None:
        attempt = Attempt(claimed, self._clock(), self._grace_s)
        snapshot = self._snapshot_for(attempt)
        # Its time begins now: files of a large region take a while.
        attempt.begun_at = self._clock()
        # Known before it is submitted: it may end on the spot.
        self._attempts[attempt.name] = attempt
        if attempt.outcome is not None:
            return
        task = Task(*attempt.name, claimed.kind, claimed.payload, snapshot, claimed.time_limit_s)
        try:
            self._executor.submit(task, self)
        except Exception as error:
            _log.exception("the executor did not take a task", job_id=claimed.job_id)
            attempt.outcome = WorkerLost(f"the executor did not take it: {error}")

    def _snapshot_for(self, attempt: Attempt) -> SnapshotRef | None:
        """Return the region of a job as files; where there are none, the attempt has ended."""
        region, data_version = attempt.claimed.region, attempt.claimed.data_version
        if region is None or data_version is None:
            return None
        try:
            snapshot = self._locate(region, data_version)
        except OSError as error:
            detail = text("job.no_storage", region=region)
            _end_unbegun(attempt, JobProblem(503, "storage-unavailable", detail), f"no files of the region: {error}")
            return None
        except Exception as error:
            if storage_problem(error) is not None:
                raise
            _log.exception("the region of a job cannot be prepared", job_id=attempt.claimed.job_id)
            attempt.outcome = Crashed(f"no files of the region: {error}")
            return None
        if snapshot is None:
            detail = text("job.region_gone", region=region)
            _end_unbegun(attempt, JobProblem(404, "not-found", detail), "its region is no longer there")
        return snapshot

    def _purge(self) -> None:
        if self._clock() < self._purge_at:
            return
        removed = self._store.purge(self._keep, _PURGED_AT_ONCE)
        # A little at a time, with time for other things in between.
        is_all = removed < _PURGED_AT_ONCE
        self._purge_at = self._clock() + (_PURGE_EVERY_S if is_all else POLL_S)

    def _hand_back(self) -> None:
        """Let jobs wait again that were not begun; when the time to close is up, those that still run, too."""
        while self._unbegun:
            self._store.give_back(self._unbegun[0])
            del self._unbegun[0]
        if self._clock() < self._close_at:
            return
        for attempt in [*self._attempts.values()]:
            self._write_ending(attempt)
            self._tell(self._executor.kill, attempt)


def _end_unbegun(attempt: Attempt, problem: JobProblem, reason: str) -> None:
    attempt.outcome, attempt.given_ending = Crashed(reason), Ending("failed", problem=problem)
