"""
Answers about prices as JSON, the same from the command line and over HTTP; a figure that nobody knows is null.

A price plan and a priced pass are models of their own (`pricing.proposal.PricePlan`, `pricing.pass_plan.PassPlan`).
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pricing.estimation.method import Method
from pricing.proposal import Comparison, Interval, Reason

if TYPE_CHECKING:
    from pricing.backtest import Backtest
    from pricing.estimation import Bookings, Estimation, SalesRecords
    from pricing.model import Market
    from pricing.price_test import PriceTest


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Figure = Annotated[float | None, BeforeValidator(_known)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class EstimateAnswer(_Answer):
    """Hold one estimated figure with its 95 % interval; null is what the records do not tell."""

    name: str
    value: Figure
    standard_error: Figure
    low: Figure
    high: Figure


class SimulationAnswer(_Answer):
    """
    Hold policies tested on the same simulated customers.

    Parameters
    ----------
    market
        Id of the market.
    simulated
        Whether any of the market was made up for a show.
    """

    market: str
    simulated: bool
    comparison: Comparison


class ForetoldDateAnswer(_Answer):
    """Hold what was booked for a date, and what had been foretold; ``fold`` tells by which fit."""

    date: dt.date
    fold: int
    actual: float
    foretold: Interval


class ForetoldProductAnswer(_Answer):
    """Hold what was booked of a product over all test dates, and what had been foretold."""

    product: str
    actual: float
    foretold: float


class BacktestAnswer(_Answer):
    """
    Hold how well the past was foretold; see `pricing.backtest.Backtest`.

    Parameters
    ----------
    source
        The records.
    simulated
        Whether they were made up for a show.
    prices
        Prices that were replayed, by product of the records; null where none were given.
    """

    source: str
    simulated: bool
    prices: dict[str, int] | None
    trained: tuple[dt.date, dt.date]
    folds: int
    dates: tuple[ForetoldDateAnswer, ...]
    products: tuple[ForetoldProductAnswer, ...]
    mape: Figure
    bias: Figure
    coverage: Figure
    actual_yen: float
    foretold_yen: float
    proposed_yen: Interval | None
    more_yen: Interval | None
    remarks: tuple[Reason, ...]
    seed: int


class CurvePointAnswer(_Answer):
    """Hold the share of bookings that were made so many days ahead or more."""

    days_ahead: int
    share: float


class LeadClassAnswer(_Answer):
    """Hold what became of bookings made ``first`` to ``last`` days ahead; the last class has no end."""

    first: int
    last: int | None
    bookings: int
    cancelled: EstimateAnswer


class HabitsAnswer(_Answer):
    """Hold how bookings come in and fall away; see `pricing.estimation.habits.BookingHabits`."""

    curve: tuple[CurvePointAnswer, ...]
    by_lead: tuple[LeadClassAnswer, ...]
    by_segment: tuple[EstimateAnswer, ...]
    cancelled: EstimateAnswer
    stayed_away: EstimateAnswer | None


class WeekdayAnswer(_Answer):
    """Hold the mean price and quantity of a day of the week."""

    weekday: str
    rows: int
    price: float
    quantity: float


class StepAnswer(_Answer):
    """Hold what the price seems to do with some things held fixed; see `pricing.estimation.aggregate.LadderStep`."""

    held: tuple[str, ...]
    elasticity: EstimateAnswer
    effect: EstimateAnswer
    explained: Figure


class EstimationAnswer(_Answer):
    """
    Hold what records tell of demand; see `pricing.estimation.method.Estimation`.

    Parameters
    ----------
    source, rows
        The records, and how many rows of them were used.
    simulated
        Whether they were made up for a show.
    weekdays, steps
        Of daily sums; null for other records.
    """

    source: str
    rows: int
    simulated: bool
    method: Method
    why: Reason
    estimates: tuple[EstimateAnswer, ...]
    price_effects: tuple[EstimateAnswer, ...]
    elasticity: EstimateAnswer | None
    habits: HabitsAnswer | None
    remarks: tuple[Reason, ...]
    weekdays: tuple[WeekdayAnswer, ...] | None
    steps: tuple[StepAnswer, ...] | None


class PriceTestAnswer(_Answer):
    """
    Hold a plan for a price test; see `pricing.price_test.PriceTest`.

    Parameters
    ----------
    market
        Id of the market.
    simulated
        Whether any of the market was made up for a show.
    is_enough
        Whether the dates given reach both precision and power.
    """

    market: str
    simulated: bool
    is_enough: bool
    product: str
    current: int
    prices: tuple[int, int]
    assignment: tuple[tuple[dt.date, int], ...]
    dates_for_precision: int
    dates_for_power: int
    half_width: float
    power: float
    cost_yen: Interval
    stopping: tuple[Reason, ...]
    assumed: tuple[Reason, ...]
    seed: int


def simulation_answer(market: Market, comparison: Comparison) -> SimulationAnswer:
    """Return what policies did in a market."""
    return SimulationAnswer(market=market.id, simulated=market.is_made_up, comparison=comparison)


def backtest_answer(found: Backtest, *, source: str, simulated: bool, prices: dict[str, int] | None) -> BacktestAnswer:
    """Return how well the past was foretold."""
    return BacktestAnswer.model_validate(
        _with(found, BacktestAnswer, source=source, simulated=simulated, prices=prices)
    )


def estimation_answer(found: Estimation, records: Bookings | SalesRecords, *, simulated: bool) -> EstimationAnswer:
    """Return what records tell."""
    from pricing.estimation import Bookings, SalesStudy

    rows = len(records.rows) if isinstance(records, Bookings) else len(records)
    study = found.fit if isinstance(found.fit, SalesStudy) else None
    beside = {
        "source": records.source,
        "rows": rows,
        "simulated": simulated,
        "weekdays": study and study.weekdays,
        "steps": study and study.steps,
    }
    return EstimationAnswer.model_validate(_with(found, EstimationAnswer, **beside))


def price_test_answer(found: PriceTest, market: Market) -> PriceTestAnswer:
    """Return a plan for a price test."""
    beside = {"market": market.id, "simulated": market.is_made_up}
    return PriceTestAnswer.model_validate(_with(found, PriceTestAnswer, **beside))


def _with(found: object, answer: type[BaseModel], **beside: object) -> dict[str, object]:
    """Return the fields of an answer: those given, and the others as they were found."""
    return {name: beside[name] if name in beside else getattr(found, name) for name in answer.model_fields}
