"""
Jobs over HTTP: start one, wait for it, answer with it.

::

    @router.post("/v1/regions/{region_id}/trips", status_code=202, **job_answers(Answer[Itinerary], 404))
    async def plan(request: Request, caller: Annotated[Caller, require("plan")],
                   body: Annotated[TripRequest, StrictJson], hints: Hints) -> Response:
        ...
        return await start_job(request, caller, hints, Start("trip", payload, region, data_version, time_limit_s))
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Header, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller
from api.http.depends import service_of
from api.http.languages import language_of_request
from api.http.paging import absolute_url, public_path
from api.http.problems import ProblemError, problem_responses
from api.http.rehearsing import rehearsed
from api.jobs.model import (
    IdempotencyConflictError,
    JobLinks,
    JobProblem,
    QueueFullError,
    StoredJob,
    answer_json,
    is_job_id,
    public_job,
)
from api.problems import Flaw, flaws_of
from api.storage import storage_problem
from api.texts import text

if TYPE_CHECKING:
    from api.service import Service

_SECONDS = re.compile(r"[0-9]{1,6}")
_RETRY_AFTER_S = 1

RESOURCES = {
    "trip": "/v1/trips",
    "price-plan": "/v1/price-plans",
}
"""Kinds of jobs with an address of their own; all have one under ``/v1/jobs`` as well."""


@dataclass(frozen=True, slots=True)
class Start:
    """
    Describe a job to be started.

    Parameters
    ----------
    kind
        One of `api.jobs.kinds.KINDS`.
    payload
        What its function reads.
    region, data_version
        What it works on; None for work that needs no region.
    time_limit_s
        Longest run of one attempt; at most ``settings.job_limit_s`` counts.
    fingerprint
        What tells requests of one idempotency key apart where the body is no JSON; by default the body.
    """

    kind: str
    payload: bytes
    region: str | None = None
    data_version: str | None = None
    time_limit_s: float = float("inf")
    fingerprint: bytes | None = None


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A name for this request, kept for 24 hours: sent again with the same body, the same job "
        "answers and nothing is started twice.",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
    ),
]


class JobHints:
    """
    Read what a caller says about how a job is to be started; a dependency.

    Attributes
    ----------
    wait_s
        How long the caller prefers to wait for the answer.
    is_stated
        Whether the caller said anything about waiting.
    idempotency_key
        Name of the request.
    """

    def __init__(
        self,
        request: Request,
        prefer: Annotated[
            str | None,
            Header(
                alias="Prefer",
                description="`wait=10` keeps the request open for up to 10 s and answers 200 where that is enough "
                "(RFC 7240); at most `MEGURI_LONGEST_WAIT_S` counts.",
                max_length=200,
            ),
        ] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        # It may stand on several lines, of which the parameter is the first.
        stated = _stated(request.headers.getlist("Prefer"))
        self.wait_s = _seconds(stated.get("wait", ""))
        self.is_stated = not stated.keys().isdisjoint(("wait", "respond-async"))
        self.idempotency_key = idempotency_key


Hints = Annotated[JobHints, Depends()]


async def start_job(request: Request, caller: Caller, hints: JobHints, start: Start) -> Response:
    """
    Start a job, wait for it as long as the caller prefers, and answer with it.

    Returns
    -------
    response
        200 with the finished answer where it is done in time, else 202 with ``Location`` and ``Retry-After``; in both
        cases the body is ``Answer``.

    Raises
    ------
    ProblemError
        503 when too many jobs wait; 409 for an idempotency key that was used for another request; whatever a job says
        that failed inside the wait.
    """
    rehearsed(request)
    service = service_of(request)
    job, is_replayed = await _enqueued(service, request, caller, hints, start)
    if not is_replayed:
        service.dispatcher.wake()
    wait_s = min(hints.wait_s, int(service.settings.longest_wait_s))
    job, result = await _ended(service, job, wait_s) if wait_s else await _with_answer(service, job)
    headers = {"Idempotency-Replayed": "true"} if is_replayed else {}
    if hints.wait_s:
        headers["Preference-Applied"] = f"wait={wait_s}"
    here = public_path(request, self_path(job))
    if not job.has_ended:
        where = {"Location": here, "Retry-After": str(_RETRY_AFTER_S), **headers}
        return _answer_response(request, job, result, 202, where)
    if job.problem is not None:
        raise failure_of(job.problem, {"Content-Location": here, **headers})
    return _answer_response(request, job, result, 200, {"Content-Location": here, **headers})


async def job_response(
    request: Request, job: StoredJob, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with ``Answer[T]``: the job and the answer as it is stored, which is not parsed on its way."""
    job, result = await _with_answer(service_of(request), job)
    return _answer_response(request, job, result, status, headers or {})


async def find_job(request: Request, caller: Caller, job_id: str, *, kinds: tuple[str, ...] = ()) -> StoredJob:
    """
    Return a job that the caller may see.

    Parameters
    ----------
    kinds
        What it has to be; nothing for any kind.

    Raises
    ------
    ProblemError
        404 if there is none, or it is another's.
    """
    job = await run_in_threadpool(service_of(request).jobs.get, job_id, caller.sees) if is_job_id(job_id) else None
    if job is None or (kinds and job.kind not in kinds):
        detail = text("jobs.unknown", id=job_id[:60])
        name = next((name for name, value in request.path_params.items() if value == job_id), None)
        raise ProblemError(404, "not-found", detail, [Flaw(detail, parameter=name, value=job_id)])
    return job


def links_of(request: Request, job: StoredJob) -> JobLinks:
    """Return where a job, its result and its events are found."""
    here = absolute_url(request, self_path(job))
    return JobLinks(self=here, result=absolute_url(request, f"/v1/jobs/{job.id}/result"), events=f"{here}/events")


def self_path(job: StoredJob) -> str:
    """Return the address of a job: under its own kind of resource, or among all jobs."""
    return f"{RESOURCES.get(job.kind, '/v1/jobs')}/{job.id}"


def failure_of(problem: JobProblem, headers: dict[str, str] | None = None) -> ProblemError:
    """Return what a failed job says, as a refusal of the request that waits for it."""
    return ProblemError(problem.status, problem.code, problem.detail, flaws_of(problem.problems), headers)


def job_answers(model: Any, *statuses: int) -> dict[str, Any]:
    """
    Return the keywords of a route that starts jobs: what OpenAPI says of its answers.

    Parameters
    ----------
    model
        ``Answer[T]``.
    statuses
        Refusals beyond those of every job.
    """
    where = {"schema": {"type": "string", "format": "uri-reference"}}
    applied = {"Preference-Applied": {"schema": {"type": "string"}, "description": "How long was waited."}}
    accepted = {"Location": where, "Retry-After": {"schema": {"type": "integer"}}, **applied}
    return {
        "status_code": 202,
        "response_model": model,
        "response_description": "Under way: look again at `Location`, or follow its events.",
        "responses": {
            200: {"model": model, "description": "Done in time.", "headers": {"Content-Location": where, **applied}},
            202: {"headers": accepted},
            **problem_responses(409, *statuses),
        },
    }


def _answer_response(
    request: Request, job: StoredJob, result: bytes | None, status: int, headers: dict[str, str]
) -> Response:
    language = language_of_request(request)
    body = answer_json(public_job(job, links_of(request, job), language), result)
    return Response(body, status, {"Content-Language": language, **headers}, "application/json")


async def _with_answer(service: "Service", job: StoredJob) -> tuple[StoredJob, bytes | None]:
    """Return a job with its answer so far, read together: of one that came since, the job would not know."""
    found = await run_in_threadpool(service.jobs.answer, job.id) if job.has_result else None
    return found or (job, None)


async def _ended(service: "Service", job: StoredJob, wait_s: float) -> tuple[StoredJob, bytes | None]:
    """
    Return a job with its answer as they are when it ends, when ``wait_s`` are over, or when the server shuts down.

    While the database is away it is what was known last: the job is there, and the caller should hear of it.
    """
    if not job.has_ended and not service.stopping.is_set():
        await service.stopping.unless(service.watch.changed(job.id, job.last_seq, wait_s, only_end=True))
    try:
        return await run_in_threadpool(service.jobs.answer, job.id) or (job, None)
    except SQLAlchemyError as error:
        if storage_problem(error) is None:
            raise
        return job, None


async def _enqueued(
    service: "Service", request: Request, caller: Caller, hints: JobHints, start: Start
) -> tuple[StoredJob, bool]:
    key = hints.idempotency_key
    idempotency = None if key is None else (key, await _digest(request, start))
    try:
        return await run_in_threadpool(
            service.jobs.enqueue,
            start.kind,
            start.payload,
            owner=caller.owner,
            region=start.region,
            data_version=start.data_version,
            time_limit_s=min(start.time_limit_s, service.settings.job_limit_s),
            request_id=request.state.request_id,
            idempotency=idempotency,
        )
    except QueueFullError as full:
        service.metrics.refused("queue_full")
        headers = {"Retry-After": str(full.retry_after_s)}
        raise ProblemError(
            503, "queue-full", text("jobs.queue_full", wait=full.retry_after_s), headers=headers
        ) from None
    except IdempotencyConflictError:
        detail = text("jobs.conflict")
        raise ProblemError(409, "idempotency-conflict", detail, [Flaw(detail, header="Idempotency-Key")]) from None


async def _digest(request: Request, start: Start) -> str:
    """Return what tells this request from others: where it was sent, and its body."""
    body = await request.body() if start.fingerprint is None else start.fingerprint
    return hashlib.sha256(b"%b\n%b" % (request.url.path.encode(), body)).hexdigest()


def _stated(lines: Iterable[str]) -> dict[str, str]:
    """Return the preferences of headers ``Prefer`` by name; of one that is stated twice, the first (RFC 7240)."""
    found: dict[str, str] = {}
    for preference in ",".join(lines).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _seconds(value: str) -> int:
    """Return how long a caller wants to wait; what makes no sense counts as not at all."""
    return int(value) if _SECONDS.fullmatch(value) else 0
