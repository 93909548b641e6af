"""Public instances of tour planning: one module per file format, all read into one shape."""

from __future__ import annotations

from benchmarks.instances.instance import Instance, Replay, replay, tours_of, trip_problem
from benchmarks.instances.reading import InstanceError

__all__ = ["Instance", "InstanceError", "Replay", "replay", "tours_of", "trip_problem"]
