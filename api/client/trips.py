"""Trips: plan, look, stop, explain, take along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote

from api.client._bodies import json_body
from api.client._connection import Connection, id_of
from api.http.paging import Page
from api.jobs.model import Answer, Job, JobState
from regional_assets.text import Language
from routing.itinerary import Excluded, Itinerary
from routing.request import TripRequest

if TYPE_CHECKING:
    from routing.judge import HandMadeTrip, Judgement

Trip: TypeAlias = Answer[Itinerary]
"""A trip: its job, and as ``result`` the best plan so far, or the final one."""

ExportForm = Literal["geojson", "gpx", "ics", "kml", "jsonld", "pdf"]


class Trips(Connection):
    """Ask about trips."""

    def plan_trip(
        self,
        region: str,
        request: TripRequest | Mapping[str, Any],
        *,
        wait: float = 10,
        idempotency_key: str | None = None,
    ) -> Trip:
        """
        Plan a trip.

        Parameters
        ----------
        region
            Id of the region.
        request
            What is asked for; only ``days`` is needed.
        wait
            Seconds within which the plan is answered if it is there by then; `wait` waits longer.
        idempotency_key
            Names the request, so that asking again, later or from elsewhere, gives the same trip; by default every call
            is a request of its own.

        Returns
        -------
        trip
            Ended or not; without a plan its ``result`` says ``infeasible`` and why.
        """
        path = f"/v1/regions/{region}/trips"
        return self._start(Trip, path, wait=wait, idempotency_key=idempotency_key, **json_body(request))

    def trip(self, trip_id: str) -> Trip:
        """Return a trip with its best plan so far, or the final one."""
        return self._get(Trip, f"/v1/trips/{trip_id}")

    def trips(self, *, state: JobState | None = None, region: str | None = None) -> Iterator[Job]:
        """Yield the trips of this key without their plans, the newest first."""
        return self._pages(Page[Job], "/v1/trips", state=state, region=region)

    def check_trip(self, region: str, plan: HandMadeTrip | Mapping[str, Any], *, wait: float = 60) -> Answer[Judgement]:
        """
        Hold a plan made by hand against the rules of the planner: every rule that it breaks, its times, costs, points.

        Parameters
        ----------
        region
            Id of the region.
        plan
            The request that it is to meet, and its stops day by day.
        wait
            Seconds within which the judgement comes if it is there by then.
        """
        from routing.judge import Judgement

        return self._start(Answer[Judgement], f"/v1/regions/{region}/trips:check", wait=wait, **json_body(plan))

    def explain(self, trip: str | Trip, asset: str, *, wait: float = 60) -> Answer[Excluded]:
        """
        Ask why a place is not in a trip, what it would push out, and what it would cost.

        Parameters
        ----------
        trip
            A trip that has ended, or its id.
        asset
            Id of the place.
        wait
            Seconds within which the answer comes if it is there by then.
        """
        return self._ask(Answer[Excluded], f"/v1/trips/{id_of(trip)}/explanations/{quote(asset)}", wait=wait)

    def export(
        self,
        trip: str | Trip,
        form: ExportForm,
        path: str | Path | None = None,
        *,
        alternative: int | None = None,
        language: Language | None = None,
    ) -> bytes:
        """
        Return a trip as a file, and write it where a path is given.

        Parameters
        ----------
        trip
            A trip with a plan, or its id.
        form
            See `docs/exports.md`.
        path
            Where to write the file; it is replaced.
        alternative
            Number of the alternative, from 1; by default the plan itself.
        language
            Of the words in the file.
        """
        return self._file(f"/v1/trips/{id_of(trip)}.{form}", path, alternative=alternative, lang=language)
