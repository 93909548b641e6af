"""One server, asked patiently: requests are sent again where that is safe, and refusals become errors."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from api.client._errors import ServiceError, UnreachableError, retry_after_s, service_error
from api.client._reading import read
from api.http.paging import Page
from api.jobs.model import ENDED, Answer, Job, JobState
from regional_assets.text import Language

AnswerT = TypeVar("AnswerT", bound=Answer[Any])
Item = TypeVar("Item")
Model = TypeVar("Model", bound=BaseModel)

_BUSY = (429, 503)
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
_FIRST_LOOK_S = 0.05
_LONGEST_LOOK_S = 1.0


class Connection:
    """
    Send requests to one server.

    Parameters
    ----------
    base_url
        Of the server, without ``/v1``.
    key
        Sent as ``X-API-Key``.
    language
        Of what the server says; by default its own.
    timeout_s
        Longest wait for an answer, beside what the server is asked to wait.
    patience_s
        How long a request is sent again and again where the server is busy (429, 503) or away. What the server says
        in ``Retry-After`` is kept to. 0 tries once.
    http
        A client of httpx to use instead of an own one (proxies, certificates, an app in the same process); its
        ``base_url`` counts where none is given here, and it is not closed here.

    Raises
    ------
    ValueError
        If ``base_url`` is no address of http or https.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        key: str | None = None,
        language: Language | None = None,
        timeout_s: float = 30.0,
        patience_s: float = 60.0,
        http: httpx.Client | None = None,
        _sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http or httpx.Client(follow_redirects=False)
        self._is_own = http is None
        self._base = (base_url or str(self._http.base_url) or "http://127.0.0.1:8000").rstrip("/")
        if httpx.URL(self._base).scheme not in ("http", "https"):
            msg = f"base_url is {self._base!r}; an address like 'http://127.0.0.1:8000' is accepted"
            raise ValueError(msg)
        self._headers: dict[str, str] = given({"X-API-Key": key, "Accept-Language": language})
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._sleep = _sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a client of httpx that was given stays open."""
        if self._is_own:
            self._http.close()

    def wait(self, answer: AnswerT, *, timeout_s: float | None = None) -> AnswerT:
        """
        Return the answer of a job once it has ended.

        Parameters
        ----------
        answer
            What a request that started a job returned.
        timeout_s
            Longest wait; by default as long as it takes.

        Raises
        ------
        ServiceError
            If the job failed, with its problem.
        TimeoutError
            If it has not ended in time; it goes on.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        pause_s = _FIRST_LOOK_S
        while answer.state not in ENDED:
            if until is not None and time.monotonic() >= until:
                msg = f"{answer.kind} {answer.id} is still {answer.state}"
                raise TimeoutError(msg)
            self._sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_LOOK_S)
            answer = self._get(type(answer), f"/v1/jobs/{answer.id}")
        if answer.state == "failed" and answer.problem is not None:
            raise ServiceError(answer.problem)
        return answer

    def job(self, job_id: str) -> Answer[Any]:
        """Return any job with its answer as plain JSON: the best so far, or the final one."""
        return self._get(Answer[Any], f"/v1/jobs/{job_id}")

    def jobs(
        self, *, kind: str | None = None, state: JobState | None = None, region: str | None = None
    ) -> Iterator[Job]:
        """Yield the jobs of this key without their answers, the newest first."""
        return self._pages(Page[Job], "/v1/jobs", kind=kind, state=state, region=region)

    def stop(self, answer: AnswerT) -> AnswerT:
        """
        Ask a job to stop and keep the best it has; one that has ended stays as it is.

        It stops within moments: `wait` returns it as it ended.
        """
        return read(type(answer), self._send("DELETE", f"/v1/jobs/{answer.id}", is_repeatable=True).content)

    def _get(self, model: type[Model], path: str, **parameters: Any) -> Model:
        """Return what a GET answers, as a model; parameters that are None are left out."""
        return read(model, self._send("GET", path, params=given(parameters)).content)

    def _ask(self, model: type[AnswerT], path: str, *, wait: float) -> AnswerT:
        """Return what a GET answers that may have to work for it."""
        return read(model, self._send("GET", path, headers=preference(wait), extra_s=wait).content)

    def _file(self, path: str, target: str | Path | None, **parameters: Any) -> bytes:
        """Return a file, and write it where a target is given; parameters that are None are left out."""
        content = self._send("GET", path, params=given(parameters)).content
        if target is not None:
            Path(target).write_bytes(content)
        return content

    def _pages(self, model: type[Page[Item]], path: str, **parameters: Any) -> Iterator[Item]:
        """Yield the items of a list, page after page as they are needed."""
        query: Any = given(parameters)
        while True:
            page = read(model, self._send("GET", path, params=query).content)
            yield from page.items
            if page.next is None:
                return
            query = query_of(page.next)

    def _start(
        self,
        model: type[AnswerT],
        path: str,
        *,
        wait: float = 0,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> AnswerT:
        """
        Start a job and return it, with its result where it is there within ``wait`` seconds.

        The request has a key of its own, so that it can be sent again without starting a second job.
        """
        key = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        everything = {**(headers or {}), **key, **preference(wait)}
        response = self._send("POST", path, headers=everything, extra_s=wait, is_repeatable=True, **content)
        return read(model, response.content)

    def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra_s: float = 0,
        is_repeatable: bool = False,
        **content: Any,
    ) -> httpx.Response:
        """
        Send a request until it is answered, and return the answer.

        Parameters
        ----------
        extra_s
            How much longer than usual the answer may take.
        is_repeatable
            Whether it does no harm where it arrives twice, as all that is only looked at; the rest is sent again only
            where it certainly did not arrive.

        Raises
        ------
        ServiceError
            If the server refuses, or is still busy when patience ends.
        UnreachableError
            If no answer comes.
        """
        may_repeat = is_repeatable or method == "GET"
        until = time.monotonic() + self._patience_s
        attempt = 0
        while True:
            request = self._http.build_request(
                method,
                self._base + path,
                headers={**self._headers, **(headers or {})},
                timeout=httpx.Timeout(self._timeout_s + extra_s, connect=self._timeout_s),
                **content,
            )
            pause_s = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                # Without a connection nothing arrived: that may be repeated in any case.
                if not (may_repeat or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)):
                    raise UnreachableError(str(error) or type(error).__name__) from error
                if time.monotonic() + pause_s > until:
                    raise UnreachableError(str(error) or type(error).__name__) from error
            else:
                # Redirects are not followed: they would carry the key elsewhere.
                if response.is_success:
                    return response
                pause_s = max(pause_s, retry_after_s(response) or 0.0)
                # Both are refusals before anything was done.
                if response.status_code not in _BUSY or time.monotonic() + pause_s > until:
                    raise service_error(response)
            attempt += 1
            # Clients that were refused together shall not come back together.
            self._sleep(pause_s * random.uniform(1.0, 1.25))


def id_of(job: str | Job) -> str:
    """Return the id of a job that is given itself, or by its id."""
    return job if isinstance(job, str) else job.id


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has a value."""
    return {name: value for name, value in values.items() if value is not None}


def query_of(url: str) -> httpx.QueryParams:
    """Return the query of a link of the server; the rest of it may be the address of a proxy."""
    return httpx.URL(url).params


def preference(wait_s: float) -> dict[str, str]:
    """Return the header that asks a server to wait for an answer, in whole seconds, or not at all (RFC 7240)."""
    return {"Prefer": f"wait={ceil(wait_s)}" if wait_s > 0 else "respond-async"}
