"""Faults of the program: the log gets the whole story, the client a problem without internals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from starlette.requests import ClientDisconnect, Request

from api.http.problems import ProblemError, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.metrics import Metrics


class Faults:
    """Answer with 500 where a route fails, inside of what names and logs the request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except ClientDisconnect:
            structlog.get_logger("api.faults").debug("client gone")
        except Exception:
            structlog.get_logger("api.faults").exception("request failed")
            self._metrics.refused("fault")
            if has_begun:
                # Half an answer must not look like a whole one: the server breaks the connection.
                raise
            answer = problem_response(Request(scope), ProblemError(500, "internal-error"))
            await answer(scope, receive, send)
