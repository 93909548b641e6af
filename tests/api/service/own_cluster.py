"""A Dask cluster of a test's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from hearing import wait_until

HERE = str(Path(__file__).parent)


class Cluster:
    """A scheduler and workers of a test's own, each a process on the loopback."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.address = "tcp://127.0.0.1:0"
        self.scheduler = self.start_scheduler()

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        """Start a scheduler, at the address of the last one if there was any."""
        host, port = self.address.removeprefix("tcp://").split(":")
        process, log = self._start("scheduler", "--host", host, "--port", port, "--no-dashboard")
        found = self._wait_for(log, r"Scheduler at: +(tcp://127[0-9.:]+)")
        self.address = found
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker for one task."""
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        process, log = self._start("worker", self.address, *options)
        self._wait_for(log, r"(Registered to)")
        self.workers.append(process)
        return process

    def close(self) -> None:
        """End everything."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, kind: str, *words: str) -> tuple[subprocess.Popen[bytes], Path]:
        log = self._folder / f"{kind}-{len(self._processes)}.log"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([HERE, *sys.path])}
        environment["MEGURI_HOME"] = str(self._folder / f"home-{len(self._processes)}")
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words],
                stdout=stream,
                stderr=stream,
                env=environment,
                cwd=self._folder,
            )
        self._processes.append(process)
        return process, log

    @staticmethod
    def _wait_for(log: Path, pattern: str) -> str:
        wait_until(lambda: re.search(pattern, log.read_text(encoding="utf-8")))
        found = re.search(pattern, log.read_text(encoding="utf-8"))
        assert found is not None
        return found[1]
