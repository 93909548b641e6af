"""Prices over HTTP, by a real server and a real worker."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from typing import Any

import httpx
import pytest
from price_bodies import conflict, small_market, sums

from api.price_requests import PricePlanRequest
from pricing.model import Market
from pricing.proposal import PricePlan

PATIENCE_S = 60.0
REGION = "/v1/regions/echizen/price-plans"
PROBLEM = "application/problem+json"
QUICK: dict[str, Any] = {"iterations": 1, "rule_costs": False, "horizons": 20}


def ask(
    client: httpx.Client, path: str, body: dict[str, Any], *, wait: int | None = 60, **headers: str
) -> httpx.Response:
    """Ask for something about prices."""
    preference = {} if wait is None else {"Prefer": f"wait={wait}"}
    return client.post(path, json=body, headers=preference | {name.replace("_", "-"): v for name, v in headers.items()})


def answered(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the finished answer to a request."""
    answer = ask(client, path, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "succeeded"
    return dict(answer.json())


def flaws(answer: httpx.Response) -> dict[str, str]:
    """Return what a refusal names, by pointer or parameter."""
    assert answer.headers["content-type"] == PROBLEM
    assert answer.status_code == answer.json()["status"] == 422, answer.text
    return {flaw.get("pointer", flaw.get("parameter")): flaw["detail"] for flaw in answer.json()["errors"]}


def wait_for(client: httpx.Client, address: str, *, has_result: bool = False) -> dict[str, Any]:
    """Poll a job until it has ended, or until it has something to show."""
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = client.get(address).json()
        if answer["finished_at"] is not None or (has_result and answer["result"] is not None):
            return dict(answer)
        assert time.monotonic() < until, answer
        time.sleep(0.02)


@pytest.fixture(scope="module")
def plan(planning_server: httpx.Client) -> dict[str, Any]:
    """Return a finished plan of the small market."""
    return answered(planning_server, REGION, {"market": small_market()} | QUICK)


@pytest.fixture(scope="module")
def bundled(planning_server: httpx.Client) -> dict[str, Any]:
    """Return a finished plan of the bundled market."""
    return answered(planning_server, REGION, {"market": "echizen-workshops"} | QUICK)


def test_what_was_asked_and_the_bundled_market_are_handed_out(
    planning_server: httpx.Client, plan: dict[str, Any], bundled: dict[str, Any]
) -> None:
    """So that a page can show names and rules beside prices; there is no other market to look at."""
    asked = planning_server.get(f"/v1/price-plans/{plan['id']}/request").json()
    assert PricePlanRequest.model_validate(asked).market == Market.model_validate(small_market())
    assert planning_server.get(f"/v1/price-plans/{bundled['id']}/request").json()["market"] == "echizen-workshops"
    market = Market.model_validate_json(planning_server.get("/v1/markets/echizen-workshops").content)
    assert market.simulated
    assert [each.id for each in market.products] == [each["product"] for each in bundled["result"]["products"]]
    refused = planning_server.get("/v1/markets/other")
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["parameter"] == "market_id"


def test_a_market_is_checked_without_a_job(planning_server: httpx.Client) -> None:
    """What was left out is filled in; everything that is wrong is told by its place."""
    jobs = planning_server.get("/v1/jobs").json()["items"]
    market = small_market()
    checked = planning_server.post("/v1/markets:check", json={"market": market})
    assert checked.status_code == 200
    assert checked.json()["products"][0]["rate"] == "public"
    market["products"][1]["ladder"] = [2000, 1000]
    market["segments"][0]["arrivals"] = [1]
    refused = flaws(planning_server.post("/v1/markets:check", json={"market": market}))
    assert refused.keys() == {"/market/products/1/ladder", "/market/segments/0/arrivals"}
    assert planning_server.get("/v1/jobs").json()["items"] == jobs


def test_a_plan_changed_by_hand_is_played_and_told_which_rules_it_breaks(
    planning_server: httpx.Client, plan: dict[str, Any]
) -> None:
    """The rule says at most 2,400 yen; the ladder goes up to 2,500."""
    changed = json.loads(json.dumps(plan["result"]))
    changed["products"][0]["path"] = [2500, 2500]
    body = {"market": small_market(), "horizons": 20}
    by_hand = answered(planning_server, f"{REGION}:simulate", body | {"plan": changed})["result"]
    untouched = answered(planning_server, f"{REGION}:simulate", body | {"plan": plan["id"]})["result"]
    assert {(each["rule"], each["where"]) for each in by_hand["broken"]} == {
        ("cap", "loom-19 2026-12-01"),
        ("cap", "loom-19 2026-12-11"),
    }
    assert "2,400" in by_hand["broken"][0]["text"]["en"]
    assert untouched["broken"] == []


def test_prices_are_proposed_and_kept(planning_server: httpx.Client, plan: dict[str, Any]) -> None:
    """The answer is the plan, tested; it is found again under its address, among the caller's plans and among jobs."""
    proposed = PricePlan.model_validate_json(json.dumps(plan["result"]))
    assert proposed.comparison is not None
    assert not proposed.simulated
    assert plan["kind"] == "price-plan"
    assert planning_server.get(f"/v1/price-plans/{plan['id']}").json() == plan
    assert plan["id"] in [each["id"] for each in planning_server.get("/v1/price-plans").json()["items"]]
    assert planning_server.get(f"/v1/jobs/{plan['id']}/result").json() == plan["result"]


def test_what_is_made_up_says_so_all_the_way(planning_server: httpx.Client, bundled: dict[str, Any]) -> None:
    """The bundled market, pass and records are simulated: in answers, and in the files made of them."""
    assert bundled["result"]["simulated"]
    address = f"/v1/price-plans/{bundled['id']}"
    rows = list(csv.DictReader(io.StringIO(planning_server.get(f"{address}.csv").text.lstrip("\ufeff"))))
    assert {row["simulated"] for row in rows} == {"yes"}
    assert "simulated" in planning_server.get(f"{address}.html?lang=en").text
    simulation = {"market": "echizen-workshops", "plan": bundled["id"], "horizons": 2}
    assert answered(planning_server, f"{REGION}:simulate", simulation)["result"]["simulated"]
    assert answered(planning_server, f"{REGION}:estimate", {"records": "echizen-workshops"})["result"]["simulated"]
    backtest = {"records": "echizen-workshops", "folds": 1, "plan": bundled["id"]}
    foretold = answered(planning_server, f"{REGION}:backtest", backtest)["result"]
    assert foretold["simulated"]
    assert foretold["prices"]
    passes = answered(planning_server, "/v1/passes:price", {"pass": "echizen-pass", "horizons": 2})
    assert passes["result"]["simulated"]
    assert passes["region"] is None


def test_prices_come_as_a_table_that_nothing_runs(planning_server: httpx.Client, plan: dict[str, Any]) -> None:
    """Names that a spreadsheet would take for a formula are harmless."""
    answer = planning_server.get(f"/v1/price-plans/{plan['id']}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["product"] for row in rows] == ["loom-19", "loom-20"]
    assert {row["name_en"] for row in rows} == {"'=Weaving"}
    proposed = [str(product["proposed"]) for product in plan["result"]["products"]]
    assert [row["proposed_yen"] for row in rows] == proposed


def test_the_report_runs_under_its_policy_and_asks_nobody(planning_server: httpx.Client, plan: dict[str, Any]) -> None:
    """The header repeats the policy of the page, whose own style and script it allows and nothing else."""
    answer = planning_server.get(f"/v1/price-plans/{plan['id']}.html", headers={"Accept-Language": "ja"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == "ja"
    policy = answer.headers["content-security-policy"]
    inside = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', answer.text)
    assert inside is not None
    assert policy.startswith(inside[1].replace("&#x27;", "'"))
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert not re.search(r'(?:src|href)="(?!#)', answer.text)


def test_stopping_a_plan_keeps_its_prices(planning_server: httpx.Client) -> None:
    """The prices found before the test are what is kept, and can be downloaded."""
    body = {"market": small_market(), "horizons": 10_000} | {"iterations": 1, "rule_costs": False}
    body["market"]["segments"][0]["arrivals"] = [1200, 1200]
    address = ask(planning_server, REGION, body, wait=None).headers["location"]
    running = wait_for(planning_server, address, has_result=True)
    assert running["result"]["comparison"] is None
    assert planning_server.delete(address).status_code in (200, 202)
    stopped = wait_for(planning_server, address)
    assert stopped["state"] == "stopped"
    assert stopped["result"]["products"] == running["result"]["products"]
    assert planning_server.get(f"{address}.csv").status_code == 200


def test_everything_wrong_with_a_market_is_told_at_once(planning_server: httpx.Client) -> None:
    """Fields, what contradicts between fields, and options, each by its pointer; nothing is queued."""
    market = small_market(colour="red")
    market["capacities"][0]["units"] = "40"
    market["products"][0]["ladder"] = [2000, 1000]
    market["products"][1]["current"] = 1234
    market["rules"][0]["cap"] = -1
    market["segments"][0]["appeal"]["nobody"] = 1.0
    body = {"market": market, "iterations": 1, "seconds": 2, "reads": 5, "objective": "fame", "Seed": 1}
    before = planning_server.get("/v1/jobs").json()["items"]
    told = flaws(ask(planning_server, REGION, body))
    assert set(told) == {
        "/market/colour",
        "/market/capacities/0/units",
        "/market/products/0/ladder",
        "/market/products/1/current",
        "/market/rules/0/cap",
        "/market/segments/0/appeal",
        "/seconds",
        "/reads",
        "/objective",
        "/Seed",
    }
    assert planning_server.get("/v1/jobs").json()["items"] == before


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (REGION, {"market": "echizen-workshop"}, "/market"),
        (REGION, {"market": "/etc/passwd"}, "/market"),
        (REGION, {"market": small_market(), "horizons": 1}, "/horizons"),
        (REGION, {"market": small_market(), "horizons": 10_001}, "/horizons"),
        (REGION, {"market": small_market(), "seconds": 599}, "/seconds"),
        (REGION, {"market": small_market(), "iterations": 9_999_999}, "/iterations"),
        (REGION, {"market": small_market(), "weights": {"visitors": 0}}, "/weights"),
        (REGION, {"market": small_market(), "solver": "qubo", "sampler": "nobody"}, "/sampler"),
        (REGION, {"market": small_market(), "allow_remote": True}, "/allow_remote"),
        (REGION, {"market": small_market(), "seed": 1.5}, "/seed"),
        (f"{REGION}:simulate", {"market": small_market(), "policies": ["static", "static"]}, "/policies"),
        (f"{REGION}:simulate", {"market": small_market(), "plan": "01900000-0000-7000-8000-000000000000"}, "/plan"),
        (f"{REGION}:backtest", {"records": {"csv": "x"}, "market": "echizen-workshops", "plan": None}, "/records"),
        (f"{REGION}:backtest", {"records": "/etc/passwd"}, "/records"),
        (f"{REGION}:estimate", {"records": {"csv": sums(), "name": "../x"}}, "/records/name"),
        (f"{REGION}:estimate", {"records": {"csv": sums()}, "columns": {"price": "a", "revenue": "b"}}, "/columns"),
        (
            f"{REGION}:test",
            {"market": small_market(), "product": "loom-19", "dates": [], "sales_per_date": 1},
            "/dates",
        ),
        ("/v1/passes:price", {"pass": "echizen"}, "/pass"),
        ("/v1/passes:price", {"pass": {"id": "x"}}, "/pass/members"),
    ],
)
def test_what_cannot_be_used_is_named(
    planning_server: httpx.Client, path: str, body: dict[str, Any], pointer: str
) -> None:
    """Names of nothing, sizes beyond the limits, and words of a wrong kind."""
    assert pointer in flaws(ask(planning_server, path, body))


def test_work_that_is_too_large_is_refused_before_it_starts(planning_server: httpx.Client) -> None:
    """Customers who would be played for hours, and markets with more prices than fit."""
    crowd = small_market()
    crowd["segments"][0]["arrivals"] = [1e7, 1e7]
    assert "/horizons" in flaws(ask(planning_server, REGION, {"market": crowd}))
    assert "/horizons" in flaws(ask(planning_server, f"{REGION}:simulate", {"market": crowd}))
    wide = small_market(rules=[{"type": "rounding", "id": f"rule-{at}"} for at in range(1000)])
    for product in wide["products"]:
        product["ladder"] = list(range(2000, 12_000))
    told = flaws(ask(planning_server, REGION, {"market": wide}))
    assert "at most 20,000,000" in told["/market"]


def test_rules_that_conflict_are_named_by_the_job(planning_server: httpx.Client) -> None:
    """Whoever waits is refused; whoever does not finds the problem at the job."""
    told = flaws(ask(planning_server, REGION, {"market": conflict()}))
    assert "floor" in told["/market/rules"]
    address = ask(planning_server, REGION, {"market": conflict()}, wait=None).headers["location"]
    failed = wait_for(planning_server, address)
    assert (failed["state"], failed["result"]) == ("failed", None)
    assert failed["problem"]["errors"][0]["pointer"] == "/market/rules"
    refused = planning_server.get(f"{address}.csv")
    assert (refused.status_code, refused.headers["content-type"]) == (409, PROBLEM)


def test_bad_records_are_told_with_their_lines(planning_server: httpx.Client) -> None:
    """In the language of the caller."""
    body = {"records": {"csv": "date,price,quantity\nsome day,1000,3\n", "name": "sums.csv"}}
    answer = ask(planning_server, f"{REGION}:estimate", body, Accept_Language="ja")
    assert flaws(answer)["/records"].startswith("sums.csv:2 date: 日付ではありません")


def test_answers_of_simulation_estimate_and_test_are_what_they_are(
    planning_server: httpx.Client, plan: dict[str, Any]
) -> None:
    """A plan may be named by its id or sent whole, with the same result."""
    simulation = {"market": small_market(), "horizons": 2, "policies": ["static"]}
    by_id = answered(planning_server, f"{REGION}:simulate", simulation | {"plan": plan["id"]})["result"]
    whole = answered(planning_server, f"{REGION}:simulate", simulation | {"plan": plan["result"]})["result"]
    assert by_id == whole
    assert [outcome["policy"] for outcome in by_id["comparison"]["outcomes"]] == ["static"]
    estimate = {"records": {"csv": sums()}, "randomised": True}
    assert answered(planning_server, f"{REGION}:estimate", estimate)["result"]["rows"] == 60
    dates = [f"2027-01-{day:02}" for day in range(1, 9)]
    test = {"market": small_market(), "product": "loom-19", "dates": dates, "sales_per_date": 9}
    assert len(answered(planning_server, f"{REGION}:test", test)["result"]["assignment"]) == 8


@pytest.mark.parametrize("operation", ["", ":simulate", ":backtest", ":estimate", ":test"])
def test_an_unknown_region_is_not_found(planning_server: httpx.Client, operation: str) -> None:
    """Price plans belong to a region, whatever they are made of."""
    bodies: dict[str, dict[str, Any]] = {
        "": {"market": small_market()},
        ":simulate": {"market": small_market()},
        ":backtest": {"records": {"csv": "x"}},
        ":estimate": {"records": {"csv": "x"}},
        ":test": {
            "market": small_market(),
            "product": "loom-19",
            "dates": [f"2027-01-0{day}" for day in range(1, 5)],
            "sales_per_date": 9,
        },
    }
    answer = ask(planning_server, f"/v1/regions/nowhere/price-plans{operation}", bodies[operation])
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize("suffix", ["", ".csv", ".html", "/events"])
def test_only_price_plans_are_found_among_price_plans(planning_server: httpx.Client, suffix: str) -> None:
    """Neither what does not exist nor another kind of job."""
    other = answered(planning_server, f"{REGION}:estimate", {"records": {"csv": sums()}, "randomised": True})["id"]
    for plan_id in (other, "01900000-0000-7000-8000-000000000000", "x"):
        assert planning_server.get(f"/v1/price-plans/{plan_id}{suffix}").status_code == 404


def test_a_plan_of_prices_can_be_followed(planning_server: httpx.Client, plan: dict[str, Any]) -> None:
    """Its events end with the end, and an improvement tells what it would earn."""
    text = planning_server.get(f"/v1/price-plans/{plan['id']}/events").text
    assert "event: finished" in text
    improvement = re.search(r"event: improvement\r?\ndata: (.*)", text)
    assert improvement is not None, text
    assert '"objective"' in improvement[1]
