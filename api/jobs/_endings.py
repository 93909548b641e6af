"""Write how attempts ended, and tell it to the log and to those who count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from api.jobs._attempts import Attempt
from api.jobs.model import JobState
from api.jobs.store import JobStore, RetryReason
from api.jobs.work import Crashed, DiskFull, WorkerLost

_log = structlog.get_logger(__name__)


class JobMetrics(Protocol):
    """Count what becomes of jobs."""

    def job_finished(self, kind: str, state: str, seconds: float, gap: float | None = None) -> None:
        """Note the end of a job."""

    def job_retried(self, reason: str) -> None:
        """Note that a job is begun anew: ``worker-lost``, ``server-lost``, ``shutdown``."""


class Endings:
    """
    Write the ends of attempts.

    Parameters
    ----------
    store
        The jobs.
    metrics
        Who counts.
    clock
        Seconds that only go forward.
    """

    def __init__(self, store: JobStore, metrics: JobMetrics, clock: Callable[[], float]) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock

    def write(self, attempt: Attempt) -> None:
        """
        Write what becomes of the job of an attempt that ended, or that is given up because its server shuts down.

        Raises
        ------
        sqlalchemy.exc.SQLAlchemyError
            If the database does not serve; the call may be repeated.
        """
        if attempt.is_fenced:
            return
        ending, outcome = attempt.ending(), attempt.outcome
        if ending is not None:
            counts = self._store.finish(attempt.claimed, ending, attempt.report())
            self._tell_end(attempt, ending.state if counts else None)
        elif outcome is None or (isinstance(outcome, WorkerLost) and outcome.is_killed):
            # Nobody but a server, or its executor, that shuts down kills work without a reason of ours.
            self._tell_retry(attempt, self._store.give_back(attempt.claimed, attempt.report()), "shutdown")
        else:
            self._tell_retry(attempt, self._store.lose(attempt.claimed, attempt.report()), "worker-lost")

    def take_back(self) -> None:
        """Take back the jobs of servers that gave no sign of life."""
        for job_id, state in self._store.take_back_expired():
            _log.warning("the server of a job was lost", job_id=job_id, state=state)
            if state == "queued":
                self._metrics.job_retried("server-lost")

    def _tell_retry(self, attempt: Attempt, state: JobState | None, reason: RetryReason) -> None:
        if state != "queued":
            self._tell_end(attempt, state)
            return
        self._metrics.job_retried(reason)
        _log.warning("a job is begun anew", **_facts(attempt), reason=reason)

    def _tell_end(self, attempt: Attempt, state: JobState | None) -> None:
        if state is None:
            _log.warning("another server has the job: what came here does not count", **_facts(attempt))
            return
        seconds = self._clock() - attempt.begun_at
        self._metrics.job_finished(attempt.claimed.kind, state, seconds, attempt.gap)
        tell = _log.error if isinstance(attempt.outcome, Crashed | DiskFull) else _log.info
        tell("a job ended", **_facts(attempt), state=state, seconds=round(seconds, 3))


def _facts(attempt: Attempt) -> dict[str, object]:
    claimed, outcome = attempt.claimed, attempt.outcome
    facts = {
        "job_id": claimed.job_id,
        "attempt": claimed.attempt,
        "kind": claimed.kind,
        "request_id": claimed.request_id,
    }
    # What is known of a fault is for the log alone.
    return {**facts, "fault": outcome.reason} if isinstance(outcome, Crashed | DiskFull | WorkerLost) else facts
