"""Event streams (server-sent events): what happens to a job, as it happens, from any point on."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, get_args

from fastapi import Depends, Header, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.http.auth import Caller
from api.http.depends import service_of
from api.jobs.model import EventType, JobEvent, StoredJob
from api.storage import storage_problem

if TYPE_CHECKING:
    from api.service import Service

MEDIA_TYPE = "text/event-stream"
_EVENT = {
    "type": "object",
    "description": "Fields of one event; `data` is JSON of one line: `seq`, `type`, `at` and `data`.",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"type": "string", "enum": list(get_args(EventType))},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["id", "event", "data"],
}

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One event each time something happens.",
        "content": {MEDIA_TYPE: {"schema": _EVENT}},
    }
}
"""What OpenAPI says of a stream, for ``responses=`` of its route."""

_RETRY_MS = 2_000
_KEEP_ALIVE_S = 15.0
_AT_ONCE = 200
_LARGEST = 2**31


def last_event_id(
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", description="`id` of the last event that was seen: the stream goes on after it."),
    ] = None,
) -> int:
    """Return after which event to begin; an id that is none of ours begins anew, as browsers cannot mend it."""
    given = last_event_id or ""
    return min(int(given), _LARGEST) if given.isascii() and given.isdecimal() and len(given) < 20 else 0


LastEventId = Annotated[int, Depends(last_event_id)]


class _EventStream(StreamingResponse):
    """Hold one of the caller's slots while it lasts, whichever way it ends."""

    def __init__(self, service: "Service", caller: Caller, events: AsyncIterator[bytes]) -> None:
        # Proxies must pass on each event at once.
        super().__init__(events, headers={"X-Accel-Buffering": "no"}, media_type=MEDIA_TYPE)
        self._service = service
        self._who = caller.owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._service.streams.take(self._who)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._service.streams.free(self._who)


def stream_events(request: Request, caller: Caller, job: StoredJob, after: int) -> StreamingResponse:
    """
    Answer with the events of a job after one of them, until it ends.

    Each event has its ``seq`` as ``id``, so that a client that lost its connection goes on where it was. A comment
    every 15 seconds keeps proxies from closing a quiet stream.

    Raises
    ------
    ProblemError
        429 when the caller holds too many streams open.
    """
    service = service_of(request)
    return _EventStream(service, caller, _events(service, job, after))


async def _events(service: "Service", job: StoredJob, after: int) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % _RETRY_MS
    try:
        async for block in _blocks(service, job, after):
            yield block
    except SQLAlchemyError as error:
        # The stream ends, and the client comes back a little later, with the last event it saw.
        if storage_problem(error) is None:
            raise


async def _blocks(service: "Service", job: StoredJob, after: int) -> AsyncIterator[bytes]:
    is_quiet = False
    while not service.stopping.is_set():
        events = await run_in_threadpool(service.jobs.events, job.id, after, _AT_ONCE)
        for event in events:
            after = event.seq
            yield _frame(event)
        if is_quiet and not events:
            yield b": still there\n\n"
        if events and events[-1].type == "finished":
            return
        if len(events) == _AT_ONCE:
            continue
        now = await run_in_threadpool(service.jobs.get, job.id, None)
        if now is None or (now.has_ended and now.last_seq <= after):
            return
        await service.stopping.unless(service.watch.changed(job.id, after, _KEEP_ALIVE_S))
        is_quiet = True


def _frame(event: JobEvent) -> bytes:
    # JSON escapes line breaks, which would end the field.
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.seq, event.type.encode(), event.model_dump_json().encode())
