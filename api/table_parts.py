"""Parts of printed pages that several share: headings, remarks, and tables of figures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text


def heading(words: str) -> RenderableType:
    """Return a heading with a line that runs to the edge."""
    return Rule(Text(words, style="bold blue"), align="left", style="dim")


def bullet(words: str, style: str = "") -> RenderableType:
    """Return a remark behind a bullet, its further lines indented; Japanese starts beside the bullet, too."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False)
    table.add_column(width=3, justify="right")
    table.add_column(overflow="fold")
    table.add_row("•", Text(words, style=style))
    return table


def figures_table(name: str, figures: Sequence[str]) -> Table:
    """Return an empty table: a column of names, and columns of figures."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, expand=False, header_style="dim")
    table.add_column(name, overflow="fold")
    for figure in figures:
        # Not kept to one line: in a narrow terminal that would take all room from the names.
        table.add_column(figure, justify="right", overflow="fold")
    return table
