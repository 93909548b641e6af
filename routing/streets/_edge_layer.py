"""Street networks from a layer of lines (Shapefile, GeoPackage, GeoJSON), with or without columns for the two ends."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing.streets._assemble import LooseEdges, assemble_network
from routing.streets._mode import BICYCLE_KMH, WALK_KMH
from routing.streets._progress import silent
from routing.streets._report import BuildReport, FileReport
from routing.streets._rules import CAR_SHARE_OF_LIMIT, TAG_KEYS, WayUse, way_use

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from routing.streets._mode import Mode
    from routing.streets._network import StreetNetwork
    from routing.streets._progress import Progress

EDGE_SUFFIXES: Final = (".shp", ".zip", ".shz", ".gpkg", ".geojson", ".json", ".fgb")

# Line ends closer than this many degrees (about 0.1 m) are the same crossing, where no column says so.
_SNAP_DEGREES: Final = 1e-6

# Speed where the layer does not name the class of its streets.
_PLAIN_KMH: Final[dict[str, float]] = {"walk": WALK_KMH, "bicycle": BICYCLE_KMH, "car": 30.0 * CAR_SHARE_OF_LIMIT}


def build_from_edges(
    layer: Path | str | gpd.GeoDataFrame,
    mode: Mode,
    u: str | None = None,
    v: str | None = None,
    progress: Progress | None = None,
) -> StreetNetwork:
    """
    Build the street network of a mode from a layer of street lines.

    Rows are directed or not: a row whose mirror image is in the layer too is one direction of a street; any other row
    is a street for both directions, unless it is one-way and the mode minds. Columns ``highway``, ``oneway``,
    ``maxspeed`` and access tags are read as in OpenStreetMap where they are there, ``highway`` also as a list
    (``"path,residential"``, as OSMnx writes merged streets).

    Parameters
    ----------
    layer
        Shapefile (also zipped), GeoPackage, GeoJSON or FlatGeobuf, in any CRS that it names; or the layer itself.
    mode
        Walk, bicycle or car.
    u, v
        Columns that name the node at the start and the end of each line. Default: ``u`` and ``v`` if both are there,
        else line ends within 0.1 m of each other are one node.
    progress
        Told what is being done, and the share done.

    Returns
    -------
    network
        Its report has the layer's own count of nodes and edges before anything is left out.

    Raises
    ------
    InputError
        If the layer is missing, broken, no layer of lines, names no CRS, lacks a column asked for, or holds no street
        that the mode may use; all that could be found before stopping.
    """
    tell = progress or silent
    name = str(layer) if isinstance(layer, str | Path) else "edges"
    tell(Text("道路レイヤを読み込み中", "Reading the street layer"), 0.0)
    frame = _read(Path(layer), u, v) if isinstance(layer, str | Path) else layer
    rows = _rows(frame, Path(name).name, u, v)
    tell(Text("道路網を組み立てています", "Putting the street network together"), 0.4)
    uses, refused = _uses(rows.tags, mode)
    is_used = np.array([use is not None for use in uses], dtype=np.bool_)
    if not is_used.any():
        found = ", ".join(f"{reason} {count}" for reason, count in refused.items()) or "-"
        raise _refuse(
            name,
            mode,
            f"移動手段 {mode} で通れる道が1本もありません（通れない理由: {found}）。",
            f"no street can be used by mode {mode} (left out: {found}).",
        )
    short = _reach_nodes(rows)
    loose, kept_nodes = _directed(rows, uses)
    nodes = len(np.unique(np.concatenate([rows.origin, rows.destination])))
    file = FileReport(Path(name).name, len(rows.origin), int(is_used.sum()), nodes, len(rows.origin))
    tell(Text("道路網を仕上げています", "Finishing the street network"), 0.7)
    network = assemble_network(
        mode,
        rows.node_lon[kept_nodes],
        rows.node_lat[kept_nodes],
        loose,
        BuildReport(files=(file,), refused=refused, assumed=_assumed(rows, mode, short)),
        source=Path(name).name,
        licence="unknown",
    )
    tell(Text("完了", "Done"), 1.0)
    return network


@dataclass(frozen=True, eq=False)
class _Rows:
    """Hold the layer's rows as nodes, tags and lines; lines run from origin to destination."""

    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    tags: list[dict[str, str]]
    lines: list[NDArray[np.float64]]
    has_classes: bool


def _refuse(where: str, value: object, ja: str, en: str) -> InputError:
    return InputError([Problem(where, value, Text(ja, en))])


def _read(path: Path, u: str | None, v: str | None) -> gpd.GeoDataFrame:
    """Read the columns that matter and the lines of a layer."""
    import pyogrio

    if path.suffix.lower() not in EDGE_SUFFIXES:
        known = ", ".join(EDGE_SUFFIXES)
        raise _refuse(
            str(path),
            path.name,
            f"この形式は読めません。使える拡張子: {known}。",
            f"is not a kind of layer that can be read; accepted: {known}.",
        )
    if not path.is_file():
        raise _refuse(str(path), path.name, "ファイルが見つかりません。", "there is no such file.")
    try:
        # OSMnx writes nodes and edges into one GeoPackage: take the layer of lines.
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if "LineString" in str(kind)]
        if len(layers) > 1:
            raise _refuse(
                str(path),
                layers,
                f"線のレイヤが複数あります（{', '.join(layers)}）。1つだけのファイルにしてください。",
                f"holds several layers of lines ({', '.join(layers)}); give a file with one.",
            )
        layer = layers[0] if layers else None
        present = set(pyogrio.read_info(path, layer=layer)["fields"])
        wanted = [name for name in ({"u", "v", u, v} | TAG_KEYS) & present if name]
        # What is no shape is no line, and is told of below with its like.
        frame = pyogrio.read_dataframe(path, layer=layer, columns=sorted(wanted), on_invalid="ignore")
    except InputError:
        raise
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        raise _refuse(
            str(path),
            path.name,
            f"道路レイヤとして読めません（壊れているか、レイヤがありません）: {error}",
            f"cannot be read as a layer of streets (broken, or no layer inside): {error}",
        ) from error
    for column in wanted:
        frame[column] = frame[column].map(_flat)
    return frame


def _flat(cell: Any) -> Any:
    """Return a list or table in a cell as OSMnx writes it into formats without lists; other cells as they are."""
    plain = cell.tolist() if getattr(cell, "ndim", 0) else cell
    return str(plain) if isinstance(plain, list | tuple | dict) else plain


def _rows(frame: gpd.GeoDataFrame, name: str, u: str | None, v: str | None) -> _Rows:
    """Return the rows of a layer, checked, in EPSG:4326."""
    columns = _end_columns(frame, name, u, v)
    is_line = frame.geometry.geom_type.isin(["LineString", "MultiLineString"]) & ~frame.geometry.is_empty
    problems = []
    if frame.crs is None:
        problems.append(
            Problem(
                name,
                None,
                Text("座標系（CRS）が書かれていません。", "names no coordinate reference system (CRS)."),
            )
        )
    if not is_line.all():
        others = int((~is_line).sum())
        problems.append(
            Problem(
                name,
                others,
                Text(
                    f"{len(frame)} 行のうち {others} 行が線ではありません。線だけのレイヤを指定してください。",
                    f"{others} of {len(frame)} rows are no lines; give a layer of lines.",
                ),
            )
        )
    if not len(frame):
        problems.append(Problem(name, 0, Text("道路が1本もありません。", "holds no street.")))
    for column in columns or ():
        if frame[column].isna().any():
            blank = int(frame[column].isna().sum())
            problems.append(
                Problem(
                    f"{name} {column}",
                    None,
                    Text(f"列 {column} が {blank} 行で空です。", f"column {column} is blank in {blank} rows."),
                )
            )
    if problems:
        raise InputError(problems)
    located = frame.to_crs(4326)
    lines = [_line_points(line) for line in located.geometry.array]
    lost = sum(not (np.abs(line) <= (180.0, 90.0)).all() for line in lines)
    if lost:
        raise _refuse(
            name,
            lost,
            f"{lost} 本の線が地球上にありません。座標系（{frame.crs.name}）が正しいか確かめてください。",
            f"{lost} lines are not on the globe; check whether their CRS is really {frame.crs.name}.",
        )
    present = [column for column in frame.columns if column in TAG_KEYS]
    tags = _tags(frame, present)
    if columns:
        origin, destination, lon, lat = _named_nodes(frame, columns, lines)
    else:
        origin, destination, lon, lat = _nodes_at_ends(lines)
    return _Rows(origin, destination, lon, lat, tags, lines, "highway" in present)


def _end_columns(frame: gpd.GeoDataFrame, name: str, u: str | None, v: str | None) -> tuple[str, str] | None:
    """Return the columns that name the two ends, or None where line ends have to do."""
    if u is None and v is None:
        return ("u", "v") if {"u", "v"} <= set(frame.columns) else None
    start, end = u or "u", v or "v"
    missing = [column for column in (start, end) if column not in frame.columns]
    if missing:
        raise InputError(
            Problem(
                f"{name} {column}",
                column,
                Text(f"列 {column} がありません。", f"there is no column {column}."),
            )
            for column in missing
        )
    return start, end


def _tags(frame: gpd.GeoDataFrame, columns: list[str]) -> list[dict[str, str]]:
    """Return the OSM tags of each row, blanks left out."""
    cells = {column: frame[column].astype(object).where(frame[column].notna(), "").tolist() for column in columns}
    return [
        {column: str(values[row]) for column, values in cells.items() if values[row] not in {"", None}}
        for row in range(len(frame))
    ]


def _line_points(line: Any) -> NDArray[np.float64]:
    """Return lon and lat along a line; the pieces of a line in several pieces one after the other."""
    import shapely

    if line.geom_type == "MultiLineString":
        merged = shapely.line_merge(line)
        line = merged if merged.geom_type == "LineString" else line
    points: NDArray[np.float64] = shapely.get_coordinates(line)
    return points


def _named_nodes(
    frame: gpd.GeoDataFrame, columns: tuple[str, str], lines: list[NDArray[np.float64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return ends and node positions by the columns that name them, turning lines drawn the other way round."""
    count = len(lines)
    names = np.concatenate([frame[column].to_numpy(dtype=object) for column in columns]).astype(str)
    _, node = np.unique(names, return_inverse=True)
    origin, destination = node[:count].astype(np.int64), node[count:].astype(np.int64)
    first = np.array([line[0] for line in lines])
    last = np.array([line[-1] for line in lines])
    nodes = int(node.max()) + 1
    # Where a node is: the median of the ends that name it, which a few lines drawn backwards do not move.
    lon, lat = (_medians(node, np.concatenate([first[:, axis], last[:, axis]]), nodes) for axis in (0, 1))
    ends = np.column_stack([lon, lat])
    as_drawn = np.abs(first - ends[origin]).sum(axis=1) + np.abs(last - ends[destination]).sum(axis=1)
    turned = np.abs(last - ends[origin]).sum(axis=1) + np.abs(first - ends[destination]).sum(axis=1)
    for row in np.flatnonzero(turned < as_drawn):
        lines[row] = lines[row][::-1]
    return origin, destination, lon, lat


def _reach_nodes(rows: _Rows) -> int:
    """
    Draw lines on, straight, to the nodes that their columns name, and return how many fell short.

    A layer cut out of a larger one with a knife has streets that end at the cut though their node lies beyond it.
    """
    short = 0
    for row, line in enumerate(rows.lines):
        nodes = [(rows.node_lon[node], rows.node_lat[node]) for node in (rows.origin[row], rows.destination[row])]
        is_off = [bool(np.abs(line[end] - nodes[end]).max() > _SNAP_DEGREES) for end in (0, -1)]
        if any(is_off):
            short += 1
            rows.lines[row] = np.array([*nodes[:1] * is_off[0], *line, *nodes[1:] * is_off[1]])
    return short


def _medians(group: NDArray[np.int64], values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """Return the (lower) median of the values in each group."""
    order = np.lexsort((values, group))
    start = np.searchsorted(group[order], np.arange(groups))
    sizes = np.bincount(group, minlength=groups)
    medians: NDArray[np.float64] = values[order][start + (sizes - 1) // 2]
    return medians


def _nodes_at_ends(
    lines: list[NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return ends and node positions by rounding line ends to a tenth of a metre."""
    ends = np.array([line[0] for line in lines] + [line[-1] for line in lines])
    cells = np.rint(ends / _SNAP_DEGREES).astype(np.int64)
    _, first, node = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    count = len(lines)
    node = node.reshape(-1)
    return node[:count], node[count:], ends[first, 0], ends[first, 1]


def _uses(tags: list[dict[str, str]], mode: Mode) -> tuple[list[WayUse | None], dict[str, int]]:
    """Return how a mode uses each row (None: not at all), and how many rows it may not, by reason."""
    uses: list[WayUse | None] = []
    refused: Counter[str] = Counter()
    known: dict[tuple[tuple[str, str], ...], WayUse | str] = {}
    for row in tags:
        key = tuple(sorted(row.items()))
        if key not in known:
            known[key] = _row_use(row, mode)
        use = known[key]
        if isinstance(use, WayUse):
            uses.append(use)
        else:
            uses.append(None)
            refused[use] += 1
    return uses, dict(sorted(refused.items()))


def _row_use(tags: dict[str, str], mode: Mode) -> WayUse | str:
    """Return how a mode uses a row; where several classes are named, at their mean pace, and only if it may use all."""
    tags = {key: _plain(key, value) for key, value in tags.items()}
    if "highway" not in tags:
        # A layer of streets that says nothing of classes: take each for a plain one, and let other tags speak.
        found = [way_use({**tags, "highway": "unclassified"}, mode)]
        found = [
            WayUse(_PLAIN_KMH[mode], use.direction, use.is_step_free)
            if isinstance(use, WayUse) and "maxspeed" not in tags
            else use
            for use in found
        ]
    else:
        classes = re.findall(r"[a-z_]+", tags["highway"]) or [tags["highway"]]
        found = [way_use({**tags, "highway": name}, mode) for name in classes]
    for use in found:
        if not isinstance(use, WayUse):
            return use
    uses = [use for use in found if isinstance(use, WayUse)]
    pace = sum(1 / use.speed_kmh for use in uses) / len(uses)
    return WayUse(1 / pace, uses[0].direction, all(use.is_step_free for use in uses))


def _plain(key: str, value: str) -> str:
    """Return a cell as OSM would write the tag: ``True`` and ``1`` of a one-way column as ``yes``."""
    if key == "oneway":
        return {"true": "yes", "1": "yes", "1.0": "yes", "false": "no", "0": "no", "0.0": "no"}.get(
            value.lower(), value.lower()
        )
    return value.strip()


def _directed(rows: _Rows, uses: list[WayUse | None]) -> tuple[LooseEdges, NDArray[np.int64]]:
    """Return directed edges between kept nodes, and the rows of those nodes."""
    rounded = [np.rint(line * 1e7).astype(np.int64) for line in rows.lines]
    drawn = {
        (origin, destination, points.tobytes())
        for origin, destination, points in zip(rows.origin.tolist(), rows.destination.tolist(), rounded, strict=True)
    }
    ends: list[tuple[int, int]] = []
    lines: list[NDArray[np.float64]] = []
    kept: list[WayUse] = []
    for row, use in enumerate(uses):
        if use is None:
            continue
        origin, destination = int(rows.origin[row]), int(rows.destination[row])
        has_mirror = (destination, origin, rounded[row][::-1].tobytes()) in drawn
        if use.direction != "backward":
            ends.append((origin, destination))
            lines.append(rows.lines[row])
            kept.append(use)
        if use.direction == "backward" or (use.direction == "both" and not has_mirror):
            ends.append((destination, origin))
            lines.append(rows.lines[row][::-1])
            kept.append(use)
    nodes, renumbered = np.unique(np.array(ends, dtype=np.int64).reshape(-1, 2), return_inverse=True)
    renumbered = renumbered.reshape(-1, 2)
    loose = LooseEdges(
        origin=renumbered[:, 0].astype(np.int64),
        destination=renumbered[:, 1].astype(np.int64),
        pace_s_per_m=np.array([3.6 / use.speed_kmh for use in kept]),
        is_step_free=np.array([use.is_step_free for use in kept], dtype=np.bool_),
        line_start=np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64),
        coordinates=np.concatenate(lines),
    )
    return loose, nodes


def _assumed(rows: _Rows, mode: Mode, short: int) -> tuple[Text, ...]:
    """Return what was taken for granted."""
    notes = []
    if not rows.has_classes:
        notes.append(
            Text(
                f"道路の種別（highway列）がないため、すべての道を {mode} で通れる道とみなしました。",
                f"No column tells the class of a street (highway): all were taken as open to mode {mode}.",
            )
        )
    if short:
        notes.append(
            Text(
                f"{short} 本の線が端点の交差点に届いていないため、直線で延ばしました。",
                f"{short} lines end short of the crossing they name; they were drawn on to it in a straight line.",
            )
        )
    return tuple(notes)
