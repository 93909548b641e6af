"""Jobs that are usually done in moments: whoever asks is answered with the result, unless they are in a hurry."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.http.auth import Caller
from api.http.depends import ServiceOf
from api.http.jobs_http import IdempotencyKey, JobHints, Start, start_job

Prefer = Annotated[
    str | None,
    Header(
        description="`wait=2` keeps the request open for at most 2 s, `respond-async` not at all (RFC 7240); by "
        "default it is as long as it takes, up to `MEGURI_LONGEST_WAIT_S`.",
        max_length=200,
    ),
]


class _PatientHints(JobHints):
    """Read how long a caller of a `GET` waits; a dependency."""

    def __init__(self, request: Request, service: ServiceOf, prefer: Prefer = None) -> None:
        super().__init__(request, prefer)
        if not self.is_stated:
            self.wait_s = int(service.settings.longest_wait_s)


class _PatientPostHints(_PatientHints):
    """Read how long a caller of a `POST` waits, and the name that they give the request; a dependency."""

    def __init__(
        self, request: Request, service: ServiceOf, prefer: Prefer = None, idempotency_key: IdempotencyKey = None
    ) -> None:
        super().__init__(request, service, prefer)
        self.idempotency_key = idempotency_key


PatientHints = Annotated[_PatientHints, Depends()]
PatientPostHints = Annotated[_PatientPostHints, Depends()]


async def start_patiently(request: Request, caller: Caller, hints: _PatientHints, start: Start) -> Response:
    """Start a job and answer with it, as `start_job` does; without a preference, wait as long as the server allows."""
    answer = await start_job(request, caller, hints, start)
    if not hints.is_stated and "Preference-Applied" in answer.headers:
        # What nobody preferred was not applied.
        del answer.headers["Preference-Applied"]
    return answer
