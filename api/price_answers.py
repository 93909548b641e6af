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
from regional_assets.model import Name

if TYPE_CHECKING:
    from pricing.backtest import Backtest
    from pricing.estimation import Bookings, Estimation, SalesRecords
    from pricing.model import Market
    from pricing.price_test import PriceTest
    from pricing.proposal import PricePlan


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Figure = Annotated[float | None, BeforeValidator(_known)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class EstimateAnswer(_Answer):
    """
    Hold one estimated figure; null is what the records do not tell.

    Parameters
    ----------
    name
        What it is.
    value, standard_error
        The estimate, and how far off it is on average.
    low, high
        Interval that covers the truth in 95 of 100 repetitions, if the model holds.
    """

    name: str
    value: Figure
    standard_error: Figure
    low: Figure
    high: Figure


class BrokenRuleAnswer(_Answer):
    """
    Hold a rule that the prices of a plan break.

    Parameters
    ----------
    rule
        Its id; empty where a price is on no ladder.
    where
        The product or products, and the first day of the period.
    text
        The rule in words.
    """

    rule: str
    where: str
    text: Name


class SimulationAnswer(_Answer):
    """
    Hold policies tested on the same simulated customers.

    Parameters
    ----------
    market
        Id of the market.
    simulated
        Whether any of the market was made up for a show.
    comparison
        What each policy earned.
    broken
        Rules of the market that the plan breaks which was sent, as one changed by hand may: it is played all the same.
    """

    market: str
    simulated: bool
    comparison: Comparison
    broken: tuple[BrokenRuleAnswer, ...] = ()


class ForetoldDateAnswer(_Answer):
    """
    Hold what was booked for a date, and what had been foretold.

    Parameters
    ----------
    date
        Of the visit.
    fold
        Which of the fits foretold it, from 1.
    actual, foretold
        Bookings, and how many were foretold, with a 95 % interval for the count itself.
    """

    date: dt.date
    fold: int
    actual: float
    foretold: Interval


class ForetoldProductAnswer(_Answer):
    """
    Hold what was booked of a product over all test dates, and what had been foretold.

    Parameters
    ----------
    product
        Its name in the records.
    actual, foretold
        Bookings, and how many were foretold.
    """

    product: str
    actual: float
    foretold: float


class BacktestAnswer(_Answer):
    """
    Hold how well the past was foretold.

    Parameters
    ----------
    source
        The records.
    simulated
        Whether they, or the market whose prices were replayed, were made up for a show.
    prices
        Prices that were replayed, in yen by product of the records; null where none were given.
    trained
        First and last date that the first fit saw; all of ``dates`` come after.
    folds
        How many fits there are.
    dates, products
        What was booked and what was foretold, by date and by product.
    mape
        Mean over dates of the error as a share of what was booked; dates without a booking are left out.
    bias
        Foretold less booked, as a share of what was booked, over all test dates.
    coverage
        Share of dates whose bookings lie within their interval; 0.95 is right.
    actual_yen, foretold_yen
        What the bookings of the test dates brought when they were made, and what was foretold at the same prices.
    proposed_yen, more_yen
        What the replayed prices would have brought, and by how much more that is than ``foretold_yen``, with 95 %
        intervals; null where none were given.
    remarks
        What these figures cannot carry.
    seed
        Intervals hang on it.
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
    """
    Hold how much of a date is booked some days ahead.

    Parameters
    ----------
    days_ahead
        Whole days before the date.
    share
        Of its units that stood in the end, those that were booked so many days ahead or more.
    """

    days_ahead: int
    share: float


class LeadClassAnswer(_Answer):
    """
    Hold what became of bookings made a number of days ahead.

    Parameters
    ----------
    first, last
        Days ahead, both inside; null: without an end.
    bookings
        How many there are.
    cancelled
        Share that was cancelled.
    """

    first: int
    last: int | None
    bookings: int
    cancelled: EstimateAnswer


class HabitsAnswer(_Answer):
    """
    Hold how bookings come in and fall away.

    Parameters
    ----------
    curve
        How full dates are, from the day itself to the longest lead time.
    by_lead, by_segment
        Share cancelled by days ahead, and of each segment.
    cancelled, stayed_away
        Shares of all bookings, and of those not cancelled of which it is known; null where it never is.
    """

    curve: tuple[CurvePointAnswer, ...]
    by_lead: tuple[LeadClassAnswer, ...]
    by_segment: tuple[EstimateAnswer, ...]
    cancelled: EstimateAnswer
    stayed_away: EstimateAnswer | None


class WeekdayAnswer(_Answer):
    """
    Hold the mean price and quantity of a day of the week.

    Parameters
    ----------
    weekday
        Its English name.
    rows
        How many days of it there are in the records.
    price, quantity
        Means over them; the price in the currency of the records.
    """

    weekday: str
    rows: int
    price: float
    quantity: float


class StepAnswer(_Answer):
    """
    Hold what the price seems to do with some things held fixed.

    Parameters
    ----------
    held
        What is held fixed: ``product``, ``weekday``, ``holiday``, ``month``, ``each-month``.
    elasticity, effect
        Of expected sales: per percent of the price, and (logarithm) per 1,000 of the currency.
    explained
        Share of the deviance explained.
    """

    held: tuple[str, ...]
    elasticity: EstimateAnswer
    effect: EstimateAnswer
    explained: Figure


class EstimationAnswer(_Answer):
    """
    Hold what records tell of demand.

    Parameters
    ----------
    source, rows
        The records, and how many rows of them were used.
    simulated
        Whether they were made up for a show.
    method, why
        Which method was taken, and what in the records called for it.
    estimates
        Everything estimated.
    price_effects
        Effect of 1,000 of the currency on the utility (or, from sales, on the logarithm of sales) that may be used, one
        for each class; empty where there is none to be had, for reasons in ``remarks``.
    elasticity
        From sales; null where there is none to be had.
    habits
        How bookings came in and fell away; null where the records are no bookings.
    remarks
        What these figures cannot carry.
    weekdays, steps
        Of daily sums: each day of the week, and what the price seems to do as more and more is held fixed; null for
        other records.
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
    Hold a plan for a price test.

    Parameters
    ----------
    market
        Id of the market.
    simulated
        Whether any of the market was made up for a show.
    is_enough
        Whether the dates given reach both precision and power.
    product
        Id of the product whose offer is tested.
    current
        Its price today, in yen.
    prices
        The two prices, in yen, low and high.
    assignment
        Every date given with its price, in order of time.
    dates_for_precision, dates_for_power
        Dates after which the elasticity is known to the precision asked for, and after which one that differs from -1
        by as much is told from it with the power asked for.
    half_width, power
        What the dates given reach: half of the 95 % interval of the elasticity, and the power.
    cost_yen
        What the test is expected to cost against today's price on all dates, at the expected elasticity and at both
        ends of its range; negative where it earns.
    stopping
        When to stop, in words.
    assumed
        What was assumed.
    seed
        The lot hangs on it.
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


def simulation_answer(market: Market, comparison: Comparison, *, plan: PricePlan | None = None) -> SimulationAnswer:
    """Return what policies did in a market, and which of its rules a plan breaks that was given."""
    from pricing.violations import violations

    broken = tuple(
        BrokenRuleAnswer(rule=each.rule, where=each.where, text=Name(ja=each.message.ja, en=each.message.en))
        for each in (() if plan is None else violations(market, plan))
    )
    return SimulationAnswer(market=market.id, simulated=market.is_made_up, comparison=comparison, broken=broken)


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
