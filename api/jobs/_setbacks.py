"""Failures of what goes on for ever: how long to wait before the next try, and how much to say of it."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from api.storage import storage_problem

_log = structlog.get_logger(__name__)

PAUSES_S = (0.05, 5.0)
"""The first and the longest."""
_KNOWN_FOR_S = 600.0


class Setbacks:
    """
    Count failures in a row, and tell of them: of a fault of the program where it lies, but once, not at every try.

    Parameters
    ----------
    who
        Fails, in the words of the log: ``the dispatcher``.
    clock
        Seconds that only go forward.

    Attributes
    ----------
    number
        Failures since something last went well.
    """

    def __init__(self, who: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.number = 0
        self._who = who
        self._clock = clock
        self._fault = ""
        self._fault_at = -_KNOWN_FOR_S

    def pause_s(self, error: Exception) -> float:
        """Take note of a failure while it is handled; return how long to wait, each time twice as long."""
        problem = storage_problem(error)
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        if problem is None:
            self._tell_fault(reason)
        elif not self.number:
            _log.warning("the database does not serve", who=self._who, problem=problem, reason=reason)
        first_s, longest_s = PAUSES_S
        pause_s = min(longest_s, first_s * (1 << min(self.number, 10)))
        self.number += 1
        return pause_s

    def over(self) -> None:
        """Take note that all went well."""
        self.number = 0

    def _tell_fault(self, reason: str) -> None:
        # What fails only now and then goes well in between: it is known nevertheless.
        is_known = reason == self._fault and self._clock() < self._fault_at + _KNOWN_FOR_S
        self._fault, self._fault_at = reason, self._clock()
        if is_known:
            _log.error("stumbled over the same again", who=self._who, reason=reason)
        else:
            _log.exception("stumbled, and goes on", who=self._who)
