"""A real server in a process of its own, and a Dask cluster for it to solve on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import psutil

_READY_S: Final = 120.0
"""The first server of an installation compiles its solver."""


class Server:
    """
    Run ``meguri serve`` in a process of its own.

    Parameters
    ----------
    home
        Folder of state; what was left there by an earlier server is taken up.
    port
        Where to listen; by default where nobody does. A server that takes the place of another names the same.
    settings
        Settings of the service, as ``workers=2``.

    Attributes
    ----------
    url, port
        Where it listens.
    process
        The server; the solving processes are its children.
    """

    def __init__(self, home: Path, port: int | None = None, /, **settings: object) -> None:
        self.port = port or _free_port()
        self._log = home / "server.log"
        self.url = f"http://127.0.0.1:{self.port}"
        with self._log.open("a") as log:
            command = [sys.executable, "-m", "api", "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(command, env=_environment(home, settings), stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        """
        Return once the server can plan.

        Raises
        ------
        RuntimeError
            If it does not get there, with the end of its log.
        """
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the server did not get ready:\n{self.log()[-4000:]}")

    def log(self) -> str:
        """Return what all servers of this folder have written so far."""
        return self._log.read_text(encoding="utf-8")

    def end(self) -> None:
        """Ask the server to stop, and see to it that it does."""
        end(self.process)

    def kill(self) -> None:
        """End the server without a warning, as a crash would."""
        self.process.kill()
        self.process.wait()

    def resident_mb(self) -> tuple[float, float]:
        """Return the resident memory of the server, and of all its descendants together, in megabytes."""
        return self._sums(lambda process: process.memory_info().rss / 2**20)

    def processor_s(self) -> tuple[float, float]:
        """Return the processor seconds of the server so far, and of its living descendants together."""
        return self._sums(lambda process: sum(process.cpu_times()[:2]))

    def _sums(self, measure: Callable[[psutil.Process], float]) -> tuple[float, float]:
        """Return a figure of the server, and its sum over all its descendants."""
        server = psutil.Process(self.process.pid)
        others = 0.0
        for process in server.children(recursive=True):
            # It may have ended since.
            with suppress(psutil.NoSuchProcess):
                others += measure(process)
        return measure(server), others


@contextmanager
def serving(**settings: object) -> Iterator[Server]:
    """
    Run a server in an empty folder of state, with no limit on the rate of requests, until the block ends.

    Parameters
    ----------
    settings
        Further settings of the service.
    """
    unlimited = {"rate_limit": "1000000/second", "expensive_rate_limit": "1000000/second"}
    with tempfile.TemporaryDirectory(prefix="meguri-bench-") as home:
        server = Server(Path(home), **unlimited, **settings)
        try:
            server.wait_until_ready()
            yield server
        finally:
            server.end()


@contextmanager
def clustered(workers: int) -> Iterator[str]:
    """Run a Dask scheduler with so many workers of one thread until the block ends; yields its address."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meguri-bench-dask-")))
        environment = _environment(folder, {})
        file = folder / "scheduler.json"
        log = stack.enter_context((folder / "log").open("w"))

        def start(*command: str) -> None:
            process = subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=log, stderr=log)
            stack.callback(end, process)

        listens = ("--host", "127.0.0.1", "--port", "0")
        start("distributed.cli.dask_scheduler", *listens, "--no-dashboard", "--scheduler-file", str(file))
        deadline = time.monotonic() + _READY_S
        while not file.is_file() and time.monotonic() < deadline:
            time.sleep(0.05)
        shape = ("--nworkers", str(workers), "--nthreads", "1", "--memory-limit", "0", "--no-dashboard")
        where = ("--scheduler-file", str(file), "--local-directory", str(folder / "dask"))
        start("distributed.cli.dask_worker", *shape, *where)
        yield json.loads(file.read_text(encoding="utf-8"))["address"]


def _environment(home: Path, settings: Mapping[str, object]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    # Compiled code is kept across runs, so that only the first one waits for the compiler.
    kept.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "meguri-numba"))
    own = {f"MEGURI_{name.upper()}": str(value) for name, value in settings.items()}
    return {**kept, **own, "MEGURI_HOME": str(home), "MEGURI_LANG": "en"}


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop; kill it where it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
