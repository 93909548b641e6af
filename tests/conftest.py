"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the maintainers' folder of real data, or skip."""
    folder = Path(os.environ.get("MEGURI_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder}: set MEGURI_SHARED to the folder that holds data/ and benchmarks/")
    return folder
