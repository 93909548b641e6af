"""Trips belong to whoever asked for them, and each thing one may do with them needs its scope."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import service_at_hand
from serving import serving

from api.http.app import create_app
from api.keys import Scope
from api.service import Service

IN_A_WEEK = (dt.date.today() + dt.timedelta(days=7)).isoformat()
PLACES = ("", "/events", ".geojson", ".gpx", ".ics", ".kml", ".jsonld", ".pdf", "/explanations/soba-tanigawa")


@dataclass
class Desk:
    """A server that asks for keys, and whose work nobody does."""

    service: Service
    client: httpx.Client

    def key(self, *scopes: Scope) -> dict[str, str]:
        """Return the header of a new key."""
        return {"X-API-Key": self.service.keys.create("test", scopes)[1]}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the server, with its client."""
    service = service_at_hand(tmp_path_factory.mktemp("desk"), auth="on")
    with serving(create_app(service)) as client:
        yield Desk(service, client)


@pytest.fixture(scope="module")
def mine(desk: Desk) -> dict[str, str]:
    """Return the key of the owner of `trip`."""
    return desk.key("plan", "read")


@pytest.fixture(scope="module")
def trip(desk: Desk, mine: dict[str, str]) -> str:
    """Return the id of a trip that waits."""
    answer = desk.client.post("/v1/regions/echizen/trips", json={"days": [IN_A_WEEK]}, headers=mine)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("place", PLACES)
def test_others_find_nothing(desk: Desk, trip: str, place: str) -> None:
    """To another caller a trip is not there, whatever they may do with their own."""
    answer = desk.client.get(f"/v1/trips/{trip}{place}", headers=desk.key("read", "plan", "price"))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_others_stop_nothing(desk: Desk, trip: str, mine: dict[str, str]) -> None:
    """Another caller's `DELETE` is 404, and the trip goes on."""
    assert desk.client.delete(f"/v1/trips/{trip}", headers=desk.key("read", "plan")).status_code == 404
    assert desk.client.get(f"/v1/trips/{trip}", headers=mine).json()["state"] in ("queued", "running")


def test_lists_hold_ones_own(desk: Desk, trip: str, mine: dict[str, str]) -> None:
    """The owner and an admin see the trip in their list, another caller does not."""
    listed = {
        name: [item["id"] for item in desk.client.get("/v1/trips", headers=key).json()["items"]]
        for name, key in {"mine": mine, "other": desk.key("read"), "admin": desk.key("admin")}.items()
    }
    assert listed == {"mine": [trip], "other": [], "admin": [trip]}
    assert desk.client.get(f"/v1/trips/{trip}", headers=desk.key("admin")).status_code == 200


def test_an_idempotency_key_is_ones_own(desk: Desk) -> None:
    """Two callers who happen to send the same key get a trip each."""
    trips = {
        desk.client.post(
            "/v1/regions/echizen/trips",
            json={"days": [IN_A_WEEK]},
            headers={**desk.key("plan"), "Idempotency-Key": "monday"},
        ).json()["id"]
        for _ in range(2)
    }
    assert len(trips) == 2


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/regions/echizen/trips", "plan"),
        ("DELETE", "/v1/trips/x", "plan"),
        ("GET", "/v1/trips/x/explanations/y", "plan"),
        ("GET", "/v1/trips", "read"),
        ("GET", "/v1/trips/x", "read"),
        ("GET", "/v1/trips/x/events", "read"),
        ("GET", "/v1/trips/x.gpx", "read"),
    ],
)
def test_each_act_needs_its_scope(desk: Desk, method: str, path: str, scope: str) -> None:
    """Without a key 401, with a key for other things 403, before anything else is looked at."""
    others = [name for name in ("read", "plan", "price") if name != scope]
    assert desk.client.request(method, path).status_code == 401
    refused = desk.client.request(method, path, headers=desk.key(*others))
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert desk.client.request(method, path, headers=desk.key(scope)).status_code not in (401, 403)
