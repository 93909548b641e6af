"""What price commands share: load a market, plan and test prices, show them, write their files."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from api.cli._planning import check_folder, write_whole
from api.cli._progress import stages
from api.refusals import sampler_told
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from api.cli._session import Session
    from api.exports.price_report.report import PriceReport
    from pricing.model import Market
    from pricing.proposal import Comparison, Objective, Policy, PricePlan, Solver

BUNDLED = "echizen-workshops"
"""Name of the simulated market that comes with the package."""


@dataclass(frozen=True, slots=True)
class Effort:
    """
    Hold how prices are looked for.

    Parameters
    ----------
    iterations, seconds
        Limits of each search; neither for those chosen by size.
    may_close
        Whether a product may be taken off sale where that brings more.
    solver, sampler, reads, allow_remote
        See `pricing.plan.plan_prices`.
    """

    seed: int
    iterations: int | None = None
    seconds: float | None = None
    may_close: bool = False
    solver: Solver = "classical"
    sampler: str = "sa"
    reads: int | None = None
    allow_remote: bool = False


def load_market(name: str) -> Market:
    """
    Return a market by its bundled name or its path.

    Raises
    ------
    InputError
        With everything that is wrong with it; or if there is no such market.
    """
    from pricing.reading import read_market

    if name == BUNDLED:
        from pricing.workshops import load_workshops

        return load_workshops()
    path = Path(name)
    if not path.exists():
        raise InputError([Problem("MARKET", name, text("price.no_market", value=name, bundled=BUNDLED))])
    return read_market(path)


def planned(
    session: Session,
    market: Market,
    effort: Effort,
    *,
    objective: Objective = "revenue",
    horizons: int,
) -> PricePlan:
    """Return a proposal, tested in ``horizons`` simulated booking horizons where that is not 0; progress is shown."""
    with sampler_told("--sampler"), stages(session) as (tell, tell_share):
        tell(text("price_stage.prices"))
        from pricing.plan import plan_prices

        plan = plan_prices(
            market,
            objective=objective,
            seed=effort.seed,
            iterations=effort.iterations,
            seconds=effort.seconds,
            may_close=effort.may_close,
            solver=effort.solver,
            sampler=effort.sampler,
            reads=effort.reads,
            allow_remote=effort.allow_remote,
            on_progress=lambda stage, done, total: tell_share(text(f"price_stage.{stage}"), done / max(1, total)),
        )
    if not horizons:
        return plan
    comparison = compared(session, market, plan, horizons=horizons, seed=effort.seed)
    return plan.model_copy(update={"comparison": comparison})


def compared(
    session: Session,
    market: Market,
    plan: PricePlan,
    *,
    horizons: int,
    seed: int,
    policies: Sequence[Policy] = (),
    demand: str = "as-stated",
) -> Comparison:
    """Return what policies earn on the same simulated customers; all policies where none is named."""
    stage = text("price_stage.simulation")
    with stages(session) as (tell, tell_share):
        tell(stage)
        from pricing.simulation import POLICIES, compare

        chosen: Any = {"policies": tuple(policies) or POLICIES, "demand": demand}
        return compare(
            market,
            plan,
            horizons=horizons,
            seed=seed,
            on_progress=lambda done, total: tell_share(stage, done / max(1, total)),
            **chosen,
        )


def with_curves(session: Session, report: PriceReport, objectives: Sequence[Objective], *, seed: int) -> PriceReport:
    """Return the report with demand curves of its telling products, and trade-off curves where they were asked for."""
    from api.price_curves import with_demand_curves, with_trade_offs

    with stages(session) as (tell, _):
        tell(text("price_stage.curves"))
        return with_trade_offs(with_demand_curves(report, seed=seed), objectives, seed=seed)


def show(session: Session, report: PriceReport, *, folder: Path | None, show_all: bool) -> None:
    """Show a plan and write its files."""
    from api.price_tables import price_tables

    files = write_price_files(session, report, folder) if folder is not None else []
    session.answer(report.plan.model_dump(mode="json"), *price_tables(report, session.language, show_all=show_all))
    for file in files:
        session.note(session.say("cli.wrote", file=file))


def write_price_files(session: Session, report: PriceReport, folder: Path) -> list[Path]:
    """Write a plan as JSON, its prices for spreadsheets, the page, and every picture as SVG and PNG."""
    from api.exports.price_report.canvas import letters_for
    from api.exports.price_report.page import report_page
    from api.exports.price_report.pictures import pictures
    from api.exports.price_report.spreadsheet import prices_csv

    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    contents: dict[str, Callable[[], str | bytes]] = {
        "plan.json": lambda: json.dumps(report.plan.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n",
        "prices.csv": lambda: prices_csv(report),
        "report.html": lambda: report_page(report, language=session.language),
    }
    forms: tuple[Literal["svg", "png"], ...] = ("svg", "png")
    for picture in pictures(report):
        for form in forms:
            contents[f"{picture.name}.{form}"] = partial(picture.render, session.language, form)
    with stages(session) as (tell, _):
        tell(text("price_stage.writing"))
        for name, content in contents.items():
            write_whole(folder / name, content())
    if letters_for(session.language, "png") != session.language:
        session.warn(session.say("price_page.png_english"))
    return [folder / name for name in contents]


def read_plan(path: Path) -> PricePlan:
    """
    Return a plan that was written before.

    Raises
    ------
    InputError
        If the file is none.
    """
    from pydantic import ValidationError

    from pricing.proposal import PricePlan
    from regional_assets.validation import problems_from

    try:
        return PricePlan.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(problems_from(error, str(path))) from None
    except (FileNotFoundError, IsADirectoryError) as error:
        reason = text(f"os.{errno.errorcode[error.errno or errno.ENOENT]}")
        raise InputError([Problem(str(path), str(path), text("cli.unreadable", reason=reason))]) from None
