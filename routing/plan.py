"""Plan a trip: from a request to an itinerary."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing._check import check_request
from routing._compose import Composer, excluded_alone, total
from routing._conflicts import find_conflicts, unmet
from routing._ground import reach, survey
from routing._prove import gap_of, prove
from routing._scoring import UNITS_PER_POINT
from routing._screen import screen, trip_days
from routing._search import other_plans, search, what_it_did_not_know
from routing._translate import translate
from routing.itinerary import Itinerary, Provenance

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from regional_assets.model import Region
    from routing._screen import Screening
    from routing._translate import Translation
    from routing.itinerary import Conflict
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork
    from solvers.orienteering import SolveResult


def plan_trip(
    region: Region,
    request: TripRequest,
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Itinerary:
    """
    Plan the trip that a request asks for.

    Parameters
    ----------
    region
        Where; its assets, combinations and notices.
    request
        Who, when, with which wishes and limits.
    today
        Days before it are refused.
    networks
        Street networks by mode (see `load_streets`); without one for the party's mode, travel is estimated, flagged.
    on_progress
        Called with the share of the work done, 0 to 1.

    Returns
    -------
    itinerary
        With ``status="infeasible"`` and ``conflicts`` when wishes contradict the hours, the budget or each other.

    Raises
    ------
    InputError
        If the request makes no sense in this region, with every problem found.
    """
    check_request(region, request, today)
    days = trip_days(request)
    screening = screen(region, request, days)
    ground = survey(region, request, screening, networks or {})
    screening = reach(ground, screening, days, request)
    conflicts = find_conflicts(request, days, screening, ground)
    if conflicts:
        return _no_plan(region, request, screening, conflicts)
    translation = translate(region, request, days, screening, ground)
    result, without = search(translation, request, _part(on_progress, 0, 1 / (1 + request.alternatives)))
    if result.status in ("infeasible", "unsolved"):
        conflicts = unmet(result, translation, screening)
        return _no_plan(region, request, screening, conflicts, result)
    result = prove(translation.problem, result, request.solver.proof_s)
    result, others = other_plans(translation, request, result, _part(on_progress, 1 / (1 + request.alternatives), 1))
    composer = Composer(region, request, days, screening, ground, translation, result.solution, result.evaluation)
    return Itinerary(
        status="optimal" if result.status == "optimal" else "feasible",
        region=region.id,
        region_name=region.name,
        time_zone=region.time_zone,
        notice=region.notice,
        objective=result.evaluation.objective / UNITS_PER_POINT,
        terms=composer.terms(),
        bound=None if result.bound is None else result.bound / UNITS_PER_POINT,
        gap=gap_of(result),
        days=composer.days,
        totals=total(step for day in composer.days for step in day.steps),
        combinations=composer.combinations(),
        combination_effect=None if without is None else composer.effect(without.solution),
        excluded=composer.excluded(),
        assumed=(*composer.assumed(), *what_it_did_not_know(result)),
        conflicts=(),
        alternatives=tuple(composer.alternative(other) for other in others),
        sources=_sources(region),
        request=request,
        provenance=_provenance(region, request, screening, translation, result),
    )


def load_streets(region: Region, mode: Mode) -> StreetNetwork | None:
    """
    Return the street network of a region for a mode, or ``None`` if it has none.

    Raises
    ------
    InputError
        If the file is missing or damaged; it has to be built again.
    """
    source = next((streets for streets in region.streets if streets.mode == mode), None)
    if source is None or region.folder is None:
        return None
    from routing.errors import NetworkCacheError
    from routing.streets import load_network

    path = region.folder / source.file
    try:
        return load_network(path)
    except (NetworkCacheError, OSError) as error:
        message = Text(
            ja=f"道路網を読み込めません。`meguri region streets {region.id}` で作り直してください({error})",
            en=f"the street network cannot be read; build it again with `meguri region streets {region.id}` ({error})",
        )
        raise InputError([Problem(str(path), str(error), message)]) from error


def _part(on_progress: Callable[[float], None] | None, begin: float, end: float) -> Callable[[float], None] | None:
    """Return a listener to a part of the work, which tells its share of the whole."""
    if on_progress is None:
        return None
    return lambda share: on_progress(begin + share * (end - begin))


def _no_plan(
    region: Region,
    request: TripRequest,
    screening: Screening,
    conflicts: tuple[Conflict, ...],
    result: SolveResult | None = None,
) -> Itinerary:
    return Itinerary(
        status="unsolved" if result is not None and result.status == "unsolved" else "infeasible",
        region=region.id,
        region_name=region.name,
        time_zone=region.time_zone,
        notice=region.notice,
        objective=0.0,
        terms={},
        days=(),
        totals=total(()),
        combinations=(),
        combination_effect=None,
        excluded=excluded_alone(screening),
        assumed=(),
        conflicts=conflicts,
        sources=_sources(region),
        request=request,
        provenance=_provenance(region, request, screening, None, result),
    )


def _provenance(
    region: Region,
    request: TripRequest,
    screening: Screening,
    translation: Translation | None,
    result: SolveResult | None,
) -> Provenance:
    return Provenance(
        region=region.id,
        seed=request.solver.seed,
        solver=request.solver.name,
        limit=result.limit if result is not None else "none",
        iterations=result.iterations if result is not None else 0,
        seconds=round(result.seconds, 3) if result is not None else 0.0,
        candidates=len(screening.candidates),
        options=len(translation.options) if translation is not None else 0,
        version=version("meguri"),
    )


def _sources(region: Region) -> tuple[str, ...]:
    names = (f"{source.name} ({source.licence})" if source.licence else source.name for source in region.sources)
    return tuple(dict.fromkeys(names))
