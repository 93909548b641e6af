"""From the steps of an itinerary back to the solution they were made from."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from solvers.orienteering.problem import TripSolution

if TYPE_CHECKING:
    from routing._screen import Screening
    from routing._translate import Translation
    from routing.itinerary import Day, Itinerary, Step


def solution_of(itinerary: Itinerary, translation: Translation, screening: Screening) -> TripSolution | None:
    """
    Return the solution that an itinerary shows, or ``None`` where a step of it is no longer possible.

    Parameters
    ----------
    itinerary
        A plan made from the same request.
    translation, screening
        The trip as it is translated now; the region may have changed since.
    """
    routes: list[tuple[int, ...]] = []
    for index, day in enumerate(itinerary.days):
        visits = [_option(index, day, step, translation) for step in day.steps if step.type in ("visit", "meal")]
        if None in visits:
            return None
        routes.append(tuple(option for option in visits if option is not None))
    nights = [_lodging(night, day, translation, screening) for night, day in enumerate(itinerary.days[:-1])]
    if len(routes) != translation.problem.days or None in nights:
        return None
    return TripSolution(tuple(routes), tuple(stay for stay in nights if stay is not None))


def _option(index: int, day: Day, step: Step, translation: Translation) -> int | None:
    begin = (step.arrive - dt.datetime.combine(day.date, dt.time())).total_seconds()
    for option, (candidate, way) in enumerate(translation.options):
        if (candidate.asset.id, way.day, way.is_lunch) != (step.asset, index, step.type == "meal"):
            continue
        if way.open_s <= begin <= way.close_s and way.duration_s == step.duration_s:
            return option
    return None


def _lodging(night: int, day: Day, translation: Translation, screening: Screening) -> int | None:
    """Return the lodging of a night, -1 where none is planned, ``None`` where the planned one is not offered now."""
    inn = next((step.asset for step in day.steps if step.type == "stay"), None)
    offered = (translation.problem.lodgings.night == night).nonzero()[0].tolist()
    if inn is None:
        return None if offered else -1
    return next((stay for stay in offered if screening.inns[translation.lodgings[stay]].asset.id == inn), None)
