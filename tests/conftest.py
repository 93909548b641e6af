"""Fixtures shared by all tests, and one folder for what is compiled."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

# Compiled once for all processes of all tests: those of pytest, of servers and of clusters.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "meguri-numba"))

_COMPILING = ("compile_trips", "compile_prices", "compile_annealer")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the solver, one part beside the other, before several processes of tests would all compile it at once."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        commands = [[sys.executable, "-c", f"from api.warming import {part}; {part}()"] for part in _COMPILING]
        # What fails here fails again in a test that tells of it.
        for process in [subprocess.Popen(command, cwd=config.rootpath) for command in commands]:
            process.wait()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the maintainers' folder of real data, or skip."""
    folder = Path(os.environ.get("MEGURI_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder}: set MEGURI_SHARED to the folder that holds data/ and benchmarks/")
    return folder
