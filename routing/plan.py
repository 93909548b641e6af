"""Plan a trip: from a request to an itinerary."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing._compose import Composer, excluded_alone, sources_of, total
from routing._conflicts import unmet
from routing._prepare import prepare
from routing._prove import bounded, gap_of, prove
from routing._sampled import SamplerUse, sampling_of
from routing._scoring import UNITS_PER_POINT
from routing._search import Searched, other_plans, search, what_it_did_not_know
from routing._watch import Incumbents, Watch
from routing.itinerary import Itinerary, Provenance

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from regional_assets.model import Region
    from routing._prepare import Prepared
    from routing._translate import Translation
    from routing.itinerary import Conflict
    from routing.packing import PackedTrip
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork
    from solvers.orienteering import SolveResult
    from solvers.orienteering.alternatives import Alternative
    from solvers.qubo.reads import Reads


def plan_trip(
    region: Region,
    request: TripRequest,
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    sampler: Any = None,
    allow_remote: bool = False,
    on_progress: Callable[[float], None] | None = None,
    on_plan: Callable[[Itinerary], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
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
    sampler
        A sampler (any ``dimod.Sampler``) in the place of that which the request names; for ``solver.name`` ``qubo``.
    allow_remote
        Whether a sampler may send the model to another machine.
    on_progress
        Called with the share of the work done, 0 to 1.
    on_plan
        Called with a better plan whenever one is found, at most five times a second, and not for searches that are over
        at once: an itinerary with days, totals, bound and assumptions, but without what is only worked out in the end
        (places left out, alternatives, effect of the combinations). An exception it raises ends the run.
    should_stop
        Asked every few hundredths of a second, also from other threads. Once it says so, the best plan so far comes
        back, with ``provenance.limit`` ``stopped``; what was not begun by then is left out. Neither listeners nor this
        question change a plan that is not stopped.

    Returns
    -------
    itinerary
        With ``status="infeasible"`` and ``conflicts`` when wishes contradict the hours, the budget or each other.

    Raises
    ------
    InputError
        If the request makes no sense in this region, with every problem found.
    SamplerError
        If the sampler is unknown, structured, not installed, remote without permission, or fails.
    """
    use = SamplerUse(sampler, allow_remote)
    use.check(request)
    watch = Watch(on_progress, on_plan, should_stop)
    return _planned(prepare(region, request, today=today, networks=networks), use, watch)


def plan_from_reads(
    packed: PackedTrip, reads: Reads, *, on_progress: Callable[[float], None] | None = None
) -> Itinerary:
    """
    Return the itinerary that reads of a sampler stand for: the one that ``plan_trip`` makes of the same reads.

    Parameters
    ----------
    packed
        From `routing.packing.pack_trip`.
    reads
        In the order of its variables, at least one.
    on_progress
        Called with the share of the work done, 0 to 1.

    Raises
    ------
    SolutionError
        If the reads do not belong to the problem.
    """
    return _planned(packed.prepared, SamplerUse(reads, posed=packed.posed), Watch(on_progress))


def _planned(prepared: Prepared, use: SamplerUse, watch: Watch) -> Itinerary:
    request, translation = prepared.request, prepared.translation
    if translation is None:
        return _no_plan(prepared, prepared.conflicts)
    incumbents = _incumbents(prepared, translation, watch)
    first = 1 / (1 + request.alternatives)
    found = search(translation, request, use, watch, watch.part(0, first), incumbents)
    result = found.result
    if result.status in ("infeasible", "unsolved"):
        return _no_plan(prepared, unmet(result, translation, prepared.screening), _ended(result, watch))
    result = bounded(translation.problem, result)
    if request.solver.proof_s is not None:
        _offer(incumbents, result)
        result = prove(translation.problem, result, request.solver.proof_s, watch.question)
    if request.alternatives:
        _offer(incumbents, result)
    result, others = other_plans(translation, request, result, watch, watch.part(first, 1))
    return _itinerary(prepared, translation, replace(found, result=_ended(result, watch)), others)


def _offer(incumbents: Incumbents | None, result: SolveResult) -> None:
    """Tell of a plan that further work follows."""
    if incumbents is not None:
        incumbents.offer(replace(result, limit="stopped"))


def _ended(result: SolveResult, watch: Watch) -> SolveResult:
    """Say of a plan that somebody ended the work on it, whichever part of it that was."""
    return replace(result, limit="stopped") if watch.stop.is_set else result


def _incumbents(prepared: Prepared, translation: Translation, watch: Watch) -> Incumbents | None:
    """Return who hears of better plans, if anybody wants to."""
    on_plan = watch.on_plan
    if on_plan is None:
        return None

    def tell(result: SolveResult) -> None:
        on_plan(_itinerary(prepared, translation, Searched(result), is_final=False))

    return Incumbents(translation.problem, prepared.request.solver, tell)


def _itinerary(
    prepared: Prepared,
    translation: Translation,
    found: Searched,
    others: Sequence[Alternative] = (),
    *,
    is_final: bool = True,
) -> Itinerary:
    region, request, screening = prepared.region, prepared.request, prepared.screening
    result = found.result
    composer = Composer(
        region,
        request,
        prepared.days,
        screening,
        prepared.ground,
        translation,
        result.solution,
        result.evaluation,
    )
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
        combination_effect=None if found.without is None else composer.effect(found.without.solution),
        excluded=composer.excluded() if is_final else (),
        assumed=(*composer.assumed(), *what_it_did_not_know(result)),
        conflicts=(),
        alternatives=tuple(composer.alternative(other) for other in others),
        sampling=sampling_of(found.sampled, result),
        sources=sources_of(region),
        request=request,
        provenance=_provenance(prepared, result, options=len(translation.options)),
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


def _no_plan(prepared: Prepared, conflicts: tuple[Conflict, ...], result: SolveResult | None = None) -> Itinerary:
    region, request = prepared.region, prepared.request
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
        excluded=excluded_alone(prepared.screening),
        assumed=(),
        conflicts=conflicts,
        sources=sources_of(region),
        request=request,
        provenance=_provenance(prepared, result),
    )


def _provenance(prepared: Prepared, result: SolveResult | None, *, options: int = 0) -> Provenance:
    choice = prepared.request.solver
    return Provenance(
        region=prepared.region.id,
        seed=choice.seed,
        solver=choice.name if result is None else result.solver,
        limit=result.limit if result is not None else "none",
        iterations=result.iterations if result is not None else 0,
        seconds=round(result.seconds, 3) if result is not None else 0.0,
        candidates=len(prepared.screening.candidates),
        options=options,
        version=version("meguri"),
    )
