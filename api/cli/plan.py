"""``meguri plan``: a trip from a request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._options import AsJson, Lang, OutFolder, Today, help_text
from api.cli._session import open_session
from api.cli._trip_options import TripWords, read_request, read_request_file, region_name

_WISHES = help_text("panel_wishes")
_PARTY = help_text("panel_party")
_SOLVER = help_text("panel_solver")


def _option(key: str, *names: str, panel: str | None = None, **look: Any) -> Any:
    """Return an option that is explained by an entry of the catalogue, in its table of the help."""
    return typer.Option(*names, help=help_text(key), rich_help_panel=panel, **look)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("plan", help=help_text("plan"))(plan)


def plan(
    *,
    region: Annotated[str | None, _option("plan_region", show_default="echizen")] = None,
    days: Annotated[list[str] | None, _option("days", show_default=False)] = None,
    mode: Annotated[str | None, _option("mode", metavar="walk|bicycle|car", show_default="car")] = None,
    start: Annotated[str | None, _option("start", metavar="ID|LON,LAT")] = None,
    end: Annotated[str | None, _option("end", metavar="ID|LON,LAT")] = None,
    after: Annotated[str | None, _option("after", metavar="HH:MM")] = None,
    before: Annotated[str | None, _option("before", metavar="HH:MM")] = None,
    request: Annotated[Path | None, _option("request", metavar="FILE")] = None,
    lodging: Annotated[list[str] | None, _option("lodging", panel=_WISHES, metavar="choose|none|ID")] = None,
    must: Annotated[list[str] | None, _option("must", panel=_WISHES)] = None,
    avoid: Annotated[list[str] | None, _option("avoid", panel=_WISHES)] = None,
    interest: Annotated[list[str] | None, _option("interest", panel=_WISHES, metavar="NAME=WEIGHT")] = None,
    theme: Annotated[list[str] | None, _option("theme", panel=_WISHES)] = None,
    pace: Annotated[
        str | None, _option("pace", panel=_WISHES, metavar="relaxed|normal|busy", show_default="normal")
    ] = None,
    budget: Annotated[str | None, _option("budget", panel=_WISHES, metavar="YEN")] = None,
    limit: Annotated[list[str] | None, _option("limit", panel=_WISHES, metavar="KIND=N")] = None,
    walk_limit: Annotated[str | None, _option("walk_limit", panel=_WISHES, metavar="METRES")] = None,
    lunch: Annotated[str | None, _option("lunch", panel=_WISHES, metavar="HH:MM-HH:MM|none")] = None,
    pin: Annotated[list[str] | None, _option("pin", panel=_WISHES, metavar="ID=DATETIME")] = None,
    hours_unknown: Annotated[
        str | None, _option("hours_unknown", panel=_WISHES, metavar="assume|refuse", show_default="assume")
    ] = None,
    adults: Annotated[str | None, _option("adults", panel=_PARTY, metavar="N", show_default="2")] = None,
    children: Annotated[str | None, _option("children", panel=_PARTY, metavar="N", show_default="0")] = None,
    resident: Annotated[bool | None, _option("resident", "--resident/--visitor", panel=_PARTY)] = None,
    needs: Annotated[list[str] | None, _option("needs", panel=_PARTY)] = None,
    access_unknown: Annotated[
        str | None, _option("access_unknown", panel=_PARTY, metavar="refuse|allow", show_default="refuse")
    ] = None,
    solver: Annotated[str | None, _option("solver", panel=_SOLVER, metavar="NAME", show_default="portfolio")] = None,
    seed: Annotated[str | None, _option("seed", panel=_SOLVER, metavar="N", show_default="1")] = None,
    iterations: Annotated[str | None, _option("iterations", panel=_SOLVER, metavar="N")] = None,
    seconds: Annotated[str | None, _option("seconds", panel=_SOLVER, metavar="S")] = None,
    prove: Annotated[str | None, _option("prove", panel=_SOLVER, metavar="S")] = None,
    sampler: Annotated[str | None, _option("sampler", panel=_SOLVER, metavar="NAME", show_default="sa")] = None,
    reads: Annotated[str | None, _option("reads", panel=_SOLVER, metavar="N", show_default="100")] = None,
    model: Annotated[str | None, _option("model", panel=_SOLVER, metavar="routes|day", show_default="routes")] = None,
    allow_remote: Annotated[bool, _option("qubo_allow_remote", "--allow-remote", panel=_SOLVER)] = False,
    alternatives: Annotated[str | None, _option("alternatives", metavar="K", show_default="0")] = None,
    explain: Annotated[list[str] | None, _option("explain", metavar="ID")] = None,
    today: Today = None,
    out: OutFolder = None,
    show_all: Annotated[bool, _option("all", "--all")] = False,
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
        sampler=sampler,
        reads=reads,
        model=model,
        allow_remote=allow_remote,
        alternatives=alternatives,
        explain=explain or (),
    )
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_folder, deliver, explained, local_today, plan_in
        from regional_assets.region import find_region

        if out is not None:
            check_folder(out)
        base = read_request_file(request) if request else {}
        in_file = base.pop("region", "echizen")
        name = region_name(in_file) if region is None else region_name(region, "--region")
        land = find_region(name, session.settings.home)
        day = today.date() if today else local_today(land)
        trip = read_request(words, base, region=land, today=day)
        planned = plan_in(session, land, trip, today=day, allow_remote=allow_remote)
        planned = explained(session, planned, words.explain, today=day)
        deliver(session, planned, folder=out, show_all=show_all)
