"""Trips for annealers: from a request to a model, and from samples to an itinerary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli._planning import Planned, deliver, local_today
from api.cli._progress import working
from api.cli._session import ExitCode, fail
from api.cli._trip_options import TripWords, read_request, region_name
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from api.cli._qubo import Wish
    from api.cli._session import Session
    from api.qubo_models import Model
    from api.qubo_sidecar import Sidecar, TripSource
    from regional_assets.model import Region
    from routing.packing import PackedTrip
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork
    from solvers.qubo.reads import Reads


def exported_trip(session: Session, content: Mapping[str, Any], wish: Wish) -> Model:
    """
    Return the model of a trip request.

    Raises
    ------
    InputError
        If the request makes no sense in its region, or is not for this model.
    typer.Exit
        With `ExitCode.NO_PLAN` where nothing could be planned.
    """
    from api.qubo_models import trip_model
    from api.qubo_sidecar import TripSource
    from regional_assets.region import find_region

    base = dict(content)
    in_file = base.pop("region", "echizen")
    name = region_name(in_file) if wish.region is None else region_name(wish.region, "--region")
    land = find_region(name, session.settings.home)
    today = wish.today or local_today(land)
    words = TripWords(seed=None if wish.seed is None else str(wish.seed), solver="qubo", model=wish.model)
    request = read_request(words, base, region=land, today=today, asks_sampler=False)
    source = TripSource(
        # A path must still lead there when the sidecar is used from another folder.
        region=str(Path(name).absolute()) if Path(name).is_dir() else name,
        today=today,
        request=request.model_dump(mode="json"),
        most=wish.most,
    )
    try:
        packed, _ = _packed(session, land, request, source)
    except InputError as error:
        raise InputError(
            replace(problem, where="--most") if problem.where == "most" else problem for problem in error.problems
        ) from error
    return trip_model(packed, source, request)


def decode_trip(session: Session, sidecar: Sidecar, source: TripSource, reads: Reads, *, folder: Path | None) -> None:
    """
    Show the itinerary that samples stand for, and write its files.

    Raises
    ------
    InputError
        If the region is no longer the one that was exported.
    """
    from api.qubo_models import refuse_changed_source, trip_model
    from regional_assets.region import find_region

    land = find_region(source.region, session.settings.home)
    request = read_request(TripWords(), source.request, region=land, today=source.today, asks_sampler=False)
    packed, networks = _packed(session, land, request, source)
    refuse_changed_source(sidecar, trip_model(packed, source, request), source.region)
    with working(session, "progress.decoding") as progress:
        from routing.plan import plan_from_reads

        itinerary = plan_from_reads(packed, reads, on_progress=progress)
    deliver(session, Planned(land, networks, itinerary), folder=folder)


def _packed(
    session: Session, land: Region, request: TripRequest, source: TripSource
) -> tuple[PackedTrip, dict[Mode, StreetNetwork]]:
    with working(session, "progress.modelling") as progress, _no_plan_told(session):
        from routing.packing import pack_trip
        from routing.plan import load_streets

        streets = load_streets(land, request.mode)
        networks = {} if streets is None else {request.mode: streets}
        packed = pack_trip(
            land,
            request,
            today=source.today,
            networks=networks,
            most=source.most,
            on_progress=progress,
        )
    return packed, networks


@contextmanager
def _no_plan_told(session: Session) -> Iterator[None]:
    """End the command as others do where nothing can be planned."""
    from routing.errors import NothingToChooseError

    try:
        yield
    except NothingToChooseError as error:
        problems = [Problem("", None, message) for message in error.messages]
        fail(problems, ExitCode.NO_PLAN, as_json=session.as_json, language=session.language)
