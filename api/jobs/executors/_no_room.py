"""What becomes of a task for which there was no room after all."""

from __future__ import annotations

import threading

from api.jobs.executors.protocol import Listener
from api.jobs.work import Task, WorkerLost


def give_back(task: Task, listener: Listener) -> None:
    """End a task that was not begun, in a thread of its own: whoever submits may hold what the listener waits for."""
    outcome = WorkerLost("there was no room", is_killed=True)
    threading.Thread(target=listener.ended, args=(task.job_id, task.attempt, outcome), daemon=True).start()
