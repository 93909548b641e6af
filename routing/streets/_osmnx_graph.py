"""
Street graphs by OSMnx.

`osmnx.graph_from_xml` turns every way of a file into streets, buildings and fields too. So it is given a file that
holds chosen ways only, written here.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import networkx as nx

    from routing.streets._osm_files import OsmStreets
    from routing.streets._rules import WayUse

# What OSMnx itself looks at when it lays edges.
_LAYING_TAGS: Final = ("highway", "oneway", "junction")


def highway_graph(streets: OsmStreets) -> nx.MultiDiGraph:
    """
    Return the graph of every way with a ``highway`` tag, just as OSMnx makes it.

    For counting only: it asks neither who may use a way nor how fast.
    """
    import osmnx

    runs = [(way.tags, run) for way in streets.ways.values() for run in whole_runs(way.nodes, streets.nodes)]
    if not runs:
        return _no_graph()
    with tempfile.TemporaryDirectory(prefix="meguri-") as folder:
        file = _write_xml(Path(folder) / "streets.osm", streets.nodes, runs)
        return osmnx.graph_from_xml(file, retain_all=True)


def usable_graph(streets: OsmStreets, uses: Mapping[int, WayUse]) -> nx.MultiDiGraph:
    """
    Return the simplified graph of the ways that a mode may use.

    Parameters
    ----------
    streets
        Nodes and ways.
    uses
        How the mode uses each way, by OSM id; ways not named are left out.

    Returns
    -------
    graph
        Node ``x, y`` (lon, lat); edge ``length`` (metres), ``seconds``, ``step_free`` and, where merged, ``geometry``.
        Edges end where stairs begin, besides at crossings and dead ends.
    """
    import osmnx

    pieces = [
        (uses[way_id], way.tags, run)
        for way_id, way in streets.ways.items()
        if way_id in uses
        for run in whole_runs(way.nodes, streets.nodes)
    ]
    if not pieces:
        return _no_graph()
    with tempfile.TemporaryDirectory(prefix="meguri-") as folder:
        runs = [(tags, run) for _, tags, run in pieces]
        file = _write_xml(Path(folder) / "streets.osm", streets.nodes, runs)
        # Both directions of everything: which of them a mode may use is for the rules to say.
        graph = osmnx.graph_from_xml(file, bidirectional=True, simplify=False, retain_all=True)
    return simplified(graph, {number: use for number, (use, _, _) in enumerate(pieces, start=1)})


def simplified(graph: nx.MultiDiGraph, uses: Mapping[int, WayUse]) -> nx.MultiDiGraph:
    """
    Keep what the rules allow of an OSMnx graph that is not simplified yet, with seconds, and simplify it.

    Parameters
    ----------
    graph
        Edges with ``osmid``, ``length`` and ``reversed``, in both directions.
    uses
        How the mode uses each way, by ``osmid``.

    Returns
    -------
    graph
        As `usable_graph`.
    """
    import networkx as nx
    import osmnx

    kept = nx.MultiDiGraph(**graph.graph)
    for origin, destination, values in graph.edges(data=True):
        use = uses.get(values["osmid"])
        if use is None or use.direction == ("forward" if values["reversed"] else "backward"):
            continue
        seconds = values["length"] / (use.speed_kmh / 3.6)
        kept.add_edge(origin, destination, length=values["length"], seconds=seconds, step_free=use.is_step_free)
    for node in kept:
        kept.nodes[node].update(x=graph.nodes[node]["x"], y=graph.nodes[node]["y"])
    aggregates: dict[str, Any] = {"length": sum, "seconds": sum}
    return osmnx.simplify_graph(kept, edge_attrs_differ=["step_free"], edge_attr_aggs=aggregates, remove_rings=False)


def _no_graph() -> nx.MultiDiGraph:
    """Return a graph of nothing: ways of which no file holds two nodes in a row."""
    import networkx as nx

    return nx.MultiDiGraph()


def whole_runs(nodes: Sequence[int], known: Mapping[int, object]) -> Iterator[list[int]]:
    """Yield the stretches of a way whose nodes are all known, each of two nodes or more, none repeated in a row."""
    run: list[int] = []
    for node in nodes:
        if node not in known:
            if len(run) > 1:
                yield run
            run = []
        elif not run or run[-1] != node:
            run.append(node)
    if len(run) > 1:
        yield run


def count_missing(streets: OsmStreets) -> int:
    """Return how many nodes the ways name that the files do not hold."""
    named = {node for way in streets.ways.values() for node in way.nodes}
    return len(named - streets.nodes.keys())


def _write_xml(
    file: Path, nodes: Mapping[int, tuple[float, float]], runs: Sequence[tuple[Mapping[str, str], list[int]]]
) -> Path:
    """Write nodes and ways as OSM XML; ways are numbered from 1 in the order given."""
    on_streets = {node for _, run in runs for node in run}
    with file.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        for node in sorted(on_streets):
            lon, lat = nodes[node]
            out.write(f'<node id="{node}" lat="{lat:.7f}" lon="{lon:.7f}"/>\n')
        for number, (tags, run) in enumerate(runs, start=1):
            references = "".join(f'<nd ref="{node}"/>' for node in run)
            labels = "".join(f'<tag k="{key}" v={quoteattr(tags[key])}/>' for key in _LAYING_TAGS if key in tags)
            out.write(f'<way id="{number}">{references}{labels}</way>\n')
        out.write("</osm>\n")
    return file


def edge_points(graph: nx.MultiDiGraph, origin: Any, destination: Any, values: Mapping[str, Any]) -> list[Any]:
    """Return the points of an edge as lon, lat pairs: its own geometry, or straight from node to node."""
    if "geometry" in values:
        return list(values["geometry"].coords)
    return [(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in (origin, destination)]
