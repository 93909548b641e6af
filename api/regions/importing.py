"""
Imports: what a worker is told, what it brings back, and how that becomes a region of the server.

The files of an import are kept in the database and named by a *draft*: a state of the region as it is before it is
made, a region folder without places in which the files lie. An import thereby works like any other job on a region, on
a worker of this machine, of another server, or of a cluster, none of which need share a disk: whoever hands a job out
sends the folder along. A worker has no database either: it brings the finished region back as its answer, packed, and
the server that hears of it stores it and keeps the report as the answer of the job (`settle_import`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from api.regions.errors import AssetsFullError, RegionExistsError, RegionsFullError
from api.regions.snapshots import passing_folder
from api.regions.uploads import Upload
from api.texts import text
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from api.regions.store import RegionStore

KIND = "region-import"
RETURNED_FILE = "import.json"
"""In the packed region: a `ReturnedImport`."""


class Remark(BaseModel):
    """
    Tell of one row, or one file.

    Parameters
    ----------
    where
        File with line and column.
    value
        What was found there.
    message
        What is wrong, or in doubt.
    """

    where: str
    value: str | int | float | None
    message: Text


class InputReport(BaseModel):
    """
    Say what was read from one file.

    Parameters
    ----------
    source
        File name.
    dataset
        What it was taken for.
    rows, accepted
        Rows, and how many of them became assets.
    refused
        One remark for each other row.
    warnings
        What was accepted with a doubt.
    """

    source: str
    dataset: str
    rows: int
    accepted: int
    refused: list[Remark]
    warnings: list[Remark]


class MergeReport(BaseModel):
    """Say which two assets were found to be the same place."""

    kept: str
    absorbed: str
    similarity: float
    distance_m: float | None
    why: Text


class TimetableReport(BaseModel):
    """Say what was found in a timetable: rows of each table, dates of validity, what its publisher should repair."""

    file: str
    counts: dict[str, int]
    valid_from: str | None
    valid_until: str | None
    findings: list[dict[str, Any]]


class TilesReport(BaseModel):
    """
    Say what was drawn as map tiles.

    Parameters
    ----------
    file
        In the region folder.
    size_bytes, tiles
        Size of the file, and number of tiles in it.
    minzoom, maxzoom
        First and last zoom.
    layers
        Number of shapes in each layer.
    left_out
        Number of elements whose shape cannot be put together, by layer: cut off at the edge of an extract, say.
    attribution
        Who made the data, and its licence.
    """

    file: str
    size_bytes: int
    tiles: int
    minzoom: int
    maxzoom: int
    layers: dict[str, int]
    left_out: dict[str, int]
    attribution: str


class RegionLinks(BaseModel):
    """Name where the region, its assets and its check are found."""

    self: str
    items: str
    check: str


class ImportReport(BaseModel):
    """
    Tell everything about an import: every row that was refused, and every doubt.

    Parameters
    ----------
    region
        Id of the region.
    data_version
        Of the region as it was stored: the one that trips in it name until it is edited.
    assets, kinds
        How many assets it has, in all and by kind.
    inputs
        One report for each file of places.
    merged, renamed
        Assets found to be the same place in several files, and ids that were changed.
    streets
        Report on the street network of each mode.
    timetables
        Report on each timetable.
    tiles
        Report on the map tiles that were drawn; null where none were, also where they came with a region folder.
    notes
        What could not be had, though nobody asked for it by name.
    links
        Where to go on.
    """

    region: str
    data_version: str
    assets: int
    kinds: dict[str, int]
    inputs: list[InputReport]
    merged: list[MergeReport]
    renamed: list[dict[str, str]]
    streets: dict[str, dict[str, Any]]
    timetables: list[TimetableReport]
    tiles: TilesReport | None = None
    notes: list[Remark]
    links: RegionLinks


class ImportTask(BaseModel):
    """
    Tell a worker what to make.

    Parameters
    ----------
    region_id, name_ja, name_en
        Of the region.
    uploads
        Files, in the folder of the draft.
    modes
        Ways of travel for which streets are built; empty for the usual ones, where there are streets.
    prefecture, licence, csv_licence
        As of `api.region_building.RegionFiles`.
    replace
        Whether the region may take the place of another.
    key_id
        Who asked.
    links
        Addresses of the region as the world calls them, which a worker does not know.
    rows_limit, unpacked_limit_bytes, unpacked_files
        Of the settings.
    """

    model_config = ConfigDict(frozen=True)

    region_id: str
    name_ja: str | None = None
    name_en: str | None = None
    uploads: tuple[Upload, ...]
    modes: tuple[str, ...] = ()
    prefecture: str | None = None
    licence: str | None = None
    csv_licence: str | None = None
    replace: bool = False
    key_id: str | None = None
    links: RegionLinks
    rows_limit: int
    unpacked_limit_bytes: int
    unpacked_files: int


class ReturnedImport(BaseModel):
    """Say, in what a worker brings back, what is to become of the region; in the report only its version is missing."""

    replace: bool
    key_id: str | None
    report: dict[str, Any]


def links_of(here: str) -> RegionLinks:
    """Return the addresses of what belongs to a region, from its own."""
    return RegionLinks(self=here, items=f"{here}/collections/assets/items", check=f"{here}/check")


def settle_import(store: RegionStore, job_id: str, packed: bytes) -> bytes:
    """
    Store the region that a worker made, and return the answer of the job.

    Done twice for one job, it changes nothing the second time.

    Parameters
    ----------
    store
        Where the region goes.
    job_id
        Job whose work it was.
    packed
        Region folder with a `ReturnedImport`, as `api.regions.snapshots.pack` packs it.

    Returns
    -------
    report
        An `ImportReport` as JSON.

    Raises
    ------
    InputError
        If by now there is a region of that id that is not to be replaced, or as many regions as are allowed.
    """
    from api.regions.content import read_folder

    with passing_folder(store.home) as folder:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(folder)
        returned = ReturnedImport.model_validate_json((Path(folder) / RETURNED_FILE).read_bytes())
        region, attached = read_folder(Path(folder))
        try:
            stored = store.put(region, attached, origin_digest=job_id, replace=returned.replace, key_id=returned.key_id)
        except (RegionExistsError, RegionsFullError, AssetsFullError) as error:
            raise InputError(refusals_of(error)) from None
    report = ImportReport.model_validate({**returned.report, "data_version": stored.data_version})
    return report.model_dump_json().encode()


def refusals_of(error: RegionExistsError | RegionsFullError | AssetsFullError) -> Sequence[Problem]:
    """Return what a store refuses as problems of a request."""
    if isinstance(error, RegionExistsError):
        return [Problem("id", error.region_id, text("regions.exists", region=error.region_id))]
    if isinstance(error, RegionsFullError):
        return [Problem("id", None, text("regions.many_regions", most=error.most))]
    return [Problem("", None, text("regions.many_assets", most=error.most))]
