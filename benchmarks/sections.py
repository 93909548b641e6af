"""What every part of a benchmark of several parts returns, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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


def section_text(section: Section, seconds: float) -> str:
    """Return a part as Markdown: table, then every promise with a word on whether it was kept."""
    title = f"## {section.title}"
    if section.skipped:
        return f"{title}\n\nSkipped: {section.skipped}"
    promises = [f"- {'kept' if is_kept else '**broken**'}: {promise}" for promise, is_kept in section.is_met.items()]
    parts = [title, section.table, "\n".join(promises), f"Took {seconds:.1f} s."]
    return "\n\n".join(filter(None, parts))
