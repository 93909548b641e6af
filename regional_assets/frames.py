"""
Assets as a GeoDataFrame, and as GeoJSON, GeoPackage and GeoParquet files, without loss.

Names, visit lengths and prices get plain columns for analysis; other nested fields are JSON text.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from regional_assets._validation import problems_from
from regional_assets.errors import InputError, Problem
from regional_assets.model import Asset
from regional_assets.region import read_assets_file, write_assets_file
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas

LAYER = "assets"
SUFFIXES = (".geojson", ".json", ".gpkg", ".parquet", ".geoparquet")

_TEXTS = ("id", "kind", "address", "municipality", "operator", "indoor", "wheelchair", "stroller", "url")
_INTEGERS = ("capacity_per_hour", "appeal")
_FLAGS = ("checked",)
_FLAT: dict[str, dict[str, str]] = {
    "name": {"name_ja": "ja", "name_en": "en"},
    "visit_minutes": {"visit_min": "min", "visit_typical": "typical", "visit_max": "max"},
    "price": {
        **{f"price_{rate}": rate for rate in ("adult", "child", "student", "senior", "resident", "infant")},
        "price_unit": "unit",
        "price_starting_from": "starting_from",
        "price_text": "text",
    },
}
_JSON = (
    "description",
    "opening",
    "season",
    "dates",
    "slots",
    "meals",
    "tags",
    "themes",
    "serves",
    "uses",
    "diet",
    "languages",
    "photo",
    "sources",
    "assumed",
)
_TEXT_PARTS = ("name_ja", "name_en", "price_unit", "price_text")
_FLAG_PARTS = ("price_starting_from",)
_SIGNATURE = frozenset({"id", "kind", "name_ja", "name_en", "visit_typical", "sources", "assumed"})


def to_frame(assets: Iterable[Asset]) -> geopandas.GeoDataFrame:
    """
    Return assets as a table.

    Parameters
    ----------
    assets
        In the order of the rows.

    Returns
    -------
    frame
        EPSG:4326, points (``None`` where the position is unknown). ``name_*``, ``visit_*`` (minutes) and ``price_*``
        (yen) are columns of their own; other nested fields are JSON text; what is unknown is missing.
    """
    import geopandas
    import pandas as pd
    import shapely

    assets = list(assets)
    rows = [_row(asset) for asset in assets]
    data = {column: pd.Series([row.get(column) for row in rows], dtype=dtype) for column, dtype in _dtypes().items()}
    points = [shapely.Point(asset.lon, asset.lat) if asset.has_position else None for asset in assets]
    return geopandas.GeoDataFrame(data, geometry=geopandas.GeoSeries(points, crs="EPSG:4326"))


def from_frame(frame: geopandas.GeoDataFrame, *, where: str = "frame") -> tuple[Asset, ...]:
    """
    Return the assets of a table made by `to_frame`.

    Parameters
    ----------
    frame
        Columns as of `to_frame`; further columns are refused.
    where
        Put in front of each problem.

    Raises
    ------
    InputError
        With every problem of every row (counted from 1).
    """
    unknown = [str(column) for column in frame.columns if column not in {*_dtypes(), frame.geometry.name}]
    problems = [
        Problem(f"{where} {column}", None, Text(ja="知らない列です", en="unknown column")) for column in unknown
    ]
    assets: list[Asset] = []
    for number, (record, point) in enumerate(zip(frame.to_dict("records"), frame.geometry, strict=True), start=1):
        here = f"{where} row {number}"
        try:
            fields = _fields({str(key): value for key, value in record.items()})
            if point is not None and not point.is_empty:
                fields |= {"lon": point.x, "lat": point.y}
            assets.append(Asset.model_validate(fields))
        except ValidationError as error:
            problems += problems_from(error, here)
        except (ValueError, AttributeError) as error:
            problems.append(Problem(here, None, Text(ja=f"読めません({error})", en=f"cannot be read ({error})")))
    if problems:
        raise InputError(problems)
    return tuple(assets)


def is_asset_table(columns: Iterable[str]) -> bool:
    """Whether a table has the columns that `to_frame` makes."""
    return set(columns) >= _SIGNATURE


def write_assets(assets: Iterable[Asset], path: str | Path) -> None:
    """
    Write assets to a file, without loss.

    Parameters
    ----------
    assets
        What to write. Texts must not hold NUL characters, which GeoPackage cannot store.
    path
        ``.geojson``, ``.json``, ``.gpkg``, ``.parquet`` or ``.geoparquet``; an existing file is replaced as a whole.

    Raises
    ------
    InputError
        If the type of file is not one of these.
    """
    path = Path(path)
    suffix = _suffix(path)
    if suffix in (".geojson", ".json"):
        write_assets_file(assets, path)
        return
    frame = to_frame(assets)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        temporary = Path(folder) / f"{LAYER}{suffix}"
        if suffix == ".gpkg":
            frame.to_file(temporary, driver="GPKG", layer=LAYER, geometry_type="Point")
        else:
            frame.to_parquet(temporary)
        temporary.replace(path)


def read_assets(path: str | Path) -> tuple[Asset, ...]:
    """
    Read assets that `write_assets` wrote.

    Parameters
    ----------
    path
        ``.geojson``, ``.json``, ``.gpkg``, ``.parquet`` or ``.geoparquet``.

    Raises
    ------
    InputError
        If the file is missing, broken or of another form; with every problem of every row.
    """
    path = Path(path)
    suffix = _suffix(path)
    if suffix in (".geojson", ".json"):
        return read_assets_file(path)
    frame = _read_frame(path, suffix)
    if not is_asset_table(frame.columns):
        missing = ", ".join(sorted(_SIGNATURE - set(frame.columns)))
        message = Text(
            ja=f"資源の表ではありません(列がありません: {missing})", en=f"is no table of assets (missing: {missing})"
        )
        raise InputError([Problem(str(path), None, message)])
    return from_frame(frame, where=str(path))


def _dtypes() -> dict[str, str]:
    """Return the columns of a frame with their types, in order."""
    dtypes: dict[str, str] = {}
    for field in Asset.model_fields:
        if field in _TEXTS or field in _JSON:
            dtypes[field] = "str"
        elif field in _INTEGERS:
            dtypes[field] = "Int64"
        elif field in _FLAGS:
            dtypes[field] = "bool"
        for column in _FLAT.get(field, {}):
            dtypes[column] = "str" if column in _TEXT_PARTS else "bool" if column in _FLAG_PARTS else "Int64"
    return dtypes


def _row(asset: Asset) -> dict[str, Any]:
    plain = asset.model_dump(mode="json", exclude={"lon", "lat"})
    row: dict[str, Any] = {}
    for field, value in plain.items():
        if field in _FLAT:
            row |= {column: value[part] for column, part in _FLAT[field].items()}
        elif field in _JSON:
            row[field] = json.dumps(value, ensure_ascii=False) if value not in (None, [], {}) else None
        else:
            row[field] = value
    return row


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    known = {column: _plain(value) for column, value in record.items() if not _is_missing(value)}
    fields = {field: known[field] for field in (*_TEXTS, *_INTEGERS, *_FLAGS) if field in known}
    fields |= {field: json.loads(known[field]) for field in _JSON if field in known}
    for field, columns in _FLAT.items():
        fields[field] = {part: known[column] for column, part in columns.items() if column in known}
    return fields


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _plain(value: Any) -> Any:
    """Return numpy's and pandas' scalars as Python's; files turn whole numbers with gaps into floats."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        accepted = ", ".join(SUFFIXES)
        message = Text(ja=f"受け付けるファイルの種類: {accepted}", en=f"accepted types of file: {accepted}")
        raise InputError([Problem(str(path), suffix, message)])
    return suffix


def _read_frame(path: Path, suffix: str) -> geopandas.GeoDataFrame:
    import geopandas

    if not path.is_file():
        raise InputError([Problem(str(path), str(path), Text(ja="ファイルがありません", en="no such file"))])
    try:
        return geopandas.read_file(path) if suffix == ".gpkg" else geopandas.read_parquet(path)
    # GDAL and Arrow each have their own errors, all subclasses of these.
    except (ValueError, OSError, RuntimeError) as error:
        message = Text(ja=f"読めません({error})", en=f"cannot be read ({error})")
        raise InputError([Problem(str(path), None, message)]) from None
