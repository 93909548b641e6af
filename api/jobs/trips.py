"""Work on trips: planning one, saying why a place is not in it, and judging one made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.jobs.stages import compile_first
from api.jobs.work import Stopped
from api.regions.snapshots import data_version_of
from api.trip_requests import CheckTask, ExplanationTask, TripTask
from api.warming import compile_annealer, compile_trips
from routing.explain import explain_trip
from routing.judge import judge_trip
from routing.plan import plan_trip

if TYPE_CHECKING:
    from api.jobs.work import Reporter, Workplace
    from regional_assets.model import Region
    from routing.itinerary import Day, Itinerary


def plan(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Plan a trip; better plans are handed out as they are found.

    Parameters
    ----------
    payload
        A `api.trip_requests.TripTask` as JSON.

    Returns
    -------
    itinerary
        An `routing.itinerary.Itinerary` as JSON; as are the plans handed out.
    """
    assert region is not None, "trips are planned in a region"
    task = TripTask.model_validate_json(payload)
    version = data_version_of(region.folder)
    reporter.tell(0.0, "streets")
    networks = workplace.networks(region, task.request.mode)
    compile_first(reporter, compile_trips, *([compile_annealer] if task.request.solver.name == "qubo" else []))
    reporter.tell(0.0, "search")
    itinerary = plan_trip(
        region,
        task.request,
        today=task.today,
        networks=networks,
        on_progress=reporter.tell,
        on_plan=lambda better: reporter.offer(_as_json(better, version), **facts_of(better)),
        should_stop=reporter.stop_requested,
    )
    if itinerary.status == "unsolved" and itinerary.provenance.limit == "stopped":
        # Not for want of a plan, but of time: there is nothing to show.
        raise Stopped
    return _as_json(itinerary, version)


def explain(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Say why a place is not in a trip.

    Parameters
    ----------
    payload
        An `api.trip_requests.ExplanationTask` as JSON.

    Returns
    -------
    reason
        A `routing.itinerary.Excluded` as JSON.
    """
    assert region is not None, "trips are explained in a region"
    task = ExplanationTask.model_validate_json(payload)
    reporter.tell(0.0, "streets")
    networks = workplace.networks(region, task.itinerary.request.mode)
    compile_first(reporter, compile_trips)
    reporter.tell(0.0, "search")
    reasons = explain_trip(
        region,
        task.itinerary,
        [task.asset],
        today=task.today,
        networks=networks,
        on_progress=reporter.tell,
        should_stop=reporter.stop_requested,
    )
    if not reasons:
        # Nobody asks about a place that is in the trip: there was no time to find out.
        raise Stopped
    return reasons[0].model_dump_json().encode()


def check(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Judge a plan made by hand.

    Parameters
    ----------
    payload
        An `api.trip_requests.CheckTask` as JSON.

    Returns
    -------
    judgement
        A `routing.judge.Judgement` as JSON.
    """
    assert region is not None, "trips are judged in a region"
    task = CheckTask.model_validate_json(payload)
    request = task.trip.request
    reporter.tell(0.0, "streets")
    networks = workplace.networks(region, request.mode)
    judgement = judge_trip(region, request, task.trip.days, today=task.today, networks=networks)
    return judgement.model_dump_json().encode()


def facts_of(itinerary: Itinerary) -> dict[str, Any]:
    """Return what is told of a plan while it is being bettered: its worth, and where each day leads."""
    return {
        "objective": itinerary.objective,
        "bound": itinerary.bound,
        "gap": itinerary.gap,
        "seconds": itinerary.provenance.seconds,
        "days": [{"date": day.date.isoformat(), "assets": _visited(day)} for day in itinerary.days],
    }


def _visited(day: Day) -> list[str]:
    """Return the places of a day in order, the inn at its end included."""
    return [step.asset for step in day.steps if step.asset is not None and step.type in ("visit", "meal", "stay")]


def _as_json(itinerary: Itinerary, data_version: str | None) -> bytes:
    provenance = itinerary.provenance.model_copy(update={"data_version": data_version})
    return itinerary.model_copy(update={"provenance": provenance}).model_dump_json().encode()
