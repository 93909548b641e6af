"""Compiling the annealer, before somebody waits for it."""

from __future__ import annotations

from functools import cache


@cache
def load_annealer() -> None:
    """Compile or load the group-move annealer, once per process; later calls return at once."""
    # Imported here: both are heavy, and the door is light.
    from dimod import BinaryQuadraticModel

    from solvers.qubo.samplers.group_moves import GroupMoveSampler

    # Two items that exclude each other: the loops are the same for all models.
    GroupMoveSampler().sample(BinaryQuadraticModel({0: -1.0, 1: -1.0}, {(0, 1): 2.0}, 0.0, "BINARY"), num_sweeps=1)
