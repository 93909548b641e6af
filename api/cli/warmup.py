"""``meguri warmup``: compile the solver before somebody waits for it."""

from __future__ import annotations

from time import perf_counter

import typer

from api.cli._options import AsJson, Lang, help_text
from api.cli._progress import working
from api.cli._session import open_session
from api.warming import COMPILING


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("warmup", help=help_text("warmup"))(warmup)


def warmup(*, json: AsJson = False, lang: Lang = None) -> None:
    """Compile the solver; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        began = perf_counter()
        with working(session, "progress.compiling"):
            for compile_part in COMPILING:
                compile_part()
        seconds = round(perf_counter() - began, 2)
        session.answer({"seconds": seconds}, session.say("cli.warmed_up", seconds=seconds))
