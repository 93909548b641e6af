"""Trips as a server takes them: what it limits, and what goes along to the process that plans."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from api.server_limits import over_limits
from api.server_samplers import sampler_problems
from regional_assets.errors import InputError, Problem
from routing.itinerary import Itinerary
from routing.judge import HandMadeTrip
from routing.request import TripRequest

if TYPE_CHECKING:
    from api.service_settings import ServiceSettings
    from regional_assets.model import Region


class _Task(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TripTask(_Task):
    """
    Hold what planning needs beside the region.

    Parameters
    ----------
    request
        As it was checked.
    today
        Date in the region when the request came: a job that waits over midnight is not refused for it.
    """

    request: TripRequest
    today: dt.date


class ExplanationTask(_Task):
    """
    Hold what explaining needs beside the region: a plan, the place that is not in it, and the date of the plan's task.

    Parameters
    ----------
    itinerary
        With days.
    asset
        Id of the place.
    today
        Of the `TripTask` of the plan.
    """

    itinerary: Itinerary
    asset: str
    today: dt.date


class CheckTask(_Task):
    """
    Hold what judging a plan made by hand needs beside the region.

    Parameters
    ----------
    trip
        The plan, with the request that it is to meet.
    today
        As in `TripTask`.
    """

    trip: HandMadeTrip
    today: dt.date


def fitted(request: TripRequest, settings: ServiceSettings) -> TripRequest:
    """Return a request whose defaults keep to what the server gives; what was asked for stays as it is."""
    if "max_candidates" in request.model_fields_set or request.max_candidates <= settings.most_candidates:
        return request
    return request.model_copy(update={"max_candidates": settings.most_candidates})


def check_trip_request(region: Region, request: TripRequest, settings: ServiceSettings, *, today: dt.date) -> None:
    """
    Refuse a request that makes no sense in its region, or asks for more than this server gives.

    Parameters
    ----------
    request
        From `fitted`.

    Raises
    ------
    InputError
        With every problem found.
    """
    from routing.validation import check_request

    problems = [*over_limits(_limits(request, settings)), *_of_sampler(request)]
    try:
        check_request(region, request, today)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)


def _limits(request: TripRequest, settings: ServiceSettings) -> list[tuple[str, float | None, float]]:
    choice = request.solver
    return [
        ("solver.time_limit_s", choice.time_limit_s, settings.search_limit_s),
        ("solver.proof_s", choice.proof_s, settings.search_limit_s),
        ("solver.iterations", choice.iterations, settings.most_iterations),
        ("max_candidates", request.max_candidates, settings.most_candidates),
    ]


def _of_sampler(request: TripRequest) -> tuple[Problem, ...]:
    """Return what is wrong with the sampler, where one is asked."""
    return sampler_problems("solver.sampler", request.solver.sampler) if request.solver.name == "qubo" else ()
