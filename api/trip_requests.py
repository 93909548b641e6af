"""Trip requests as a server takes them: what it limits, and what goes along to the process that plans."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from api.texts import text
from regional_assets.errors import InputError, Problem
from routing.request import TripRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.service_settings import ServiceSettings
    from regional_assets.model import Region


class TripTask(BaseModel):
    """
    Hold what planning needs beside the region.

    Parameters
    ----------
    request
        As it was checked.
    today
        Date in the region when the request came: a job that waits over midnight is not refused for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    request: TripRequest
    today: dt.date


def check_trip_request(region: Region, request: TripRequest, settings: ServiceSettings, *, today: dt.date) -> None:
    """
    Refuse a request that makes no sense in its region, or asks for more than this server gives.

    Raises
    ------
    InputError
        With every problem found.
    """
    from routing.validation import check_request

    problems = [*_over_limits(request, settings), *_of_sampler(request)]
    try:
        check_request(region, request, today)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)


def _over_limits(request: TripRequest, settings: ServiceSettings) -> Iterator[Problem]:
    choice = request.solver
    limits: list[tuple[str, Any, float]] = [
        ("solver.time_limit_s", choice.time_limit_s, settings.search_limit_s),
        ("solver.proof_s", choice.proof_s, settings.search_limit_s),
        ("solver.iterations", choice.iterations, settings.most_iterations),
        ("max_candidates", _given_candidates(request), settings.most_candidates),
    ]
    for field, value, most in limits:
        if value is not None and value > most:
            yield Problem(field, value, text("trip_request.over_limit", value=f"{value:g}", most=f"{most:g}"))


def _given_candidates(request: TripRequest) -> int | None:
    """Return how many candidates were asked for; what nobody asked for is no fault of the request."""
    return request.max_candidates if "max_candidates" in request.model_fields_set else None


def _of_sampler(request: TripRequest) -> tuple[Problem, ...]:
    """Return what is wrong with the sampler: none that sends the model to another machine is used for a client."""
    if request.solver.name != "qubo":
        return ()
    from api.refusals import sampler_told
    from solvers.errors import SamplerError
    from solvers.qubo.samplers.registry import sampler_of

    field, name = "solver.sampler", request.solver.sampler
    try:
        with sampler_told(field):
            try:
                sampler_of(name, allow_remote=False)
            except SamplerError as error:
                if error.fault == "remote":
                    # The usual words tell how to allow it, which a client cannot.
                    raise InputError([Problem(field, name, text("trip_request.remote_sampler", name=name))]) from error
                raise
    except InputError as error:
        return error.problems
    return ()
