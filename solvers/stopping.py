"""Ending work early: the question asked between its pieces, and a watch over libraries that work in one piece."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WATCH_S: Final = 0.02
"""Seconds between two questions while a library works."""


class Stop:
    """
    Ask whether to stop, and remember the answer: once it was yes, it stays yes and nobody is asked again.

    Parameters
    ----------
    should_stop
        The question; may be asked from other threads. None: never stop.

    Attributes
    ----------
    is_set
        Whether the answer was yes.
    """

    def __init__(self, should_stop: Callable[[], bool] | None = None) -> None:
        self._should_stop = should_stop
        self.is_set = False

    @property
    def is_possible(self) -> bool:
        """Return whether there is anybody to ask."""
        return self._should_stop is not None

    def __call__(self) -> bool:
        """Return whether to stop."""
        if not self.is_set and self._should_stop is not None and self._should_stop():
            self.is_set = True
        return self.is_set


@contextmanager
def watched(should_stop: Callable[[], bool] | None, halt: Callable[[], object]) -> Iterator[None]:
    """
    Call ``halt`` again and again from another thread as soon as ``should_stop`` says so, until the block ends.

    Again and again, because a library that has not yet begun does not hear it.
    """
    if should_stop is None:
        yield
        return
    is_done = threading.Event()

    def watch() -> None:
        while not is_done.wait(_WATCH_S):
            if should_stop():
                halt()

    watcher = threading.Thread(target=watch, name="watch-for-stop", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_done.set()
        watcher.join()
