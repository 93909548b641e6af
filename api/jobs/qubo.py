"""Work on models for annealers: making them, and reading samples of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from api.inline_sources import market_from
from api.jobs.stages import compile_first, go_on
from api.price_checks import check_market_size
from api.qubo_models import (
    HARDWARE_CLIQUE,
    Model,
    market_model,
    model_files,
    refuse_changed_source,
    refuse_empty,
    trip_model,
)
from api.qubo_requests import (
    DecodedModel,
    ExportedModel,
    MarketModelSource,
    ModelFile,
    QuboDecodeRequest,
    QuboExportRequest,
    TripModelSource,
)
from api.qubo_sidecar import MarketSource, Sidecar, TripSource, samples_of
from api.refusals import figures_told, model_told, nothing_to_choose_told, prices_told, sampler_told, under
from api.regions.snapshots import data_version_of
from api.warming import compile_annealer, compile_prices, compile_trips

if TYPE_CHECKING:
    from api.jobs.work import Reporter, Workplace
    from pricing.proposal import PricePlan
    from regional_assets.model import Region
    from routing.itinerary import Itinerary
    from routing.packing import PackedTrip
    from routing.request import TripRequest
    from solvers.qubo.reads import Reads

_COMPILED: dict[str, tuple[Callable[[], None], ...]] = {
    "trip": (compile_trips, compile_annealer),
    "market": (compile_prices, compile_annealer),
}
"""What each kind of source needs."""


def export(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Make a model for annealers.

    Parameters
    ----------
    payload
        A `api.qubo_requests.QuboExportRequest` as JSON, with ``today`` filled in.

    Returns
    -------
    model
        A `api.qubo_requests.ExportedModel` as JSON.
    """
    request = QuboExportRequest.model_validate_json(payload)
    compile_first(reporter, *_COMPILED[request.source.kind])
    go_on(reporter, "modelling", 0.0)
    if isinstance(request.source, TripModelSource):
        assert region is not None, "trips are planned in a region"
        model = _exported_trip(request.source, region, reporter, workplace)
    else:
        model = _exported_market(request.source)
    go_on(reporter, "writing", 0.9)
    with model_told("source"):
        sidecar, contents = model_files(model, request.format)
    size = sidecar.size
    return (
        ExportedModel(
            model=sidecar.model,
            format=request.format,
            **size.model_dump(),
            hardware_clique=HARDWARE_CLIQUE,
            may_fit_hardware=size.largest_clique <= HARDWARE_CLIQUE,
            digest=sidecar.digest,
            simulated=isinstance(request.source, MarketModelSource) and market_from(request.source.market).is_made_up,
            file=_file_of(sidecar.file, contents[sidecar.file]),
            sidecar=sidecar,
        )
        .model_dump_json()
        .encode()
    )


def decode(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Read samples of a model back.

    Parameters
    ----------
    payload
        A `api.qubo_requests.QuboDecodeRequest` as JSON.

    Returns
    -------
    meaning
        A `api.qubo_requests.DecodedModel` as JSON.
    """
    request = QuboDecodeRequest.model_validate_json(payload)
    sidecar, samples = request.sidecar, request.samples
    content = samples if isinstance(samples, str) else json.dumps(samples)
    reads = samples_of(content, sidecar, "samples").reads
    compile_first(reporter, *_COMPILED[sidecar.source.kind])
    go_on(reporter, "modelling", 0.0)
    itinerary, plan = None, None
    with sampler_told("samples"):
        if isinstance(sidecar.source, TripSource):
            assert region is not None, "trips are planned in a region"
            itinerary = _decoded_trip(sidecar, sidecar.source, reads, region, reporter, workplace)
        else:
            plan = _decoded_market(sidecar, sidecar.source, reads, reporter)
    return DecodedModel(model=sidecar.model, itinerary=itinerary, plan=plan).model_dump_json().encode()


def _file_of(name: str, content: str | bytes) -> ModelFile:
    if isinstance(content, str):
        return ModelFile(name=name, encoding="utf-8", content=content)
    return ModelFile(name=name, encoding="base64", content=base64.b64encode(content).decode())


def _exported_trip(source: TripModelSource, region: Region, reporter: Reporter, workplace: Workplace) -> Model:
    assert source.today is not None, "filled in before the job is queued"
    request = source.request
    kept = TripSource(region=region.id, today=source.today, request=request.model_dump(mode="json"), most=source.most)
    with under("source.request"):
        packed = _packed_trip(kept, request, region, reporter, workplace)
    return trip_model(packed, kept, request)


def _exported_market(source: MarketModelSource) -> Model:
    kept = MarketSource(market=source.market, objective=source.objective, may_close=source.may_close)
    with figures_told("source.market"), under("source.market"), prices_told():
        model = market_model(market_from(source.market), kept, seed=source.seed)
    refuse_empty(model, "source.market")
    return model


def _decoded_trip(
    sidecar: Sidecar, source: TripSource, reads: Reads, region: Region, reporter: Reporter, workplace: Workplace
) -> Itinerary:
    from routing.plan import plan_from_reads
    from routing.request import TripRequest

    request = TripRequest.model_validate(source.request)
    with under("sidecar.source.request"):
        packed = _packed_trip(source, request, region, reporter, workplace)
    refuse_changed_source(sidecar, trip_model(packed, source, request), "sidecar.source")
    go_on(reporter, "decoding", 0.5)
    found = plan_from_reads(packed, reads, on_progress=_in_second_half(reporter, "decoding"))
    provenance = found.provenance.model_copy(update={"data_version": data_version_of(region.folder)})
    return found.model_copy(update={"provenance": provenance})


def _decoded_market(sidecar: Sidecar, source: MarketSource, reads: Reads, reporter: Reporter) -> PricePlan:
    from pricing.plan import plan_prices

    market = market_from(source.market)
    check_market_size(market)
    with figures_told("sidecar.source.market"), under("sidecar.source.market"), prices_told():
        model = market_model(market, source, seed=sidecar.seed)
    refuse_changed_source(sidecar, model, "sidecar.source")
    tell = _in_second_half(reporter, "decoding")
    return plan_prices(
        market,
        objective=source.objective,
        seed=sidecar.seed,
        may_close=source.may_close,
        solver="qubo",
        sampler=reads,
        on_progress=lambda _stage, done, total: tell(done / max(1, total)),
    )


def _packed_trip(
    source: TripSource, request: TripRequest, region: Region, reporter: Reporter, workplace: Workplace
) -> PackedTrip:
    from routing.packing import pack_trip

    with nothing_to_choose_told("days"):
        return pack_trip(
            region,
            request,
            today=source.today,
            networks=workplace.networks(region, request.mode),
            most=source.most,
            on_progress=lambda share: go_on(reporter, "modelling", share / 2),
        )


def _in_second_half(reporter: Reporter, stage: str) -> Callable[[float], None]:
    return lambda share: go_on(reporter, stage, 0.5 + share / 2)
