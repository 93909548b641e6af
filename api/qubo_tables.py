"""Models and samplers for annealers as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from api.texts import say

if TYPE_CHECKING:
    from api.qubo_sidecar import Size
    from regional_assets.text import Language
    from solvers.qubo.samplers.registry import SamplerEntry


def sampler_table(entries: Sequence[SamplerEntry], language: Language) -> Table:
    """Return samplers with what they need and whether a seed repeats them."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for key in ("sampler_title", "method", "needs", "reproducible"):
        table.add_column(say(f"qubo.{key}", language), overflow="fold")
    for entry in entries:
        table.add_row(entry.name, _method(entry, language), _needs(entry, language), _reproducible(entry, language))
    return table


def missing_words(entries: Sequence[SamplerEntry], language: Language) -> list[str]:
    """Return how to install what samplers need that is not there, a line for each."""
    extras = dict.fromkeys(entry.extra for entry in entries if entry.extra and not entry.is_installed)
    return [say("qubo.install", language, extra=extra) for extra in extras]


def _method(entry: SamplerEntry, language: Language) -> str:
    """Return how a sampler of Meguri's own works; only others themselves know of theirs."""
    return say(f"qubo.method_{entry.name}" if entry.origin == "meguri" else "qubo.unknown", language)


def _needs(entry: SamplerEntry, language: Language) -> str:
    if entry.extra is None:
        return say("qubo.nothing", language) if entry.origin == "meguri" else entry.origin
    return entry.extra if entry.is_installed else say("qubo.extra_missing", language, extra=entry.extra)


def _reproducible(entry: SamplerEntry, language: Language) -> str:
    if entry.is_reproducible is None:
        return say("qubo.unknown", language)
    return say("qubo.yes" if entry.is_reproducible else "qubo.no", language)


def size_words(size: Size, language: Language) -> str:
    """Return the size of a model in one line."""
    return say(
        "qubo.size",
        language,
        variables=f"{size.variables:,}",
        interactions=f"{size.interactions:,}",
        density=f"{size.density:.2f}",
        clique=f"{size.largest_clique:,}",
    )


def hardware_words(size: Size, most: int, language: Language) -> str:
    """Return whether hardware that holds cliques of ``most`` variables can take a model, as far as its size tells."""
    if size.variables <= most:
        return say("qubo.fits_hardware", language, most=most)
    return say(f"qubo.{'beyond' if size.largest_clique > most else 'unsure'}_hardware", language, most=most)
