"""Trips as packing problems: what ``plan_trip`` gives a sampler, and what each of its variables stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing._clock import moment
from routing._prepare import prepare
from routing.errors import NothingToChooseError
from solvers.errors import ProblemError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from regional_assets.model import Name, Region
    from routing._prepare import Prepared
    from routing._translate import Translation
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork
    from solvers.orienteering.day_routes import DayRoute
    from solvers.qubo.day_slots import DayModel
    from solvers.qubo.problem import PackingProblem
    from solvers.qubo.trip_routes import RoutesModel
    from solvers.qubo.trips import PosedTrip

_NOTHING_FOUND: Final = Text(
    ja="どの場所も訪れる計画が見つからず、選ぶものがありません",
    en="no plan with a visit was found: there is nothing to choose",
)
_NO_SAMPLER: Final = Text(
    ja="モデルがあるのは qubo だけです",
    en="only qubo has a model for samplers",
)
_SECONDS: Final = Text(
    ja="秒数で区切った探索は再現しないため、モデルにできません。iterations を指定するか、省いてください",
    en="a search limited in seconds does not reproduce, so makes no model; give `iterations`, or neither",
)


@dataclass(frozen=True, slots=True)
class StartMeaning:
    """
    Tell of a visit and its start: what a variable of ``day`` stands for.

    Parameters
    ----------
    asset, name
        Where.
    start
        Local time.
    """

    asset: str
    name: Name
    start: dt.datetime


@dataclass(frozen=True, slots=True)
class RouteMeaning:
    """
    Tell of a route of one day: what a variable of ``routes`` stands for.

    Parameters
    ----------
    date
        Its day.
    visits
        In order.
    inn, inn_name
        Where the night after is spent; None where it is not planned.
    """

    date: dt.date
    visits: tuple[StartMeaning, ...]
    inn: str | None
    inn_name: Name | None


@dataclass(frozen=True, slots=True, eq=False)
class PackedTrip:
    """
    Hold a trip as a packing problem.

    Parameters
    ----------
    problem
        Values and rewards in the solver's units.
    meanings
        One for each item.
    posed, prepared
        The same as the solver and the planner know it.
    """

    problem: PackingProblem
    meanings: tuple[RouteMeaning | StartMeaning, ...]
    posed: PosedTrip
    prepared: Prepared


def pack_trip(
    region: Region,
    request: TripRequest,
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    most: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> PackedTrip:
    """
    Return the packing problem that ``plan_trip`` gives a sampler for this request; the same each time.

    Reads of it, wherever they were drawn, become an itinerary by `routing.plan.plan_from_reads`.

    Parameters
    ----------
    region, request, today, networks
        As for `plan_trip`; the solver of the request is ``qubo``.
    most
        Variables at most, at least one for each day; None for the model's own limit. Few fit hardware.
    on_progress
        Called with the share of the search for routes that is done, 0 to 1.

    Raises
    ------
    InputError
        If the request makes no sense in this region, is limited in seconds, is not for this model, or leaves fewer
        variables than days.
    NothingToChooseError
        If nothing can be planned.
    """
    from solvers.qubo.trips import pose_trip

    _refuse(request, most)
    prepared = prepare(region, request, today=today, networks=networks)
    translation = prepared.translation
    if translation is None:
        raise NothingToChooseError(conflict.text.text for conflict in prepared.conflicts)
    choice = request.solver
    try:
        posed = pose_trip(
            translation.problem,
            model=choice.model,
            seed=choice.seed,
            iterations=choice.iterations,
            most=most,
            on_progress=on_progress,
        )
    except ProblemError as error:
        ja, en = ("", "") if most is None else (f"変数{most}個までの", f" of at most {most} variables")
        message = Text(
            ja=f"この旅は、{ja}モデル {choice.model} にできません({error})",
            en=f"this trip cannot be made a model {choice.model}{en} ({error})",
        )
        raise InputError([Problem("solver.model", choice.model, message)]) from error
    if posed.model is None:
        raise NothingToChooseError([_NOTHING_FOUND])
    return PackedTrip(posed.model.packing, _meanings(posed.model, prepared, translation), posed, prepared)


def _refuse(request: TripRequest, most: int | None) -> None:
    """Refuse requests that no sampler would be asked for, or another model each time, or one of too few variables."""
    name, seconds = request.solver.name, request.solver.time_limit_s
    problems = []
    if name != "qubo":
        problems.append(Problem("solver.name", name, _NO_SAMPLER))
    if seconds is not None:
        problems.append(Problem("solver.time_limit_s", seconds, _SECONDS))
    days = len(request.days)
    if most is not None and most < days:
        message = Text(
            ja=f"変数は少なくとも日数と同じ{days}個必要です(指定は{most})",
            en=f"{most} is fewer than the days of the trip; at least {days} is accepted",
        )
        problems.append(Problem("most", most, message))
    if problems:
        raise InputError(problems)


def _meanings(
    model: RoutesModel | DayModel, prepared: Prepared, translation: Translation
) -> tuple[RouteMeaning | StartMeaning, ...]:
    from solvers.qubo.trip_routes import RoutesModel

    if isinstance(model, RoutesModel):
        return tuple(_route(route, prepared, translation) for route in model.routes)
    date = prepared.days[0].date
    starts = zip(model.option.tolist(), model.begin.tolist(), strict=True)
    return tuple(_start(option, begin, date, translation) for option, begin in starts)


def _route(route: DayRoute, prepared: Prepared, translation: Translation) -> RouteMeaning:
    from solvers.orienteering.evaluation import schedule_day

    schedule, _ = schedule_day(translation.problem, route.day, route.options, route.ends(translation.problem))
    date = prepared.days[route.day].date
    starts = zip(route.options, schedule.start.tolist(), strict=True)
    inn = None if route.after < 0 else prepared.screening.inns[translation.lodgings[route.after]].asset
    return RouteMeaning(
        date=date,
        visits=tuple(_start(option, begin, date, translation) for option, begin in starts),
        inn=None if inn is None else inn.id,
        inn_name=None if inn is None else inn.name,
    )


def _start(option: int, begin: int, date: dt.date, translation: Translation) -> StartMeaning:
    asset = translation.options[option][0].asset
    return StartMeaning(asset.id, asset.name, moment(date, begin))
