"""What the client asks is what the server offers, and nothing is left out without a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import MeguriClient, ServiceError
from api.http.app import create_app
from api.jobs.model import Answer
from api.price_requests import PassPriceRequest
from api.service import build_service
from api.service_settings import ServiceSettings
from regional_assets.model import Asset

ASSET = Asset.model_validate(
    {"id": "a", "name": {"en": "a"}, "kind": "culture", "visit_minutes": {"min": 1, "typical": 1, "max": 1}}
    | {"sources": [{"name": "a"}]}
)
JOB: Answer[Any] = Answer[Any].model_validate(
    {"id": "7", "kind": "trip", "state": "running", "region": "r", "data_version": None, "attempts": 1}
    | {"created_at": "2026-11-23T00:00:00Z", "started_at": None, "finished_at": None, "progress": {}, "problem": None}
    | {"links": {"self": "", "result": "", "events": ""}, "result": None}
)

ASK: dict[str, Callable[[MeguriClient], Any]] = {
    "planTrip": lambda client: client.plan_trip("r", {}),
    "listTrips": lambda client: next(client.trips()),
    "getTrip": lambda client: client.trip("7"),
    "explainTrip": lambda client: client.explain("7", "a"),
    "checkTrip": lambda client: client.check_trip("r", {}),
    "getTripAsGeoJSON": lambda client: client.export("7", "geojson"),
    "getTripAsGPX": lambda client: client.export("7", "gpx"),
    "getTripAsICalendar": lambda client: client.export("7", "ics"),
    "getTripAsKML": lambda client: client.export("7", "kml"),
    "getTripAsJSONLD": lambda client: client.export("7", "jsonld"),
    "getTripAsPDF": lambda client: client.export("7", "pdf"),
    "listRegions": lambda client: next(client.regions()),
    "getRegion": lambda client: client.region("r"),
    "deleteRegion": lambda client: client.delete_region("r"),
    "checkRegion": lambda client: client.check_region("r"),
    "importRegion": lambda client: client.import_region("r"),
    "downloadAssetsCsv": lambda client: client.export_assets("r", "csv"),
    "downloadAssetsGeoJson": lambda client: client.export_assets("r", "geojson"),
    "getVocabulary": lambda client: client.vocabulary("r"),
    "getHours": lambda client: client.hours("r", "a"),
    "getTiles": lambda client: client.tiles("r"),
    "getTile": lambda client: client.tile("r", 8, 221, 101),
    "createAsset": lambda client: client.create_asset("r", ASSET),
    "listAssets": lambda client: next(client.assets("r")),
    "getAsset": lambda client: client.asset("r", "a"),
    "replaceAsset": lambda client: client.replace_asset("r", ASSET),
    "changeAsset": lambda client: client.change_asset("r", "a", {}),
    "deleteAsset": lambda client: client.delete_asset("r", "a"),
    "planPrices": lambda client: client.plan_prices("r", {}),
    "simulatePrices": lambda client: client.simulate_prices("r", {}),
    "backtestPrices": lambda client: client.backtest_prices("r", {}),
    "estimateDemand": lambda client: client.estimate_demand("r", {}),
    "planPriceTest": lambda client: client.plan_price_test("r", {}),
    "listPricePlans": lambda client: next(client.price_plans()),
    "getPricePlan": lambda client: client.price_plan("7"),
    "getPricePlanRequest": lambda client: client.price_plan_request("7"),
    "getMarket": lambda client: client.market("m"),
    "checkMarket": lambda client: client.check_market({}),
    "getPricesAsCSV": lambda client: client.export_prices("7", "csv"),
    "getPriceReport": lambda client: client.export_prices("7", "html"),
    "pricePass": lambda client: client.price_pass({}),
    "exportModel": lambda client: client.export_model({}),
    "decodeSamples": lambda client: client.decode_samples({}),
    "listSamplers": lambda client: client.samplers(),
    "listJobs": lambda client: next(client.jobs()),
    "getJob": lambda client: client.job("7"),
    "stopJob": lambda client: client.stop(JOB),
    "streamJobEvents": lambda client: next(client.events("7")),
}
SERVED_BY_JOBS = {
    "stopTrip",
    "streamTripEvents",
    "stopPricePlan",
    "streamPricePlanEvents",
    "getJobResult",
}
FOR_OPERATORS = {"getHealth", "getReadiness", "getMetrics", "getIndex"}
FOR_MAP_PROGRAMS = {"getConformance", "listCollections", "getCollection"}


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Return method and path of each operation of the server."""
    app = create_app(build_service(ServiceSettings(home=tmp_path_factory.mktemp("home"))))
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def refusing() -> Iterator[tuple[MeguriClient, list[httpx.Request]]]:
    """Return a client of a server that knows nothing, and what it is asked."""
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(404, json={"type": "x", "title": "x", "status": 404, "detail": "x"})

    with httpx.Client(transport=httpx.MockTransport(refuse)) as http:
        yield MeguriClient("http://server", http=http), asked


def test_every_route_is_asked_or_left_out_for_a_reason(operations: dict[str, tuple[str, str]]) -> None:
    """Some have twins among jobs; some are for operators, or for programs that draw maps."""
    left_out = SERVED_BY_JOBS | FOR_OPERATORS | FOR_MAP_PROGRAMS
    assert not left_out & ASK.keys()
    assert operations.keys() == left_out | ASK.keys()


@pytest.mark.parametrize("operation", ASK)
def test_each_method_asks_its_route(
    operation: str, operations: dict[str, tuple[str, str]], refusing: tuple[MeguriClient, list[httpx.Request]]
) -> None:
    """By its path and method; a refusal comes back as an error."""
    client, asked = refusing
    method, path = operations[operation]
    with pytest.raises(ServiceError):
        ASK[operation](client)
    assert [request.method for request in asked] == [method]
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", "[a-z0-9]+", re.escape(path)), asked[0].url.path)


def test_fields_have_the_names_of_the_server(refusing: tuple[MeguriClient, list[httpx.Request]]) -> None:
    """Where a model calls a field otherwise, as its name is a word of Python."""
    client, asked = refusing
    with pytest.raises(ServiceError):
        client.price_pass(PassPriceRequest.model_validate({"pass": "echizen-pass", "horizons": 2}))
    assert json.loads(asked[0].content) == {"pass": "echizen-pass", "horizons": 2}


def test_every_method_is_described() -> None:
    """The table of the page names what a client can do, and nothing else."""
    page = (Path(__file__).parents[3] / "docs" / "client.md").read_text(encoding="utf-8")
    table = page.partition("## What it asks")[2].partition("\n\nWhatever takes time")[0]
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}
    assert named == {name for name in dir(MeguriClient) if not name.startswith("_")} - {"close"}
