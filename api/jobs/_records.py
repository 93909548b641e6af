"""How jobs are written and read: one transaction with its events, and news of them once it is committed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine

from api.jobs.model import ENDED, EventType, JobProblem, JobProgress, JobState, StoredJob
from api.storage import writing
from api.storage.tables import job_events, jobs

_log = structlog.get_logger(__name__)

AnyRow: TypeAlias = "sa.Row[*tuple[Any, ...]]"

_SHOWN = (
    *(column for column in jobs.c if column.name not in ("payload", "result", "losses", "lease_owner", "lease_until")),
    jobs.c.result.is_not(None).label("has_result"),
)
# Made once: naming the columns anew takes longer than reading them.
SHOWN_JOBS = sa.select(*_SHOWN)
SHOWN_JOBS_AND_RESULTS = sa.select(*_SHOWN, jobs.c.result)


@dataclass(frozen=True, slots=True)
class News:
    """Tell that something happened to a job: the number of its latest event, and whether it has ended."""

    job_id: str
    seq: int
    has_ended: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """Hold what becomes an event of a job."""

    type: EventType
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Pen:
    """Write to jobs in one transaction; events are written at its end, news told after it."""

    connection: Connection
    now: dt.datetime
    events: list[dict[str, Any]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)

    def note(self, job_id: str, last_seq: int, state: JobState, happenings: Sequence[Happening]) -> None:
        """Add events to a job; ``last_seq`` is the number of the last of them, as its row says already."""
        first = last_seq - len(happenings) + 1
        self.events += [
            {"job_id": job_id, "seq": seq, "type": event.type, "data": finite(event.data), "at": self.now}
            for seq, event in enumerate(happenings, first)
        ]
        self.news.append(News(job_id, last_seq, state in ENDED))


class Records:
    """
    Write jobs and their events, and tell who listens in this process.

    Parameters
    ----------
    engine
        Database, with its tables up to date.
    now
        Clock; times of all servers of one database must agree within a fraction of a lease.
    """

    def __init__(self, engine: Engine, now: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._now = now
        self._listeners: tuple[Callable[[News], None], ...] = ()

    def listen(self, listener: Callable[[News], None]) -> None:
        """Call ``listener`` for what this process writes about any job, after it is committed, from any thread."""
        self._listeners += (listener,)

    @contextmanager
    def _pen(self) -> Iterator[Pen]:
        with writing(self._engine) as connection:
            pen = Pen(connection, self._now())
            yield pen
            if pen.events:
                connection.execute(job_events.insert(), pen.events)
        for news in pen.news:
            self._tell(news)

    def _tell(self, news: News) -> None:
        for listener in self._listeners:
            try:
                listener(news)
            except Exception:
                # What is committed stays done, whatever becomes of those who wait for it.
                _log.exception("a listener failed", job_id=news.job_id)


def stored_job(row: AnyRow) -> StoredJob:
    """Return a row of `SHOWN_JOBS` or `SHOWN_JOBS_AND_RESULTS` as a job."""
    plain = {field.name: row._mapping[field.name] for field in fields(StoredJob)}
    plain["progress"] = JobProgress.model_validate(plain["progress"])
    plain["problem"] = JobProblem.from_plain(plain["problem"]) if plain["problem"] else None
    plain["has_result"] = bool(plain["has_result"])
    return StoredJob(**plain)


def finite(value: Any) -> Any:
    """Return JSON without infinity and NaN: it has no words for them, and PostgreSQL refuses them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return value
