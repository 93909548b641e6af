"""Trips of four days in the bundled region: the packing problem then is an estimate, and no longer easy for repair."""

from __future__ import annotations

from typing import Final

from benchmarks.qubo.section import Given
from benchmarks.qubo.trips import QUICK_REQUESTS, planned
from benchmarks.sections import Section

REQUESTS: Final = 30
DAYS: Final = 4


def run(given: Given) -> Section:
    """Plan them as those of two days; nothing is promised."""
    return planned(given, QUICK_REQUESTS if given.is_quick else REQUESTS, DAYS)
