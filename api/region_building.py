"""Make a region folder from files: read all of them, merge, add streets and timetables, and report on every row."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from api.street_building import StreetFiles, build_networks, store_networks
from api.texts import text
from api.tile_building import TileReport, add_tiles
from regional_assets.errors import InputError, Problem
from regional_assets.model import Asset, Name, Region, Source
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime as dt

    from regional_assets.findings import Finding
    from regional_assets.merge import MergeResult
    from regional_assets.report import ReadResult
    from routing.request import Mode
    from routing.streets import BuildReport

_REGION_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_Result = TypeVar("_Result")

Tell = Callable[[Text], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFiles:
    """
    Name the inputs of a region.

    Parameters
    ----------
    osm
        OpenStreetMap files; places and streets are read from them.
    csv
        Municipal open data.
    geofile
        GeoJSON, GeoPackage, Shapefile or GeoParquet files of places.
    heritage
        Japan Heritage list; only its rows in ``prefecture`` count.
    prefecture
        As the list writes it, without 県 (``"福井"``).
    edges
        A layer of street lines.
    licence
        Under which the files are published that name no licence themselves: all but OpenStreetMap and timetables.
    csv_licence
        Of the CSV files, where it is another one.
    gtfs
        Timetables, folders or zip files; kept in the region folder.
    place
        Name of a place, looked up online for places and streets.
    """

    osm: Sequence[Path] = ()
    csv: Sequence[Path] = ()
    geofile: Sequence[Path] = ()
    heritage: Path | None = None
    prefecture: str | None = None
    edges: Path | None = None
    gtfs: Sequence[Path] = ()
    place: str | None = None
    licence: str | None = None
    csv_licence: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedTimetable:
    """
    Hold what was found in a timetable.

    Parameters
    ----------
    name
        File name.
    counts
        Rows of each table.
    validity
        First and last date, where the feed states any.
    findings
        What its publisher should repair, worst first.
    """

    name: str
    counts: Mapping[str, int]
    validity: tuple[dt.date, dt.date] | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class BuiltRegion:
    """
    Hold a region that was made, with everything there is to say about the making.

    Parameters
    ----------
    region
        As saved.
    read
        One result per input of places.
    merged
        What was found to be the same place in several inputs; ``None`` with a single input.
    streets
        Report per mode.
    timetables
        One entry per timetable.
    tiles
        What was drawn of streets and outlines; ``None`` where there is nothing to draw.
    notes
        What could not be had, though nothing that was asked for by name: streets for one of the usual modes.
    """

    region: Region
    read: list[ReadResult] = field(default_factory=list)
    merged: MergeResult | None = None
    streets: dict[Mode, BuildReport] = field(default_factory=dict)
    timetables: tuple[CheckedTimetable, ...] = ()
    tiles: TileReport | None = None
    notes: list[Problem] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON types, every refused row and every warning included."""
        merged = self.merged
        return {
            "region": self.region.id,
            "folder": str(self.region.folder),
            "assets": len(self.region.assets),
            "kinds": dict(Counter(str(asset.kind) for asset in self.region.assets)),
            "inputs": [_plain_result(result) for result in self.read],
            "merged": []
            if merged is None
            else [
                {
                    "kept": pair.kept,
                    "absorbed": pair.absorbed,
                    "similarity": round(pair.similarity, 3),
                    "distance_m": None if pair.distance_m is None else round(pair.distance_m, 1),
                    "why": _plain_text(pair.why),
                }
                for pair in merged.merged
            ],
            "renamed": [] if merged is None else [{"from": old, "to": new} for old, new in merged.renamed],
            "streets": {mode: report.to_dict() for mode, report in self.streets.items()},
            "timetables": [_plain_timetable(timetable) for timetable in self.timetables],
            "tiles": self.tiles and self.tiles.to_json(),
            "notes": [_plain_problem(problem) for problem in self.notes],
        }


def build_region(
    region_id: str,
    files: RegionFiles,
    *,
    target: Path,
    name_ja: str | None,
    name_en: str | None,
    modes: Sequence[Mode],
    modes_are_asked: bool,
    replace: bool,
    tell: Tell,
    tell_streets: Callable[[Text, float], None],
    known_problems: Sequence[Problem] = (),
) -> BuiltRegion:
    """
    Read every input, merge the places, build the streets, draw tiles, and write the region folder as a whole.

    Parameters
    ----------
    region_id
        Name of the folder.
    files
        Inputs.
    target
        Where the folder goes.
    name_ja, name_en
        For people; where both are blank, the name of the folder serves.
    modes
        For which streets are built, where there are streets.
    modes_are_asked
        Whether somebody asked for these modes: then streets that none can use are refused, else they are a note.
    replace
        Whether a region of that name may be replaced.
    tell, tell_streets
        Told what is being done.
    known_problems
        Found by the caller already; told together with those found here.

    Raises
    ------
    InputError
        With the problems of all inputs, also where not one place is in them; nothing is written then.
    OfflineError
        If a place was named and could not be looked up.
    """
    problems = [*known_problems, *_name_problems(region_id, target, replace=replace), *_file_problems(files)]
    read = list(_read_all(files, problems, tell))
    timetables = tuple(_read_timetables(files.gtfs, problems, tell))
    if not problems and not any(result.assets for result in read):
        problems += map(_no_places, read)
    if problems:
        raise InputError(problems)
    merged = _merged(read, tell)
    assets = merged.assets if merged is not None else read[0].assets if read else ()
    region = Region(
        id=region_id,
        name=_name(region_id, name_ja, name_en),
        notice=text_name(text("build.notice")),
        assets=assets,
        sources=_sources(assets),
    )
    built = BuiltRegion(region, read, merged, timetables=timetables)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{region_id}.") as folder:
        draft = Path(folder) / region_id
        _write(built, files, draft, modes, modes_are_asked, tell, tell_streets)
        _put_in_place(draft, target)
    built.region = built.region.model_copy(update={"folder": target})
    return built


def _name(region_id: str, ja: str | None, en: str | None) -> Name:
    ja, en = (ja or "").strip(), (en or "").strip()
    return Name(ja=ja or None, en=en or (None if ja else region_id))


def text_name(words: Text) -> Name:
    """Return a text as a bilingual name."""
    return Name(ja=words.ja, en=words.en)


def _write(
    built: BuiltRegion,
    files: RegionFiles,
    draft: Path,
    modes: Sequence[Mode],
    modes_are_asked: bool,
    tell: Tell,
    tell_streets: Callable[[Text, float], None],
) -> None:
    import json

    from regional_assets.region import save_region

    draft.mkdir()
    timetables = _copy_timetables(files.gtfs, draft)
    region = built.region.model_copy(update={"folder": draft, "timetables": timetables})
    street_files = StreetFiles(osm=files.osm, edges=files.edges, place=files.place, licence=files.licence)
    if street_files:
        networks, built.notes = build_networks(street_files, modes, all_needed=modes_are_asked, tell=tell_streets)
        built.streets = {mode: network.report for mode, network in networks.items()}
        region = store_networks(region, networks)
        region, built.tiles = add_tiles(region, networks, files.osm, tell_streets)
    tell(text("build.saving"))
    save_region(region, draft)
    built.region = region
    report = json.dumps(built.to_json(), ensure_ascii=False, indent=2, default=str)
    (draft / "build-report.json").write_text(report + "\n", encoding="utf-8")


def _put_in_place(draft: Path, target: Path) -> None:
    """Move the finished folder to its name; an old one disappears only once the new one is complete."""
    old = draft.parent / "replaced"
    if target.exists():
        target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _name_problems(region_id: str, target: Path, *, replace: bool) -> Iterator[Problem]:
    if not _REGION_ID.fullmatch(region_id):
        yield Problem("NAME", region_id, text("build.bad_name", name=region_id))
    elif target.exists() and not replace:
        yield Problem("NAME", region_id, text("build.exists", name=region_id, folder=target))
    elif not replace and _is_bundled(region_id):
        yield Problem("NAME", region_id, text("build.bundled", name=region_id))


def _file_problems(files: RegionFiles) -> Iterator[Problem]:
    if not (files.osm or files.csv or files.geofile or files.heritage or files.place):
        yield Problem("", None, text("build.no_input"))
    if files.prefecture and not files.heritage:
        yield Problem("--prefecture", files.prefecture, text("build.prefecture_alone"))
    if files.edges is not None and not files.edges.is_file():
        # Streets are built last; what is plainly missing is told with the rest.
        yield Problem(str(files.edges), str(files.edges), text("build.no_file"))


def _read_all(files: RegionFiles, problems: list[Problem], tell: Tell) -> Iterator[ReadResult]:
    """Read the inputs in order of preference: what stands first wins where two say different things."""
    for label, read in _readers(files):
        tell(text("build.reading", file=label))
        result = _or_problems(read, problems)
        if result is not None:
            yield result


def _readers(files: RegionFiles) -> Iterator[tuple[str, Callable[[], ReadResult]]]:
    # Only the readers that are needed are imported: most bring a heavy library with them.
    if files.geofile:
        from regional_assets.readers.geofile import read_geofile

        for path in files.geofile:
            yield path.name, partial(read_geofile, path, licence=files.licence)
    if files.csv:
        from regional_assets.readers.municipal import read_municipal

        for path in files.csv:
            yield path.name, partial(read_municipal, path, licence=files.csv_licence or files.licence)
    if files.heritage:
        from regional_assets.readers.heritage import read_heritage

        yield (
            files.heritage.name,
            partial(read_heritage, files.heritage, prefecture=files.prefecture, licence=files.licence),
        )
    if files.osm:
        from regional_assets.readers.osm import read_osm

        yield ", ".join(path.name for path in files.osm), partial(read_osm, list(files.osm))
    if files.place:
        yield files.place, partial(_read_place, files.place)


def _read_place(name: str) -> ReadResult:
    from regional_assets.readers.osm import read_osm_place
    from routing.errors import OfflineError

    try:
        return read_osm_place(name)
    except InputError as error:
        # The reader knows bad input only; a missing connection is no fault of the name.
        if isinstance(error.__context__, OSError):
            raise OfflineError(error.problems[0].message) from error
        raise


def _or_problems(read: Callable[[], _Result], problems: list[Problem]) -> _Result | None:
    try:
        return read()
    except InputError as error:
        problems.extend(error.problems)
        return None


def _read_timetables(paths: Sequence[Path], problems: list[Problem], tell: Tell) -> Iterator[CheckedTimetable]:
    """Read and check every timetable; one that cannot be read, or holds no stop of any trip, is a problem."""
    if not paths:
        return
    from regional_assets.readers.gtfs import check_gtfs, read_gtfs

    for path in paths:
        tell(text("build.reading", file=path.name))
        feed = _or_problems(partial(read_gtfs, path), problems)
        if feed is None:
            continue
        if feed.validity is None or not all(feed.counts[table] for table in ("stops", "trips", "stop_times")):
            problems.append(Problem(str(path), None, text("build.empty_gtfs")))
            continue
        yield CheckedTimetable(path.name, feed.counts, feed.validity, check_gtfs(feed))


def _no_places(result: ReadResult) -> Problem:
    reasons = Counter(problem.message for problem in result.refused)
    if not reasons:
        return Problem(result.source, result.rows, text("build.no_places", rows=result.rows))
    commonest, _ = reasons.most_common(1)[0]
    return Problem(result.source, result.rows, text("build.all_refused", rows=result.rows, reason=commonest))


def _is_bundled(region_id: str) -> bool:
    from regional_assets.region import bundled_region_folder

    try:
        return bool(bundled_region_folder(region_id))
    except InputError:
        return False


def _merged(read: Sequence[ReadResult], tell: Tell) -> MergeResult | None:
    if len(read) < 2:
        return None
    from regional_assets.merge import merge_assets

    tell(text("build.merging"))
    return merge_assets([result.assets for result in read])


def _sources(assets: Sequence[Asset]) -> tuple[Source, ...]:
    """Return each publisher once, with licence and date, without the rows."""
    sources = (source.model_copy(update={"row": None}) for asset in assets for source in asset.sources)
    return tuple(dict.fromkeys(sources))


def _copy_timetables(paths: Sequence[Path], folder: Path) -> tuple[str, ...]:
    names: list[str] = []
    for path in paths:
        # Two feeds may have the same file name.
        name = path.name if path.name not in names else f"{len(names) + 1}-{path.name}"
        (folder / "timetables").mkdir(exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, folder / "timetables" / name)
        else:
            shutil.copyfile(path, folder / "timetables" / name)
        names.append(name)
    return tuple(f"timetables/{name}" for name in names)


def _plain_result(result: ReadResult) -> dict[str, Any]:
    return {
        "source": result.source,
        "dataset": result.dataset,
        "rows": result.rows,
        "accepted": len(result.assets),
        "refused": [_plain_problem(problem) for problem in result.refused],
        "warnings": [_plain_problem(problem) for problem in result.warnings],
    }


def _plain_timetable(timetable: CheckedTimetable) -> dict[str, Any]:
    first, last = timetable.validity or (None, None)
    return {
        "file": timetable.name,
        "counts": dict(timetable.counts),
        "valid_from": first and first.isoformat(),
        "valid_until": last and last.isoformat(),
        "findings": [finding.as_json() for finding in timetable.findings],
    }


def _plain_problem(problem: Problem) -> dict[str, Any]:
    value = problem.value if isinstance(problem.value, str | int | float | None) else str(problem.value)
    return {"where": problem.where, "value": value, "message": _plain_text(problem.message)}


def _plain_text(words: Text) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}
