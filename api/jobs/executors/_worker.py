"""
The process that works: one task at a time, until the server closes the pipe or is gone.

Commands come in by standard input and news go out by standard output, pickled; what anybody prints goes to standard
error. The main thread works; another one listens, so that a request to stop, and the end of the server, are noticed in
the middle of a task.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, NoReturn

from api.disk import is_full_disk
from api.jobs.executors._messages import Ended, FromWorker, Ready, Setup, Stop, Told, WarmUp
from api.jobs.kinds import work_of
from api.jobs.work import (
    Crashed,
    DiskFull,
    Finished,
    Improvement,
    Message,
    Outcome,
    Progress,
    Refused,
    Stopped,
    Task,
    WorkerLost,
    Workplace,
)
from regional_assets.errors import InputError

# Who looks at a bar sees no more than ten steps a second.
_TELL_EVERY_S = 0.1
_LOOK_FOR_SERVER_EVERY_S = 1.0


def main(server_pid: int) -> None:
    """Work for the server with this process id."""
    inlet, outlet = _pipes()
    faulthandler.enable(all_threads=False)
    # A terminal, or who manages services, tells all processes of a service to stop: it is for the server to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    setup: Setup = pickle.load(inlet)
    Worker(setup, inlet, outlet, server_pid).run()


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for messages; nothing that is printed may get in between."""
    inlet = os.fdopen(os.dup(0), "rb")
    outlet = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return inlet, outlet


class Worker:
    """
    Work on tasks as they come, and warm up while there are none.

    Parameters
    ----------
    setup
        From the server.
    inlet, outlet
        The pipes.
    server_pid
        Process that must be alive.
    """

    def __init__(self, setup: Setup, inlet: BinaryIO, outlet: BinaryIO, server_pid: int) -> None:
        self._setup = setup
        self._inlet = inlet
        self._outlet = outlet
        self._server_pid = server_pid
        self._sending = threading.Lock()
        self._inbox: SimpleQueue[Task | WarmUp] = SimpleQueue()
        self._to_stop: set[tuple[str, int]] = set()
        self._workplace = Workplace(setup.home, setup.scratch)

    def run(self) -> None:
        """Work until the process is ended by `_leave`."""
        for duty in (self._listen, self._watch_server):
            threading.Thread(target=duty, daemon=True).start()
        while True:
            command = self._inbox.get()
            if isinstance(command, WarmUp):
                self._warm_up(command)
            else:
                self._work(command)

    def _warm_up(self, wish: WarmUp) -> None:
        steps = deque(_warming(self._setup) if wish.fully else ())
        while steps:
            # Between two steps a task need not wait for the others.
            try:
                command = self._inbox.get_nowait()
            except Empty:
                _warm(steps.popleft())
            else:
                if isinstance(command, Task):
                    self._work(command)
        # What this left is there to stay: looking through it for garbage takes a tenth of a second each time.
        gc.collect()
        gc.freeze()
        self._send(Ready())

    def _listen(self) -> None:
        try:
            while True:
                command = pickle.load(self._inlet)
                if isinstance(command, Stop):
                    self._to_stop.add((command.job_id, command.attempt))
                else:
                    self._inbox.put(command)
        finally:
            # The server closed the pipe, or died.
            self._leave()

    def _watch_server(self) -> None:
        """Leave when the server is gone though the pipe is open: another process of its may have inherited the end."""
        while os.getppid() == self._server_pid:
            time.sleep(_LOOK_FOR_SERVER_EVERY_S)
        self._leave()

    def _leave(self) -> NoReturn:
        self._workplace.tidy()
        # Whatever the main thread does, nobody waits for it.
        os._exit(0)

    def _work(self, task: Task) -> None:
        reporter = _Reporter(task, self._to_stop, self._send)
        outcome = self._outcome(task, reporter)
        # The server gives out the next task when it has heard of the end of this one: no other can be meant.
        self._to_stop.clear()
        self._workplace.tidy()
        self._send(Ended(outcome, _memory_bytes()))

    def _outcome(self, task: Task, reporter: _Reporter) -> Outcome:
        if task.snapshot is not None and not task.snapshot.folder.is_dir():
            # Taken away since the job was given out. The next attempt writes it anew.
            return WorkerLost(f"no snapshot at {task.snapshot.folder}")
        try:
            region = None if task.snapshot is None else self._workplace.region(task.snapshot)
            work = work_of(task.kind, self._setup.kinds)
            result: Any = work(task.payload, region, reporter, self._workplace)
        except Stopped:
            return Finished(reporter.best, stopped=True)
        except InputError as error:
            return Refused(error.problems)
        # MemoryError too, and whatever else work may raise, such as SystemExit.
        except BaseException as error:
            return _failure(error)
        if not isinstance(result, bytes):
            return Crashed(f"the work of kind {task.kind} returned {type(result).__name__}, not bytes")
        return Finished(result, stopped=reporter.has_told_to_stop)

    def _send(self, message: FromWorker) -> None:
        content = _pickled(message)
        with self._sending:
            self._outlet.write(content)
            self._outlet.flush()


class _Reporter:
    """Send what work tells through the pipe."""

    def __init__(self, task: Task, to_stop: set[tuple[str, int]], send: Callable[[Told], None]) -> None:
        self._name = (task.job_id, task.attempt)
        self._to_stop = to_stop
        self._send = send
        self._until = time.monotonic() + task.time_limit_s
        self._told_at = -_TELL_EVERY_S
        self._stage: str | None = None
        self.best: bytes | None = None
        self.has_told_to_stop = False

    def tell(self, share: float | None = None, stage: str | None = None) -> None:
        now = time.monotonic()
        if stage in (None, self._stage) and now < self._told_at + _TELL_EVERY_S:
            return
        self._told_at = now
        self._stage = stage or self._stage
        self._tell(Progress(share, self._stage))

    def offer(self, answer: bytes, **facts: Any) -> None:
        self.best = answer
        self._tell(Improvement(answer, facts))

    def stop_requested(self) -> bool:
        self.has_told_to_stop |= self._name in self._to_stop or time.monotonic() >= self._until
        return self.has_told_to_stop

    def _tell(self, message: Message) -> None:
        self._send(Told(message))


def _failure(error: BaseException) -> Refused | Crashed | DiskFull:
    if is_full_disk(error):
        return DiskFull("".join(traceback.format_exception(error)))
    # Imported where needed: most work fails in no such way, and a process out of memory should not read in more.
    if not isinstance(error, MemoryError):
        from api.refusals import problems_of

        problems = problems_of(error)
        if problems is not None:
            return Refused(problems)
    return Crashed("".join(traceback.format_exception(error)))


def _pickled(message: FromWorker) -> bytes:
    """Return a message as bytes; what cannot be sent is told as a fault of the work."""
    try:
        return pickle.dumps(message)
    except Exception as error:
        if not isinstance(message, Ended):
            raise  # the work's own: it is told of it
        reason = f"the outcome cannot be sent ({error}): {message.outcome!r}"
        return pickle.dumps(Ended(Crashed(reason), message.memory_bytes))


def _warming(setup: Setup) -> list[Callable[[], object]]:
    from api.warming import COMPILING

    modules = dict.fromkeys(name.partition(":")[0] for name in setup.kinds.values())
    return [*(partial(importlib.import_module, module) for module in modules), *COMPILING]


def _warm(step: Callable[[], object]) -> None:
    try:
        step()
    except Exception:
        # Tasks that need it will tell; others need not suffer.
        traceback.print_exc()


def _memory_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
