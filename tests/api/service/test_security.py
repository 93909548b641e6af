"""Attacks on the HTTP API, each with what becomes of it: nothing leaks, nothing is overrun, nothing is believed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import errno
import hmac
import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from structlog.testing import capture_logs

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import HandExecutor, service_at_hand
from price_bodies import small_market
from serving import serving, wait_until

from api.http.app import ROUTERS, create_app
from api.http.bodies import read_json
from api.http.doors import scopes_of
from api.http.problems import MOST_FLAWS, ProblemError
from api.http.rendering import Rendering
from api.jobs.work import Finished, Refused
from api.keys import SCOPES, Scope
from api.metrics import Metrics
from api.service import Service
from api.service_settings import read_service_settings
from api.storage import writing
from api.storage.tables import keys
from regional_assets.errors import Problem
from regional_assets.text import Text

DAY = (dt.date.today() + dt.timedelta(days=14)).isoformat()
TRIPS = "/v1/regions/echizen/trips"
ITEMS = "/v1/regions/echizen/collections/assets/items"
IMPORT = "/v1/regions:import"
PROBLEM = "application/problem+json"


@dataclass
class Server:
    """A server whose work is done by the test."""

    service: Service
    client: httpx.Client
    executor: HandExecutor

    def key(self, *scopes: Scope) -> dict[str, str]:
        """Return the header of a new key."""
        return {"X-API-Key": self.service.keys.create("test", scopes)[1]}

    def job(self, kind: str, owner: str) -> str:
        """Return the id of a job that somebody asked for."""
        given: dict[str, Any] = {"region": None, "data_version": None, "time_limit_s": 60.0}
        return self.service.jobs.enqueue(kind, b"{}", owner=owner, request_id="test", **given)[0].id


def _server(home: Path, **settings: Any) -> Iterator[Server]:
    executor = HandExecutor()
    limits = {"rate_limit": "1000000/minute", "expensive_rate_limit": "1000000/minute"}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        service = service_at_hand(home, executor, **limits, **settings)
        with serving(create_app(service)) as client:
            yield Server(service, client, executor)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server that asks for keys, under any name."""
    yield from _server(tmp_path_factory.mktemp("guarded"), auth="on", allowed_hosts="*")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of one machine, without keys."""
    yield from _server(tmp_path_factory.mktemp("alone"))


def operations() -> list[tuple[str, APIRoute]]:
    """Return every method of every route that asks for a scope."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    found = [(method, route) for route in routes if scopes_of(route.dependant) for method in sorted(route.methods)]
    assert len(found) > 30
    return [*found, *(("HEAD", route) for method, route in found if method == "GET")]


def address(route: APIRoute, **ids: str) -> str:
    """Return an address of a route, with things that are there."""
    known = {"region_id": "echizen", "asset_id": "udatsu-craft-hall", "market_id": "echizen"}
    tile = {"z": "12", "x": "3591", "y": "1613"}
    return re.sub(r"{(\w+)(:\w+)?}", lambda match: {**known, **tile, **ids}[match[1]], route.path)


def test_every_route_is_shut_to_whoever_may_not(guarded: Server) -> None:
    """
    Without a key, with a wrong, revoked or expired one: 401; with every scope but those needed: 403.

    What is asked for is there, so that a hole would show as success; nothing of it is in the answers.
    """
    job = guarded.job("trip", "somebody")
    revoked, secret = guarded.service.keys.create("revoked", SCOPES)
    guarded.service.keys.revoke(revoked.id)
    expired, past = guarded.service.keys.create("expired", SCOPES)
    with writing(guarded.service.engine) as connection:
        before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        connection.execute(sa.update(keys).where(keys.c.id == expired.id).values(expires_at=before))
    strangers = [{}, *({"X-API-Key": key} for key in (secret[:-1] + "-", secret, past, secret.upper()))]
    plain = [scope for scope in SCOPES if scope != "admin"]
    every = {scope: guarded.key(scope) for scope in plain}
    for method, route in operations():
        path = address(route, trip_id=job, plan_id=job, job_id=job)
        needed = scopes_of(route.dependant)
        others = [every[scope] for scope in plain if scope not in needed]
        for expected, headers in [*((401, stranger) for stranger in strangers), *((403, other) for other in others)]:
            answer = guarded.client.request(method, path, headers=headers, content=b"{broken")
            assert (answer.status_code, answer.headers["content-type"]) == (expected, PROBLEM), (method, path, headers)
            assert job not in answer.text
            assert "echizen" not in answer.text
    assert guarded.service.jobs.get(job, None) is not None
    assert guarded.service.regions.summary("echizen") is not None


def test_what_others_asked_for_is_not_there(guarded: Server) -> None:
    """No address of a job tells another's from one that does not exist, whatever kind it is, and nothing stops it."""
    every = guarded.key("read", "plan", "price")
    absent = "01a20978-1e46-76e7-97c3-25fe3850330d"
    paths = [(method, route) for method, route in operations() if re.search(r"{(trip|plan|job)_id", route.path)]
    for kind in ("trip", "price-plan", "region-import"):
        job = guarded.job(kind, "somebody")
        for method, route in paths:
            answers = [
                guarded.client.request(method, address(route, trip_id=id, plan_id=id, job_id=id), headers=every)
                for id in (job, absent)
            ]
            assert [answer.status_code for answer in answers] == [404, 404], (method, route.path, kind)
            told = [re.sub(r'"request_id":"\w+"', "", answer.text) for answer in answers]
            assert told[0].replace(job, absent) == told[1]
        stored = guarded.service.jobs.get(job, None)
        assert stored is not None
        assert not stored.stop_requested
        assert stored.state in ("queued", "running")


def test_plans_of_others_cannot_be_named_in_a_body(guarded: Server) -> None:
    """A plan that a request names by its id is looked for among the caller's own; another's is as good as none."""
    job, absent = guarded.job("price-plan", "somebody"), "01a20978-1e46-76e7-97c3-25fe3850330d"
    told = []
    for plan in (job, absent):
        body = {"market": small_market(), "plan": plan}
        path = "/v1/regions/echizen/price-plans:simulate"
        answer = guarded.client.post(path, json=body, headers=guarded.key("price"))
        assert answer.status_code == 422
        told.append([(flaw["pointer"], flaw["detail"].replace(plan, "")) for flaw in answer.json()["errors"]])
    assert told[0] == told[1]
    assert told[0][0][0] == "/plan"


def test_secrets_are_compared_in_equal_time(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is no such key: how long it takes tells nobody which ids exist."""
    compared = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    _, secret = guarded.service.keys.create("one", ["read"])
    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert guarded.service.keys.find(f"mgr_{'0' * 16}_{'A' * 43}") is None
    assert guarded.service.keys.find(secret) is not None
    assert [len(one) == len(other) == 64 for one, other in compared] == [True, True]
    assert secret not in str(compared)


def test_secrets_are_in_no_log_and_no_answer(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of a request that is answered nor of one that fails; a fault shows nothing of what happened."""
    key = guarded.key("read")

    def fail(*_: object, **__: object) -> None:
        msg = "internal-detail"
        raise RuntimeError(msg)

    monkeypatch.setattr(guarded.service.regions, "page", fail)
    with capture_logs() as log:
        answers = [guarded.client.get(path, headers=key) for path in ("/v1", "/v1/regions", "/v1/nowhere")]
        wait_until(lambda: sum(entry["event"] == "request" for entry in log) >= 3)
    assert [answer.status_code for answer in answers] == [200, 500, 404]
    assert "request failed" in {entry["event"] for entry in log}
    assert key["X-API-Key"] not in json.dumps(log, default=str)
    for answer in answers:
        assert key["X-API-Key"] not in answer.text + str(answer.headers)
        assert not re.search(r"internal-detail|RuntimeError|Traceback|\.py|site-packages", answer.text)


@pytest.mark.parametrize(
    "raw",
    [b'"' + b'\\"' * 500_000, b'{"' + b'\\"' * 500_000, b'["\\' * 200_000, b'"' + b"\\" * 999_999],
    ids=["quotes", "key", "mixed", "backslashes"],
)
def test_strings_that_never_end_are_refused_in_one_pass(raw: bytes) -> None:
    """Looked for from each quote anew, a megabyte of them would keep a core busy for days."""
    with pytest.raises(ProblemError) as caught:
        read_json(raw)
    assert caught.value.status_code == 400


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (50_000, 1),
        (5_000, 501),
    ],
)
def test_refusals_are_no_larger_than_what_is_of_use(alone: Server, given: int, named: int) -> None:
    """Of thousands of flaws the first are named, and the number of the others; words for all would take minutes."""
    answer = alone.client.post(TRIPS, json={"days": [DAY], **{f"x{number}": 1 for number in range(given)}})
    errors = answer.json()["errors"]
    assert (answer.status_code, len(errors)) == (422, named)
    assert len(answer.content) < 100_000
    assert re.search("4,500 further|50,000 flaws", errors[-1]["detail"])


def test_thousands_of_parameters_are_told_in_short(alone: Server) -> None:
    """The address is as long as a server takes."""
    answer = alone.client.get("/v1/jobs?" + "&".join(f"a{number}" for number in range(4_000)))
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == MOST_FLAWS + 1


def test_wishes_are_as_many_as_people_have(alone: Server) -> None:
    """Each unknown name is compared with all known ones: lists are short, and only the first names get a hint."""
    for field, value in {
        "must": [f"x{number}" for number in range(100_000)],
        "avoid": [f"x{number}" for number in range(100_000)],
        "themes": ["x"] * 10_000,
        "interests": {f"x{number}": 1 for number in range(10_000)},
        "pins": [{"asset": "x", "arrive": f"{DAY}T10:00"}] * 10_000,
        "lodging": ["x"] * 10_000,
        "days": [DAY] * 10_000,
    }.items():
        answer = alone.client.post(TRIPS, json={"days": [DAY], field: value})
        assert answer.status_code == 422, field
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    answer = alone.client.post(TRIPS, json={"days": [DAY], "must": ["udatsu-craft-hal"] * 400})
    hints = [error for error in answer.json()["errors"] if "close: udatsu-craft-hall" in error["detail"]]
    assert (len(answer.json()["errors"]), len(hints)) == (400, 10)


@pytest.mark.parametrize(
    "cursor",
    [
        '"\\ud800"',
        '"a\\u0000"',
        '["\\udfff",1]',
        '["a",9' + "9" * 400 + "]",
        "NaN",
        "1e999",
        '{"a":1,"a":2}',
        "[" * 300,
    ],
)
def test_cursors_that_nobody_gave_out_are_refused(alone: Server, cursor: str) -> None:
    """What a database cannot hold does not reach it: halves of characters, NUL, numbers without end."""
    made = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    for path in ("/v1/regions", "/v1/jobs", "/v1/trips", "/v1/price-plans", ITEMS):
        answer = alone.client.get(path, params={"cursor": made})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:meguri:problem:bad-cursor"), path


@pytest.mark.parametrize("cursor", ["' OR 1=1 --", "zzz'; DROP TABLE regions; --", "%", "_" * 600])
def test_cursors_are_values_and_never_statements(alone: Server, cursor: str) -> None:
    """What reads like SQL is a place in the order of ids."""
    made = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")
    answer = alone.client.get("/v1/regions", params={"cursor": made})
    assert answer.status_code == 200
    assert {item["id"] for item in answer.json()["items"]} <= {"echizen"}
    assert [item["id"] for item in alone.client.get("/v1/regions").json()["items"]] == ["echizen"]


def _part(name: str, value: bytes, more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def _form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x--\r\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (_form(*(_part(f"f{number}", b"1") for number in range(60))), "Too many fields"),
        (_form(*(_part("csv", b"a", f'; filename="{number}"') for number in range(250))), "Too many files"),
        (_form(_part("name_ja", b"x" * 20_000)), "maximum size"),
        (_form(b"--x\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(5_000))), "Invalid"),
        (_form(b"--x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"), "Invalid"),
        (_form(b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n"), "name"),
        (b"\0" * 1_000, "Invalid"),
    ],
    ids=["fields", "files", "field", "headers", "header", "nameless", "noise"],
)
def test_forms_are_as_large_as_they_need_to_be(alone: Server, content: bytes, told: str) -> None:
    """Fields stand in memory, and each file is one that is open: beyond a few of them, 400 says what was too much."""
    answer = alone.client.post(IMPORT, content=content, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "punycode", "utf-7", "utf-16", "undefined", "zlib", "idna", '"raw_unicode_escape"']
)
def test_forms_are_in_utf_8(alone: Server, charset: str) -> None:
    """A hundred codes of Python would be open to the caller: some make halves of characters, some take forever."""
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    answer = alone.client.post(IMPORT, content=_form(_part("id", b"\\ud800")), headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["errors"][0]["header"]) == (415, "Content-Type")
    kind = "multipart/form-data; boundary=x; charset*=utf-8''unicode_escape"
    answer = alone.client.post(IMPORT, content=_form(_part("id", b"\\ud800")), headers={"Content-Type": kind})
    assert answer.status_code in (415, 422)


def test_files_and_fields_are_told_apart_in_plain_words(alone: Server) -> None:
    """Nothing of the program's own names is in the refusal."""
    content = _form(_part("id", b"x", '; filename="secret.csv"'), _part("csv", b"no file"))
    answer = alone.client.post(IMPORT, content=content, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/id", "/csv/0"]
    assert not re.search("UploadFile|Headers|class", answer.text)


@pytest.mark.parametrize(
    "host",
    ["localhost:80@evil.example", "localhost:x", "[::1]evil.example", "localhost:8000000", 'localhost:"', "local host"],
)
def test_hosts_that_only_begin_like_ours_are_refused(alone: Server, host: str) -> None:
    """A name is a name and a port, and nothing behind it."""
    assert alone.client.get("/healthz", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ['"><script>alert(1)</script>', "evil.example/<b>", "a'b", "e`id`"])
def test_hosts_reach_no_page_and_no_command(guarded: Server, host: str) -> None:
    """The reference holds commands to copy, with the address of the server in them."""
    answer = guarded.client.get("/docs", headers={"Host": host})
    assert host not in answer.text
    assert "<script" not in answer.text


def test_forwarded_names_count_for_nothing(guarded: Server) -> None:
    """Who a server is, its operator says; links do not lead where a caller would like them to."""
    forged = {
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example;proto=https",
        "X-Original-URL": "/metrics",
        "X-Rewrite-URL": "/metrics",
        "X-Forwarded-Prefix": "//evil.example",
        "X-HTTP-Method-Override": "DELETE",
    }
    answer = guarded.client.get("/v1/regions/echizen", headers={**guarded.key("read"), **forged})
    assert answer.status_code == 200
    assert "evil" not in answer.text + str(answer.headers)
    assert answer.json()["id"] == "echizen"


@pytest.mark.parametrize("path", ["/v1/trips/%0d%0aSet-Cookie:%20a=b", "/v1/jobs/%00", "/v1/regions/%1b%5b2J", "/%0a"])
def test_control_characters_in_addresses_are_refused(alone: Server, path: str) -> None:
    """Neither a header nor a line of the log nor a terminal gets to see them."""
    with capture_logs() as log:
        answer = alone.client.get(path)
        wait_until(lambda: log)
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers
    assert all(entry["route"] == "unmatched" for entry in log if entry["event"] == "request")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/regions/..%2f..%2f..%2fetc%2fpasswd",
        "/v1/regions/%2e%2e/assets.csv",
        "/v1/regions/..%5c..%5cwindows/check",
        "/v1/regions/echizen%2f..%2f../assets.geojson",
        "/v1/trips/..%2f..%2fetc.pdf",
        "/docs/..%2f..%2fopenapi.py",
        "//etc/passwd",
    ],
)
def test_addresses_lead_to_no_files(alone: Server, path: str) -> None:
    """What a path names is an id; nothing is opened by it."""
    answer = alone.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, True),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Origin": "http://localhost:3000"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, True),
        ({"Origin": "http://evil.example"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, False),
        ({}, False),
    ],
)
def test_pictures_of_other_sites_start_nothing(alone: Server, headers: dict[str, str], is_refused: bool) -> None:
    """Some answers are worked out when they are asked for: without keys, pages of others get none of them."""
    before = len(alone.service.jobs.list(None, limit=1_000))
    preference = {"Prefer": "respond-async", "Host": "localhost"}
    answer = alone.client.get("/v1/regions/echizen/check", headers={**preference, **headers})
    assert answer.status_code == (403 if is_refused else 202)
    if is_refused:
        assert len(alone.service.jobs.list(None, limit=1_000)) == before


@pytest.mark.parametrize(
    ("given", "needs_keys"),
    [
        ({}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"public_url": "https://trips.example"}, True),
        ({"public_url": "http://localhost:8000"}, False),
        ({"allowed_hosts": "trips.example"}, True),
        ({"allowed_hosts": "*"}, True),
        ({"allowed_hosts": "localhost, 127.0.0.1"}, False),
        ({"public_url": "https://trips.example", "auth": "off"}, False),
    ],
)
def test_whoever_has_a_public_name_needs_keys(tmp_path: Path, given: dict[str, Any], needs_keys: bool) -> None:
    """Behind a proxy of the same machine, everybody comes from the loopback."""
    assert read_service_settings(home=tmp_path, **given).needs_keys is needs_keys


def test_a_key_of_one_request_serves_no_other(guarded: Server) -> None:
    """The same body sent elsewhere, or another there, is a conflict; another's key of that name is another key."""
    owner, named = guarded.key("plan", "price"), {"Idempotency-Key": "k-1"}
    first = guarded.client.post(TRIPS, json={"days": [DAY]}, headers={**owner, **named})
    assert first.status_code == 202
    elsewhere = guarded.client.post(
        f"{TRIPS}:check", json={"request": {"days": [DAY]}, "days": []}, headers={**owner, **named}
    )
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (409, "urn:meguri:problem:idempotency-conflict")
    assert first.json()["id"] not in elsewhere.text
    stranger = guarded.client.post(TRIPS, json={"days": [DAY]}, headers={**guarded.key("plan"), **named})
    assert (stranger.status_code, stranger.json()["id"] == first.json()["id"]) == (202, False)
    assert "idempotency-replayed" not in stranger.headers


def test_the_server_s_own_keys_cannot_be_sent(guarded: Server) -> None:
    """Answers that are worked out once are kept under keys that no header can hold."""
    job = guarded.job("trip", "somebody")
    for name in (f"explanation of udatsu-craft-hall in {job}", f"check of echizen 0 on {DAY}"):
        answer = guarded.client.post(
            TRIPS, json={"days": [DAY]}, headers={**guarded.key("plan"), "Idempotency-Key": name}
        )
        assert answer.status_code == 422


def test_a_failure_is_replayed_and_not_begun_anew(guarded: Server) -> None:
    """Whoever sends a failed request again under its key hears of the failure; a new key begins anew."""
    owner = guarded.key("plan", "read")
    sent = {**owner, "Idempotency-Key": "k-2"}
    job = guarded.client.post(TRIPS, json={"days": [DAY]}, headers=sent).json()["id"]
    refusal = Problem("days", None, Text(ja="だめ", en="no such day"))
    guarded.executor.piece(job).end(Refused((refusal,)))
    wait_until(lambda: guarded.client.get(f"/v1/trips/{job}", headers=owner).json()["state"] == "failed")
    again = guarded.client.post(TRIPS, json={"days": [DAY]}, headers=sent)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (422, "true")
    assert again.json()["errors"][0]["pointer"] == "/days"
    assert len(guarded.client.get("/v1/trips", headers=owner).json()["items"]) == 1


def test_names_make_no_events(alone: Server) -> None:
    """Whatever a place is called, a stream holds the events that happened."""
    job = alone.client.post(TRIPS, json={"days": [DAY]}).json()["id"]
    piece = alone.executor.piece(job)
    hostile = "a\n\nid: 99\nevent: finished\ndata: {}\n\n\r\r\u2028\x00"
    piece.improve(b"{}", objective=1.0, days=[{"date": DAY, "assets": [hostile]}])
    piece.end(Finished(b"{}"))
    stream = alone.client.get(f"/v1/trips/{job}/events").text
    assert re.findall(r"^event: (\w+)$", stream, re.MULTILINE) == ["queued", "started", "improvement", "finished"]
    improvement = next(
        json.loads(line[6:]) for line in stream.split("\n") if line.startswith("data: ") and "id: 99" in line
    )
    assert improvement["data"]["days"][0]["assets"] == [hostile]


def _raw(client: httpx.Client, sent: bytes) -> bytes:
    """Send bytes over a connection of their own, and return all that comes back until the server closes it."""
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=60) as connection:
        # A server may refuse after the first bytes, and close before the last ones are sent.
        with _closed_early():
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        answers = b""
        with _closed_early():
            while received := connection.recv(65_536):
                answers += received
        return answers


@contextlib.contextmanager
def _closed_early() -> Iterator[None]:
    """Let the other side close or reset a connection: of what it will not read, a server may be rid by a reset."""
    try:
        yield
    except (BrokenPipeError, ConnectionResetError):
        pass
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: -1",
        b"Content-Length: 0x5",
        b"Content-Length: 5, 6",
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding : chunked",
        b"X-Long: " + b"x" * 200_000,
        b"X-Bad: a\0b",
    ],
    ids=["lengths", "negative", "hex", "list", "gzip", "two codings", "blank", "long", "nul"],
)
def test_requests_that_two_servers_could_read_differently_are_refused(alone: Server, head: bytes) -> None:
    """A proxy in front cannot be made to take a body for a second request."""
    smuggled = b"GET /v1/regions HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = _raw(alone.client, b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n" + smuggled)
    assert set(re.findall(rb"HTTP/1\.1 (\d+)", answers)) <= {b"400", b"431", b"501"}
    assert b"echizen" not in answers


def test_a_length_beside_chunks_smuggles_nothing(alone: Server) -> None:
    """Where both are told, chunks count, and the connection is not used again; or the request is refused."""
    body = b"0\r\n\r\nGET /v1/regions HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /v1/nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n"
    answers = _raw(alone.client, head % len(body) + body)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answers)[0] in (b"400", b"404")
    assert b"echizen" not in answers


def test_files_that_take_long_keep_nobody_else_waiting() -> None:
    """Two are made at once, in threads of their own; a caller may wait for four, and another's turn comes."""
    rendering, release = Rendering(Metrics()), threading.Event()
    most, running = 0, 0
    lock = threading.Lock()

    def make() -> str:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        assert release.wait(60)
        with lock:
            running -= 1
        return "made"

    async def ask() -> None:
        waiting = [asyncio.create_task(rendering.make("one", make)) for _ in range(4)]
        await asyncio.sleep(0)
        with pytest.raises(ProblemError) as refused:
            await rendering.make("one", make)
        assert refused.value.status_code == 429
        waiting.append(asyncio.create_task(rendering.make("other", make)))
        release.set()
        assert await asyncio.gather(*waiting) == ["made"] * 5
        assert await rendering.make("one", make) == "made"

    asyncio.run(ask())
    assert most <= 2


def test_the_reference_is_made_once(alone: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may ask for it, as often as they like."""
    from api.http.routes import ops

    made = []

    def make(*given: object, **options: object) -> str:
        made.append(given)
        return "<!doctype html>meguri-server-address"

    monkeypatch.setattr(ops, "page_of", make)
    ops._page.cache_clear()
    pages = {alone.client.get("/docs", headers={"Host": host}).text for host in ("localhost", "127.0.0.1") * 3}
    ops._page.cache_clear()
    assert len(made) == 1
    assert pages == {"<!doctype html>http://localhost", "<!doctype html>http://127.0.0.1"}


def test_servers_have_nothing_to_fetch_with() -> None:
    """No module of the server brings a client for the web: addresses in requests and files stay what they are."""
    fetchers = re.compile(
        r"^\s*(?:import|from) (?:httpx|requests|urllib3|urllib\.request|aiohttp|http\.client|ftplib)\b", re.MULTILINE
    )
    root = Path(__file__).parents[3]
    sources = [path for path in (root / "api").rglob("*.py") if "client" not in path.relative_to(root).parts]
    assert len(sources) > 100
    assert [path.name for path in sources if fetchers.search(path.read_text(encoding="utf-8"))] == []
