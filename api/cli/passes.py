"""``meguri pass``: price a pass over several operators, and show ways of sharing what it brings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli._options import AsJson, Lang, help_text
from api.cli._price_options import DEFAULT_SEED, Reading, Seed
from api.cli._session import open_session

_HORIZONS = 200
_MOST_HORIZONS = 100_000


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("pass", help=help_text("pass"))(price_a_pass)


def price_a_pass(
    pass_file: Annotated[str, typer.Argument(help=help_text("pass_file"), metavar="PASS", show_default=False)],
    *,
    horizons: Annotated[
        str | None, typer.Option(help=help_text("horizons"), metavar="N", show_default=str(_HORIZONS))
    ] = None,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option(help=help_text("out_pass"), show_default=False)] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Price a pass; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._passes import load_named_pass, write_pass_files
        from api.cli._planning import check_folder
        from api.cli._progress import stages
        from api.pass_tables import pass_tables
        from api.refusals import prices_told
        from api.texts import text
        from pricing.passes import price_pass

        reading = Reading()
        count = reading.whole("--horizons", horizons, _HORIZONS, least=2, most=_MOST_HORIZONS)
        chance = reading.whole("--seed", seed, DEFAULT_SEED)
        reading.done()
        if out is not None:
            check_folder(out)
        with prices_told(), stages(session) as (tell, _):
            tell(text("price_stage.pass"))
            offered = load_named_pass(pass_file)
            plan = price_pass(offered, seed=chance, horizons=count)
        files = write_pass_files(offered, plan, out) if out is not None else []
        session.answer(plan.model_dump(mode="json"), *pass_tables(offered, plan, session.language))
        for file in files:
            session.note(session.say("cli.wrote", file=file))
