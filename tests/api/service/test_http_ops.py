"""Health, metrics, headers, ids of requests, the document and its page."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import HandExecutor, service_at_hand
from serving import serving, wait_until

from api.http import openapi
from api.http.app import ROUTERS, create_app
from api.http.examples import dated
from api.http.field_docs import describe_fields
from api.service import Service

NEVER_CLOSED = {"br", "link", "meta", "wbr"}
UNCHECKED_TYPES = ("text/event-stream", "text/plain", "application/problem+json")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        return service_at_hand(tmp_path_factory.mktemp("ops"), HandExecutor(), rate_limit="100000/minute")


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with serving(create_app(service)) as client:
        yield client


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json())


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and operation of each."""
    found = [(path, method, found) for path, methods in document["paths"].items() for method, found in methods.items()]
    assert len(found) > 10
    return found


def test_a_server_says_that_it_lives_and_is_ready(client: httpx.Client) -> None:
    """Both without a key."""
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "reasons": []}


def test_a_server_without_workers_or_database_is_not_ready(tmp_path: Path) -> None:
    """It lives, and tells what is missing."""
    executor = HandExecutor()
    service = service_at_hand(tmp_path, executor)
    with serving(create_app(service)) as client:
        executor.trouble = "all of them died"
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["reasons"]) == (503, ["no workers: all of them died"])
        executor.trouble = None
        (tmp_path / "meguri.db").rename(tmp_path / "away.db")
        (tmp_path / "meguri.db").mkdir()
        service.engine.dispose()
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["reasons"]) == (503, ["database not reachable"])
        assert client.get("/healthz").status_code == 200
        refused = client.get("/v1/jobs")
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:meguri:problem:storage-unavailable")
        assert client.get("/metrics").status_code == 200
        (tmp_path / "meguri.db").rmdir()
        (tmp_path / "away.db").rename(tmp_path / "meguri.db")
        assert client.get("/readyz").status_code == 200


def test_metrics_are_labelled_by_route(client: httpx.Client) -> None:
    """Whatever paths clients make up, the number of series stays the same."""
    for number in range(3):
        client.get(f"/v1/jobs/made-up-{number}")
        client.get(f"/made-up/{number}")
    client.request("BREW", "/healthz")
    wait_until(lambda: 'method="other"' in client.get("/metrics").text)
    text = client.get("/metrics").text
    assert 'meguri_http_request_seconds_count{method="GET",route="/v1/jobs/{job_id}",status="404"}' in text
    assert 'method="GET",route="unmatched",status="404"' in text
    assert "made-up" not in text
    assert "BREW" not in text


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_an_id_that_the_client_gives_is_kept(client: httpx.Client, given: str) -> None:
    """So that logs on both sides can be joined."""
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "a\tb", "x" * 65, '{"level":"error"}', "é"])
def test_an_id_that_could_do_harm_is_replaced(client: httpx.Client, given: str) -> None:
    """Nothing of it reaches headers or log."""
    found = client.get("/healthz", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", found)


def test_every_request_has_its_line_in_the_log(client: httpx.Client) -> None:
    """With route, status, time and caller; without query and secrets."""
    with capture_logs(processors=[merge_contextvars]) as log:
        answer = client.get("/v1/jobs?region=secret-place", headers={"X-API-Key": "secret-key"})
        # It is written when the answer is on its way.
        wait_until(lambda: [entry for entry in log if entry["request_id"] == answer.headers["x-request-id"]])
    line = next(entry for entry in log if entry["request_id"] == answer.headers["x-request-id"])
    assert (line["method"], line["route"], line["status"], line["key"]) == ("GET", "/v1/jobs", 200, "local")
    assert line["ms"] >= 0
    assert "secret" not in json.dumps(log, default=str)


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/nowhere", "/v1/jobs?limit=x"])
def test_every_answer_is_guarded(client: httpx.Client, path: str) -> None:
    """Browsers do no more with it than was meant."""
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in headers


class _Page(HTMLParser):
    """Check that elements are closed in order, and collect ids and references."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.references += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in NEVER_CLOSED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_reference_shows_everything_and_asks_nobody_else(
    client: httpx.Client, document: dict[str, Any], language: str
) -> None:
    """Every operation, schema and example is there; every link leads somewhere; nothing comes from another host."""
    answer = client.get("/docs", headers={"Accept-Language": language})
    page = _Page()
    page.feed(answer.text)
    assert page.open == []
    assert f'<html lang="{language}">' in answer.text
    assert len(page.ids) == len(set(page.ids))
    assert {operation["operationId"] for _, _, operation in operations(document)} <= set(page.ids)
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= set(page.ids)
    anchors = {reference[1:] for reference in page.references if reference.startswith("#")}
    assert anchors <= set(page.ids)
    others = {reference for reference in page.references if not reference.startswith("#")}
    assert others == {"docs/style.css", "openapi.json", "?lang=ja", "?lang=en"}
    for reference in others:
        assert client.get(answer.url.join(reference)).status_code == 200
    assert not page.tags & {"script", "style", "img", "iframe"}
    assert client.get("/docs/style.css").headers["content-type"].startswith("text/css")


def test_heads_are_answers_without_content(client: httpx.Client) -> None:
    """Every address that can be read tells its head alone, with the status and headers of the whole."""
    whole, head = client.get("/v1/regions/echizen"), client.head("/v1/regions/echizen")
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == whole.headers[name]
    assert client.head("/v1/regions/atlantis").status_code == 404


def test_the_head_of_a_stream_does_not_keep_it_open(client: httpx.Client) -> None:
    """A job that never ends has events for ever; whoever asks for the head alone is answered at once."""
    job = client.post("/v1/regions/echizen/trips", json={"days": ["2099-12-05"]}).json()
    head = client.head(job["links"]["events"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    wait_until(lambda: "meguri_event_streams 0.0" in client.get("/metrics").text)


def test_commands_of_the_reference_name_the_kind_of_their_body(client: httpx.Client) -> None:
    """A merge patch is not sent as plain JSON."""
    commands = unescape(client.get("/docs?lang=en").text)
    assert "-H 'Content-Type: application/merge-patch+json'" in commands
    assert "-H 'Content-Type: application/json'" in commands


def test_the_language_of_the_reference_can_be_chosen(client: httpx.Client) -> None:
    """A link wins over the browser."""
    assert '<html lang="ja">' in client.get("/docs?lang=ja", headers={"Accept-Language": "en"}).text


def test_a_server_behind_a_proxy_calls_itself_as_the_world_does(tmp_path: Path) -> None:
    """Links, pages and the document carry the public address, with its prefix."""
    service = service_at_hand(tmp_path, public_url="https://trips.example/api/", auth="off")
    with serving(create_app(service)) as client:
        accepted = client.post("/v1/regions/echizen/trips", json={"days": ["2099-12-05"]})
        job = accepted.json()["id"]
        assert accepted.headers["location"] == f"/api/v1/trips/{job}"
        assert accepted.json()["links"]["self"] == f"https://trips.example/api/v1/trips/{job}"
        client.post("/v1/regions/echizen/trips", json={"days": ["2099-12-05"]})
        following = client.get("/v1/jobs?limit=1").json()["next"]
        assert following.startswith("https://trips.example/api/v1/jobs?limit=1&cursor=")
        assert client.get("/openapi.json").json()["servers"] == [{"url": "https://trips.example/api"}]
        assert "curl 'https://trips.example/api/v1/jobs'" in unescape(client.get("/docs").text)


def test_operations_have_names_for_generated_clients(document: dict[str, Any]) -> None:
    """One plain word each, a summary, and a tag that is described."""
    found = operations(document)
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in found:
        assert re.fullmatch(r"[a-z]+[A-Za-z]+", operation["operationId"]), (path, method)
        assert operation["summary"], (path, method)
        assert set(operation["tags"]) <= tags, (path, method)


def test_schemas_have_names_for_generated_clients(document: dict[str, Any]) -> None:
    """One plain word each, whether read or written; what is done first stands first."""
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name)
        assert not name.endswith(("Input", "Output", "Body"))
        assert schema["title"] == name
    assert {"ItineraryJob", "JobPage", "Problem", "Region", "TripRequest"} <= set(document["components"]["schemas"])
    assert next(iter(document["paths"])) == "/v1/regions/{region_id}/trips"


def test_the_document_is_made_once_for_all_who_ask_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making it takes a second: those who ask meanwhile wait for it, and a new day only dates it anew."""
    made: list[object] = []

    def make(*given: object) -> dict[str, Any]:
        made.append(given)
        return {"x": "{today+0}"}

    monkeypatch.setattr(openapi, "undated_document", make)
    app = create_app(service_at_hand(tmp_path))
    with ThreadPoolExecutor(4) as callers:
        answers = {json.dumps(answer.result()) for answer in [callers.submit(app.openapi) for _ in range(8)]}
    assert len(made) == len(answers) == 1


def test_every_operation_tells_its_refusals(document: dict[str, Any]) -> None:
    """In the shape that is really sent; FastAPI's own is nowhere."""
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in json.dumps(document)
    for path, method, operation in operations(document):
        answers = operation["responses"]
        assert {"400", "422", "429", "500", "503"} <= set(answers), (path, method)
        if "requestBody" in operation:
            assert {"413", "415"} <= set(answers), (path, method)
        if "{" in path:
            assert "404" in answers, (path, method)
        for status, answer in answers.items():
            if int(status) >= 400 and status != "503":
                assert answer["content"].keys() == {"application/problem+json"}, (path, method, status)


def test_a_key_is_optional_where_none_is_needed(document: dict[str, Any]) -> None:
    """Clients made from this document may send one, and need not."""
    secured = [operation["security"] for _, _, operation in operations(document) if "security" in operation]
    assert all({} in security and len(security) == 2 for security in secured)


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema is missing."""
    named = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])


def test_fields_carry_their_meaning(document: dict[str, Any]) -> None:
    """What docstrings of models say of fields stands at the fields."""
    schemas = document["components"]["schemas"]
    assert schemas["Job"]["properties"]["attempts"]["description"].startswith("How often it was begun")
    assert "----" not in json.dumps([schema.get("description", "") for schema in schemas.values()])


def test_sections_of_docstrings_become_descriptions() -> None:
    """Several names may share a meaning; markup becomes Markdown; other sections stay out."""
    schema = {
        "description": "Say ``it``.\n\nOn.\n\nParameters\n----------\na, b\n    Both, in\n    ``metres``.\nc\n    One."
        "\n\nRaises\n------\nError\n    Never.",
        "properties": {"a": {}, "b": {}, "c": {"description": "own"}},
    }
    describe_fields(schema)
    assert schema == {
        "description": "Say `it`.\n\nOn.",
        "properties": {
            "a": {"description": "Both, in `metres`."},
            "b": {"description": "Both, in `metres`."},
            "c": {"description": "own"},
        },
    }


def test_dates_of_examples_are_counted_from_today() -> None:
    """An example can be sent on any day."""
    friday = dt.date(2026, 12, 4)
    example = {"days": ["{today+1}", "x {saturday+7}"], "n": 1, "{today+1}": None}
    assert dated(example, friday) == {"days": ["2026-12-05", "x 2026-12-12"], "n": 1, "{today+1}": None}
    assert dated("{saturday+0}", dt.date(2026, 12, 5)) == "2026-12-05"


def test_routes_have_whole_paths() -> None:
    """Each begins with the version, but for operations."""
    paths = {route.path for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)}
    others = {path for path in paths if not path.startswith("/v1")}
    operations = {"/docs", "/docs/style.css", "/openapi.json", "/healthz", "/readyz", "/metrics"}
    assert others == {*operations, "/", "/desk/{digest}/{path:path}"}


def test_large_answers_are_packed_for_whoever_takes_that(client: httpx.Client) -> None:
    """The content is the same; small answers go as they are."""
    path = "/v1/regions/echizen/assets.geojson"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert packed.content == plain.content
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "content-encoding" not in client.get("/v1", headers={"Accept-Encoding": "gzip"}).headers
