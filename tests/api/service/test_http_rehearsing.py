"""Unknown fields are told together with what else is wrong, and nothing is begun meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from at_hand import service_at_hand
from serving import serving

from api.http.app import create_app

TRIPS = "/v1/regions/echizen/trips"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(create_app(service_at_hand(tmp_path_factory.mktemp("home")))) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        (TRIPS, {"days": ["2020-01-01"], "musst": [], "must": ["nope"]}, {"/musst", "/days/0/date", "/must/0"}),
        (TRIPS, {"days": [{"date": "2020-01-01", "begin": 1}]}, {"/days/0/begin", "/days/0/date"}),
        (TRIPS, {"days": ["2020-01-01"], "solver": {"time": 5}}, {"/solver/time", "/days/0/date"}),
        (TRIPS, {"days": ["2099-12-05"], "musst": []}, {"/musst"}),
        (TRIPS, {"days": "2020-01-01", "musst": []}, {"/days", "/musst"}),
        (f"{TRIPS}:check", {"request": {"days": ["2020-01-01"]}, "days": [], "x": 1}, {"/x", "/request/days/0/date"}),
        ("/v1/regions/atlantis/trips", {"days": ["2099-12-05"], "musst": []}, {"/musst"}),
    ],
)
def test_all_that_is_wrong_is_told_at_once(
    client: httpx.Client, path: str, body: dict[str, Any], pointers: set[str]
) -> None:
    """Fields that nobody knows, and what makes no sense in the rest; each once, and no job is begun."""
    before = client.get("/v1/jobs").json()
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    told = [flaw["pointer"] for flaw in answer.json()["errors"]]
    assert (set(told), len(told)) == (pointers, len(pointers))
    assert client.get("/v1/jobs").json() == before


def test_a_key_of_idempotency_is_not_used_up(client: httpx.Client) -> None:
    """The request can be sent again under the same key once it is mended."""
    headers = {"Idempotency-Key": "mended"}
    assert client.post(TRIPS, json={"days": ["2099-12-05"], "musst": []}, headers=headers).status_code == 422
    mended = client.post(TRIPS, json={"days": ["2099-12-05"]}, headers=headers)
    assert mended.status_code == 202
    client.delete(mended.json()["links"]["self"])
