"""Prices and passes: propose, test, learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from api.client._bodies import json_body
from api.client._connection import AnswerT, Connection, id_of
from api.client._reading import read
from api.http.paging import Page
from api.jobs.model import Answer, Job, JobState
from api.price_answers import BacktestAnswer, EstimationAnswer, PriceTestAnswer, SimulationAnswer
from api.price_requests import (
    MarketCheckRequest,
    PassPriceRequest,
    PriceBacktestRequest,
    PriceEstimateRequest,
    PricePlanRequest,
    PriceSimulationRequest,
    PriceTestRequest,
)
from pricing.model import Market
from pricing.pass_plan import PassPlan
from pricing.proposal import PricePlan
from regional_assets.text import Language

Plain: TypeAlias = Mapping[str, Any]


class Prices(Connection):
    """Ask about prices; what a market is made of is on the page about prices."""

    def plan_prices(self, region: str, request: PricePlanRequest | Plain, *, wait: float = 10) -> Answer[PricePlan]:
        """
        Propose prices for a market.

        Parameters
        ----------
        region
            Id of the region.
        request
            The market, and what prices are for.
        wait
            Seconds within which the plan is answered if it is there by then; `wait` waits longer.
        """
        return self._ask_prices(Answer[PricePlan], f"/v1/regions/{region}/price-plans", request, wait)

    def price_plan(self, plan_id: str) -> Answer[PricePlan]:
        """Return a price plan with its prices so far, or the final ones with their test."""
        return self._get(Answer[PricePlan], f"/v1/price-plans/{plan_id}")

    def price_plan_request(self, plan_id: str) -> PricePlanRequest:
        """Return what a price plan was asked for, with its market: whole, or the name of the bundled one."""
        return self._get(PricePlanRequest, f"/v1/price-plans/{plan_id}/request")

    def market(self, market_id: str = "echizen-workshops") -> Market:
        """Return the bundled market, which is made up: a start for writing one's own."""
        return self._get(Market, f"/v1/markets/{market_id}")

    def check_market(self, request: MarketCheckRequest | Plain) -> Market:
        """Return a market as the server understands it; what is wrong with it is told all at once."""
        return read(Market, self._send("POST", "/v1/markets:check", is_repeatable=True, **json_body(request)).content)

    def price_plans(self, *, state: JobState | None = None, region: str | None = None) -> Iterator[Job]:
        """Yield the price plans of this key without their prices, the newest first."""
        return self._pages(Page[Job], "/v1/price-plans", state=state, region=region)

    def export_prices(
        self,
        plan: str | Answer[PricePlan],
        form: Literal["csv", "html"],
        path: str | Path | None = None,
        *,
        language: Language | None = None,
    ) -> bytes:
        """
        Return prices as a table, or as a page with pictures, and write the file where a path is given.

        Parameters
        ----------
        plan
            A price plan that has prices, or its id.
        form
            ``csv`` for a spreadsheet, ``html`` for a report.
        path
            Where to write the file; it is replaced.
        language
            In which the report opens; the table has none.
        """
        return self._file(f"/v1/price-plans/{id_of(plan)}.{form}", path, lang=language)

    def simulate_prices(
        self, region: str, request: PriceSimulationRequest | Plain, *, wait: float = 10
    ) -> Answer[SimulationAnswer]:
        """Test ways of setting prices on the same simulated customers."""
        return self._ask_prices(Answer[SimulationAnswer], f"/v1/regions/{region}/price-plans:simulate", request, wait)

    def backtest_prices(
        self, region: str, request: PriceBacktestRequest | Plain, *, wait: float = 10
    ) -> Answer[BacktestAnswer]:
        """Foretell the later half of booking records from what came before, and replay it at other prices."""
        return self._ask_prices(Answer[BacktestAnswer], f"/v1/regions/{region}/price-plans:backtest", request, wait)

    def estimate_demand(
        self, region: str, request: PriceEstimateRequest | Plain, *, wait: float = 10
    ) -> Answer[EstimationAnswer]:
        """Learn from records how prices move demand, or hear why they cannot tell it."""
        return self._ask_prices(Answer[EstimationAnswer], f"/v1/regions/{region}/price-plans:estimate", request, wait)

    def plan_price_test(
        self, region: str, request: PriceTestRequest | Plain, *, wait: float = 10
    ) -> Answer[PriceTestAnswer]:
        """Give each date one of two prices by lot, to learn from."""
        return self._ask_prices(Answer[PriceTestAnswer], f"/v1/regions/{region}/price-plans:test", request, wait)

    def price_pass(self, request: PassPriceRequest | Plain, *, wait: float = 10) -> Answer[PassPlan]:
        """Price a pass over several operators, with every way of sharing what it brings."""
        return self._ask_prices(Answer[PassPlan], "/v1/passes:price", request, wait)

    def _ask_prices(self, model: type[AnswerT], path: str, request: Any, wait: float) -> AnswerT:
        return self._start(model, path, wait=wait, **json_body(request))
