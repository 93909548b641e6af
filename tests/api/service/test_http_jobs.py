"""Jobs over HTTP: asked for, waited for, followed, stopped; work is done by the test."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import HandExecutor, Piece, service_at_hand
from serving import serving, wait_until

from api.http.app import create_app
from api.jobs.work import Crashed, Finished, Outcome, Progress, Refused
from api.service import Service
from regional_assets.errors import Problem
from regional_assets.text import Text

PATH = "/v1/regions/echizen/trips"
TRIP = {"days": [(dt.date.today() + dt.timedelta(days=14)).isoformat()]}
ANSWER = b'{"objective":  12345678901234567890.5}'
ABSENT = "/v1/jobs/01a20978-1e46-76e7-97c3-25fe3850330d"


@pytest.fixture(scope="module")
def executor() -> HandExecutor:
    return HandExecutor()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, executor: HandExecutor) -> Service:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        limits = {"rate_limit": "100000/minute", "expensive_rate_limit": "100000/minute"}
        return service_at_hand(tmp_path_factory.mktemp("jobs"), executor, queue_limit=200, **limits)


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with serving(create_app(service)) as client:
        yield client


def ask(client: httpx.Client, **headers: str) -> dict[str, Any]:
    """Ask for a trip, and return the job."""
    answer = client.post(PATH, json=TRIP, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def ask_and_wait(client: httpx.Client, executor: HandExecutor, prefer: str, outcome: Outcome) -> httpx.Response:
    """Ask for a trip, end it while the request waits, and return the answer."""
    known = {piece.task.job_id for piece in executor.pieces}

    def new() -> list[Piece]:
        return [piece for piece in executor.pieces if piece.task.job_id not in known]

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.post, PATH, json=TRIP, headers={"Prefer": prefer})
        wait_until(new)
        new()[0].end(outcome)
        return waiting.result()


def events_of(text: str) -> list[dict[str, Any]]:
    """Return the events of a stream, each with its fields."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [{**block, "data": json.loads(block["data"])} for block in blocks if "data" in block]


def test_a_job_is_accepted_and_looked_at_later(client: httpx.Client, executor: HandExecutor) -> None:
    """202 says where to look; the best answer so far is there before the end, and the last one afterwards."""
    accepted = client.post(PATH, json=TRIP)
    job = accepted.json()
    assert (accepted.status_code, accepted.headers["retry-after"]) == (202, "1")
    here = accepted.headers["location"]
    assert job["links"]["self"] == str(client.base_url) + here
    assert (job["state"], job["result"], job["attempts"]) == ("queued", None, 0)
    piece = executor.piece(job["id"])
    piece.tell(Progress(0.5, "search"))
    piece.improve(b'{"objective":1}', objective=1.0, bound=2.0, gap=0.5)
    wait_until(lambda: client.get(here).json()["result"] == {"objective": 1})
    running = client.get(here).json()
    assert (running["state"], running["progress"]["gap"]) == ("running", 0.5)
    piece.end(Finished(ANSWER))
    wait_until(lambda: client.get(here).json()["state"] == "succeeded")
    # The answer goes out as it is stored, not parsed and written anew.
    assert ANSWER in client.get(here).content
    assert client.get(job["links"]["result"]).content == ANSWER


def test_whoever_waits_gets_the_finished_answer(client: httpx.Client, executor: HandExecutor) -> None:
    """200 as soon as it is done, with the address of the job."""
    answer = ask_and_wait(client, executor, "respond-async, wait=50; x=y", Finished(ANSWER))
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    assert answer.headers["preference-applied"] == "wait=50"
    assert answer.headers["content-location"] == f"/v1/trips/{answer.json()['id']}"
    assert "location" not in answer.headers


def test_waiting_ends_with_the_time_that_was_asked_for(client: httpx.Client) -> None:
    """202 after a second, and the job goes on."""
    answer = client.post(PATH, json=TRIP, headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=1")


@pytest.mark.parametrize(
    "prefer", ["", "wait=-1", "wait=soon", "wait=1.5", "wait", "handling=lenient", "wait=" + "9" * 99]
)
def test_other_preferences_count_for_nothing(client: httpx.Client, prefer: str) -> None:
    """RFC 7240: what is not understood is passed over."""
    answer = client.post(PATH, json=TRIP, headers={"Prefer": prefer})
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers


def test_preferences_may_stand_on_several_lines(client: httpx.Client) -> None:
    """They count as one list, in which the first of a name wins."""
    lines = [("Prefer", "respond-async"), ("Prefer", "wait=1"), ("Prefer", "wait=50")]
    answer = client.post(PATH, json=TRIP, headers=lines)
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=1")


@pytest.mark.parametrize(
    ("path", "parameter"), [("/v1/trips/x", "trip_id"), ("/v1/price-plans/x", "plan_id"), ("/v1/jobs/x", "job_id")]
)
def test_what_is_not_there_is_named_by_its_parameter(client: httpx.Client, path: str, parameter: str) -> None:
    """As the document names it, whatever kind of job it is."""
    (flaw,) = client.get(path).json()["errors"]
    assert (flaw["parameter"], flaw["value"]) == (parameter, "x")


def test_waiting_longer_than_allowed_is_cut(tmp_path: Path) -> None:
    """The answer tells how long was really waited."""
    with serving(create_app(service_at_hand(tmp_path, longest_wait_s=1))) as client:
        answer = client.post(PATH, json=TRIP, headers={"Prefer": "wait=100"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=1")


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (Refused((Problem("days[0].date", "x", Text(ja="過去", en="past")),)), 422, "invalid-input"),
        (Crashed("Traceback: the password"), 500, "internal-error"),
    ],
)
def test_a_job_that_fails_within_the_wait_says_why(
    client: httpx.Client, executor: HandExecutor, outcome: Outcome, status: int, code: str
) -> None:
    """As a problem, with pointers; and the job itself tells the same later, in the reader's language."""
    answer = ask_and_wait(client, executor, "wait=50", outcome)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:meguri:problem:{code}")
    assert "password" not in answer.text
    later = client.get(answer.headers["content-location"], headers={"Accept-Language": "ja"}).json()
    assert (later["state"], later["problem"]["status"]) == ("failed", status)
    if status == 422:
        assert answer.json()["errors"][0]["pointer"] == "/days/0/date"
        assert later["problem"]["errors"][0]["detail"] == "過去"


def test_the_same_key_and_body_mean_the_same_job(client: httpx.Client) -> None:
    """A request sent twice starts one job; the second answer says so."""
    first = client.post(PATH, json=TRIP, headers={"Idempotency-Key": "a"})
    again = client.post(PATH, json=TRIP, headers={"Idempotency-Key": "a"})
    assert again.json()["id"] == first.json()["id"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = client.post(PATH, json=TRIP, headers={"Idempotency-Key": "b"})
    assert other.json()["id"] != first.json()["id"]


def test_a_key_of_another_request_is_refused(client: httpx.Client) -> None:
    """409 for another body."""
    client.post(PATH, json=TRIP, headers={"Idempotency-Key": "c"})
    answer = client.post(PATH, json={**TRIP, "pace": "busy"}, headers={"Idempotency-Key": "c"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:meguri:problem:idempotency-conflict")


def test_requests_at_the_same_moment_start_one_job(client: httpx.Client) -> None:
    """Whoever loses the race gets the winner's job."""
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(client.post, PATH, json=TRIP, headers={"Idempotency-Key": "race"}) for _ in range(6)]
        answers = [answer.result() for answer in asked]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_keys_that_make_no_sense_are_refused(client: httpx.Client, key: str) -> None:
    """Visible ASCII, up to 255 characters."""
    answer = client.post(PATH, json=TRIP, headers={"Idempotency-Key": key.encode()})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"


def test_a_full_queue_says_when_to_come_back(tmp_path: Path) -> None:
    """503 with ``Retry-After``; nothing is stored."""

    class Busy(HandExecutor):
        def room(self) -> int:
            return 0

    service = service_at_hand(tmp_path, Busy(), queue_limit=2)
    with serving(create_app(service)) as client:
        assert [client.post(PATH, json=TRIP).status_code for _ in range(3)] == [202, 202, 503]
        refused = client.post(PATH, json=TRIP)
        assert refused.json()["type"] == "urn:meguri:problem:queue-full"
        assert int(refused.headers["retry-after"]) >= 1
        assert len(client.get("/v1/jobs").json()["items"]) == 2
        metrics = client.get("/metrics").text
        assert "meguri_queue_depth 2.0" in metrics
        assert 'meguri_refusals_total{reason="queue_full"} 2.0' in metrics


def test_a_stopped_job_keeps_its_best_answer(client: httpx.Client, executor: HandExecutor) -> None:
    """The worker is told; what it had stands in the result."""
    job = ask(client)
    piece = executor.piece(job["id"])
    piece.improve(b'{"objective":7}', objective=7.0)
    asked = client.delete(f"/v1/jobs/{job['id']}")
    assert asked.status_code == 202
    wait_until(lambda: piece.is_stopped)
    piece.end(Finished(None, stopped=True))
    wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["state"] == "stopped")
    stopped = client.delete(f"/v1/jobs/{job['id']}")
    assert (stopped.status_code, stopped.json()["result"]) == (200, {"objective": 7})


def test_what_is_not_there_is_said_so(client: httpx.Client) -> None:
    """404 for an unknown job, 409 for a result that is not there yet."""
    assert client.get(ABSENT).status_code == 404
    assert client.delete(ABSENT).status_code == 404
    assert client.get(f"{ABSENT}/events").status_code == 404
    answer = client.get(f"/v1/jobs/{ask(client)['id']}/result")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:meguri:problem:no-result")


def test_jobs_are_listed_page_by_page(client: httpx.Client) -> None:
    """Newest first, filtered, each once."""
    asked = [ask(client)["id"] for _ in range(5)]
    seen: list[str] = []
    url: str | None = "/v1/jobs?limit=2&kind=trip&region=echizen&state=queued&state=running"
    while url is not None and len(seen) < 5:
        page = client.get(url).json()
        seen += [job["id"] for job in page["items"]]
        url = page["next"]
    assert seen[:5] == asked[::-1]
    assert client.get("/v1/jobs?kind=price-plan").json()["items"] == []


def test_a_stream_tells_everything_in_order_and_ends(client: httpx.Client, executor: HandExecutor) -> None:
    """From the first event to the last, numbered without gaps."""
    job = ask(client)
    piece = executor.piece(job["id"])

    def work() -> None:
        piece.improve(b'{"objective":1}', objective=1.0)
        piece.end(Finished(ANSWER))

    with client.stream("GET", f"/v1/jobs/{job['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        worker = threading.Thread(target=work)
        worker.start()
        text = stream.read().decode()
    worker.join()
    events = events_of(text)
    assert text.startswith("retry: ")
    assert [event["id"] for event in events] == [str(number) for number in range(1, len(events) + 1)]
    assert [event["event"] for event in events] == [event["data"]["type"] for event in events]
    assert [event["event"] for event in events][:2] == ["queued", "started"]
    assert events[-1]["event"] == "finished"
    assert events[-1]["data"]["data"]["state"] == "succeeded"
    assert any(event["event"] == "improvement" and event["data"]["data"]["objective"] == 1 for event in events)


@pytest.mark.parametrize(
    ("seen", "first"), [("1", 2), ("0", 1), ("nonsense", 1), ("-1", 1), ("", 1), ("99999999999999999999", 1)]
)
def test_a_stream_goes_on_where_the_client_was(client: httpx.Client, seen: str, first: int) -> None:
    """``Last-Event-ID`` names the last event seen; ids that are none of ours begin anew."""
    job = ask(client)
    client.delete(f"/v1/jobs/{job['id']}")
    wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["state"] in ("stopped", "running"))
    with client.stream("GET", f"/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": seen}) as stream:
        number = next(line for line in stream.iter_lines() if line.startswith("id: "))
    assert number == f"id: {first}"


def test_a_stream_of_an_ended_job_ends_at_once(client: httpx.Client, executor: HandExecutor) -> None:
    """Also for a client that has seen everything, or claims to have seen more."""
    job = ask(client)
    executor.piece(job["id"]).end(Finished(ANSWER))
    wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded")
    for seen in ("3", "1000000"):
        answer = client.get(f"/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": seen})
        assert answer.status_code == 200
        assert not any(event["id"] == "1" for event in events_of(answer.text))


def test_waits_and_streams_outlive_a_locked_database(
    client: httpx.Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits hears of the job that was started; whoever follows one comes back a little later."""

    def locked(*_args: object) -> None:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("SELECT", None, error)

    job = ask(client)["id"]
    with monkeypatch.context() as patch:
        patch.setattr(service.jobs, "events", locked)
        stream = client.get(f"/v1/jobs/{job}/events")
        assert (stream.status_code, stream.text) == (200, "retry: 2000\n\n")
        patch.setattr(service.jobs, "get", locked)
        waited = client.post(PATH, json=TRIP, headers={"Prefer": "wait=1"})
        assert waited.status_code == 202
        assert client.get(f"/v1/jobs/{job}").status_code == 503
    assert client.get(waited.headers["location"]).status_code == 200


def test_streams_and_waits_end_when_the_server_stops(tmp_path: Path) -> None:
    """Nobody keeps a server from stopping; the job is there afterwards."""
    service = service_at_hand(tmp_path)
    with serving(create_app(service)) as client, ThreadPoolExecutor(2) as pool:
        job = ask(client)
        stream = pool.submit(client.get, f"/v1/jobs/{job['id']}/events")
        waiting = pool.submit(client.post, PATH, json=TRIP, headers={"Prefer": "wait=50"})
        wait_until(lambda: service.streams.open == 1 and len(service.jobs.list()) == 2)
        service.stopping.set()
        assert stream.result().status_code == 200
        assert waiting.result().status_code == 202
        not_ready = client.get("/readyz")
        assert not_ready.status_code == 503
    reopened = service_at_hand(tmp_path)
    reopened.start()
    assert {stored.state for stored in reopened.jobs.list()} <= {"queued", "running"}
    reopened.close()
