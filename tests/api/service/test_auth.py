"""Who may do what: keys, scopes on every route, and doors that are shut where no keys are needed."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx
import pytest
from fastapi.routing import APIRoute

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import HandExecutor, service_at_hand
from serving import serving

from api.http.app import ROUTERS, create_app
from api.http.doors import Door, scopes_of
from api.keys import SCOPES, Scope
from api.service import Service

OPEN = {"/healthz", "/readyz", "/openapi.json", "/docs", "/docs/style.css", "/", "/desk/{digest}/{path:path}"}
DAY = (dt.date.today() + dt.timedelta(days=14)).isoformat()
TRIP = {"days": [DAY]}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        return service_at_hand(tmp_path_factory.mktemp("auth"), HandExecutor(), auth="on", rate_limit="100000/minute")


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with serving(create_app(service)) as client:
        yield client


@pytest.fixture(scope="module")
def keys(client: httpx.Client, service: Service) -> dict[str, dict[str, str]]:
    """Return headers with a key for each scope, and for a second planner."""
    wanted: dict[str, list[str]] = {scope: [scope] for scope in SCOPES} | {"other": ["read", "plan"]}
    made = {name: service.keys.create(name, scopes)[1] for name, scopes in wanted.items()}
    return {name: {"X-API-Key": secret} for name, secret in made.items()}


@pytest.fixture(scope="module")
def open_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a server on the loopback, where no keys are needed."""
    with serving(create_app(service_at_hand(tmp_path_factory.mktemp("open")))) as client:
        yield client


def routes() -> list[APIRoute]:
    """Return every route there is."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_every_route_but_health_and_documentation_requires_a_scope() -> None:
    """No route is forgotten: whoever adds one has to say who may use it."""
    assert len(routes()) > 10
    assert {route.path for route in routes() if not scopes_of(route.dependant)} == OPEN
    assert all(isinstance(route, Door) for route in routes())


def test_scopes_follow_what_a_route_does() -> None:
    """Looking needs ``read``; what starts work or changes something needs more."""
    known = set(get_args(Scope))
    for route in routes():
        scopes = set(scopes_of(route.dependant))
        assert scopes <= known
        if route.path in OPEN or route.path == "/metrics":
            continue
        if route.methods == {"GET"}:
            # Some answers have to be worked out first.
            assert scopes in ({"read"}, {"plan"}), route.path
        else:
            assert scopes, route.path
            assert "read" not in scopes, route.path


def test_every_operation_refuses_callers_without_a_key(client: httpx.Client) -> None:
    """By the document itself: 401 wherever a key is asked for, before anything else is looked at."""
    document = client.get("/openapi.json").json()
    asked = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "security" not in operation:
                continue
            # Tiles have numbers for addresses; anything else is no address at all.
            address = re.sub(r"\{(\w{2,})\}", r"\1", re.sub(r"\{\w\}", "1", path))
            answer = client.request(method, address, content=b"{broken")
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("ApiKey ")
            assert {"401", "403"} <= set(operation["responses"])
            asked += 1
    assert asked > 10


@pytest.mark.parametrize("given", ["", "x", "mgr_0123456789abcdef_" + "A" * 43, "é" * 10, "A" * 5_000], ids=str)
def test_wrong_keys_are_refused_alike(client: httpx.Client, given: str) -> None:
    """Whatever is wrong with a key, the answer does not tell what."""
    answer = client.get("/v1", headers={"X-API-Key": given.encode()})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["header"] == "X-API-Key"
    assert answer.json()["errors"][0].keys() == {"header", "detail"}


def test_two_keys_are_none(client: httpx.Client, keys: dict[str, dict[str, str]]) -> None:
    """Which of them counts would depend on who looks."""
    secret = keys["admin"]["X-API-Key"]
    assert client.get("/v1", headers=[("X-API-Key", secret), ("X-API-Key", secret)]).status_code == 401


def test_a_key_opens_what_its_scopes_name(client: httpx.Client, keys: dict[str, dict[str, str]]) -> None:
    """403 names the scope that is missing; ``admin`` opens everything."""
    assert client.get("/v1", headers=keys["read"]).status_code == 200
    assert client.get("/v1", headers=keys["admin"]).status_code == 200
    refused = client.get("/v1", headers=keys["plan"])
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:meguri:problem:forbidden")
    assert "read" in refused.json()["detail"]
    assert client.get("/metrics", headers=keys["read"]).status_code == 403
    assert client.get("/metrics", headers=keys["admin"]).status_code == 200
    assert client.post("/v1/regions/echizen/trips", json=TRIP, headers=keys["price"]).status_code == 403


def test_callers_see_their_own_jobs_only(client: httpx.Client, keys: dict[str, dict[str, str]]) -> None:
    """Another's job is not there at all; whoever administers the server sees all."""
    owner = {"X-API-Key": keys["other"]["X-API-Key"]}
    job = client.post("/v1/regions/echizen/trips", json=TRIP, headers=owner).json()["id"]
    for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/events", f"/v1/jobs/{job}/result", f"/v1/trips/{job}"):
        assert client.get(path, headers=keys["read"]).status_code == 404, path
    assert client.delete(f"/v1/jobs/{job}", headers=keys["plan"]).status_code == 404
    assert client.get("/v1/jobs", headers=keys["read"]).json()["items"] == []
    assert client.get(f"/v1/jobs/{job}", headers=owner).json()["state"] in ("queued", "running")
    assert job in [item["id"] for item in client.get("/v1/jobs", headers=keys["admin"]).json()["items"]]
    assert client.delete(f"/v1/jobs/{job}", headers=keys["admin"]).status_code in (200, 202)


def test_a_revoked_key_stops_at_once(client: httpx.Client, service: Service) -> None:
    """Nothing remembers that it was valid a moment ago."""
    key, secret = service.keys.create("brief", ["read"])
    assert client.get("/v1", headers={"X-API-Key": secret}).status_code == 200
    service.keys.revoke(key.id)
    assert client.get("/v1", headers={"X-API-Key": secret}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_other_names_of_the_loopback_are_refused(open_client: httpx.Client, host: str) -> None:
    """A page whose name was made to point here cannot read what is here."""
    answer = open_client.get("/healthz", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["header"] == "Host"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_names_of_the_loopback_are_served(open_client: httpx.Client, host: str) -> None:
    """With and without a port."""
    assert open_client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8000"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"}, True),
        ({"Origin": "http://localhost:8000"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://["}, True),
    ],
)
def test_pages_of_others_cannot_change_anything(
    open_client: httpx.Client, headers: dict[str, str], is_refused: bool
) -> None:
    """Where no key is needed, a browser that was tricked into a request is told from a program."""
    given = {"Host": "localhost:8000", **headers}
    answer = open_client.delete("/v1/jobs/01a20978-1e46-76e7-97c3-25fe3850330d", headers=given)
    assert answer.status_code == (403 if is_refused else 404)
    assert open_client.get("/healthz", headers=given).status_code == 200


def test_named_hosts_and_origins_are_let_in(tmp_path: Path) -> None:
    """Settings open what is shut by default, and nothing beyond it."""
    friend = "https://desk.example"
    service = service_at_hand(tmp_path, allowed_hosts="api.example, 127.0.0.1", cors_origins=friend, auth="off")
    with serving(create_app(service)) as client:
        assert client.get("/healthz", headers={"Host": "api.example"}).status_code == 200
        assert client.get("/healthz", headers={"Host": "localhost"}).status_code == 400
        asked = {"Origin": friend, "Access-Control-Request-Method": "POST"}
        assert client.options("/v1/jobs", headers=asked).headers["access-control-allow-origin"] == friend
        answer = client.get("/healthz", headers={"Origin": friend})
        assert answer.headers["access-control-allow-origin"] == friend
        assert "Location" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-origin" not in client.get("/healthz", headers={"Origin": "http://x"}).headers
        path = "/v1/jobs/01a20978-1e46-76e7-97c3-25fe3850330d"
        assert client.delete(path, headers={"Origin": friend, "Sec-Fetch-Site": "cross-site"}).status_code == 404
        assert client.delete(path, headers={"Origin": "http://x", "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_no_other_origin_is_let_in_by_default(open_client: httpx.Client) -> None:
    """Without the setting no page of another origin may read an answer."""
    answer = open_client.get("/healthz", headers={"Origin": "http://localhost:3000"})
    assert "access-control-allow-origin" not in answer.headers
