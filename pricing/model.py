"""The market of an operator: what is sold, what it takes up, who asks for it, and which rules prices obey."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from regional_assets.model import AssetId, Kind, Name

Id = AssetId
Yen = Annotated[int, Field(ge=0, le=100_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
# Taken as it stands, spaces and all, so that the schema says what is accepted.
Clock = Annotated[str, StringConstraints(strip_whitespace=False, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Units = Annotated[int, Field(ge=0, le=10_000_000)]

# A market of an operator needs no more, and the engines would run for hours on it.
MOST_PRODUCTS = 5_000
MOST_PERIODS = 400
MOST_CAPACITIES = 5_000
MOST_SEGMENTS = 1_000
MOST_RULES = 1_000
MOST_DAYS = 3_660
"""From the first day of the periods to the last."""
_MOST_PRICES = 10_000

RateClass = Literal["public", "resident", "non-resident"]

DemandSource = Literal["stated", "estimated", "simulated"]
"""Where a figure of demand comes from: somebody said so, records show it, or a generator made it up for a show."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Period(_Frozen):
    """
    Hold a stretch of days in which people book; prices can change from one to the next.

    Parameters
    ----------
    first, last
        Days, both inside.
    """

    first: dt.date
    last: dt.date


class Capacity(_Frozen):
    """
    Hold something of which there is only so much: the seats of a slot, the rooms of a night, a departure.

    Parameters
    ----------
    units
        How many there are in all.
    booked
        How many are sold already; these keep their price.
    booked_yen
        What those bring.
    walk_ins
        Expected customers without a booking, who take units that a rule keeps for them; None where nobody knows.
    """

    id: Id
    name: Name
    units: Annotated[Units, Field(ge=1)]
    booked: Units = 0
    booked_yen: Yen = 0
    walk_ins: Annotated[float, Field(ge=0, le=1e6)] | None = None


class Product(_Frozen):
    """
    Hold what a customer buys: an offer on a date, in a slot, at the rate of a class.

    Parameters
    ----------
    operator
        Who earns from it.
    asset
        Id of the place in its region, where it has one.
    date, start, end
        When it takes place; it is sold until the period that holds this date.
    capacities
        Units of each capacity that one sale takes.
    ladder
        Prices it may have, in yen, from low to high.
    current
        Price today; None for a new product.
    cost
        What one more sale costs the operator, in yen.
    off_peak
        Whether the operator wants visitors to come then; None where nobody said.
    local_spend
        What a visitor spends nearby besides, in yen; None where nobody knows.
    """

    id: Id
    name: Name
    operator: Id
    asset: AssetId | None = None
    kind: Kind | None = None
    date: dt.date
    start: Clock | None = None
    end: Clock | None = None
    rate: RateClass = "public"
    capacities: dict[Id, Annotated[Units, Field(ge=1)]]
    ladder: Annotated[tuple[Yen, ...], Field(min_length=1, max_length=_MOST_PRICES)]
    current: Yen | None = None
    cost: Yen = 0
    off_peak: bool | None = None
    local_spend: Yen | None = None


class Segment(_Frozen):
    """
    Hold customers who are alike: how many come, what they look at, and how a price moves them.

    A customer takes product i at price p with a weight of ``exp(appeal[i] - sensitivity * p / 1000)`` against 1 for
    buying nothing (multinomial logit).

    Parameters
    ----------
    arrivals
        Expected customers in each period of the market; one customer buys one sale.
    sensitivity
        Loss of appeal per 1,000 yen.
    sensitivity_range
        Interval in which the sensitivity lies (95 %, or as stated); None where nobody said.
    appeal
        Appeal at no price of every product that the segment considers; others are not seen.
    cancels, stays_away
        Shares of bookings that are cancelled before the day (seat and price are given back), and of those left that do
        not come (price kept).
    """

    id: Id
    name: Name
    arrivals: tuple[Annotated[float, Field(ge=0, le=1e7)], ...]
    sensitivity: Annotated[float, Field(gt=0, le=1000)]
    sensitivity_range: tuple[float, float] | None = None
    appeal: dict[Id, Annotated[float, Field(ge=-100, le=100)]]
    cancels: Share = 0.0
    stays_away: Share = 0.0
    source: DemandSource = "stated"


def _with_type(schema: dict[str, Any]) -> None:
    # Its default is for those who make rules in Python; whoever writes one must say which it is.
    schema["required"] = ["type", *schema.get("required", ())]


class _Named(_Frozen):
    model_config = ConfigDict(json_schema_extra=_with_type)

    id: Id


class _Rule(_Named):
    """What all rules have: an id of their own, and the products they hold for (None: all)."""

    products: tuple[Id, ...] | None = None


class RangeRule(_Rule):
    """Keep prices from ``floor`` to ``cap``."""

    type: Literal["range"] = "range"
    floor: Yen | None = None
    cap: Yen | None = None


class RoundingRule(_Rule):
    """Keep prices multiples of ``unit`` yen."""

    type: Literal["rounding"] = "rounding"
    unit: Annotated[Yen, Field(ge=1)] = 100


class DailyStepRule(_Rule):
    """Change no price by more than ``yen`` for each day between two periods, nor from today's price to the first."""

    type: Literal["daily-step"] = "daily-step"
    yen: Yen


class NeighbourStepRule(_Rule):
    """Let neighbouring slots (same operator, asset, rate and date; one after the other) differ by ``yen`` at most."""

    type: Literal["neighbour-step"] = "neighbour-step"
    yen: Yen


class NoDropRule(_Rule):
    """Lower no price from ``days`` days before the date on; what is on sale as that time begins is the measure."""

    type: Literal["no-drop"] = "no-drop"
    days: Annotated[int, Field(ge=0, le=36_500)]


class ResidentRule(_Rule):
    """Charge residents no more than the public, for the same operator, asset, date and slot."""

    type: Literal["resident-not-above-public"] = "resident-not-above-public"


class OneNonResidentPriceRule(_Rule):
    """Charge all non-residents one price for the same operator, asset, date and slot."""

    type: Literal["one-non-resident-price"] = "one-non-resident-price"


class FrozenRule(_Rule):
    """Leave prices as they are."""

    type: Literal["frozen"] = "frozen"


class WalkInRule(_Named):
    """Keep ``seats`` units of each capacity (None: all) for people who come without a booking."""

    type: Literal["walk-in"] = "walk-in"
    capacities: tuple[Id, ...] | None = None
    seats: Units


class SpreadRule(_Rule):
    """Let the dearest and the cheapest of the products differ by ``yen`` at most, in each period."""

    type: Literal["spread"] = "spread"
    yen: Yen


class ModeRule(_Rule):
    """Bound every change from today's price: careful 10 %, standard 25 %, bold 50 %."""

    type: Literal["mode"] = "mode"
    mode: Literal["careful", "standard", "bold"] = "standard"


class OverrideRule(_Rule):
    """Set the price by hand."""

    type: Literal["override"] = "override"
    price: Yen


Rule = Annotated[
    RangeRule
    | RoundingRule
    | DailyStepRule
    | NeighbourStepRule
    | NoDropRule
    | ResidentRule
    | OneNonResidentPriceRule
    | FrozenRule
    | WalkInRule
    | SpreadRule
    | ModeRule
    | OverrideRule,
    Field(discriminator="type"),
]


class Market(_Frozen):
    """
    Hold everything a price plan is made from.

    Parameters
    ----------
    today
        Day on which the plan is made.
    periods
        Booking periods from ``today`` on, one after the other without holes.
    simulated
        Whether any of it was made up for a show; every answer then says so.
    """

    id: Id
    name: Name
    currency: Literal["JPY"] = "JPY"
    today: dt.date
    periods: Annotated[tuple[Period, ...], Field(min_length=1, max_length=MOST_PERIODS)]
    capacities: Annotated[tuple[Capacity, ...], Field(min_length=1, max_length=MOST_CAPACITIES)]
    products: Annotated[tuple[Product, ...], Field(min_length=1, max_length=MOST_PRODUCTS)]
    segments: Annotated[tuple[Segment, ...], Field(min_length=1, max_length=MOST_SEGMENTS)]
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()
    simulated: bool = False

    @property
    def is_made_up(self) -> bool:
        """Whether any of it was made up for a show, be it only the customers of one segment."""
        return self.simulated or any(segment.source == "simulated" for segment in self.segments)
