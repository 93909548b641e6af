"""
Region folders: read, write and find them.

A region is a folder::

    region.toml         id, name, time_zone, notice, [tags], [[sources]], [[streets]], timetables, tiles
    assets.geojson      RFC 7946, one asset per line; null geometry where the position is unknown
    combinations.toml   [[combinations]]
    streets/*.npz       named in region.toml
    timetables/*        GTFS folders or zip files, named in region.toml
    tiles/*             vector tiles for maps, named in region.toml

This module needs json and pydantic only, so that planning starts fast.
"""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from regional_assets._files import read_json, read_toml, write_atomically
from regional_assets._validation import problems_from
from regional_assets.errors import InputError, Problem, UnknownRegionError
from regional_assets.model import Asset, CombinationRule, Price, Region
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

REGION_FILE = "region.toml"
ASSETS_FILE = "assets.geojson"
COMBINATIONS_FILE = "combinations.toml"

_REGION_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NO_PRICE = Price()
_Read = TypeVar("_Read")


def load_region(folder: Path) -> Region:
    """
    Read a region folder.

    Parameters
    ----------
    folder
        Holds at least ``region.toml`` and ``assets.geojson``.

    Returns
    -------
    region
        With ``folder`` set.

    Raises
    ------
    UnknownRegionError
        If ``folder`` is no region folder.
    InputError
        With every problem of every file: file, feature and id, field, value, what is accepted.
    """
    folder = Path(folder)
    if not (folder / REGION_FILE).is_file():
        message = Text(
            ja=f"地域フォルダーではありません({REGION_FILE} がありません)", en=f"is no region folder (no {REGION_FILE})"
        )
        raise UnknownRegionError([Problem(str(folder), str(folder), message)])
    problems: list[Problem] = []
    region = _collect(partial(_read_head, folder / REGION_FILE), problems)
    assets = _collect(partial(read_assets_file, folder / ASSETS_FILE), problems)
    rules = _collect(partial(_read_combinations, folder / COMBINATIONS_FILE), problems)
    if region is None or assets is None or rules is None:
        raise InputError(problems)
    # The parts were validated one by one above.
    return region.model_copy(update={"assets": assets, "combinations": rules, "folder": folder})


def save_region(region: Region, folder: Path) -> None:
    """
    Write a region folder; each file appears whole or not at all.

    Street networks, timetables and tiles that ``region`` names are copied when they lie in another folder.

    Parameters
    ----------
    region
        What to write.
    folder
        Made where missing; files of these names in it are replaced.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _copy_attachments(region, folder)
    write_assets_file(region.assets, folder / ASSETS_FILE)
    _write_toml(folder / COMBINATIONS_FILE, {"combinations": [_plain(rule) for rule in region.combinations]})
    head = region.model_dump(mode="json", exclude_none=True, exclude={"assets", "combinations", "folder"})
    _write_toml(folder / REGION_FILE, head)


def read_assets_file(path: Path) -> tuple[Asset, ...]:
    """
    Read assets from a GeoJSON file that was written by `write_assets_file`, or by hand in that form.

    Raises
    ------
    InputError
        With every problem of every feature.
    """
    content = read_json(path)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        message = Text(ja="GeoJSON の FeatureCollection ではありません", en="is not a GeoJSON FeatureCollection")
        raise InputError([Problem(str(path), None, message)])
    problems: list[Problem] = []
    assets: list[Asset] = []
    first_index: dict[str, int] = {}
    for index, feature in enumerate(features, start=1):
        where = _feature_name(path, index, feature)
        asset = _collect(partial(_asset, feature, where), problems)
        if asset is None:
            continue
        assets.append(asset)
        if first_index.setdefault(asset.id, index) != index:
            earlier = first_index[asset.id]
            message = Text(
                ja=f"id が {earlier} 番目の地物と同じです。id は地域の中で一つだけにしてください",
                en=f"same id as feature {earlier}; ids must be unique in a region",
            )
            problems.append(Problem(f"{where} id", asset.id, message))
    if problems:
        raise InputError(problems)
    return tuple(assets)


def write_assets_file(assets: Iterable[Asset], path: Path) -> None:
    """Write assets as GeoJSON, one feature per line so that differences can be read; nothing is lost."""
    lines = ",\n".join(json.dumps(asset_feature(asset), ensure_ascii=False, allow_nan=False) for asset in assets)
    text = '{"type": "FeatureCollection", "features": [\n' + lines + ("\n" if lines else "") + "]}\n"
    write_atomically(Path(path), text.encode())


def asset_feature(asset: Asset) -> dict[str, Any]:
    """
    Return an asset as a GeoJSON feature that `read_assets_file` restores exactly.

    Every field but the position stands in ``properties``; empty fields are left out.
    """
    properties = {
        field: value
        for field, value in asset.model_dump(mode="json", exclude_none=True, exclude={"lon", "lat"}).items()
        if value not in ([], {})
    }
    if asset.price == _NO_PRICE:
        properties.pop("price", None)
    geometry = {"type": "Point", "coordinates": [asset.lon, asset.lat]} if asset.has_position else None
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def bundled_region_folder(region_id: str = "echizen") -> Path:
    """
    Return the folder of a region that ships with the package.

    Raises
    ------
    UnknownRegionError
        If no region of that id is bundled.
    """
    folders = _folders_in(_bundled_root())
    if region_id not in folders:
        raise UnknownRegionError([_unknown(region_id, folders)])
    return folders[region_id]


def region_folders(home: Path | None = None) -> dict[str, Path]:
    """
    Return the folders of all regions that can be named: those stored in ``home``, and those bundled.

    Parameters
    ----------
    home
        Folder of state; regions lie in ``home/regions/<id>``. A stored region hides a bundled one of the same id.
    """
    stored = _folders_in(Path(home) / "regions") if home is not None else {}
    return dict(sorted({**_folders_in(_bundled_root()), **stored}.items()))


def find_region(name_or_path: str | Path, home: Path | None = None) -> Region:
    """
    Load a region by its id or its folder.

    Parameters
    ----------
    name_or_path
        An id is looked for in ``home/regions``, then among the bundled regions; anything else is a folder.
    home
        Folder of state; ``None`` to look only among the bundled regions.

    Raises
    ------
    UnknownRegionError
        If there is no such region; the message lists those that exist.
    InputError
        If the region is there, but broken.
    """
    folders = region_folders(home)
    if str(name_or_path) in folders:
        return load_region(folders[str(name_or_path)])
    if (Path(name_or_path) / REGION_FILE).is_file():
        return load_region(Path(name_or_path))
    raise UnknownRegionError([_unknown(str(name_or_path), folders)])


def _collect(read: Callable[[], _Read], problems: list[Problem]) -> _Read | None:
    """Call ``read``; where it refuses, keep its problems and go on."""
    try:
        return read()
    except InputError as error:
        problems.extend(error.problems)
        return None


def _read_head(path: Path) -> Region:
    head = read_toml(path)
    problems: list[Problem] = []
    for field in ("assets", "combinations", "folder"):
        if head.pop(field, None) is not None:
            message = Text(ja=f"{path.name} には書けません", en=f"does not belong into {path.name}")
            problems.append(Problem(f"{path} {field}", None, message))
    try:
        region = Region.model_validate(head)
    except ValidationError as error:
        raise InputError([*problems, *problems_from(error, str(path))]) from None
    if not _is_time_zone(region.time_zone):
        message = Text(
            ja=f"知らない時間帯です({region.time_zone})。例: Asia/Tokyo",
            en=f"unknown time zone ({region.time_zone}); an IANA name such as Asia/Tokyo is accepted",
        )
        problems.append(Problem(f"{path} time_zone", region.time_zone, message))
    if problems:
        raise InputError(problems)
    return region


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _read_combinations(path: Path) -> tuple[CombinationRule, ...]:
    if not path.exists():
        return ()
    content = read_toml(path)
    rules = content.get("combinations", [])
    unknown = [key for key in content if key != "combinations"]
    if unknown or not isinstance(rules, list):
        message = Text(
            ja=f"[[combinations]] の並びだけを受け付けます({', '.join(unknown) or 'combinations'})",
            en=f"only a list of [[combinations]] is accepted ({', '.join(unknown) or 'combinations'})",
        )
        raise InputError([Problem(str(path), None, message)])
    problems: list[Problem] = []
    read: dict[str, CombinationRule] = {}
    for index, item in enumerate(rules, start=1):
        name = f" ({item['id']})" if isinstance(item, dict) and "id" in item else ""
        where = f"{path} combination {index}{name}"
        try:
            rule = CombinationRule.model_validate(item)
        except ValidationError as error:
            problems.extend(problems_from(error, where))
            continue
        if rule.id in read:
            problems.append(Problem(f"{where} id", rule.id, Text(ja="id が二度出てきます", en="the id occurs twice")))
        read[rule.id] = rule
    if problems:
        raise InputError(problems)
    return tuple(read.values())


def _feature_name(path: Path, index: int, feature: object) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    asset_id = properties.get("id") if isinstance(properties, dict) else None
    return f"{path} feature {index}" + (f" ({asset_id})" if isinstance(asset_id, str) else "")


def _asset(feature: object, where: str) -> Asset:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        message = Text(ja="properties を持つ Feature ではありません", en="is not a Feature with properties")
        raise InputError([Problem(where, None, message)])
    problems: list[Problem] = []
    properties = dict(feature["properties"])
    if "id" not in properties and "id" in feature:
        properties["id"] = feature["id"]
    for field in ("lon", "lat"):
        if field in properties:
            message = Text(ja="位置は geometry に書きます", en="the position belongs into geometry")
            problems.append(Problem(f"{where} {field}", properties.pop(field), message))
    position = _collect(partial(_position, feature.get("geometry"), where), problems) or {}
    try:
        asset = Asset.model_validate({**properties, **position})
    except ValidationError as error:
        raise InputError([*problems, *problems_from(error, where)]) from None
    if problems:
        raise InputError(problems)
    return asset


def _position(geometry: object, where: str) -> dict[str, Any]:
    if geometry is None:
        return {}
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if (
        isinstance(geometry, dict)
        and geometry.get("type") == "Point"
        and isinstance(coordinates, list)
        and len(coordinates) in (2, 3)  # RFC 7946 allows a height
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in coordinates)
    ):
        return {"lon": coordinates[0], "lat": coordinates[1]}
    message = Text(
        ja="Point(経度, 緯度)か、位置が不明なら null を受け付けます",
        en="a Point of lon, lat is accepted, or null where the position is unknown",
    )
    raise InputError([Problem(f"{where} geometry", geometry, message)])


def _plain(rule: CombinationRule) -> dict[str, Any]:
    plain: dict[str, Any] = rule.model_dump(mode="json", exclude_none=True)
    return plain


def _write_toml(path: Path, content: dict[str, Any]) -> None:
    import tomli_w  # only writers need it

    write_atomically(path, tomli_w.dumps(content).encode())


def _copy_attachments(region: Region, folder: Path) -> None:
    if region.folder is None or region.folder.resolve() == folder.resolve():
        return
    for file in region.attachments:
        source, target = region.folder / file, folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copyfile(source, target)


def _bundled_root() -> Path:
    # Wheels are installed as plain files, so the resource is a real path.
    return Path(str(resources.files("regional_assets").joinpath("data")))


def _folders_in(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        return {}
    return {
        folder.name: folder
        for folder in sorted(root.iterdir())
        if _REGION_ID.fullmatch(folder.name) and (folder / REGION_FILE).is_file()
    }


def _unknown(name: str, known: Mapping[str, Path] | Sequence[str]) -> Problem:
    names = ", ".join(known)
    return Problem(
        where="region",
        value=name,
        message=Text(
            ja=f"地域「{name}」がありません。あるもの: {names or 'なし'}(または地域フォルダーのパス)",
            en=f"no region {name!r}; there are: {names or 'none'} (or give the path of a region folder)",
        ),
    )
