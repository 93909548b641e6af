"""
Read assets from OpenStreetMap: files (``.osm``, ``.osm.bz2``, ``.osm.pbf``), or a place name when online.

Which tags make which kind of asset stands in ``osm_kinds.toml``.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regional_assets.errors import InputError, Problem
from regional_assets.readers._osm_element import Element, name_of, to_asset
from regional_assets.readers._osm_kinds import kinds_table
from regional_assets.report import ReadResult
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from regional_assets.model import Asset

SUFFIXES = (".osm", ".osm.bz2", ".osm.gz", ".osm.pbf", ".pbf")
_PROGRESS_EVERY = 1000
_SAME_PLACE_M = 50.0
_DEGREE_M = 111_195.0
_BROKEN_RELATION = Text(
    ja="リレーションの形を組み立てられません(メンバーがファイルに入っていないか、面ではありません)",
    en="the shape of the relation cannot be put together (members are not in the file, or it is no area)",
)
_NO_NODES = Text(ja="節点の位置がファイルに入っていません", en="the positions of its nodes are not in the file")
_LARGEST_VISIT_M = 3_000.0
"""Up to here an island is walked around within a visit; a larger one is where a trip takes place."""
_TOO_LARGE = Text(
    ja="一度に訪ねるには大きな島です。旅の舞台であり、立ち寄り先の一つではありません",
    en="an island too large for one visit: where a trip takes place, not one of its stops",
)
_NO_NAME = Text(ja="名称がありません", en="has no name")


def read_osm(
    paths: str | Path | Sequence[str | Path],
    *,
    region_bbox: tuple[float, float, float, float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> ReadResult:
    """
    Read assets from one or several OSM files.

    Elements that are in several files count once, in their newest version. Nodes are taken where they are; ways by a
    point inside them (open ways by their middle); relations by a point inside their area. Elements that match the table
    of kinds are rows; those without a name or a position are refused, and so is the poorer of two elements that map the
    same place (same name and kind within 50 m, such as a shop as a point and as a building).

    Parameters
    ----------
    paths
        ``.osm``, ``.osm.bz2``, ``.osm.gz`` or ``.osm.pbf``.
    region_bbox
        West, south, east, north in degrees: only this part of the files is read; what lies outside is no row, and one
        warning says how many there were.
    progress
        Called with the number of elements looked at so far, every thousand elements.

    Returns
    -------
    result
        ``dataset`` is ``"osm"``. Visit lengths, appeal and meals are assumed by category, and flagged.

    Raises
    ------
    InputError
        With one problem per file that is missing, broken, cut off, of another type, or that declares XML entities.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    problems = [problem for file in files if (problem := _file_problem(file)) is not None]
    if not files:
        message = Text(ja="OSM ファイルを一つ以上指定してください", en="give at least one OSM file")
        problems = [Problem("paths", None, message)]
    if problems:
        raise InputError(problems)

    elements: dict[str, Element] = {}
    retrieved: str | None = None
    for file in files:
        try:
            found, date = _read_elements(file, progress)
        except InputError as error:
            problems.extend(error.problems)
            continue
        retrieved = max(filter(None, (retrieved, date)), default=None)
        for element in found:
            _keep_better(elements, element)
    if problems:
        raise InputError(problems)
    return _result(elements.values(), ", ".join(file.name for file in files), region_bbox, retrieved)


def read_osm_place(name: str) -> ReadResult:
    """
    Read assets of a place from OpenStreetMap, by its name; needs the network.

    Parameters
    ----------
    name
        A place that Nominatim finds and that has an outline: ``"Sabae, Fukui, Japan"``.

    Returns
    -------
    result
        As of `read_osm`.

    Raises
    ------
    InputError
        If the place is unknown, or the network cannot be reached.
    """
    import osmnx

    tags: dict[str, bool | str | list[str]] = dict.fromkeys(kinds_table().keys, True)
    try:
        with _without_cache(osmnx.settings):
            frame = osmnx.features_from_place(name, tags=tags)
    except OSError as error:  # every error of requests is one
        message = Text(
            ja=f"「{name}」を取得できません。ネットワークにつながっていないようです({type(error).__name__})。"
            "OSM ファイルを使う場合は --osm で指定してください",
            en=f"cannot fetch {name!r}: the network seems to be out of reach ({type(error).__name__}); "
            "give an OSM file instead",
        )
        raise InputError([Problem("place", name, message)]) from None
    except (ValueError, TypeError) as error:
        message = Text(
            ja=f"「{name}」という場所、またはその中の資源が見つかりません({error})",
            en=f"no place {name!r}, or nothing of interest in it ({error})",
        )
        raise InputError([Problem("place", name, message)]) from None
    return _result(_elements_of_frame(frame, name), name, None, None)


def _file_problem(path: Path) -> Problem | None:
    if path.is_dir():
        return Problem(str(path), str(path), Text(ja="ファイルではなくフォルダーです", en="is a folder, not a file"))
    if not path.is_file():
        return Problem(str(path), str(path), Text(ja="ファイルがありません", en="no such file"))
    if not path.name.lower().endswith(SUFFIXES):
        accepted = ", ".join(SUFFIXES)
        message = Text(
            ja=f"OSM ファイルではありません。受け付ける種類: {accepted}", en=f"is no OSM file; accepted: {accepted}"
        )
        return Problem(str(path), path.name, message)
    return None


def _read_elements(path: Path, progress: Callable[[int], None] | None) -> tuple[list[Element], str | None]:
    """Return the elements of one file that have a key of interest, and the date of the data where it is stated."""
    import osmium

    interesting = osmium.filter.KeyFilter(*kinds_table().keys)
    elements: list[Element] = []
    looked_at = 0
    try:
        # libosmium itself refuses entity declarations ("XML entities are not supported") and oversized blobs.
        processor = osmium.FileProcessor(str(path)).with_locations().with_areas(interesting).with_filter(interesting)
        for item in processor:
            looked_at += 1
            if progress is not None and looked_at % _PROGRESS_EVERY == 0:
                progress(looked_at)
            element = _element(item, path.name)
            if element is not None:
                elements.append(element)
        stamp = processor.header.get("osmosis_replication_timestamp")
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        message = Text(ja=f"OSM ファイルとして読めません({error})", en=f"cannot be read as an OSM file ({error})")
        raise InputError([Problem(str(path), None, message)]) from None
    return elements, stamp[:10] or None


def _element(item: Any, file: str) -> Element | None:
    """Return an item of pyosmium as our own; ``None`` for deleted ones, and for areas that were made of a way."""
    if item.deleted or not item.visible or (item.is_area() and item.from_way()):
        return None
    tags = {tag.k: tag.v for tag in item.tags}
    point, lost = _position(item)
    extent_m = _extent_m(item) if item.is_area() or item.is_way() else 0.0
    kind = "node" if item.is_node() else "way" if item.is_way() else "relation"
    number = item.orig_id() if item.is_area() else item.id
    lon, lat = point if point is not None else (None, None)
    return Element(kind, number, tags, lon, lat, item.version, file, lost, extent_m)


def _position(item: Any) -> tuple[tuple[float, float] | None, Text | None]:
    if item.is_node():
        return ((item.lon, item.lat), None) if item.location.valid() else (None, _NO_NODES)
    if item.is_way():
        nodes = [(node.lon, node.lat) for node in item.nodes if node.location.valid()]
        if not nodes or len(nodes) < len(item.nodes):
            return None, _NO_NODES
        return _point_of_line(nodes), None
    if item.is_area():
        return _point_of_rings([[(node.lon, node.lat) for node in ring] for ring in item.outer_rings()]), None
    # The area of a relation arrives later, as an item of its own, and replaces this.
    return None, _BROKEN_RELATION


def _extent_m(item: Any) -> float:
    """Return the diagonal of the box around a closed way or an area; 0 for a line."""
    if item.is_way():
        if not item.is_closed():
            return 0.0
        nodes = [(node.lon, node.lat) for node in item.nodes if node.location.valid()]
    else:
        nodes = [(node.lon, node.lat) for ring in item.outer_rings() for node in ring]
    if not nodes:
        return 0.0
    lons, lats = zip(*nodes, strict=True)
    east = (max(lons) - min(lons)) * math.cos(math.radians(lats[0]))
    return _DEGREE_M * math.hypot(east, max(lats) - min(lats))


def _point_of_line(nodes: list[tuple[float, float]]) -> tuple[float, float]:
    import shapely

    if len(nodes) >= 4 and nodes[0] == nodes[-1]:
        return _inside(shapely.Polygon(nodes))
    if len(nodes) == 1:
        return nodes[0]
    middle = shapely.LineString(nodes).interpolate(0.5, normalized=True)
    return float(middle.x), float(middle.y)


def _point_of_rings(rings: list[list[tuple[float, float]]]) -> tuple[float, float]:
    import shapely

    return _inside(max((shapely.Polygon(ring) for ring in rings), key=lambda polygon: float(polygon.area)))


def _inside(polygon: Any) -> tuple[float, float]:
    """Return the centroid where it lies inside, as people expect; else some point inside."""
    point = polygon.centroid
    if polygon.is_valid and polygon.area > 0 and not polygon.contains(point):
        point = polygon.representative_point()
    return float(point.x), float(point.y)


def _keep_better(elements: dict[str, Element], element: Element) -> None:
    """Keep the copy with a position, and of those the newest."""
    earlier = elements.get(element.name)
    if earlier is None or (element.lost is None, element.version) > (earlier.lost is None, earlier.version):
        elements[element.name] = element


def _result(
    elements: Iterable[Element],
    source: str,
    bbox: tuple[float, float, float, float] | None,
    retrieved: str | None,
) -> ReadResult:
    table = kinds_table()
    assets: list[Asset] = []
    refused: list[Problem] = []
    warnings: list[Problem] = []
    outside = 0
    for element in elements:
        rule = table.rule_for(element.tags)
        name = name_of(element.tags)
        if rule is None or (name is None and rule.when_named):
            continue
        if bbox is not None and _is_outside(element, bbox):
            outside += 1
        elif name is None:
            refused.append(Problem(f"{element.where} name", element.tags.get("name"), _NO_NAME))
        elif rule.category == "island" and element.extent_m > _LARGEST_VISIT_M:
            refused.append(Problem(element.where, element.tags.get("name"), _TOO_LARGE))
        elif element.lost is not None:
            refused.append(Problem(element.where, element.tags.get("name"), element.lost))
        else:
            asset, doubts = to_asset(element, rule, name, retrieved)
            assets.append(asset)
            warnings += doubts
    if outside:
        message = Text(
            ja=f"範囲の外にある {outside} 件は読みませんでした",
            en=f"{outside} elements outside the given box were not read",
        )
        warnings.append(Problem(source, bbox, message))
    kept, doubled = _without_doubles(assets)
    refused += doubled
    rows = len(kept) + len(refused)
    return ReadResult(source, "osm", rows, tuple(kept), tuple(refused), tuple(warnings))


def _without_doubles(assets: list[Asset]) -> tuple[list[Asset], list[Problem]]:
    """Leave out the poorer of two assets with the same name and kind at the same place."""
    kept: dict[str, Asset] = {}
    doubled: list[Problem] = []
    same_name: dict[tuple[str, str], list[Asset]] = {}
    # The richest first, so that it is the one that stays.
    for asset in sorted(assets, key=lambda asset: -len(asset.model_dump(exclude_defaults=True, exclude={"assumed"}))):
        others = same_name.setdefault((asset.kind, asset.name.in_("ja")), [])
        twin = next((other for other in others if _distance_m(asset, other) <= _SAME_PLACE_M), None)
        if twin is None:
            others.append(asset)
            kept[asset.id] = asset
            continue
        row = twin.sources[0].row
        message = Text(
            ja=f"名称と種別が同じ場所が二重にあります。情報の多い方を採用: {row}",
            en=f"mapped twice with the same name and kind; the richer entry is kept: {row}",
        )
        doubled.append(Problem(asset.sources[0].row or asset.id, asset.name.in_("ja"), message))
    return [asset for asset in assets if asset.id in kept], doubled


def _distance_m(one: Asset, other: Asset) -> float:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return math.inf
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return _DEGREE_M * math.hypot(east, one.lat - other.lat)


def _is_outside(element: Element, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    if element.lon is None or element.lat is None:
        return False
    return not (west <= element.lon <= east and south <= element.lat <= north)


def _elements_of_frame(frame: Any, place: str) -> Iterator[Element]:
    """Yield the rows of a frame of OSMnx: index ``(type, id)``, one column per key, geometry."""
    for (kind, number), row in zip(frame.index, frame.to_dict("records"), strict=True):
        shape = row.pop("geometry")
        point = shape.representative_point()
        tags = {str(key): value for key, value in row.items() if isinstance(value, str)}
        yield Element(str(kind), int(number), tags, float(point.x), float(point.y), 1, place)


@contextmanager
def _without_cache(settings: Any) -> Iterator[None]:
    """Keep OSMnx from leaving a folder ``cache`` in the current directory."""
    before = settings.use_cache
    settings.use_cache = False
    try:
        yield
    finally:
        settings.use_cache = before
