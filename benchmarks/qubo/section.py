"""What every part of the benchmark of annealer models is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """
    Hold what a part is given.

    Parameters
    ----------
    is_quick
        Whether small cases suffice.
    samplers
        Names in the registry.
    reads
        Of each sampler and instance; None for the default of each part.
    seconds
        Limit of each classical solver on each instance.
    seed
        Of instances and samplers.
    """

    is_quick: bool
    samplers: tuple[str, ...]
    reads: int | None
    seconds: float
    seed: int
