"""
Time travel tables against networkx, on a real town and on a made-up city.

Run ``python -m benchmarks.travel_times [--edges PATH] [--json FILE] [--seed N]``.

Protocol: places lie at random inside the network's extent, within 300 m of a street. *Ours* is the whole of
`routing.streets.travel_matrix`: snapping every place to its street, one search per place over the whole network,
seconds and metres of every pair; the best of three runs. *networkx* is
`networkx.single_source_dijkstra_path_length` on the same streets as a `MultiDiGraph` (what OSMnx routes on), seconds
only, without snapping, from a few crossings picked at random; the median per source times the number of places. Both
search without a limit and in the same process. Before timing, both are made to agree on the sampled sources.

Peak memory is the largest resident set (``VmHWM`` of ``/proc/self/status``, Linux only) of a fresh process that reads
the stored network and makes the table, Python, numpy and scipy included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.fresh_process import run_fresh
from benchmarks.report import about_run, best_of, markdown_table, write_figures
from benchmarks.shared_data import shared_folder
from routing.streets import (
    UNREACHABLE,
    StreetNetwork,
    TravelTable,
    build_from_edges,
    load_network,
    save_network,
    travel_matrix,
)

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

PLACE_COUNTS: Final = (100, 500)
# Blocks of the made-up city along each side: 317 * 317 is a little over 100,000 crossings.
CITY_SIDE: Final = 317
NETWORKX_SOURCES: Final = 9
NEAR_M: Final = 300.0
LIMIT_S: Final = 1800.0

_LAYER: Final = Path("data") / "yamaguchi-ube" / "osm" / "ube_roads_osmnx_walk_shp.zip"


@dataclass(frozen=True, slots=True)
class Row:
    """
    Hold the figures of one network and number of places.

    Parameters
    ----------
    network
        Which streets.
    nodes, edges
        Their size; directed edges.
    places
        Places of the table.
    ours_s
        The whole table, best of three, seconds.
    ours_limited_s
        The same, looking no farther than half an hour.
    networkx_s
        networkx, its median per source times the places.
    ratio
        How many times faster, both without limit.
    estimated_share
        Legs of the table that no street way was found for.
    peak_mb
        Largest resident set of a fresh process from stored network to table.
    """

    network: str
    nodes: int
    edges: int
    places: int
    ours_s: float
    ours_limited_s: float
    networkx_s: float
    ratio: float
    estimated_share: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Store:
    """
    Hold the figures of one stored network.

    Parameters
    ----------
    network
        Which streets.
    write_s, read_s
        Seconds to write it, and to read and verify it (best of three).
    size_mb
        On disk.
    """

    network: str
    write_s: float
    read_s: float
    size_mb: float


def default_layer() -> Path:
    """Return where the real layer lies if the maintainers' folder is there."""
    return shared_folder() / _LAYER


def made_up_city(side: int, seed: int) -> StreetNetwork:
    """
    Return a walking network that looks like streets: crooked blocks, a sixth of them missing, bent lines.

    Parameters
    ----------
    side
        Crossings along each side of a square, about 60 m apart.
    seed
        Same seed, same city.
    """
    import geopandas as gpd
    import shapely

    rng = np.random.default_rng(seed)
    block = 60 / 111_195
    lat0, lon0 = 35.0, 135.0
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    x = column.ravel() + rng.normal(0, 0.18, side * side)
    y = row.ravel() + rng.normal(0, 0.18, side * side)
    points = np.column_stack([lon0 + x * block / np.cos(np.radians(lat0)), lat0 + y * block])
    node = np.arange(side * side).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    up = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    pairs = np.concatenate([across, up])
    pairs = pairs[rng.random(len(pairs)) > 1 / 6]
    bend = points[pairs].mean(axis=1) + rng.normal(0, 0.08 * block, (len(pairs), 2))
    corners = np.stack([points[pairs[:, 0]], bend, points[pairs[:, 1]]], axis=1)
    layer = gpd.GeoDataFrame(
        {"u": pairs[:, 0], "v": pairs[:, 1], "highway": "residential"},
        geometry=shapely.linestrings(corners),
        crs=4326,
    )
    return build_from_edges(layer, "walk")


def places_near_streets(
    network: StreetNetwork, count: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lon and lat of places at random in the network's extent, each within `NEAR_M` of a usable street."""
    rng = np.random.default_rng(seed)
    lons, lats = np.empty(0), np.empty(0)
    while len(lons) < count:
        lon = rng.uniform(network.node_lon.min(), network.node_lon.max(), count)
        lat = rng.uniform(network.node_lat.min(), network.node_lat.max(), count)
        is_near = _is_near(network, lon, lat)
        lons, lats = np.concatenate([lons, lon[is_near]]), np.concatenate([lats, lat[is_near]])
    return lons[:count], lats[:count]


def _is_near(network: StreetNetwork, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which places stand near a street, found without making a whole table."""
    # One second of walking reaches no other place: the searches end at once and only the snapping is left.
    return travel_matrix(network, lon, lat, limit_s=1.0, max_snap_m=NEAR_M).snapped


def networkx_graph(network: StreetNetwork) -> nx.MultiDiGraph:
    """Return the same streets, parallel ones included, as networkx holds them."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.node_count))
    seconds = network.edge_seconds.astype(float).tolist()
    ends = zip(network.edge_from.tolist(), network.edge_to.tolist(), seconds, strict=True)
    graph.add_edges_from((here, there, {"seconds": value}) for here, there, value in ends)
    return graph


def networkx_seconds_per_source(network: StreetNetwork, graph: nx.MultiDiGraph, seed: int) -> float:
    """
    Return networkx's median time per source, after checking that it finds the times that we find.

    Raises
    ------
    AssertionError
        If the two disagree by more than two seconds on any pair of the sampled crossings.
    """
    import networkx as nx

    rng = np.random.default_rng(seed)
    nodes = rng.choice(np.flatnonzero(network.component == 0), NETWORKX_SOURCES, replace=False)
    ours = travel_matrix(network, network.node_lon[nodes], network.node_lat[nodes])
    times = []
    for position, source in enumerate(nodes.tolist()):
        start = time.perf_counter()
        reached = nx.single_source_dijkstra_path_length(graph, source, weight="seconds")
        times.append(time.perf_counter() - start)
        theirs = np.array([reached[target] for target in nodes.tolist()])
        assert np.abs(ours.seconds[position] - theirs).max() <= 2, "ours and networkx disagree"
    return float(np.median(times))


_FRESH: Final = """
import sys
import numpy as np
from routing.streets import load_network, travel_matrix
places = np.load(sys.argv[2])
travel_matrix(load_network(sys.argv[1]), places[0], places[1])
result = None
"""


def peak_megabytes(stored: Path, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> float:
    """Return the largest resident set of a fresh process that makes the table, in MB; NaN where nobody can tell."""
    places = stored.with_suffix(".places.npy")
    np.save(places, np.stack([lon, lat]))
    return run_fresh(_FRESH, str(stored), str(places))[1]


def measure(name: str, network: StreetNetwork, folder: Path, seed: int) -> tuple[list[Row], Store]:
    """Return the figures of one network."""
    stored = folder / f"{name}.npz"
    start = time.perf_counter()
    save_network(network, stored)
    write_s = time.perf_counter() - start
    read_s = best_of(3, lambda: load_network(stored))
    network = load_network(stored)
    per_source = networkx_seconds_per_source(network, networkx_graph(network), seed)
    rows = [_measure_table(name, network, stored, places, per_source, seed) for places in PLACE_COUNTS]
    return rows, Store(name, round(write_s, 3), round(read_s, 4), round(stored.stat().st_size / 1e6, 2))


def _measure_table(name: str, network: StreetNetwork, stored: Path, places: int, per_source: float, seed: int) -> Row:
    lon, lat = places_near_streets(network, places, seed)
    tables: list[TravelTable] = []
    ours_s = best_of(3, lambda: tables.append(travel_matrix(network, lon, lat)))
    limited_s = best_of(1, lambda: travel_matrix(network, lon, lat, limit_s=LIMIT_S))
    assert tables[0].seconds.max() < UNREACHABLE
    return Row(
        network=name,
        nodes=network.node_count,
        edges=network.edge_count,
        places=places,
        ours_s=round(ours_s, 3),
        ours_limited_s=round(limited_s, 3),
        networkx_s=round(per_source * places, 1),
        ratio=round(per_source * places / ours_s, 1),
        estimated_share=round(float(tables[0].estimated.mean()), 4),
        peak_mb=round(peak_megabytes(stored, lon, lat), 1),
    )


_SIZE_TITLES: Final = ("network", "nodes", "edges", "places")
_TIME_TITLES: Final = ("ours s", "to 30 min s", "networkx s (scaled)", "times faster", "peak MB")
_STORE_TITLES: Final = ("stored network", "write s", "read s", "MB")


def table_text(rows: Sequence[Row], stores: Sequence[Store], notes: Sequence[str]) -> str:
    """Return the figures as a table to read."""
    lines = [
        markdown_table((*_SIZE_TITLES, *_TIME_TITLES), [_cells(row) for row in rows]),
        "",
        markdown_table(
            _STORE_TITLES,
            [
                [store.network, f"{store.write_s:.2f}", f"{store.read_s:.3f}", f"{store.size_mb:.1f}"]
                for store in stores
            ],
        ),
        "",
        f"networkx: median of {NETWORKX_SOURCES} sources times the places. Peak: VmHWM of a fresh process.",
        *notes,
    ]
    return "\n".join(lines)


def _cells(row: Row) -> list[str]:
    size = [row.network, f"{row.nodes:,}", f"{row.edges:,}", str(row.places)]
    times = [f"{row.ours_s:.2f}", f"{row.ours_limited_s:.2f}", f"{row.networkx_s:.1f}", f"{row.ratio:.0f}"]
    return [*size, *times, f"{row.peak_mb:.0f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=Path, default=default_layer(), help="layer of street lines of a real town")
    parser.add_argument("--json", type=Path, help="write the figures here, and the table beside them")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    stores: list[Store] = []
    notes: list[str] = []
    networks: list[tuple[str, Callable[[], StreetNetwork]]] = []
    if options.edges.is_file():
        networks.append((options.edges.stem.split("_")[0], lambda: build_from_edges(options.edges, "walk")))
    else:
        notes.append(f"Real town skipped: no layer at {options.edges}; name one with --edges or set MEGURI_SHARED.")
    networks.append(("made-up city", lambda: made_up_city(CITY_SIDE, options.seed)))
    with tempfile.TemporaryDirectory(prefix="meguri-") as folder:
        for name, build in networks:
            print(f"{name} ...", file=sys.stderr)
            found, store = measure(name, build(), Path(folder), options.seed)
            rows += found
            stores.append(store)
    table = table_text(rows, stores, notes)
    print(table)
    if options.json:
        figures = {
            **about_run("python -m benchmarks.travel_times", ("numpy", "scipy", "networkx"), seed=options.seed),
            "networkx_sources": NETWORKX_SOURCES,
            "tables": [asdict(row) for row in rows],
            "stores": [asdict(store) for store in stores],
            "notes": notes,
        }
        write_figures(options.json, figures, table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
