"""What `plan` and `demo` share: plan a request in a region, show the itinerary, write its files."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from api.cli._progress import working
from api.cli._session import ExitCode, Session, console
from api.refusals import sampler_told
from api.region_time import local_today as local_today
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regional_assets.model import Region
    from routing.itinerary import Itinerary
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork


@dataclass(frozen=True, slots=True)
class Planned:
    """Hold a planned trip with what it was planned on, and the assets whose absence was asked about."""

    region: Region
    networks: Mapping[Mode, StreetNetwork]
    itinerary: Itinerary
    explained: tuple[str, ...] = ()


def plan_in(
    session: Session, region: Region, request: TripRequest, *, today: dt.date | None, allow_remote: bool = False
) -> Planned:
    """
    Plan ``request`` on the streets the region has; progress goes to standard error.

    Parameters
    ----------
    allow_remote
        Whether a sampler may send the model away.

    Raises
    ------
    InputError
        With every part of the request that makes no sense in this region, or the sampler if it cannot be used.
    """
    from routing.plan import load_streets, plan_trip

    with sampler_told("--sampler"), working(session, "progress.planning") as progress:
        streets = load_streets(region, request.mode)
        networks = {} if streets is None else {request.mode: streets}
        itinerary = plan_trip(
            region,
            request,
            today=today or local_today(region),
            networks=networks,
            allow_remote=allow_remote,
            on_progress=progress,
        )
    return Planned(region, networks, itinerary)


def explained(session: Session, planned: Planned, asset_ids: Sequence[str], *, today: dt.date) -> Planned:
    """Find out why the named places are not in the trip; without a plan, the reasons it gives are all there are."""
    if not asset_ids:
        return planned
    itinerary = planned.itinerary
    if itinerary.days:
        from routing.explain import explain_trip, with_reasons

        with working(session, "progress.explaining"):
            reasons = explain_trip(planned.region, itinerary, asset_ids, today=today, networks=planned.networks)
        itinerary = with_reasons(itinerary, reasons)
    return replace(planned, itinerary=itinerary, explained=tuple(dict.fromkeys(asset_ids)))


def deliver(
    session: Session,
    planned: Planned,
    *,
    folder: Path | None,
    show_all: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> None:
    """
    Show the itinerary and write its files.

    Parameters
    ----------
    beside
        Plain values that stand in the JSON beside the itinerary.

    Raises
    ------
    typer.Exit
        With `ExitCode.NO_PLAN` where nothing could be planned.
    """
    from api.timetable import timetable

    itinerary = planned.itinerary
    is_planned = itinerary.status in ("optimal", "feasible")
    files = write_files(session, planned, folder) if folder is not None and is_planned else []
    # Without --json the parts are printed one by one, so that a long timetable can be read while it appears.
    parts = timetable(itinerary, planned.region, session.language, show_all=show_all, explained=planned.explained)
    session.answer({**itinerary.to_json(), **(beside or {})}, *parts)
    for file in files:
        session.note(session.say("cli.wrote", file=file))
    if not is_planned:
        if session.as_json:
            for conflict in itinerary.conflicts:
                console(stderr=True).print(conflict.text.in_(session.language), style="red", markup=False)
        raise typer.Exit(ExitCode.NO_PLAN)


def check_folder(folder: Path) -> None:
    """
    Refuse a folder that cannot be made or written to, before any time is spent on what should go into it.

    Raises
    ------
    OSError
        With the path that stands in the way.
    """
    standing = next(path for path in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(path))
    if not standing.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(standing))
    if not os.access(standing, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(standing))


def check_file(path: Path) -> None:
    """
    Refuse a file that cannot be written, before any time is spent on what should go into it.

    Raises
    ------
    OSError
        With the path that stands in the way.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    check_folder(path.parent)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under another name first, so that no half of it is ever seen; text as UTF-8."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_text_file(path: Path) -> str:
    """
    Return the text of a file; a byte-order mark is dropped.

    Raises
    ------
    InputError
        If it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError([Problem(str(path), None, text("cli.unreadable", reason=error.strerror or error))]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(str(path), None, text("cli.no_utf8"))]) from None


def write_files(session: Session, planned: Planned, folder: Path) -> list[Path]:
    """Write the itinerary as JSON, GeoJSON, GPX, a calendar and a map page; return the paths."""
    from api.exports.geojson import itinerary_geojson
    from api.exports.gpx import gpx_of
    from api.exports.ics import ics_of
    from api.exports.map_page import map_page

    folder.mkdir(parents=True, exist_ok=True)
    itinerary, region, language = planned.itinerary, planned.region, session.language
    contents: dict[str, str | bytes] = {
        "itinerary.json": json.dumps(itinerary.to_json(), ensure_ascii=False, indent=2) + "\n",
        "itinerary.geojson": json.dumps(itinerary_geojson(itinerary), ensure_ascii=False) + "\n",
        "itinerary.gpx": gpx_of(itinerary, language, region=region),
        "itinerary.ics": ics_of(itinerary, language, region=region, now=dt.datetime.now(dt.UTC)),
        "map.html": map_page(itinerary, region, networks=planned.networks, language=language),
    }
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
