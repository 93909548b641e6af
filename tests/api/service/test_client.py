"""The client, against a real server and against one that fails in every way."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest

import api.client
from api.client import MeguriClient, ServiceError, Trip, UnreachableError, UnreadableError
from api.client._events import event_data
from api.client._reading import read
from routing.itinerary import Itinerary, Step
from routing.judge import by_hand
from routing.request import DayRequest, SolverChoice, TripRequest

REGION = "echizen"
BUSY = {"type": "urn:meguri:problem:queue-full", "title": "Busy", "status": 503, "detail": "too many jobs wait"}
JOB: dict[str, Any] = {
    "id": "01935f2e-0000-7000-8000-000000000000",
    "kind": "trip",
    "region": REGION,
    "data_version": "1",
    "created_at": "2026-11-23T00:00:00Z",
    "started_at": None,
    "finished_at": None,
    "attempts": 0,
    "progress": {},
    "problem": None,
    "links": {"self": "", "result": "", "events": ""},
    "result": None,
}


def saturday() -> dt.date:
    today = dt.date.today()
    return today + dt.timedelta(days=(5 - today.weekday()) % 7 + 7)


def short(**fields: Any) -> TripRequest:
    """Return a request for one short search."""
    days = (DayRequest(date=saturday()),)
    return TripRequest(days=days, solver=SolverChoice(iterations=300), compare_combinations=False, **fields)


@pytest.fixture
def client(planning_server: httpx.Client) -> Iterator[MeguriClient]:
    """Return a client of a real server."""
    with MeguriClient(http=planning_server, language="en") as client:
        yield client


@pytest.fixture(scope="module")
def trip(planning_server: httpx.Client) -> Trip:
    """Return a finished trip with an alternative."""
    with MeguriClient(http=planning_server) as client:
        return client.wait(client.plan_trip(REGION, short(alternatives=1)))


class Script:
    """Answer requests one after the other, and remember them and the pauses between."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **values: Any) -> MeguriClient:
        http = httpx.Client(transport=httpx.MockTransport(self))
        return MeguriClient("http://server", http=http, _sleep=self.pauses.append, **values)


def job(state: str = "queued", **fields: Any) -> httpx.Response:
    return httpx.Response(202 if state == "queued" else 200, json={**JOB, "state": state, **fields})


def busy(status: int = 503, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={**BUSY, "status": status}, headers=headers)


def stream(*events: dict[str, Any]) -> httpx.Response:
    frames = [f"id: {event['seq']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return httpx.Response(200, text="retry: 2000\n\n: still there\n\n" + "".join(frames))


def event(seq: int, name: str = "progress") -> dict[str, Any]:
    return {"seq": seq, "type": name, "at": "2026-11-23T00:00:00Z", "data": {}}


def test_a_trip_is_planned_and_typed(client: MeguriClient, trip: Trip) -> None:
    """What comes back are the models of the rooms, also when it is fetched again."""
    assert trip.state == "succeeded"
    assert isinstance(trip.result, Itinerary)
    assert trip.result.days[0].date == saturday()
    assert isinstance(trip.result.days[0].steps[0], Step)
    assert client.trip(trip.id) == trip
    assert trip.id in [job.id for job in client.trips(region=REGION)]


def test_a_request_may_be_plain(client: MeguriClient) -> None:
    """A dictionary is as good as a model."""
    found = client.plan_trip(REGION, {"days": [saturday().isoformat()], "solver": {"iterations": 200}}, wait=60)
    assert found.state == "succeeded"


def test_every_form_of_a_trip_is_fetched(client: MeguriClient, trip: Trip, tmp_path: Path) -> None:
    """The bytes come back, and stand in the file that was named."""
    content = client.export(trip, "ics", tmp_path / "trip.ics", alternative=1, language="ja")
    assert (tmp_path / "trip.ics").read_bytes() == content
    assert "をめぐる旅" in str(icalendar.Calendar.from_ical(content)["NAME"])
    assert client.export(trip.id, "gpx").startswith(b"<?xml")
    assert json.loads(client.export(trip, "jsonld"))["@type"] == "TouristTrip"
    with pytest.raises(ServiceError) as refusal:
        client.export(trip, "kml", alternative=9)
    assert refusal.value.status == 404


def test_events_end_with_the_job_and_go_on_after_any_of_them(client: MeguriClient, trip: Trip) -> None:
    """From the first to the last, or from where the caller was."""
    events = list(client.events(trip))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert (events[0].type, events[-1].type) == ("queued", "finished")
    assert [event.seq for event in client.events(trip.id, after=events[-2].seq)] == [events[-1].seq]


def test_stopping_keeps_the_best_so_far(client: MeguriClient) -> None:
    """A long search is followed until it has a plan, stopped, and still has it."""
    endless = short().model_copy(update={"solver": SolverChoice(time_limit_s=60)})
    running = client.plan_trip(REGION, endless, wait=0)
    for event in client.events(running):
        if event.type == "improvement":
            break
    stopped = client.wait(client.stop(running), timeout_s=60)
    assert stopped.state == "stopped"
    assert stopped.result is not None


def test_a_place_is_explained(client: MeguriClient, trip: Trip) -> None:
    """Why it is not in the trip, in words."""
    assert trip.result is not None
    left_out = next(place.asset for place in trip.result.excluded if place.code == "CLOSED_ON_ALL_DAYS")
    answer = client.wait(client.explain(trip, left_out))
    assert answer.result is not None
    assert answer.result.code == "CLOSED_ON_ALL_DAYS"


def test_a_plan_made_by_hand_is_judged(client: MeguriClient, trip: Trip) -> None:
    """The planner's own plan breaks no rule; one with a place that nobody knows does."""
    assert trip.result is not None
    own = by_hand(trip.result.request, trip.result.days)
    judged = client.wait(client.check_trip(REGION, own)).result
    assert judged is not None
    assert judged.violations == ()
    other = {"request": {"days": [saturday().isoformat()]}, "days": [{"date": saturday().isoformat(), "stops": ["x"]}]}
    judged = client.wait(client.check_trip(REGION, other)).result
    assert judged is not None
    assert [violation.code for violation in judged.violations] == ["UNKNOWN_ASSET"]


def test_a_refusal_names_every_flaw(client: MeguriClient) -> None:
    """The error carries what the server says, field by field, and survives pickling."""
    with pytest.raises(ServiceError) as refusal:
        client.plan_trip(REGION, {"days": ["2020-01-01"], "must": ["nowhere"], "party": {"adults": "2"}})
    error = refusal.value
    assert (error.status, error.code) == (422, "invalid-input")
    assert "/party/adults" in [flaw.pointer for flaw in error.errors]
    assert "/party/adults" in str(error)
    assert error.request_id
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_one_key_gives_one_trip(client: MeguriClient) -> None:
    """Asked again with the same key, the same trip answers; without one, another."""
    keys = ("a-key", "a-key", None)
    first, second, third = (client.plan_trip(REGION, short(), idempotency_key=key, wait=0) for key in keys)
    assert first.id == second.id != third.id


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    """503 and 429 are waited out for as long as the server says, with the same key each time."""
    script = Script(busy(503, **{"Retry-After": "3"}), busy(429), job())
    found = script.client().plan_trip(REGION, short(), wait=5)
    assert found.state == "queued"
    assert 3 <= script.pauses[0] <= 4
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 1
    assert {request.headers["Prefer"] for request in script.requests} == {"wait=5"}


def test_patience_ends() -> None:
    """A server that wants more time than the caller has is not waited for."""
    script = Script(busy(503, **{"Retry-After": "100"}))
    with pytest.raises(ServiceError) as refusal:
        script.client(patience_s=10).plan_trip(REGION, short())
    assert (refusal.value.code, refusal.value.retry_after_s) == ("queue-full", 100)
    assert script.pauses == []


@pytest.mark.parametrize(
    "failure", [httpx.ReadError("gone"), httpx.RemoteProtocolError("cut"), httpx.ConnectError("no")]
)
def test_a_lost_answer_is_asked_for_again(failure: Exception) -> None:
    """Nobody knows whether the server saw the request: its key keeps it from being done twice."""
    script = Script(failure, failure, job())
    assert script.client().plan_trip(REGION, short()).state == "queued"
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 1


def test_a_server_that_stays_away_is_told() -> None:
    """After a while the client gives up, by a name of its own."""
    script = Script(httpx.ConnectError("refused"))
    with pytest.raises(UnreachableError, match="refused"):
        script.client(patience_s=0).trip("x")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 501])
def test_other_refusals_are_final(status: int) -> None:
    """Asking again would change nothing."""
    script = Script(busy(status))
    with pytest.raises(ServiceError) as refusal:
        script.client().plan_trip(REGION, short())
    assert refusal.value.status == status
    assert len(script.requests) == 1


def test_what_is_no_problem_document_is_an_error_too() -> None:
    """A proxy in between answers in its own words."""
    script = Script(httpx.Response(502, text="<html>Bad Gateway</html>"))
    with pytest.raises(ServiceError, match="Bad Gateway") as refusal:
        script.client().trip("x")
    assert refusal.value.status == 502


def test_redirects_are_not_followed() -> None:
    """Nobody knows who would get the key."""
    script = Script(httpx.Response(308, headers={"Location": "https://elsewhere.example/v1/trips/x"}))
    with pytest.raises(ServiceError, match="308 Permanent Redirect"):
        script.client(key="mgr_a_b").trip("x")
    assert len(script.requests) == 1


def test_an_answer_of_another_server_is_told() -> None:
    """A page, or JSON of something else."""
    for answer in (httpx.Response(200, text="<html>Welcome</html>"), httpx.Response(200, json={"status": "ok"})):
        with pytest.raises(UnreadableError):
            Script(answer).client().trip("x")


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "localhost:8000", "ftp://server"])
def test_an_address_without_http_is_refused(address: str) -> None:
    """At once, instead of after a minute of trying."""
    with pytest.raises(ValueError, match="http://"):
        MeguriClient(address)


def test_a_failed_job_is_an_error_when_waited_for() -> None:
    """Its problem is told as if the request had been refused."""
    script = Script(job(), job("running"), job("failed", problem={**BUSY, "detail": "the worker died"}))
    client = script.client()
    with pytest.raises(ServiceError, match="the worker died"):
        client.wait(client.plan_trip(REGION, short()))
    assert [request.url.path for request in script.requests[1:]] == [f"/v1/jobs/{JOB['id']}"] * 2


def test_waiting_has_an_end() -> None:
    """A job that goes on is left to itself."""
    script = Script(job("running"))
    client = script.client()
    with pytest.raises(TimeoutError, match="still running"):
        client.wait(client.plan_trip(REGION, short()), timeout_s=0)


def test_a_broken_stream_goes_on_where_it_was() -> None:
    """Neither a lost connection nor a server that restarts loses or repeats an event."""
    script = Script(
        stream(event(1), event(2)),
        job("running"),
        httpx.ReadError("cut"),
        stream(event(3, "retry")),
        job("succeeded"),
        stream(event(4, "finished")),
    )
    events = list(script.client().events(JOB["id"]))
    assert [found.seq for found in events] == [1, 2, 3, 4]
    asked = [request.headers["Last-Event-ID"] for request in script.requests if request.url.path.endswith("/events")]
    assert asked == ["0", "2", "2", "3"]


def test_a_stream_of_a_job_that_is_over_ends() -> None:
    """Also where its last event was seen before."""
    script = Script(stream(), job("succeeded"), stream())
    assert list(script.client().events(JOB["id"], after=7)) == []


def test_the_stream_of_a_job_that_is_unknown_is_refused() -> None:
    """The reason is read, though the answer is a stream."""
    script = Script(busy(404))
    with pytest.raises(ServiceError):
        list(script.client().events("none"))


def test_a_stream_that_stays_away_is_told() -> None:
    """After some failures in a row without a single event."""
    script = Script(*[httpx.ConnectError("refused")] * 8)
    with pytest.raises(UnreachableError):
        list(script.client().events("x"))


def test_events_are_read_as_the_standard_says() -> None:
    """Several lines of data are one; comments and other fields count for nothing; what is cut off is left out."""
    lines = [": hello", "retry: 3", "", "id: 1", "data: a", "data:b", "", "", "event: x", "", "data: cut"]
    assert list(event_data(lines)) == ["a\nb"]


def test_lists_are_read_page_after_page() -> None:
    """The next page is fetched when it is needed, from the server that was asked."""
    item = {name: value for name, value in JOB.items() if name != "result"} | {"state": "succeeded"}
    first = {"items": [item], "next": "http://proxy.example/v1/trips?cursor=abc&region=echizen"}
    script = Script(httpx.Response(200, json=first), httpx.Response(200, json={"items": [item], "next": None}))
    assert len(list(script.client().trips(region=REGION))) == 2
    assert [str(request.url) for request in script.requests] == [
        "http://server/v1/trips?region=echizen",
        "http://server/v1/trips?cursor=abc&region=echizen",
    ]


def test_keys_and_language_are_sent() -> None:
    """With every request."""
    script = Script(job())
    script.client(key="mgr_a_b", language="ja").trip(JOB["id"])
    assert script.requests[0].headers["X-API-Key"] == "mgr_a_b"
    assert script.requests[0].headers["Accept-Language"] == "ja"


def test_only_what_was_said_is_sent() -> None:
    """The server's defaults hold."""
    script = Script(job())
    script.client().plan_trip(REGION, TripRequest.model_validate({"days": ["2026-12-05"]}))
    assert json.loads(script.requests[0].content) == {"days": [{"date": "2026-12-05"}]}


def test_answers_of_a_newer_server_are_read(trip: Trip) -> None:
    """Fields that this version does not know are left out, however deep they are; anything else is refused."""
    document = json.loads(trip.model_dump_json())
    document["result"]["new"] = 1
    document["result"]["days"][0]["steps"][0]["platform"] = "3"
    document["result"]["request"]["days"][0]["new"] = {}
    assert read(Trip, json.dumps(document).encode()) == trip
    document["result"]["days"] = "none"
    with pytest.raises(UnreadableError, match="days"):
        read(Trip, json.dumps(document).encode())


def test_the_client_of_httpx_stays_with_its_owner() -> None:
    """One that was given is not closed; an own one is."""
    given = httpx.Client()
    with MeguriClient("http://server", http=given):
        pass
    assert not given.is_closed
    given.close()
    with MeguriClient("http://server") as client:
        own = client._http
    assert own.is_closed


def run_example(example: str, server: httpx.Client) -> None:
    for written, here in (
        ("http://127.0.0.1:8000", str(server.base_url).rstrip("/")),
        ('["2026-12-05"]', f'["{saturday()}"], "solver": {{"iterations": 300}}'),
    ):
        assert written in example
        example = example.replace(written, here)
    exec(example, {})


def test_the_example_of_the_package_runs(
    planning_server: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As editors show it."""
    _, example = (api.client.__doc__ or "").split("::\n", 1)
    monkeypatch.chdir(tmp_path)
    run_example(inspect.cleandoc(example.partition("\n\nWhat it takes")[0]), planning_server)
    assert (tmp_path / "trip.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


def test_the_example_of_the_documentation_runs(
    planning_server: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page shows works as it stands, on another server and another day."""
    page = Path(__file__).parents[3] / "docs" / "client.md"
    (example,) = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    run_example(example, planning_server)
    assert (tmp_path / "trip.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert re.search(r"^(optimal|feasible) \d+$", capsys.readouterr().out, re.MULTILINE)
