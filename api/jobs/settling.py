"""
Finish on the server what a worker cannot: workers have no database, and what they bring back may have to go there.

`SettlingExecutor` stands before an executor. When work of a kind that is to be settled has finished, a function of the
server gets what the work returned, and what that function returns is the answer of the job.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import structlog

from api.jobs.executors.protocol import Executor, Listener
from api.jobs.work import Crashed, Finished, Message, Outcome, Refused, Task, WorkerLost
from api.storage import storage_problem
from regional_assets.errors import InputError

Settle = Callable[[str, bytes], bytes]
"""From the id of a job and what its work returned to its answer; may be called again for the same job."""

_PAUSES_S = (0.1, 0.5, 2.0, 5.0, 10.0)
"""Between tries while the database is locked or away; after that the job is begun anew."""


class SettlingExecutor:
    """
    Run tasks on an executor, and settle what they return.

    Parameters
    ----------
    executor
        Does the work.
    settle
        Function by kind of job; other kinds pass.
    sleep
        Waits some seconds.
    """

    def __init__(
        self, executor: Executor, settle: Mapping[str, Settle], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._executor = executor
        self._settle = settle
        self._sleep = sleep

    def start(self) -> None:
        """Begin."""
        self._executor.start()

    def room(self) -> int:
        """Return how many tasks would be begun now."""
        return self._executor.room()

    def submit(self, task: Task, listener: Listener) -> None:
        """Begin a task."""
        settle = self._settle.get(task.kind)
        self._executor.submit(task, listener if settle is None else _Settling(listener, settle, self._sleep))

    def stop(self, job_id: str, attempt: int) -> None:
        """Ask an attempt to end."""
        self._executor.stop(job_id, attempt)

    def kill(self, job_id: str, attempt: int) -> None:
        """End an attempt now."""
        self._executor.kill(job_id, attempt)

    def health(self) -> str | None:
        """Return what is wrong."""
        return self._executor.health()

    def close(self, grace_s: float) -> None:
        """End everything."""
        self._executor.close(grace_s)


class _Settling:
    """Hear of one attempt in place of another listener, who hears of its end once it is settled."""

    def __init__(self, listener: Listener, settle: Settle, sleep: Callable[[float], None]) -> None:
        self._listener = listener
        self._settle = settle
        self._sleep = sleep

    def told(self, job_id: str, attempt: int, message: Message) -> None:
        self._listener.told(job_id, attempt, message)

    def ended(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        if isinstance(outcome, Finished) and outcome.result is not None:
            outcome = self._settled(job_id, outcome.result)
        self._listener.ended(job_id, attempt, outcome)

    def _settled(self, job_id: str, result: bytes) -> Outcome:
        reason = ""
        for pause_s in (*_PAUSES_S, None):
            try:
                return Finished(self._settle(job_id, result))
            except InputError as error:
                return Refused(error.problems)
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                if storage_problem(error) is None:
                    structlog.get_logger(__name__).exception("what a worker returned cannot be settled", job_id=job_id)
                    return Crashed(reason)
            if pause_s is not None:
                self._sleep(pause_s)
        return WorkerLost(reason)
