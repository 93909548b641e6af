"""An executor whose work is done by the test, and a service around it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.jobs.executors import Listener
from api.jobs.work import Finished, Improvement, Message, Outcome, Task, WorkerLost
from api.service import Service, build_service
from api.service_settings import read_service_settings

PATIENCE_S = 60.0


class Piece:
    """Hold one task, and end it as the test likes."""

    def __init__(self, executor: HandExecutor, task: Task, listener: Listener) -> None:
        self.task = task
        self.is_stopped = False
        self._executor = executor
        self._listener = listener

    def tell(self, message: Message) -> None:
        """Say how far it is."""
        self._listener.told(self.task.job_id, self.task.attempt, message)

    def improve(self, answer: bytes, **facts: Any) -> None:
        """Hand out a better answer."""
        self.tell(Improvement(answer, facts))

    def end(self, outcome: Outcome) -> None:
        """End it."""
        self._executor.pieces.remove(self)
        self._listener.ended(self.task.job_id, self.task.attempt, outcome)


class HandExecutor:
    """Take any number of tasks, and do nothing about them; a task of a kind in ``done`` ends at once."""

    def __init__(self, done: Mapping[str, bytes] | None = None) -> None:
        self.pieces: list[Piece] = []
        self.trouble: str | None = None
        self._done = dict(done or {})
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin."""

    def room(self) -> int:
        """Return how many tasks it would take."""
        return 100

    def submit(self, task: Task, listener: Listener) -> None:
        """Take a task."""
        if task.kind in self._done:
            listener.ended(task.job_id, task.attempt, Finished(self._done[task.kind]))
            return
        with self._changed:
            self.pieces.append(Piece(self, task, listener))
            self._changed.notify_all()

    def stop(self, job_id: str, attempt: int) -> None:
        """Note that a task should end."""
        for piece in self._of(job_id, attempt):
            piece.is_stopped = True

    def kill(self, job_id: str, attempt: int) -> None:
        """End a task without an answer."""
        for piece in self._of(job_id, attempt):
            piece.end(WorkerLost("killed", is_killed=True))

    def health(self) -> str | None:
        """Return what is wrong."""
        return self.trouble

    def close(self, grace_s: float) -> None:
        """End everything."""
        for piece in list(self.pieces):
            piece.end(WorkerLost("closed", is_killed=True))

    def piece(self, job_id: str) -> Piece:
        """Wait for the task of a job."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(p.task.job_id == job_id for p in self.pieces), PATIENCE_S)
        return next(piece for piece in self.pieces if piece.task.job_id == job_id)

    def _of(self, job_id: str, attempt: int) -> list[Piece]:
        return [piece for piece in self.pieces if (piece.task.job_id, piece.task.attempt) == (job_id, attempt)]


def service_at_hand(home: Path, executor: HandExecutor | None = None, **settings: Any) -> Service:
    """Return a service that is not begun, on a database of its own; its work is done by the test."""
    return build_service(
        read_service_settings(home=home, **{"shutdown_s": 0.1, **settings}), executor=executor or HandExecutor()
    )
