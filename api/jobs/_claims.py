"""
The side of the servers: who works on which job, and how it ends, exactly once.

A job belongs to the server that claimed it until its lease ends. Everything a server says of a job counts only while
the job is running under the same owner *and* the same attempt; a server that was given up, and comes back, is told so
and drops what it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from api.jobs._records import AnyRow, Happening, Pen, Records
from api.jobs.model import JobProblem, JobProgress, JobState
from api.service_settings import ServiceSettings
from api.storage import reading
from api.storage.tables import jobs
from api.texts import text

_TAKEN_BACK_AT_ONCE = 100

RetryReason = Literal["worker-lost", "server-lost", "shutdown"]
"""Why a job is begun anew; the first two count as losses."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """
    Hold what a server needs to work on a job.

    Parameters
    ----------
    job_id, attempt, server
        Name the claim; nobody else has one of the same three.
    kind, payload, region, data_version, time_limit_s, request_id
        As in the job.
    progress, has_result
        What is known from earlier attempts, and whether they left an answer.
    """

    job_id: str
    attempt: int
    server: str
    kind: str
    payload: bytes
    region: str | None
    data_version: str | None
    time_limit_s: float
    request_id: str
    progress: JobProgress
    has_result: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Tell that a server still holds a job, and whether the job was asked to stop."""

    job_id: str
    attempt: int
    stop_requested: bool


@dataclass(frozen=True, slots=True)
class Report:
    """
    Hold what is to be written about a running job.

    Parameters
    ----------
    progress
        How far it is.
    answer
        Best answer so far, where it is newer than what is stored.
    happenings
        What its events will tell.
    """

    progress: JobProgress
    answer: bytes | None = None
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """
    Hold how a job ends.

    Parameters
    ----------
    state
        ``succeeded``, ``stopped`` or ``failed``.
    result
        Its answer; None keeps the best one so far.
    problem
        Why it failed.
    """

    state: JobState
    result: bytes | None = None
    problem: JobProblem | None = None


class Claims(Records):
    """Hand jobs to servers, and take back what they say of them; see the head of this module."""

    def __init__(self, engine: Engine, settings: ServiceSettings, now: Callable[[], dt.datetime]) -> None:
        super().__init__(engine, now)
        self._attempts = settings.attempts
        self._lease = dt.timedelta(seconds=settings.lease_s)

    def claim(self, server: str, free: int) -> list[Claimed]:
        """Hand at most ``free`` waiting jobs to a server, oldest first; no other server gets them."""
        if free < 1 or not self._is_any_waiting():
            return []
        with self._pen() as pen:
            rows = pen.connection.execute(_WAITING.limit(free)).all()
            if rows:
                changes = [
                    {"_id": row.id, "_attempts": row.attempts + 1, "_last_seq": row.last_seq + 1} for row in rows
                ]
                started = _START.values(
                    lease_owner=server, lease_until=pen.now + self._lease, started_at=pen.now, state="running"
                )
                pen.connection.execute(started, changes)
            for row in rows:
                pen.note(row.id, row.last_seq + 1, "running", [Happening("started", {"attempt": row.attempts + 1})])
        return [_claimed(row, server) for row in rows]

    def held(self, server: str) -> list[Held]:
        """Return the jobs that a server holds."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(*_HELD).where(*_runs_on(server)))
            return [Held(*row) for row in rows]

    def renew(self, server: str, job_ids: Collection[str]) -> list[Held]:
        """
        Prolong the leases of jobs that a server works on; return those that it still holds.

        Jobs that it holds without knowing, because the answer to `claim` was lost, are left to end with their lease.
        """
        if not job_ids:
            return []
        with self._pen() as pen:
            prolonged = (
                jobs.update()
                .where(jobs.c.id.in_(sorted(job_ids)), *_runs_on(server))
                .values(lease_until=pen.now + self._lease)
                .returning(*_HELD)
            )
            return [Held(*row) for row in pen.connection.execute(prolonged)]

    def report(self, claimed: Claimed, report: Report) -> bool:
        """Write how far a running job is; False where the job is no longer this claim's."""
        with self._pen() as pen:
            return self._change(pen, claimed, "running", report, report.happenings, {})

    def finish(self, claimed: Claimed, ending: Ending, report: Report | None = None) -> bool:
        """
        End a job: answer, state, problem and event in one transaction.

        Parameters
        ----------
        report
            What was not written yet.

        Returns
        -------
        counts
            False where the job is no longer this claim's: nothing is written.
        """
        report = report or Report(claimed.progress)
        with self._pen() as pen:
            values = {**_ended(ending, pen.now), **({} if ending.result is None else {"result": ending.result})}
            happenings = (*report.happenings, _finished(ending))
            return self._change(pen, claimed, ending.state, report, happenings, values)

    def lose(self, claimed: Claimed, report: Report | None = None) -> JobState | None:
        """
        Take back a job whose worker is gone: it waits again, or fails after too many losses.

        Returns
        -------
        state
            What became of the job: ``queued``; ``failed``; ``stopped`` where it was asked to stop anyway. None where
            it is no longer this claim's.
        """
        return self._take_back(claimed, "worker-lost", report)

    def give_back(self, claimed: Claimed, report: Report | None = None) -> JobState | None:
        """Let a job wait again because its server shuts down, which does not count as a loss; returns as `lose`."""
        return self._take_back(claimed, "shutdown", report)

    def take_back_expired(self) -> list[tuple[str, JobState]]:
        """Take back jobs of servers that gave no sign of life; returns ids and states, which are as in `lose`."""
        is_expired = sa.and_(jobs.c.state == "running", jobs.c.lease_until < self._now())
        with reading(self._engine) as connection:
            if connection.scalar(sa.select(jobs.c.id).where(is_expired).limit(1)) is None:
                return []
        expired = (
            sa.select(*_SET_DOWN)
            .where(is_expired)
            .order_by(jobs.c.id)
            .limit(_TAKEN_BACK_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        with self._pen() as pen:
            rows = pen.connection.execute(expired).all()
            return [(row.id, self._set_down(pen, row, "server-lost")) for row in rows]

    def _is_any_waiting(self) -> bool:
        """Whether a job waits: asked first, as the answer is mostly no, and claiming takes the lock of writers."""
        with reading(self._engine) as connection:
            return connection.scalar(_ANY_WAITING) is not None

    def _take_back(self, claimed: Claimed, reason: RetryReason, report: Report | None) -> JobState | None:
        with self._pen() as pen:
            if report is not None and not self._change(pen, claimed, "running", report, report.happenings, {}):
                return None
            held = sa.select(*_SET_DOWN).where(*_is_of(claimed)).with_for_update()
            row = pen.connection.execute(held).one_or_none()
            return None if row is None else self._set_down(pen, row, reason)

    def _set_down(self, pen: Pen, row: AnyRow, reason: RetryReason) -> JobState:
        losses = row.losses + (reason != "shutdown")
        values: dict[str, Any] = {"losses": losses, "last_seq": row.last_seq + 1, "lease_owner": None}
        if row.stop_requested or losses >= self._attempts:
            problem = JobProblem(500, "worker-lost", text("job.worker_lost", attempts=losses))
            ending = Ending("stopped") if row.stop_requested else Ending("failed", problem=problem)
            happening, state = _finished(ending), ending.state
            values |= _ended(ending, pen.now)
        else:
            happening, state = Happening("retry", {"reason": reason}), "queued"
            values |= {"state": state, "lease_until": None, "progress": _begun_anew(row.progress)}
        pen.connection.execute(jobs.update().where(jobs.c.id == row.id).values(values))
        pen.note(row.id, row.last_seq + 1, state, [happening])
        return state

    @staticmethod
    def _change(
        pen: Pen,
        claimed: Claimed,
        state: JobState,
        report: Report,
        happenings: Sequence[Happening],
        values: dict[str, Any],
    ) -> bool:
        """Write a report and further values, if the claim still counts."""
        answer = {} if report.answer is None else {"result": report.answer}
        changed = pen.connection.scalar(
            jobs.update()
            .where(*_is_of(claimed))
            .values(
                {
                    "last_seq": jobs.c.last_seq + len(happenings),
                    "progress": report.progress.model_dump(),
                    **answer,
                    **values,
                }
            )
            .returning(jobs.c.last_seq)
        )
        if changed is None:
            return False
        pen.note(claimed.job_id, changed, state, happenings)
        return True


_ANY_WAITING = sa.select(jobs.c.id).where(jobs.c.state == "queued").limit(1)
_WAITING = (
    sa.select(
        *(jobs.c[name] for name in ("id", "kind", "payload", "region", "data_version", "time_limit_s", "request_id")),
        *(jobs.c.progress, jobs.c.attempts, jobs.c.last_seq, jobs.c.result.is_not(None).label("has_result")),
    )
    .where(jobs.c.state == "queued")
    .order_by(jobs.c.id)
    .with_for_update(skip_locked=True)
)
_HELD = (jobs.c.id, jobs.c.attempts, jobs.c.stop_requested)
_SET_DOWN = (jobs.c.id, jobs.c.last_seq, jobs.c.losses, jobs.c.stop_requested, jobs.c.progress)
_START = (
    jobs.update()
    .where(jobs.c.id == sa.bindparam("_id"))
    .values(attempts=sa.bindparam("_attempts"), last_seq=sa.bindparam("_last_seq"))
)


def _runs_on(server: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (jobs.c.state == "running", jobs.c.lease_owner == server)


def _is_of(claimed: Claimed) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the fence: what must hold for a claim to count."""
    return (jobs.c.id == claimed.job_id, jobs.c.attempts == claimed.attempt, *_runs_on(claimed.server))


def _claimed(row: AnyRow, server: str) -> Claimed:
    return Claimed(
        job_id=row.id,
        attempt=row.attempts + 1,
        server=server,
        kind=row.kind,
        payload=row.payload,
        region=row.region,
        data_version=row.data_version,
        time_limit_s=row.time_limit_s,
        request_id=row.request_id,
        progress=JobProgress.model_validate(row.progress),
        has_result=bool(row.has_result),
    )


def _ended(ending: Ending, now: dt.datetime) -> dict[str, Any]:
    return {
        "state": ending.state,
        "problem": ending.problem.to_plain() if ending.problem else None,
        "result_is_final": ending.state != "failed",
        "lease_owner": None,
        "lease_until": None,
        "finished_at": now,
    }


def _finished(ending: Ending) -> Happening:
    return Happening("finished", {"state": ending.state})


def _begun_anew(progress: dict[str, Any]) -> dict[str, Any]:
    """Return what is known before an attempt begins: the best answer of earlier ones is kept."""
    return {**progress, "share": None, "stage": None}
