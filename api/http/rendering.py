"""Files that take a core for a second or more: a few are made at once, the others wait without holding a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from anyio import CapacityLimiter, to_thread

from api.http.limits import Slots

if TYPE_CHECKING:
    from api.metrics import Metrics

Made = TypeVar("Made")

_AT_ONCE = 2
_MOST_OF_A_CALLER = 4


class Rendering:
    """
    Make files in threads of their own: in those of other requests, a few callers could stop the whole server.

    Parameters
    ----------
    metrics
        Where refusals are counted.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._threads = CapacityLimiter(_AT_ONCE)
        self._slots = Slots(_MOST_OF_A_CALLER, metrics, "rendering")

    async def make(self, who: str, file: Callable[[], Made]) -> Made:
        """
        Return a file for a caller, once it is its turn.

        Raises
        ------
        ProblemError
            429 where the caller waits for too many already.
        """
        self._slots.take(who)
        try:
            return await to_thread.run_sync(file, limiter=self._threads)
        finally:
            self._slots.free(who)
