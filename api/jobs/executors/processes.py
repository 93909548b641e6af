"""Run tasks in processes of this machine, each in a slot of its own: a process that dies costs its own task only."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from api.jobs.executors._messages import Ended, FromWorker, Ready, Setup, Stop, Told, WarmUp
from api.jobs.executors._process import WorkerProcess
from api.jobs.executors._telling import give_back, tell, tell_end
from api.jobs.executors.protocol import Listener
from api.jobs.kinds import KINDS
from api.jobs.work import Outcome, Task, WorkerLost

# Ten thousand small tasks leave nothing behind in a worker, but nobody can vouch for all that may be asked of all the
# libraries in it. A new process costs next to nothing: it warms up beside the old one.
TASKS_PER_WORKER = 2_000
# A worker that has warmed up takes 0.36 GB, and 0.8 GB if it had to compile everything: beyond this it has had unusual
# work, or leaks.
MEMORY_MARK_BYTES = 2 * 2**30
# Where usual work is that large, a new process for each task would help nobody.
_TASKS_BEFORE_MEMORY_COUNTS = 20
_RESTART_AFTER_S = 0.5
_RESTART_AFTER_AT_MOST_S = 30.0
_TIME_TO_LEAVE_S = 5.0

_logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Running:
    """A task in a slot."""

    task: Task
    listener: Listener
    is_killed: bool = False

    @property
    def name(self) -> tuple[str, int]:
        return (self.task.job_id, self.task.attempt)

    def ended(self, outcome: Outcome) -> None:
        tell_end(self.listener, self.name, outcome)


@dataclass(slots=True, eq=False)
class _Slot:
    """
    Hold one process and its task.

    Parameters
    ----------
    worker
        None while it cannot be started.
    is_warm, is_doomed
        Whether the worker has warmed up; whether it was killed, and only its end has not been heard of yet.
    successor, successor_is_warm
        The process that takes over when it has warmed up and there is no task.
    tasks
        How many this worker has done.
    wants_successor
        Whether the worker is to be replaced.
    failures
        How often in a row a process ended before it had done anything.
    trouble
        How the last one of these ended.
    """

    worker: WorkerProcess | None = None
    is_warm: bool = False
    is_doomed: bool = False
    running: _Running | None = None
    successor: WorkerProcess | None = None
    successor_is_warm: bool = False
    tasks: int = 0
    wants_successor: bool = False
    failures: int = 0
    trouble: str = ""


class ProcessExecutor:
    """
    Run tasks in processes of this machine.

    Parameters
    ----------
    slots
        How many processes work.
    home
        Folder of state.
    kinds
        Functions by kind of work.
    warms_up
        Whether workers import and compile everything before it is asked for.
    tasks_per_worker, memory_mark_bytes
        When a process is replaced by a new one.
    """

    def __init__(
        self,
        slots: int,
        home: Path,
        *,
        kinds: Mapping[str, str] = KINDS,
        warms_up: bool = True,
        tasks_per_worker: int = TASKS_PER_WORKER,
        memory_mark_bytes: int = MEMORY_MARK_BYTES,
    ) -> None:
        self._home = home
        self._kinds = dict(kinds)
        self._warms_up = warms_up
        self._tasks_per_worker = tasks_per_worker
        self._memory_mark_bytes = memory_mark_bytes
        # Guards everything below; never held while somebody is told something.
        self._changed = threading.Condition()
        self._slots = [_Slot() for _ in range(slots)]
        self._alive: set[WorkerProcess] = set()
        # Those that were not told to warm up yet, the one that warms up alone, and whether one has done so.
        self._cold: list[WorkerProcess] = []
        self._first_to_warm: WorkerProcess | None = None
        self._has_warmed = not warms_up
        self._timers: set[threading.Timer] = set()
        self._is_closing = False

    def start(self) -> None:
        """Start all processes; they warm up in the background."""
        with self._changed:
            for slot in self._slots:
                self._fill(slot)

    def room(self) -> int:
        """Return how many slots have a process and no task."""
        with self._changed:
            return 0 if self._is_closing else sum(_is_free(slot) for slot in self._slots)

    def submit(self, task: Task, listener: Listener) -> None:
        """Begin a task, in a process that has warmed up where there is one, else in one that is not about to."""
        with self._changed:
            free = [] if self._is_closing else [slot for slot in self._slots if _is_free(slot)]
            slot = max(free, key=lambda slot: (slot.is_warm, slot.worker is not self._first_to_warm), default=None)
            if slot is not None and slot.worker is not None:
                slot.worker.send(task)
                slot.running = _Running(task, listener)
                return
        give_back(task, listener)

    def stop(self, job_id: str, attempt: int) -> None:
        """Ask an attempt to end with the best it has."""
        with self._changed:
            slot = self._slot_of(job_id, attempt)
            if slot is not None and slot.worker is not None:
                slot.worker.send(Stop(job_id, attempt))

    def kill(self, job_id: str, attempt: int) -> None:
        """End the process of an attempt; its slot gets a new one."""
        with self._changed:
            slot = self._slot_of(job_id, attempt)
            if slot is not None:
                _kill(slot)

    def health(self) -> str | None:
        """Tell of processes that end before they have done anything."""
        with self._changed:
            return next((f"workers do not start: {slot.trouble}" for slot in self._slots if slot.failures > 1), None)

    def close(self, grace_s: float) -> None:
        """Take no more; give what runs some time, and end all processes."""
        until = time.monotonic() + grace_s
        with self._changed:
            self._is_closing = True
            for timer in self._timers:
                timer.cancel()
            for slot in self._slots:
                _retire(slot.successor)
                if slot.running is None:
                    _retire(slot.worker)
            self._changed.wait_for(self._is_idle, grace_s)
            for slot in self._slots:
                if slot.running is not None:
                    _kill(slot)
            alive = [*self._alive]
        for worker in alive:
            if not worker.join(max(until - time.monotonic(), 0.0) + _TIME_TO_LEAVE_S):
                worker.kill()
                worker.join(_TIME_TO_LEAVE_S)

    def _is_idle(self) -> bool:
        return all(slot.running is None for slot in self._slots)

    def _slot_of(self, job_id: str, attempt: int) -> _Slot | None:
        name = (job_id, attempt)
        return next((slot for slot in self._slots if slot.running is not None and slot.running.name == name), None)

    def _fill(self, slot: _Slot) -> None:
        """Give a slot without a process a new one, or try again later."""
        slot.worker, slot.is_warm, slot.is_doomed, slot.tasks, slot.wants_successor = None, False, False, 0, False
        if self._is_closing:
            return
        if slot.successor is not None:
            slot.worker, slot.is_warm = slot.successor, slot.successor_is_warm
            slot.successor, slot.successor_is_warm = None, False
            return
        try:
            slot.worker = self._worker(slot)
        except OSError as error:
            slot.failures += 1
            slot.trouble = str(error)
            self._fill_later(slot)

    def _fill_later(self, slot: _Slot) -> None:
        delay_s = min(_RESTART_AFTER_S * 2 ** min(slot.failures, 10), _RESTART_AFTER_AT_MOST_S)

        def fill() -> None:
            with self._changed:
                self._timers.discard(timer)
                self._fill(slot)

        timer = threading.Timer(delay_s, fill)
        timer.daemon = True
        self._timers.add(timer)
        timer.start()

    def _worker(self, slot: _Slot) -> WorkerProcess:
        scratch = self._home / "scratch" / uuid.uuid4().hex
        setup = Setup(self._kinds, self._home, scratch)
        worker = WorkerProcess(setup, on_message=partial(self._hear, slot), on_end=partial(self._bury, slot))
        self._alive.add(worker)
        self._cold.append(worker)
        self._warm_up()
        return worker

    def _warm_up(self) -> None:
        """Have the first worker warm up alone: what it compiles, which may take a minute, the others find on disk."""
        while self._cold and (self._has_warmed or self._first_to_warm is None):
            self._first_to_warm = self._cold.pop(0)
            self._first_to_warm.send(WarmUp(self._warms_up))

    def _forget_cold(self, worker: WorkerProcess) -> None:
        """Let another one warm up where the first one died of it."""
        if worker in self._cold:
            self._cold.remove(worker)
        if worker is self._first_to_warm:
            self._first_to_warm = None
            self._warm_up()

    def _hear(self, slot: _Slot, worker: WorkerProcess, message: FromWorker) -> None:
        match message:
            case Told(news):
                running = slot.running
                # The only thread that ends a task in this slot is this one: it cannot change meanwhile.
                if running is not None:
                    tell(running.listener, running.name, news)
            case Ended(outcome, memory_bytes):
                self._end(slot, outcome, memory_bytes)
            case Ready():
                with self._changed:
                    self._has_warmed = True
                    self._warm_up()
                    if worker is slot.worker:
                        slot.is_warm = True
                        slot.failures = 0
                    elif worker is slot.successor:
                        slot.successor_is_warm = True
                        self._relieve(slot)

    def _end(self, slot: _Slot, outcome: Outcome, memory_bytes: int) -> None:
        with self._changed:
            running, slot.running = slot.running, None
            slot.tasks += 1
            slot.failures = 0
            is_large = memory_bytes > self._memory_mark_bytes and slot.tasks >= _TASKS_BEFORE_MEMORY_COUNTS
            slot.wants_successor |= slot.tasks >= self._tasks_per_worker or is_large
            self._relieve(slot)
            self._prepare_successor()
            if self._is_closing:
                _retire(slot.worker)
        if running is not None:
            running.ended(outcome)
        with self._changed:
            self._changed.notify_all()

    def _prepare_successor(self) -> None:
        """Start one new process where one is wanted; one at a time, as warming up takes a core for itself."""
        if self._is_closing or any(slot.successor is not None for slot in self._slots):
            return
        slot = next((slot for slot in self._slots if slot.wants_successor), None)
        if slot is None:
            return
        try:
            slot.successor = self._worker(slot)
        except OSError as error:
            # The old one goes on; tried again after its next task.
            _logger.warning("cannot replace a worker: %s", error)

    def _relieve(self, slot: _Slot) -> None:
        """Let the successor take over if it has warmed up and the old process has nothing to do."""
        if slot.successor is not None and slot.successor_is_warm and slot.running is None:
            _retire(slot.worker)
            self._fill(slot)

    def _bury(self, slot: _Slot, worker: WorkerProcess, reason: str) -> None:
        running = None
        with self._changed:
            self._alive.discard(worker)
            self._forget_cold(worker)
            if worker is slot.successor:
                slot.successor, slot.successor_is_warm = None, False
            elif worker is slot.worker:
                running, slot.running = slot.running, None
                if slot.is_warm or slot.tasks or slot.is_doomed:
                    self._fill(slot)
                else:
                    # It did not live to do anything: starting another at once would go on like this for ever.
                    slot.worker = None
                    slot.failures += 1
                    slot.trouble = reason
                    self._fill_later(slot)
        if running is not None:
            # What the worker printed last stands in the log already.
            _logger.warning("a job lost its worker: %s", reason.partition("\n")[0])
            running.ended(WorkerLost(reason, running.is_killed))
        with self._changed:
            self._changed.notify_all()


def _is_free(slot: _Slot) -> bool:
    return slot.worker is not None and slot.running is None and not slot.is_doomed


def _kill(slot: _Slot) -> None:
    if slot.running is not None and slot.worker is not None:
        slot.running.is_killed = slot.is_doomed = True
        slot.worker.kill()


def _retire(worker: WorkerProcess | None) -> None:
    if worker is not None:
        worker.retire()
