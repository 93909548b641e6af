"""Every route keeps to what the OpenAPI document says of it, whatever is sent: no fault, nothing undocumented."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import HandExecutor, service_at_hand
from price_bodies import small_market
from serving import serving

from api.http.app import create_app
from regional_assets.region import find_region
from routing.explain import explain_trip
from routing.judge import by_hand, judge_trip
from routing.plan import plan_trip
from routing.request import TripRequest

# The same ones each time; a deep run sends hundreds.
EXAMPLES = int(os.environ.get("MEGURI_TEST_EXAMPLES", "2"))
# What only reads comes first: it finds more while nothing is taken away.
ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Sound bodies are refused for what no schema can say (a day that is past, an unknown asset); and keys are off.
LEFT_OUT = ("positive_data_acceptance", "ignored_auth")
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Contract:
    """Hold a server, and its document with the ids of things that are there."""

    client: httpx.Client
    document: dict[str, Any]

    @property
    def operations(self) -> list[APIOperation]:
        """Return every route with its method."""
        # Without a cache: tests leave nothing behind, and what they do hangs on nothing from before.
        config = SchemathesisConfig.from_dict({"cache": {"enabled": False}})
        schema = schemathesis.openapi.from_dict(self.document, config=config)
        found = [result.ok() for result in schema.get_all_operations()]
        return sorted(found, key=lambda operation: ORDER.index(operation.method.upper()))


def _saturday() -> dt.date:
    today = dt.date.today()
    return today + dt.timedelta(days=(5 - today.weekday()) % 7 + 7)


def _real_answers() -> tuple[dict[str, bytes], str]:
    """Return answers of the planner and the judge as workers give them, by kind of job, and a place left out."""
    region = find_region("echizen")
    request = TripRequest.model_validate({"days": [_saturday()], "solver": {"iterations": 200}, "alternatives": 1})
    trip = plan_trip(region, request, today=dt.date.today())
    asset = next(place.asset for place in trip.excluded if place.code is not None)
    (reason,) = explain_trip(region, trip, [asset], today=dt.date.today())
    plan = by_hand(request, trip.days)
    judgement = judge_trip(region, request, plan.days, today=dt.date.today())
    answers = {"trip": trip, "trip-explanation": reason, "trip-check": judgement}
    return {kind: answer.model_dump_json().encode() for kind, answer in answers.items()}, asset


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    """Return a server on which trips are answered at once, and other jobs wait for ever."""
    answers, asset = _real_answers()
    service = service_at_hand(
        tmp_path_factory.mktemp("contract"),
        HandExecutor(answers),
        rate_limit="1000000/minute",
        expensive_rate_limit="1000000/minute",
        longest_wait_s=0.2,
        queue_limit=100_000,
        log_level="error",
    )
    with serving(create_app(service)) as client:
        trip = client.post("/v1/regions/echizen/trips", json={"days": [_saturday().isoformat()]}).json()["id"]
        prices = client.post("/v1/regions/echizen/price-plans", json={"market": small_market()}).json()["id"]
        client.delete(f"/v1/price-plans/{prices}")
        there = {"region_id": "echizen", "trip_id": trip, "job_id": trip, "plan_id": prices, "asset_id": asset}
        there |= {"z": "8", "x": "221", "y": "101"}
        there["market_id"] = "echizen-workshops"
        yield Contract(client, _with_ids(client.get("/openapi.json").json(), there))


def _with_ids(document: dict[str, Any], there: dict[str, str]) -> dict[str, Any]:
    """Return the document with path parameters that lead somewhere; keys are off, so none is generated."""
    del document["components"]["securitySchemes"]
    for path in document["paths"].values():
        for operation in (path[method] for method in METHODS if method in path):
            operation.pop("security", None)
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["schema"] = {"type": "string", "enum": [there[parameter["name"]]]}
    return document


def _flaws(contract: Contract, operation: APIOperation, mode: GenerationMode) -> list[str]:
    """Send what a route should take, or should refuse, and return how the answers differ from the document."""
    flaws: list[str] = []
    left_out = CHECKS.get_by_names(LEFT_OUT)

    def send(case: schemathesis.Case) -> None:
        response = case.call(base_url=str(contract.client.base_url).rstrip("/"), timeout=60)
        try:
            case.validate_response(response, excluded_checks=left_out)
        except BaseExceptionGroup as group:
            told = f"{operation.label} answered {response.status_code}"
            flaws.extend(f"{told}: {error}\n{case.as_curl_command()}" for error in group.exceptions)

    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        settings(hypothesis.given(case=operation.as_strategy(generation_mode=mode))(send))()
    except Unsatisfiable:
        # A route that takes nothing can be asked for nothing wrong.
        assert mode is GenerationMode.NEGATIVE
        assert not operation.definition.raw.get("parameters")
    return flaws


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["sound", "unsound"])
def test_routes_keep_to_the_document(contract: Contract, mode: GenerationMode) -> None:
    """
    Sound or not, whatever is sent is answered by a documented status, type and shape, and never by a fault.

    ``MEGURI_TEST_EXAMPLES`` says how many requests go to each route.
    """
    load_all_checks()
    flaws = [flaw for operation in contract.operations for flaw in _flaws(contract, operation, mode)]
    assert not flaws, "\n\n".join(flaws)


def test_the_document_holds_every_route(contract: Contract) -> None:
    """What is served under the version is documented, and named for clients."""
    assert len(contract.operations) >= 50
    names = [operation.definition.raw["operationId"] for operation in contract.operations]
    assert len(set(names)) == len(names)
    assert json.dumps(contract.document, allow_nan=False)
