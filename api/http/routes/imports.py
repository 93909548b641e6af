"""Imports: make a region from uploaded files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, BinaryIO

from fastapi import File, Form, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from api.http.auth import Caller, require
from api.http.depends import ServiceOf
from api.http.doors import Router
from api.http.jobs_http import Hints, Start, job_answers, start_job
from api.http.paging import absolute_url
from api.http.problems import ProblemError
from api.jobs.model import Answer
from api.problems import Flaw
from api.regions.archives import UnpackLimits
from api.regions.importing import KIND, ImportReport, ImportTask, links_of
from api.regions.uploads import ROLES, Role, Upload, check_upload
from api.service import Service
from api.texts import text
from regional_assets.errors import InputError
from regional_assets.model import Name, Region
from routing.request import Mode

router = Router(tags=["regions"])

_LONGEST_TEXT = 200
_SINGLE: tuple[Role, ...] = ("heritage", "edges", "region")
_PLACES: tuple[Role, ...] = ("csv", "geofile", "osm", "heritage", "region")

Files = Annotated[list[UploadFile], File()]
Words = Annotated[str | None, Form(max_length=_LONGEST_TEXT)]


@router.post(
    "/v1/regions:import",
    operation_id="importRegion",
    summary="Make a region from uploaded files",
    **job_answers(Answer[ImportReport]),
)
async def import_region(
    request: Request,
    service: ServiceOf,
    caller: Annotated[Caller, require("admin")],
    hints: Hints,
    id: Annotated[
        str,
        Form(
            pattern=r"^[a-z0-9][a-z0-9_-]*$",
            max_length=64,
            description="Id of the region: lower-case letters, digits, `_` and `-`.",
            examples=["ishikawa"],
        ),
    ],
    csv: Annotated[list[UploadFile], File(description="Municipal open data.")] = [],  # noqa: B006 - FastAPI copies it
    geofile: Annotated[list[UploadFile], File(description="Places as GeoJSON, GeoPackage or zipped Shapefile.")] = [],  # noqa: B006
    osm: Annotated[
        list[UploadFile],
        File(description="OpenStreetMap (`.osm`, `.osm.bz2`, `.osm.gz`, `.osm.pbf`): places, streets."),
    ] = [],  # noqa: B006
    gtfs: Annotated[list[UploadFile], File(description="Timetables, zipped.")] = [],  # noqa: B006
    heritage: Annotated[list[UploadFile], File(description="Japan Heritage list; at most one.")] = [],  # noqa: B006
    edges: Annotated[list[UploadFile], File(description="A layer of street lines; at most one.")] = [],  # noqa: B006
    region: Annotated[
        list[UploadFile], File(description="A whole region folder as a zip file, and nothing else; at most one.")
    ] = [],  # noqa: B006
    name_ja: Annotated[str | None, Form(max_length=_LONGEST_TEXT, description="Name for people.")] = None,
    name_en: Annotated[str | None, Form(max_length=_LONGEST_TEXT, description="Name for people.")] = None,
    modes: Annotated[
        list[Mode],
        Form(
            description="Ways of travel for which streets are built; repeated. By default all for which there are any."
        ),
    ] = [],  # noqa: B006
    licence: Annotated[
        str | None, Form(max_length=_LONGEST_TEXT, description="Of files that name none themselves.")
    ] = None,
    csv_licence: Annotated[
        str | None, Form(max_length=_LONGEST_TEXT, description="Of the CSV files, where it is another.")
    ] = None,
    prefecture: Annotated[
        str | None, Form(max_length=_LONGEST_TEXT, description="Only rows of the heritage list in it count: `福井`.")
    ] = None,
    replace: Annotated[bool, Form(description="Whether it may take the place of a region of that id.")] = False,
) -> Response:
    """
    Read every file, merge the places, build streets, and keep the result as a region; the answer reports on every row.

    What a file is is told by its content; its name is for people. Nothing is fetched from anywhere. The region is there
    when the job has succeeded, as a whole or not at all.

    For example: `curl -H 'Prefer: wait=60' -F id=sabae -F licence='CC BY 4.0' -F csv=@tourism.csv -F gtfs=@bus.zip
    http://127.0.0.1:8000/v1/regions:import`
    """
    files: dict[Role, list[UploadFile]] = {
        "csv": csv,
        "geofile": geofile,
        "osm": osm,
        "gtfs": gtfs,
        "heritage": heritage,
        "edges": edges,
        "region": region,
    }
    limits = UnpackLimits(service.settings.unpacked_limit_bytes, service.settings.unpacked_files)
    uploads, flaws = await run_in_threadpool(_checked, files, limits)
    flaws = [*_flaws_of_form(await request.form()), *flaws, *_flaws_between(files, prefecture)]
    if flaws:
        raise ProblemError(422, "invalid-input", errors=flaws)
    # Under a key it may be this very import that made the region: the job says so, when it is there, or refuses later.
    may_be_there = replace or hints.idempotency_key is not None
    if not may_be_there and await run_in_threadpool(service.regions.summary, id) is not None:
        detail = text("regions.exists", region=id)
        raise ProblemError(409, "conflict", detail, [Flaw(detail, pointer="/id", value=id)])
    settings = service.settings
    task = ImportTask(
        region_id=id,
        name_ja=_blank_to_none(name_ja),
        name_en=_blank_to_none(name_en),
        uploads=tuple(uploads),
        modes=tuple(dict.fromkeys(modes)),
        prefecture=_blank_to_none(prefecture),
        licence=_blank_to_none(licence),
        csv_licence=_blank_to_none(csv_licence),
        replace=replace,
        key_id=caller.key_id,
        links=links_of(absolute_url(request, f"/v1/regions/{id}")),
        rows_limit=settings.rows_limit,
        unpacked_limit_bytes=settings.unpacked_limit_bytes,
        unpacked_files=settings.unpacked_files,
    )
    version = await run_in_threadpool(_kept, service, task, uploads)
    payload = task.model_dump_json().encode()
    # By whichever of its names the server is called, it is the same request.
    asked = task.model_dump_json(exclude={"links"}).encode()
    start = Start(KIND, payload, id, version, fingerprint=version.encode() + asked)
    return await start_job(request, caller, hints, start)


def _flaws_of_form(form: FormData) -> Iterable[Flaw]:
    """Return what is wrong with fields that are not known, or stand more than once: the framework passes over them."""
    repeatable = {*ROLES, "modes"}
    flaws: dict[str, Flaw] = {}
    for name, _ in form.multi_items():
        if name not in _FIELDS:
            detail = text("imports.unknown_field", accepted=", ".join(sorted(_FIELDS)))
            flaws[name] = Flaw(detail, pointer=f"/{name[:80]}")
        elif name not in repeatable and len(form.getlist(name)) > 1:
            flaws[name] = Flaw(text("query.repeated"), pointer=f"/{name}")
    return flaws.values()


_FIELDS = frozenset((*ROLES, "id", "name_ja", "name_en", "modes", "licence", "csv_licence", "prefecture", "replace"))


def _flaws_between(files: Mapping[Role, Sequence[UploadFile]], prefecture: str | None) -> Iterator[Flaw]:
    """Yield what is wrong with the files together, whatever is in them."""
    for role in _SINGLE:
        if len(files[role]) > 1:
            yield Flaw(text("imports.one_file"), pointer=f"/{role}", value=len(files[role]))
    if not any(files[role] for role in _PLACES):
        yield Flaw(text("imports.no_input", accepted=", ".join(_PLACES)), pointer="")
    if files["region"] and any(files[role] for role in ROLES if role != "region"):
        yield Flaw(text("imports.region_alone"), pointer="/region")
    if prefecture and not files["heritage"]:
        yield Flaw(text("imports.prefecture_alone"), pointer="/prefecture", value=prefecture)


def _checked(
    files: Mapping[Role, Sequence[UploadFile]], limits: UnpackLimits
) -> tuple[dict[Upload, BinaryIO], list[Flaw]]:
    """Return the files that may come in with what they are, and what is wrong with the others."""
    uploads: dict[Upload, BinaryIO] = {}
    flaws: list[Flaw] = []
    for role, sent in files.items():
        for number, file in enumerate(sent):
            taken = {upload.name for upload in uploads}
            try:
                uploads[check_upload(role, file.filename or "", file.file, taken=taken, limits=limits)] = file.file
            except InputError as error:
                flaws += (
                    Flaw(problem.message, pointer=f"/{role}/{number}", value=problem.value)
                    for problem in error.problems
                )
    return uploads, flaws


def _kept(service: Service, task: ImportTask, uploads: Mapping[Upload, BinaryIO]) -> str:
    """Keep the files for the worker; return the data version under which it finds them."""
    draft = Region(id=task.region_id, name=Name(ja=task.name_ja, en=task.name_en or task.region_id))
    return service.regions.keep_draft(draft, {upload.path: stream for upload, stream in uploads.items()})


def _blank_to_none(value: str | None) -> str | None:
    return (value or "").strip() or None
