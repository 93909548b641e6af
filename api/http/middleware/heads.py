"""``HEAD`` wherever there is ``GET``: the same answer without its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Answer ``HEAD`` by what answers ``GET``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        is_over = False

        async def send_head(message: Message) -> None:
            nonlocal is_over
            if is_over:
                # A stream: it ends here, as where a client has left.
                raise ClientDisconnect
            if message["type"] == "http.response.body":
                is_over = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        # In place: what logs and measures reads the route from it.
        scope["method"] = "GET"
        try:
            await self._app(scope, receive, send_head)
        except ClientDisconnect:
            if not is_over:
                raise
        finally:
            scope["method"] = "HEAD"
