"""
Judge a plan made by hand: every rule that it breaks, and the itinerary that comes of it.

The rules are those of the planner; nothing is bettered. A plan of the planner, handed back by `by_hand`, is judged free
of violations and worth the same points.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from regional_assets.validation import problems_from
from routing._check import check_request
from routing._judge_model import Finding, HandMadeDay, HandMadeStop, HandMadeTrip, Judgement
from routing._judge_plan import Judge
from routing.itinerary import Day
from routing.request import TripRequest

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from regional_assets.model import Region
    from routing.request import Mode
    from routing.streets import StreetNetwork

__all__ = [
    "Finding",
    "HandMadeDay",
    "HandMadeStop",
    "HandMadeTrip",
    "Judgement",
    "by_hand",
    "check_hand_made",
    "judge_trip",
    "read_plan",
]


def judge_trip(
    region: Region,
    request: TripRequest,
    days: Sequence[HandMadeDay],
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
) -> Judgement:
    """
    Hold a plan made by hand against the rules of the planner.

    Every visit is timed in order: by the given times where the way allows them, else as early as can be. Places that
    the planner would not look at are judged as well: what it would say of them is what is wrong with the plan.

    Parameters
    ----------
    region, request, today, networks
        As for `routing.plan.plan_trip`.
    days
        The plan; days of the request that are not named have no stops.

    Raises
    ------
    InputError
        If the request makes no sense in this region, or the plan names a day that is not in it, or one twice; with
        every problem found. Places that do not exist are no such problem: they are violations.
    """
    check_hand_made(region, request, days, today)
    named = {day.date: day for day in days}
    plan = [named.get(day.date, HandMadeDay(date=day.date)) for day in request.days]
    return Judge(region, request, plan, networks or {}).judge()


def check_hand_made(region: Region, request: TripRequest, days: Sequence[HandMadeDay], today: dt.date) -> None:
    """
    Refuse a plan made by hand that cannot be judged; quick, as nothing is timed.

    Raises
    ------
    InputError
        As `judge_trip` does.
    """
    problems: list[Problem] = []
    try:
        check_request(region, request, today)
    except InputError as error:
        problems += [replace(problem, where=f"request.{problem.where}") for problem in error.problems]
    dates = [day.date for day in request.days]
    for index, day in enumerate(days):
        if day.date not in dates:
            listed = ", ".join(date.isoformat() for date in dates)
            message = Text(
                ja=f"{day.date}は希望の日程({listed})にありません",
                en=f"{day.date} is no day of the request ({listed})",
            )
            problems.append(Problem(f"days[{index}].date", day.date, message))
        elif day.date in [earlier.date for earlier in days[:index]]:
            message = Text(ja=f"{day.date}が二つあります", en=f"{day.date} is given twice; once is accepted")
            problems.append(Problem(f"days[{index}].date", day.date, message))
    if problems:
        raise InputError(problems)


def by_hand(request: TripRequest, days: Sequence[Day]) -> HandMadeTrip:
    """Return the days of an itinerary, or of one of its alternatives, as if made by hand, with all their times."""
    return HandMadeTrip(request=request, days=tuple(_day_by_hand(day) for day in days))


class _Planned(BaseModel):
    """What is read of an itinerary; whatever else stands in it is as it may be."""

    request: TripRequest
    days: tuple[Day, ...]


def read_plan(content: Mapping[str, Any]) -> HandMadeTrip:
    """
    Return the plan that a document holds: one made by hand, or an itinerary.

    Parameters
    ----------
    content
        Plain JSON types: fields of a `HandMadeTrip`, or of an `routing.itinerary.Itinerary`.

    Raises
    ------
    InputError
        With everything in it that makes no sense.
    """
    days = content.get("days")
    is_itinerary = isinstance(days, list) and any(isinstance(day, dict) and "steps" in day for day in days)
    try:
        if not is_itinerary:
            return HandMadeTrip.model_validate(content)
        planned = _Planned.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_from(error)) from None
    return by_hand(planned.request, planned.days)


def _day_by_hand(day: Day) -> HandMadeDay:
    stops = (
        HandMadeStop(
            asset=step.asset,
            arrive=_clock(step.arrive, day.date),
            depart=_clock(step.depart, day.date),
            lunch=step.type == "meal",
        )
        for step in day.steps
        if step.type in ("visit", "meal") and step.asset is not None
    )
    stay = next((step.asset for step in day.steps if step.type == "stay"), None)
    return HandMadeDay(date=day.date, stops=tuple(stops), stay=stay)


def _clock(moment: dt.datetime, date: dt.date) -> str:
    """Return a local time to the second; after midnight it is counted on."""
    hours = 24 * (moment.date() - date).days + moment.hour
    return f"{hours:02d}:{moment.minute:02d}:{moment.second:02d}"
