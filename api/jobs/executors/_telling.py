"""Tell listeners; what goes wrong with them harms nobody else."""

from __future__ import annotations

import logging
import threading

from api.jobs.executors.protocol import Listener
from api.jobs.work import Message, Outcome, Task, WorkerLost

_logger = logging.getLogger(__name__)


def tell(listener: Listener, name: tuple[str, int], message: Message) -> None:
    """Tell news of an attempt."""
    try:
        listener.told(*name, message)
    except Exception:
        _logger.exception("nobody heard the news of %s", name[0])


def tell_end(listener: Listener, name: tuple[str, int], outcome: Outcome) -> None:
    """Tell how an attempt ended."""
    try:
        listener.ended(*name, outcome)
    except Exception:
        _logger.exception("nobody heard of the end of %s", name[0])


def give_back(task: Task, listener: Listener) -> None:
    """End a task that was not begun, in a thread of its own: whoever submits may hold what the listener waits for."""
    outcome = WorkerLost("there was no room", is_killed=True)
    threading.Thread(target=tell_end, args=(listener, (task.job_id, task.attempt), outcome), daemon=True).start()
