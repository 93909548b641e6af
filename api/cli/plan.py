"""``meguri plan``: a trip from a request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli._options import AsJson, Lang, OutFolder, Today, help_text
from api.cli._session import open_session
from api.cli._trip_options import TripWords, read_request, read_request_file, region_name

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
    mode: Annotated[
        str | None, typer.Option(help=help_text("mode"), metavar="walk|bicycle|car", show_default="car")
    ] = None,
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
        str | None,
        typer.Option(
            help=help_text("pace"), metavar="relaxed|normal|busy", show_default="normal", rich_help_panel=_WISHES
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help=help_text("budget"), metavar="YEN", rich_help_panel=_WISHES)
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help=help_text("limit"), metavar="KIND=N", rich_help_panel=_WISHES)
    ] = None,
    walk_limit: Annotated[
        str | None, typer.Option(help=help_text("walk_limit"), metavar="METRES", rich_help_panel=_WISHES)
    ] = None,
    lunch: Annotated[
        str | None, typer.Option(help=help_text("lunch"), metavar="HH:MM-HH:MM|none", rich_help_panel=_WISHES)
    ] = None,
    pin: Annotated[
        list[str] | None, typer.Option(help=help_text("pin"), metavar="ID=DATETIME", rich_help_panel=_WISHES)
    ] = None,
    hours_unknown: Annotated[
        str | None,
        typer.Option(
            help=help_text("hours_unknown"), metavar="assume|refuse", show_default="assume", rich_help_panel=_WISHES
        ),
    ] = None,
    adults: Annotated[
        str | None, typer.Option(help=help_text("adults"), metavar="N", show_default="2", rich_help_panel=_PARTY)
    ] = None,
    children: Annotated[
        str | None, typer.Option(help=help_text("children"), metavar="N", show_default="0", rich_help_panel=_PARTY)
    ] = None,
    resident: Annotated[
        bool | None, typer.Option("--resident/--visitor", help=help_text("resident"), rich_help_panel=_PARTY)
    ] = None,
    needs: Annotated[list[str] | None, typer.Option(help=help_text("needs"), rich_help_panel=_PARTY)] = None,
    access_unknown: Annotated[
        str | None,
        typer.Option(
            help=help_text("access_unknown"), metavar="refuse|allow", show_default="refuse", rich_help_panel=_PARTY
        ),
    ] = None,
    solver: Annotated[
        str | None,
        typer.Option(help=help_text("solver"), metavar="NAME", show_default="portfolio", rich_help_panel=_SOLVER),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help=help_text("seed"), metavar="N", show_default="1", rich_help_panel=_SOLVER)
    ] = None,
    iterations: Annotated[
        str | None, typer.Option(help=help_text("iterations"), metavar="N", rich_help_panel=_SOLVER)
    ] = None,
    seconds: Annotated[
        str | None, typer.Option(help=help_text("seconds"), metavar="S", rich_help_panel=_SOLVER)
    ] = None,
    prove: Annotated[str | None, typer.Option(help=help_text("prove"), metavar="S", rich_help_panel=_SOLVER)] = None,
    alternatives: Annotated[
        str | None, typer.Option(help=help_text("alternatives"), metavar="K", show_default="0")
    ] = None,
    explain: Annotated[list[str] | None, typer.Option(help=help_text("explain"), metavar="ID")] = None,
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
        solver=solver,
        seed=seed,
        iterations=iterations,
        seconds=seconds,
        prove=prove,
        alternatives=alternatives,
        explain=explain or (),
    )
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_folder, deliver, explained, local_today, plan_in
        from regional_assets.region import find_region

        if out is not None:
            check_folder(out)
        base = read_request_file(request) if request else {}
        name = region if region is not None else base.pop("region", "echizen")
        base.pop("region", None)
        land = find_region(region_name(name, "--region" if region is not None else "region"), session.settings.home)
        day = today.date() if today else local_today(land)
        trip = read_request(words, base, region=land, today=day)
        planned = plan_in(session, land, trip, today=day)
        planned = explained(session, planned, words.explain, today=day)
        deliver(session, planned, folder=out, show_all=show_all)
