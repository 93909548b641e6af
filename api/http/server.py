"""The HTTP server: it listens before anything else is begun, and stops in good order when it is told to."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI

    from api.service import Service
    from api.service_settings import ServiceSettings

_DRAIN_S = 10
"""How long answers under way may take when the server stops; waits and event streams end at once."""
_BACKLOG = 2_048


def listen(settings: ServiceSettings) -> socket.socket:
    """
    Return a socket that listens where the settings say.

    Raises
    ------
    InputError
        If the port is taken or may not be used, or there is no such address on this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        raise InputError([_unusable(settings, error)]) from error
    # Connections inherit it. Without it, the body of each answer waits some 40 ms for the head to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class Server(uvicorn.Server):
    """
    Serve an app, which begins and ends the service behind it.

    Parameters
    ----------
    app
        From `api.http.app.create_app`.
    service
        Behind it.
    when_ready
        Called once requests are answered.
    """

    def __init__(self, app: FastAPI, service: Service, when_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN_S,
        )
        super().__init__(config)
        self._service = service
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in good order; at once when told a second time."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True
        self._service.stopping.set()


def _unusable(settings: ServiceSettings, error: OSError | UnicodeError) -> Problem:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return Problem("MEGURI_PORT", settings.port, text("serve.port_taken", port=settings.port))
    if code == errno.EACCES:
        return Problem("MEGURI_PORT", settings.port, text("serve.port_forbidden", port=settings.port))
    return Problem("MEGURI_HOST", settings.host, text("serve.no_host", host=settings.host))
