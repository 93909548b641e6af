"""
The command line, ``meguri``.

One file per command group. Exit codes: 0 done; 2 input that cannot be used; 3 nothing could be planned; 4 the
surroundings failed (no connection, no room on the disk). Results go to standard output, progress and notes to standard
error, so that ``--json`` can be piped. Imports are lazy: a command loads what it needs when it runs.
"""

from __future__ import annotations

import sys

import typer

from api.cli import check, demo, keys, passes, plan, price, qubo, region, serve, warmup
from api.cli._options import help_text
from api.cli._usage import Commands

app = typer.Typer(
    name="meguri",
    cls=Commands,
    help=help_text("meguri"),
    epilog=help_text("exit_codes"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
demo.register(app)
app.add_typer(region.app, name="region")
plan.register(app)
check.register(app)
app.add_typer(price.app, name="price")
passes.register(app)
app.add_typer(qubo.app, name="qubo")
serve.register(app)
app.add_typer(keys.app, name="keys")
warmup.register(app)


@app.callback(invoke_without_command=True)
def _show_version(
    context: typer.Context,
    *,
    version: bool = typer.Option(False, "--version", help=help_text("version"), is_eager=True),
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"meguri {version_of('meguri')}")
        raise typer.Exit


def main() -> None:
    """Run the command line on the arguments of this process."""
    _write_utf8()
    app()


def _write_utf8() -> None:
    # Japanese names must survive a pipe whose locale is plain ASCII.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
