"""Regions: list them, look at one, see what to repair in it, take it away."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from pydantic import AwareDatetime, BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from api.exports.table import assets_csv
from api.http.auth import Caller, require
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.features import CONFORMS_TO, CRS84, MEDIA_TYPE
from api.http.jobs_http import Start, job_answers
from api.http.paging import Page, Paging, absolute_url, bad_cursor, page_response
from api.http.patience import PatientHints, start_patiently
from api.http.preconditions import ETAG_HEADER, KNOWN, IfMatch, IfNoneMatch, expected_tags, has_already, stale
from api.http.problems import problem_responses
from api.http.regions_http import RegionId, region_of, summary_of, tag_in, tags_in_any
from api.jobs.model import Answer
from api.region_time import local_today
from api.regions.checking import KIND, CheckTask, RegionCheck
from api.regions.errors import StaleError
from api.regions.stored import Origin, RegionSummary, StoredRegion
from regional_assets.model import Kind, Name

router = Router(tags=["regions"])

Reader = Annotated[Caller, require("read")]


class Link(BaseModel):
    """Lead to something that belongs to what one looks at (RFC 8288)."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None


class RegionBody(BaseModel):
    """
    Describe a region; also its landing page in the sense of OGC API Features.

    Parameters
    ----------
    id, name
        What it is called.
    title, description
        Name and notice in the language of the request.
    notice
        What readers of any plan must be told about the data.
    assets, kinds
        How many assets it has, in all and by kind.
    bbox
        West, south, east, north of its assets; null where none has a position.
    streets
        Ways of travel for which it has a street network.
    timetables
        Number of timetables.
    tiles
        Whether it has vector tiles for maps; the link ``tiles`` leads to them.
    revision
        Grows with every change.
    data_version
        SHA-256 over everything that may change an answer; every trip and price plan names the one it was made from.
    origin
        ``bundled`` with the software, a ``folder`` of the server, or an ``import`` through this API.
    updated_at
        When it last changed.
    folder_differs
        Whether the folder it came from was changed after the region was edited through this API: the folder is then
        not in use.
    links
        Where to go on.
    """

    id: str
    name: Name
    title: str
    description: str | None
    notice: Name | None
    assets: int
    kinds: dict[Kind, int]
    bbox: tuple[float, float, float, float] | None
    streets: list[Literal["walk", "bicycle", "car"]]
    timetables: int
    tiles: bool
    revision: int
    data_version: str
    origin: Origin
    updated_at: AwareDatetime
    folder_differs: bool
    links: list[Link]


class Conformance(BaseModel):
    """Name the standards that are kept."""

    conformsTo: list[str]  # noqa: N815 - the standard's name


class SpatialExtent(BaseModel):
    """Say where features lie."""

    bbox: list[tuple[float, float, float, float]]
    crs: str


class Extent(BaseModel):
    """Say where features lie."""

    spatial: SpatialExtent


class Collection(BaseModel):
    """Describe the assets of a region as a collection of features."""

    id: str
    title: str
    description: str | None
    itemType: str  # noqa: N815 - the standard's name
    crs: list[str]
    extent: Extent | None = None
    links: list[Link]


class Collections(BaseModel):
    """List the collections of a region; there is one."""

    links: list[Link]
    collections: list[Collection]


def _file(media_type: str, kind: str, description: str) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the answers of a route that hands out a file."""
    content = {media_type: {"schema": {"type": kind}}}
    whole = {"description": description, "content": content, "headers": ETAG_HEADER}
    return {200: whole, **KNOWN, **problem_responses(404)}


@router.get(
    "/v1/regions", operation_id="listRegions", summary="List regions by their ids", response_model=Page[RegionBody]
)
async def list_regions(
    request: Request, service: ServiceOf, language: LanguageOf, _caller: Reader, page: Annotated[Paging, Depends()]
) -> Response:
    """Return all regions: those that come with the software, those of the server's own folders, and imported ones."""
    after = page.after
    if after is not None and not isinstance(after, str):
        raise bad_cursor()
    found = await run_in_threadpool(service.regions.page, after, page.limit + 1)
    shown = found[: page.limit]
    items = [_body(request, summary, language).model_dump(mode="json") for summary in shown]
    last = shown[-1].id if len(found) > page.limit else None
    return page_response(request, items, last=last, headers={"Content-Language": language})


@router.get(
    "/v1/regions/{region_id}",
    operation_id="getRegion",
    summary="Look at a region (OGC API landing page)",
    response_model=RegionBody,
    responses={
        200: {"headers": ETAG_HEADER},
        **KNOWN,
        **problem_responses(404),
    },
)
async def show_region(
    request: Request,
    service: ServiceOf,
    language: LanguageOf,
    _caller: Reader,
    region_id: RegionId,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Say what a region is: what it holds, how it came here, and where to go on."""
    summary = await summary_of(service, region_id)
    headers = {"ETag": tag_in(summary.etag, language), "Content-Language": language, "Vary": "Accept-Language"}
    if has_already(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return JSONResponse(_body(request, summary, language).model_dump(mode="json"), headers=headers)


@router.delete(
    "/v1/regions/{region_id}",
    operation_id="deleteRegion",
    summary="Take a region away",
    status_code=204,
    responses=problem_responses(404, 412, 428),
)
async def delete_region(
    service: ServiceOf, caller: Annotated[Caller, require("admin")], region_id: RegionId, if_match: IfMatch = None
) -> Response:
    """
    Take a region and its assets away; trips that were planned in it stay, and those being planned go on.

    A region that came from a folder does not come back when the server starts anew, unless the folder changes.
    """
    expected = tags_in_any(expected_tags(if_match))
    try:
        await run_in_threadpool(service.regions.remove, region_id, expected=expected, key_id=caller.key_id)
    except StaleError as error:
        raise stale(error.etag) from None
    return Response(status_code=204)


@router.get(
    "/v1/regions/{region_id}/conformance",
    operation_id="getConformance",
    summary="See which parts of OGC API Features are kept",
    response_model=Conformance,
    responses=problem_responses(404),
)
async def show_conformance(service: ServiceOf, _caller: Reader, region_id: RegionId) -> Conformance:
    """Name the classes of the standard."""
    await summary_of(service, region_id)
    return Conformance(conformsTo=list(CONFORMS_TO))


@router.get(
    "/v1/regions/{region_id}/collections",
    operation_id="listCollections",
    summary="List the collections of features of a region",
    response_model=Collections,
    responses=problem_responses(404),
)
async def list_collections(
    request: Request, service: ServiceOf, language: LanguageOf, _caller: Reader, region_id: RegionId
) -> Response:
    """Return the one collection there is: the assets."""
    summary = await summary_of(service, region_id)
    here = absolute_url(request, f"/v1/regions/{region_id}/collections")
    links = [Link(href=here, rel="self", type="application/json")]
    found = Collections(links=links, collections=[_collection(request, summary, language)])
    return JSONResponse(found.model_dump(mode="json", exclude_none=True), headers={"Content-Language": language})


@router.get(
    "/v1/regions/{region_id}/collections/assets",
    operation_id="getCollection",
    summary="Look at the assets of a region as a collection",
    response_model=Collection,
    responses=problem_responses(404),
)
async def show_collection(
    request: Request, service: ServiceOf, language: LanguageOf, _caller: Reader, region_id: RegionId
) -> Response:
    """Say what the collection holds, where, and where its items are found."""
    found = _collection(request, await summary_of(service, region_id), language)
    return JSONResponse(found.model_dump(mode="json", exclude_none=True), headers={"Content-Language": language})


@router.get(
    "/v1/regions/{region_id}/check",
    operation_id="checkRegion",
    summary="See what to repair in a region, worst first",
    **job_answers(Answer[RegionCheck], 404),
)
async def check_region(
    request: Request,
    service: ServiceOf,
    caller: Reader,
    region_id: RegionId,
    hints: PatientHints,
) -> Response:
    """
    Look through a region for gaps and contradictions: positions, hours, prices, doubles, events that are over, streets.

    The same state of a region is looked through once a day: asked again, the same job answers.
    """
    stored = await region_of(service, region_id)
    today = local_today(stored.region)
    payload = CheckTask(today=today).model_dump_json().encode()
    # No caller can send this key: theirs hold no blanks.
    hints.idempotency_key = f"check of {region_id} {stored.data_version} on {today}"
    start = Start(KIND, payload, region_id, stored.data_version, fingerprint=b"")
    return await start_patiently(request, caller, hints, start)


@router.get(
    "/v1/regions/{region_id}/assets.csv",
    operation_id="downloadAssetsCsv",
    summary="Download the assets as a table for spreadsheets",
    response_class=Response,
    responses=_file(
        "text/csv",
        "string",
        "UTF-8 with a byte-order mark; texts that a spreadsheet would run begin with an apostrophe.",
    ),
)
async def download_csv(
    service: ServiceOf, _caller: Reader, region_id: RegionId, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one row for each asset: names, position, hours, prices and other facts."""
    stored = await region_of(service, region_id)
    kind = "text/csv; charset=utf-8"
    return await _download(stored, "csv", kind, if_none_match, lambda: assets_csv(stored.region.assets))


@router.get(
    "/v1/regions/{region_id}/assets.geojson",
    operation_id="downloadAssetsGeoJson",
    summary="Download the assets as GeoJSON",
    response_class=Response,
    responses=_file(MEDIA_TYPE, "object", "All fields of all assets; can be imported again as it is."),
)
async def download_geojson(
    service: ServiceOf, _caller: Reader, region_id: RegionId, if_none_match: IfNoneMatch = None
) -> Response:
    """Return every asset as a feature, one per line."""
    stored = await region_of(service, region_id)

    def make() -> str:
        return '{"type":"FeatureCollection","features":[\n' + ",\n".join(stored.bodies.values()) + "\n]}\n"

    return await _download(stored, "geojson", MEDIA_TYPE, if_none_match, make)


def _body(request: Request, summary: RegionSummary, language: Literal["ja", "en"]) -> RegionBody:
    return RegionBody(
        id=summary.id,
        name=summary.name,
        title=summary.name.in_(language),
        description=summary.notice.in_(language) if summary.notice else None,
        notice=summary.notice,
        assets=sum(summary.kinds.values()),
        kinds={Kind(kind): number for kind, number in summary.kinds.items()},
        bbox=summary.bbox,
        streets=summary.modes,
        timetables=summary.timetables,
        tiles=summary.has_tiles,
        revision=summary.revision,
        data_version=summary.data_version,
        origin=summary.origin,
        updated_at=summary.updated_at,
        folder_differs=summary.folder_differs,
        links=_links(request, summary),
    )


def _links(request: Request, summary: RegionSummary) -> list[Link]:
    here = f"/v1/regions/{summary.id}"
    found = (
        (here, "self", "application/json"),
        ("/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.1"),
        ("/docs", "service-doc", "text/html"),
        (f"{here}/conformance", "conformance", "application/json"),
        (f"{here}/collections", "data", "application/json"),
        (f"{here}/collections/assets/items", "items", MEDIA_TYPE),
        (f"{here}/check", "check", "application/json"),
        (f"{here}/assets.geojson", "enclosure", MEDIA_TYPE),
        (f"{here}/assets.csv", "enclosure", "text/csv"),
        (f"{here}/trips", "trips", "application/json"),
        (f"{here}/price-plans", "price-plans", "application/json"),
        *([(f"{here}/tiles", "tiles", "application/json")] if summary.has_tiles else []),
    )
    return [Link(href=absolute_url(request, path), rel=rel, type=kind) for path, rel, kind in found]


def _collection(request: Request, summary: RegionSummary, language: Literal["ja", "en"]) -> Collection:
    here = absolute_url(request, f"/v1/regions/{summary.id}/collections/assets")
    extent = Extent(spatial=SpatialExtent(bbox=[summary.bbox], crs=CRS84)) if summary.bbox else None
    return Collection(
        id="assets",
        title=summary.name.in_(language),
        description=summary.notice.in_(language) if summary.notice else None,
        itemType="feature",
        crs=[CRS84],
        extent=extent,
        links=[
            Link(href=here, rel="self", type="application/json"),
            Link(href=f"{here}/items", rel="items", type=MEDIA_TYPE),
        ],
    )


async def _download(
    stored: StoredRegion, ending: str, media_type: str, if_none_match: str | None, make: Callable[[], str | bytes]
) -> Response:
    """Answer with a file of all assets, unless the caller has it: made and encoded off the event loop."""
    headers = {
        "ETag": f'"{stored.data_version[:32]}-{ending}"',
        "Content-Disposition": f'attachment; filename="{stored.region.id}-assets.{ending}"',
    }
    if has_already(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return await run_in_threadpool(lambda: Response(make(), headers=headers, media_type=media_type))
