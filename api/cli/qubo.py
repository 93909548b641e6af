"""``meguri qubo``: export models for annealers, sample them, and read samples of any machine back."""

from __future__ import annotations

from typing import Any

import typer

from api.cli._options import AsJson, Lang, help_text
from api.cli._session import open_session

app = typer.Typer(name="qubo", help=help_text("qubo_group"), no_args_is_help=True)


def _option(key: str, *names: str, **look: Any) -> Any:
    return typer.Option(*names, help=help_text(key), **look)


@app.command("samplers", help=help_text("qubo_samplers"))
def samplers(*, json: AsJson = False, lang: Lang = None) -> None:
    """List samplers; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from dataclasses import asdict

        from api.qubo_tables import sampler_table
        from solvers.qubo.samplers.registry import sampler_entries

        entries = sampler_entries()
        payload = {"samplers": [asdict(entry) for entry in entries]}
        session.answer(payload, sampler_table(entries, session.language), session.say("qubo.own_samplers"))
