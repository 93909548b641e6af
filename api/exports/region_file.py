"""The places of a region as one file: GeoJSON, GeoPackage, GeoParquet or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from regional_assets.model import Region

_FORMS = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".csv": "csv",
}


def export_region(region: Region, path: Path, form: str | None = None) -> str:
    """
    Write the places of a region; return the format.

    Parameters
    ----------
    region
        Its assets are written.
    path
        An existing file is replaced; its ending tells the format.
    form
        ``geojson``, ``gpkg``, ``parquet`` or ``csv``; must agree with the ending of ``path``.

    Raises
    ------
    InputError
        If the ending is none of these or does not agree with ``form``, or the folder does not exist.
    """
    problems = []
    found = _FORMS.get(path.suffix.lower())
    if found is None or form not in (None, found):
        accepted = ", ".join(suffix for suffix, name in _FORMS.items() if form in (None, name))
        problems.append(Problem("OUT", str(path), text("region.bad_ending", file=path.name, accepted=accepted)))
    if not path.absolute().parent.is_dir():
        problems.append(Problem("OUT", str(path), text("region.no_folder", folder=path.parent)))
    if problems or found is None:
        raise InputError(problems)
    if found == "csv":
        from api.exports.table import assets_csv

        path.write_text(assets_csv(region.assets), encoding="utf-8", newline="")
    else:
        from regional_assets.frames import write_assets

        write_assets(region.assets, path)
    return found
