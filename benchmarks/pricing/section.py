"""What every part of the pricing benchmark is given and returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Section:
    """
    Hold the figures of one part.

    Parameters
    ----------
    title
        Heading of the table.
    figures
        For ``--json``.
    table
        Markdown, to read.
    is_met
        What was promised, in words, and whether it was kept.
    skipped
        Why nothing was measured; empty where something was.
    """

    title: str
    figures: dict[str, Any]
    table: str
    is_met: dict[str, bool]
    skipped: str = ""
