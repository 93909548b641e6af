"""Vector tiles of a region's streets and outlines, for maps."""

import html
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Path as PathParameter
from fastapi import Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import JSONResponse

from api.http.auth import Caller, require
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.paging import absolute_url
from api.http.preconditions import ETAG_HEADER, IfNoneMatch, has_already
from api.http.problems import ProblemError, problem_responses
from api.http.regions_http import RegionId, region_of
from api.service import Service
from api.texts import text
from api.tiles.archive import (
    Box,
    BrokenTilesError,
    TileInfo,
    TileLayer,
    Zoom,
    read_info,
    read_tile,
    unpacked,
)

router = Router(tags=["regions"])

Reader = Annotated[Caller, require("read")]

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
_MARK_LENGTH = 16
_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


class _NumberConvertor(StringConvertor):
    """Match a whole number as people write it: no sign, no leading zero, no blank, no digits of other scripts."""

    regex = "0|[1-9][0-9]{0,8}"


register_url_convertor("number", _NumberConvertor())

# What is beyond the tiles that there are is not found, like everything that is not there.
ZoomOf = Annotated[int, PathParameter(ge=0, description="Zoom.", examples=[12])]
Column = Annotated[int, PathParameter(ge=0, description="Column of the tile, from the west.", examples=[3541])]
Row = Annotated[int, PathParameter(ge=0, description="Row of the tile, from the north.", examples=[1636])]


class TileJson(BaseModel):
    """
    Describe the vector tiles of a region (TileJSON 3.0).

    Parameters
    ----------
    tilejson
        Version of this format.
    name
        Of the region, in the language of the request.
    attribution
        Who made the data, and its licence, as HTML without markup: to be shown with every map.
    scheme
        Rows are counted from the north.
    tiles
        Address of the tiles with ``{z}``, ``{x}`` and ``{y}`` to be filled in. It changes with the tiles, and what it
        leads to never does.
    minzoom, maxzoom
        First and last zoom for which there are tiles; closer up, those of the last are drawn larger.
    bounds
        West, south, east, north of everything drawn.
    vector_layers
        Layers of the tiles, in the order in which they are drawn.
    """

    tilejson: Literal["3.0.0"] = "3.0.0"
    name: str
    attribution: str
    scheme: Literal["xyz"] = "xyz"
    tiles: list[str]
    minzoom: Zoom
    maxzoom: Zoom
    bounds: Box
    vector_layers: list[TileLayer]


@router.get(
    "/v1/regions/{region_id}/tiles",
    operation_id="getTiles",
    summary="See what vector tiles a region has (TileJSON)",
    response_model=TileJson,
    responses=problem_responses(404),
)
async def show_tiles(
    request: Request, service: ServiceOf, language: LanguageOf, _caller: Reader, region_id: RegionId
) -> Response:
    """Tell a map what it can draw of a region's streets and outlines, and where it finds the tiles."""
    region = (await region_of(service, region_id)).region
    mark, info = await run_in_threadpool(_info, service, region_id)
    address = absolute_url(request, f"/v1/regions/{region_id}/tiles")
    found = TileJson(
        name=region.name.in_(language),
        # Maps show it as HTML, and the file may have come from anywhere.
        attribution=html.escape(info.attribution),
        tiles=[f"{address}/{{z}}/{{x}}/{{y}}.mvt?v={mark}"],
        minzoom=info.minzoom,
        maxzoom=info.maxzoom,
        bounds=info.bounds,
        vector_layers=info.layers,
    )
    return JSONResponse(found.model_dump(mode="json"), headers={"Content-Language": language})


@router.get(
    "/v1/regions/{region_id}/tiles/{z:number}/{x:number}/{y:number}.mvt",
    operation_id="getTile",
    summary="Fetch a vector tile",
    response_class=Response,
    responses={
        200: {
            "description": "A vector tile, packed by gzip for whoever takes that.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            "headers": ETAG_HEADER,
        },
        204: {"description": "There is nothing to draw."},
        304: {"description": "It is what the caller has."},
        **problem_responses(404),
    },
)
async def fetch_tile(
    request: Request,
    service: ServiceOf,
    _caller: Reader,
    region_id: RegionId,
    z: ZoomOf,
    x: Column,
    y: Row,
    v: Annotated[
        str | None,
        Query(
            description="Mark of the tiles, as in the TileJSON: with the present one, the answer may be kept for ever.",
            pattern=rf"^[0-9a-f]{{{_MARK_LENGTH}}}$",
        ),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """
    Return a tile as it is stored.

    Tiles that nothing is drawn in are empty answers; zooms and places that do not exist are not found.
    """
    is_packed = _takes_gzip(request.headers.get("accept-encoding", ""))
    digest, tile = await run_in_threadpool(_tile, service, region_id, z, x, y, is_packed=is_packed)
    headers = {
        "ETag": f'"{digest[:32]}"' if is_packed else f'"{digest[:32]}-plain"',
        "Cache-Control": _FOR_EVER if v == digest[:_MARK_LENGTH] else _ASK_AGAIN,
        "Vary": "Accept-Encoding",
    }
    if has_already(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if tile is None:
        return Response(status_code=204, headers=headers)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    return Response(tile, headers=headers, media_type=MEDIA_TYPE)


# The name of a file is the SHA-256 of what is in it.
_known_info = lru_cache(maxsize=64)(read_info)


def _info(service: Service, region_id: str) -> tuple[str, TileInfo]:
    digest, path = _archive(service, region_id)
    try:
        return digest[:_MARK_LENGTH], _known_info(path)
    except BrokenTilesError as error:
        raise _unusable(error) from None


def _tile(service: Service, region_id: str, z: int, x: int, y: int, *, is_packed: bool) -> tuple[str, bytes | None]:
    """Return the SHA-256 of all tiles, and one of them."""
    digest, path = _archive(service, region_id)
    try:
        info = _known_info(path)
        if not info.minzoom <= z <= info.maxzoom:
            raise ProblemError(404, "not-found", text("tiles.no_zoom", first=info.minzoom, last=info.maxzoom))
        if max(x, y) >= 2**z:
            raise ProblemError(404, "not-found", text("tiles.no_place", last=2**z - 1))
        tile = read_tile(path, z, x, y)
        return digest, tile if tile is None or is_packed else unpacked(tile)
    except BrokenTilesError as error:
        raise _unusable(error) from None


def _archive(service: Service, region_id: str) -> tuple[str, Path]:
    found = service.regions.tiles(region_id)
    if found is None:
        raise ProblemError(404, "not-found", text("tiles.none", region=region_id))
    return found


def _unusable(error: BrokenTilesError) -> ProblemError:
    # No fault of the server: the operator put the file into the folder of a region. Imports are checked.
    return ProblemError(404, "not-found", text("tiles.unusable", reason=error.reason))


def _takes_gzip(accepted: str) -> bool:
    """Whether a header ``Accept-Encoding`` names gzip without forbidding it (``q=0``)."""
    for entry in accepted.lower().split(","):
        name, _, weight = entry.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
