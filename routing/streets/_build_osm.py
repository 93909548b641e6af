"""Street networks from OpenStreetMap, out of files or (online) by the name of a place."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing.errors import OfflineError
from routing.streets._assemble import LooseEdges, assemble_network
from routing.streets._osm_files import join_streets, read_osm_files
from routing.streets._osmnx_graph import count_missing, edge_points, highway_graph, simplified, usable_graph
from routing.streets._progress import silent
from routing.streets._report import BuildReport, FileReport
from routing.streets._rules import TAG_KEYS, WayUse, way_use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import networkx as nx

    from routing.streets._mode import Mode
    from routing.streets._network import StreetNetwork
    from routing.streets._osm_files import OsmStreets
    from routing.streets._progress import Progress


def build_from_osm(paths: Sequence[Path | str], mode: Mode, progress: Progress | None = None) -> StreetNetwork:
    """
    Build the street network of a mode from OSM files.

    Files that adjoin are joined where they share OSM nodes. OSMnx makes and simplifies the graph; which ways a mode
    may use, and how fast, is the table in ``routing/streets/_rules.py``.

    Parameters
    ----------
    paths
        ``.osm``, ``.osm.bz2``, ``.osm.gz`` or ``.osm.pbf`` files.
    mode
        Walk, bicycle or car.
    progress
        Told what is being done, and the share done.

    Returns
    -------
    network
        Streets of all files; ``network.report`` counts each file before joining, and what was left out.

    Raises
    ------
    InputError
        If a file is missing, broken or holds no streets (every such file is named), or no way serves the mode.
    """
    tell = progress or silent
    files = [Path(path) for path in paths]
    parts = read_osm_files(files, _scaled(tell, 0.0, 0.3))
    reports = []
    for position, part in enumerate(parts):
        tell(
            Text(f"{part.name} の道路を数えています", f"Counting the streets of {part.name}"),
            0.3 + 0.2 * position / len(parts),
        )
        reports.append(_file_report(part, mode))
    joined = join_streets(parts)
    uses, refused = sort_ways({way_id: way.tags for way_id, way in joined.streets.ways.items()}, mode)
    missing = count_missing(joined.streets)
    tell(Text("道路網を組み立てています", "Putting the street network together"), 0.5)
    graph = usable_graph(joined.streets, uses) if uses else None
    if graph is None or graph.number_of_edges() == 0:
        raise _nothing_usable(", ".join(path.name for path in files), mode, refused)
    report = BuildReport(
        files=tuple(reports),
        refused=refused,
        shared_nodes=joined.shared_nodes,
        shared_ways=joined.shared_ways,
        missing_nodes=missing,
    )
    tell(Text("道路網を仕上げています", "Finishing the street network"), 0.9)
    network = _from_graph(graph, mode, report)
    tell(Text("完了", "Done"), 1.0)
    return network


def build_from_place(name: str, mode: Mode, progress: Progress | None = None) -> StreetNetwork:
    """
    Build the street network of a named place, asking OpenStreetMap's servers through OSMnx.

    Not for several threads at once: OSMnx keeps the tags to fetch in a setting shared by the whole process.

    Parameters
    ----------
    name
        Place name as Nominatim understands it (``"Echizen, Fukui, Japan"``).
    mode
        Walk, bicycle or car.
    progress
        Told what is being done, and the share done.

    Returns
    -------
    network
        Streets inside the place's boundary.

    Raises
    ------
    OfflineError
        If the servers cannot be reached.
    InputError
        If there is no such place, it has no boundary, or no way there serves the mode.
    """
    tell = progress or silent
    tell(Text(f"「{name}」の道路を取得中", f"Fetching the streets of {name!r}"), 0.0)
    whole = _fetch(name)
    tell(Text("道路網を組み立てています", "Putting the street network together"), 0.6)
    tags: dict[int, Mapping[str, str]] = {
        values["osmid"]: {key: str(value) for key, value in values.items() if key in TAG_KEYS}
        for _, _, values in whole.edges(data=True)
    }
    uses, refused = sort_ways(tags, mode)
    graph = simplified(whole, uses) if uses else None
    if graph is None or graph.number_of_edges() == 0:
        raise _nothing_usable(name, mode, refused)
    file = FileReport(name, len(tags), len(uses), whole.number_of_nodes(), whole.number_of_edges())
    network = _from_graph(graph, mode, BuildReport(files=(file,), refused=refused))
    tell(Text("完了", "Done"), 1.0)
    return network


def sort_ways(tags_of_ways: Mapping[int, Mapping[str, str]], mode: Mode) -> tuple[dict[int, WayUse], dict[str, int]]:
    """Return how a mode uses each way it may use, and how many ways it may not, by reason."""
    uses: dict[int, WayUse] = {}
    refused: Counter[str] = Counter()
    for way_id, tags in tags_of_ways.items():
        use = way_use(tags, mode)
        if isinstance(use, WayUse):
            uses[way_id] = use
        else:
            refused[use] += 1
    return uses, dict(sorted(refused.items()))


def _file_report(part: OsmStreets, mode: Mode) -> FileReport:
    """Count one file before it is joined to others."""
    uses, _ = sort_ways({way_id: way.tags for way_id, way in part.ways.items()}, mode)
    graph = highway_graph(part)
    return FileReport(part.name, len(part.ways), len(uses), graph.number_of_nodes(), graph.number_of_edges())


def _from_graph(graph: nx.MultiDiGraph, mode: Mode, report: BuildReport) -> StreetNetwork:
    """Return the network that an OSMnx graph with seconds describes."""
    row = {node: position for position, node in enumerate(sorted(graph))}
    edges = sorted(graph.edges(keys=True, data=True), key=lambda edge: (row[edge[0]], row[edge[1]], edge[2]))
    points = [edge_points(graph, origin, destination, values) for origin, destination, _, values in edges]
    lengths = np.array([values["length"] for *_, values in edges])
    seconds = np.array([values["seconds"] for *_, values in edges])
    loose = LooseEdges(
        origin=np.array([row[edge[0]] for edge in edges], dtype=np.int64),
        destination=np.array([row[edge[1]] for edge in edges], dtype=np.int64),
        pace_s_per_m=seconds / np.maximum(lengths, 1e-6),
        is_step_free=np.array([values["step_free"] for *_, values in edges], dtype=np.bool_),
        line_start=np.concatenate([[0], np.cumsum([len(line) for line in points])]).astype(np.int64),
        coordinates=np.array([point[:2] for line in points for point in line], dtype=np.float64),
    )
    lon = np.array([graph.nodes[node]["x"] for node in row], dtype=np.float64)
    lat = np.array([graph.nodes[node]["y"] for node in row], dtype=np.float64)
    return assemble_network(mode, lon, lat, loose, report)


def _nothing_usable(what: str, mode: Mode, refused: Mapping[str, int]) -> InputError:
    """Return the error for streets of which none serves the mode."""
    found = ", ".join(f"{reason} {count}" for reason, count in refused.items()) or "-"
    return InputError(
        [
            Problem(
                what,
                mode,
                Text(
                    f"移動手段 {mode} で通れる道が1本もありません（通れない理由: {found}）。",
                    f"no street can be used by mode {mode} (left out: {found}).",
                ),
            )
        ]
    )


def _scaled(progress: Progress, first: float, last: float) -> Progress:
    """Return a progress that fills one stretch of another."""

    def tell(stage: Text, share: float) -> None:
        progress(stage, first + (last - first) * share)

    return tell


def _fetch(name: str) -> nx.MultiDiGraph:
    """Return every way with a highway tag in a named place, both directions, not simplified."""
    import osmnx
    from osmnx._errors import ResponseStatusCodeError
    from requests.exceptions import RequestException

    try:
        with _raw_ways():
            graph = osmnx.graph_from_place(name, simplify=False, retain_all=True, custom_filter='["highway"]')
    except (RequestException, ConnectionError, TimeoutError, ResponseStatusCodeError) as error:
        raise OfflineError(
            Text(
                f"「{name}」の道路を取得できません（地図サーバーに接続できません）。OSMファイルを指定してください。",
                f"cannot fetch the streets of {name!r}: the map servers cannot be reached. Give an OSM file instead.",
            )
        ) from error
    except (ValueError, TypeError) as error:
        # OSMnx words unknown places and empty answers as ValueErrors, a place without an area as a TypeError.
        raise InputError(
            [
                Problem(
                    "place",
                    name,
                    Text(
                        f"「{name}」という範囲のある地名が見つかりません。市町村名などを指定してください。",
                        f"{name!r} is no known place with a boundary and streets; name a town or district.",
                    ),
                )
            ]
        ) from error
    return _both_ways(graph)


def _both_ways(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Return a graph of single edges with each edge there and back; ``reversed`` tells which is against the way."""
    import networkx as nx

    whole = nx.MultiDiGraph(**graph.graph)
    whole.add_nodes_from(graph.nodes(data=True))
    for origin, destination, values in graph.edges(data=True):
        # OSMnx lays a way against its own order where it is signed so.
        is_against = values.get("oneway") in {"-1", "reverse", "T"}
        whole.add_edge(origin, destination, **values | {"reversed": is_against})
        whole.add_edge(destination, origin, **values | {"reversed": not is_against})
    return whole


@contextmanager
def _raw_ways() -> Iterator[None]:
    """Have OSMnx keep the tags that the rules read as they stand, and put its settings back afterwards."""
    import osmnx

    before = osmnx.settings.useful_tags_way, osmnx.settings.all_oneway
    osmnx.settings.useful_tags_way = sorted({*before[0], *TAG_KEYS})
    # Otherwise it overwrites the one-way tag, of which the rules know more values.
    osmnx.settings.all_oneway = True
    try:
        yield
    finally:
        osmnx.settings.useful_tags_way, osmnx.settings.all_oneway = before
