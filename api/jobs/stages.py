"""What work tells between its steps: which one begins, and that solvers are compiled first on a new machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.work import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.work import Reporter


def go_on(reporter: Reporter, stage: str, share: float | None = None) -> None:
    """
    Say what goes on now, and how much is done.

    Raises
    ------
    Stopped
        If the work should stop: only where there is nothing to hand out yet, or it has been handed out.
    """
    if reporter.stop_requested():
        raise Stopped
    reporter.tell(share, stage)


def compile_first(reporter: Reporter, *parts: Callable[[], None]) -> None:
    """Compile or load parts of `api.warming` before the work begins; whoever waits for that is told."""
    reporter.tell(0.0, "compiling")
    for compile_part in parts:
        compile_part()
