"""Jobs: look at them, follow them, stop them."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.depends import ServiceOf
from api.http.doors import Router
from api.http.events import STREAM, LastEventId, stream_events
from api.http.jobs_http import find_job, job_response, links_of
from api.http.languages import language_of_request
from api.http.paging import Page, Paging, bad_cursor, page_response
from api.http.problems import ProblemError, problem_responses
from api.jobs.kinds import KINDS
from api.jobs.model import Answer, Job, JobState, is_job_id, public_job
from api.texts import text

router = Router(tags=["jobs"])

JobId = Annotated[str, Path(description="Id of the job.")]
if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(KINDS)]


@router.get("/v1/jobs", operation_id="listJobs", summary="List jobs, the newest first", response_model=Page[Job])
async def list_jobs(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("read")],
    page: Annotated[Paging, Depends()],
    kind: Annotated[list[Kind] | None, Query(description="Only jobs of this kind; may be repeated.")] = None,
    state: Annotated[list[JobState] | None, Query(description="Only jobs in this state; may be repeated.")] = None,
    region: Annotated[str | None, Query(description="Only jobs on this region.", max_length=200)] = None,
) -> Response:
    """Return the caller's jobs; everybody's to a key with the scope `admin`."""
    after = page.after
    if after is not None and not (isinstance(after, str) and is_job_id(after)):
        raise bad_cursor()
    found = await run_in_threadpool(
        service.jobs.list,
        caller.sees,
        kinds=kind or (),
        states=state or (),
        region=region,
        after=after,
        limit=page.limit + 1,
    )
    shown, language = found[: page.limit], language_of_request(request)
    items = [public_job(job, links_of(request, job), language).model_dump(mode="json") for job in shown]
    last = shown[-1].id if len(found) > page.limit else None
    return page_response(request, items, last=last, headers={"Content-Language": language})


@router.get(
    "/v1/jobs/{job_id}",
    operation_id="getJob",
    summary="Look at a job and its answer so far",
    response_model=Answer[Any],
    responses=problem_responses(404),
)
async def show_job(request: Request, caller: Annotated[Caller, require("read")], job_id: JobId) -> Response:
    """Return the state of a job, with the best answer so far, or the final one."""
    return await job_response(request, await find_job(request, caller, job_id))


@router.get(
    "/v1/jobs/{job_id}/result",
    operation_id="getJobResult",
    summary="Get the bare answer of a job",
    responses={
        200: {"description": "The answer alone.", "content": {"application/json": {"schema": {}}}},
        **problem_responses(404, 409),
    },
)
async def show_result(
    request: Request, service: ServiceOf, caller: Annotated[Caller, require("read")], job_id: JobId
) -> Response:
    """Return the answer without what surrounds it; 409 while there is none."""
    job = await find_job(request, caller, job_id)
    result = await run_in_threadpool(service.jobs.result, job.id)
    if result is None:
        raise ProblemError(409, "no-result", text("jobs.no_result", state=job.state))
    return Response(result, media_type="application/json")


@router.get(
    "/v1/jobs/{job_id}/events",
    operation_id="streamJobEvents",
    summary="Follow a job as it goes on (server-sent events)",
    responses={**STREAM, **problem_responses(404)},
)
async def follow_job(
    request: Request, caller: Annotated[Caller, require("read")], job_id: JobId, after: LastEventId
) -> Response:
    """Stream what happens to a job until it ends; `Last-Event-ID` goes on after an event that was seen."""
    return stream_events(request, caller, await find_job(request, caller, job_id), after)


@router.delete(
    "/v1/jobs/{job_id}",
    operation_id="stopJob",
    summary="Stop a job and keep its best answer",
    response_model=Answer[Any],
    responses={
        200: {"description": "It had ended, or ended now."},
        202: {"model": Answer[Any], "description": "It was told to stop."},
        **problem_responses(404),
    },
)
async def stop_job(
    request: Request, service: ServiceOf, caller: Annotated[Caller, require("plan", "price")], job_id: JobId
) -> Response:
    """
    Ask a job to stop: one that waits ends at once, one that runs within moments, with the best answer it has.

    A job that has ended stays as it is. Whoever started a job may stop it.
    """
    await find_job(request, caller, job_id)
    job = await run_in_threadpool(service.jobs.request_stop, job_id)
    if job is None:
        raise ProblemError(404, "not-found", text("jobs.unknown", id=job_id))
    service.dispatcher.wake()
    return await job_response(request, job, 200 if job.has_ended else 202)
