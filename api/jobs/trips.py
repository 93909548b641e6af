"""Work on trips: planning one, and saying why places are not in it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from api.jobs.work import Stopped
from api.regions.snapshots import data_version_of
from api.trip_requests import TripTask
from regional_assets.model import AssetId
from routing.explain import explain_trip
from routing.itinerary import Excluded, Itinerary
from routing.plan import plan_trip

if TYPE_CHECKING:
    from api.jobs.work import Reporter, Workplace
    from regional_assets.model import Region
    from routing.itinerary import Day

_EXCLUDED = TypeAdapter(tuple[Excluded, ...])


class ExplanationTask(BaseModel):
    """
    Hold what explaining needs beside the region.

    Parameters
    ----------
    itinerary
        A plan; its request says the rest.
    assets
        Places to explain.
    today
        As in `api.trip_requests.TripTask`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    itinerary: Itinerary
    assets: tuple[AssetId, ...]
    today: dt.date


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
    Say why places are not in a trip.

    Parameters
    ----------
    payload
        An `ExplanationTask` as JSON.

    Returns
    -------
    reasons
        A list of `routing.itinerary.Excluded` as JSON; of a job that was stopped, those found by then.
    """
    assert region is not None, "trips are explained in a region"
    task = ExplanationTask.model_validate_json(payload)
    reporter.tell(0.0, "streets")
    networks = workplace.networks(region, task.itinerary.request.mode)
    reporter.tell(0.0, "search")
    reasons = explain_trip(
        region,
        task.itinerary,
        task.assets,
        today=task.today,
        networks=networks,
        on_progress=reporter.tell,
        should_stop=reporter.stop_requested,
    )
    return _EXCLUDED.dump_json(reasons)


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
