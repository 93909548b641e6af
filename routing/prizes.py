"""
Trips that collect prizes: the arrays behind a request, with other points than the visitor's own.

For those who need to know which trips a party would be content with, and which of them bring most: prices of full slots
(`pricing`) ask so. The party's own points stay part of the answer, at a rate in yen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_assets.errors import InputError, Problem
from regional_assets.opening.model import WEEKDAYS
from routing._clock import seconds_of
from routing._prepare import prepare
from routing._scoring import UNITS_PER_POINT
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import TripProblem, Weights

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from regional_assets.model import Asset, Name, Region
    from routing._options import VisitOption
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork
    from solvers.orienteering.problem import TripSolution


RATE_STEPS: Final = 16
"""Parts of a yen in which the rate for a point is told."""

UNITS_PER_YEN: Final = RATE_STEPS * UNITS_PER_POINT
"""Objective units in a yen of prize."""


@dataclass(frozen=True, slots=True)
class Stop:
    """
    Hold one way to visit a place, or one night at an inn.

    Parameters
    ----------
    asset, name
        The place.
    date
        Day of the visit, or the day before the night.
    slot_s
        Start of the reservable slot, seconds after midnight; None where one may start at any time.
    places
        People that the slot takes; None where there is no slot, or nobody knows.
    yen
        What the party pays; None where the price is unknown.
    """

    asset: str
    name: Name
    date: dt.date
    slot_s: int | None
    places: int | None
    yen: int | None


@dataclass(frozen=True, slots=True, eq=False)
class PrizedTrip:
    """
    Hold the arrays of a request, and what their indices mean.

    Parameters
    ----------
    problem
        The trip as the party itself would plan it.
    stops
        The O visit options of the problem, then its lodgings.
    people
        Size of the party.
    """

    problem: TripProblem
    stops: tuple[Stop, ...]
    people: int

    def stops_of(self, solution: TripSolution) -> tuple[int, ...]:
        """Return the stops of a plan: visits in order, each day followed by its night."""
        found: list[int] = []
        for day, route in enumerate(solution.routes):
            found += route
            if day < len(solution.lodging) and solution.lodging[day] >= 0:
                found.append(self.problem.options + solution.lodging[day])
        return tuple(found)

    def points_of(self, solution: TripSolution) -> float | None:
        """Return what a plan is worth to the party, in points; None where it breaks a rule."""
        judged = evaluate(self.problem, solution)
        return judged.objective / UNITS_PER_POINT if judged.feasible else None

    def with_prizes(self, prize_yen: NDArray[np.float64], rate: int) -> TripProblem:
        """
        Return the problem of collecting prizes, with the party's own points at a rate.

        Its objective is ``UNITS_PER_YEN * (prize + rate / RATE_STEPS * points)``; prizes are rounded up to whole yen,
        so that a bound on it is one for the exact prizes as well.

        Parameters
        ----------
        prize_yen
            Shape ``(len(stops),)``, float64; may be negative.
        rate
            What a point of the party counts, in parts of a yen (`RATE_STEPS` to one); not negative.
        """
        base = self.problem
        prize = UNITS_PER_YEN * np.ceil(prize_yen).astype(np.int64)
        own = base.option_score - base.weights.cost * base.option_cost - base.weights.load * base.option_load
        visits = prize[: base.options] + rate * own
        nights = prize[base.options :] + rate * (base.lodgings.score - base.weights.cost * base.lodgings.cost)
        is_priced = base.counts.shortfall_penalty > 0
        return replace(
            base,
            # Scores are not negative: what costs more than it brings is a cost, of which a yen weighs one unit.
            option_score=np.maximum(visits, 0),
            option_cost=np.maximum(-visits, 0),
            option_load=np.zeros_like(base.option_load),
            arc_cost=rate * base.weights.cost * base.arc_cost,
            lodgings=replace(base.lodgings, score=np.maximum(nights, 0), cost=np.maximum(-nights, 0)),
            combinations=replace(base.combinations, bonus=rate * base.combinations.bonus),
            counts=replace(
                base.counts,
                # A priced minimum whose price is 0 would be a hard one.
                lower=np.where(is_priced & (rate == 0), 0, base.counts.lower),
                shortfall_penalty=rate * base.counts.shortfall_penalty,
            ),
            weights=Weights(travel=rate * base.weights.travel, wait=rate * base.weights.wait, cost=1),
        )


def prized_trip(
    region: Region,
    request: TripRequest,
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
) -> PrizedTrip:
    """
    Return the arrays of a request.

    Parameters
    ----------
    region, request, today, networks
        As for `routing.plan.plan_trip`.

    Raises
    ------
    InputError
        If the request makes no sense in this region, or wishes contradict the hours, the budget or each other.
    """
    prepared = prepare(region, request, today=today, networks=networks)
    days, screening, translation = prepared.days, prepared.screening, prepared.translation
    if translation is None:
        raise InputError([Problem("", conflict.code, conflict.text.text) for conflict in prepared.conflicts])
    visits = [
        _stop(candidate.asset, way, days[way.day].date, candidate.cost.yen) for candidate, way in translation.options
    ]
    lodgings = translation.problem.lodgings
    nights = [
        Stop(inn.asset.id, inn.asset.name, days[night].date, None, None, inn.cost.yen)
        for night, inn in (
            (int(night), screening.inns[index])
            for night, index in zip(lodgings.night, translation.lodgings, strict=True)
        )
    ]
    party = request.party
    return PrizedTrip(translation.problem, (*visits, *nights), party.adults + party.children)


def _stop(asset: Asset, way: VisitOption, date: dt.date, yen: int | None) -> Stop:
    weekday = WEEKDAYS[date.weekday()]
    slot = next(
        (
            slot
            for slot in asset.slots
            if seconds_of(slot.start) == way.open_s == way.close_s and (not slot.weekdays or weekday in slot.weekdays)
        ),
        None,
    )
    if slot is None:
        return Stop(asset.id, asset.name, date, None, None, yen)
    return Stop(asset.id, asset.name, date, way.open_s, slot.capacity, yen)
