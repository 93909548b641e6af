"""Trips: plan one, look at it, follow it, stop it, ask why a place is left out, and judge a plan made by hand."""

from typing import Annotated

from fastapi import Body, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.bodies import StrictJson
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.events import STREAM, LastEventId, stream_events
from api.http.examples import examples
from api.http.jobs_http import Hints, Start, find_job, job_answers, job_response, start_job
from api.http.paging import Page, Paging
from api.http.patience import PatientHints, PatientPostHints, start_patiently
from api.http.preconditions import IfNoneMatch, has_already
from api.http.problems import ProblemError, problem_responses
from api.http.regions_http import RegionId, region_of
from api.http.routes import jobs
from api.jobs.model import Answer, Job, JobState, StoredJob
from api.problems import Flaw
from api.region_time import local_today
from api.service import Service
from api.texts import text
from api.trip_requests import CheckTask, ExplanationTask, TripTask, check_trip_request, fitted
from regional_assets.model import AssetId
from regional_assets.region import load_region
from routing.itinerary import Excluded, Itinerary
from routing.judge import HandMadeTrip, Judgement, check_hand_made
from routing.request import TripRequest

router = Router(tags=["trips"])

KIND = "trip"
EXPLANATION = "trip-explanation"
CHECK = "trip-check"

TripId = Annotated[str, Path(description="Id of the trip.")]


@router.post(
    "/v1/regions/{region_id}/trips",
    operation_id="planTrip",
    summary="Plan a trip",
    **job_answers(Answer[Itinerary], 404),
)
async def plan_trip(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("plan")],
    region_id: RegionId,
    body: Annotated[
        TripRequest, StrictJson, Body(openapi_examples=examples("trips/one-day", "trips/two-days", "trips/annealer"))
    ],
    hints: Hints,
) -> Response:
    """
    Look for the best trip that meets a request; everything in it but the days has a default.

    Whatever cannot be used is refused at once, all of it together. A request that is sound but cannot be met is
    answered with `status: infeasible` and the conflicts that were found.
    """
    stored = await region_of(service, region_id)
    asked, today = fitted(body, service.settings), local_today(stored.region)
    await run_in_threadpool(check_trip_request, stored.region, asked, service.settings, today=today)
    payload = TripTask(request=asked, today=today).model_dump_json().encode()
    return await start_job(request, caller, hints, Start(KIND, payload, region_id, stored.data_version))


@router.get("/v1/trips", operation_id="listTrips", summary="List trips, the newest first", response_model=Page[Job])
async def list_trips(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("read")],
    page: Annotated[Paging, Depends()],
    state: Annotated[list[JobState] | None, Query(description="Only trips in this state; may be repeated.")] = None,
    region: Annotated[str | None, Query(description="Only trips in this region.", max_length=200)] = None,
) -> Response:
    """Return the caller's trips without their plans; everybody's to a key with the scope `admin`."""
    return await jobs.list_jobs(request, service, caller, page, [KIND], state, region)


@router.get(
    "/v1/trips/{trip_id:id}",
    operation_id="getTrip",
    summary="Look at a trip and its plan so far",
    response_model=Answer[Itinerary],
    responses={
        200: {"headers": {"ETag": {"schema": {"type": "string"}, "description": "Only of trips that have ended."}}},
        304: {"description": "It has ended, and is what the caller has."},
        **problem_responses(404),
    },
)
async def show_trip(
    request: Request,
    language: LanguageOf,
    caller: Annotated[Caller, require("read")],
    trip_id: TripId,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return the state of a trip, with the best plan so far, or the final one, which never changes."""
    trip = await find_job(request, caller, trip_id, kinds=(KIND,))
    if not trip.has_ended:
        return await job_response(request, trip)
    # Nothing of a job changes once it has ended; its problem is told in the language of the caller.
    tag = f'"{trip.id}-{language}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if has_already(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return await job_response(request, trip, headers=headers)


@router.get(
    "/v1/trips/{trip_id:id}/events",
    operation_id="streamTripEvents",
    summary="Follow a trip as its plan improves (server-sent events)",
    responses={**STREAM, **problem_responses(404)},
)
async def follow_trip(
    request: Request, caller: Annotated[Caller, require("read")], trip_id: TripId, after: LastEventId
) -> Response:
    """
    Stream what happens to a trip until it ends; `Last-Event-ID` goes on after an event that was seen.

    An `improvement` tells of a better plan: objective, bound, gap, and the places of each day. The plan itself is at
    `links.self` by then.
    """
    return stream_events(request, caller, await find_job(request, caller, trip_id, kinds=(KIND,)), after)


@router.delete(
    "/v1/trips/{trip_id:id}",
    operation_id="stopTrip",
    summary="Stop a trip and keep its best plan",
    response_model=Answer[Itinerary],
    responses={202: {"model": Answer[Itinerary], "description": "It stops within moments."}, **problem_responses(404)},
)
async def stop_trip(
    request: Request, service: ServiceOf, caller: Annotated[Caller, require("plan")], trip_id: TripId
) -> Response:
    """
    Ask a trip to stop: one that waits ends at once, one under way within moments, with its best plan so far.

    A trip that has ended stays as it is. Whoever asked for a trip may stop it.
    """
    await find_job(request, caller, trip_id, kinds=(KIND,))
    return await jobs.stop_job(request, service, caller, trip_id)


@router.get(
    "/v1/trips/{trip_id:id}/explanations/{asset_id:path}",
    operation_id="explainTrip",
    summary="Ask why a place is not in a trip",
    **job_answers(Answer[Excluded], 404),
)
async def explain(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("plan")],
    trip_id: TripId,
    asset_id: Annotated[AssetId, Path(description="Id of the place; may hold slashes.")],
    hints: PatientHints,
) -> Response:
    """
    Say why a place is not in a trip, where need be by planning again with it: what it would push out, and cost.

    The search has the limit and seed of the trip. The same question is worked on once: asked again within a day, the
    same job answers.
    """
    trip = await find_job(request, caller, trip_id, kinds=(KIND,))
    payload = await run_in_threadpool(_question, service, trip, asset_id)
    # No caller can send this key: theirs hold no blanks.
    hints.idempotency_key = f"explanation of {asset_id} in {trip.id}"
    start = Start(EXPLANATION, payload, trip.region, trip.data_version, fingerprint=b"")
    return await start_patiently(request, caller, hints, start)


@router.post(
    "/v1/regions/{region_id}/trips:check",
    operation_id="checkTrip",
    summary="Judge a plan made by hand",
    **job_answers(Answer[Judgement], 404),
)
async def check_trip(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("plan")],
    region_id: RegionId,
    body: Annotated[HandMadeTrip, StrictJson, Body(openapi_examples=examples("trips/check"))],
    hints: PatientPostHints,
) -> Response:
    """
    Hold a plan against the rules of the planner: every rule that it breaks, its times, costs and points.

    Nothing is bettered. Places that nobody knows are told as violations, not refused; days without stops may be left
    out.
    """
    stored = await region_of(service, region_id)
    today = local_today(stored.region)
    await run_in_threadpool(check_hand_made, stored.region, body.request, body.days, today)
    payload = CheckTask(trip=body, today=today).model_dump_json().encode()
    return await start_patiently(request, caller, hints, Start(CHECK, payload, region_id, stored.data_version))


def planned(service: Service, trip: StoredJob) -> Itinerary:
    """
    Return the plan of a trip, the best so far while it is being made.

    Raises
    ------
    ProblemError
        409 while there is none, and where the request could not be met.
    """
    result = service.jobs.result(trip.id) if trip.has_result else None
    itinerary = None if result is None else Itinerary.model_validate_json(result)
    if itinerary is None:
        raise ProblemError(409, "no-result", text("trips.no_plan_yet", state=trip.state))
    if not itinerary.days:
        raise ProblemError(409, "no-result", text("trips.no_plan", status=itinerary.status))
    return itinerary


def _question(service: Service, trip: StoredJob, asset_id: str) -> bytes:
    """
    Return what explaining a place reads.

    Raises
    ------
    ProblemError
        409 while the trip is being planned or has no plan, 404 for a place that is in it or that nobody knows.
    """
    if not trip.has_ended:
        raise ProblemError(409, "no-result", text("trips.not_ended", state=trip.state))
    itinerary = planned(service, trip)
    in_trip = {step.asset for day in itinerary.days for step in day.steps if step.type != "travel"}
    if asset_id in in_trip:
        raise _no_question(asset_id, "trips.is_in_trip")
    if all(place.asset != asset_id for place in itinerary.excluded) and not _was_there(service, trip, asset_id):
        raise _no_question(asset_id, "trips.unknown_asset")
    today = TripTask.model_validate_json(service.jobs.payload(trip.id)).today
    return ExplanationTask(itinerary=itinerary, asset=asset_id, today=today).model_dump_json().encode()


def _was_there(service: Service, trip: StoredJob, asset_id: str) -> bool:
    """Return whether the region had an asset when the trip was asked for."""
    assert trip.region is not None
    assert trip.data_version is not None
    stored = service.regions.stored(trip.region)
    if stored is not None and stored.data_version == trip.data_version:
        return stored.asset(asset_id) is not None
    snapshot = service.regions.locate(trip.region, trip.data_version)
    return snapshot is not None and load_region(snapshot.folder).asset(asset_id) is not None


def _no_question(asset_id: str, wording: str) -> ProblemError:
    detail = text(wording, asset=asset_id)
    return ProblemError(404, "not-found", detail, [Flaw(detail, parameter="asset_id", value=asset_id)])
