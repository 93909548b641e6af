"""Models for annealers: export one, read samples of it back, and see which samplers there are."""

from typing import Annotated

from fastapi import Body, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from api.http.auth import Caller, admit, require
from api.http.bodies import StrictJson
from api.http.depends import ServiceOf
from api.http.doors import Router
from api.http.examples import examples
from api.http.jobs_http import Hints, Start, job_answers, start_job
from api.inline_sources import BUNDLED_MARKET, market_from
from api.jobs.model import Answer
from api.keys import Scope
from api.price_checks import check_market_size
from api.qubo_requests import (
    DecodedModel,
    ExportedModel,
    MarketModelSource,
    QuboDecodeRequest,
    QuboExportRequest,
    SamplerAnswer,
    Samplers,
    TripModelSource,
)
from api.qubo_sidecar import MarketSource, Sidecar, TripSource, check_sidecar
from api.refusals import under
from api.region_time import local_today
from api.regions.store import unknown_region
from api.regions.stored import StoredRegion
from api.service import Service
from api.texts import text
from api.trip_requests import check_trip_request, fitted
from regional_assets.errors import InputError, Problem
from routing.request import TripRequest

router = Router(tags=["annealers"])

_SCOPES: dict[str, Scope] = {"trip": "plan", "market": "price"}


@router.post(
    "/v1/qubo:export",
    operation_id="exportModel",
    summary="Make a model for annealers of a trip or a market",
    **job_answers(Answer[ExportedModel]),
)
async def export(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("plan", "price")],
    body: Annotated[
        QuboExportRequest, StrictJson, Body(openapi_examples=examples("qubo/export-trip", "qubo/export-market"))
    ],
    hints: Hints,
) -> Response:
    """
    Return a trip or prices as a model that any annealer takes, and a sidecar that tells what its variables stand for.

    Nothing is submitted anywhere. Trips need a key with the scope `plan`, markets one with `price`.
    """
    source = body.source
    await admit(request, (_SCOPES[source.kind],))
    if isinstance(source, MarketModelSource):
        with under("source"):
            await run_in_threadpool(check_market_size, market_from(source.market))
        return await start_job(request, caller, hints, Start("qubo-export", body.model_dump_json().encode()))
    stored = await _region_of(service, source.region, "source.region")
    source = await run_in_threadpool(_checked_trip, service, stored, source)
    payload = body.model_copy(update={"source": source}).model_dump_json().encode()
    return await start_job(request, caller, hints, Start("qubo-export", payload, source.region, stored.data_version))


@router.post(
    "/v1/qubo:decode",
    operation_id="decodeSamples",
    summary="Read samples of an exported model as a trip or as prices",
    **job_answers(Answer[DecodedModel]),
)
async def decode(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("plan", "price")],
    body: Annotated[QuboDecodeRequest, StrictJson, Body(openapi_examples=examples("qubo/decode-market"))],
    hints: Hints,
) -> Response:
    """
    Return the itinerary or the price plan that samples stand for, and what they are worth beside classical search.

    The model is made anew from the source that the sidecar names: a region of this server, a market inside it, or the
    bundled market. Where that gives another model, because the data or the version changed, the samples are refused.
    """
    source = body.sidecar.source
    await admit(request, (_SCOPES[source.kind],))
    await run_in_threadpool(check_sidecar, body.sidecar, "sidecar.")
    payload = body.model_dump_json().encode()
    if isinstance(source, MarketSource):
        await run_in_threadpool(_check_market, source)
        return await start_job(request, caller, hints, Start("qubo-decode", payload))
    stored = await _region_of(service, source.region, "sidecar.source.region")
    await run_in_threadpool(_check_exported_trip, service, stored, body.sidecar, source)
    return await start_job(request, caller, hints, Start("qubo-decode", payload, source.region, stored.data_version))


@router.get(
    "/v1/samplers",
    operation_id="listSamplers",
    summary="List samplers",
    response_model=Samplers,
)
async def samplers(_caller: Annotated[Caller, require("read")]) -> Response:
    """
    Return every sampler that can be asked for by name, whether it is installed, and how it works.

    They run on this server; one that sends models to another machine is refused, whatever its name.
    """
    return JSONResponse((await run_in_threadpool(_samplers)).model_dump(mode="json"))


async def _region_of(service: Service, region_id: str, field: str) -> StoredRegion:
    """Return a region by its id: what a body names is an id and never a path."""
    stored = await run_in_threadpool(service.regions.stored, region_id)
    if stored is None:
        message = unknown_region(region_id).problems[0].message
        raise InputError([Problem(field, region_id, message)])
    return stored


def _checked_trip(service: Service, stored: StoredRegion, source: TripModelSource) -> TripModelSource:
    """
    Return a trip to make a model of, with everything filled in that hangs on the day and on this server.

    Raises
    ------
    InputError
        With everything that makes no sense in its region, or asks for too much.
    """
    request = fitted(source.request, service.settings)
    if "name" not in request.solver.model_fields_set:
        request = request.model_copy(update={"solver": request.solver.model_copy(update={"name": "qubo"})})
    today = source.today or local_today(stored.region)
    with under("source.request"):
        check_trip_request(stored.region, request, service.settings, today=today)
    return source.model_copy(update={"request": request, "today": today})


def _check_exported_trip(service: Service, stored: StoredRegion, sidecar: Sidecar, source: TripSource) -> None:
    """
    Refuse a sidecar whose trip is none, or asks for more than this server gives.

    Raises
    ------
    InputError
        With every problem found.
    """
    from pydantic import ValidationError

    from regional_assets.validation import problems_from

    with under("sidecar.source.request"):
        try:
            request = TripRequest.model_validate(source.request)
        except ValidationError as error:
            raise InputError(problems_from(error)) from None
        check_trip_request(stored.region, request, service.settings, today=source.today)


def _check_market(source: MarketSource) -> None:
    """
    Refuse a sidecar whose market is a path, makes no sense, or is too large.

    Raises
    ------
    InputError
        With every problem found.
    """
    if isinstance(source.market, str) and source.market != BUNDLED_MARKET:
        message = text("price_job.no_market_file", bundled=BUNDLED_MARKET)
        raise InputError([Problem("sidecar.source.market", source.market, message)])
    with under("sidecar.source"):
        check_market_size(market_from(source.market))


def _samplers() -> Samplers:
    import warnings

    from solvers.qubo.samplers.registry import SamplerNameWarning, sampler_entries

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SamplerNameWarning)
        entries = sampler_entries()
    return Samplers(
        samplers=tuple(
            SamplerAnswer(
                name=entry.name,
                method=text(f"qubo.method_{entry.name}") if entry.origin == "meguri" else None,
                origin=entry.origin,
                is_installed=entry.is_installed,
                extra=entry.extra,
                is_reproducible=entry.is_reproducible,
                # Ours run where they are called; whether others do, they tell when they are loaded.
                is_remote=False if entry.origin == "meguri" else None,
            )
            for entry in entries
        )
    )
