"""Trips over HTTP on the bundled region, by a real server and a real worker."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from routing.itinerary import Itinerary
from routing.judge import by_hand

PATIENCE_S = 60.0
MANY = 8
"""Trips: more than are planned at once."""
PLAN = "/v1/regions/echizen/trips"
PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}


def saturday(weeks: int = 1) -> dt.date:
    """Return a Saturday to come: most places are open."""
    today = dt.date.today()
    return today + dt.timedelta(days=(5 - today.weekday()) % 7 + 7 * weeks)


def wish(**fields: Any) -> dict[str, Any]:
    """Return a request for one short search."""
    return {"days": [saturday().isoformat()], "solver": {"iterations": 300}, "compare_combinations": False} | fields


def endless() -> dict[str, Any]:
    """Return a request that is searched for until somebody stops it."""
    days = [(saturday() + dt.timedelta(days=days)).isoformat() for days in (0, 1)]
    return wish(days=days, solver={"time_limit_s": 60})


def ask(client: httpx.Client, body: dict[str, Any], *, wait: int | None = 60, **headers: str) -> httpx.Response:
    """Ask for a trip in the bundled region."""
    preference = {} if wait is None else {"Prefer": f"wait={wait}"}
    return client.post(PLAN, json=body, headers=preference | {name.replace("_", "-"): v for name, v in headers.items()})


def wait_for(client: httpx.Client, address: str, *, states: tuple[str, ...]) -> dict[str, Any]:
    """Poll a trip until it is in one of some states."""
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = client.get(address).json()
        if answer["state"] in states:
            return dict(answer)
        assert time.monotonic() < until, answer
        time.sleep(0.02)


def events_of(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Read server-sent events; comments are left out."""
    event: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and "data" in event:
            yield event
        if not line:
            event = {}
        elif name:
            event[name] = json.loads(value) if name == "data" else value


@pytest.fixture(scope="module")
def trip(planning_server: httpx.Client) -> dict[str, Any]:
    """Return a finished trip of one day."""
    answer = ask(planning_server, wish())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_trip_is_answered_at_once_where_that_is_enough(planning_server: httpx.Client) -> None:
    """With `Prefer: wait`, the answer is the finished plan, with the address where it stays."""
    answer = ask(planning_server, wish())
    trip = answer.json()
    assert answer.status_code == 200, answer.text
    assert answer.headers["preference-applied"] == "wait=60"
    assert answer.headers["content-location"] == f"/v1/trips/{trip['id']}"
    assert (trip["kind"], trip["state"], trip["region"]) == ("trip", "succeeded", "echizen")
    plan = Itinerary.model_validate_json(json.dumps(trip["result"]))
    assert plan.status in ("optimal", "feasible")
    assert plan.provenance.data_version == trip["data_version"]
    assert plan.bound is not None
    assert plan.objective <= plan.bound
    assert [day.date for day in plan.days] == [saturday()]


def test_without_a_preference_a_trip_is_accepted_and_found_later(planning_server: httpx.Client) -> None:
    """Who does not wait is told where to look, and finds the same answer there."""
    answer = ask(planning_server, wish(), wait=None)
    assert answer.status_code == 202
    assert int(answer.headers["retry-after"]) >= 1
    address = answer.headers["location"]
    assert address == f"/v1/trips/{answer.json()['id']}"
    trip = wait_for(planning_server, address, states=("succeeded", "failed"))
    assert trip["result"]["status"] in ("optimal", "feasible")
    assert trip["links"]["self"].endswith(address)
    assert planning_server.get(trip["links"]["result"]).json() == trip["result"]


def test_same_seed_and_iterations_give_the_same_plan(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """Two jobs of one request differ in nothing but time."""
    again = ask(planning_server, wish()).json()
    assert again["id"] != trip["id"]
    assert again["result"]["days"] == trip["result"]["days"]


def test_a_finished_trip_is_not_sent_twice(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """What has ended has an entity tag, by language; a client that has it is told so in a few bytes."""
    address = f"/v1/trips/{trip['id']}"
    first = planning_server.get(address, headers={"Accept-Language": "ja"})
    tag = first.headers["etag"]
    again = planning_server.get(address, headers={"Accept-Language": "ja", "If-None-Match": f'"other", {tag}'})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == tag
    assert planning_server.get(address, headers={"Accept-Language": "en", "If-None-Match": tag}).status_code == 200


def test_the_plan_improves_in_the_stream_and_goes_on_where_it_was_lost(planning_server: httpx.Client) -> None:
    """Events tell of better plans as they are found; `Last-Event-ID` misses none; stopping keeps the best."""
    address = ask(planning_server, endless(), wait=None).headers["location"]
    with planning_server.stream("GET", f"{address}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        seen = []
        for event in events_of(stream.iter_lines()):
            seen.append(event)
            if event["event"] == "improvement":
                break
    facts = seen[-1]["data"]["data"]
    so_far = planning_server.get(address).json()
    assert so_far["state"] == "running"
    assert so_far["result"]["objective"] >= facts["objective"]
    assert [day["date"] for day in facts["days"]] == endless()["days"]
    stopped = planning_server.delete(address)
    assert stopped.status_code in (200, 202)
    with planning_server.stream("GET", f"{address}/events", headers={"Last-Event-ID": seen[-1]["id"]}) as stream:
        rest = list(events_of(stream.iter_lines()))
    numbers = [int(event["id"]) for event in [*seen, *rest]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert rest[-1]["event"] == "finished"
    trip = planning_server.get(address).json()
    assert trip["state"] == "stopped"
    assert trip["result"]["provenance"]["limit"] == "stopped"
    assert trip["result"]["objective"] >= facts["objective"]
    assert trip["result"]["days"]


def test_stopping_what_has_ended_changes_nothing(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """`DELETE` may be sent again and again."""
    for _ in range(2):
        answer = planning_server.delete(f"/v1/trips/{trip['id']}")
        assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")


def test_a_wish_that_cannot_be_met_is_an_answer(planning_server: httpx.Client) -> None:
    """A sound request without a plan is 200, infeasible, with conflicts; there is nothing to export or explain."""
    answer = ask(planning_server, wish(must=["papyrus-washi-workshop"], budget_jpy=0))
    result = answer.json()["result"]
    assert (answer.status_code, answer.json()["state"], result["status"]) == (200, "succeeded", "infeasible")
    assert result["conflicts"]
    here = f"/v1/trips/{answer.json()['id']}"
    for address in (f"{here}.gpx", f"{here}/explanations/soba-tanigawa"):
        refused = planning_server.get(address)
        assert (refused.status_code, refused.headers["content-type"]) == (409, PROBLEM)
        assert "infeasible" in refused.json()["detail"]


def test_bad_requests_are_refused_at_once_with_every_pointer(planning_server: httpx.Client) -> None:
    """What the region does not know, what the server does not give and past days are told together, in the language."""
    bad = wish(days=["2020-01-01"], must=["nowhere"], solver={"iterations": 10_000_000}, max_candidates=2000)
    answer = ask(planning_server, bad, Accept_Language="ja")
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.headers["content-language"] == "ja"
    flaws = {flaw["pointer"]: flaw for flaw in answer.json()["errors"]}
    assert set(flaws) == {"/days/0/date", "/must/0", "/solver/iterations", "/max_candidates"}
    assert flaws["/must/0"]["value"] == "nowhere"
    assert "過去" in flaws["/days/0/date"]["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/days"),
        ({"days": []}, "/days"),
        ({"days": ["soon"]}, "/days/0"),
        ({"days": [{"date": "2030-01-05", "after": "noon"}]}, "/days/0/after"),
        ({"days": ["2030-01-05"], "alternatives": "1"}, "/alternatives"),
        ({"days": ["2030-01-05"], "colour": "red"}, "/colour"),
        ({"days": ["2030-01-05"], "solver": {"time_limit_s": 1, "iterations": 1}}, "/solver"),
    ],
)
def test_shapes_that_no_request_has_are_refused(
    planning_server: httpx.Client, body: dict[str, Any], pointer: str
) -> None:
    """A body that the schema does not take is refused with a pointer to where it differs."""
    answer = ask(planning_server, body)
    assert answer.status_code == 422, answer.text
    assert [flaw["pointer"] for flaw in answer.json()["errors"]] == [pointer]


def test_an_unknown_region_is_not_found(planning_server: httpx.Client) -> None:
    """A trip through a region that is not there is 404."""
    answer = planning_server.post("/v1/regions/atlantis/trips", json=wish())
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


def test_one_key_means_one_trip(planning_server: httpx.Client) -> None:
    """The same key and body is the same job; the same key with another body is refused."""
    key = f"trip-{time.time_ns()}"
    first = ask(planning_server, wish(), Idempotency_Key=key)
    again = ask(planning_server, wish(), Idempotency_Key=key)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    other = ask(planning_server, wish(pace="busy"), Idempotency_Key=key)
    assert (other.status_code, other.headers["content-type"]) == (409, PROBLEM)


def test_trips_are_listed_newest_first_page_by_page(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """Following `next` leads through all trips, each once; filters hold."""
    ask(planning_server, wish())
    states = ["succeeded", "stopped"]
    page = planning_server.get("/v1/trips", params={"limit": 1, "state": states, "region": "echizen"})
    ids = [item["id"] for item in page.json()["items"]]
    while page.json()["next"]:
        assert re.fullmatch(r'<(.+)>; rel="next"', page.headers["link"])
        page = planning_server.get(page.json()["next"])
        ids += [item["id"] for item in page.json()["items"]]
    assert ids == sorted(set(ids), reverse=True)
    assert trip["id"] in ids
    assert "result" not in page.json()["items"][0]
    assert planning_server.get("/v1/trips", params={"region": "atlantis"}).json()["items"] == []


@pytest.mark.parametrize("trip_id", ["0", "x.gpx", "..%2Fjobs", "01234567-89ab-cdef-0123-456789abcdef"])
@pytest.mark.parametrize("suffix", ["", "/events", ".gpx", "/explanations/soba-tanigawa"])
def test_trips_that_are_not_there(planning_server: httpx.Client, trip_id: str, suffix: str) -> None:
    """Ids that nobody was given lead to 404, wherever they are put."""
    answer = planning_server.get(f"/v1/trips/{trip_id}{suffix}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


def test_why_a_place_is_not_in_the_trip(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """The answer is waited for, tells what the place would push out or cost, and is worked out once."""
    asset = next(place["asset"] for place in trip["result"]["excluded"] if place["code"] is None)
    address = f"/v1/trips/{trip['id']}/explanations/{asset}"
    answer = planning_server.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.json()["kind"] == "trip-explanation"
    reason = answer.json()["result"]
    assert reason["asset"] == asset
    assert reason["code"] == "DISPLACED" or reason["text"]["en"]
    assert "preference-applied" not in answer.headers
    again = planning_server.get(address, headers={"Prefer": "wait=5"})
    assert (again.json()["id"], again.json()["result"]) == (answer.json()["id"], reason)


def test_who_asks_why_need_not_wait(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """`Prefer: respond-async` is answered at once with where to look."""
    places = [place["asset"] for place in trip["result"]["excluded"] if place["code"] is None]
    headers = {"Prefer": "respond-async"}
    answer = planning_server.get(f"/v1/trips/{trip['id']}/explanations/{places[1]}", headers=headers)
    assert answer.status_code == 202, answer.text
    job = wait_for(planning_server, answer.headers["location"], states=("succeeded", "failed"))
    assert job["result"]["asset"] == places[1]


def test_only_places_that_are_left_out_are_explained(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """A place in the trip, and one that nobody knows, even with slashes and dots in it, are 404."""
    visited = next(step["asset"] for step in trip["result"]["days"][0]["steps"] if step["type"] == "visit")
    for asset in (visited, "nowhere", "node/1/../../2", "n:1"):
        answer = planning_server.get(f"/v1/trips/{trip['id']}/explanations/{asset.replace('/', '%2F')}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM), answer.text
        assert answer.json()["errors"][0]["value"] == asset


def test_a_trip_is_explained_in_the_region_as_it_was(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """Places that came since then are not known to a trip; those that were there are explained as before."""
    item = "/v1/regions/echizen/collections/assets/items"
    place = {"id": "new/place:1", "kind": "craft", "name": {"en": "New"}, "sources": [{"name": "test"}]}
    place["visit_minutes"] = {"min": 10, "typical": 20, "max": 30}
    point = {"type": "Point", "coordinates": [136.2, 35.9]}
    added = planning_server.post(item, json={"type": "Feature", "geometry": point, "properties": place})
    assert added.status_code == 201, added.text
    why = f"/v1/trips/{trip['id']}/explanations"
    unknown = planning_server.get(f"{why}/new/place:1")
    known = planning_server.get(f"{why}/sabae-city-hotel")
    planning_server.delete(f"{item}/new/place:1", headers={"If-Match": "*"})
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, PROBLEM)
    assert (known.status_code, known.json()["data_version"]) == (200, trip["data_version"])


def test_nothing_is_explained_while_a_trip_is_planned(planning_server: httpx.Client) -> None:
    """While better plans are looked for, there is nothing to compare with."""
    address = ask(planning_server, endless(), wait=None).headers["location"]
    answer = planning_server.get(f"{address}/explanations/soba-tanigawa")
    planning_server.delete(address)
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert wait_for(planning_server, address, states=("stopped", "failed"))["state"] == "stopped"


def test_a_trip_that_waits_is_stopped_without_a_plan(planning_server: httpx.Client) -> None:
    """Stopped before its turn came, a trip has no plan, and says so to whoever wants it as a file."""
    first, *others, last = (ask(planning_server, endless(), wait=None).headers["location"] for _ in range(MANY))
    wait_for(planning_server, first, states=("running",))
    stopped = planning_server.delete(last)
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["result"]) == (200, "stopped", None)
    assert planning_server.get(f"{last}.ics").status_code == 409
    for other in (*reversed(others), first):
        planning_server.delete(other)
    for other in (first, *others):
        wait_for(planning_server, other, states=("stopped",))


def test_the_planners_own_plan_breaks_no_rule(planning_server: httpx.Client, trip: dict[str, Any]) -> None:
    """A planned trip, handed back as if made by hand, is judged feasible and worth the same points."""
    planned = Itinerary.model_validate_json(json.dumps(trip["result"]))
    plan = by_hand(planned.request, planned.days)
    answer = planning_server.post(f"{PLAN}:check", content=plan.model_dump_json(), headers=JSON)
    assert answer.status_code == 200, answer.text
    assert "preference-applied" not in answer.headers
    judgement = answer.json()["result"]
    assert (answer.json()["kind"], judgement["feasible"], judgement["violations"]) == ("trip-check", True, [])
    assert judgement["objective"] == pytest.approx(trip["result"]["objective"])


def test_every_rule_that_a_plan_breaks_is_told(planning_server: httpx.Client) -> None:
    """Places that nobody knows, in the middle of the night, without time between them: each is a violation."""
    day = saturday().isoformat()
    stops = ["nowhere", {"asset": "papyrus-washi-workshop", "arrive": "03:00"}, {"asset": "eiheiji-temple"}]
    body = {"request": {"days": [day], "must": ["urushi-no-sato"]}, "days": [{"date": day, "stops": stops}]}
    answer = planning_server.post(f"{PLAN}:check", json=body)
    assert answer.status_code == 200, answer.text
    judgement = answer.json()["result"]
    assert judgement["feasible"] is False
    codes = {finding["code"] for finding in judgement["violations"]}
    assert {"UNKNOWN_ASSET", "MUST_MISSING", "ARRIVES_LATE"} <= codes


def test_plans_that_cannot_be_judged_are_refused_at_once(planning_server: httpx.Client) -> None:
    """What is wrong with the request, and with the days of the plan, is told together, by pointers into the body."""
    plan = [{"date": saturday().isoformat()}, {"date": saturday(2).isoformat()}]
    body = {"request": {"days": [saturday().isoformat()], "avoid": ["nowhere"]}, "days": plan}
    answer = planning_server.post(f"{PLAN}:check", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert {flaw["pointer"] for flaw in answer.json()["errors"]} == {"/request/avoid/0", "/days/1/date"}


def test_a_check_may_have_a_name(planning_server: httpx.Client) -> None:
    """As every request that starts a job: the same key and body is the same check."""
    body = {"request": {"days": [saturday().isoformat()]}, "days": []}
    key = {"Idempotency-Key": f"check-{time.time_ns()}"}
    first, again = (planning_server.post(f"{PLAN}:check", json=body, headers=key) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
