"""``meguri price``: propose prices, test them by simulation and on records, learn demand, plan a price test."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._options import AsJson, Lang, help_text
from api.cli._price_options import DEFAULT_SEED, MOST_READS, WEEKDAYS, MarketName, PriceFolder, Reading, Seed
from api.cli._session import open_session

app = typer.Typer(name="price", help=help_text("price_group"), no_args_is_help=True)

_SOLVER = help_text("panel_solver")
_SUMS = help_text("panel_sums")
_OBJECTIVES = ("revenue", "visitors", "off-peak", "local-spend")
_POLICIES = ("today", "static", "dynamic", "rule-based")
_PLAN_HORIZONS = 400
"""A test of a proposal that is over within a second or two; `simulate` plays more."""

_HORIZONS = 1000
_MOST_HORIZONS = 100_000
_MOST_CLASSES = 9
_MOST_FOLDS = 20

Records = Annotated[str, typer.Argument(help=help_text("records"), metavar="RECORDS", show_default=False)]


def _option(key: str, *names: str, panel: str | None = None, **look: Any) -> Any:
    return typer.Option(*names, help=help_text(key), rich_help_panel=panel, **look)


@app.command("plan", help=help_text("price_plan"))
def plan(
    market: MarketName,
    *,
    objective: Annotated[str | None, _option("objective", metavar="NAME", show_default="revenue")] = None,
    trade_off: Annotated[list[str] | None, _option("trade_off", metavar="NAME")] = None,
    horizons: Annotated[str | None, _option("horizons_plan", metavar="N", show_default=str(_PLAN_HORIZONS))] = None,
    seed: Seed = None,
    iterations: Annotated[str | None, _option("iterations_price", panel=_SOLVER, metavar="N")] = None,
    seconds: Annotated[str | None, _option("seconds_price", panel=_SOLVER, metavar="S")] = None,
    may_close: Annotated[bool, _option("may_close", "--may-close")] = False,
    solver: Annotated[
        str | None, _option("solver_price", panel=_SOLVER, metavar="NAME", show_default="classical")
    ] = None,
    sampler: Annotated[str | None, _option("sampler", panel=_SOLVER, metavar="NAME", show_default="sa")] = None,
    reads: Annotated[str | None, _option("reads", panel=_SOLVER, metavar="N", show_default="100")] = None,
    allow_remote: Annotated[bool, _option("qubo_allow_remote", "--allow-remote", panel=_SOLVER)] = False,
    out: PriceFolder = None,
    show_all: Annotated[bool, _option("all_prices", "--all")] = False,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Propose prices; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_folder
        from api.cli._pricing import Effort, load_market, planned, show, with_curves
        from api.exports.price_report.report import PriceReport
        from api.refusals import prices_told

        reading = Reading()
        aim = reading.choice("--objective", objective, _OBJECTIVES, "revenue")
        against = reading.choices("--trade-off", trade_off, _OBJECTIVES[1:])
        count = reading.whole("--horizons", horizons, _PLAN_HORIZONS, most=_MOST_HORIZONS)
        chance = reading.whole("--seed", seed, DEFAULT_SEED)
        steps = reading.whole("--iterations", iterations, None, least=1)
        limit = reading.positive("--seconds", seconds, accepted="seconds")
        reading.only_one(iterations=iterations, seconds=seconds)
        way = reading.choice("--solver", solver, ("classical", "qubo"), "classical")
        drawn = reading.whole("--reads", reads, None, least=1, most=MOST_READS)
        if way == "qubo":
            reading.sampler(sampler or "sa", allow_remote=allow_remote)
        else:
            reading.only_with_qubo(sampler=sampler, reads=reads, allow_remote=allow_remote or None)
        reading.done()
        if out is not None:
            check_folder(out)
        with prices_told():
            sold = load_market(market)
            effort = Effort(chance, steps, limit, may_close, way, sampler or "sa", drawn, allow_remote)
            proposal = planned(session, sold, effort, objective=aim, horizons=count)
            report = PriceReport(sold, proposal)
            if out is not None or against:
                report = with_curves(session, report, against, seed=chance)
        show(session, report, folder=out, show_all=show_all)


@app.command("simulate", help=help_text("price_simulate"))
def simulate(
    market: MarketName,
    *,
    plan: Annotated[Path | None, _option("plan_file", metavar="FILE")] = None,
    policy: Annotated[list[str] | None, _option("policy", metavar="NAME")] = None,
    demand: Annotated[str | None, _option("demand_drawn", metavar="NAME", show_default="as-stated")] = None,
    horizons: Annotated[str | None, _option("horizons", metavar="N", show_default=str(_HORIZONS))] = None,
    seed: Seed = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Compare policies on simulated customers; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._pricing import Effort, compared, load_market, planned, read_plan
        from api.price_answers import simulation_answer
        from api.price_tables import assumption_list, comparison_table, market_head
        from api.refusals import prices_told

        reading = Reading()
        policies = reading.choices("--policy", policy, _POLICIES)
        customers = reading.choice("--demand", demand, ("as-stated", "drawn-from-ranges"), "as-stated")
        count = reading.whole("--horizons", horizons, _HORIZONS, least=2, most=_MOST_HORIZONS)
        chance = reading.whole("--seed", seed, DEFAULT_SEED)
        reading.done()
        with prices_told():
            sold = load_market(market)
            proposal = planned(session, sold, Effort(chance), horizons=0) if plan is None else read_plan(plan)
            comparison = compared(
                session, sold, proposal, horizons=count, seed=chance, policies=policies, demand=customers
            )
        assumed = [assumption_list(comparison.assumed, session.language)] if comparison.assumed else []
        payload = simulation_answer(sold, comparison).model_dump(mode="json")
        head = market_head(sold, session.language)
        session.answer(payload, *head, comparison_table(comparison, session.language), *assumed)


@app.command("estimate", help=help_text("price_estimate"))
def estimate(
    records: Records,
    *,
    form: Annotated[str | None, _option("form", metavar="NAME")] = None,
    classes: Annotated[str | None, _option("classes", metavar="N|auto", show_default="1")] = None,
    randomised: Annotated[bool, _option("randomised", "--randomised")] = False,
    lenient: Annotated[bool, _option("lenient", "--lenient")] = False,
    date_column: Annotated[str, _option("date_column", panel=_SUMS, metavar="NAME")] = "date",
    quantity_column: Annotated[str, _option("quantity_column", panel=_SUMS, metavar="NAME")] = "quantity",
    price_column: Annotated[
        str | None, _option("price_column", panel=_SUMS, metavar="NAME", show_default="price")
    ] = None,
    revenue_column: Annotated[str | None, _option("revenue_column", panel=_SUMS, metavar="NAME")] = None,
    last: Annotated[dt.datetime | None, _option("last", panel=_SUMS, formats=["%Y-%m-%d"], show_default=False)] = None,
    seed: Seed = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Estimate demand from records; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._estimating import is_bundled, read_records
        from api.cli._progress import stages
        from api.demand_records import FORMS, Columns
        from api.estimate_tables import estimate_tables
        from api.price_answers import estimation_answer
        from api.refusals import prices_told
        from api.texts import text
        from pricing.estimation import estimate as estimate_demand

        reading = Reading()
        shape = reading.choice("--form", form, FORMS, None)
        count = None if classes == "auto" else reading.whole("--classes", classes, 1, least=1, most=_MOST_CLASSES)
        chance = reading.whole("--seed", seed, DEFAULT_SEED)
        reading.only_one(price_column=price_column, revenue_column=revenue_column)
        reading.done()
        columns = Columns(date_column, quantity_column, price_column, revenue_column, last.date() if last else None)
        with prices_told(), stages(session) as (tell, _):
            tell(text("price_stage.reading"))
            read = read_records(records, shape, columns, is_lenient=lenient)
            tell(text("price_stage.estimating"))
            found = estimate_demand(read, classes=count, is_randomised=randomised, seed=chance)
        answer = estimation_answer(found, read, simulated=is_bundled(records))
        told = estimate_tables(
            found, session.language, source=answer.source, rows=answer.rows, is_simulated=answer.simulated
        )
        session.answer(answer.model_dump(mode="json"), *told)


@app.command("backtest", help=help_text("price_backtest"))
def backtest(
    records: Records,
    *,
    market: Annotated[str | None, _option("backtest_market", metavar="MARKET")] = None,
    plan: Annotated[Path | None, _option("backtest_plan", metavar="FILE")] = None,
    folds: Annotated[str | None, _option("folds", metavar="N", show_default="3")] = None,
    lenient: Annotated[bool, _option("lenient", "--lenient")] = False,
    seed: Seed = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Test prices on past bookings; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.backtest_tables import backtest_tables
        from api.cli._estimating import is_bundled, read_records
        from api.cli._pricing import Effort, load_market, planned, read_plan
        from api.cli._progress import stages
        from api.price_answers import backtest_answer
        from api.refusals import prices_told
        from api.texts import text
        from pricing.backtest import backtest as foretell
        from pricing.backtest import offer_prices

        reading = Reading()
        stretches = reading.whole("--folds", folds, 3, least=1, most=_MOST_FOLDS)
        chance = reading.whole("--seed", seed, DEFAULT_SEED)
        reading.only_one(market=market, plan=plan)
        reading.done()
        with prices_told():
            proposal = read_plan(plan) if plan is not None else None
            if market is not None:
                proposal = planned(session, load_market(market), Effort(chance), horizons=0)
            with stages(session) as (tell, _):
                tell(text("price_stage.backtest"))
                bookings = read_records(records, "bookings", is_lenient=lenient)
                prices = None if proposal is None else offer_prices(proposal, bookings)
                found = foretell(bookings, prices=prices, folds=stretches, seed=chance)
        made_up = bookings.source if is_bundled(records) else None
        if made_up is None and proposal is not None and proposal.simulated:
            made_up = proposal.market
        answer = backtest_answer(found, source=bookings.source, simulated=made_up is not None, prices=prices)
        shown = backtest_tables(found, session.language, source=bookings.source, made_up=made_up)
        session.answer(answer.model_dump(mode="json"), *shown)


@app.command("test", help=help_text("price_test"))
def plan_test(
    market: MarketName,
    *,
    product: Annotated[str, _option("test_product", metavar="ID", show_default=False)],
    dates: Annotated[list[str], _option("test_dates", metavar="DATES", show_default=False)],
    sales: Annotated[str, _option("test_sales", metavar="N", show_default=False)],
    weekdays: Annotated[list[str] | None, _option("test_weekdays", metavar="DAYS")] = None,
    mode: Annotated[str | None, _option("test_mode", metavar="NAME", show_default="careful")] = None,
    precision: Annotated[str | None, _option("test_precision", metavar="X", show_default="1")] = None,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option("--out", help=help_text("out_test"), show_default=False)] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Plan a price test; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_folder
        from api.cli._price_tests import write_test_files
        from api.cli._pricing import load_market
        from api.price_answers import price_test_answer
        from api.price_test_tables import price_test_tables
        from api.refusals import prices_told
        from pricing.price_test import plan_price_test

        reading = Reading()
        chosen_weekdays = reading.choices("--weekdays", weekdays, WEEKDAYS)
        days = reading.dates("--dates", dates, chosen_weekdays)
        usual = reading.positive("--sales", sales)
        reach = reading.choice("--mode", mode, ("careful", "standard", "bold"), "careful")
        width = reading.positive("--precision", precision)
        chance = reading.whole("--seed", seed, DEFAULT_SEED)
        reading.done()
        if out is not None:
            check_folder(out)
        with prices_told():
            sold = load_market(market)
            found = plan_price_test(
                sold, product, dates=days, sales_per_date=usual or 0.0, mode=reach, precision=width or 1.0, seed=chance
            )
        payload = price_test_answer(found, sold).model_dump(mode="json")
        files = write_test_files(found, payload, out) if out is not None else []
        session.answer(payload, *price_test_tables(found, sold, session.language))
        for file in files:
            session.note(session.say("cli.wrote", file=file))
