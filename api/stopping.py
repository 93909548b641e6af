"""The word that a server is shutting down, for everything that waits inside of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import TypeVar

Outcome = TypeVar("Outcome")


class Stopping:
    """Be set once, from any thread or signal handler; wake all who wait."""

    def __init__(self) -> None:
        # A signal may come while this thread holds it.
        self._lock = threading.RLock()
        self._is_set = False
        self._waiting: set[asyncio.Future[None]] = set()

    def is_set(self) -> bool:
        """Whether the server is shutting down."""
        return self._is_set

    def set(self) -> None:
        """Tell that the server is shutting down."""
        with self._lock:
            self._is_set = True
            waiting, self._waiting = self._waiting, set()
        for told in waiting:
            told.get_loop().call_soon_threadsafe(_tell, told)

    async def unless(self, awaited: Awaitable[Outcome]) -> Outcome | None:
        """Wait for something, and return it; give up, with None, when the server shuts down."""
        task = asyncio.ensure_future(awaited)
        told = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._is_set:
                told.set_result(None)
            else:
                self._waiting.add(told)
        try:
            await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            with self._lock:
                self._waiting.discard(told)


def _tell(told: asyncio.Future[None]) -> None:
    if not told.done():
        told.set_result(None)
