"""``meguri region``: build, check, show and export regions, and give them streets."""

from __future__ import annotations

import typer

app = typer.Typer(name="region", help="Regions", no_args_is_help=True)
