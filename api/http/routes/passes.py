"""Passes over several operators: their price, and ways of sharing what they bring."""

from typing import Annotated

from fastapi import Body, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.auth import Caller, require
from api.http.bodies import StrictJson
from api.http.doors import Router
from api.http.examples import examples
from api.http.jobs_http import Hints, Start, job_answers, start_job
from api.jobs.model import Answer
from api.price_checks import check_pass_request
from api.price_requests import PassPriceRequest
from pricing.pass_plan import PassPlan

router = Router(tags=["prices"])


@router.post(
    "/v1/passes:price",
    operation_id="pricePass",
    summary="Price a pass, and show ways of sharing what it brings",
    **job_answers(Answer[PassPlan]),
)
async def price_pass(
    request: Request,
    caller: Annotated[Caller, require("price")],
    body: Annotated[PassPriceRequest, StrictJson, Body(openapi_examples=examples("passes/bundled", "passes/own"))],
    hints: Hints,
) -> Response:
    """
    Propose a price for a pass, and every way of sharing what it brings, with what speaks against each.

    A pass that brings no more than single tickets alone has the price null, which is an answer and no error. Answers
    from made-up passes say `simulated: true`.
    """
    await run_in_threadpool(check_pass_request, body)
    payload = body.model_dump_json(by_alias=True).encode()
    return await start_job(request, caller, hints, Start("pass-price", payload))
