"""A plan made by hand, and what a judgement says of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from regional_assets.model import AssetId, Name
from routing._short_forms import ShortForm
from routing.itinerary import AssumedFact, Day, DayTotals, MadeCombination
from routing.request import TripRequest

ViolationCode = Literal[
    "UNKNOWN_ASSET",
    "NOT_A_VISIT",
    "NO_POSITION",
    "AVOIDED",
    "ACCESS_NEED",
    "VISITED_TWICE",
    "CLOSED",
    "HOURS_UNKNOWN",
    "OUTSIDE_HOURS",
    "SLOT_MISSED",
    "PIN_MISSED",
    "UNREACHABLE",
    "ARRIVES_LATE",
    "STAY_TOO_SHORT",
    "DAY_TOO_LONG",
    "MUST_MISSING",
    "OVER_BUDGET",
    "OVER_WALKING_LIMIT",
    "OVER_KIND_LIMIT",
    "LODGING_MISSING",
    "WRONG_LODGING",
    "NO_NIGHT",
]
"""Facts that a plan runs against, and limits of the request that it breaks."""

WarningCode = Literal[
    "LUNCH_MISSING",
    "MEAL_NOT_ASKED",
    "NO_INTEREST",
    "ABOVE_PACE",
    "MANY_BITES",
    "MANY_ALIKE",
]
"""Habits of planned days that a plan made by hand may well go against."""

Unit = Literal["s", "yen", "m", "visits"]

_Time = Annotated[
    str,
    StringConstraints(pattern=r"^([01]?[0-9]|2[0-9]):[0-5][0-9](:[0-5][0-9])?$", strip_whitespace=False),
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class HandMadeStop(_Frozen):
    """
    Name a place to visit; the id alone will do.

    Parameters
    ----------
    asset
        Which place.
    arrive
        When one is there, local time; by default as soon as the way allows. The visit begins then, or when it opens.
    depart
        When one leaves; by default after a visit of the usual length.
    lunch
        Whether it is the lunch of the day; by default told by the time.
    """

    asset: AssetId
    arrive: _Time | None = None
    depart: _Time | None = None
    lunch: bool | None = None


_StopOrId = Annotated[
    HandMadeStop,
    ShortForm(AssetId, lambda value: isinstance(value, str), lambda asset: HandMadeStop(asset=asset)),
]


class HandMadeDay(_Frozen):
    """
    Say where one day leads.

    Parameters
    ----------
    date
        A day of the request.
    stops
        Places in the order of visit.
    stay
        The inn of the night after it.
    """

    date: dt.date
    stops: tuple[_StopOrId, ...] = Field(default=(), max_length=50)
    stay: AssetId | None = None


class HandMadeTrip(_Frozen):
    """
    Hold a plan made by hand, with the request that it is to meet.

    Parameters
    ----------
    request
        Who travels, when, with which wishes and limits.
    days
        The plan; days of the request that are not named have no stops.
    """

    request: TripRequest
    days: tuple[HandMadeDay, ...] = Field(max_length=14)


class Finding(_Frozen):
    """
    Name one thing that is wrong with a plan.

    Parameters
    ----------
    code
        What is wrong.
    date
        The day it happens on, or after which the night comes; ``None``: the whole trip.
    stop
        Which stop of that day, from 0; ``None`` where it is none of them.
    asset
        The place it is about, if any.
    amount, unit
        By how much, where that can be measured.
    text
        For people.
    """

    code: ViolationCode | WarningCode
    date: dt.date | None
    stop: int | None = None
    asset: str | None = None
    amount: int | None = None
    unit: Unit | None = None
    text: Name


class Judgement(_Frozen):
    """
    Say what a plan made by hand comes to.

    Parameters
    ----------
    feasible
        Whether it breaks no rule.
    violations
        Every rule that it breaks.
    warnings
        What a planned trip would not have, but one made by hand may.
    objective, terms
        Points, as in an itinerary; of the visits as they stand, also those that break a rule.
    days, totals, combinations, assumed
        As in an itinerary. Stops that no place or position is known of are left out, each with a violation.
    region, region_name, time_zone, notice, sources, request
        As in an itinerary.
    """

    feasible: bool
    violations: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    objective: float
    terms: dict[str, float]
    days: tuple[Day, ...]
    totals: DayTotals
    combinations: tuple[MadeCombination, ...]
    assumed: tuple[AssumedFact, ...]
    region: str
    region_name: Name
    time_zone: str
    notice: Name | None
    sources: tuple[str, ...]
    request: TripRequest
