"""Jobs in the database: asked for, looked up, listed, stopped, and in the end removed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from api.jobs._claims import Claimed, Claims, Ending, Held, Report, RetryReason
from api.jobs._records import SHOWN_JOBS, SHOWN_JOBS_AND_RESULTS, AnyRow, Happening, News, Pen, stored_job
from api.jobs.model import (
    IdempotencyConflictError,
    JobEvent,
    JobProgress,
    JobState,
    QueueFullError,
    StoredJob,
    is_job_id,
    new_job_id,
)
from api.service_settings import ServiceSettings
from api.storage import reading, writing
from api.storage.tables import idempotency, job_events, jobs

__all__ = ["Claimed", "Ending", "Happening", "Held", "JobStore", "News", "Report", "RetryReason"]

KEYS_KEPT = dt.timedelta(hours=24)
"""How long an idempotency key means the same job."""

_LOCK = 0x6A6F6273
"""Number of PostgreSQL's advisory lock for a queue that is nearly full: "jobs"."""
_NEARLY = 100
"""How close to its limit the queue is counted under a lock: more requests than this are never under way at once."""
_THROUGHPUT_OVER_S = 60
_LONGEST_RETRY_S = 60


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class JobStore(Claims):
    """
    Keep jobs in the database. All calls may come from any thread; each is one transaction.

    Calls raise `sqlalchemy.exc.OperationalError`, or another error that `api.storage.storage_problem` knows, where
    the database is locked, away or full; they have then done nothing.

    Parameters
    ----------
    engine
        Database, with its tables up to date.
    settings
        Of these: ``queue_limit, lease_s, attempts``.
    now
        Clock; the clocks of servers that share a database must agree within a fraction of ``lease_s``.
    """

    def __init__(self, engine: Engine, settings: ServiceSettings, now: Callable[[], dt.datetime] = _utc_now) -> None:
        super().__init__(engine, settings, now)
        self._queue_limit = settings.queue_limit

    def enqueue(
        self,
        kind: str,
        payload: bytes,
        *,
        owner: str,
        region: str | None,
        data_version: str | None,
        time_limit_s: float,
        request_id: str,
        idempotency: tuple[str, str] | None = None,
    ) -> tuple[StoredJob, bool]:
        """
        Ask for a job.

        Parameters
        ----------
        kind, payload
            What is to be done: one of `api.jobs.kinds.KINDS`, and what its function reads.
        owner
            Who asks; others do not see the job.
        region, data_version
            The region as it is now, where the job needs one.
        time_limit_s
            Longest run of one attempt.
        request_id
            Of the request that asks.
        idempotency
            Key of the caller, and digest of the whole request. The same key of the same owner means the same job.

        Returns
        -------
        job
            The new job, or that of an earlier request with the same key.
        replayed
            Whether it is that of an earlier request.

        Raises
        ------
        QueueFullError
            If too many jobs wait. The limit holds for all servers of a database together; on PostgreSQL it may be
            passed by a few where more than a hundred requests are under way at the same moment.
        IdempotencyConflictError
            If an earlier request with the same key had another digest.
        """
        now = self._now()
        row = {
            "id": new_job_id(now),
            "kind": kind,
            "state": "queued",
            "region": region,
            "data_version": data_version,
            "owner": owner,
            "progress": JobProgress().model_dump(),
            "result_is_final": False,
            "attempts": 0,
            "losses": 0,
            "last_seq": 1,
            "stop_requested": False,
            "time_limit_s": time_limit_s,
            "request_id": request_id,
            "created_at": now,
            "payload": payload,
        }
        while True:
            try:
                return self._enqueue(row, idempotency)
            except _OvertakenError:
                # Another request with the same key was committed in between: it is found now.
                continue

    def get(self, job_id: str, owner: str | None = None) -> StoredJob | None:
        """Return a job; None where there is none, or it is not ``owner``'s (None: anybody's)."""
        if not is_job_id(job_id):
            return None
        with reading(self._engine) as connection:
            row = connection.execute(SHOWN_JOBS.where(*_is_job(job_id, owner))).one_or_none()
        return None if row is None else stored_job(row)

    def answer(self, job_id: str, owner: str | None = None) -> tuple[StoredJob, bytes | None] | None:
        """Return a job with its answer, the best so far or the last, as of the same moment; None as in `get`."""
        if not is_job_id(job_id):
            return None
        with reading(self._engine) as connection:
            row = connection.execute(SHOWN_JOBS_AND_RESULTS.where(*_is_job(job_id, owner))).one_or_none()
        if row is None:
            return None
        return stored_job(row), row.result

    def result(self, job_id: str) -> bytes | None:
        """Return the answer of a job, the best so far or the last; None while there is none, or no such job."""
        return self._bytes(jobs.c.result, job_id)

    def payload(self, job_id: str) -> bytes:
        """
        Return what the function of a job reads.

        Raises
        ------
        KeyError
            If there is no such job.
        """
        payload = self._bytes(jobs.c.payload, job_id)
        if payload is None:
            raise KeyError(job_id)
        return payload

    def list(
        self,
        owner: str | None = None,
        *,
        kinds: Collection[str] = (),
        states: Collection[JobState] = (),
        region: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[StoredJob]:
        """
        Return jobs, newest first.

        Parameters
        ----------
        owner
            Whose; None for all.
        kinds, states
            Only these; empty for all.
        region
            Only those on this region.
        after
            Id of the last job of the page before.
        limit
            Most to return.
        """
        wanted = SHOWN_JOBS.order_by(jobs.c.id.desc()).limit(limit)
        if owner is not None:
            wanted = wanted.where(jobs.c.owner == owner)
        if kinds:
            wanted = wanted.where(jobs.c.kind.in_(sorted(kinds)))
        if states:
            wanted = wanted.where(jobs.c.state.in_(sorted(states)))
        if region is not None:
            wanted = wanted.where(jobs.c.region == region)
        if after is not None:
            wanted = wanted.where(jobs.c.id < after)
        with reading(self._engine) as connection:
            return [stored_job(row) for row in connection.execute(wanted)]

    def events(self, job_id: str, after: int = 0, limit: int = 100) -> Sequence[JobEvent]:
        """Return what happened to a job after event ``after``, in order."""
        if not is_job_id(job_id):
            return []
        wanted = (
            sa.select(job_events.c.seq, job_events.c.type, job_events.c.at, job_events.c.data)
            .where(job_events.c.job_id == job_id, job_events.c.seq > after)
            .order_by(job_events.c.seq)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [JobEvent(**row._mapping) for row in connection.execute(wanted)]

    def news(self, job_ids: Collection[str]) -> Sequence[News]:
        """Return the latest of each of some jobs; those that do not exist are left out."""
        wanted = sa.select(jobs.c.id, jobs.c.last_seq, jobs.c.finished_at.is_not(None)).where(
            jobs.c.id.in_(sorted(filter(is_job_id, job_ids)))
        )
        with reading(self._engine) as connection:
            return [News(job_id, seq, bool(has_ended)) for job_id, seq, has_ended in connection.execute(wanted)]

    def counts(self) -> dict[JobState, int]:
        """Return how many jobs wait and run, over all servers."""
        counted = (
            sa.select(jobs.c.state, sa.func.count().label("number"))
            .where(jobs.c.state.in_(["queued", "running"]))
            .group_by(jobs.c.state)
        )
        with reading(self._engine) as connection:
            return {"queued": 0, "running": 0, **{row.state: row.number for row in connection.execute(counted)}}

    def request_stop(self, job_id: str, owner: str | None = None) -> StoredJob | None:
        """
        Ask a job to stop: one that waits ends at once, one that runs is told by its server, one that ended stays.

        Returns
        -------
        job
            As it is now; None as in `get`.
        """
        if not is_job_id(job_id):
            return None
        with self._pen() as pen:
            # Locked: otherwise the job could go from waiting to running, or back, between looking and writing.
            row = pen.connection.execute(SHOWN_JOBS.where(*_is_job(job_id, owner)).with_for_update()).one_or_none()
            if row is None:
                return None
            if row.state == "queued":
                self._stop_waiting(pen, row)
            elif row.state == "running" and not row.stop_requested:
                pen.connection.execute(jobs.update().where(jobs.c.id == job_id).values(stop_requested=True))
                # No event, but the server that runs it may be this one.
                pen.news.append(News(job_id, row.last_seq, has_ended=False))
            return stored_job(pen.connection.execute(SHOWN_JOBS.where(jobs.c.id == job_id)).one())

    def purge(self, older_than: dt.timedelta, most: int = 200) -> int:
        """
        Remove jobs that ended longer ago than ``older_than``, with all that belongs to them, and forgotten keys.

        Parameters
        ----------
        most
            How many jobs to remove at once: callers are not kept waiting for a long transaction.

        Returns
        -------
        removed
            Number of jobs.
        """
        now = self._now()
        ended = sa.select(jobs.c.id).where(jobs.c.finished_at < now - older_than).limit(most)
        with writing(self._engine) as connection:
            connection.execute(idempotency.delete().where(idempotency.c.created_at <= now - KEYS_KEPT))
            removed = connection.execute(jobs.delete().where(jobs.c.id.in_(ended)).returning(jobs.c.id))
            return len(removed.all())

    def _enqueue(self, row: dict[str, Any], key: tuple[str, str] | None) -> tuple[StoredJob, bool]:
        with self._pen() as pen:
            if key is not None and (earlier := self._replayed(pen, row["owner"], key)):
                return earlier, True
            self._check_room(pen)
            pen.connection.execute(jobs.insert(), row)
            if key is not None:
                self._keep_key(pen, row, key)
            pen.note(row["id"], row["last_seq"], "queued", [Happening("queued")])
            return _fresh(row), False

    def _replayed(self, pen: Pen, owner: str, key: tuple[str, str]) -> StoredJob | None:
        """Return the job of an earlier request with the same key, unless that is too long ago."""
        name, digest = key
        is_key = sa.and_(idempotency.c.owner == owner, idempotency.c.key == name)
        known = pen.connection.execute(sa.select(idempotency).where(is_key)).one_or_none()
        if known is None:
            return None
        if known.created_at <= pen.now - KEYS_KEPT:
            pen.connection.execute(idempotency.delete().where(is_key))
            return None
        if known.request_digest != digest:
            raise IdempotencyConflictError(name)
        return stored_job(pen.connection.execute(SHOWN_JOBS.where(jobs.c.id == known.job_id)).one())

    def _keep_key(self, pen: Pen, row: dict[str, Any], key: tuple[str, str]) -> None:
        name, digest = key
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        values = {"owner": row["owner"], "key": name, "request_digest": digest, "job_id": row["id"]}
        kept = insert(idempotency).values(**values, created_at=pen.now).on_conflict_do_nothing()
        if pen.connection.scalar(kept.returning(idempotency.c.key)) is None:
            raise _OvertakenError

    def _check_room(self, pen: Pen) -> None:
        waiting = self._count_waiting(pen.connection)
        if waiting >= self._queue_limit - _NEARLY and self._engine.dialect.name == "postgresql":
            # Others may be about to add a job, too: near the limit only one does at a time. SQLite has one writer.
            pen.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            waiting = self._count_waiting(pen.connection)
        if waiting >= self._queue_limit:
            raise QueueFullError(self._retry_after_s(pen))

    def _count_waiting(self, connection: Connection) -> int:
        waiting = sa.select(jobs.c.id).where(jobs.c.state == "queued").limit(self._queue_limit).subquery()
        return connection.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0

    def _retry_after_s(self, pen: Pen) -> int:
        """Return when a tenth of the queue will have been worked off, if jobs go on ending as fast as lately."""
        since = pen.now - dt.timedelta(seconds=_THROUGHPUT_OVER_S)
        lately = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.finished_at > since)
        per_second = (pen.connection.scalar(lately) or 0) / _THROUGHPUT_OVER_S
        if not per_second:
            return _LONGEST_RETRY_S
        return min(_LONGEST_RETRY_S, max(1, math.ceil(self._queue_limit / 10 / per_second)))

    @staticmethod
    def _stop_waiting(pen: Pen, row: AnyRow) -> None:
        values = {"state": "stopped", "stop_requested": True, "result_is_final": True, "finished_at": pen.now}
        pen.connection.execute(jobs.update().where(jobs.c.id == row.id).values(last_seq=row.last_seq + 1, **values))
        pen.note(row.id, row.last_seq + 1, "stopped", [Happening("finished", {"state": "stopped"})])

    def _bytes(self, column: sa.ColumnElement[bytes], job_id: str) -> bytes | None:
        if not is_job_id(job_id):
            return None
        with reading(self._engine) as connection:
            return connection.scalar(sa.select(column).where(jobs.c.id == job_id))


class _OvertakenError(Exception):
    """Another request with the same idempotency key was first."""


def _is_job(job_id: str, owner: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    is_it = jobs.c.id == job_id
    return (is_it,) if owner is None else (is_it, jobs.c.owner == owner)


def _fresh(row: dict[str, Any]) -> StoredJob:
    """Return a job that has just been written, without reading it again."""
    plain = {name: value for name, value in row.items() if name not in ("payload", "losses")}
    absent = {"problem": None, "started_at": None, "finished_at": None, "has_result": False}
    return StoredJob(**{**plain, **absent, "progress": JobProgress()})
