"""Trips as files: for maps, navigation, calendars, search engines and paper."""

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.jobs_http import find_job
from api.http.problems import ProblemError, problem_responses
from api.http.routes.trips import KIND, TripId, planned
from api.jobs.model import StoredJob
from api.problems import Flaw
from api.regions.snapshots import find_snapshot
from api.texts import text
from regional_assets.errors import InputError
from regional_assets.model import Region
from regional_assets.text import Language
from routing.itinerary import Itinerary
from routing.request import Mode

if TYPE_CHECKING:
    from routing.streets import StreetNetwork

router = Router(tags=["trips"])

# What separates folders, or has a meaning of its own in names, on any system.
_NOT_IN_NAMES = frozenset('\\/:*?"<>|')
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Export:
    """
    Hold the plan that is asked for, and how.

    Parameters
    ----------
    trip
        Its job.
    itinerary
        The plan, with its alternatives.
    region
        As it is now, to tell more of the places; None where it is gone.
    language
        Of the words in the file.
    alternative
        Which plan: None for the first.
    """

    trip: StoredJob
    itinerary: Itinerary
    region: Region | None
    language: Language
    alternative: int | None


async def _export(
    request: Request,
    service: ServiceOf,
    accepted: LanguageOf,
    caller: Annotated[Caller, require("read")],
    trip_id: TripId,
    lang: Annotated[
        Language | None, Query(description="Language of the words in the file; by default that of the answer.")
    ] = None,
    alternative: Annotated[
        int | None,
        Query(description="Number of the alternative, from 1; by default the plan.", ge=1),
    ] = None,
) -> Export:
    """
    Return what a file is made of.

    Raises
    ------
    ProblemError
        404 where there is no such trip or alternative, 409 where it has no plan.
    """
    trip = await find_job(request, caller, trip_id, kinds=(KIND,))
    itinerary = await run_in_threadpool(planned, service, trip)
    if alternative is not None and alternative > len(itinerary.alternatives):
        detail = text("trips.no_alternative", count=len(itinerary.alternatives))
        raise ProblemError(404, "not-found", detail, [Flaw(detail, parameter="alternative", value=alternative)])
    stored = await run_in_threadpool(service.regions.stored, itinerary.region)
    return Export(trip, itinerary, None if stored is None else stored.region, lang or accepted, alternative)


ExportOf = Annotated[Export, Depends(_export)]


def _says(media_type: str, *, is_text: bool = True, statuses: tuple[int, ...] = (404, 409)) -> dict[str, Any]:
    """Return what OpenAPI says of a route that answers with a file."""
    schema = {"type": "string"} if is_text else {"type": "string", "format": "binary"}
    if media_type.endswith("json"):
        schema = {"type": "object"}
    name = {"Content-Disposition": {"schema": {"type": "string"}, "description": "With a name for the file."}}
    answer = {"description": "The file.", "content": {media_type: {"schema": schema}}, "headers": name}
    return {"response_class": Response, "responses": {200: answer, **problem_responses(*statuses)}}


@router.get(
    "/v1/trips/{trip_id:id}.geojson",
    operation_id="getTripAsGeoJSON",
    summary="Get a trip as GeoJSON",
    **_says("application/geo+json"),
)
async def geojson(export: ExportOf) -> Response:
    """Return stops as points and legs as lines (RFC 7946)."""
    from api.exports.geojson import itinerary_geojson

    return await _file(
        export,
        "geojson",
        "application/geo+json",
        lambda: _json(itinerary_geojson(export.itinerary, export.alternative)),
    )


@router.get(
    "/v1/trips/{trip_id:id}.gpx",
    operation_id="getTripAsGPX",
    summary="Get a trip as GPX",
    **_says("application/gpx+xml"),
)
async def gpx(export: ExportOf) -> Response:
    """Return stops as waypoints, and a track a day, for navigation devices and apps (GPX 1.1)."""
    from api.exports.gpx import gpx_of

    return await _file(
        export,
        "gpx",
        "application/gpx+xml",
        lambda: gpx_of(export.itinerary, export.language, export.alternative, region=export.region).encode(),
    )


@router.get(
    "/v1/trips/{trip_id:id}.ics",
    operation_id="getTripAsICalendar",
    summary="Get a trip as a calendar",
    **_says("text/calendar"),
)
async def ics(export: ExportOf) -> Response:
    """Return visits, meals, nights and legs as events; the same trip taken in again updates them (RFC 5545)."""
    from api.exports.ics import ics_of

    return await _file(
        export,
        "ics",
        "text/calendar",
        lambda: ics_of(
            export.itinerary,
            export.language,
            export.alternative,
            now=dt.datetime.now(dt.UTC),
            region=export.region,
            uid=export.trip.id,
        ),
    )


@router.get(
    "/v1/trips/{trip_id:id}.kml",
    operation_id="getTripAsKML",
    summary="Get a trip as KML",
    **_says("application/vnd.google-earth.kml+xml"),
)
async def kml(export: ExportOf) -> Response:
    """Return a folder a day with its stops and legs (KML 2.2)."""
    from api.exports.kml import kml_of

    return await _file(
        export,
        "kml",
        "application/vnd.google-earth.kml+xml",
        lambda: kml_of(export.itinerary, export.language, export.alternative, region=export.region).encode(),
    )


@router.get(
    "/v1/trips/{trip_id:id}.jsonld",
    operation_id="getTripAsJSONLD",
    summary="Get a trip as schema.org JSON-LD",
    **_says("application/ld+json"),
)
async def jsonld(export: ExportOf) -> Response:
    """Return a `TouristTrip` with a `subTrip` a day, for search engines and assistants."""
    from api.exports.jsonld import jsonld_of

    return await _file(
        export,
        "jsonld",
        "application/ld+json",
        lambda: _json(jsonld_of(export.itinerary, export.language, export.alternative, region=export.region)),
    )


@router.get(
    "/v1/trips/{trip_id:id}.pdf",
    operation_id="getTripAsPDF",
    summary="Get a trip as a booklet to print",
    **_says("application/pdf", is_text=False, statuses=(404, 409, 501)),
)
async def pdf(service: ServiceOf, caller: Annotated[Caller, require("read")], export: ExportOf) -> Response:
    """Return a booklet to print and take along; 501 on a server without the extra `pdf`."""
    from api.exports.booklet import booklet_of, check_booklet

    try:
        await run_in_threadpool(check_booklet)
    except InputError as missing:
        # The trip is there and the request is sound: only this server lacks what it takes.
        raise ProblemError(501, "not-implemented", missing.problems[0].message) from None
    itinerary = export.itinerary
    # Of a region that was removed, the itinerary knows enough to be printed.
    region = export.region or Region(id=itinerary.region, name=itinerary.region_name, time_zone=itinerary.time_zone)
    now = dt.datetime.now(dt.UTC)
    return await _file(
        export,
        "pdf",
        "application/pdf",
        lambda: booklet_of(
            itinerary,
            region,
            export.language,
            export.alternative,
            networks=_streets(service.settings.home, export),
            now=now,
        ),
        run=partial(service.rendering.make, caller.owner),
    )


def _streets(home: Path, export: Export) -> dict[Mode, "StreetNetwork"]:
    """Return the streets that the trip was planned on; none where this machine has them no longer."""
    trip, mode = export.trip, export.itinerary.request.mode
    region = export.region
    if region is None or not region.streets or trip.data_version is None:
        return {}
    from routing.plan import load_streets

    snapshot = find_snapshot(home, region.id, trip.data_version)
    try:
        network = snapshot and load_streets(region.model_copy(update={"folder": snapshot.folder}), mode)
    except InputError:
        # The region has other streets by now.
        return {}
    return {mode: network} if network else {}


async def _file(
    export: Export,
    extension: str,
    media_type: str,
    make: Callable[[], bytes],
    *,
    run: Callable[[Callable[[], bytes]], Awaitable[bytes]] = run_in_threadpool,
) -> Response:
    content = await run(make)
    headers = {
        "Content-Disposition": _disposition(export, extension),
        "Content-Language": export.language,
        "Vary": "Accept-Language",
    }
    return Response(content, headers=headers, media_type=media_type)


def _disposition(export: Export, extension: str) -> str:
    """Return the header that names a file: in plain letters, and in those of the language (RFC 6266, RFC 8187)."""
    itinerary = export.itinerary
    day = itinerary.days[0].date.isoformat()
    variant = "" if export.alternative is None else f"-{export.alternative}"
    letters = (letter for letter in itinerary.region_name.in_(export.language) if letter.isprintable())
    words = "".join(letter for letter in letters if letter not in _NOT_IN_NAMES)[:_LONGEST_NAME].strip(" .")
    name = f"{words or itinerary.region}-{day}{variant}.{extension}"
    plain = f"{itinerary.region}-{day}{variant}.{extension}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
