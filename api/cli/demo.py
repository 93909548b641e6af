"""``meguri demo``: a two-day trip through the bundled region with a map, and prices of simulated workshops."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli._options import AsJson, Date, Lang, help_text
from api.cli._session import Session, open_session

if TYPE_CHECKING:
    from api.exports.price_report.report import PriceReport

_REGION = "echizen"
_FOLDER = Path("demo")
_PRICES = "prices"
_HORIZONS = 200
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
    """Plan two days by car from and to Sabae, for people who like crafts, food and old places; then price workshops."""
    from api.cli._planning import check_folder, deliver, local_today, plan_in
    from api.cli._pricing import show, write_price_files
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
    if session.as_json:
        # One document: the itinerary, and the price plan beside it.
        report = workshop_prices(session)
        write_price_files(session, report, out / _PRICES)
        deliver(session, planned, folder=out, beside={"prices": report.plan.model_dump(mode="json")})
        return
    # The trip can be read while prices are worked out.
    deliver(session, planned, folder=out)
    show(session, workshop_prices(session), folder=out / _PRICES, show_all=False)


def workshop_prices(session: Session) -> PriceReport:
    """Return prices for the bundled workshops, whose demand is made up, and says so."""
    from api.cli._price_options import DEFAULT_SEED
    from api.cli._pricing import BUNDLED, Effort, load_market, planned, with_curves
    from api.exports.price_report.report import PriceReport

    market = load_market(BUNDLED)
    plan = planned(session, market, Effort(DEFAULT_SEED), horizons=_HORIZONS)
    return with_curves(session, PriceReport(market, plan), (), seed=DEFAULT_SEED)


def coming_saturday(today: dt.date) -> dt.date:
    """Return the first Saturday after ``today``."""
    return today + dt.timedelta(days=(_SATURDAY - today.weekday() - 1) % 7 + 1)
