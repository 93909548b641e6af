"""Refusals over HTTP: one shape for all, every flaw at once, in the caller's language."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, File, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

sys.path.insert(0, str(Path(__file__).parent))

from at_hand import service_at_hand
from serving import serving

from api.http.app import ROUTERS, create_app
from api.http.auth import Caller, require
from api.http.bodies import StrictJson
from api.http.doors import Router
from api.http.languages import language_for
from api.http.paging import Page, Paging, page_response
from api.problems import pointer_of
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

SECRET = "the password of the database"


class Stop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    minutes: int = Field(ge=1, le=600)


class Walk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stops: tuple[Stop, ...] = Field(min_length=1)
    pace: float = 1.0
    tags: dict[str, int] = {}


router = Router(tags=["jobs"])


@router.post("/v1/walks")
async def take_a_walk(
    body: Annotated[Walk, StrictJson], _caller: Annotated[Caller, require("plan")], times: int = 1
) -> dict[str, Any]:
    """Return what was understood."""
    return {"walk": body.model_dump(), "times": times}


@router.post("/v1/uploads")
async def take_a_file(file: Annotated[UploadFile, File()]) -> dict[str, int]:
    """Return how long it is."""
    return {"bytes": len(await file.read())}


@router.get("/v1/refused")
async def refuse() -> None:
    """Refuse as the rooms below do."""
    no = Text(ja="だめ", en="no")
    raise InputError([Problem("days[0].a/b", 7, no), Problem("party.adults", "x", no)])


@router.get("/v1/broken")
async def break_down() -> None:
    """Fail as programs do."""
    raise RuntimeError(SECRET)


@router.get("/v1/locked")
async def find_locked() -> None:
    """Fail as databases do."""
    error = Exception("locked")
    error.sqlite_errorname = "SQLITE_BUSY"  # type: ignore[attr-defined]
    raise OperationalError(SECRET, None, error)


@router.get("/v1/numbers", response_model=Page[int])
async def count(request: Request, page: Annotated[Paging, Depends()]) -> Any:
    """Return pages of the numbers to 100."""
    begin = 0 if page.after is None else page.after
    end = min(begin + page.limit, 100)
    return page_response(request, range(begin, end), last=end if end < 100 else None)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        limits = {"body_limit_bytes": 4_096, "upload_limit_bytes": 100_000, "rate_limit": "100000/minute"}
        service = service_at_hand(tmp_path_factory.mktemp("problems"), **limits)
    with serving(create_app(service, routers=(router, *ROUTERS))) as client:
        yield client


def flaws(answer: httpx.Response) -> dict[str, str]:
    """Return what is wrong where."""
    found = answer.json()["errors"]
    return {flaw.get("pointer", flaw.get("parameter", flaw.get("header"))): flaw["detail"] for flaw in found}


def test_a_problem_has_all_its_parts(client: httpx.Client) -> None:
    """Media type, kind, words, status, and the id of the request, which the header repeats."""
    answer = client.get("/v1/nowhere")
    problem = answer.json()
    assert answer.status_code == problem["status"] == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "en"
    assert problem["type"] == "urn:meguri:problem:not-found"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/jobs/", 404, "not-found"),
        ("GET", "/v1/jobs/not-an-id", 404, "not-found"),
        ("PUT", "/v1/walks", 405, "method-not-allowed"),
        ("FOO", "/healthz", 405, "method-not-allowed"),
        ("GET", "/v1/jobs?cursor=%21%21", 400, "bad-cursor"),
        ("GET", "/v1/jobs?cursor=bnVsbA", 400, "bad-cursor"),
        ("GET", "/v1/jobs?cursor=WzFd", 400, "bad-cursor"),
        ("GET", "/v1/jobs?limit=0", 422, "invalid-input"),
        ("GET", "/v1/jobs?kind=dance", 422, "invalid-input"),
        ("GET", "/v1/jobs?region=%00", 400, "bad-request"),
        ("GET", "/v1/jobs/%0D%0AX: y", 400, "bad-request"),
        ("GET", "/../../etc/passwd", 404, "not-found"),
    ],
)
def test_whatever_cannot_be_answered_is_a_problem(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    """Unknown paths, methods, cursors and values are told in the same shape."""
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:meguri:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_methods_of_an_address_are_told(client: httpx.Client) -> None:
    """``Allow`` names them all, although each has a route of its own."""
    path = "/v1/jobs/01a20978-1e46-76e7-97c3-25fe3850330d"
    assert client.put(path).headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    asked = client.options(path)
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, "DELETE, GET, HEAD, OPTIONS", b"")
    assert client.options("/v1/nowhere").status_code == 404


def test_every_flaw_is_told_at_once_with_its_pointer(client: httpx.Client) -> None:
    """Body and query are judged together; forms of values are no steps of a pointer."""
    body = {"stops": [{"name": 3, "minutes": "5"}, {"minutes": 5, "x~y": 1}], "pace": "fast", "tags": {"a.b": 0.5}}
    answer = client.post("/v1/walks?times=often", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("times: a whole number is accepted (often); /stops/0/name: ")
    assert set(flaws(answer)) == {
        *("/stops/0/name", "/stops/0/minutes", "/stops/1/name", "/stops/1/x~0y", "/pace", "/tags/a.b", "times"),
    }


def test_unknown_and_repeated_parameters_are_refused(client: httpx.Client) -> None:
    """A slip of the pen in the address would otherwise do nothing."""
    answer = client.post("/v1/walks?tmies=2&times=1&times=2", json={"stops": [{"name": "a", "minutes": 1}]})
    assert answer.status_code == 422
    assert flaws(answer) == {"tmies": "unknown parameter; accepted: times", "times": "give it once only"}


@pytest.mark.parametrize(
    "minutes", ["5", True, 5.5, None, [5], 10**30], ids=["text", "bool", "fraction", "null", "list", "huge"]
)
def test_bodies_are_as_strict_as_their_schema(client: httpx.Client, minutes: Any) -> None:
    """Nothing is made into a whole number that is none; what no parser agrees on is malformed."""
    answer = client.post("/v1/walks", json={"stops": [{"name": "a", "minutes": minutes}]})
    assert answer.status_code == (400 if minutes == 10**30 else 422)


def test_whole_numbers_may_be_written_with_a_fraction(client: httpx.Client) -> None:
    """JSON schema calls 5.0 an integer, and so do we."""
    raw = b'{"stops": [{"name": "a", "minutes": 5.0}], "pace": 1}'
    answer = client.post("/v1/walks", content=raw, headers={"Content-Type": "application/json"})
    assert answer.json()["walk"]["stops"][0]["minutes"] == 5


def test_bodies_of_other_kinds_are_refused(client: httpx.Client) -> None:
    """415 names what is accepted; no body at all is a missing one."""
    assert client.post("/v1/walks", content=b"a,b").status_code == 415
    assert client.post("/v1/walks", files={"file": b"x"}).status_code == 415
    assert client.post("/v1/uploads", json={}).status_code == 415
    answer = client.post("/v1/walks")
    assert (answer.status_code, flaws(answer)) == (422, {"": "required, and missing"})


def test_large_bodies_are_refused_by_their_announcement(client: httpx.Client) -> None:
    """Nothing of them is read."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=30) as line:
        head = (
            "POST /v1/walks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999"
        )
        line.sendall(f"{head}\r\n\r\n".encode())
        assert line.recv(65_536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", ["/v1/walks", "/v1/uploads"])
def test_large_bodies_are_refused_while_they_are_read(client: httpx.Client, path: str) -> None:
    """A body that comes in pieces, without a length, ends where the limit is."""

    def pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(30):
            yield b" " * 10_000

    media_type = "application/json" if path == "/v1/walks" else "multipart/form-data; boundary=x"
    answer = client.post(path, content=pieces(), headers={"Content-Type": media_type})
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:meguri:problem:too-large"


def test_uploads_have_a_limit_of_their_own(client: httpx.Client) -> None:
    """A file may be larger than a body of JSON."""
    assert client.post("/v1/uploads", files={"file": b"x" * 50_000}).json() == {"bytes": 50_000}


def test_what_the_rooms_below_refuse_is_told_with_pointers(client: httpx.Client) -> None:
    """Their way of naming fields becomes a JSON pointer."""
    answer = client.get("/v1/refused")
    assert answer.status_code == 422
    assert flaws(answer) == {"/days/0/a~1b": "no", "/party/adults": "no"}


def test_faults_show_no_internals(client: httpx.Client) -> None:
    """A 500 has an id to ask about, and nothing of what happened; the log has the rest."""
    with capture_logs(processors=[merge_contextvars]) as log:
        answer = client.get("/v1/broken", headers={"Accept-Language": "ja"})
    assert answer.status_code == 500
    assert answer.json()["title"] == "サーバー内部の問題です"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    fault = next(line for line in log if line["event"] == "request failed")
    assert (fault["exc_info"], fault["request_id"]) == (True, answer.headers["x-request-id"])


def test_a_busy_database_is_said_to_pass(client: httpx.Client) -> None:
    """503 with ``Retry-After``, without statements or addresses."""
    answer = client.get("/v1/locked")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "urn:meguri:problem:storage-unavailable"
    assert SECRET not in answer.text


def test_pages_lead_through_a_whole_list(client: httpx.Client) -> None:
    """``next`` and the header lead on until nothing is left."""
    seen: list[int] = []
    url: str | None = "/v1/numbers?limit=40"
    while url is not None:
        answer = client.get(url)
        seen += answer.json()["items"]
        url = answer.json()["next"]
        assert answer.links.get("next", {}).get("url") == url
    assert seen == [*range(100)]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ja", "ja"),
        ("fr, ja-JP;q=0.5, en;q=0.4", "ja"),
        ("ja;q=0.1, en", "en"),
        ("en;q=x, ja;q=0.1", "ja"),
        ("de", "en"),
        ("ja;q=0", "en"),
        (",;=,;;q==", "en"),
    ],
)
def test_languages_are_chosen_by_their_weight(accepted: str | None, language: str) -> None:
    """The best liked of the two wins; nonsense counts for nothing."""
    assert language_for(accepted, "en") == language


@pytest.mark.parametrize(
    ("where", "pointer"),
    [("", ""), ("days[0].date", "/days/0/date"), ("a/b~c", "/a~1b~0c"), ("days[0][1]", "/days/0/1")],
)
def test_fields_become_pointers(where: str, pointer: str) -> None:
    """RFC 6901."""
    assert pointer_of(where) == pointer
