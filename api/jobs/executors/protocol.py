"""What an executor promises, whatever it runs on."""

from __future__ import annotations

from typing import Protocol

from api.jobs.work import Message, Outcome, Task


class Listener(Protocol):
    """
    Hear of attempts, in threads of the executor.

    Calls about one attempt come one after the other. A listener that takes long holds up news of the same worker.
    """

    def told(self, job_id: str, attempt: int, message: Message) -> None:
        """Hear how far an attempt is, or of a better answer; in the order in which the work told it."""

    def ended(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        """Hear how an attempt ended: exactly once for each that was submitted, and after everything else of it."""


class Executor(Protocol):
    """Run tasks, each in a process that may die without harm to others."""

    def start(self) -> None:
        """Begin; workers start and warm up in the background."""

    def room(self) -> int:
        """Return how many tasks would be begun now; 0 while none can be taken."""

    def submit(self, task: Task, listener: Listener) -> None:
        """
        Begin a task; returns at once.

        Where there is no room after all, the task ends as `WorkerLost` with ``is_killed``.
        """

    def stop(self, job_id: str, attempt: int) -> None:
        """Ask an attempt to end with the best it has; without effect where it has ended."""

    def kill(self, job_id: str, attempt: int) -> None:
        """End an attempt now, as `WorkerLost` with ``is_killed``; without effect where it has ended."""

    def health(self) -> str | None:
        """Return what is wrong, in one sentence for the operator; None where all is well."""

    def close(self, grace_s: float) -> None:
        """
        Take no more, give what runs ``grace_s`` seconds to end by itself, kill the rest, and end all workers.

        Every attempt has ended when this returns.
        """
