"""Limits on how often callers may ask, and on how much they may hold open."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import HandExecutor, service_at_hand
from serving import serving, wait_until

from api.http.app import create_app
from api.http.limits import Slots
from api.http.problems import ProblemError
from api.metrics import Metrics
from api.service import Service

ABSENT = "/v1/jobs/01a20978-1e46-76e7-97c3-25fe3850330d"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return service_at_hand(
        tmp_path, HandExecutor(), auth="on", rate_limit="5/hour", expensive_rate_limit="2/hour", streams_limit=2
    )


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    with serving(create_app(service)) as client:
        yield client


def test_requests_beyond_the_limit_wait(client: httpx.Client, service: Service) -> None:
    """Each key has its own count; the answer tells what is left, and when to come back."""
    one, other = ({"X-API-Key": service.keys.create(name, ["read"])[1]} for name in ("one", "other"))
    first = client.get("/v1", headers=one)
    assert first.headers["ratelimit-policy"] == '"all";q=5;w=3600'
    assert first.headers["ratelimit"].startswith('"all";r=4;t=')
    assert [client.get("/v1", headers=one).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    refused = client.get("/v1", headers=one)
    assert refused.json()["type"] == "urn:meguri:problem:too-many-requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 3_600
    assert client.get("/v1", headers=other).status_code == 200


def test_starting_work_is_limited_further(client: httpx.Client, service: Service) -> None:
    """A caller who may start nothing more may still look."""
    key = {"X-API-Key": service.keys.create("one", ["admin"])[1]}
    answers = [client.post("/v1/regions/echizen/trips", json={}, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert answers[2].headers["ratelimit-policy"] == '"work";q=2;w=3600'
    assert client.get(ABSENT, headers=key).status_code == 404


def test_trying_keys_is_limited_by_address(client: httpx.Client) -> None:
    """Guessing is slowed down before the database is asked again."""
    statuses = [client.get("/v1", headers={"X-API-Key": "x"}).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_health_is_never_limited(client: httpx.Client) -> None:
    """Whoever watches the server asks often."""
    assert {client.get("/healthz").status_code for _ in range(12)} == {200}


def test_refusals_are_counted(client: httpx.Client, service: Service) -> None:
    """Operators see them in the metrics."""
    for _ in range(6):
        client.get("/v1")
    assert b'meguri_refusals_total{reason="rate_limit"} 1.0' in service.metrics.exposition()


def test_streams_are_limited_and_their_slots_come_back(client: httpx.Client, service: Service) -> None:
    """A third stream is refused while two are open, and accepted when one client has left."""
    key = service.keys.create("one", ["admin"])[1]
    client.headers["X-API-Key"] = key
    job = client.post("/v1/regions/echizen/trips", json={"days": ["2099-01-01"]})
    path = f"/v1/jobs/{job.json()['id']}/events"
    with client.stream("GET", path):
        with client.stream("GET", path):
            refused = client.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
            assert service.streams.open == 2
        wait_until(lambda: service.streams.open == 1)
    wait_until(lambda: service.streams.open == 0)


def test_slots_are_counted_for_each_caller() -> None:
    """One caller's streams take nothing from another's."""
    slots = Slots(1, Metrics(), "streams")
    slots.take("one")
    slots.take("other")
    with pytest.raises(ProblemError):
        slots.take("one")
    slots.free("one")
    slots.take("one")
    assert slots.open == 2
