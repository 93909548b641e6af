"""``meguri plan``: a trip from a request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli._options import AsJson, Lang, ModeName, OutFolder, Today, help_text
from api.cli._session import open_session
from api.cli._trip_options import TripWords, read_request, read_request_file

_WISHES = help_text("panel_wishes")
_PARTY = help_text("panel_party")
_SOLVER = help_text("panel_solver")


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("plan", help=help_text("plan"))(plan)


def plan(
    *,
    region: Annotated[str | None, typer.Option(help=help_text("plan_region"), show_default="echizen")] = None,
    days: Annotated[list[str] | None, typer.Option(help=help_text("days"), show_default=False)] = None,
    mode: Annotated[ModeName | None, typer.Option(help=help_text("mode"), show_default="car")] = None,
    start: Annotated[str | None, typer.Option(help=help_text("start"), metavar="ID|LON,LAT")] = None,
    end: Annotated[str | None, typer.Option(help=help_text("end"), metavar="ID|LON,LAT")] = None,
    after: Annotated[str | None, typer.Option(help=help_text("after"), metavar="HH:MM")] = None,
    before: Annotated[str | None, typer.Option(help=help_text("before"), metavar="HH:MM")] = None,
    request: Annotated[Path | None, typer.Option(help=help_text("request"), metavar="FILE")] = None,
    lodging: Annotated[
        list[str] | None,
        typer.Option(help=help_text("lodging"), metavar="choose|none|ID", rich_help_panel=_WISHES),
    ] = None,
    must: Annotated[list[str] | None, typer.Option(help=help_text("must"), rich_help_panel=_WISHES)] = None,
    avoid: Annotated[list[str] | None, typer.Option(help=help_text("avoid"), rich_help_panel=_WISHES)] = None,
    interest: Annotated[
        list[str] | None,
        typer.Option(help=help_text("interest"), metavar="NAME=WEIGHT", rich_help_panel=_WISHES),
    ] = None,
    theme: Annotated[list[str] | None, typer.Option(help=help_text("theme"), rich_help_panel=_WISHES)] = None,
    pace: Annotated[
        Literal["relaxed", "normal", "busy"] | None, typer.Option(help=help_text("pace"), rich_help_panel=_WISHES)
    ] = None,
    budget: Annotated[
        int | None, typer.Option(help=help_text("budget"), metavar="YEN", rich_help_panel=_WISHES)
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help=help_text("limit"), metavar="KIND=N", rich_help_panel=_WISHES)
    ] = None,
    walk_limit: Annotated[
        int | None, typer.Option(help=help_text("walk_limit"), metavar="METRES", rich_help_panel=_WISHES)
    ] = None,
    lunch: Annotated[
        str | None, typer.Option(help=help_text("lunch"), metavar="HH:MM-HH:MM|none", rich_help_panel=_WISHES)
    ] = None,
    pin: Annotated[
        list[str] | None, typer.Option(help=help_text("pin"), metavar="ID=DATETIME", rich_help_panel=_WISHES)
    ] = None,
    hours_unknown: Annotated[
        Literal["assume", "refuse"] | None,
        typer.Option(help=help_text("hours_unknown"), show_default="assume", rich_help_panel=_WISHES),
    ] = None,
    adults: Annotated[int | None, typer.Option(help=help_text("adults"), rich_help_panel=_PARTY)] = None,
    children: Annotated[int | None, typer.Option(help=help_text("children"), rich_help_panel=_PARTY)] = None,
    resident: Annotated[
        bool | None, typer.Option("--resident/--visitor", help=help_text("resident"), rich_help_panel=_PARTY)
    ] = None,
    needs: Annotated[list[str] | None, typer.Option(help=help_text("needs"), rich_help_panel=_PARTY)] = None,
    access_unknown: Annotated[
        Literal["refuse", "allow"] | None,
        typer.Option(help=help_text("access_unknown"), show_default="refuse", rich_help_panel=_PARTY),
    ] = None,
    seed: Annotated[int | None, typer.Option(help=help_text("seed"), rich_help_panel=_SOLVER)] = None,
    iterations: Annotated[int | None, typer.Option(help=help_text("iterations"), rich_help_panel=_SOLVER)] = None,
    seconds: Annotated[float | None, typer.Option(help=help_text("seconds"), rich_help_panel=_SOLVER)] = None,
    today: Today = None,
    out: OutFolder = None,
    show_all: Annotated[bool, typer.Option("--all", help=help_text("all"))] = False,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Plan a trip; the words are in the catalogue."""
    words = TripWords(
        days=days or (),
        mode=mode,
        start=start,
        end=end,
        after=after,
        before=before,
        lodging=lodging or (),
        must=must or (),
        avoid=avoid or (),
        budget=budget,
        interest=interest or (),
        theme=theme or (),
        pace=pace,
        adults=adults,
        children=children,
        resident=resident,
        needs=needs or (),
        limit=limit or (),
        walk_limit=walk_limit,
        lunch=lunch,
        pin=pin or (),
        hours_unknown=hours_unknown,
        access_unknown=access_unknown,
        seed=seed,
        iterations=iterations,
        seconds=seconds,
    )
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import deliver, plan_in
        from regional_assets.region import find_region

        base = read_request_file(request) if request else {}
        named = base.pop("region", None)
        land = find_region(region or str(named or "echizen"), session.settings.home)
        trip = read_request(words, base)
        planned = plan_in(session, land, trip, today=today.date() if today else None)
        deliver(session, planned, folder=out, show_all=show_all)
