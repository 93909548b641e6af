"""``meguri check``: a plan made by hand, judged by the rules of planning."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli._language import language_asked
from api.cli._options import AsJson, Lang, Today
from api.cli._session import ExitCode, open_session
from api.texts import say


def _words(key: str) -> str:
    return say(f"check.{key}", language_asked(sys.argv[1:]))


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("check", help=_words("help"))(check)


def check(
    plan: Annotated[Path, typer.Argument(help=_words("plan"), metavar="PLAN", show_default=False)],
    *,
    region: Annotated[str | None, typer.Option(help=_words("region"), show_default="echizen")] = None,
    today: Today = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Judge a plan; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._progress import working
        from api.cli._trip_options import read_request_file, region_name
        from api.judgement_tables import judgement_words
        from api.region_time import local_today
        from regional_assets.region import find_region
        from routing.judge import judge_trip, read_plan
        from routing.plan import load_streets

        content = read_request_file(plan)
        in_file = content.pop("region", "echizen")
        name = region_name(in_file) if region is None else region_name(region, "--region")
        land = find_region(name, session.settings.home)
        trip = read_plan(content)
        with working(session, "check.judging"):
            streets = load_streets(land, trip.request.mode)
            networks = {} if streets is None else {trip.request.mode: streets}
            day = today.date() if today else local_today(land)
            judgement = judge_trip(land, trip.request, trip.days, today=day, networks=networks)
        session.answer(judgement.model_dump(mode="json"), *judgement_words(judgement, land, session.language))
        if not judgement.feasible:
            raise typer.Exit(ExitCode.NO_PLAN)
