"""Timing of one call, by the clock and on the processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Timed(Generic[Answer]):
    """
    Hold what a call returned and how long it took.

    Parameters
    ----------
    answer
        What it returned.
    seconds
        By the clock.
    cpu_seconds
        Of this process on all its threads: well below ``seconds`` where other programs were in the way, above where
        more than one thread ran.
    """

    answer: Answer
    seconds: float
    cpu_seconds: float


def timed(action: Callable[[], Answer]) -> Timed[Answer]:
    """Call, and return the answer with its times."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = action()
    return Timed(answer, time.perf_counter() - clock, time.process_time() - processor)
