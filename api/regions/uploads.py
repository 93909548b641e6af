"""
Uploaded files at the door: what they are, told by their content, and whether they may come in.

Only what is quickly seen is looked at here; `api.regions.preparing` looks through the rest, in a worker, before a
reader gets it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import chain, count
from typing import BinaryIO, Literal, get_args

from pydantic import BaseModel, ConfigDict

from api.regions.archives import UnpackLimits, opened_archive
from api.regions.file_names import safe_name
from api.texts import text
from regional_assets.errors import InputError, Problem

Role = Literal["csv", "geofile", "osm", "gtfs", "heritage", "edges", "region"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What a file is for, as in `api.region_building.RegionFiles`; ``region`` is the zip file of a whole region folder."""

Form = Literal["table", "geojson", "geopackage", "zip", "osm", "osm.bz2", "osm.gz", "osm.pbf"]
"""What a file is."""

_FORMS: Mapping[Role, tuple[Form, ...]] = {
    "csv": ("table",),
    "heritage": ("table",),
    "geofile": ("geojson", "geopackage", "zip"),
    "edges": ("geojson", "geopackage", "zip"),
    "osm": ("osm", "osm.bz2", "osm.gz", "osm.pbf"),
    "gtfs": ("zip",),
    "region": ("zip",),
}
_ENDINGS: Mapping[Form, tuple[str, ...]] = {
    "table": (".csv", ".tsv", ".txt"),
    "geojson": (".geojson", ".json"),
    "geopackage": (".gpkg",),
    "zip": (".zip",),
    "osm": (".osm",),
    "osm.bz2": (".osm.bz2",),
    "osm.gz": (".osm.gz",),
    "osm.pbf": (".osm.pbf",),
}
"""That readers know a form by; a file keeps its own where it is one of them."""
_HEAD_BYTES = 4_096
_PBF = re.compile(rb"\0\0\0.\x0a\x09OSMHeader", re.DOTALL)


class Upload(BaseModel):
    """
    Describe an uploaded file.

    Parameters
    ----------
    role
        What it is for.
    form
        What it is, by its content.
    name
        What to call it: of the name the caller gave, what is harmless.
    path
        Where it lies in the folder of the draft.
    """

    model_config = ConfigDict(frozen=True)

    role: Role
    form: Form
    name: str
    path: str


def check_upload(
    role: Role, given_name: str, stream: BinaryIO, *, taken: Collection[str] = (), limits: UnpackLimits
) -> Upload:
    """
    Look at a file at the door.

    Parameters
    ----------
    role
        What it is said to be for.
    given_name
        What the caller calls it; only for people.
    stream
        The file, which can be read from any place.
    taken
        Names of the other files of the request: no two get the same.
    limits
        How much may come out of it, if it is an archive.

    Raises
    ------
    InputError
        If its content is of no kind that the role takes, it is empty, or it is an archive that is not let in.
    """
    form = _form_of(stream)
    if form is None or form not in _FORMS[role]:
        shown = "".join(safe_name(given_name, ("",), role))
        key = "uploads.parquet" if _is_parquet(stream) else "uploads.wrong_kind"
        message = text(key, file=shown, accepted=text(f"uploads.accepted_{role}"))
        raise InputError([Problem(shown, None, message)])
    stem, ending = safe_name(given_name, _ENDINGS[form], role)
    names = (stem + extra + ending for extra in chain([""], map("-{}".format, count(2))))
    name = next(name for name in names if name not in taken)
    if form == "zip":
        with opened_archive(stream, name, limits):
            pass
    return Upload(role=role, form=form, name=name, path=f"uploads/{name}")


def _form_of(stream: BinaryIO) -> Form | None:
    """Return what a file is by its first bytes; None for what is of no use in any role."""
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    for magic, form in _MAGIC.items():
        if head.startswith(magic):
            return form
    if _PBF.match(head):
        return "osm.pbf"
    if not head.strip() or (b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))):
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return "geojson"
    return "osm" if start.startswith(b"<") else "table"


def _is_parquet(stream: BinaryIO) -> bool:
    """Whether it is GeoParquet, which is not taken: how large a table is shows only when it has been read."""
    stream.seek(0)
    return stream.read(4) == b"PAR1"


_MAGIC: Mapping[bytes, Form] = {
    b"SQLite format 3\0": "geopackage",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"BZh": "osm.bz2",
    b"\x1f\x8b": "osm.gz",
}
