"""Prices: propose them, look at them, get them as files; test them on simulated customers and on records."""

import threading
from collections.abc import Callable
from typing import Annotated

from fastapi import Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.bodies import StrictJson
from api.http.depends import LanguageOf, ServiceOf
from api.http.doors import Router
from api.http.events import STREAM, LastEventId, stream_events
from api.http.examples import examples
from api.http.jobs_http import Hints, JobHints, Start, find_job, job_answers, job_response, start_job
from api.http.paging import Page, Paging
from api.http.problems import ProblemError, problem_responses
from api.http.regions_http import RegionId, region_of
from api.http.routes import jobs
from api.inline_sources import BUNDLED_MARKET, market_from
from api.jobs.model import Answer, Job, JobState
from api.price_answers import BacktestAnswer, EstimationAnswer, PriceTestAnswer, SimulationAnswer
from api.price_checks import check_market_size, check_plan_request, check_simulation_request
from api.price_requests import (
    MarketCheckRequest,
    PriceBacktestRequest,
    PriceEstimateRequest,
    PricePlanRequest,
    PriceSimulationRequest,
    PriceTestRequest,
)
from api.problems import Flaw
from api.service import Service
from api.texts import text
from pricing.model import Market
from pricing.proposal import PricePlan
from regional_assets.errors import InputError, Problem
from regional_assets.text import Language

router = Router(tags=["prices"])

KIND = "price-plan"

PlanPath = Annotated[str, Path(description="Id of the price plan.")]
MarketPath = Annotated[str, Path(description="Id of the market.")]

# Whoever draws the pictures of a report sets what holds for the whole process.
_DRAWING = threading.Lock()


@router.post(
    "/v1/regions/{region_id}/price-plans",
    operation_id="planPrices",
    summary="Propose prices",
    **job_answers(Answer[PricePlan], 404),
)
async def plan_prices(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("price")],
    region_id: RegionId,
    body: Annotated[
        PricePlanRequest,
        StrictJson,
        Body(openapi_examples=examples("prices/bundled-market", "prices/own-market", "prices/annealer")),
    ],
    hints: Hints,
) -> Response:
    """
    Propose prices for a market: with a bound, a reason for each, what each rule costs, and a test.

    The market stands in the request. Products that name a place which the region does not have are flagged under
    `assumed`, as prices do not hang on the map. Prices are handed out as `result` before costs and test are known; a
    plan that is stopped keeps them. Answers from made-up markets say `simulated: true`.
    """
    await run_in_threadpool(check_plan_request, body, service.settings)
    return await _start(request, service, caller, hints, region_id, KIND, body)


@router.post(
    "/v1/regions/{region_id}/price-plans:simulate",
    operation_id="simulatePrices",
    summary="Test ways of setting prices on simulated customers",
    **job_answers(Answer[SimulationAnswer], 404),
)
async def simulate_prices(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("price")],
    region_id: RegionId,
    body: Annotated[
        PriceSimulationRequest, StrictJson, Body(openapi_examples=examples("prices/simulate", "prices/simulate-own"))
    ],
    hints: Hints,
) -> Response:
    """
    Play the booking horizon many times under several policies, all on the same simulated customers.

    The answer of a few horizons is handed out first where many are asked for.
    """
    await run_in_threadpool(check_simulation_request, body)
    body = body.model_copy(update={"plan": await _whole_plan(service, caller, body.plan)})
    return await _start(request, service, caller, hints, region_id, "price-simulation", body)


@router.post(
    "/v1/regions/{region_id}/price-plans:backtest",
    operation_id="backtestPrices",
    summary="Foretell past bookings, and replay them at other prices",
    **job_answers(Answer[BacktestAnswer], 404),
)
async def backtest_prices(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("price")],
    region_id: RegionId,
    body: Annotated[PriceBacktestRequest, StrictJson, Body(openapi_examples=examples("prices/backtest"))],
    hints: Hints,
) -> Response:
    """
    Foretell the later half of booking records from what came before, and say what a plan would have brought.

    Every row that cannot be used is told with its line.
    """
    if body.market is not None:
        await run_in_threadpool(check_market_size, market_from(body.market))
    body = body.model_copy(update={"plan": await _whole_plan(service, caller, body.plan)})
    return await _start(request, service, caller, hints, region_id, "price-backtest", body)


@router.post(
    "/v1/regions/{region_id}/price-plans:estimate",
    operation_id="estimateDemand",
    summary="Learn from records how prices move demand",
    **job_answers(Answer[EstimationAnswer], 404),
)
async def estimate_demand(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("price")],
    region_id: RegionId,
    body: Annotated[
        PriceEstimateRequest, StrictJson, Body(openapi_examples=examples("prices/estimate", "prices/estimate-sums"))
    ],
    hints: Hints,
) -> Response:
    """
    Estimate demand from bookings or daily sums by the method that they allow, or say why they cannot tell it.

    Figures that the records do not tell are null. Every row that cannot be used is told with its line.
    """
    return await _start(request, service, caller, hints, region_id, "price-estimate", body)


@router.post(
    "/v1/regions/{region_id}/price-plans:test",
    operation_id="planPriceTest",
    summary="Plan a price test",
    **job_answers(Answer[PriceTestAnswer], 404),
)
async def plan_price_test(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("price")],
    region_id: RegionId,
    body: Annotated[PriceTestRequest, StrictJson, Body(openapi_examples=examples("prices/test"))],
    hints: Hints,
) -> Response:
    """Give each date one of two prices by lot, and say what the test can tell, what it costs, and when to stop it."""
    await run_in_threadpool(check_market_size, market_from(body.market))
    return await _start(request, service, caller, hints, region_id, "price-test", body)


@router.get(
    "/v1/markets/{market_id}",
    operation_id="getMarket",
    summary="Look at the bundled market, which is made up",
    response_model=Market,
    responses=problem_responses(404),
)
async def show_market(caller: Annotated[Caller, require("read")], market_id: MarketPath) -> Response:
    """Return the market whole, in the form in which one's own are sent: a start for writing one."""
    if market_id != BUNDLED_MARKET:
        detail = text("price_job.no_market", id=market_id[:60], bundled=BUNDLED_MARKET)
        raise ProblemError(404, "not-found", detail, [Flaw(detail, parameter="market_id", value=market_id)])
    market = await run_in_threadpool(market_from, market_id)
    return Response(market.model_dump_json(), media_type="application/json")


@router.post(
    "/v1/markets:check",
    operation_id="checkMarket",
    summary="Check a market before prices are asked for",
    response_model=Market,
)
async def check_market(
    caller: Annotated[Caller, require("price")],
    body: Annotated[MarketCheckRequest, StrictJson, Body(openapi_examples=examples("prices/check-market"))],
) -> Response:
    """
    Return a market as it is understood, with what was left out filled in, or everything that is wrong with it.

    Rules that exclude each other are found when prices are asked for.
    """
    market = await run_in_threadpool(market_from, body.market)
    await run_in_threadpool(check_market_size, market)
    return Response(await run_in_threadpool(market.model_dump_json), media_type="application/json")


@router.get(
    "/v1/price-plans",
    operation_id="listPricePlans",
    summary="List price plans, the newest first",
    response_model=Page[Job],
)
async def list_price_plans(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("read")],
    page: Annotated[Paging, Depends()],
    state: Annotated[list[JobState] | None, Query(description="Only plans in this state; may be repeated.")] = None,
    region: Annotated[str | None, Query(description="Only plans in this region.", max_length=200)] = None,
) -> Response:
    """Return the caller's price plans without their prices; everybody's to a key with the scope `admin`."""
    return await jobs.list_jobs(request, service, caller, page, [KIND], state, region)


@router.get(
    "/v1/price-plans/{plan_id:id}",
    operation_id="getPricePlan",
    summary="Look at a price plan and its prices so far",
    response_model=Answer[PricePlan],
    responses=problem_responses(404),
)
async def show_price_plan(request: Request, caller: Annotated[Caller, require("read")], plan_id: PlanPath) -> Response:
    """Return the state of a price plan, with the prices found so far, or the final ones with their test."""
    return await job_response(request, await find_job(request, caller, plan_id, kinds=(KIND,)))


@router.get(
    "/v1/price-plans/{plan_id:id}/request",
    operation_id="getPricePlanRequest",
    summary="See what a price plan was asked for",
    response_model=PricePlanRequest,
    responses=problem_responses(404),
)
async def show_price_plan_request(
    request: Request, service: ServiceOf, caller: Annotated[Caller, require("read")], plan_id: PlanPath
) -> Response:
    """Return the request that a price plan answers, with its market: whole, or the name of the bundled one."""
    job = await find_job(request, caller, plan_id, kinds=(KIND,))
    return Response(await run_in_threadpool(service.jobs.payload, job.id), media_type="application/json")


@router.get(
    "/v1/price-plans/{plan_id:id}/events",
    operation_id="streamPricePlanEvents",
    summary="Follow a price plan as it is made (server-sent events)",
    responses={**STREAM, **problem_responses(404)},
)
async def follow_price_plan(
    request: Request, caller: Annotated[Caller, require("read")], plan_id: PlanPath, after: LastEventId
) -> Response:
    """Stream what happens to a price plan until it ends; `Last-Event-ID` goes on after an event that was seen."""
    return stream_events(request, caller, await find_job(request, caller, plan_id, kinds=(KIND,)), after)


@router.delete(
    "/v1/price-plans/{plan_id:id}",
    operation_id="stopPricePlan",
    summary="Stop a price plan and keep its prices so far",
    response_model=Answer[PricePlan],
    responses={
        202: {"model": Answer[PricePlan], "description": "It stops within moments."},
        **problem_responses(404),
    },
)
async def stop_price_plan(
    request: Request, service: ServiceOf, caller: Annotated[Caller, require("price")], plan_id: PlanPath
) -> Response:
    """
    Ask a price plan to stop: at once where it waits, else within moments, with the best prices so far.

    A plan that has ended stays as it is.
    """
    await find_job(request, caller, plan_id, kinds=(KIND,))
    return await jobs.stop_job(request, service, caller, plan_id)


@router.get(
    "/v1/price-plans/{plan_id:id}.csv",
    operation_id="getPricesAsCSV",
    summary="Get prices for a spreadsheet",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **problem_responses(404, 409),
    },
)
async def price_table(
    request: Request, service: ServiceOf, caller: Annotated[Caller, require("read")], plan_id: PlanPath
) -> Response:
    """Return a row a product with a price for each period; nothing in it is run as a formula."""

    def make(asked: PricePlanRequest, plan: PricePlan) -> str:
        from api.exports.price_report.report import PriceReport
        from api.exports.price_report.spreadsheet import prices_csv

        return prices_csv(PriceReport(market_from(asked.market), plan))

    content = await _file(request, service, caller, plan_id, make)
    headers = {"Content-Disposition": f'attachment; filename="prices-{plan_id}.csv"'}
    return Response(content, headers=headers, media_type="text/csv")


@router.get(
    "/v1/price-plans/{plan_id:id}.html",
    operation_id="getPriceReport",
    summary="Get a report on prices as a page",
    response_class=Response,
    responses={
        200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}},
        **problem_responses(404, 409),
    },
)
async def price_report(
    request: Request,
    service: ServiceOf,
    accepted: LanguageOf,
    caller: Annotated[Caller, require("read")],
    plan_id: PlanPath,
    lang: Annotated[
        Language | None, Query(description="Language in which the page opens; by default that of the answer.")
    ] = None,
) -> Response:
    """Return a page with pictures that asks no other host for anything, and can be kept and printed."""
    from api.exports.price_report.page import page_policy, report_page

    language = lang or accepted

    def make(asked: PricePlanRequest, plan: PricePlan) -> str:
        from api.exports.price_report.report import PriceReport
        from api.price_curves import with_demand_curves

        report = with_demand_curves(PriceReport(market_from(asked.market), plan), seed=plan.seed)
        with _DRAWING:
            return report_page(report, language=language)

    content = await _file(request, service, caller, plan_id, make)
    policy = f"{page_policy()}; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "Content-Language": language, "Vary": "Accept-Language"}
    return Response(content, headers=headers, media_type="text/html")


async def _start(
    request: Request,
    service: Service,
    caller: Caller,
    hints: JobHints,
    region_id: str,
    kind: str,
    body: BaseModel,
) -> Response:
    """Start a job of a region, and answer with it."""
    stored = await region_of(service, region_id)
    payload = body.model_dump_json(by_alias=True).encode()
    return await start_job(request, caller, hints, Start(kind, payload, region_id, stored.data_version))


async def _whole_plan(service: Service, caller: Caller, plan: PricePlan | str | None) -> PricePlan | None:
    """
    Return the plan that a request names by its id.

    Raises
    ------
    InputError
        If the caller has no such plan, or it has no prices yet.
    """
    if not isinstance(plan, str):
        return plan
    job = await run_in_threadpool(service.jobs.get, plan, caller.sees)
    if job is None or job.kind != KIND:
        raise InputError([Problem("plan", plan, text("price_job.no_plan", id=plan))])
    result = await run_in_threadpool(service.jobs.result, plan)
    if result is None:
        raise InputError([Problem("plan", plan, text("price_job.plan_without_result", state=job.state))])
    return PricePlan.model_validate_json(result)


async def _file(
    request: Request,
    service: Service,
    caller: Caller,
    plan_id: str,
    make: Callable[[PricePlanRequest, PricePlan], str],
) -> str:
    """
    Return a file made of a plan and of what was asked.

    Raises
    ------
    ProblemError
        404 where there is no such plan, 409 where it has no prices, 429 where the caller waits for too many files.
    """
    job = await find_job(request, caller, plan_id, kinds=(KIND,))

    def made() -> str:
        result = service.jobs.result(job.id)
        if result is None:
            raise ProblemError(409, "no-result", text("price_job.plan_without_result", state=job.state))
        asked = PricePlanRequest.model_validate_json(service.jobs.payload(job.id))
        return make(asked, PricePlan.model_validate_json(result))

    return await service.rendering.make(caller.owner, made)
