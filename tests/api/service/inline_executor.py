"""An executor in threads of the test, the same work without starting processes; and a server that has it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import serving

from api.http.app import create_app
from api.jobs.executors.protocol import Listener
from api.jobs.kinds import work_of
from api.jobs.work import Crashed, Finished, Improvement, Outcome, Progress, Refused, Stopped, Task, Workplace
from api.service import Service, build_service
from api.service_settings import ServiceSettings
from regional_assets.errors import InputError
from regional_assets.model import Region

_NUMBERS = itertools.count()


@contextmanager
def serving_inline(folders: pytest.TempPathFactory, **settings: Any) -> Iterator[tuple[httpx.Client, Service]]:
    """Yield a client of a server that speaks English and limits no rates, and the service behind it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        unlimited = {"rate_limit": "1000000/minute", "expensive_rate_limit": "1000000/minute"}
        made = ServiceSettings(home=folders.mktemp("home"), **unlimited, **settings)
        service = build_service(made, executor=InlineExecutor(folders.mktemp("worker")))
        with serving(create_app(service)) as client:
            yield client, service


def address_of_its_own(service: Service, region: Region) -> str:
    """Keep a region under a name that no other test has, and return its address."""
    name = f"testland-{next(_NUMBERS)}"
    service.regions.put(region.model_copy(update={"id": name}))
    return f"/v1/regions/{name}"


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
