"""Plots of growth, written as SVG: no plotting library needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Final, Protocol
from xml.sax.saxutils import escape

Line = Sequence[tuple[float, float | None]]
"""Points of one line; those without a value leave a hole."""

_WIDTH: Final = 420
_HEIGHT: Final = 320
_LEFT: Final = 60
_RIGHT: Final = 50
_TOP: Final = 30
_BOTTOM: Final = 50
_LABEL: Final = 11
"""Least distance between labels."""

_MARKS: Final = 5
"""Marks of a straight axis, about."""

# Okabe and Ito's colours, told apart by colour-blind readers too: https://jfly.uni-koeln.de/color/
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


@dataclass(frozen=True, slots=True)
class Panel:
    """
    Hold one plot.

    Parameters
    ----------
    title
        What is on the upright axis, with its unit.
    across
        What is on the level axis, which is logarithmic.
    lines
        Points by name of the line.
    is_logarithmic
        Whether the upright axis is: values that are not positive are then left out. Else it begins at 0 or below.
    """

    title: str
    across: str
    lines: Mapping[str, Line]
    is_logarithmic: bool = True


def growth_plot(panels: Sequence[Panel], columns: int) -> str:
    """
    Return panels in rows as one SVG document.

    Parameters
    ----------
    panels
        The plots, row by row.
    columns
        How many stand side by side.
    """
    places = [(position % columns * _WIDTH, position // columns * _HEIGHT) for position in range(len(panels))]
    drawn = "\n".join(
        f'<g transform="translate({x} {y})">\n{_panel(panel)}\n</g>'
        for (x, y), panel in zip(places, panels, strict=True)
    )
    width, height = _WIDTH * columns, _HEIGHT * ceil(len(panels) / columns)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = 'font-family="sans-serif" font-size="11"'
    background = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{background}\n{drawn}\n</svg>\n'


def _panel(panel: Panel) -> str:
    lines = {name: _pieces(line, panel.is_logarithmic) for name, line in panel.lines.items()}
    points = [point for pieces in lines.values() for piece in pieces for point in piece]
    title = _text(_LEFT, 18, panel.title, "start")
    if not points:
        return title
    x_axis = _Logarithmic([x for x, _ in points], _LEFT, _WIDTH - _RIGHT, is_whole=False)
    heights = [y for _, y in points]
    y_axis: _Axis = (
        _Logarithmic(heights, _HEIGHT - _BOTTOM, _TOP, is_whole=True)
        if panel.is_logarithmic
        else _Linear(heights, _HEIGHT - _BOTTOM, _TOP)
    )
    parts = [title, _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, panel.across, "middle")]
    for x in sorted({x for x, _ in points}):
        parts.append(_text(x_axis.place(x), _HEIGHT - _BOTTOM + 16, f"{x:g}", "middle"))
    for y in y_axis.marks():
        parts.append(_rule(y_axis.place(y)))
        parts.append(_text(_LEFT - 6, y_axis.place(y) + 4, f"{y:g}", "end"))
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(lines)}
    ends = {}
    for name, pieces in lines.items():
        for piece in pieces:
            places = [(x_axis.place(x), y_axis.place(y)) for x, y in piece]
            parts += _curve(places, colours[name])
            ends[name] = places[-1]
    return "\n".join([*parts, *_labels(ends, colours)])


def _pieces(line: Line, is_logarithmic: bool) -> list[list[tuple[float, float]]]:
    """Return a line cut at its holes."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in line:
        if y is not None and isfinite(y) and (y > 0 or not is_logarithmic):
            pieces[-1].append((x, y))
        else:
            pieces.append([])
    return [piece for piece in pieces if piece]


class _Axis(Protocol):
    """Place values on the page, and tell which to mark."""

    def place(self, value: float) -> float: ...

    def marks(self) -> list[float]: ...


class _Logarithmic:
    """Place values on a logarithmic axis that spans the data, or whole decades."""

    def __init__(self, values: Sequence[float], begin: float, end: float, *, is_whole: bool) -> None:
        low, high = log10(min(values)), log10(max(values))
        self.low: float = floor(low) if is_whole else low
        self.high: float = ceil(high) if is_whole else high
        if self.low == self.high:
            self.high = self.low + 1
        self.begin, self.end = begin, end

    def place(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def marks(self) -> list[float]:
        return [10.0**power for power in range(floor(self.low), ceil(self.high) + 1)]


class _Linear:
    """Place values on a straight axis from 0, or from below where there are negative ones, in round steps."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        low, high = min(0.0, *values), max(0.0, *values)
        rough = (high - low or 1.0) / _MARKS
        decade = 10.0 ** floor(log10(rough))
        self.step = next(decade * factor for factor in (1, 2, 5, 10) if decade * factor >= rough)
        self.low, self.high = floor(low / self.step), max(ceil(high / self.step), floor(low / self.step) + 1)
        self.begin, self.end = begin, end

    def place(self, value: float) -> float:
        share = (value / self.step - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def marks(self) -> list[float]:
        return [mark * self.step for mark in range(self.low, self.high + 1)]


def _curve(places: Sequence[tuple[float, float]], colour: str) -> list[str]:
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>' for x, y in places]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *dots]


def _labels(ends: Mapping[str, tuple[float, float]], colours: Mapping[str, str]) -> list[str]:
    """Return the names of the lines at their ends, one under the other where the ends are too near."""
    parts: list[str] = []
    lowest: dict[float, float] = {}
    for name, (x, y) in sorted(ends.items(), key=lambda end: end[1][1]):
        lowest[x] = max(y, lowest.get(x, float("-inf")) + _LABEL)
        parts.append(_text(x + 6, lowest[x] + 4, name, "start", colours[name]))
    return parts


def _rule(y: float) -> str:
    return f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#cccccc"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
