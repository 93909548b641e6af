"""A listener for tests of executors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count

from api.jobs.executors import Executor
from api.jobs.work import Message, Outcome, Task
from api.regions.snapshots import SnapshotRef

# Nothing that works takes nearly as long, however crowded the machine.
PATIENCE_S = 60.0
_numbers = count()


class Heard:
    """Remember what is told of one attempt."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.outcomes: list[Outcome] = []
        self._changed = threading.Condition()

    def told(self, job_id: str, attempt: int, message: Message) -> None:
        with self._changed:
            assert not self.outcomes, "told after the end"
            self.messages.append(message)
            self._changed.notify_all()

    def ended(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        with self._changed:
            self.outcomes.append(outcome)
            self._changed.notify_all()

    def outcome(self) -> Outcome:
        """Wait for the end."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.outcomes, PATIENCE_S)
        assert len(self.outcomes) == 1
        return self.outcomes[0]

    def message(self, index: int = 0) -> Message:
        """Wait for a message."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.messages) > index or self.outcomes, PATIENCE_S)
        return self.messages[index]


def task(kind: str, payload: bytes = b"", *, time_limit_s: float = 600.0, snapshot: SnapshotRef | None = None) -> Task:
    """Return a first attempt at a job of its own."""
    return Task(f"job-{next(_numbers)}", 1, kind, payload, snapshot, time_limit_s)


def begin(executor: Executor, work: Task) -> Heard:
    """Begin a task."""
    heard = Heard()
    executor.submit(work, heard)
    return heard


def run(executor: Executor, kind: str, payload: bytes = b"", **values: float) -> Outcome:
    """Run a task to its end."""
    return begin(executor, task(kind, payload, **values)).outcome()


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for something that is bound to come."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)
