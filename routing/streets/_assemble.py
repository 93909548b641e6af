"""From loose directed streets to a `StreetNetwork`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from routing.streets._network import COORDINATE_UNIT, OSM_LICENCE, OSM_SOURCE, StreetNetwork, degrees
from routing.streets._parts import connected_parts
from routing.streets._sphere import great_circle_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.streets._mode import Mode
    from routing.streets._report import BuildReport


@dataclass(frozen=True, eq=False)
class LooseEdges:
    """
    Hold directed edges before they are sorted and paired.

    Parameters
    ----------
    origin, destination
        Shape ``(m,)``: rows of nodes.
    pace_s_per_m
        Shape ``(m,)``: seconds per metre.
    is_step_free
        Shape ``(m,)``.
    line_start
        Shape ``(m + 1,)``: where each edge's coordinates begin.
    coordinates
        Shape ``(k, 2)``: lon and lat in degrees, from origin to destination.
    """

    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    pace_s_per_m: NDArray[np.float64]
    is_step_free: NDArray[np.bool_]
    line_start: NDArray[np.int64]
    coordinates: NDArray[np.float64]


def assemble_network(
    mode: Mode,
    node_lon: NDArray[np.float64],
    node_lat: NDArray[np.float64],
    loose: LooseEdges,
    report: BuildReport,
    *,
    source: str = OSM_SOURCE,
    licence: str = OSM_LICENCE,
) -> StreetNetwork:
    """
    Return the network made of directed edges.

    Lengths are measured along the coordinates after rounding to 1e-7 degree, so that a drawn line is as long as its
    leg says. Of parallel edges the fastest comes first; the report counts the others.

    Parameters
    ----------
    mode
        Walk, bicycle or car.
    node_lon, node_lat
        Shape ``(n,)``, degrees, EPSG:4326.
    loose
        The edges.
    report
        What is known so far; counts of the finished network are filled in.
    source, licence
        Who made the data, and under which licence it may be passed on.

    Returns
    -------
    network
        Sorted, paired, its parts labelled.
    """
    rounded = np.rint(loose.coordinates / COORDINATE_UNIT).astype(np.int32)
    lengths_m = line_lengths_m(degrees(rounded), loose.line_start)
    # A point-like edge still costs a blink, or a ring of them would tie for ever.
    seconds = np.maximum(lengths_m * loose.pace_s_per_m, 0.01)
    edge_line, is_forward, line_start, line_coordinates = _share_lines(loose, rounded)
    order = np.lexsort((edge_line, seconds, loose.destination, loose.origin))
    origin = loose.origin[order].astype(np.int32)
    destination = loose.destination[order].astype(np.int32)
    component = connected_parts(len(node_lon), origin, destination)
    is_repeat = (np.diff(origin, prepend=-1) == 0) & (np.diff(destination, prepend=-1) == 0)
    line_lengths = line_lengths_m(degrees(line_coordinates), line_start)
    return StreetNetwork(
        mode=mode,
        node_lon=node_lon,
        node_lat=node_lat,
        edge_from=origin,
        edge_to=destination,
        edge_length_m=lengths_m[order].astype(np.float32),
        edge_seconds=seconds[order].astype(np.float32),
        edge_is_step_free=loose.is_step_free[order],
        edge_line=edge_line[order],
        edge_is_forward=is_forward[order],
        line_start=line_start,
        line_coordinates=line_coordinates,
        component=component,
        source=source,
        licence=licence,
        report=replace(
            report,
            nodes=len(node_lon),
            edges=len(order),
            parallel_edges=int(is_repeat.sum()),
            components=int(component.max(initial=-1)) + 1,
            largest_nodes=int((component == 0).sum()),
            street_km=round(float(line_lengths.sum()) / 1000, 1),
        ),
    )


def line_lengths_m(points: NDArray[np.float64], line_start: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the length of each line, shape ``(lines,)``, metres."""
    steps = np.zeros(len(points) + 1)
    # The step from the last point of one line to the first of the next is no part of either.
    if len(points) > 1:
        steps[1:-1] = great_circle_m(*points[:-1].T, *points[1:].T)
        steps[line_start[1:-1]] = 0.0
    along = np.cumsum(steps)
    lengths: NDArray[np.float64] = along[line_start[1:] - 1] - along[line_start[:-1]]
    return np.maximum(lengths, 0.0)


def _share_lines(
    loose: LooseEdges, rounded: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int32]]:
    """Return each edge's line and direction on it, and the lines: one for both directions of a street."""
    edge_line = np.empty(len(loose.origin), dtype=np.int32)
    is_forward = np.empty(len(loose.origin), dtype=np.bool_)
    lines: dict[tuple[int, int, bytes], int] = {}
    kept: list[NDArray[np.int32]] = []
    for edge, (origin, destination) in enumerate(zip(loose.origin.tolist(), loose.destination.tolist(), strict=True)):
        points = rounded[loose.line_start[edge] : loose.line_start[edge + 1]]
        along, against = points.tobytes(), points[::-1].tobytes()
        # The smaller spelling of the two directions names the line.
        is_forward[edge] = along <= against
        key = (min(origin, destination), max(origin, destination), min(along, against))
        line = lines.setdefault(key, len(lines))
        if line == len(kept):
            kept.append(points if is_forward[edge] else points[::-1])
        edge_line[edge] = line
    line_start = np.concatenate([[0], np.cumsum([len(points) for points in kept])]).astype(np.int64)
    coordinates = np.concatenate(kept) if kept else np.empty((0, 2), dtype=np.int32)
    return edge_line, is_forward, line_start, np.ascontiguousarray(coordinates)
