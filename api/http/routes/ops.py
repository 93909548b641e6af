"""Operations: is the server well, what does it measure, what can it do."""

import json
from functools import lru_cache
from html import escape
from importlib.metadata import version
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse

from api.http.auth import Caller, require
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.openapi import of_app
from api.http.paging import absolute_url
from api.http.reference import POLICY, page_of, style_sheet
from api.service import Service
from api.storage import reading
from regional_assets.text import Language

router = Router(tags=["operations"])
_HERE = "meguri-server-address"
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


class Health(BaseModel):
    """Say that the process lives."""

    status: str


class Readiness(BaseModel):
    """
    Say whether the server can do its work.

    Parameters
    ----------
    status
        ``ready`` or ``not ready``.
    reasons
        What is missing.
    """

    status: str
    reasons: list[str]


class BaseMap(BaseModel):
    """
    Name picture tiles of another server that the operator chose to be drawn under maps.

    Parameters
    ----------
    url
        Template with ``{z}``, ``{x}`` and ``{y}``.
    attribution
        Whom to name beside the map.
    """

    url: str
    attribution: str


class Index(BaseModel):
    """
    Name the version of the service, and where its parts are.

    Parameters
    ----------
    name, version
        Of the program.
    links
        Where to go from here.
    base_map
        What maps may be drawn on; null unless the settings name something.
    """

    name: str
    version: str
    links: dict[str, str]
    base_map: BaseMap | None


@router.get("/healthz", operation_id="getHealth", summary="Is the process alive?", response_model=Health)
async def healthz() -> Response:
    """Answer without looking at anything: whoever restarts processes asks here."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Can it take work?",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not now, for the reasons told."}},
)
async def readyz(service: ServiceOf) -> Response:
    """Ask the database and whoever does the work; 503 with reasons while something is missing."""
    reasons = await run_in_threadpool(_missing, service)
    status = "not ready" if reasons else "ready"
    return JSONResponse({"status": status, "reasons": reasons}, 503 if reasons else 200)


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Measurements for Prometheus",
    responses=_TEXT,
    dependencies=[require("admin")],
)
async def metrics(service: ServiceOf) -> Response:
    """Return everything that is counted, in Prometheus' text format."""
    return Response(await run_in_threadpool(service.metrics.exposition), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1", operation_id="getIndex", summary="What is here?", response_model=Index)
async def index(request: Request, service: ServiceOf, _caller: Annotated[Caller, require("read")]) -> Response:
    """Return the version of the service and its main addresses."""
    tiles, attribution = service.settings.map_tiles_url, service.settings.map_attribution
    base_map = BaseMap(url=tiles, attribution=attribution) if tiles is not None and attribution is not None else None
    paths = {"regions": "/v1/regions", "jobs": "/v1/jobs", "openapi": "/openapi.json", "docs": "/docs"}
    links = {name: absolute_url(request, path) for name, path in paths.items()}
    found = Index(name="meguri", version=version("meguri"), links=links, base_map=base_map)
    return JSONResponse(found.model_dump())


@router.get("/openapi.json", include_in_schema=False)
async def openapi_document(request: Request) -> Response:
    """Return the OpenAPI document."""
    return Response(await run_in_threadpool(of_app(request.app).encoded), media_type="application/json")


@router.get("/docs", include_in_schema=False)
async def docs(
    request: Request, service: ServiceOf, language: LanguageOf, lang: Literal["ja", "en"] | None = None
) -> Response:
    """Return the reference of the API as a page."""
    document = await run_in_threadpool(of_app(request.app).encoded)
    page = await run_in_threadpool(_page, document, lang or language, needs_keys=service.settings.needs_keys)
    html = page.replace(_HERE, escape(absolute_url(request, "")))
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY, "Content-Language": lang or language})


@router.get("/docs/style.css", include_in_schema=False)
async def docs_style() -> Response:
    """Return the looks of the reference."""
    return Response(style_sheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@lru_cache(maxsize=4)
def _page(document: bytes, language: Language, *, needs_keys: bool) -> str:
    """Return the reference for a server at `_HERE`: kept, as making it takes long and anybody may ask for it."""
    return page_of(json.loads(document), language, _HERE, needs_keys=needs_keys)


def _missing(service: Service) -> list[str]:
    """Return what keeps a server from working."""
    reasons = []
    if service.stopping.is_set() or not service.is_ready:
        reasons.append("starting or shutting down")
    try:
        with reading(service.engine) as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        reasons.append("database not reachable")
    trouble = service.executor.health()
    if trouble is not None:
        reasons.append(f"no workers: {trouble}")
    return reasons
