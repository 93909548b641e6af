"""What every part of the pricing benchmark is given, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.sections import Section as Section


@dataclass(frozen=True, slots=True)
class Given:
    """
    Hold what a part is given.

    Parameters
    ----------
    shared
        The folder that holds ``benchmarks/pricing`` and ``data``; None where it is absent.
    is_quick
        Whether small cases suffice.
    """

    shared: Path | None
    is_quick: bool
    seed: int
