"""Bodies of requests about prices: what the command line asks by options, with the market or the records inside."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from api.demand_records import Form
from api.inline_sources import MarketSource, PassSource, RecordsSource
from pricing.backtest import MOST_FOLDS
from pricing.model import Id
from pricing.price_test import FEWEST_DATES, Mode
from pricing.proposal import Interval, Objective, Policy, PricePlan, Solver
from pricing.simulation import Demand
from regional_assets.validation import FieldError

MOST_HORIZONS = 10_000
_MOST_DATES = 366
_MOST_CLASSES = 9
_MOST_READS = 10_000
_UNIQUE = {"uniqueItems": True}

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Horizons = Annotated[int, Field(ge=2, le=MOST_HORIZONS)]
ColumnName = Annotated[str, Field(min_length=1, max_length=100)]
PlanId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Weight = Annotated[float, Field(ge=0, le=1e6)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PricePlanRequest(_Body):
    """
    Ask for a proposal of prices.

    Parameters
    ----------
    market
        The market, whole; or ``echizen-workshops``, the bundled one, which is made up.
    objective
        What prices are for.
    weights
        Yen that one unit of each objective is worth, where several count; takes the place of ``objective``, which then
        only names the plan.
    horizons
        Simulated booking horizons in which the proposal is tested; 0 for no test.
    seed
        Every random choice hangs on it.
    iterations, seconds
        Limits of each search, one of them; neither for those chosen by size. Only iterations reproduce exactly.
    may_close
        Whether a product may be taken off sale for a while where that brings more.
    rule_costs
        Whether to work out what each rule costs, which takes many searches.
    solver, sampler, reads
        ``classical``; or, to compare with, ``qubo``: a sampler that runs where the service does, by its name, and how
        many reads it is asked for.
    """

    market: MarketSource
    objective: Objective = "revenue"
    weights: Annotated[dict[Objective, Weight], Field(min_length=1)] | None = None
    horizons: Annotated[int, Field(ge=0, le=MOST_HORIZONS, json_schema_extra={"not": {"const": 1}})] = 400
    seed: Seed = 1
    iterations: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    may_close: bool = False
    rule_costs: bool = True
    solver: Solver = "classical"
    sampler: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    reads: Annotated[int, Field(ge=1, le=_MOST_READS)] | None = None

    @field_validator("weights")
    @classmethod
    def _weigh_something(cls, value: dict[Objective, float] | None) -> dict[Objective, float] | None:
        if value is not None and not any(value.values()):
            raise FieldError("少なくとも一つの重みを 0 より大きくしてください", "at least one weight above 0 is needed")
        return value

    @field_validator("horizons")
    @classmethod
    def _tested_or_not(cls, value: int) -> int:
        if value == 1:
            raise FieldError("0(検証しない)か 2 以上を指定してください", "0 (no test) is accepted, or at least 2")
        return value

    @field_validator("seconds")
    @classmethod
    def _one_limit(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and info.data.get("iterations") is not None:
            raise FieldError(
                "iterations と seconds はどちらか一方だけを指定してください", "give `iterations` or `seconds`, not both"
            )
        return value

    @field_validator("sampler", "reads")
    @classmethod
    def _only_for_samplers(cls, value: object, info: ValidationInfo) -> object:
        # Without a known solver there is nothing to hold it against.
        if value is not None and info.data.get("solver", "qubo") != "qubo":
            raise FieldError("solver が qubo のときだけ使えます", "only with the solver qubo")
        return value


class MarketCheckRequest(_Body):
    """
    Ask whether a market is sound.

    Parameters
    ----------
    market
        See `PricePlanRequest`.
    """

    market: MarketSource


def _each_once(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    if len(set(policies)) < len(policies):
        raise FieldError("同じ方式が重複しています", "each policy once is accepted")
    return policies


class PriceSimulationRequest(_Body):
    """
    Ask what ways of setting prices earn on the same simulated customers.

    Parameters
    ----------
    market
        See `PricePlanRequest`.
    plan
        A plan for this market: whole, as it was answered, or the id of a price plan of one's own. Without one it is
        made first.
    policies
        Which ways; all where none is named. Today's prices are always played, as what others are measured against.
    horizons
        How often the booking horizon is played.
    demand
        ``drawn-from-ranges`` draws sensitivities from the ranges of the segments in every horizon.
    seed
        Of customers.
    """

    market: MarketSource
    plan: PricePlan | PlanId | None = None
    policies: Annotated[
        tuple[Policy, ...],
        Field(max_length=len(get_args(Policy)), json_schema_extra=_UNIQUE),
        AfterValidator(_each_once),
    ] = ()
    horizons: Horizons = 1_000
    demand: Demand = "as-stated"
    seed: Seed = 1


class PriceBacktestRequest(_Body):
    """
    Ask how well the later half of booking records is foretold from what came before, and what other prices would do.

    Parameters
    ----------
    records
        Bookings as CSV text, or ``echizen-workshops``: bundled ones, made up.
    market, plan
        At most one of them: the market whose proposal is replayed, or a plan (see `PriceSimulationRequest`).
    folds
        Into how many stretches the later half is cut.
    lenient
        Whether rows that cannot be used are left out, and told of, rather than refused.
    seed
        Of intervals, and of the proposal.
    """

    records: RecordsSource
    market: MarketSource | None = None
    plan: PricePlan | PlanId | None = None
    folds: Annotated[int, Field(ge=1, le=MOST_FOLDS)] = 3
    lenient: bool = False
    seed: Seed = 1

    @field_validator("plan")
    @classmethod
    def _one_source_of_prices(cls, value: PricePlan | str | None, info: ValidationInfo) -> PricePlan | str | None:
        if value is not None and info.data.get("market") is not None:
            raise FieldError("market と plan はどちらか一方だけを指定してください", "give `market` or `plan`, not both")
        return value


class Columns(_Body):
    """
    Name the columns of daily sums.

    Parameters
    ----------
    date, quantity
        Day of the sales, and how many.
    price, revenue
        One of them: the price, or the revenue that the price is worked out from.
    last
        Last day whose sales are complete; later rows are not used.
    """

    date: ColumnName = "date"
    quantity: ColumnName = "quantity"
    price: ColumnName | None = None
    revenue: ColumnName | None = None
    last: dt.date | None = None

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if self.price is not None and self.revenue is not None:
            raise FieldError(
                "price と revenue はどちらか一方だけを指定してください", "give `price` or `revenue`, not both"
            )
        return self


class PriceEstimateRequest(_Body):
    """
    Ask what records tell of demand.

    Parameters
    ----------
    records
        Records as CSV text, or ``echizen-workshops``: bundled bookings, made up.
    form
        What they are; by default told by their header.
    columns
        Of daily sums.
    classes
        For bookings that tell what was on offer: how many classes of customers, ``auto`` to let the records choose.
    randomised
        Whether prices were drawn by lot, so that they cannot have followed demand.
    lenient
        Whether rows that cannot be used are left out, and told of, rather than refused.
    seed
        Of bootstraps and starts.
    """

    records: RecordsSource
    form: Form | None = None
    columns: Columns = Columns()
    classes: Annotated[int, Field(ge=1, le=_MOST_CLASSES)] | Literal["auto"] = 1
    randomised: bool = False
    lenient: bool = False
    seed: Seed = 1


class PriceTestRequest(_Body):
    """
    Ask for a plan of a price test: two prices, and which of them each date gets by lot.

    Parameters
    ----------
    market
        See `PricePlanRequest`.
    product
        Id of a product of the market; what is tested is its offer.
    dates
        On which it takes place; they need not be in the market.
    sales_per_date
        Usual sales on one date at today's price.
    mode
        How far the two prices may lie from today's.
    elasticity
        Expected at today's price; by default assumed by the kind of the product, and flagged.
    precision
        Half of the 95 % interval wanted for the elasticity.
    power
        Chance wanted to tell an elasticity that lies ``precision`` away from -1.
    seed
        Of the lot.
    """

    market: MarketSource
    product: Id
    dates: Annotated[
        tuple[dt.date, ...], Field(min_length=FEWEST_DATES, max_length=_MOST_DATES, json_schema_extra=_UNIQUE)
    ]
    sales_per_date: Annotated[float, Field(gt=0, le=1e6)]
    mode: Mode = "careful"
    elasticity: Interval | None = None
    precision: Annotated[float, Field(ge=0.01, le=100)] = 1.0
    power: Annotated[float, Field(gt=0, lt=1)] = 0.8
    seed: Seed = 1

    @field_validator("dates")
    @classmethod
    def _each_date_once(cls, value: tuple[dt.date, ...]) -> tuple[dt.date, ...]:
        if len(set(value)) < len(value):
            raise FieldError("同じ日付が重複しています", "each date once is accepted")
        return value

    @field_validator("elasticity")
    @classmethod
    def _is_an_elasticity(cls, value: Interval | None) -> Interval | None:
        if value is not None and not -100 <= value.low <= value.mean <= value.high < 0:
            raise FieldError(
                "-100 以上の負の値を、low ≤ mean ≤ high の順に指定してください",
                "negative values from -100 on are accepted, with low <= mean <= high",
            )
        return value


class PassPriceRequest(_Body):
    """
    Ask for the price of a pass over several operators, and for ways of sharing what it brings.

    Parameters
    ----------
    offered
        The pass, whole, as ``pass``; or ``echizen-pass``, the bundled one, which is made up.
    horizons
        Simulated seasons.
    seed
        Of customers, and of drawn orders where there are more than twelve members.
    """

    offered: Annotated[PassSource, Field(alias="pass")]
    horizons: Horizons = 200
    seed: Seed = 1
