"""
One worker process, as the server sees it.

Why a plain child process with pipes: a ``ProcessPoolExecutor`` has no way to send news up or a request to stop down,
and does not tell its processes so that one could be killed. A ``multiprocessing.Process`` would do, but it imports the
main module of whoever starts it once more (all of the command line, or the script of somebody who forgot the guard),
comes with a process of its own that tracks resources, and may not be started in a daemonic process, which is what the
workers of a Dask cluster are.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO

from api.jobs.executors._messages import FromWorker, Setup, ToWorker
from api.settings import prepare_compiler_cache

_LAST_WORDS = 20
_logger = logging.getLogger(__name__)

# One process works on each core; threads of their linear algebra would only get into each other's way, and each of
# them keeps memory.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerProcess:
    """
    Start a worker; hear what it tells, and of its end.

    Parameters
    ----------
    setup
        What it is told first.
    on_message
        Called with everything it sends, in order, in a thread of this process.
    on_end
        Called last, once, with what is known of its end; the process has been waited for by then.

    Raises
    ------
    OSError
        If the process cannot be started.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        on_message: Callable[[WorkerProcess, FromWorker], None],
        on_end: Callable[[WorkerProcess, str], None],
    ) -> None:
        self._setup = setup
        self._on_message = on_message
        self._on_end = on_end
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._process = _started(setup)
        self.pid = self._process.pid
        self.send(setup)
        duties = (self._read, self._write, self._overhear)
        self._threads = [threading.Thread(target=duty, name=f"worker-{self.pid}", daemon=True) for duty in duties]
        # The one who reads comes last: it waits for the others when the process has ended, which may be at once.
        for thread in reversed(self._threads):
            thread.start()

    def send(self, message: ToWorker) -> None:
        """Send a message; returns at once, whatever the worker does."""
        self._outbox.put(pickle.dumps(message))

    def retire(self) -> None:
        """Have the worker leave: it does so at once, whatever it does."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End the process, and those it started; its end is told by ``on_end``."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait until the end was told; return whether it was."""
        self._threads[0].join(timeout_s)
        return not self._threads[0].is_alive()

    def _write(self) -> None:
        inlet = _pipe(self._process.stdin)
        # A worker that is gone is noticed by the one who reads.
        with contextlib.suppress(OSError), inlet:
            while (content := self._outbox.get()) is not None:
                inlet.write(content)
                inlet.flush()

    def _read(self) -> None:
        outlet = _pipe(self._process.stdout)
        with outlet:
            try:
                while True:
                    self._on_message(self, pickle.load(outlet))
            except EOFError:
                pass
            except Exception:
                _logger.exception("cannot understand worker %d", self.pid)
        # It may have closed the pipe and live on, or have left processes behind: not waited for yet, the number of the
        # group is still its own.
        self.kill()
        code = self._process.wait()
        self.retire()
        for thread in self._threads[1:]:
            # Somebody who left the group may hold the pipe of errors open for long.
            thread.join(1.0)
        shutil.rmtree(self._setup.scratch, ignore_errors=True)
        self._on_end(self, self._reason(code))

    def _overhear(self) -> None:
        """Log what the worker prints: among the lines of the server's own log it would break their form."""
        with _pipe(self._process.stderr) as stream:
            for line in stream:
                words = line.decode(errors="replace").rstrip()
                self._last_words.append(words)
                _logger.warning("worker %d: %s", self.pid, words)

    def _reason(self, code: int) -> str:
        end = f"exit code {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                end = signal.Signals(-code).name
        return "\n".join([f"worker {self.pid} ended: {end}", *self._last_words])


def _started(setup: Setup) -> subprocess.Popen[bytes]:
    # What can be imported here can be imported there; -P keeps the working folder out unless it is in already.
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100 - "" is the working folder
    environment = {**dict.fromkeys(_THREADS, "1"), **os.environ, "PYTHONPATH": paths}
    prepare_compiler_cache(setup.home, environment)
    code = f"from api.jobs.executors._worker import main; main({os.getpid()})"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        # A group of its own: Ctrl-C in the terminal is for the server, and what it starts can be killed with it.
        process_group=0 if hasattr(os, "setpgid") else None,
    )


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "opened with PIPE"
    return stream
