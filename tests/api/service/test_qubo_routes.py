"""Models for annealers over HTTP, by a real server and a real worker."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
from collections.abc import Callable
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import dimod
import httpx
import pytest
from price_bodies import small_market

from api.http.auth import Caller
from api.http.problems import ProblemError
from api.http.routes import qubo
from api.inline_sources import market_from
from api.keys import Scope
from api.price_requests import PricePlanRequest
from api.qubo_requests import QuboExportRequest
from api.qubo_sidecar import Packing, digest_of
from pricing.plan import plan_prices
from routing.itinerary import Itinerary

EXPORT = "/v1/qubo:export"
DECODE = "/v1/qubo:decode"


def scarce() -> dict[str, Any]:
    """Return the small market with few seats, so that other prices pay."""
    return small_market(capacities=[each | {"units": 5} for each in small_market()["capacities"]])


def ask(client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    """Ask for something about models, and wait for it."""
    return client.post(path, json=body, headers={"Prefer": "wait=60"})


def answered(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the finished answer to a request."""
    answer = ask(client, path, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["result"])


def flaws(answer: httpx.Response) -> dict[str, str]:
    """Return what a refusal names, by pointer."""
    assert answer.status_code == 422, answer.text
    return {flaw["pointer"]: flaw["detail"] for flaw in answer.json()["errors"]}


def rows(exported: dict[str, Any], *states: list[int]) -> dict[str, Any]:
    """Return samples of a model, as a machine would send them."""
    names = [variable["name"] for variable in exported["sidecar"]["variables"]]
    return {"format": "meguri-samples/1", "vartype": "BINARY", "variables": names, "samples": list(states)}


@pytest.fixture(scope="module")
def priced(planning_server: httpx.Client) -> dict[str, Any]:
    """Return the model of a small market."""
    return answered(planning_server, EXPORT, {"source": {"kind": "market", "market": scarce()}, "format": "bqm"})


@pytest.fixture(scope="module")
def trip(planning_server: httpx.Client) -> dict[str, Any]:
    """Return the model of a day by bicycle."""
    today = dt.date.today()
    saturday = today + dt.timedelta(days=(5 - today.weekday()) % 7 + 7)
    start = {"lon": 136.1873, "lat": 35.9437}
    request = {
        "days": [{"date": saturday.isoformat(), "start": start}],
        "mode": "bicycle",
        "max_candidates": 40,
        "compare_combinations": False,
        "solver": {"iterations": 200, "seed": 7},
    }
    source = {"kind": "trip", "region": "echizen", "request": request, "most": 60}
    return answered(planning_server, EXPORT, {"source": source})


def test_prices_go_out_as_a_model_and_come_back_as_a_plan(
    planning_server: httpx.Client, priced: dict[str, Any]
) -> None:
    """The market travels in the sidecar; the plan is the one that the engine makes of the same samples."""
    file = priced["file"]
    assert (file["name"], file["encoding"]) == ("model.bqm", "base64")
    model = dimod.BinaryQuadraticModel.from_file(base64.b64decode(file["content"]))
    assert len(model.variables) == priced["variables"] == len(priced["sidecar"]["variables"])
    assert not priced["submitted"]
    assert not priced["simulated"]
    best = dimod.ExactSolver().sample(model).first.sample
    samples = rows(priced, [int(best[variable["name"]]) for variable in priced["sidecar"]["variables"]])
    body = {"sidecar": priced["sidecar"], "samples": samples}
    found = answered(planning_server, DECODE, body)
    assert (found["model"], found["itinerary"]) == ("prices", None)
    assert found["plan"]["solver"] == "qubo"
    assert found["plan"]["sampling"]["source"] == "sampler"
    market = market_from(PricePlanRequest.model_validate({"market": scarce()}).market)
    classical = plan_prices(market, seed=1, with_rule_costs=False)
    assert found["plan"]["bound_yen"] == pytest.approx(classical.bound_yen)
    csv = "\n".join([",".join(samples["variables"]), ",".join(map(str, samples["samples"][0]))])
    again = answered(planning_server, DECODE, body | {"samples": csv})
    assert [each["path"] for each in again["plan"]["products"]] == [each["path"] for each in found["plan"]["products"]]


def test_a_trip_goes_out_as_a_model_and_comes_back_as_an_itinerary(
    planning_server: httpx.Client, trip: dict[str, Any]
) -> None:
    """The region is named by its id; each variable is a route of the day with its places."""
    assert trip["model"] == "routes"
    assert trip["sidecar"]["source"]["region"] == "echizen"
    assert trip["sidecar"]["source"]["request"]["solver"]["name"] == "qubo"
    assert trip["file"]["encoding"] == "utf-8"
    places = [visit["id"] for visit in trip["sidecar"]["variables"][0]["meaning"]["assets"]]
    samples = rows(trip, [1] + [0] * (trip["variables"] - 1))
    found = answered(planning_server, DECODE, {"sidecar": trip["sidecar"], "samples": samples})
    assert found["plan"] is None
    itinerary = Itinerary.model_validate_json(json.dumps(found["itinerary"]))
    assert itinerary.sampling is not None
    assert itinerary.provenance.data_version is not None
    visited = [step.asset for day in itinerary.days for step in day.steps if step.type in ("visit", "meal")]
    assert set(places) & set(visited)


def test_the_bundled_market_is_named_and_flagged(planning_server: httpx.Client) -> None:
    """Its sidecar names it, and is read back by name."""
    source = {"kind": "market", "market": "echizen-workshops"}
    exported = answered(planning_server, EXPORT, {"source": source, "format": "lp"})
    assert exported["sidecar"]["source"]["market"] == "echizen-workshops"
    assert exported["simulated"]
    assert exported["file"]["content"].startswith("Minimize")


def _names_a_path(sidecar: dict[str, Any]) -> None:
    sidecar["source"]["market"] = "/etc/passwd"


def _names_a_folder(sidecar: dict[str, Any]) -> None:
    sidecar["source"] = {"kind": "trip", "region": "../../../etc", "today": "2026-12-01", "request": {"days": []}}


def _names_a_folder_of_regions(sidecar: dict[str, Any]) -> None:
    sidecar["source"] = {"kind": "trip", "region": "/", "today": "2026-12-01", "request": {}}


def _asks_nonsense(sidecar: dict[str, Any]) -> None:
    sidecar["source"] = {"kind": "trip", "region": "echizen", "today": "2026-12-01", "request": {"days": "all"}}


def _asks_for_hours(sidecar: dict[str, Any]) -> None:
    request = {"days": ["2026-12-05"], "solver": {"name": "qubo", "iterations": 10_000_000}}
    sidecar["source"] = {"kind": "trip", "region": "echizen", "today": "2026-12-01", "request": request}


def _is_changed(sidecar: dict[str, Any]) -> None:
    sidecar["packing"]["value"][0] += 1


def _is_ragged(sidecar: dict[str, Any]) -> None:
    sidecar["packing"]["group"].pop()


def _is_of_another_market(sidecar: dict[str, Any]) -> None:
    sidecar["source"]["market"]["segments"][0]["arrivals"] = [80, 80]


def _has_rules_in_conflict(sidecar: dict[str, Any]) -> None:
    rules = [{"type": "range", "id": "floor", "floor": 2400}, {"type": "range", "id": "lid", "cap": 1200}]
    sidecar["source"]["market"]["rules"] = rules


def _is_huge(sidecar: dict[str, Any]) -> None:
    packing = sidecar["packing"]
    packing["value"] = [2**62] * len(packing["value"])
    meanings = [variable["meaning"] for variable in sidecar["variables"]]
    sidecar["digest"] = digest_of(Packing.model_validate(packing), meanings)


@pytest.mark.parametrize(
    ("harm", "pointer"),
    [
        (_names_a_path, "/sidecar/source/market"),
        (_names_a_folder, "/sidecar/source/region"),
        (_names_a_folder_of_regions, "/sidecar/source/region"),
        (_asks_nonsense, "/sidecar/source/request/days"),
        (_asks_for_hours, "/sidecar/source/request/solver/iterations"),
        (_is_changed, "/sidecar"),
        (_is_ragged, "/sidecar/packing"),
        (_is_huge, "/sidecar/packing"),
        (_is_of_another_market, "/sidecar/source"),
        (_has_rules_in_conflict, "/sidecar/source/market/rules"),
    ],
)
def test_hostile_sidecars_are_refused(
    planning_server: httpx.Client, priced: dict[str, Any], harm: Callable[[dict[str, Any]], None], pointer: str
) -> None:
    """No path is opened, no limit passed, and nothing believed that the source does not give again."""
    sidecar = deepcopy(priced["sidecar"])
    harm(sidecar)
    samples = rows(priced, [0] * priced["variables"])
    assert pointer in flaws(ask(planning_server, DECODE, {"sidecar": sidecar, "samples": samples}))


@pytest.mark.parametrize(
    "samples",
    ["nothing of the kind", "x0,x1\n0", "[]", {"format": "meguri-samples/1"}, {"type": "SampleSet", "version": {}}],
)
def test_samples_that_do_not_fit_are_refused(
    planning_server: httpx.Client, priced: dict[str, Any], samples: str | dict[str, Any]
) -> None:
    """What is wrong with them is told, whatever form they have."""
    told = flaws(ask(planning_server, DECODE, {"sidecar": priced["sidecar"], "samples": samples}))
    assert all(pointer.startswith("/samples") for pointer in told), told


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({"kind": "trip", "region": "nowhere", "request": {"days": ["2027-05-01"]}}, "/source/region"),
        ({"kind": "trip", "region": "../echizen", "request": {"days": ["2027-05-01"]}}, "/source/region"),
        ({"kind": "trip", "region": "echizen", "request": {"days": []}}, "/source/request/days"),
        (
            {
                "kind": "trip",
                "region": "echizen",
                "request": {"days": ["2027-05-01"], "solver": {"name": "portfolio"}},
            },
            "/source/request/solver/name",
        ),
        ({"kind": "market", "market": "echizen-workshops", "region": "echizen"}, "/source/region"),
        ({"market": "echizen-workshops"}, "/source"),
    ],
)
def test_sources_that_make_no_model_are_refused(
    planning_server: httpx.Client, source: dict[str, Any], pointer: str
) -> None:
    """Regions that are not there, requests of nothing, and solvers that have no model."""
    assert pointer in flaws(ask(planning_server, EXPORT, {"source": source}))


def test_samplers_are_listed(planning_server: httpx.Client) -> None:
    """Whether they are there, how they work, and that none of ours leaves the machine."""
    listed = planning_server.get("/v1/samplers").json()["samplers"]
    named = {sampler["name"]: sampler for sampler in listed}
    assert named["sa"]["is_installed"]
    assert named["sa"]["method"]["en"] == "simulated annealing"
    assert {sampler["is_remote"] for sampler in listed if sampler["origin"] == "meguri"} == {False}


@pytest.mark.parametrize(
    ("scope", "source"),
    [
        ("plan", {"kind": "market", "market": "echizen-workshops"}),
        ("price", {"kind": "trip", "region": "echizen", "request": {"days": ["2027-05-01"]}}),
    ],
)
def test_trips_and_markets_need_scopes_of_their_own(scope: Scope, source: dict[str, Any]) -> None:
    """A key for trips makes no models of markets, nor the other way round."""
    caller = Caller("key", "somebody", frozenset({scope}))
    request: Any = SimpleNamespace(state=SimpleNamespace(caller=caller))
    body = QuboExportRequest.model_validate({"source": source})
    unused: Any = None
    with pytest.raises(ProblemError) as refused:
        asyncio.run(qubo.export(request, unused, caller, body, unused))
    assert refused.value.status_code == 403
