"""``meguri demo``: a two-day trip through the bundled region, with a map to look at."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from api.cli._options import AsJson, Date, Lang, help_text
from api.cli._session import Session, open_session

_REGION = "echizen"
_FOLDER = Path("demo")
_SATURDAY = 5
# Half as many again as usual: the first plan that somebody sees should be a good one.
_ITERATIONS = 60_000


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("demo", help=help_text("demo"))(demo)


def demo(
    *,
    out: Annotated[Path, typer.Option(help=help_text("out_demo"))] = _FOLDER,
    date: Date = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Plan the demonstration trip; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        run_demo(session, out=out, first_day=date.date() if date else None)


def run_demo(session: Session, *, out: Path, first_day: dt.date | None) -> None:
    """Plan two days by car from and to Sabae, for people who like crafts, food and old places; write the files."""
    from api.cli._planning import check_folder, deliver, local_today, plan_in
    from regional_assets.region import bundled_region_folder, load_region
    from routing.request import DayRequest, Place, SolverChoice, TripRequest

    check_folder(out)
    # The region as it ships, even where the user has made one of the same name.
    region = load_region(bundled_region_folder(_REGION))
    today = local_today(region)
    saturday = first_day or coming_saturday(today)
    station = Place(asset="sabae-station")
    request = TripRequest(
        days=(
            DayRequest(date=saturday, start=station),
            DayRequest(date=saturday + dt.timedelta(days=1), end=station),
        ),
        mode="car",
        interests={"craft": 1.0, "food": 1.0, "culture": 0.9, "nature": 0.5},
        solver=SolverChoice(iterations=_ITERATIONS),
    )
    planned = plan_in(session, region, request, today=min(today, saturday))
    deliver(session, planned, folder=out)


def coming_saturday(today: dt.date) -> dt.date:
    """Return the first Saturday after ``today``."""
    return today + dt.timedelta(days=(_SATURDAY - today.weekday() - 1) % 7 + 1)
