"""
What can go wrong between a client and a server.

::

    ClientError
    ├── ServiceError                             the server refused, or a job failed
    ├── UnreachableError (also ConnectionError)  there was no answer, however often it was tried
    └── UnreadableError (also ValueError)        there was an answer, which is none of this service
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from pydantic import ValidationError

from api.problems import FlawBody, ProblemBody

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN_CHARACTERS = 500


class ClientError(Exception):
    """Base of every error that a client raises on purpose."""


class UnreachableError(ClientError, ConnectionError):
    """Say that no answer came. What was only asked, or starts a job, may be asked again; an edit may have been made."""


class UnreadableError(ClientError, ValueError):
    """Say that an answer is none of this service: another server answers there, or a much older or newer one."""


class ServiceError(ClientError):
    """
    Say what the server refused, or why a job failed (RFC 9457).

    Parameters
    ----------
    problem
        What the server says.
    retry_after_s
        When it is worth trying again, where the server says so.
    """

    def __init__(self, problem: ProblemBody, *, retry_after_s: float | None = None) -> None:
        self.problem = problem
        self.retry_after_s = retry_after_s
        flaws = "".join(f"\n  {_place(flaw)}{flaw.detail}" for flaw in problem.errors)
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}{flaws}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.problem, self.retry_after_s)

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.problem.status

    @property
    def code(self) -> str:
        """Return the kind of problem, as ``invalid-input`` or ``queue-full``."""
        return self.problem.type.rpartition(":")[2]

    @property
    def errors(self) -> Sequence[FlawBody]:
        """Return every single flaw of the request."""
        return self.problem.errors

    @property
    def request_id(self) -> str | None:
        """Return what to name when asking the operator about it."""
        return self.problem.request_id


def service_error(response: httpx.Response) -> ServiceError:
    """Return what an answer of 400 or more says; also where it is no problem document, as from a proxy."""
    try:
        problem = ProblemBody.model_validate_json(response.content)
    except ValidationError:
        detail = response.text[:_SHOWN_CHARACTERS].strip()
        problem = ProblemBody(
            type="about:blank", title=response.reason_phrase, status=response.status_code, detail=detail
        )
    return ServiceError(problem, retry_after_s=retry_after_s(response))


def retry_after_s(response: httpx.Response) -> float | None:
    """Return the seconds of ``Retry-After``; None without it, and where it names a date."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdecimal() else None


def _place(flaw: FlawBody) -> str:
    where = next((place for place in (flaw.pointer, flaw.parameter, flaw.header) if place), "")
    return f"{where}: " if where else ""


def _restored(problem: ProblemBody, retry_after_s: float | None) -> ServiceError:
    return ServiceError(problem, retry_after_s=retry_after_s)
