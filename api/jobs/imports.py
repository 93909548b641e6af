"""Work on imports: make a region from uploaded files, and bring it back with the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from api.jobs.stages import go_on
from api.region_building import BuiltRegion, CheckedTimetable, RegionFiles, build_region
from api.regions.archives import UnpackLimits
from api.regions.importing import RETURNED_FILE, ImportTask, ReturnedImport
from api.regions.preparing import Limits, check_region_folder, prepare
from api.regions.snapshots import SnapshotRef, pack
from api.regions.uploads import Role, Upload
from api.texts import text
from api.tiles.archive import BrokenTilesError, check_archive
from regional_assets.errors import InputError, Problem
from regional_assets.region import REGION_FILE, load_region, save_region
from regional_assets.report import ReadResult
from regional_assets.text import Text

if TYPE_CHECKING:
    from api.jobs.work import Reporter, Workplace
    from regional_assets.model import Region
    from routing.request import Mode

_USUAL_MODES: tuple[Mode, ...] = ("walk", "bicycle", "car")
_Result = TypeVar("_Result")


def run(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """
    Make a region from the files in the folder of its draft.

    Parameters
    ----------
    payload
        An `api.regions.importing.ImportTask` as JSON.
    region
        The draft.

    Returns
    -------
    packed
        Region folder with an `api.regions.importing.ReturnedImport` in it, packed.

    Raises
    ------
    InputError
        With every problem of every file; each names its file by role and number (``csv[0]``).
    """
    assert region is not None, "the files of an import lie in its draft"
    assert region.folder is not None, "a draft has a folder"
    task = ImportTask.model_validate_json(payload)
    reporter.tell(0.0, "checking files")
    _keep_gdal_offline(task.uploads)
    paths = _prepared(task, region.folder, workplace.scratch)
    target = workplace.scratch / "built" / task.region_id
    make = _take_over if task.uploads[0].role == "region" else _build
    try:
        built = _naming_files(task, paths, lambda: make(task, paths, target, reporter))
    except MemoryError:
        raise InputError([Problem("", None, text("imports.memory"))]) from None
    if len(built.region.assets) > task.rows_limit:
        raise InputError([Problem("", len(built.region.assets), text("regions.many_assets", most=task.rows_limit))])
    report = {**built.to_json(), "links": task.links.model_dump()}
    del report["folder"]  # Of this machine.
    returned = ReturnedImport(replace=task.replace, key_id=task.key_id, report=report)
    (target / RETURNED_FILE).write_text(returned.model_dump_json(), encoding="utf-8")
    reporter.tell(0.95, "packing")
    return pack(SnapshotRef(task.region_id, "", target))


def _keep_gdal_offline(uploads: Sequence[Upload]) -> None:
    """Take GDAL's way to the network, besides not giving it a file that could ask for it."""
    if any(upload.role in ("geofile", "edges") for upload in uploads):
        import pyogrio

        pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_FILENAME": "none"})


def _prepared(task: ImportTask, draft: Path, scratch: Path) -> list[Path]:
    """Return, for each upload, a path that a reader may be given."""
    limits = Limits(task.rows_limit, UnpackLimits(task.unpacked_limit_bytes, task.unpacked_files))
    paths: list[Path] = []
    problems: list[Problem] = []
    for number, upload in enumerate(task.uploads):
        try:
            paths.append(prepare(upload, draft / upload.path, scratch / f"upload-{number}", limits))
            if upload.role == "region":
                check_region_folder(paths[-1], upload.name, limits)
        except InputError as error:
            field = _field(task.uploads, number)
            problems += (_about(field, problem) for problem in error.problems)
    if problems:
        raise InputError(problems)
    return paths


def _build(task: ImportTask, paths: Sequence[Path], target: Path, reporter: Reporter) -> BuiltRegion:
    def of(role: Role) -> list[Path]:
        return [path for upload, path in zip(task.uploads, paths, strict=True) if upload.role == role]

    def tell(words: Text, share: float | None = None) -> None:
        go_on(reporter, words.en, share)

    files = RegionFiles(
        osm=of("osm"),
        csv=of("csv"),
        geofile=of("geofile"),
        heritage=next(iter(of("heritage")), None),
        prefecture=task.prefecture,
        edges=next(iter(of("edges")), None),
        gtfs=of("gtfs"),
        licence=task.licence,
        csv_licence=task.csv_licence,
    )
    return build_region(
        task.region_id,
        files,
        target=target,
        name_ja=task.name_ja,
        name_en=task.name_en,
        modes=cast("Sequence[Mode]", task.modes) or _USUAL_MODES,
        modes_are_asked=bool(task.modes),
        # Whether a region of this name may be replaced is for the server to say: there is none where this runs.
        replace=True,
        tell=tell,
        tell_streets=tell,
    )


def _take_over(task: ImportTask, paths: Sequence[Path], target: Path, reporter: Reporter) -> BuiltRegion:
    """Take a region folder as it is, once everything in it has been read."""
    go_on(reporter, "reading the region", 0.1)
    upload, unpacked = task.uploads[0], paths[0]
    region = load_region(_root_of(unpacked))
    problems = [*_street_problems(region), *_tile_problems(region), *_missing_files(region)]
    go_on(reporter, "reading timetables", 0.5)
    timetables = []
    for name in region.timetables:
        try:
            timetables.append(_timetable(region, name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    save_region(region.model_copy(update={"id": task.region_id, **_names(task)}), target)
    read = ReadResult(upload.name, "region", len(region.assets), region.assets)
    return BuiltRegion(load_region(target), [read], timetables=tuple(timetables))


def _names(task: ImportTask) -> dict[str, object]:
    from regional_assets.model import Name

    ja, en = task.name_ja, task.name_en
    return {"name": Name(ja=ja, en=en)} if ja or en else {}


def _root_of(folder: Path) -> Path:
    """Return the region folder: what was unpacked, or the one folder in it."""
    inner = [path for path in folder.iterdir() if path.is_dir() and path.name != "__MACOSX"]
    roots = [root for root in (folder, *inner) if (root / REGION_FILE).is_file()]
    if roots and (roots[0] == folder or len(roots) == 1):
        return roots[0]
    raise InputError([Problem(str(folder), None, text("imports.no_region", file=REGION_FILE))])


def _missing_files(region: Region) -> Iterator[Problem]:
    assert region.folder is not None
    for file in region.attachments:
        if not (region.folder / file).exists():
            yield Problem(str(region.folder / file), file, text("build.no_file"))


def _street_problems(region: Region) -> Iterator[Problem]:
    from routing.errors import NetworkCacheError
    from routing.streets import load_network

    assert region.folder is not None
    for streets in region.streets:
        try:
            load_network(region.folder / streets.file)
        except (NetworkCacheError, MemoryError) as error:
            reason = error.reason if isinstance(error, NetworkCacheError) else "MemoryError"
            yield Problem(str(region.folder / streets.file), None, text("imports.streets", reason=reason))


def _tile_problems(region: Region) -> Iterator[Problem]:
    assert region.folder is not None
    if region.tiles is None or not (region.folder / region.tiles).exists():
        return
    try:
        check_archive(region.folder / region.tiles)
    except BrokenTilesError as error:
        yield Problem(str(region.folder / region.tiles), None, text("tiles.unusable", reason=error.reason))


def _timetable(region: Region, name: str) -> CheckedTimetable:
    from regional_assets.readers.gtfs import check_gtfs, read_gtfs

    assert region.folder is not None
    feed = read_gtfs(region.folder / name)
    return CheckedTimetable(Path(name).name, feed.counts, feed.validity, check_gtfs(feed))


def _naming_files(task: ImportTask, paths: Sequence[Path], make: Callable[[], _Result]) -> _Result:
    """Let problems name the field of the request that a file came in, not a path on this machine."""
    try:
        return make()
    except InputError as error:
        raise InputError(_placed(problem, task, paths) for problem in error.problems) from None


def _placed(problem: Problem, task: ImportTask, paths: Sequence[Path]) -> Problem:
    for number, (upload, path) in enumerate(zip(task.uploads, paths, strict=True)):
        for start in (str(path), path.name):
            if problem.where.startswith(start):
                rest = problem.where.removeprefix(start)
                return _about(_field(task.uploads, number), replace(problem, where=upload.name + rest))
    return _about("", problem)


def _about(field: str, problem: Problem) -> Problem:
    words = problem.message
    place = f"{problem.where}: " if problem.where else ""
    value = problem.value if isinstance(problem.value, str | int | float) else None
    return Problem(field, value, Text(ja=place + words.ja, en=place + words.en))


def _field(uploads: Sequence[Upload], number: int) -> str:
    """Return the field of the request that a file came in, and its number among those of that field."""
    role = uploads[number].role
    return f"{role}[{sum(upload.role == role for upload in uploads[:number])}]"
