"""Read assets from geographic files: GeoJSON, GeoPackage, Shapefile (also zipped), GeoParquet."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from pydantic import ValidationError

from regional_assets._validation import problems_from
from regional_assets.defaults import assumption, default_appeal, default_visit
from regional_assets.errors import InputError, Problem
from regional_assets.frames import from_frame, is_asset_table
from regional_assets.model import Asset, Kind, Known, Name, Price, Source, VisitMinutes
from regional_assets.readers._archive import open_archive, read_member
from regional_assets.readers._geofile_columns import SYNONYMS, check_columns, guess_columns, kind_of_word
from regional_assets.region import read_assets_file
from regional_assets.report import ReadResult
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas

    from regional_assets.opening.model import Opening

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".parquet", ".geoparquet")
_WGS84 = "EPSG:4326"
_KNOWN: dict[str, Known] = {
    **dict.fromkeys(("yes", "true", "1", "有", "あり", "可", "○", "◯", "〇"), "yes"),  # type: ignore[arg-type, unused-ignore]
    **dict.fromkeys(("no", "false", "0", "無", "なし", "不可", "×"), "no"),  # type: ignore[arg-type, unused-ignore]
}


@dataclass
class _Reading:
    """Gather what one file gives, row by row."""

    path: Path
    columns: Mapping[str, str]
    kind: Kind | None
    licence: str | None
    assets: list[Asset] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


def read_geofile(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    kind: Kind | None = None,
    layer: str | None = None,
    licence: str | None = None,
) -> ReadResult:
    """
    Read assets from a geographic file.

    A file that `regional_assets.frames.write_assets` wrote is restored exactly, and the other arguments do not matter.
    Otherwise columns are taken as given, or guessed by name in Japanese and English; each guess is a warning. Positions
    are turned into EPSG:4326; a shape that is no point gives a point inside it.

    Parameters
    ----------
    path
        ``.geojson``, ``.json``, ``.gpkg``, ``.shp``, ``.zip`` (a zipped Shapefile), ``.parquet`` or ``.geoparquet``.
    columns
        Field to column; fields: id, name_ja, name_en, kind, address, municipality, operator, description_ja,
        description_en, hours, closed, price, tags, wheelchair, visit_minutes, url, lat, lon.
    kind
        Kind of all assets; wins over a column.
    layer
        Layer of a GeoPackage; needed where there are several.
    licence
        Licence of the data.

    Returns
    -------
    result
        ``dataset`` is ``"geofile"``, or ``"assets"`` for a file of our own.

    Raises
    ------
    InputError
        If the file cannot be read, ``columns`` names what is not there, or nothing says what kind the assets are of.
    """
    path = Path(path)
    suffix = _check_path(path)
    if suffix in (".geojson", ".json"):
        own = _own_geojson(path)
        if own is not None:
            return ReadResult(path.name, "assets", len(own), own)
    warnings: list[Problem] = []
    with catch_warnings(record=True) as remarks:
        for category in (RuntimeWarning, UserWarning):
            simplefilter("always", category)
        frame = _read_frame(path, suffix, layer, warnings)
    # What GDAL doubts is told like any other doubt, not printed in between.
    doubts = dict.fromkeys(_plain_reason(remark.message, path) for remark in remarks)
    warnings += [
        Problem(path.name, doubt, Text(ja=f"GDAL の警告: {doubt}", en=f"GDAL warns: {doubt}")) for doubt in doubts
    ]
    if is_asset_table(frame.columns):
        assets = from_frame(frame, where=str(path))
        return ReadResult(path.name, "assets", len(assets), assets, warnings=tuple(warnings))
    if not len(frame):
        raise InputError([Problem(str(path), 0, Text(ja="地物が一つもありません", en="holds no feature"))])

    names = [str(column) for column in frame.columns if column != frame.geometry.name]
    check_columns(columns or {}, names, path.name)
    taken = _choose_columns(names, columns or {}, kind, path, warnings)
    frame = _in_degrees(frame, path, warnings)
    reading = _Reading(path, taken, kind, licence, warnings=warnings)
    for number, (record, shape) in enumerate(zip(frame.to_dict("records"), frame.geometry, strict=True), start=1):
        _read_row(reading, number, {str(key): value for key, value in record.items()}, shape)
    return ReadResult(
        source=path.name,
        dataset="geofile",
        rows=len(frame),
        assets=tuple(reading.assets),
        refused=tuple(reading.refused),
        warnings=tuple(reading.warnings),
    )


def _check_path(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        accepted = ", ".join(SUFFIXES)
        message = Text(ja=f"受け付けるファイルの種類: {accepted}", en=f"accepted types of file: {accepted}")
    elif not path.is_file():
        message = Text(ja="ファイルがありません", en="no such file")
    else:
        return suffix
    raise InputError([Problem(str(path), path.name, message)])


def _own_geojson(path: Path) -> tuple[Asset, ...] | None:
    """Return the assets of a GeoJSON file of our own form; ``None`` for any other."""
    # Only our own form has both names near the start; a foreign file is left to GDAL, whatever its size.
    with path.open("rb") as stream:
        head = stream.read(20_000)
    if b'"visit_minutes"' not in head or b'"sources"' not in head:
        return None
    return read_assets_file(path)


def _read_frame(path: Path, suffix: str, layer: str | None, warnings: list[Problem]) -> geopandas.GeoDataFrame:
    import geopandas
    import pyogrio

    try:
        if suffix in (".parquet", ".geoparquet"):
            return geopandas.read_parquet(path)
        # A shape that is none, such as a ring of two points, costs its row the position, not the file all its rows.
        options: dict[str, Any] = {"on_invalid": "ignore"}
        if suffix == ".gpkg":
            options["layer"] = _layer(path, layer)
        if suffix in (".shp", ".zip"):
            options["encoding"] = _dbf_encoding(path, suffix, warnings)
        frame = pyogrio.read_dataframe(path, **{key: value for key, value in options.items() if value})
    except InputError:
        raise
    # GDAL and Arrow each have their own errors, all subclasses of these.
    except (ValueError, OSError, RuntimeError, LookupError) as error:
        reason = _plain_reason(error, path)
        message = Text(ja=f"読めません({reason})", en=f"cannot be read ({reason})")
        raise InputError([Problem(str(path), None, message)]) from None
    if not isinstance(frame, geopandas.GeoDataFrame):
        frame = geopandas.GeoDataFrame(frame, geometry=geopandas.GeoSeries([None] * len(frame), crs=_WGS84))
    return frame


def _plain_reason(error: Exception | Warning | str, path: Path) -> str:
    """Return what GDAL or Arrow says of a file, without advice to programmers and the path, which is told anyway."""
    reason = str(error).split("It might help")[0]
    for name in (f"'{path}'", str(path)):
        reason = reason.replace(name, "")
    return " ".join(reason.split()).strip(" ;.")


def _layer(path: Path, wanted: str | None) -> str:
    import pyogrio

    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if wanted in layers:
        return str(wanted)
    if wanted is None and len(layers) == 1:
        return layers[0]
    there = ", ".join(layers)
    message = Text(ja=f"レイヤーを指定してください。あるもの: {there}", en=f"name a layer; there are: {there}")
    raise InputError([Problem(f"{path} layer", wanted, message)])


def _dbf_encoding(path: Path, suffix: str, warnings: list[Problem]) -> str | None:
    """Return the encoding of a Shapefile that states none: UTF-8 where that works, else CP932."""
    if suffix == ".zip":
        with open_archive(path) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if not any(name.endswith(".shp") for name in names):
                message = Text(ja="zip の中に Shapefile がありません", en="holds no Shapefile")
                raise InputError([Problem(str(path), None, message)])
            states_it = any(name.endswith(".cpg") for name in names)
            table = next((names[name] for name in names if name.endswith(".dbf")), None)
            content = read_member(archive, table, path) if table and not states_it else b""
    else:
        states_it = path.with_suffix(".cpg").exists() or path.with_suffix(".CPG").exists()
        table_path = path.with_suffix(".dbf")
        content = table_path.read_bytes() if table_path.exists() and not states_it else b""
    # Byte 29 of a dbf names a code page; 0 is none.
    if len(content) < 32 or content[29] != 0 or content.isascii():
        return None
    encoding = _encoding_of(content)
    message = Text(
        ja=f"文字コードの指定がないので {encoding} として読みました", en=f"states no encoding; read as {encoding}"
    )
    warnings.append(Problem(path.name, None, message))
    return encoding


def _encoding_of(table: bytes) -> str:
    """Judge by the records: the header of a dbf is binary and says nothing."""
    header_length = int.from_bytes(table[8:10], "little")
    records = table[header_length:]
    # Fixed-width fields may cut a character in two: look at the share of bytes that fail, not at the first.
    broken = records.decode("utf-8", errors="replace").count("�")
    return "utf-8" if broken <= 0.02 * sum(byte > 0x7F for byte in records[:1_000_000]) else "cp932"


def _choose_columns(
    names: Sequence[str], given: Mapping[str, str], kind: Kind | None, path: Path, warnings: list[Problem]
) -> dict[str, str]:
    free = [name for name in names if name not in given.values()]
    guessed = {item: column for item, column in guess_columns(free).items() if item not in given}
    taken = {**guessed, **given}
    for item, column in guessed.items():
        message = Text(ja=f"列「{column}」を {item} として読みました", en=f"column {column!r} was taken as {item}")
        warnings.append(Problem(f"{path.name} {column}", column, message))
    unused = [name for name in names if name not in taken.values()]
    if unused:
        message = Text(ja=f"使わなかった列: {', '.join(unused)}", en=f"columns not used: {', '.join(unused)}")
        warnings.append(Problem(path.name, tuple(unused), message))
    problems = []
    there = ", ".join(names) or "-"
    if "name_ja" not in taken and "name_en" not in taken:
        message = Text(
            ja=f"名称の列が分かりません。列名を name_ja か name_en にしてください。ある列: {there}",
            en=f"no column of names found; call it name_ja or name_en; there are: {there}",
        )
        problems.append(Problem(f"{path} name_ja", None, message))
    if kind is None and "kind" not in taken:
        kinds = ", ".join(Kind)
        message = Text(
            ja=f"種別が分かりません。列 kind({kinds})を加えてください。ある列: {there}",
            en=f"the kind is not known; add a column `kind` ({kinds}); there are: {there}",
        )
        problems.append(Problem(f"{path} kind", None, message))
    if problems:
        raise InputError(problems)
    return taken


def _in_degrees(frame: geopandas.GeoDataFrame, path: Path, warnings: list[Problem]) -> geopandas.GeoDataFrame:
    if frame.crs is not None:
        return frame.to_crs(_WGS84)
    west, south, east, north = frame.total_bounds
    # Comparisons with NaN (no geometry at all) are false, and that is fine.
    if west < -180 or east > 180 or south < -90 or north > 90:
        message = Text(
            ja="座標系の指定がなく、経度・緯度の範囲にもありません。座標系を付けて保存し直してください",
            en="states no coordinate system, and its numbers are no degrees; save it with its coordinate system",
        )
        raise InputError([Problem(str(path), (west, south, east, north), message)])
    message = Text(
        ja="座標系の指定がないので、経度・緯度(EPSG:4326)とみなしました",
        en="states no coordinate system; taken as EPSG:4326",
    )
    warnings.append(Problem(path.name, None, message))
    return frame.set_crs(_WGS84)


def _read_row(reading: _Reading, number: int, record: Mapping[str, Any], shape: Any) -> None:
    where = f"{reading.path.name}:{number}"
    values = {item: text for item, column in reading.columns.items() if (text := _text(record.get(column)))}
    kind = reading.kind or kind_of_word(values.get("kind", ""))
    problems: list[Problem] = []
    if kind is None:
        kinds = ", ".join(Kind)
        message = Text(ja=f"種別が分かりません。受け付ける値: {kinds}", en=f"the kind is not known; accepted: {kinds}")
        problems.append(Problem(f"{where} {reading.columns.get('kind', 'kind')}", values.get("kind"), message))
    if "name_ja" not in values and "name_en" not in values:
        problems.append(Problem(f"{where} name", None, Text(ja="名称がありません", en="has no name")))
    if problems or kind is None:
        # One problem per refused row: the first says enough to repair it, the others follow when it is read again.
        reading.refused.append(problems[0])
        return
    try:
        asset = Asset.model_validate(_asset_fields(reading, number, where, values, kind, shape))
    except ValidationError as error:
        reading.refused.append(problems_from(error, where)[0])
        return
    if not asset.has_position and shape is not None and not shape.is_empty:
        point = shape.representative_point()
        message = Text(
            ja=f"位置が経度・緯度の範囲の外なので使いません({point.x:g}, {point.y:g})。順序と座標系を確かめてください",
            en=f"lies outside the range of degrees, so its position is not used ({point.x:g}, {point.y:g}); "
            "check the order, longitude first, and the coordinate system",
        )
        reading.warnings.append(Problem(where, (point.x, point.y), message))
    elif not asset.has_position:
        message = Text(ja="位置がありません", en="has no position")
        reading.warnings.append(Problem(where, asset.name.in_("ja"), message))
    reading.ids.add(asset.id)
    reading.assets.append(asset)


def _asset_fields(
    reading: _Reading, number: int, where: str, values: Mapping[str, str], kind: Kind, shape: Any
) -> dict[str, Any]:
    price = _price(values.get("price"), kind, where, reading.warnings)
    minutes = _minutes(values.get("visit_minutes"))
    description = {"ja": values.get("description_ja"), "en": values.get("description_en")}
    return {
        "id": _id(reading, number, values.get("id")),
        "kind": kind,
        "name": Name(ja=values.get("name_ja"), en=values.get("name_en")),
        **_position(shape, values),
        **{item: values.get(item) for item in ("address", "municipality", "operator", "url")},
        "description": description if any(description.values()) else None,
        "opening": _opening(values.get("hours"), values.get("closed"), where, reading.warnings),
        "visit_minutes": minutes or default_visit(kind),
        "price": price,
        "tags": tuple(dict.fromkeys(tag for tag in re.split(r"[;,、；\s]+", values.get("tags", "")) if tag)),
        "appeal": default_appeal(kind),
        "wheelchair": _KNOWN.get(values.get("wheelchair", "").lower(), "unknown"),
        "sources": (Source(name=reading.path.name, licence=reading.licence, row=where),),
        "assumed": (*(() if minutes else (assumption("visit_minutes"),)), assumption("appeal")),
    }


def _text(value: Any) -> str | None:
    """Return a cell as text, a list joined by ``;``; ``None`` where it is empty."""
    if isinstance(value, list | tuple) or (hasattr(value, "ndim") and value.ndim):
        return ";".join(filter(None, map(_text, value))) or None
    if value is None or value != value or str(value) in ("NaT", "<NA>"):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _id(reading: _Reading, number: int, given: str | None) -> str:
    """Return the id that the table gives where it is usable and new, else one made of file and row."""
    if given and re.fullmatch(r"[A-Za-z][A-Za-z0-9._:/-]{0,199}", given) and given not in reading.ids:
        return given
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", reading.path.stem).strip("-")[:60]
    # Japanese file names leave nothing that an id may hold: their checksum tells them apart.
    stem = stem if re.match(r"[A-Za-z0-9]", stem) else f"geofile-{zlib.crc32(reading.path.stem.encode()):08x}"
    return f"{stem}.{number}"


def _position(shape: Any, values: Mapping[str, str]) -> dict[str, float]:
    if shape is not None and not shape.is_empty:
        point = shape if shape.geom_type == "Point" else shape.representative_point()
        if point.is_empty or not (abs(point.x) <= 180 and abs(point.y) <= 90):
            return {}
        return {"lon": float(point.x), "lat": float(point.y)}
    try:
        return {"lon": float(values["lon"]), "lat": float(values["lat"])}
    except (KeyError, ValueError):
        return {}


def _opening(hours: str | None, closed: str | None, where: str, warnings: list[Problem]) -> Opening | None:
    if not hours and not closed:
        return None
    import opening_hours

    from regional_assets.opening.japanese import read_hours
    from regional_assets.opening.model import Opening

    if hours and not closed and opening_hours.validate(hours):
        return Opening(osm=hours, text=hours)
    opening = read_hours(hours or "", closed_text=closed)
    for part in opening.unread:
        message = Text(
            ja=f"営業時間を読めません({part})。原文のまま残しました", en=f"hours not understood ({part}); kept as text"
        )
        warnings.append(Problem(f"{where} hours", part, message))
    return opening


def _price(text: str | None, kind: Kind, where: str, warnings: list[Problem]) -> Price:
    if not text:
        return Price()
    from regional_assets.prices import read_price

    price, unread = read_price(text, lodging=kind is Kind.LODGING)
    for part in unread:
        message = Text(
            ja=f"料金を読めません({part})。原文のまま残しました", en=f"price not understood ({part}); kept as text"
        )
        warnings.append(Problem(f"{where} price", part, message))
    return price


def _minutes(text: str | None) -> VisitMinutes | None:
    """Return a stated length of a visit: a number of minutes, or a number with 分 or 時間."""
    match = re.fullmatch(r"約?\s*(\d+(?:\.\d+)?)\s*(分|時間|min|h)?(?:程度|ほど)?", text or "")
    if not match:
        return None
    minutes = round(float(match[1]) * (60 if match[2] in ("時間", "h") else 1))
    return VisitMinutes(min=minutes, typical=minutes, max=minutes) if 0 < minutes <= 24 * 60 else None


__all__ = ["SUFFIXES", "SYNONYMS", "read_geofile"]
