"""Travel times between many places on a street network: one search per place, on our own sparse arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from routing.streets._blind_alleys import keep_through_streets
from routing.streets._cost import NO_WAY, ceiling, decode, encode
from routing.streets._estimate import checked_places, estimated_travel
from routing.streets._mode import WALK_KMH, metres_per_second
from routing.streets._network import COORDINATE_UNIT, degrees
from routing.streets._snap import SegmentIndex
from routing.streets._sphere import great_circle_m
from routing.streets._table import UNREACHABLE, Snapping, TravelTable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from routing.streets._network import StreetNetwork
    from routing.streets._snap import Footing

# Farther from any street than this, a straight walk to it says nothing about the real one.
MAX_SNAP_M: Final = 500.0

# Nearer to the end of its street than this a place stands on the crossing.
_AT_CROSSING_M: Final = 1.0

# Distances held at once, 8 bytes each: 16 MB whatever the size of the network, unless a single row is larger.
_DENSE_CELLS: Final = 2_000_000


def travel_matrix(
    network: StreetNetwork,
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    limit_s: float | None = None,
    max_snap_m: float = MAX_SNAP_M,
    wheelchair: bool = False,
) -> TravelTable:
    """
    Return travel between all pairs of places by the streets of a mode.

    Each place stands on the nearest point of the nearest usable street (not only on crossings); the way from the door
    to that point and back is walked and counted at both ends, by car and bicycle too. Places too far from any street,
    and pairs without a way, travel by the estimate, flagged.

    Parameters
    ----------
    network
        The streets.
    lon, lat
        Shape ``(n,)``, degrees, EPSG:4326.
    limit_s
        Do not look for ways that take longer; such pairs are ``UNREACHABLE``. Saves much on large networks.
    max_snap_m
        Farthest straight walk from a place to its street.
    wheelchair
        Leave out stairs and ways closed to wheelchairs.

    Returns
    -------
    table
        Seconds, metres, what was estimated, where each place meets the streets, and the lines of the legs.

    Raises
    ------
    ValueError
        If the places make no sense, or a limit is not positive.
    """
    lons, lats = checked_places(lon, lat, network.mode)
    for name, value in (("limit_s", limit_s), ("max_snap_m", max_snap_m)):
        if value is not None and not value > 0:
            raise ValueError(f"{name}: {value}, expected more than 0")
    streets = network.step_free if wheelchair else network
    footing = SegmentIndex(streets).nearest(lons, lats)
    snapped = footing.distance_m <= max_snap_m
    search = _Search(streets, footing, snapped, lons, lats)
    cost = search.costs(limit_s)
    part = np.where(snapped, streets.line_component[footing.line], -1) if len(streets.line_component) else footing.line
    seconds, metres, estimated = _settle(cost, part, lons, lats, network, limit_s)
    snapping = Snapping(
        distance_m=footing.distance_m,
        snapped=snapped,
        in_largest=part == 0,
        lon=np.where(snapped, footing.lon, lons),
        lat=np.where(snapped, footing.lat, lats),
    )
    return TravelTable(network.mode, lons, lats, seconds, metres, estimated, snapping, search)


def _settle(
    cost: NDArray[np.int64],
    part: NDArray[Any],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    network: StreetNetwork,
    limit_s: float | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return seconds, metres and what is estimated: streets where there is a way, else the estimate."""
    seconds, metres = decode(cost)
    has_way = cost < NO_WAY
    guessed_s, guessed_m = estimated_travel(great_circle_m(lon[:, None], lat[:, None], lon, lat), network.mode)
    # Within one part there is a way; if the search did not find it, it lies beyond the limit.
    is_beyond = ~has_way & (part[:, None] == part) & (part[:, None] >= 0)
    seconds = np.where(has_way, seconds, np.where(is_beyond, UNREACHABLE, guessed_s))
    metres = np.where(has_way, metres, np.where(is_beyond, UNREACHABLE, guessed_m))
    estimated = ~has_way & ~is_beyond
    if limit_s is not None:
        is_late = seconds > limit_s
        seconds[is_late], metres[is_late], estimated[is_late] = UNREACHABLE, UNREACHABLE, False
    for table in (seconds, metres, estimated):
        np.fill_diagonal(table, 0)
    return seconds, metres, estimated


@dataclass(frozen=True, eq=False)
class _Doors:
    """
    Hold the ways between places and the ends of their streets.

    Parameters
    ----------
    node
        Shape ``(n, 2)``: node at either end of the place's street, -1 where the street may not be used that way.
    cost
        Shape ``(n, 2)``: from door to that node (or back), the walk to the street included; ``NO_WAY`` where -1.
    """

    node: NDArray[np.int64]
    cost: NDArray[np.int64]


class _Search:
    """
    Search ways between places; also draws them.

    The network gets one more node per place, from which edges lead to the ends of its street. Nothing leads there, so
    ways between others stay as they are; the last stretch, from a street's end to a door, is added afterwards.
    """

    def __init__(
        self,
        network: StreetNetwork,
        footing: Footing,
        snapped: NDArray[np.bool_],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
    ) -> None:
        self.network = network
        self.footing = footing
        self.snapped = snapped
        self.lon, self.lat = lon, lat
        self.walk = encode(
            np.where(snapped, footing.distance_m, 0.0) / metres_per_second(WALK_KMH),
            np.where(snapped, footing.distance_m, 0.0),
        )
        line = np.where(snapped, footing.line, -1)
        self.line = line
        self.forward = _of_lines(network.line_forward_edge, line)
        self.backward = _of_lines(network.line_backward_edge, line)
        before, after = footing.along_m, footing.line_length_m - footing.along_m
        first, last = self._line_ends()
        # Column 0 uses the edge along the line, column 1 the edge against it.
        self.exits = self._doors((last, after, self.forward), (first, before, self.backward))
        self.entries = self._doors((first, before, self.forward), (last, after, self.backward))
        self.matrix, self.edge_of_cell = self._matrix()
        self.found = np.full((len(lon), len(lon)), NO_WAY, dtype=np.int64)

    def _line_ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the nodes at the first and the last point of each place's line, -1 where there is no line."""
        along = [_of_lines(ends, self.forward) for ends in (self.network.edge_from, self.network.edge_to)]
        against = [_of_lines(ends, self.backward) for ends in (self.network.edge_to, self.network.edge_from)]
        first, last = (np.maximum(*pair) for pair in zip(along, against, strict=True))
        return first, last

    def _doors(self, *sides: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]) -> _Doors:
        """Return the ways between doors and nodes: per side the node, the metres to it, and the edge to use."""
        nodes, costs = [], []
        for node, metres, edge in sides:
            # Who stands on the crossing itself may take any street from there, whichever it was that snapped.
            is_there = (edge < 0) & (node >= 0) & (metres <= _AT_CROSSING_M)
            on_street = np.where(is_there, encode(metres / metres_per_second(WALK_KMH), metres), 0)
            on_street = np.where(edge >= 0, self._on_edge(edge, metres), on_street)
            is_open = (edge >= 0) | is_there
            nodes.append(np.where(is_open, node, -1))
            costs.append(np.where(is_open, self.walk + on_street, NO_WAY))
        return _Doors(np.column_stack(nodes), np.column_stack(costs))

    def _on_edge(self, edge: NDArray[np.int64], metres: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the cost of so many metres on an edge; any number where the edge is -1."""
        if not self.network.edge_count:
            return np.zeros(len(edge), dtype=np.int64)
        pace = self.network.edge_seconds[edge] / np.maximum(self.network.edge_length_m[edge], 1e-3)
        return encode(metres * pace.astype(np.float64), metres, up=True)

    def _matrix(self) -> tuple[Any, NDArray[np.int64]]:
        """Return the sparse matrix of costs with a row per node and place, and the edge behind each of its cells."""
        from scipy.sparse import csr_matrix

        network = self.network
        # Sorted by from, to and seconds: the first of each pair is the fastest of its parallels. Adding them up, as
        # sparse matrices like to, would make two streets slower than one.
        is_first = np.ones(network.edge_count, dtype=np.bool_)
        is_first[1:] = (np.diff(network.edge_from) != 0) | (np.diff(network.edge_to) != 0)
        edge = np.flatnonzero(is_first & (network.edge_from != network.edge_to))
        ends = np.unique(np.concatenate([self.exits.node.ravel(), self.entries.node.ravel(), [-1]]))[1:]
        edge = edge[keep_through_streets(network.edge_from[edge], network.edge_to[edge], network.node_count, ends)]
        is_open = self.exits.node >= 0
        total = network.node_count + len(self.lon)
        counts = np.concatenate(
            [np.bincount(network.edge_from[edge], minlength=network.node_count), is_open.sum(axis=1)]
        )
        starts = np.concatenate([[0], np.cumsum(counts)])
        to = np.concatenate([network.edge_to[edge], self.exits.node[is_open]])
        street_cost = encode(network.edge_seconds[edge], network.edge_length_m[edge])
        cost = np.concatenate([street_cost, self.exits.cost[is_open]])
        # A stored zero might be taken for "no edge".
        cells = (np.maximum(cost, 1).astype(np.float64), to.astype(np.int32), starts.astype(np.int32))
        return csr_matrix(cells, shape=(total, total)), edge

    def costs(self, limit_s: float | None) -> NDArray[np.int64]:
        """Return the cost between all pairs, shape ``(n, n)``, ``NO_WAY`` where none was found."""
        from scipy.sparse.csgraph import dijkstra

        count = len(self.lon)
        limit = np.inf if limit_s is None else float(ceiling(limit_s))
        cost = np.full((count, count), NO_WAY, dtype=np.int64)
        origins = np.flatnonzero(self.snapped)
        at_once = max(1, _DENSE_CELLS // max(1, self.matrix.shape[0]))
        for first in range(0, len(origins), at_once):
            rows = origins[first : first + at_once]
            reached = dijkstra(self.matrix, indices=self.network.node_count + rows, limit=limit)
            for side in (0, 1):
                cost[rows] = np.minimum(cost[rows], self._arrivals(reached, side))
        self.found = np.minimum(cost, self._along_one_street())
        return self.found

    def _arrivals(self, reached: NDArray[np.float64], side: int) -> NDArray[np.int64]:
        """Return costs of coming to each place by one end of its street."""
        at_end = reached[:, self.entries.node[:, side]]
        is_open = np.isfinite(at_end) & (self.entries.node[:, side] >= 0)
        return np.where(is_open, np.where(is_open, at_end, 0).astype(np.int64) + self.entries.cost[:, side], NO_WAY)

    def _along_one_street(self) -> NDArray[np.int64]:
        """Return costs between places on the same street without leaving it."""
        count = len(self.lon)
        cost = np.full((count, count), NO_WAY, dtype=np.int64)
        origin, destination = np.nonzero((self.line[:, None] == self.line) & (self.line[:, None] >= 0))
        ahead = self.footing.along_m[destination] - self.footing.along_m[origin]
        for edge, metres in ((self.forward[origin], ahead), (self.backward[origin], -ahead)):
            is_open = (edge >= 0) & (metres >= 0)
            rows, columns = origin[is_open], destination[is_open]
            walks = self.walk[rows] + self.walk[columns]
            found = walks + self._on_edge(edge[is_open], metres[is_open])
            cost[rows, columns] = np.minimum(cost[rows, columns], found)
        return cost

    def path(self, origin: int, destination: int) -> NDArray[np.float64]:
        """Return lon and lat from door to door along the fastest way, shape ``(k, 2)``."""
        doors = [np.array([[self.lon[place], self.lat[place]]]) for place in (origin, destination)]
        return _without_repeats(np.concatenate([doors[0], *self._stretches(origin, destination), doors[1]]))

    def _stretches(self, origin: int, destination: int) -> list[NDArray[np.float64]]:
        """Return the lines between the two places' points on their streets, one after the other."""
        from scipy.sparse.csgraph import dijkstra

        direct, is_ahead = self._direct(origin, destination)
        start = self.network.node_count + origin
        # No need to look farther than the way that was found, so a short leg is drawn at once on any network.
        limit = float(self.found[origin, destination])
        reached, previous = dijkstra(self.matrix, indices=start, limit=limit, return_predecessors=True)
        arrivals = [int(self._arrivals(reached[None, :], side)[0, destination]) for side in (0, 1)]
        side = int(np.argmin(arrivals))
        along = self.footing.along_m
        if direct <= arrivals[side]:
            return [self._cut(self.line[origin], along[origin], along[destination], is_forward=is_ahead)]
        nodes = [int(self.entries.node[destination, side])]
        while previous[nodes[-1]] != start:
            nodes.append(int(previous[nodes[-1]]))
        nodes.reverse()
        exit_costs = np.where(self.exits.node[origin] == nodes[0], self.exits.cost[origin], NO_WAY)
        is_out_forward, is_in_forward = int(np.argmin(exit_costs)) == 0, side == 0
        line_out, line_in = self.line[origin], self.line[destination]
        out_end = self.footing.line_length_m[origin] if is_out_forward else 0.0
        in_start = 0.0 if is_in_forward else self.footing.line_length_m[destination]
        return [
            self._cut(line_out, along[origin], out_end, is_forward=is_out_forward),
            *(self._edge_points(here, there) for here, there in pairwise(nodes)),
            self._cut(line_in, in_start, along[destination], is_forward=is_in_forward),
        ]

    def _direct(self, origin: int, destination: int) -> tuple[int, bool]:
        """Return the cost between two places without leaving their common street, and whether it runs along it."""
        ahead = float(self.footing.along_m[destination] - self.footing.along_m[origin])
        if self.line[origin] != self.line[destination]:
            return NO_WAY, True
        costs = [
            int(self.walk[origin] + self.walk[destination] + self._on_edge(edges[[origin]], np.array([metres]))[0])
            if edges[origin] >= 0 and metres >= 0
            else NO_WAY
            for edges, metres in ((self.forward, ahead), (self.backward, -ahead))
        ]
        return min(costs), costs[0] <= costs[1]

    def _edge_points(self, here: int, there: int) -> NDArray[np.float64]:
        """Return the line of the fastest edge between two nodes."""
        low, high = self.matrix.indptr[here], self.matrix.indptr[here + 1]
        edge = self.edge_of_cell[low + int(np.argmax(self.matrix.indices[low:high] == there))]
        points = self._line_points(int(self.network.edge_line[edge]))
        return points if self.network.edge_is_forward[edge] else points[::-1]

    def _line_points(self, line: int) -> NDArray[np.float64]:
        low, high = self.network.line_start[line], self.network.line_start[line + 1]
        return degrees(self.network.line_coordinates[low:high])

    def _cut(self, line: int, first_m: float, last_m: float, *, is_forward: bool) -> NDArray[np.float64]:
        """Return a stretch of a line between two distances from its start, in the direction of travel."""
        points = self._line_points(int(line))
        steps = great_circle_m(*points[:-1].T, *points[1:].T)
        at = np.concatenate([[0.0], np.cumsum(steps)])
        low, high = (first_m, last_m) if is_forward else (last_m, first_m)
        inner = points[(at > low) & (at < high)]
        ends = [[np.interp(metres, at, points[:, axis]) for axis in (0, 1)] for metres in (low, high)]
        stretch = np.concatenate([[ends[0]], inner, [ends[1]]])
        return stretch if is_forward else stretch[::-1]


def _of_lines(values: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return values by row, -1 for row -1."""
    if not len(values):
        return np.full(len(rows), -1, dtype=np.int64)
    return np.where(rows >= 0, values[rows], -1).astype(np.int64)


def _without_repeats(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a line without points that repeat the one before; its two ends stay as they are."""
    is_new = np.ones(len(points), dtype=np.bool_)
    is_new[1:] = np.abs(np.diff(points, axis=0)).max(axis=1) > 2 * COORDINATE_UNIT
    kept = points[is_new]
    if is_new[-1]:
        return kept
    # The street ends a hair from the door: the door it is.
    return np.concatenate([kept[: max(1, len(kept) - 1)], points[-1:]])
