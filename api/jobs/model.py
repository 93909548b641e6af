"""
Jobs: what is stored of them, what a caller sees of them, and how starting one can be refused.

`StoredJob` is a job as the service knows it, without its payload and answer, which may be large. `Job` and `Answer` are
the shapes of the HTTP API; `public_job` and `answer_json` make them.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, Field

from api.problems import ProblemBody, flaws_of, problem_document
from api.regions.importing import KIND as IMPORT
from regional_assets.errors import Problem
from regional_assets.text import Language, Text

JobState = Literal["queued", "running", "succeeded", "stopped", "failed"]
EventType = Literal["queued", "started", "progress", "improvement", "retry", "finished"]
ENDED: frozenset[JobState] = frozenset({"succeeded", "stopped", "failed"})

T = TypeVar("T")
_JOB_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_job_id(now: dt.datetime) -> str:
    """
    Return an id that is sorted by time, so that the queue is a range of an index, and not to be guessed.

    It is a UUID of version 7: milliseconds since 1970 in 48 bits, then 74 random bits.

    References
    ----------
    RFC 9562, section 5.7: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
    """
    milliseconds = int(now.timestamp() * 1_000)
    version, variant = 0x7, 0b10
    bits = milliseconds << 80 | version << 76 | secrets.randbits(12) << 64 | variant << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))


def is_job_id(text: str) -> bool:
    """Whether a text has the form of an id of a job; no other is ever looked up."""
    return _JOB_ID.fullmatch(text) is not None


class JobProgress(BaseModel):
    """
    Tell how far a job is.

    Parameters
    ----------
    share
        Part of the work that is done, 0 to 1.
    stage
        A word for what goes on.
    objective, bound, gap
        Value of the best answer so far, proven limit of it, and the relative distance between the two.
    """

    share: float | None = Field(default=None, ge=0, le=1)
    stage: str | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None


class JobLinks(BaseModel):
    """
    Name where a job, its result and its events are found.

    Parameters
    ----------
    self
        The job with its answer so far.
    result
        The bare answer; 409 while there is none.
    events
        What happens to it, as a stream.
    """

    self: str
    result: str
    events: str


class Job(BaseModel):
    """
    Describe a job to its caller.

    Parameters
    ----------
    id
        Ids are sorted by the time at which jobs were asked for.
    kind
        What is done.
    state
        ``queued``, ``running``, or how it ended: ``succeeded``; ``stopped`` by the caller or for its time, with the
        best answer so far; ``failed``, with its ``problem``.
    region, data_version
        What it is done on, and the version of that which was current when the job was asked for; of a region that is
        only being made there is none, and the report of the import names it.
    created_at, started_at, finished_at
        When it was asked for, when its latest attempt began, and when it ended.
    attempts
        How often it was begun: more than once where a worker or a server was lost, or a server shut down.
    progress
        How far it is.
    problem
        Why it failed.
    links
        Where it, its result and its events are found.
    """

    id: str
    kind: str
    state: JobState
    region: str | None
    data_version: str | None
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    attempts: int
    progress: JobProgress
    problem: ProblemBody | None
    links: JobLinks


class Answer(Job, Generic[T]):
    """
    Describe a job together with its answer.

    Parameters
    ----------
    result
        Best answer so far while the job runs, the answer afterwards; null while there is none.
    """

    result: T | None


class JobEvent(BaseModel):
    """
    Tell one thing that happened to a job.

    Parameters
    ----------
    seq
        1, 2, 3, ... without gaps for each job.
    type
        ``queued``, ``started``, ``progress``, ``improvement`` (a better answer was found), ``retry`` (it waits to be
        begun anew), ``finished``.
    at
        When it happened.
    data
        What is to be told about it; for improvements the facts of the answer.
    """

    seq: int
    type: EventType
    at: AwareDatetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobProblem:
    """
    Hold why a job failed, in both languages.

    Parameters
    ----------
    status
        HTTP status that says the same.
    code
        Kind of problem, as in `api.problems`.
    detail
        What happened.
    problems
        Every single thing that is wrong with the request, where that is why.
    """

    status: int
    code: str
    detail: Text
    problems: tuple[Problem, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the problem as JSON."""
        problems = [
            {"where": problem.where, "value": _plain(problem.value), "message": asdict(problem.message)}
            for problem in self.problems
        ]
        return {"status": self.status, "code": self.code, "detail": asdict(self.detail), "problems": problems}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> JobProblem:
        """Return the problem of `to_plain`."""
        problems = tuple(
            Problem(problem["where"], problem["value"], Text(**problem["message"])) for problem in plain["problems"]
        )
        return cls(plain["status"], plain["code"], Text(**plain["detail"]), problems)


@dataclass(frozen=True, slots=True)
class StoredJob:
    """
    Hold a job as it is stored, without payload and answer; fields as in `Job`, times in UTC.

    Parameters
    ----------
    owner
        Who asked for it.
    problem
        Why it failed, in both languages.
    has_result, result_is_final
        Whether there is an answer, and whether it is the last one.
    last_seq
        Number of its latest event.
    stop_requested
        Whether somebody asked it to stop.
    time_limit_s
        Longest run of one attempt.
    request_id
        Of the request that asked for it.
    """

    id: str
    kind: str
    state: JobState
    region: str | None
    data_version: str | None
    owner: str
    progress: JobProgress
    problem: JobProblem | None
    has_result: bool
    result_is_final: bool
    attempts: int
    last_seq: int
    stop_requested: bool
    time_limit_s: float
    request_id: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED


def public_job(job: StoredJob, links: JobLinks, language: Language) -> Job:
    """Return what a caller sees of a job, in the caller's language."""
    own = {name: getattr(job, name) for name in Job.model_fields if name not in ("problem", "links")}
    if job.kind == IMPORT:
        # The state that it names holds the files that were sent, not the region.
        own["data_version"] = None
    return Job(**own, problem=_public_problem(job, language), links=links)


def answer_json(job: Job, result: bytes | None) -> bytes:
    """
    Return the JSON of ``Answer[T]``: a job with its answer, which is stored as JSON and not parsed on its way out.

    Parameters
    ----------
    result
        JSON of a ``T``; None while there is no answer.
    """
    return b'%b,"result":%b}' % (job.model_dump_json().encode()[:-1], b"null" if result is None else result)


class QueueFullError(Exception):
    """
    Refuse a job because too many wait already.

    Parameters
    ----------
    retry_after_s
        When it is worth trying again, from how fast jobs were finished lately.
    """

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"too many jobs wait; try again in {retry_after_s} s")


class IdempotencyConflictError(Exception):
    """Refuse a request that uses the idempotency key of another one."""


def _public_problem(job: StoredJob, language: Language) -> ProblemBody | None:
    problem = job.problem
    if problem is None:
        return None
    flaws = flaws_of(problem.problems)
    document = problem_document(
        problem.status, problem.code, problem.detail, flaws, language=language, request_id=job.request_id
    )
    return ProblemBody.model_validate(document)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
