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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

_READY_S: Final = 120.0
"""The first server of an installation compiles its solver."""


@dataclass(frozen=True, slots=True)
class Server:
    """
    Hold a running server.

    Parameters
    ----------
    url
        Where it listens.
    pid
        Its process; the solving ones are its children.
    """

    url: str
    pid: int

    def resident_mb(self) -> tuple[float, float]:
        """Return the resident memory of the server, and of all its children together, in megabytes."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], stdout=subprocess.PIPE, text=True, check=True)
        rows = [[int(cell) for cell in line.split()] for line in listed.stdout.splitlines()]
        own = sum(size for pid, _, size in rows if pid == self.pid)
        family, size = {self.pid}, 0
        # A child is listed after its parent almost always; three rounds reach grandchildren in any order.
        for _ in range(3):
            family |= {pid for pid, parent, _ in rows if parent in family}
        size = sum(size for pid, _, size in rows if pid in family and pid != self.pid)
        return own / 1024, size / 1024


@contextmanager
def serving(**settings: object) -> Iterator[Server]:
    """
    Run ``meguri serve`` in an empty folder of state until the block ends.

    Parameters
    ----------
    settings
        Settings of the service, as ``workers=2``.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meguri-bench-")))
        environment = _environment(
            home, {"rate_limit": "1000000/second", "expensive_rate_limit": "1000000/second", **settings}
        )
        port = _free_port()
        log = stack.enter_context((home / "server.log").open("w"))
        command = [sys.executable, "-m", "api", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        stack.callback(_end, process)
        server = Server(f"http://127.0.0.1:{port}", process.pid)
        _wait_until_ready(server, process, home / "server.log")
        yield server


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
            stack.callback(_end, process)

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
    kept.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "meguri-bench-numba"))
    own = {f"MEGURI_{name.upper()}": str(value) for name, value in settings.items()}
    return {**kept, **own, "MEGURI_HOME": str(home), "MEGURI_LANG": "en"}


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{server.url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server did not get ready:\n{log.read_text(encoding='utf-8')[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
