"""
Read outlines from OpenStreetMap files, for maps: water, green, railways and buildings.

Tags: https://wiki.openstreetmap.org/wiki/Map_features
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

Subject = Literal["water", "green", "rail", "building"]
SUBJECTS: Final[tuple[Subject, ...]] = ("water", "green", "rail", "building")

_KEYS: Final = ("building", "landuse", "leisure", "natural", "railway", "waterway")
_RAILWAYS: Final = frozenset(
    {"rail", "light_rail", "tram", "subway", "monorail", "funicular", "narrow_gauge", "preserved"}
)
_GREEN: Final[Mapping[str, frozenset[str]]] = {
    "landuse": frozenset({"forest", "grass", "meadow", "recreation_ground", "village_green", "orchard", "cemetery"}),
    "leisure": frozenset({"park", "garden", "nature_reserve", "golf_course", "pitch"}),
    "natural": frozenset({"wood", "scrub", "grassland", "heath"}),
}
_MOST_SHAPES: Final = 1_000_000
"""Held in memory at a time: some 0.8 GB of buildings."""
_STREAMS: Final = frozenset({"stream", "ditch", "drain"})


@dataclass(frozen=True, slots=True)
class Outline:
    """
    Hold what is drawn of one element.

    Parameters
    ----------
    subject
        Layer it belongs to.
    kind
        Of water: ``area``, ``coast`` (land on its left), ``river`` (canals as well) or ``stream``; empty for all else.
    shape
        A ``shapely`` geometry in EPSG:4326, not empty: areas for ``water`` of kind ``area``, ``green`` and
        ``building``, lines for all else.
    """

    subject: Subject
    kind: str
    shape: Any


@dataclass(slots=True)
class Outlines:
    """
    Hold the outlines of some files.

    Parameters
    ----------
    found
        Each element once.
    left_out
        Elements, by subject, whose shape could not be put together (nodes or members that are not in any file, rings
        that are not closed), and those beyond the first million.
    """

    found: list[Outline] = field(default_factory=list)
    left_out: dict[Subject, int] = field(default_factory=dict)


def read_outlines(paths: Sequence[Path], *, progress: Callable[[float], None] | None = None) -> Outlines:
    """
    Read outlines from one or several OSM files; an element that is in several of them counts once.

    Parameters
    ----------
    paths
        As of `regional_assets.readers.osm.read_osm`.
    progress
        Told the share done after each file.

    Returns
    -------
    outlines
        What can be drawn, and how much cannot.

    Raises
    ------
    InputError
        With one problem per file that cannot be read.
    """
    shapes: dict[tuple[str, int], Outline] = {}
    broken: dict[tuple[str, int], Subject] = {}
    problems: list[Problem] = []
    for number, path in enumerate(paths, start=1):
        try:
            _read_file(path, shapes, broken)
        except (RuntimeError, OSError, ValueError) as error:
            message = Text(ja=f"OSM ファイルとして読めません({error})", en=f"cannot be read as an OSM file ({error})")
            problems.append(Problem(str(path), None, message))
        if progress is not None:
            progress(number / len(paths))
    if problems:
        raise InputError(problems)
    lost = Counter(subject for element, subject in broken.items() if element not in shapes)
    return Outlines(list(shapes.values()), {subject: lost[subject] for subject in SUBJECTS if lost[subject]})


def subject_of(tags: Mapping[str, str], *, is_area: bool) -> tuple[Subject, str] | None:
    """Return what an element is drawn as, and its kind; None where it is not."""
    if is_area:
        if tags.get("building", "no") != "no":
            return "building", ""
        if tags.get("natural") == "water" or tags.get("waterway") == "riverbank" or tags.get("landuse") == "reservoir":
            return "water", "area"
        return ("green", "") if any(tags.get(key) in values for key, values in _GREEN.items()) else None
    if tags.get("natural") == "coastline":
        return "water", "coast"
    if tags.get("tunnel", "no") != "no":
        return None
    if tags.get("waterway") in {"river", "canal"}:
        return "water", "river"
    if tags.get("waterway") in _STREAMS:
        return "water", "stream"
    return ("rail", "") if tags.get("railway") in _RAILWAYS else None


def _read_file(path: Path, shapes: dict[tuple[str, int], Outline], broken: dict[tuple[str, int], Subject]) -> None:
    import osmium

    wanted = osmium.filter.KeyFilter(*_KEYS)
    items: Iterable[Any] = osmium.FileProcessor(str(path)).with_locations().with_areas(wanted).with_filter(wanted)
    for item in items:
        if item.is_node() or item.deleted or not item.visible:
            continue
        tags = {tag.k: tag.v for tag in item.tags}
        for element, outline, subject in _drawn(item, tags):
            if outline is None or len(shapes) >= _MOST_SHAPES:
                broken[element] = subject
            else:
                shapes.setdefault(element, outline)


def _drawn(item: Any, tags: Mapping[str, str]) -> list[tuple[tuple[str, int], Outline | None, Subject]]:
    """Return an item of pyosmium as what is drawn of it; its outline is missing where it cannot be put together."""
    if item.is_relation():
        # Its area comes later, as an item of its own, where it can be put together.
        found = subject_of(tags, is_area=True) if tags.get("type") == "multipolygon" else None
        return [] if found is None else [(("area", 2 * item.id + 1), None, found[0])]
    found = subject_of(tags, is_area=item.is_area())
    if found is None:
        # A closed way comes as an area as well; one whose nodes are missing does not.
        area = subject_of(tags, is_area=True) if item.is_way() and item.is_closed() else None
        return [] if area is None else [(("area", 2 * item.id), None, area[0])]
    subject, kind = found
    shape = _area(item) if item.is_area() else _line(item)
    outline = None if shape is None else Outline(subject, kind, shape)
    # As OpenStreetMap's tools number areas: even from ways, odd from relations.
    return [(("area", item.id) if item.is_area() else ("way", item.id), outline, subject)]


def _line(way: Any) -> Any:
    """Return the line of a way as far as its nodes are known; None where there are not two."""
    import shapely

    nodes = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    return shapely.LineString(nodes) if len(set(nodes)) > 1 else None


def _area(area: Any) -> Any:
    """Return an area as valid polygons; None where nothing is left of it."""
    import shapely

    polygons = []
    for outer in area.outer_rings():
        holes = [_ring(inner) for inner in area.inner_rings(outer)]
        polygons.append(shapely.Polygon(_ring(outer), [hole for hole in holes if len(hole) > 3]))
    shape = shapely.make_valid(shapely.MultiPolygon(polygons))
    parts = [part for part in shapely.get_parts(shape, return_index=False) if part.geom_type.endswith("Polygon")]
    found = shapely.union_all(parts) if len(parts) > 1 else (parts[0] if parts else None)
    return None if found is None or found.is_empty else found


def _ring(ring: Any) -> list[tuple[float, float]]:
    return [(node.lon, node.lat) for node in ring]
