"""A map of a few legs as a vector drawing: lines and dots as SVG, and where the lettering goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from api.exports.geojson import Position

# Millimetres.
_MARGIN: Final = 9.0
MARKER_RADIUS: Final = 2.4
_LABEL_HEIGHT: Final = 3.2
_LABEL_LETTER: Final = 2.1
_MOST_LABELS: Final = 7
# A day in one village is not drawn larger than this: metres across the map.
_LEAST_METRES: Final = 1_500.0
_METRES_PER_DEGREE: Final = 111_320.0
_METRES_PER_MM_IN_TOWN: Final = 100.0
_SCALES: Final = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)

_LAND: Final = "#f4f1ea"
_STREET: Final = "#c9c2b3"
_OTHER: Final = "#b9b2a3"
_INK: Final = "#5f6a6f"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DrawnLeg:
    """Hold one leg: its line, its colour, and whether it is only a guess."""

    line: Sequence[Position]
    colour: str
    is_estimated: bool


@dataclass(frozen=True, slots=True)
class DrawnStop:
    """Hold one numbered stop."""

    at: Position
    number: str
    colour: str


@dataclass(frozen=True, slots=True)
class Scene:
    """
    Hold what is drawn, in degrees ``lon, lat``.

    Parameters
    ----------
    legs, stops
        Of the trip.
    streets
        Lines around it.
    others
        Other places: dots.
    landmarks
        Names to letter where there is room, the most important first.
    """

    legs: Sequence[DrawnLeg]
    stops: Sequence[DrawnStop] = ()
    streets: Sequence[Sequence[Position]] = ()
    others: Sequence[Position] = ()
    landmarks: Sequence[tuple[Position, str]] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """Turn positions into millimetres from the top left corner of a map; small areas, so meridians are parallel."""

    west: float
    north: float
    mm_per_degree: Point
    size: Point

    def place(self, at: Position) -> Point:
        """Return where a position lies."""
        return (
            (at[0] - self.west) * self.mm_per_degree[0],
            (self.north - at[1]) * self.mm_per_degree[1],
        )

    @property
    def metres_per_mm(self) -> float:
        """Return the scale of the map."""
        return _METRES_PER_DEGREE / self.mm_per_degree[1]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Hold a finished map; sizes and positions are millimetres, from the top left corner."""

    svg: str
    size: Point
    numbers: list[dict[str, object]] = field(default_factory=list)
    names: list[dict[str, object]] = field(default_factory=list)
    scale: dict[str, float] = field(default_factory=dict)


def draw(scene: Scene, size: Point) -> Drawing | None:
    """
    Return a map of the scene that fits into ``size`` millimetres; ``None`` where no position is known.

    Markers that would cover each other are moved apart, and a thin line leads from each to its place.
    """
    points = [point for leg in scene.legs for point in leg.line] + [stop.at for stop in scene.stops]
    if not points:
        return None
    frame = _frame(points, size)
    places = [frame.place(stop.at) for stop in scene.stops]
    markers = _spread(places, size)
    # Thin enough that a town is no blot.
    street_width = 0.25 if frame.metres_per_mm < _METRES_PER_MM_IN_TOWN else 0.12
    parts = [
        f'<rect width="{size[0]}" height="{size[1]}" fill="{_LAND}"/>',
        *(_line([frame.place(point) for point in street], _STREET, street_width) for street in scene.streets),
        *(_dot(frame.place(other), 0.45, _OTHER) for other in scene.others if _is_inside(frame.place(other), size)),
        *(_leg(leg, frame) for leg in scene.legs),
        *_markers(scene.stops, places, markers),
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}mm" height="{size[1]}mm" '
        f'viewBox="0 0 {size[0]} {size[1]}">{"".join(parts)}</svg>'
    )
    return Drawing(
        svg,
        size,
        [{"x": x, "y": y, "number": stop.number} for stop, (x, y) in zip(scene.stops, markers, strict=True)],
        _names(scene, frame, [*places, *markers]),
        _scale(frame),
    )


def _frame(points: Sequence[Position], size: Point) -> Frame:
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrowing = max(math.cos(math.radians((south + north) / 2)), 0.01)
    inside = (size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN)
    least = _LEAST_METRES / _METRES_PER_DEGREE
    per_degree = min(
        inside[0] / max((east - west) * narrowing, least),
        inside[1] / max(north - south, least),
    )
    mm_per_degree = (per_degree * narrowing, per_degree)
    return Frame(
        (west + east) / 2 - size[0] / 2 / mm_per_degree[0],
        (south + north) / 2 + size[1] / 2 / mm_per_degree[1],
        mm_per_degree,
        size,
    )


def _spread(places: Sequence[Point], size: Point) -> list[Point]:
    """Return the places moved apart until no two markers overlap, or nearly so on a crowded map."""
    apart = 2 * MARKER_RADIUS + 0.6
    edge = MARKER_RADIUS + 0.6
    moved = [list(place) for place in places]
    for _ in range(200):
        is_settled = True
        for one, other in combinations(range(len(moved)), 2):
            dx, dy = moved[other][0] - moved[one][0], moved[other][1] - moved[one][1]
            distance = math.hypot(dx, dy)
            if distance >= apart - 0.01:
                continue
            is_settled = False
            # Places at the same spot go apart in directions of their own.
            angle = math.atan2(dy, dx) if distance > 0.01 else 2.4 * (one + other)
            push = (apart - distance) / 2
            for index, sign in ((one, -1), (other, 1)):
                moved[index][0] += sign * push * math.cos(angle)
                moved[index][1] += sign * push * math.sin(angle)
        for place in moved:
            place[0] = min(max(place[0], edge), size[0] - edge)
            place[1] = min(max(place[1], edge), size[1] - edge)
        if is_settled:
            break
    return [(round(x, 2), round(y, 2)) for x, y in moved]


def _markers(stops: Sequence[DrawnStop], places: Sequence[Point], markers: Sequence[Point]) -> list[str]:
    leaders = [
        _line([place, marker], _INK, 0.2)
        for place, marker in zip(places, markers, strict=True)
        if math.dist(place, marker) > 0.3
    ]
    dots = [_dot(place, 0.7, stop.colour) for stop, place in zip(stops, places, strict=True)]
    discs = [
        f'<circle cx="{x}" cy="{y}" r="{MARKER_RADIUS}" fill="{stop.colour}" stroke="#ffffff" stroke-width="0.5"/>'
        for stop, (x, y) in zip(stops, markers, strict=True)
    ]
    return [*leaders, *dots, *discs]


def _names(scene: Scene, frame: Frame, taken_points: Sequence[Point]) -> list[dict[str, object]]:
    """Return the landmarks that can be lettered without covering a marker or each other."""
    radius = MARKER_RADIUS + 0.4
    taken = [(x - radius, y - radius, x + radius, y + radius) for x, y in taken_points]
    # The scale stands in the corner below, north in the one above.
    width, height = frame.size
    taken += [(0.0, height - 7, width / 4 + 5, height), (width - 9, 0.0, width, 6.0)]
    names: list[dict[str, object]] = []
    for at, name in scene.landmarks:
        x, y = frame.place(at)
        length = sum(_LABEL_LETTER if ord(letter) > 0x2E7F else _LABEL_LETTER * 0.55 for letter in name)
        box = (x + 0.8, y - _LABEL_HEIGHT / 2, x + 1.2 + length, y + _LABEL_HEIGHT / 2)
        is_on_map = box[0] > 1 and box[1] > 1 and box[2] < width - 1 and box[3] < height - 1
        if not is_on_map or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        names.append({"x": round(x, 2), "y": round(y, 2), "name": name})
        if len(names) == _MOST_LABELS:
            break
    return names


def _scale(frame: Frame) -> dict[str, float]:
    """Return the longest round distance that fits a quarter of the map."""
    fitting = [metres for metres in _SCALES if metres / frame.metres_per_mm <= frame.size[0] / 4]
    metres = fitting[-1] if fitting else _SCALES[0]
    return {"metres": metres, "mm": round(metres / frame.metres_per_mm, 2)}


def _leg(leg: DrawnLeg, frame: Frame) -> str:
    return _line(
        [frame.place(point) for point in leg.line], leg.colour, 0.7, dashes="1.6 1.1" if leg.is_estimated else ""
    )


def _line(points: Sequence[Point], colour: str, width: float, *, dashes: str = "") -> str:
    path = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" '
        f'stroke-linecap="round" stroke-linejoin="round"{dashed}/>'
    )


def _dot(at: Point, radius: float, colour: str) -> str:
    return f'<circle cx="{at[0]:.2f}" cy="{at[1]:.2f}" r="{radius}" fill="{colour}"/>'


def _is_inside(at: Point, size: Point) -> bool:
    return 0 <= at[0] <= size[0] and 0 <= at[1] <= size[1]


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
