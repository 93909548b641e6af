"""Every named example of the document can be sent as it stands, and is answered as documented."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import service_at_hand
from serving import serving, wait_until

from api.http.app import create_app

FOLDER = Path(str(resources.files("api.http") / "examples"))
NAMES = sorted(str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.rglob("*.json"))
# Where an example of a path parameter is not given by the document.
PLACES = {"region_id": "echizen", "asset_id": "example"}


@pytest.fixture(scope="module")
def editing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a server whose regions may be changed; it works on no jobs."""
    with serving(create_app(service_at_hand(tmp_path_factory.mktemp("editing")))) as client:
        yield client


@pytest.fixture(scope="module")
def document(editing_server: httpx.Client) -> dict[str, Any]:
    return dict(editing_server.get("/openapi.json").json())


def examples_of(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the examples of the body of an operation, by name."""
    contents = operation.get("requestBody", {}).get("content", {}).values()
    return {name: example["value"] for content in contents for name, example in content.get("examples", {}).items()}


def uses_of(document: dict[str, Any], name: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and operation of each that has an example."""
    return [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if name in examples_of(operation)
    ]


def address_of(document: dict[str, Any], path: str, operation: dict[str, Any]) -> str:
    """Return the path with its parameters filled in."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            given = parameter.get("schema", {}).get("examples") or [PLACES[parameter["name"]]]
            path = path.replace(f"{{{parameter['name']}}}", given[0])
    return path


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("regions/")])
def test_examples_of_edits_are_accepted(document: dict[str, Any], editing_server: httpx.Client, name: str) -> None:
    """Each is taken as it stands, by every operation that shows it."""
    uses = uses_of(document, name)
    assert uses
    for path, method, operation in uses:
        address = address_of(document, path, operation)
        if method != "post":
            address = f"{address.rpartition('/')[0]}/{first_asset(editing_server, address)}"
        value = examples_of(operation)[name]
        headers = {"If-Match": "*", "Content-Type": next(iter(operation["requestBody"]["content"]))}
        answer = editing_server.request(method, address, json=fitting(value, address, method), headers=headers)
        assert str(answer.status_code) in operation["responses"], answer.text
        assert answer.is_success, answer.text


def first_asset(client: httpx.Client, address: str) -> str:
    """Return the id of an asset of the region."""
    items = client.get(f"{address.rpartition('/')[0]}?limit=1").json()["features"]
    return str(items[0]["id"])


def fitting(value: dict[str, Any], address: str, method: str) -> dict[str, Any]:
    """Return a whole asset under the id that it is to replace."""
    return {**value, "id": address.rpartition("/")[2]} if method == "put" else value


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("regions/")])
def test_examples_of_work_are_done(document: dict[str, Any], planning_server: httpx.Client, name: str) -> None:
    """Each ends with an answer: at once, or as a job that succeeds."""
    uses = uses_of(document, name)
    assert uses
    for path, method, operation in uses:
        answer = planning_server.request(
            method,
            address_of(document, path, operation),
            json=examples_of(operation)[name],
            headers={"Prefer": "wait=60"},
            timeout=90,
        )
        assert str(answer.status_code) in operation["responses"], answer.text
        assert answer.is_success, answer.text
        if answer.status_code == 202:
            here = answer.headers["location"]
            wait_until(lambda here=here: planning_server.get(here).json()["finished_at"])
            assert planning_server.get(here).json()["state"] == "succeeded"


def test_every_operation_that_takes_json_shows_an_example(document: dict[str, Any]) -> None:
    """A new user finds something to send."""
    without = [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if any("json" in kind for kind in operation.get("requestBody", {}).get("content", {}))
        and not examples_of(operation)
    ]
    assert without == []
