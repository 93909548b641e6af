"""A name for every request, its line in the log, its place in the metrics."""

from __future__ import annotations

import re
import uuid
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.metrics import Metrics

_HEADER = "X-Request-ID"
# Whatever else a client sends there could break lines of the log, or headers of the answer.
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
_GONE = 499
"""Status in log and metrics where the client left before there was an answer; the number that nginx uses."""


class Observing:
    """Give each request an id, log it when it is answered, and measure it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = structlog.get_logger("api.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, state = perf_counter(), scope.setdefault("state", {})
        state["request_id"] = request_id_of(Headers(scope=scope))
        status = _GONE

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[_HEADER] = state["request_id"]
                for name, value in state.get("limit_headers", {}).items():
                    headers[name] = value
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=state["request_id"]):
            try:
                await self._app(scope, receive, send_named)
            finally:
                self._note(scope, state, status, perf_counter() - began)

    def _note(self, scope: Scope, state: dict[str, Any], status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.request_answered(route, method, status, seconds)
        caller = state.get("caller")
        # Those are asked for every few seconds, by machines.
        tell = self._log.debug if route in _WATCHED else self._log.info
        tell(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1_000, 1),
            key=caller.name if caller else None,
        )


def request_id_of(headers: Headers) -> str:
    """Return the id that a client gave its request, where it is harmless, else a new one."""
    given = headers.get(_HEADER, "")
    return given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
