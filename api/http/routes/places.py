"""What plans are asked for with: how a region words its tags and themes, and when its places are open."""

import datetime as dt
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.depends import ServiceOf
from api.http.doors import Router
from api.http.problems import ProblemError, problem_responses
from api.http.regions_http import RegionId, region_of
from api.region_time import local_today
from api.regions.door_hours import DoorHours, door_hours
from api.texts import text
from regional_assets.model import AssetId, Name
from regional_assets.opening.model import IsoDate

router = Router(tags=["regions"])

Reader = Annotated[Caller, require("read")]

_MOST_DAYS = 31
"""More than the longest trip; each takes a fraction of a millisecond."""


class Vocabulary(BaseModel):
    """
    Tell the words of a region.

    Parameters
    ----------
    time_zone
        IANA name of the zone in which all its times are.
    tags
        Names of the tags that its assets carry, which trips may weigh as ``interests``.
    themes
        Names of the ``themes`` that trips may ask for.
    """

    time_zone: str
    tags: dict[str, Name]
    themes: dict[str, Name]


@router.get(
    "/v1/regions/{region_id}/vocabulary",
    operation_id="getVocabulary",
    summary="See how a region words its tags and themes",
    response_model=Vocabulary,
    responses=problem_responses(404),
)
async def show_vocabulary(service: ServiceOf, _caller: Reader, region_id: RegionId) -> Vocabulary:
    """Return the name of every tag and theme that trips may ask for; one that the region does not word is its own."""
    region = (await region_of(service, region_id)).region
    tags = sorted({tag for asset in region.assets for tag in asset.tags})
    themes = sorted({theme for asset in region.assets for theme in asset.themes})
    return Vocabulary(
        time_zone=region.time_zone,
        tags={tag: region.label(tag) for tag in tags},
        themes={theme: region.label(theme) for theme in themes},
    )


@router.get(
    "/v1/regions/{region_id}/hours/{asset_id:path}",
    operation_id="getHours",
    summary="See when a place is open",
    response_model=DoorHours,
    responses=problem_responses(404),
)
async def show_hours(
    service: ServiceOf,
    _caller: Reader,
    region_id: RegionId,
    asset_id: Annotated[AssetId, Path(description="Id of the asset; may hold slashes.", examples=["eiheiji-temple"])],
    first: Annotated[
        IsoDate | None,
        Query(alias="from", description="First day; by default today, in the region.", examples=["2026-12-05"]),
    ] = None,
    days: Annotated[int, Query(ge=1, le=_MOST_DAYS, description="How many days.")] = 1,
) -> DoorHours:
    """
    Say when a place lets visitors in: in words, and on the days asked for.

    Unknown hours are told as unknown: nothing is assumed here. Events are closed outside their dates, seasonal places
    outside their season.
    """
    region = (await region_of(service, region_id)).region
    asset = region.asset(asset_id)
    if asset is None:
        raise ProblemError(404, "not-found", text("assets.unknown", asset=asset_id))
    begin = local_today(region) if first is None else dt.date.fromisoformat(first)
    # The calendar ends with the year 9999.
    count = min(days, (dt.date.max - begin).days + 1)
    return await run_in_threadpool(door_hours, asset, [begin + dt.timedelta(each) for each in range(count)])
