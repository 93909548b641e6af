"""An executor in threads of the test: the same work without starting processes."""

from __future__ import annotations

import threading
from pathlib import Path

from api.jobs.executors.protocol import Listener
from api.jobs.kinds import work_of
from api.jobs.work import Crashed, Finished, Improvement, Outcome, Progress, Refused, Stopped, Task, Workplace
from regional_assets.errors import InputError


class InlineExecutor:
    """Run each task in a thread of its own, as the worker of a machine without a database would."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stops: dict[tuple[str, int], threading.Event] = {}

    def start(self) -> None:
        """Nothing to begin."""

    def room(self) -> int:
        return 1 - len(self._stops)

    def submit(self, task: Task, listener: Listener) -> None:
        name = (task.job_id, task.attempt)
        self._stops[name] = threading.Event()
        threading.Thread(target=self._run, args=(task, listener, name), daemon=True).start()

    def stop(self, job_id: str, attempt: int) -> None:
        if (job_id, attempt) in self._stops:
            self._stops[job_id, attempt].set()

    def kill(self, job_id: str, attempt: int) -> None:
        self.stop(job_id, attempt)

    def health(self) -> str | None:
        return None

    def close(self, grace_s: float) -> None:
        """Nothing to end."""

    def _run(self, task: Task, listener: Listener, name: tuple[str, int]) -> None:
        workplace = Workplace(self._home, self._home / "scratch" / task.job_id)
        outcome = self._outcome(task, _Teller(task, listener, self._stops[name]), workplace)
        workplace.tidy()
        del self._stops[name]
        listener.ended(task.job_id, task.attempt, outcome)

    def _outcome(self, task: Task, reporter: _Teller, workplace: Workplace) -> Outcome:
        try:
            region = workplace.region(task.snapshot) if task.snapshot is not None else None
            return Finished(work_of(task.kind)(task.payload, region, reporter, workplace))
        except InputError as error:
            return Refused(error.problems)
        except Stopped:
            return Finished(None, stopped=True)
        except Exception as error:
            return Crashed(f"{type(error).__name__}: {error}")


class _Teller:
    def __init__(self, task: Task, listener: Listener, stop: threading.Event) -> None:
        self._task, self._listener, self._stop = task, listener, stop

    def tell(self, share: float | None = None, stage: str | None = None) -> None:
        self._listener.told(self._task.job_id, self._task.attempt, Progress(share, stage))

    def offer(self, answer: bytes, **facts: object) -> None:
        self._listener.told(self._task.job_id, self._task.attempt, Improvement(answer, facts))

    def stop_requested(self) -> bool:
        return self._stop.is_set()
