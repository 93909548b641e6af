"""A real server over loopback, in a thread of the test: streams, broken connections and headers are real ones."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import httpx
import structlog
from fastapi import FastAPI

from api.http.server import Server, listen
from api.service import Service

PATIENCE_S = 60.0


def _drop(_logger: object, _method: str, _event: object) -> NoReturn:
    raise structlog.DropEvent


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve an app, and yield a client of it; the service behind it is started and closed by the app."""
    # Nobody reads the log; `structlog.testing.capture_logs` still does.
    structlog.configure(processors=[_drop])
    service: Service = app.state.service
    with listen(service.settings.model_copy(update={"host": "127.0.0.1", "port": 0})) as listener:
        server = Server(app, service, lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started or not thread.is_alive())
        assert server.started, "the server did not start"
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=PATIENCE_S) as client:
            yield client
        server.handle_exit(signal.SIGTERM, None)
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the server did not stop"


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait until a condition holds; fail when it does not come to hold."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.005)
