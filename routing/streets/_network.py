"""The street network of one mode: a compact set of arrays that everything else reads."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from routing.streets._mode import MODES
from routing.streets._report import BuildReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.streets._mode import Mode

# Coordinates of lines are whole numbers of 1e-7 degree, about a centimetre: exactly what OpenStreetMap stores.
COORDINATE_UNIT: Final = 1e-7

OSM_SOURCE: Final = "© OpenStreetMap contributors"
OSM_LICENCE: Final = "ODbL-1.0"

# A part this much smaller than the largest is an island of the map's edge or a mapper's slip, no ground to stand on.
_SMALLEST_SHARE: Final = 0.1

_DTYPES: Final[dict[str, Any]] = {
    "node_lon": np.float64,
    "node_lat": np.float64,
    "edge_from": np.int32,
    "edge_to": np.int32,
    "edge_length_m": np.float32,
    "edge_seconds": np.float32,
    "edge_is_step_free": np.bool_,
    "edge_line": np.int32,
    "edge_is_forward": np.bool_,
    "line_start": np.int64,
    "line_coordinates": np.int32,
    "component": np.int32,
}


@dataclass(frozen=True, eq=False, repr=False)
class StreetNetwork:
    """
    Hold the streets that one mode may use.

    Parameters
    ----------
    mode
        Walk, bicycle or car.
    node_lon, node_lat
        Shape ``(n,)``, degrees, EPSG:4326: crossings and dead ends.
    edge_from, edge_to
        Shape ``(m,)``: rows of nodes; directed, sorted by from, to and seconds.
    edge_length_m, edge_seconds
        Shape ``(m,)``: length along the street, and time at the mode's own speed.
    edge_is_step_free
        Shape ``(m,)``: whether a wheelchair may try it.
    edge_line, edge_is_forward
        Shape ``(m,)``: row of the edge's line, and whether the edge runs along it or against it; the two directions of
        a street share one line.
    line_start
        Shape ``(lines + 1,)``: where each line's coordinates begin.
    line_coordinates
        Shape ``(k, 2)``: lon and lat in units of 1e-7 degree.
    component
        Shape ``(n,)``: part of the network (there and back again), 0 the largest, by falling size.
    source, licence
        Who made the data, and under which licence it may be passed on.
    report
        What went in and what stayed out.
    """

    mode: Mode
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    edge_length_m: NDArray[np.float32]
    edge_seconds: NDArray[np.float32]
    edge_is_step_free: NDArray[np.bool_]
    edge_line: NDArray[np.int32]
    edge_is_forward: NDArray[np.bool_]
    line_start: NDArray[np.int64]
    line_coordinates: NDArray[np.int32]
    component: NDArray[np.int32]
    source: str = OSM_SOURCE
    licence: str = OSM_LICENCE
    report: BuildReport = field(default_factory=BuildReport)

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        if self.mode not in MODES:
            raise ValueError(f"mode: {self.mode!r} is none of {', '.join(MODES)}")
        for name, dtype in _DTYPES.items():
            if getattr(self, name).dtype != dtype:
                raise ValueError(f"{name}: {getattr(self, name).dtype}, expected {np.dtype(dtype)}")
        nodes, edges, lines = len(self.node_lon), len(self.edge_from), len(self.line_start) - 1
        shapes: dict[str, tuple[int, ...]] = {name: (edges,) for name in _DTYPES if name.startswith("edge_")}
        shapes |= {"node_lon": (nodes,), "node_lat": (nodes,), "component": (nodes,), "line_start": (lines + 1,)}
        shapes["line_coordinates"] = (int(self.line_start[-1]) if lines >= 0 else 0, 2)
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name}: shape {getattr(self, name).shape}, expected {shape}")
        _check_rows("edge_from", self.edge_from, nodes)
        _check_rows("edge_to", self.edge_to, nodes)
        _check_rows("edge_line", self.edge_line, lines)
        if lines and (self.line_start[0] != 0 or np.diff(self.line_start).min() < 2):
            raise ValueError("line_start: every line needs two points or more, from 0 on")

    def __repr__(self) -> str:
        return f"<StreetNetwork {self.mode}: {self.node_count} nodes, {self.edge_count} edges>"

    @property
    def node_count(self) -> int:
        """Number of crossings and dead ends."""
        return len(self.node_lon)

    @property
    def edge_count(self) -> int:
        """Number of directed edges, parallel ones included."""
        return len(self.edge_from)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, in a fixed order."""
        return {name: getattr(self, name) for name in _DTYPES}

    def meta(self) -> dict[str, Any]:
        """Return everything but the arrays, as plain values for JSON."""
        return {
            "mode": self.mode,
            "source": self.source,
            "licence": self.licence,
            "report": self.report.to_dict(),
        }

    @cached_property
    def content_hash(self) -> str:
        """Hash of everything the network holds, as 64 hexadecimal digits."""
        digest = hashlib.sha256(json.dumps(self.meta(), sort_keys=True).encode())
        for name, array in self.arrays().items():
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    @cached_property
    def line_forward_edge(self) -> NDArray[np.int64]:
        """Row of the fastest edge that runs along each line, -1 where none does."""
        return self._edges_of_lines(self.edge_is_forward)

    @cached_property
    def line_backward_edge(self) -> NDArray[np.int64]:
        """Row of the fastest edge that runs against each line, -1 where none does."""
        return self._edges_of_lines(~self.edge_is_forward)

    def _edges_of_lines(self, is_wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        edges = np.full(len(self.line_start) - 1, -1, dtype=np.int64)
        # Written from the slowest to the fastest, so that the fastest stands.
        rows = np.flatnonzero(is_wanted)[::-1]
        edges[self.edge_line[rows]] = rows
        return edges

    @cached_property
    def line_component(self) -> NDArray[np.int32]:
        """Part of the network each line belongs to; -1 where it only leads over, or where the part is too small."""
        sizes = np.bincount(self.component, minlength=1)
        is_ground = sizes >= max(2.0, _SMALLEST_SHARE * sizes[0])
        here, there = self.component[self.edge_from], self.component[self.edge_to]
        is_inside = (here == there) & is_ground[here]
        parts = np.full(len(self.line_start) - 1, -1, dtype=np.int32)
        parts[self.edge_line[is_inside]] = here[is_inside]
        return parts

    @cached_property
    def step_free(self) -> StreetNetwork:
        """The network without stairs and ways closed to wheelchairs, its parts counted anew."""
        from routing.streets._parts import connected_parts

        keep = self.edge_is_step_free
        edges = {name: array[keep] for name, array in self.arrays().items() if name.startswith("edge_")}
        component = connected_parts(self.node_count, edges["edge_from"], edges["edge_to"])
        return network_from(self.arrays() | edges | {"component": component}, self.meta())


def network_from(arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> StreetNetwork:
    """
    Return the network that `StreetNetwork.arrays` and `StreetNetwork.meta` describe.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing or does not fit together.
    """
    report = BuildReport.from_dict(meta["report"])
    return StreetNetwork(
        mode=meta["mode"],
        source=meta["source"],
        licence=meta["licence"],
        report=report,
        **{name: arrays[name] for name in _DTYPES},
    )


def degrees(coordinates: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return stored coordinates, in units of 1e-7 degree, as degrees."""
    return coordinates.astype(np.float64) * COORDINATE_UNIT


def _check_rows(name: str, rows: NDArray[np.int32], count: int) -> None:
    """Refuse rows outside ``0 .. count - 1``."""
    if rows.size and (rows.min() < 0 or rows.max() >= count):
        raise ValueError(f"{name}: rows {rows.min()} to {rows.max()}, expected 0 to {count - 1}")
