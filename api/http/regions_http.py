"""Regions over HTTP: the one that an address names, and its entity tag."""

from typing import Annotated, TypeVar

from fastapi import Path
from starlette.concurrency import run_in_threadpool

from api.regions.store import unknown_region
from api.regions.stored import RegionSummary, StoredRegion
from api.service import Service
from regional_assets.text import Language

RegionId = Annotated[str, Path(description="Id of the region.", examples=["echizen"], max_length=200)]

Found = TypeVar("Found")

_ENDS = ('-ja"', '-en"')


async def region_of(service: Service, region_id: str) -> StoredRegion:
    """
    Return a region.

    Raises
    ------
    UnknownRegionError
        If there is none of that id.
    """
    return _there(await run_in_threadpool(service.regions.stored, region_id), region_id)


async def summary_of(service: Service, region_id: str) -> RegionSummary:
    """
    Return what a region is, without its assets.

    Raises
    ------
    UnknownRegionError
        If there is none of that id.
    """
    return _there(await run_in_threadpool(service.regions.summary, region_id), region_id)


def tag_in(etag: str, language: Language) -> str:
    """Return the entity tag of a description in one language: answers that differ have tags that differ."""
    return f'{etag[:-1]}-{language}"'


def tags_in_any(tags: frozenset[str] | None) -> frozenset[str] | None:
    """Return the entity tags of regions for those of `tag_in`: whoever saw one in any language may change it."""
    if tags is None:
        return None
    return tags | {f'{tag.removesuffix(end)}"' for tag in tags for end in _ENDS if tag.endswith(end)}


def _there(found: Found | None, region_id: str) -> Found:
    if found is None:
        raise unknown_region(region_id)
    return found
