"""Assets of a region as features (OGC API Features): query, look at, create, replace, change, take away."""

import datetime as dt
import json
import secrets
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Body, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.bodies import StrictJson
from api.http.depends import ServiceOf
from api.http.doors import Router
from api.http.examples import examples
from api.http.features import (
    MEDIA_TYPE,
    AssetFeature,
    FeatureQuery,
    FeaturesDoor,
    patched_feature,
    read_bbox,
    read_span,
)
from api.http.paging import Paging, absolute_url, bad_cursor, next_url, public_url
from api.http.preconditions import ETAG_HEADER, KNOWN, IfMatch, IfNoneMatch, expected_tags, has_already, stale
from api.http.problems import ProblemError, problem_responses
from api.http.regions_http import RegionId, region_of
from api.problems import Flaw
from api.regions.errors import AssetExistsError, AssetsFullError, StaleError, UnknownAssetError
from api.regions.stored import StoredAsset, StoredRegion
from api.texts import text
from regional_assets.model import Asset, AssetId, Kind

router = Router(tags=["regions"])
features = Router()
features.route_class = FeaturesDoor

_ITEMS = "/v1/regions/{region_id}/collections/assets/items"
_COLLECTION_PATH = "/v1/regions/{}/collections/assets"
_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"
_USUAL_LIMIT = 100
_LONGEST_PAGE = 1_000

AssetPath = Annotated[AssetId, Path(description="Id of the asset; may hold slashes.", examples=["eiheiji-temple"])]
Editor = Annotated[Caller, require("admin")]
Reader = Annotated[Caller, require("read")]

_FEATURE = {"$ref": "#/components/schemas/AssetFeature"}
_LINK = {"$ref": "#/components/schemas/Link"}
_COLLECTION = {
    "type": "object",
    "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": _FEATURE},
        "links": {"type": "array", "items": _LINK},
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
}
_ONE: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": _FEATURE}}, "headers": ETAG_HEADER}


@features.get(
    _ITEMS,
    operation_id="listAssets",
    summary="Query the assets of a region (OGC API Features)",
    response_class=Response,
    responses={
        200: {"description": "One page of features.", "content": {MEDIA_TYPE: {"schema": _COLLECTION}}},
        **problem_responses(404),
    },
)
async def list_assets(
    request: Request,
    service: ServiceOf,
    _caller: Reader,
    region_id: RegionId,
    limit: Annotated[
        int, Query(ge=1, description=f"Most features on the page; more than {_LONGEST_PAGE} count as {_LONGEST_PAGE}.")
    ] = _USUAL_LIMIT,
    bbox: Annotated[
        str | None,
        Query(
            description="Only assets in this box: west,south,east,north, or six numbers with heights, which do not "
            "count. West beyond east goes over the antimeridian.",
            examples=["136.1,35.8,136.4,36.1"],
            max_length=300,
        ),
    ] = None,
    when: Annotated[
        str | None,
        Query(
            alias="datetime",
            description="Only assets offered then: a date, a time with offset, or an interval (`2026-12-01/..`), local "
            "to the region. Events count by their dates, seasonal assets by their season; assets with neither are "
            "offered at any time. Opening hours do not matter.",
            examples=["2026-12-05"],
            max_length=100,
        ),
    ] = None,
    kind: Annotated[list[Kind] | None, Query(description="Only assets of this kind; may be repeated.")] = None,
    cursor: Annotated[
        str | None,
        Query(description="Where the page begins: from the link `next` of the page before.", max_length=1_000),
    ] = None,
) -> Response:
    """
    Return assets in the order of the region, page by page.

    Assets without a position are in no box. Pages go on behind the last asset seen, whatever was edited in between.
    """
    after = _read_cursor(limit, cursor)
    stored = await region_of(service, region_id)
    query = FeatureQuery(frozenset(map(str, kind or ())), read_bbox(bbox), read_span(when, stored.region.time_zone))
    content = await run_in_threadpool(_page, request, stored, query, after, min(limit, _LONGEST_PAGE))
    return Response(content, media_type=MEDIA_TYPE)


@router.post(
    _ITEMS,
    operation_id="createAsset",
    summary="Add an asset to a region",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            **_ONE,
            "headers": {**ETAG_HEADER, "Location": {"schema": {"type": "string", "format": "uri-reference"}}},
        },
        **problem_responses(404, 409),
    },
)
async def create_asset(
    request: Request,
    service: ServiceOf,
    caller: Editor,
    region_id: RegionId,
    body: Annotated[
        AssetFeature, StrictJson, Body(media_type=MEDIA_TYPE, openapi_examples=examples("regions/workshop"))
    ],
) -> Response:
    """Add an asset at the end; without an id it gets one. The next plan knows of it."""
    given = body.given_ids()
    asset = body.asset(given[0][1] if given else f"asset-{secrets.token_hex(6)}")
    with _refusals():
        stored = await run_in_threadpool(service.regions.create_asset, region_id, asset, key_id=caller.key_id)
    path = _path_of(region_id, asset.id)
    return _feature_response(request, region_id, stored, 201, {"Location": path})


@router.get(
    _ITEMS + "/{asset_id:path}",
    operation_id="getAsset",
    summary="Look at an asset",
    response_class=Response,
    responses={
        200: {**_ONE, "description": "The asset as a feature."},
        **KNOWN,
        **problem_responses(404),
    },
)
async def show_asset(
    request: Request,
    service: ServiceOf,
    _caller: Reader,
    region_id: RegionId,
    asset_id: AssetPath,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return everything that is known of an asset; fields that nobody filled are left out."""
    found = _asset_in(await region_of(service, region_id), asset_id)
    if has_already(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    return _feature_response(request, region_id, found)


@router.put(
    _ITEMS + "/{asset_id:path}",
    operation_id="replaceAsset",
    summary="Replace an asset",
    response_class=Response,
    responses={200: {**_ONE, "description": "The asset as it is now."}, **problem_responses(404, 412, 428)},
)
async def replace_asset(
    request: Request,
    service: ServiceOf,
    caller: Editor,
    region_id: RegionId,
    asset_id: AssetPath,
    body: Annotated[
        AssetFeature, StrictJson, Body(media_type=MEDIA_TYPE, openapi_examples=examples("regions/workshop"))
    ],
    if_match: IfMatch = None,
) -> Response:
    """Put a whole asset in the place of another; fields that are not sent are unknown afterwards."""
    expected = expected_tags(if_match)
    return await _replaced(request, service, caller, region_id, body.asset(asset_id), expected)


@router.patch(
    _ITEMS + "/{asset_id:path}",
    operation_id="changeAsset",
    summary="Change some fields of an asset (merge patch)",
    response_class=Response,
    responses={200: {**_ONE, "description": "The asset as it is now."}, **problem_responses(404, 412, 428)},
)
async def change_asset(
    request: Request,
    service: ServiceOf,
    caller: Editor,
    region_id: RegionId,
    asset_id: AssetPath,
    body: Annotated[
        dict[str, Any], StrictJson, Body(media_type=_MERGE_PATCH, openapi_examples=examples("regions/new-hours"))
    ],
    if_match: IfMatch = None,
) -> Response:
    """Change what is sent and leave the rest (RFC 7396); null takes a field away. The result must be an asset."""
    expected = expected_tags(if_match)
    found = _asset_in(await region_of(service, region_id), asset_id)
    if expected is not None and found.etag not in expected:
        raise stale(found.etag)
    changed = (await run_in_threadpool(patched_feature, found.body, body)).asset(asset_id)
    # Whatever the caller allows: the patch was made for what was just read.
    return await _replaced(request, service, caller, region_id, changed, frozenset({found.etag}))


@router.delete(
    _ITEMS + "/{asset_id:path}",
    operation_id="deleteAsset",
    summary="Take an asset away",
    status_code=204,
    response_class=Response,
    responses=problem_responses(404, 412, 428),
)
async def delete_asset(
    service: ServiceOf, caller: Editor, region_id: RegionId, asset_id: AssetPath, if_match: IfMatch = None
) -> Response:
    """Take an asset out of the region; what it was stays in the record of edits."""
    expected = expected_tags(if_match)
    with _refusals():
        await run_in_threadpool(
            service.regions.remove_asset, region_id, asset_id, expected=expected, key_id=caller.key_id
        )
    return Response(status_code=204)


router.include_router(features)


async def _replaced(
    request: Request,
    service: ServiceOf,
    caller: Caller,
    region_id: str,
    asset: Asset,
    expected: frozenset[str] | None,
) -> Response:
    with _refusals():
        stored = await run_in_threadpool(
            service.regions.replace_asset, region_id, asset, expected=expected, key_id=caller.key_id
        )
    return _feature_response(request, region_id, stored)


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell what a store refuses over HTTP."""
    try:
        yield
    except UnknownAssetError as error:
        raise _unknown(error.asset_id) from None
    except AssetExistsError as error:
        detail = text("assets.exists", asset=error.asset_id)
        raise ProblemError(409, "conflict", detail, [Flaw(detail, pointer="/id", value=error.asset_id)]) from None
    except AssetsFullError as error:
        detail = text("regions.many_assets", most=error.most)
        raise ProblemError(409, "conflict", detail) from None
    except StaleError as error:
        raise stale(error.etag) from None


def _asset_in(stored: StoredRegion, asset_id: str) -> StoredAsset:
    found = stored.asset(asset_id)
    if found is None:
        raise _unknown(asset_id)
    return found


def _unknown(asset_id: str) -> ProblemError:
    detail = text("assets.unknown", asset=asset_id)
    return ProblemError(404, "not-found", detail, [Flaw(detail, parameter="asset_id", value=asset_id)])


def _page(
    request: Request, stored: StoredRegion, query: FeatureQuery, after: tuple[str, int] | None, limit: int
) -> str:
    matched = query.places(stored.region.assets)
    first = bisect_right(matched, _place_of(stored, after)) if after is not None else 0
    shown = [stored.region.assets[place].id for place in matched[first : first + limit]]
    region_id = stored.region.id
    links = [
        {"href": str(public_url(request)), "rel": "self", "type": MEDIA_TYPE},
        {"href": absolute_url(request, _COLLECTION_PATH.format(region_id)), "rel": "collection", "type": _JSON},
    ]
    if first + limit < len(matched):
        following = next_url(request, [shown[-1], matched[first + limit - 1]])
        links.append({"href": following, "rel": "next", "type": MEDIA_TYPE})
    around = {
        "type": "FeatureCollection",
        "links": links,
        "timeStamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": len(matched),
        "numberReturned": len(shown),
    }
    features = ",".join(_feature(request, region_id, asset_id, stored.bodies[asset_id]) for asset_id in shown)
    return f'{_json(around)[:-1]},"features":[{features}]}}'


def _place_of(stored: StoredRegion, after: tuple[str, int]) -> int:
    """Return the place of the last asset that was seen; where it was taken away, the one before where it stood."""
    last, place = after
    return stored.places.get(last, place - 1)


def _read_cursor(limit: int, cursor: str | None) -> tuple[str, int] | None:
    """Return id and place of the last asset that was seen."""
    after = Paging(limit, cursor).after
    if after is None:
        return None
    match after:
        case [str(last), int(place)] if not isinstance(place, bool):
            return last, place
        case _:
            raise bad_cursor()


def _feature(request: Request, region_id: str, asset_id: str, body: str) -> str:
    """Return an asset as a feature, as JSON: what is stored, which is not parsed, with its id and links."""
    links = [
        {"href": absolute_url(request, _path_of(region_id, asset_id)), "rel": "self", "type": MEDIA_TYPE},
        {"href": absolute_url(request, _COLLECTION_PATH.format(region_id)), "rel": "collection", "type": _JSON},
    ]
    return f"{body[:-1]},{_json({'id': asset_id, 'links': links})[1:]}"


def _feature_response(
    request: Request, region_id: str, stored: StoredAsset, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    feature = _feature(request, region_id, stored.asset.id, stored.body)
    return Response(feature, status, {"ETag": stored.etag, **(headers or {})}, MEDIA_TYPE)


def _path_of(region_id: str, asset_id: str) -> str:
    # Ids hold nothing that an address would have to escape.
    return f"{_COLLECTION_PATH.format(region_id)}/items/{asset_id}"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
