"""Work on prices: proposing them, testing them, learning demand from records, pricing a pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from api import demand_records, price_answers, price_requests
from api.inline_sources import RecordsFile, market_from, pass_from
from api.jobs.stages import compile_first, go_on
from api.jobs.work import Stopped
from api.price_checks import check_backtest_size, check_records_size
from api.refusals import figures_told, prices_told, sampler_told, under
from api.texts import text
from api.warming import compile_annealer, compile_prices
from pricing.plan import plan_prices
from pricing.proposal import Comparison, PricePlan, Reason
from pricing.reading import refuse_conflicts
from pricing.simulation import POLICIES, compare
from regional_assets.errors import InputError, Problem
from regional_assets.model import Name
from regional_assets.text import Text

if TYPE_CHECKING:
    from api.jobs.work import Reporter, Workplace
    from pricing.estimation import Bookings
    from pricing.model import Market
    from regional_assets.model import Region

_EFFORT = {"prices": 1.0, "rule-costs": 5.0, "sampling": 3.0, "simulation": 2.0}
"""What the stages of a price plan take, about, measured against the search for prices."""

_GLANCE = 100
"""Horizons of a first answer to a long simulation."""

_MOST_TOLD = 100
"""Problems of records; a file may have one in every row."""

_OWN_FIELDS = ("records", "folds")

_WORDING = demand_records.Wording(
    "records", {name: f"columns.{name}" for name in ("date", "quantity", "price", "revenue")}
)


def plan(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Propose prices; what is found before rule costs, a sampler and the test is handed out.

    Parameters
    ----------
    payload
        A `api.price_requests.PricePlanRequest` as JSON.

    Returns
    -------
    plan
        A `pricing.proposal.PricePlan` as JSON; as are the plans handed out.
    """
    request = price_requests.PricePlanRequest.model_validate_json(payload)
    market = market_from(request.market)
    unknown = tuple(_unknown_assets(market, region))
    stages = _Stages(reporter, _stages_of(request))

    def handed_out(found: PricePlan) -> bytes:
        flagged = found.model_copy(update={"assumed": (*unknown, *found.assumed)})
        return flagged.model_dump_json().encode()

    def offer(found: PricePlan) -> None:
        reporter.offer(handed_out(found), **_facts_of(found))

    compile_first(reporter, compile_prices, *([compile_annealer] if request.solver == "qubo" else []))
    with sampler_told("sampler"), figures_told("market"), under("market"), prices_told():
        found = plan_prices(
            market,
            objective=request.objective,
            weights=request.weights,
            seed=request.seed,
            iterations=request.iterations,
            seconds=request.seconds,
            may_close=request.may_close,
            with_rule_costs=request.rule_costs,
            on_progress=stages.tell,
            on_plan=offer,
            should_stop=reporter.stop_requested,
            solver=request.solver,
            **_sampler_of(request),
        )
    if request.horizons and not reporter.stop_requested():
        offer(found)
        comparison = _compared(market, found, reporter, stages, horizons=request.horizons, seed=request.seed)
        found = found.model_copy(update={"comparison": comparison})
    return handed_out(found)


def simulate(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Play policies on the same simulated customers; of a long simulation the first horizons are handed out.

    Parameters
    ----------
    payload
        A `api.price_requests.PriceSimulationRequest` as JSON, with its plan inside where there is one.

    Returns
    -------
    answer
        A `api.price_answers.SimulationAnswer` as JSON; as are those handed out.
    """
    request = price_requests.PriceSimulationRequest.model_validate_json(payload)
    market = market_from(request.market)
    unknown = tuple(_unknown_assets(market, region))
    compile_first(reporter, compile_prices)
    if request.plan is None:
        stages = _Stages(reporter, ("prices", "rule-costs", "simulation"))
        proposal = _proposed(market, request.seed, reporter, stages)
    else:
        stages, proposal = _Stages(reporter, ("simulation",)), _whole(request.plan)
        with under("market"), prices_told():
            refuse_conflicts(market)

    def answer(comparison: Comparison) -> bytes:
        flagged = comparison.model_copy(update={"assumed": (*unknown, *comparison.assumed)})
        given = None if request.plan is None else proposal
        return price_answers.simulation_answer(market, flagged, plan=given).model_dump_json().encode()

    asked = {"policies": request.policies or POLICIES, "demand": request.demand, "seed": request.seed}
    if request.horizons > 2 * _GLANCE:
        reporter.offer(answer(_compared(market, proposal, reporter, stages, horizons=_GLANCE, **asked)))
    return answer(_compared(market, proposal, reporter, stages, horizons=request.horizons, **asked))


def backtest(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Foretell the later half of booking records.

    Parameters
    ----------
    payload
        A `api.price_requests.PriceBacktestRequest` as JSON, with its plan inside where there is one.

    Returns
    -------
    answer
        A `api.price_answers.BacktestAnswer` as JSON.
    """
    from pricing.backtest import backtest as foretell
    from pricing.backtest import offer_prices

    request = price_requests.PriceBacktestRequest.model_validate_json(payload)
    go_on(reporter, "reading")
    with _records_told():
        bookings, is_bundled = _bookings(request.records, is_lenient=request.lenient)
        check_backtest_size(bookings)
    proposal = None if request.plan is None else _whole(request.plan)
    if request.market is not None:
        compile_first(reporter, compile_prices)
        stages = _Stages(reporter, ("prices", "rule-costs"))
        proposal = _proposed(market_from(request.market), request.seed, reporter, stages)
    go_on(reporter, "backtest")
    with _records_told():
        prices = None if proposal is None else offer_prices(proposal, bookings)
        found = foretell(bookings, prices=prices, folds=request.folds, seed=request.seed)
    simulated = is_bundled or (proposal is not None and proposal.simulated)
    answer = price_answers.backtest_answer(found, source=bookings.source, simulated=simulated, prices=prices)
    return answer.model_dump_json().encode()


def estimate(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Learn demand from records.

    Parameters
    ----------
    payload
        A `api.price_requests.PriceEstimateRequest` as JSON.

    Returns
    -------
    answer
        A `api.price_answers.EstimationAnswer` as JSON.
    """
    from pricing.estimation import estimate as estimate_demand

    request = price_requests.PriceEstimateRequest.model_validate_json(payload)
    go_on(reporter, "reading")
    with _records_told():
        content, source, is_bundled = _text_of(request.records)
        records = demand_records.parse_records(
            content,
            source=source,
            form=request.form,
            wording=_WORDING,
            columns=demand_records.Columns(**dict(request.columns)),
            is_lenient=request.lenient,
        )
        check_records_size(records)
        go_on(reporter, "estimating")
        found = estimate_demand(
            records,
            classes=None if request.classes == "auto" else request.classes,
            is_randomised=request.randomised,
            seed=request.seed,
        )
    return price_answers.estimation_answer(found, records, simulated=is_bundled).model_dump_json().encode()


def plan_test(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Plan a price test.

    Parameters
    ----------
    payload
        A `api.price_requests.PriceTestRequest` as JSON.

    Returns
    -------
    answer
        A `api.price_answers.PriceTestAnswer` as JSON.
    """
    from pricing.price_test import plan_price_test

    request = price_requests.PriceTestRequest.model_validate_json(payload)
    market = market_from(request.market)
    with under("market"), prices_told():
        refuse_conflicts(market)
    with figures_told("market"):
        found = plan_price_test(
            market,
            request.product,
            dates=request.dates,
            sales_per_date=request.sales_per_date,
            mode=request.mode,
            elasticity=request.elasticity,
            precision=request.precision,
            power=request.power,
            seed=request.seed,
        )
    flagged = replace(found, assumed=(*_unknown_assets(market, region), *found.assumed))
    return price_answers.price_test_answer(flagged, market).model_dump_json().encode()


def price_pass(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Price a pass.

    Parameters
    ----------
    payload
        A `api.price_requests.PassPriceRequest` as JSON.

    Returns
    -------
    plan
        A `pricing.pass_plan.PassPlan` as JSON.
    """
    from pricing.passes import price_pass as propose

    request = price_requests.PassPriceRequest.model_validate_json(payload)
    compile_first(reporter, compile_prices)
    go_on(reporter, "pass")
    with figures_told("pass"):
        plan = propose(pass_from(request.offered), seed=request.seed, horizons=request.horizons)
    return plan.model_dump_json().encode()


class _Stages:
    """Tell how far work of several stages is, each with its own weight."""

    def __init__(self, reporter: Reporter, names: Sequence[str]) -> None:
        self.reporter = reporter
        whole, before = sum(_EFFORT[name] for name in names), 0.0
        self.parts: dict[str, tuple[float, float]] = {}
        for name in names:
            self.parts[name] = (before / whole, _EFFORT[name] / whole)
            before += _EFFORT[name]

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say that so much of a stage is done."""
        begin, part = self.parts.get(stage, (0.0, 0.0))
        self.reporter.tell(begin + part * done / max(1, total), stage)


def _stages_of(request: price_requests.PricePlanRequest) -> list[str]:
    asked = {
        "prices": True,
        "rule-costs": request.rule_costs,
        "sampling": request.solver == "qubo",
        "simulation": request.horizons > 0,
    }
    return [name for name, is_asked in asked.items() if is_asked]


def _sampler_of(request: price_requests.PricePlanRequest) -> dict[str, Any]:
    """Return the options of a sampler; none leaves this machine for a client."""
    if request.solver == "classical":
        return {}
    return {"sampler": request.sampler or "sa", "reads": request.reads, "allow_remote": False}


def _facts_of(plan: PricePlan) -> dict[str, Any]:
    return {
        "objective": plan.model_revenue_yen,
        "bound": plan.bound_yen,
        "gap": plan.gap,
        "seconds": plan.seconds,
    }


def _whole(plan: PricePlan | str) -> PricePlan:
    assert isinstance(plan, PricePlan), "ids are looked up before the job is queued"
    return plan


def _proposed(market: Market, seed: int, reporter: Reporter, stages: _Stages) -> PricePlan:
    """Return what `plan` proposes where nothing further is wished for."""
    with figures_told("market"), under("market"), prices_told():
        found = plan_prices(market, seed=seed, on_progress=stages.tell, should_stop=reporter.stop_requested)
    if reporter.stop_requested():
        raise Stopped
    return found


def _compared(
    market: Market, plan: PricePlan, reporter: Reporter, stages: _Stages, *, horizons: int, **asked: Any
) -> Comparison:
    """Return what policies earn; nothing is told of part of the horizons."""

    def tell(done: int, total: int) -> None:
        stages.tell("simulation", done, total)
        if reporter.stop_requested():
            raise Stopped

    with figures_told("market"):
        return compare(market, plan, horizons=horizons, on_progress=tell, **asked)


def _unknown_assets(market: Market, region: Region | None) -> Iterator[Reason]:
    """Yield that products take place where the region knows no place, if so: prices do not hang on it."""
    known = {asset.id for asset in region.assets} if region is not None else set()
    named = dict.fromkeys(product.asset for product in market.products if product.asset is not None)
    unknown = [asset for asset in named if asset not in known]
    if region is not None and unknown:
        words = text("price_job.unknown_assets", assets=", ".join(unknown), region=region.id)
        yield Reason(code="ASSETS_UNKNOWN", text=Name(ja=words.ja, en=words.en))


def _text_of(records: RecordsFile | str) -> tuple[str, str, bool]:
    """Return the text of records, the name of their file, and whether they are the bundled ones."""
    if isinstance(records, RecordsFile):
        return records.csv, records.name, False
    return (*demand_records.bundled_bookings(), True)


def _bookings(records: RecordsFile | str, *, is_lenient: bool) -> tuple[Bookings, bool]:
    content, source, is_bundled = _text_of(records)
    found = demand_records.parse_records(
        content, source=source, form="bookings", wording=_WORDING, is_lenient=is_lenient
    )
    return found, is_bundled


@contextmanager
def _records_told() -> Iterator[None]:
    """Tell what is wrong with records as problems of the field that holds them, with the line in words."""
    try:
        with figures_told("records"), prices_told(), np.errstate(all="ignore"):
            yield
    except InputError as error:
        problems = [_of_records(problem) for problem in error.problems[:_MOST_TOLD]]
        more = len(error.problems) - len(problems)
        if more:
            problems.append(Problem("records", None, text("price_job.more_problems", count=more)))
        raise InputError(problems) from error


def _of_records(problem: Problem) -> Problem:
    if problem.where in _OWN_FIELDS:
        return problem
    place = f"{problem.where}: " if problem.where else ""
    message = Text(ja=f"{place}{problem.message.ja}", en=f"{place}{problem.message.en}")
    return Problem("records", problem.value, message)
